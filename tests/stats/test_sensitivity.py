"""Jonckheere's test by its definition and its normal approximation; equivalence by its interval."""

import numpy as np
import pytest
from scipy import stats

from animestudy.stats.sensitivity import equivalent, jonckheere


def test_jonckheere_counts_rising_pairs():
    table = np.random.default_rng(0).integers(0, 6, (4, 5)).astype(float)  # with ties
    pairs = [
        (table[b, j] > table[a, i]) + 0.5 * (table[b, j] == table[a, i])
        for i in range(5)
        for j in range(i + 1, 5)
        for a in range(4)
        for b in range(4)
    ]
    found = jonckheere(table)
    assert found.statistic == sum(pairs)
    assert found.expected == len(pairs) / 2


@pytest.mark.parametrize("rise", [0.0, 0.15, 0.4])
def test_its_p_is_that_of_the_normal_approximation(rise):
    n, k = 5, 7
    table = np.random.default_rng(3).normal(size=(n, k)) + rise * np.arange(k)
    found, total = jonckheere(table), n * k
    variance = (total**2 * (2 * total + 3) - k * n**2 * (2 * n + 3)) / 72
    assert found.p == pytest.approx(
        stats.norm.sf((found.statistic - found.expected) / variance**0.5), abs=0.02
    )
    assert found == jonckheere(table)


def test_equivalence_is_the_interval_within_the_margin():
    rng = np.random.default_rng(1)
    first = rng.normal(60, 2, 8)
    for shift in (0.0, 0.5, 0.9, -2.0):
        second = first - shift + rng.normal(0, 0.3, 8)
        found = equivalent(first, second, 1.0)
        assert (found.p < 0.05) == (found.low > -1 and found.high < 1)
        assert found.value == pytest.approx(np.mean(first - second))
    assert equivalent(first, first - 2 + rng.normal(0, 0.1, 8), 1.0).p > 0.9
