"""What is shown of a collection, and the numbers beside it."""

import numpy as np
import pandas as pd
import pytest

from animestudy.data.atelier import overview
from animestudy.data.collection import Collection


@pytest.fixture
def found(tmp_path):
    rng = np.random.default_rng(0)
    rows = [("cel", "joyful", ""), ("cel", "joyful", "p1"), ("ink", "joyful", "p2"), ("ink", "anxious", "")]
    table = pd.DataFrame(rows, columns=["style", "psychology", "pair"])
    table["domain"], table["kind"], table["group"] = "anime", "scene", [f"g{k}" for k in range(4)]
    images = rng.integers(0, 200, (4, 16, 16, 3), dtype=np.uint8)
    masks = np.zeros((4, 16, 16), np.uint16)
    masks[0, :4] = 1 << 1
    return Collection(tmp_path, table, images, masks, {"masks": ["line_cue", "decoy"]})


def test_one_of_each_prefers_unpaired_drawings_and_leaves_gaps_white(found):
    cells = overview.one_of_each(found, "scene", ["cel", "ink"], ["anxious", "joyful"])
    assert (cells[0] == 255).all()
    assert [np.array_equal(cells[k], found.images[row]) for k, row in ((1, 0), (2, 3), (3, 2))] == [True] * 3
    assert overview.one_of_each(found, "portrait", ["cel"], ["joyful"]) == []


def test_masks_are_laid_over_in_their_colour(found):
    picture = overview.tinted(found, 0, ["decoy"], share=1.0)
    assert (picture[:4] == overview.TINTS["decoy"]).all()
    below = picture[4:]
    assert np.array_equal(below[..., 0], below[..., 1]) and np.array_equal(below[..., 1], below[..., 2])


def test_flow_fetches_the_next_frame_back():
    rng = np.random.default_rng(1)
    here = np.kron(rng.random((8, 8, 3)), np.ones((4, 4, 1))).astype(np.float32) * 255
    there = np.roll(here, (2, 3), (0, 1))  # two down, three to the right
    flow = np.broadcast_to(np.float32((3, 2)), (32, 32, 2))
    assert np.abs(overview.warped(there, flow) - here)[:-2, :-3].max() < 1e-2


def test_flow_is_coloured_by_direction_and_speed():
    flow = np.zeros((1, 3, 2), np.float32)
    flow[0, 1], flow[0, 2] = (5, 0), (-5, 0)
    still, right, left = overview.flow_picture(flow, 5.0)[0]
    assert (still == 255).all()
    assert right.tolist() == [255, 0, 0] and left.tolist() == [0, 255, 255]


def test_a_clip_report_tells_right_flow_from_none():
    rng = np.random.default_rng(2)
    frame = np.kron(rng.integers(0, 255, (8, 8, 3)), np.ones((4, 4, 1))).astype(np.uint8)
    frames = np.stack([np.roll(frame, k, 1) for k in range(3)])[None]
    flow = np.zeros((1, 2, 32, 32, 2), np.float32)
    flow[..., 0] = 1
    hidden = np.zeros((1, 2, 32, 32), bool)
    hidden[..., -2:] = True
    table = pd.DataFrame([("photo", "scene", "", "pan")], columns=["domain", "kind", "style", "motion"])
    report = overview.clip_report(table, frames, flow, hidden)
    assert report["fastest (px)"][0] == 1 and report["hidden"][0] == pytest.approx(2 / 32)
    assert report["error, warped"][0] < 0.5 < 10 < report["error, still"][0]


def test_coarse_pixels_are_means_and_spreads_of_fields():
    images = np.random.default_rng(3).integers(0, 256, (2, 18, 18, 3), dtype=np.uint8)
    read = overview.coarse(images, cells=4)
    field = images[1, 4:8, 8:12].reshape(-1, 3).astype(float)
    assert read.shape == (2, 6 * 16)
    place = (1 * 4 + 2) * 3
    assert read[1, place : place + 3] == pytest.approx(field.mean(0), rel=1e-5)
    assert read[1, 48 + place : 48 + place + 3] == pytest.approx(field.std(0), rel=1e-4)


def test_a_probe_finds_what_shows_and_nothing_else(tmp_path):
    rng = np.random.default_rng(4)
    n = 60
    images = rng.integers(90, 110, (n, 16, 16, 3), dtype=np.uint8)
    style = np.where(np.arange(n) % 2, "cel", "ink")
    images[style == "ink", :8] += 60
    table = pd.DataFrame(
        {"style": style, "psychology": rng.permutation(style), "group": np.arange(n).astype(str)}
    )
    found = Collection(tmp_path, table, images, None, {})
    assert overview.probe(found, np.arange(n), "style").all()
    assert 0.2 < overview.probe(found, np.arange(n), "psychology").mean() < 0.8
