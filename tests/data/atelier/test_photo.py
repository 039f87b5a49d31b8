"""The photo domain: repeatable, the same composition at any size, and lit, textured and hazy as it claims."""

import numpy as np
import pytest

from animestudy.data.atelier import canvas, photo
from animestudy.data.atelier.camera import camera, defocus
from animestudy.data.atelier.materials import NAMES, TILE, sample, tiles
from animestudy.data.atelier.outlines import disc, rectangle
from animestudy.data.atelier.paint import compose, paint
from animestudy.data.atelier.spec import MASKS, Hand, Mood, Plan, Shape, Subject

SKY = Shape("sky", rectangle(-0.3, -0.3, 1.3, 1.3), (0.6, 0.7, 0.9), 1.0, outline=0, mask="background")


def photograph(*shapes, mood=None, size=64):
    """The light of a plan without noise or vignette, side×side×3."""
    plan = Plan((SKY, *shapes), mood or Mood(), Hand())
    settings = camera(np.random.default_rng(0), None)
    light, owner = photo.expose(plan, size, settings)
    return photo.develop(light, settings, whole=False), owner


def test_same_subject_same_photograph():
    subject = Subject(5, domain="photo", psychology="tranquil")
    first, second = paint(subject, 64), paint(subject, 64)
    np.testing.assert_array_equal(first.image, second.image)
    assert all((first.masks[name] == second.masks[name]).all() for name in MASKS)


@pytest.mark.parametrize("size", [32, 33, 97, 150])
@pytest.mark.parametrize("kind", ["scene", "portrait"])
def test_any_size(size, kind):
    picture = paint(Subject(6, kind=kind, domain="photo"), size)
    assert picture.image.shape == (size, size, 3) and picture.image.dtype == np.uint8
    assert set(picture.masks) == set(MASKS)
    assert all(mask.shape == (size, size) and mask.dtype == bool for mask in picture.masks.values())
    assert picture.image.std() > 15


def test_composition_does_not_depend_on_size():
    for seed in range(6):
        subject = Subject(seed, domain="photo", psychology="joyful")
        small, large = (paint(subject, size).image.astype(np.float32) for size in (48, 192))
        shrunk = canvas.reduce(large, 48)
        assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.93


def test_masks_lie_where_their_shapes_are():
    subject = Subject(11, domain="photo", decoy=False)
    picture = paint(subject, 96)
    shapes = compose(subject).shapes
    for name, least in (("background", 0.85), ("figure", 0.65)):
        drawn = np.zeros((96, 96), np.uint8)
        for shape in shapes:
            if shape.closed and photo.solid(shape):
                canvas.fill(drawn, shape.points, int(shape.mask == name), 96, smooth=False)
        both, either = (picture.masks[name] & (drawn > 0)).sum(), (picture.masks[name] | (drawn > 0)).sum()
        assert either == 0 or both / either > least


def test_light_comes_from_its_side():
    ball = Shape("ball", disc(0.5, 0.5, 0.3, count=60), (0.6, 0.6, 0.6), 0.3, form="round")
    for side in (-0.8, 0.8):
        image, _ = photograph(ball, mood=Mood(side=side, sun=0.5))
        left, right = image[40:88, 40:60].mean(), image[40:88, 68:88].mean()
        assert (right - left) * side > 0.05
        assert image[30:50, 54:74].mean() > image[80:98, 54:74].mean()  # and from above


def test_textures_have_grain():
    for name in ("grass", "foliage", "bark", "brick", "rock", "cloth"):
        plain = photograph(Shape("wall", rectangle(0.2, 0.2, 0.8, 0.8), (0.5, 0.5, 0.5), 0.3))[0]
        grainy = photograph(Shape("wall", rectangle(0.2, 0.2, 0.8, 0.8), (0.5, 0.5, 0.5), 0.3, texture=name))[
            0
        ]
        assert grainy[40:90, 40:90].std() > 1.5 * plain[40:90, 40:90].std(), name


