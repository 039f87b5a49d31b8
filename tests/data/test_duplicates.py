"""Copies of a picture are near each other whatever was done to them; different pictures are not."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from animestudy.data import duplicates, squares


def picture(seed, width=320, height=240):
    """A random scene: soft ground, discs and bars of other colours."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(0, 256, (5, 7, 3), np.uint8)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    for _ in range(12):
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        wide, high = (int(value) for value in rng.integers(10, 120, 2))
        left, top = int(rng.integers(-20, width)), int(rng.integers(-20, height))
        shape = Image.new("L", (wide, high), 255)
        image.paste(colour, (left, top), shape)
    return image


def jpeg(image, quality=20):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def framed(image, top, side, colour="black"):
    wide = Image.new("RGB", (image.width + 2 * side, image.height + 2 * top), colour)
    wide.paste(image, (side, top))
    return wide


COPIES = {
    "smaller": lambda image: image.resize((90, 67), Image.Resampling.LANCZOS),
    "larger": lambda image: image.resize((700, 525), Image.Resampling.BICUBIC),
    "another shape": lambda image: image.resize((200, 240), Image.Resampling.LANCZOS),
    "compressed": jpeg,
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.25),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    "more contrast": lambda image: ImageEnhance.Contrast(image).enhance(1.3),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "mirrored": ImageOps.mirror,
    "letterboxed": lambda image: framed(image, 60, 0),
    "on a page": lambda image: framed(image, 40, 70, "white"),
    "its middle square": lambda image: image.crop((40, 0, 280, 240)),
    "its edge cut": lambda image: image.crop((4, 3, 316, 237)),
    "with a subtitle": lambda image: (lambda copy: copy.paste("white", (80, 215, 240, 228)) or copy)(
        image.copy()
    ),
}


def distance(one, other):
    prints = [duplicates.fingerprints(image)[None] for image in (one, other)]
    return int(duplicates.near(*prints)[0, 0])


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
def test_copies_are_near(change):
    distances = [distance(picture(seed), change(picture(seed))) for seed in range(4)]
    assert max(distances) <= duplicates.THRESHOLD, distances


def test_different_pictures_are_far_apart():
    prints = np.stack([duplicates.fingerprints(picture(seed)) for seed in range(80)])
    far = duplicates.near(prints, prints)[np.triu_indices(80, 1)]
    assert far.min() > duplicates.THRESHOLD
    assert 112 < np.median(far) < 124  # the least of six distances, each about 128


def test_distances_are_the_bits_that_differ():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 2, (2, 5, 6, 256)).astype(bool)

    def packed(bits):
        return np.packbits(bits, axis=-1).view(np.uint64)

    def least(one, other):
        return min((one[k] != other[k + mirrored]).sum() for k in (0, 2, 4) for mirrored in (0, 1))

    wanted = [[least(one, other) for other in b] for one in a]
    np.testing.assert_array_equal(duplicates.near(packed(a), packed(b)), wanted)


def test_groups_join_copies_of_copies_and_nothing_else(monkeypatch):
    monkeypatch.setattr(duplicates, "BLOCK", 7)  # several blocks
    images = [picture(seed) for seed in range(12)]
    copies = [change(images[3]) for change in list(COPIES.values())[:5]] + [jpeg(images[8])]
    prints = np.stack([duplicates.fingerprints(image) for image in images + copies])
    wanted = [*range(12), 3, 3, 3, 3, 3, 8]
    np.testing.assert_array_equal(duplicates.groups(prints), wanted)
    order = np.random.default_rng(5).permutation(len(prints))
    mixed = duplicates.groups(prints[order])
    same = np.asarray(wanted)[order]
    np.testing.assert_array_equal(mixed[:, None] == mixed, same[:, None] == same)
    assert len(np.unique(duplicates.groups(prints, 256))) == 1  # everything within 256 bits


def test_thousands_of_equal_pictures_are_one_group_at_once():
    prints = np.tile(duplicates.fingerprints(picture(0)), (20000, 1, 1))
    assert (duplicates.groups(prints) == 0).all()
    assert len(duplicates.groups(prints[:0])) == 0


def test_names_unite_what_copies_do_not():
    label = np.array([0, 1, 1, 3, 4])
    np.testing.assert_array_equal(duplicates.united(label, ["a", "", "b", "", "a"]), [0, 1, 1, 3, 0])
    np.testing.assert_array_equal(duplicates.united(label, ["", "x", "", "x", ""]), [0, 1, 1, 1, 4])
    np.testing.assert_array_equal(duplicates.united(label, [""] * 5), label)


def test_plain_pictures_do_no_harm():
    for colour in ("white", "black", (200, 30, 40)):
        assert duplicates.fingerprints(Image.new("RGB", (40, 30), colour)).shape == (6, 4)
    assert duplicates.fingerprints(Image.new("RGB", (1, 300))).shape == (6, 4)


@pytest.mark.parametrize("rule", squares.RULES)
@pytest.mark.parametrize("shape", [(64, 48), (48, 64), (50, 50), (7, 300)])
def test_each_rule_takes_a_box_inside_the_picture(rule, shape):
    left, top, right, bottom = squares.RULES[rule](*shape)
    assert 0 <= left < right <= shape[0] and 0 <= top < bottom <= shape[1]
    square = squares.square(Image.new("RGB", shape), 32, rule)
    assert squares.padded(square, 32).size == (32, 32)
    assert max(square.size) == 32


def test_the_rules_differ_as_they_say():
    assert squares.centre(64, 48) == (8, 0, 56, 48) == squares.upper(64, 48)
    assert squares.centre(48, 68) == (0, 10, 48, 58) and squares.upper(48, 68) == (0, 4, 48, 52)
    assert squares.squeeze(160, 90) == (20, 0, 140, 90)  # 4:3 of 16:9
    assert squares.enlargement(100, 50, 100, "center") == 2
    assert squares.enlargement(100, 50, 100, "fit") == 1
    assert squares.enlargement(100, 50, 100, "stretch") == 2


def test_padding_has_the_mean_colour():
    image = squares.padded(Image.new("RGB", (32, 10), (10, 200, 90)), 32)
    assert (np.asarray(image) == (10, 200, 90)).all()
