"""Trends and paired comparisons against their definitions, and that nothing is found where nothing is."""

from itertools import product

import numpy as np
import pytest

from animestudy.stats import trends

LEVELS = (0, 1, 3, 6, 9, 13, 16)


def runs(effect, seeds=8, noise=0.5, rng=0):
    rng = np.random.default_rng(rng)
    return 70 + rng.normal(0, 1, (seeds, 1)) + effect * np.array(LEVELS) + rng.normal(0, noise, (seeds, 7))


def test_page_counts_ranks():
    table = runs(0.1, seeds=4)
    ranks = table.argsort(1).argsort(1) + 1
    result = trends.page(table)
    assert result.statistic == (np.arange(1, 8) * ranks.sum(0)).sum()
    assert result.expected == 4 * 7 * 64 / 4


def test_page_finds_a_trend_and_no_other():
    assert trends.page(runs(0.2)).p < 0.001
    assert trends.page(runs(-0.2)).p > 0.99
    quiet = [trends.page(runs(0, rng=k)).p for k in range(60)]
    assert np.mean(np.array(quiet) < 0.05) < 0.15 and 0.35 < np.mean(quiet) < 0.65


def test_slope_is_least_squares_and_its_interval_holds_the_truth():
    table = runs(0.2)
    estimate = trends.slope(table, LEVELS)
    assert estimate.value == pytest.approx(np.polyfit(LEVELS, table.mean(0), 1)[0])
    hits = 0
    for k in range(40):
        one = trends.slope(runs(0.2, rng=k), LEVELS)
        hits += one.low <= 0.2 <= one.high
    assert hits >= 32


def test_paired_sign_flips_are_the_exact_ones():
    first, second = np.array([3.0, 2.5, 4.0, 1.0, 2.2]), np.array([1.0, 2.0, 2.9, 1.3, 2.0])
    difference = first - second
    means = [np.mean(difference * signs) for signs in product((-1, 1), repeat=5)]
    share = np.mean(np.abs(means) >= abs(difference.mean()) - 1e-12)
    result = trends.paired(first, second)
    assert result.p == pytest.approx(share)
    assert result.value == pytest.approx(difference.mean())
    assert result.low < result.value < result.high
    assert trends.paired(second, first).value == pytest.approx(-result.value)


def test_five_seeds_cannot_reach_five_percent():
    rng = np.random.default_rng(1)
    assert trends.paired(rng.normal(50, 1, 5), rng.normal(0, 1, 5)).p == pytest.approx(2 / 2**5)


def test_equal_differences_have_an_interval_of_no_width():
    result = trends.paired([1.0, 2.0, 3.0], [0.5, 1.5, 2.5])
    assert result.low == result.high == pytest.approx(0.5)
    assert trends.paired([1.0, 2.0], [1.0, 2.0]).p == 1


def test_mean_is_students():
    values = np.array([0.5, 0.7, 0.6])
    estimate = trends.mean(values)
    half = 4.302652729911275 * values.std(ddof=1) / np.sqrt(3)  # t with two degrees of freedom
    assert estimate == pytest.approx((0.6, 0.6 - half, 0.6 + half))
    assert f"{trends.Estimate(-0.5, -1, 0.25):.2f}" == "−0.50 [−1.00, 0.25]"


def test_two_levels_are_wider_than_one():
    rng = np.random.default_rng(0)
    easy = rng.random(100) < 0.7  # every seed is right on about the same pictures
    right = np.array([np.where(rng.random(100) < 0.05, ~easy, easy) for _ in range(6)])
    both, seeds_only = trends.two_level(right), trends.mean(right.mean(1))
    assert both.value == pytest.approx(right.mean())
    assert both.high - both.low > 2 * (seeds_only.high - seeds_only.low)
    assert both.high - both.low == pytest.approx(2 * 1.96 * np.sqrt(0.7 * 0.3 / 100), rel=0.25)


def test_differences_go_from_level_to_level():
    table = runs(0.3, seeds=5)
    steps = trends.differences(table)
    assert [s.value for s in steps] == pytest.approx(np.diff(table, axis=1).mean(0))


def test_repeats_exactly():
    table = runs(0.1)
    assert trends.slope(table, LEVELS) == trends.slope(table, LEVELS)
    assert trends.two_level(table > 70) == trends.two_level(table > 70)


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="finite"):
        trends.mean([0.5, np.nan])
    with pytest.raises(ValueError, match="paired"):
        trends.paired([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="columns"):
        trends.page(np.zeros((3, 2)))
    with pytest.raises(ValueError, match="levels"):
        trends.slope(runs(0), (1, 2))
