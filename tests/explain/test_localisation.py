"""Scores against plain NumPy and scikit-learn, and what maps without insight get."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from animestudy.errors import StudyError
from animestudy.explain.localisation import agreement, excess, interval, moved, score, scores


def random_case(n=5, height=17, width=23, seed=0):
    rng = np.random.default_rng(seed)
    heat = rng.random((n, height, width)).round(1)  # with ties
    return heat, rng.random((n, height, width)) < 0.2


def test_scores_are_their_definitions():
    heat, masks = random_case()
    table = score(heat, masks)
    for i in range(len(heat)):
        inside = sum(heat[i][masks[i]]) / np.sum(heat[i])
        assert table["excess"][i] == pytest.approx(inside - masks[i].sum() / masks[i].size)
        assert table["auc"][i] == pytest.approx(roc_auc_score(masks[i].ravel(), heat[i].ravel()))
        best = np.argwhere(heat[i] == heat[i].max())
        assert table["hit"][i] == pytest.approx(np.mean([masks[i][tuple(place)] for place in best]))
    assert not table["failed"].any()


def test_excess_alone_is_the_column_of_that_name():
    heat, masks = random_case()
    heat[1], masks[2], masks[3] = 0, False, True
    np.testing.assert_allclose(excess(heat, masks), score(heat, masks)["excess"])


def test_uniform_map_scores_nothing_and_the_mask_itself_everything():
    _, masks = random_case()
    flat = score(np.full(masks.shape, 0.3), masks)
    np.testing.assert_allclose(flat["excess"], 0, atol=1e-12)
    np.testing.assert_allclose(flat["auc"], 0.5)
    np.testing.assert_allclose(flat["hit"], flat["area"])
    true = score(masks.astype(np.float32), masks)
    np.testing.assert_allclose(true["energy"], 1)
    np.testing.assert_allclose(true["auc"], 1)
    np.testing.assert_allclose(true["hit"], 1)


def test_scores_do_not_depend_on_the_scale_of_a_map():
    heat, masks = random_case()
    pd.testing.assert_frame_equal(score(heat * 1e-4, masks), score(heat, masks))


def test_empty_maps_are_failures_with_the_worst_scores():
    heat, masks = random_case()
    heat[2] = 0
    table = score(heat, masks)
    assert table["failed"].tolist() == [False, False, True, False, False]
    row = table.loc[2]
    assert (row["energy"], row["auc"], row["hit"]) == (0, 0, 0) and row["excess"] == -masks[2].mean()


def test_pictures_without_a_truth_are_not_scored():
    heat, masks = random_case()
    masks[0], masks[1] = False, True
    table = score(heat, masks)
    assert table.loc[:1, ["energy", "excess", "auc", "hit"]].isna().all().all()
    assert table.loc[2:].notna().all().all()


def test_bad_maps_are_refused():
    heat, masks = random_case()
    with pytest.raises(StudyError, match="one shape"):
        score(heat[:, 1:], masks)
    heat[0, 0, 0] = -1
    with pytest.raises(StudyError, match="below zero"):
        score(heat, masks)
    heat[0, 0, 0] = np.nan
    with pytest.raises(StudyError, match="finite"):
        score(heat, masks)


def test_agreement():
    heat, _ = random_case()
    same = agreement(heat, heat * 5)
    np.testing.assert_allclose(same["spearman"], 1)
    np.testing.assert_allclose(same["ssim"], 1)
    apart = agreement(heat, heat[::-1])
    assert abs(apart["spearman"].drop(2)).max() < 0.3
    nothing = agreement(heat, np.zeros_like(heat))
    assert (nothing["spearman"] == 0).all() and (nothing["ssim"] < 0.5).all()


def test_scores_of_many_maps_and_masks_is_a_long_table():
    heat, masks = random_case()
    table = scores({"one": heat, "two": masks.astype(float)}, {"line": masks, "decoy": ~masks})
    assert len(table) == 2 * 2 * len(heat)
    pd.testing.assert_series_equal(
        table.query("map == 'one' and cue == 'line'").set_index("picture")["auc"],
        score(heat, masks)["auc"].rename_axis("picture"),
    )
    assert (table.query("map == 'two' and cue == 'decoy'")["energy"] == 0).all()


def test_interval_over_pictures():
    rng = np.random.default_rng(0)
    values = rng.normal(0.3, 0.1, 200)
    found = interval([*values, np.nan])
    assert found.value == pytest.approx(values.mean())
    half = 1.96 * values.std() / np.sqrt(200)
    assert found.low == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.15 * half)
    assert interval(values) == interval(values)
    assert interval([0.5, 0.5]) == (0.5, 0.5, 0.5)
    with pytest.raises(StudyError, match="needs two"):
        interval([0.5, np.nan])


def test_moved_mass_is_nothing_for_alike_and_all_for_apart():
    left, right = np.zeros((2, 4, 4)), np.zeros((2, 4, 4))
    left[:, :, 0], right[:, :, 3] = 1, 5
    np.testing.assert_allclose(moved(left, 7 * left), 0)
    np.testing.assert_allclose(moved(left, right), 1)
    np.testing.assert_allclose(moved(left, left + right / 5), 0.5)


def test_an_empty_map_has_nothing_to_move():
    maps = np.ones((1, 3, 3))
    assert moved(maps, np.zeros_like(maps)) == moved(np.zeros_like(maps), maps) == 0