def test_near_things_shade_what_is_behind():
    wall = Shape("wall", rectangle(-0.1, -0.1, 1.1, 1.1), (0.7, 0.7, 0.7), 0.5)
    post = Shape("post", rectangle(0.45, 0.2, 0.55, 1.1), (0.7, 0.7, 0.7), 0.2)
    with_post, without = (photograph(*shapes)[0] for shapes in ((wall, post), (wall,)))
    ratio = with_post / without
    # the light comes from the left: more of it is missing on the right
    assert ratio[60:100, 73:79].mean() < ratio[60:100, 49:55].mean() < 0.98 < ratio[60:100, 5:20].mean()


def test_depth_of_field():
    rng = np.random.default_rng(3)
    noise = rng.random((96, 96, 3), np.float32)
    settings = camera(rng, 0.1)
    near, far = (defocus(noise, np.full((96, 96), d, np.float32), settings).std() for d in (0.1, 0.9))
    assert near == pytest.approx(noise.std())
    assert far < 0.5 * near


def test_sharp_things_do_not_bleed_into_the_blur():
    image, depth = np.zeros((96, 96, 3), np.float32), np.ones((96, 96), np.float32)
    image[:, :48], depth[:, :48] = 1.0, 0.1
    blurred = defocus(image, depth, camera(np.random.default_rng(3), 0.1))
    assert blurred[:, 52:].max() < 0.05


def test_water_mirrors_the_far_bank():
    bank = Shape("wall", rectangle(0.0, 0.2, 0.5, 0.5), (0.9, 0.1, 0.1), 0.6)
    water = Shape("water", rectangle(-0.3, 0.5, 1.3, 1.3), (0.3, 0.4, 0.5), 0.4, texture="water", gloss=0.8)
    image, _ = photograph(bank, water, mood=Mood(horizon=0.5))
    redness = image[..., 0] - image[..., 2]
    assert redness[70:95, 8:48].mean() - redness[70:95, 80:120].mean() > 0.15


def test_soft_shapes_are_hidden_by_later_ones():
    cloud = Shape("glow", disc(0.5, 0.5, 0.3), (1, 1, 1), 0.9, opacity=0.8, blend=0.03)
    wall = Shape("wall", rectangle(0.5, -0.1, 1.1, 1.1), (0.2, 0.2, 0.2), 0.3)
    lit, bare = (photograph(*shapes)[0] for shapes in ((cloud, wall), (wall,)))
    difference = np.abs(lit - bare).mean(2)
    assert difference[64, 40] > 0.1 and difference[64, 90] < 0.02


def test_moods_show_in_the_pixels():
    """Brightness, warmth and the height of the horizon differ between states as planted."""
    facts = {}
    for psychology in ("joyful", "melancholic", "resolute", "anxious"):
        pictures = [paint(Subject(seed, domain="photo", psychology=psychology), 32) for seed in range(24)]
        images = np.stack([picture.image for picture in pictures]).astype(float)
        sky = np.mean([picture.masks["background"].mean() for picture in pictures])
        facts[psychology] = images.mean(), (images[..., 0] - images[..., 2]).mean(), sky
    assert facts["joyful"][0] - facts["melancholic"][0] > 8
    assert facts["joyful"][1] - facts["melancholic"][1] > 8
    assert facts["resolute"][2] - facts["anxious"][2] > 0.05


def test_tiles_wrap_and_are_normalised():
    for name, tile in tiles().items():
        assert tile.shape == (TILE, TILE) and 0.3 < tile.std() < 2, name
    x = np.array([0.25, 1.25, -0.75], np.float32)
    number = np.full(3, NAMES.index("leaves"), np.float32)
    for smooth in (False, True):
        values = sample(512, number, x, x, smooth)
        np.testing.assert_allclose(values, values[0], atol=1e-4)
