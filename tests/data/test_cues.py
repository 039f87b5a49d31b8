"""Readers see the cue of their family and no other; the damage of an operation is where it must be."""

import cv2
import numpy as np
import pandas as pd
import pytest

from animestudy.data import cues

SIZE = 48


def drawn(n, seed):
    """A line, thin and trembling or thick and straight, on a warm or cold ground of one lightness."""
    rng = np.random.default_rng(seed)
    hand, ground = rng.integers(0, 2, (2, n))
    pictures, masks = np.empty((n, SIZE, SIZE, 3), np.uint8), np.zeros((n, SIZE, SIZE), bool)
    for i in range(n):
        tint = np.array([(145, 161, 199), (190, 156, 140)][ground[i]]) + rng.normal(0, 8, 3)
        picture = np.clip(tint + rng.normal(0, 6, (SIZE, SIZE, 3)), 0, 255).astype(np.uint8)
        start, end = rng.uniform(4, SIZE - 5, (2, 2))
        way = np.linspace(start, end, 24) + rng.normal(0, 1.5, (24, 2)) * (1 - hand[i])
        stroke = np.zeros((SIZE, SIZE), np.uint8)
        cv2.polylines(stroke, [np.round(way).astype(np.int32)], False, 1, 1 + 2 * int(hand[i]))
        masks[i] = stroke > 0
        picture[masks[i]] = 25
        pictures[i] = picture
    return pictures, masks, {"hand": hand, "ground": ground}


@pytest.fixture(scope="module")
def rates():
    judged = cues.damage(
        drawn(120, 0), drawn(60, 1), ["flip", "grey", "hue", "blur", "erasing"], ["line", "palette"]
    )
    return judged, judged.groupby(["operation", "label", "family"])["right"].mean()


def test_each_family_reads_its_own_cue(rates):
    _, rate = rates
    assert rate["clean", "hand", "line"] > 0.9
    assert rate["clean", "ground", "palette"] > 0.95
    assert rate["clean", "ground", "line"] < 0.85


def test_an_operation_harms_the_cue_that_it_touches(rates):
    _, rate = rates
    line, palette = rate[:, "hand", "line"], rate[:, "ground", "palette"]
    assert abs(line["flip"] - line["clean"]) < 0.06 and abs(palette["flip"] - palette["clean"]) < 0.03
    assert palette["grey"] < 0.8 < line["grey"]
    assert palette["hue"] < 0.8
    assert line["blur"] < line["clean"] - 0.15 and palette["blur"] > 0.9


def test_drops_are_paired_differences(rates):
    judged, rate = rates
    table = cues.drops(judged, resamples=300)
    assert len(table) == 5 * 2 * 2 and "clean" not in set(table["operation"])
    for row in table.itertuples():
        key = row.label, row.family
        assert row.drop == pytest.approx(rate["clean", *key] - rate[row.operation, *key])
        assert row.low <= row.drop <= row.high
    pd.testing.assert_frame_equal(table, cues.drops(judged, resamples=300))
    assert (table["high"] - table["low"]).max() < 0.4


def test_readers_survive_pictures_without_lines():
    pictures, masks, labels = drawn(20, 2)
    masks[:3] = False
    features = cues.measure(pictures, masks, list(cues.FAMILIES))
    assert np.isnan(features["line"][:3]).all() and np.isfinite(features["line"][3:]).all()
    assert {name: values.shape[1] for name, values in features.items()} == {
        "line": 12,
        "surface": 14,
        "palette": 18,
        "composition": 45,
    }
    assert cues.reader(features["line"], labels["hand"]).predict(features["line"]).shape == (20,)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_features_of_a_blank_picture_are_finite(value):
    blank = np.full((1, 33, 41, 3), value, np.uint8)
    mask = np.zeros((1, 33, 41), bool)
    mask[:, 10:13, 5:30] = True
    for family, values in cues.measure(blank, mask, list(cues.FAMILIES)).items():
        assert np.isfinite(values).all(), family


def test_palette_ignores_places_and_composition_ignores_colour():
    pictures, masks, _ = drawn(6, 3)
    rng = np.random.default_rng(0)
    order = rng.permutation(SIZE * SIZE)
    shuffled = pictures.reshape(6, -1, 3)[:, order].reshape(pictures.shape)
    first, second = (cues.measure(p, masks, ["palette"])["palette"] for p in (pictures, shuffled))
    np.testing.assert_allclose(first, second, rtol=1e-3, atol=1e-3)
    grey = np.repeat(np.round(pictures @ np.array([0.299, 0.587, 0.114]))[..., None], 3, -1).astype(np.uint8)
    first, second = (cues.measure(p, masks, ["composition"])["composition"] for p in (pictures, grey))
    np.testing.assert_allclose(first, second, atol=0.15)
