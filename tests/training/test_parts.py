"""The network that finds parts of faces, and what is read from its masks."""

import cv2
import numpy as np
import pytest
import torch
from skimage import data

from animestudy.data import collection
from animestudy.errors import StudyError
from animestudy.models.parts import PartNetwork, load, save
from animestudy.training import parts


def face(eye_height, size=40, shift=0):
    """Masks of a round face with two eyes of 4 pixels' width and a mouth of 8."""
    y, x = np.mgrid[:size, :size]
    head = (x - 20 - shift) ** 2 + (y - 20) ** 2 <= 15**2
    eyes, mouth = np.zeros_like(head), np.zeros_like(head)
    for left in (12, 24):
        eyes[16 : 16 + eye_height, left + shift : left + 4 + shift] = True
    mouth[28:30, 16 + shift : 24 + shift] = True
    return np.stack([head, eyes, mouth])


def test_measures_of_a_known_face():
    found = parts.measure(np.stack([face(2), face(6), face(6, shift=3)]).astype(float))
    area = face(2)[0].sum()
    np.testing.assert_allclose(found.eye_area, np.array([16, 48, 48]) / area)
    np.testing.assert_allclose(found.eye_height, np.array([2, 6, 6]) / 31)
    np.testing.assert_allclose(found.eye_distance, 12 / 31)
    np.testing.assert_allclose(found.mouth_width, 8 / 31)
    np.testing.assert_allclose(found.centres[0, 0], [14 / 40, 17 / 40])
    np.testing.assert_allclose(found.centres[2] - found.centres[1], [[3 / 40, 0]] * 3)
    assert found.found.all()


def test_what_is_not_there_is_missing():
    blind, nobody = face(2), face(2)
    blind[1], nobody[:] = False, False
    found = parts.measure(np.stack([blind, nobody]).astype(float))
    assert not found.found.any()
    assert found.eye_area[0] == 0
    assert np.isnan(found.eye_area[1])
    assert np.isnan(found.eye_height).all()
    assert np.isfinite(found.mouth_width[0])


@pytest.mark.parametrize("shape", [(32, 32), (33, 47), (96, 50)])
def test_any_size_has_masks_of_its_size(shape):
    network = PartNetwork(4).eval()
    assert network(torch.zeros(2, 3, *shape)).shape == (2, 3, *shape)


def test_a_saved_network_comes_back_frozen(tmp_path):
    torch.manual_seed(0)
    network = PartNetwork(4).eval()
    save(tmp_path / "p.pt", network, seed=1)
    again = load(tmp_path / "p.pt")
    x = torch.rand(1, 3, 32, 40)
    assert torch.equal(again(x), network(x))
    assert not again.training
    assert not any(p.requires_grad for p in again.parameters())


def test_it_learns_and_repeats():
    masks = np.stack([face(4, shift=k % 5 - 2) for k in range(12)])
    colours = np.array([[200, 150, 120], [20, 20, 60], [160, 40, 40]])
    images = np.full((12, 40, 40, 3), 90, np.uint8)
    for k, colour in enumerate(colours):
        images[masks[:, k]] = colour
    lesson = parts.Lesson(steps=60, batch=6, width=8)
    torch.manual_seed(3)
    before = torch.rand(2)
    torch.manual_seed(3)
    one, two = (parts.find(parts.learn(images, masks, lesson, seed=1), images) for _ in range(2))
    assert torch.equal(torch.rand(2), before)
    np.testing.assert_array_equal(one, two)
    overlap = ((one > 0.5) & masks).sum((0, 2, 3)) / ((one > 0.5) | masks).sum((0, 2, 3))
    assert (overlap > 0.6).all()


def test_nothing_to_learn_from_is_an_error():
    with pytest.raises(StudyError, match="no portraits"):
        parts.learn(np.empty((0, 8, 8, 3), np.uint8), np.empty((0, 3, 8, 8), bool), parts.Lesson())


def test_the_whole_face_includes_what_lies_in_it(tmp_path):
    names = ["face", "eyes", "brows", "nose", "mouth"]
    masks = (1 << np.arange(5, dtype=np.uint16)).reshape(1, 1, 5).repeat(5, 1)
    made = collection.Collection(tmp_path, None, None, masks, {"masks": names})
    found = parts.truth(made, [0])
    assert found[0, 0].all()
    assert found[0, 1].sum() == found[0, 2].sum() == 5


def test_a_frontal_face_is_found_and_its_parts_lie_in_it():
    face = cv2.resize(data.astronaut()[:200, 120:320], (128, 128), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)
    rows, masks = parts.frontal(np.stack([noise, face]))
    assert list(rows) == [1]
    head, eyes, mouth = masks[0]
    assert masks.shape == (1, 3, 128, 128) and masks.dtype == bool
    assert head[eyes].mean() > 0.95 and head[mouth].mean() > 0.95
    assert np.nonzero(eyes)[0].mean() < np.nonzero(mouth)[0].mean() - 10
    brightness = face.mean(2)
    assert brightness[eyes].mean() < brightness[head].mean()
    assert parts.frontal(noise[None])[1].shape == (0, 3, 128, 128)


def test_pictures_and_masks_are_turned_alike():
    y = torch.zeros(4, 3, 40, 40)
    y[:, :, 10:22, 14:30] = 1.0
    x, moved = parts.turned(2 * y - 1, y, 0.4, 0.0, np.random.default_rng(0))
    assert set(moved.unique().tolist()) == {0.0, 1.0}
    assert ((x > 0).float() - moved).abs().mean() < 1e-6
    areas = moved.mean((1, 2, 3))
    assert areas.std() > 0.02
    still = parts.turned(x, y, 0.0, 0.0, np.random.default_rng(0))
    torch.testing.assert_close(still[0], x, atol=1e-4, rtol=0)


def test_faces_are_shown_farther_away():
    y = torch.zeros(64, 3, 40, 40)
    y[:, :, 16:24, 16:24] = 1.0
    _, near = parts.turned(2 * y - 1, y, 0.0, 0.0, np.random.default_rng(0))
    x, moved = parts.turned(2 * y - 1, y, 0.0, 0.9, np.random.default_rng(0))
    areas = moved[:, 0, 12:28, 12:28].sum((1, 2))  # without those of the mirrored border
    assert areas.max() <= near[0, 0].sum() and areas.min() < 0.3 * near[0, 0].sum()
    assert ((x > 0).float() - moved).abs().mean() < 1e-6


def test_half_of_the_pictures_are_darkened_and_more_on_one_side():
    x = torch.zeros(200, 3, 32, 24)  # middle grey
    seen = parts.shady(x, 1.5, np.random.default_rng(0))
    assert seen.shape == x.shape and seen.dtype == x.dtype
    assert (seen <= 1e-6).all() and (seen >= np.exp(-1.5) - 1 - 1e-6).all()
    spread = seen.amax((1, 2, 3)) - seen.amin((1, 2, 3))
    untouched = seen.abs().amax((1, 2, 3)) < 1e-6
    assert 0.35 < untouched.double().mean() < 0.65
    assert (spread[~untouched] > 0).all() and spread.max() > 0.2
    torch.testing.assert_close(parts.shady(x - 1, 1.5, np.random.default_rng(0)), x - 1)  # black stays black
