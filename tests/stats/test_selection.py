"""The best of a grid, and what chance alone would make of it."""

import numpy as np
import pytest

from animestudy.stats.selection import best, expected_maximum


@pytest.mark.parametrize("count", [2, 5, 24])
def test_expected_maximum_is_that_of_many_draws(count):
    draws = np.random.default_rng(0).standard_normal((100_000, count)).max(1)
    assert expected_maximum(count) == pytest.approx(draws.mean(), abs=0.01)


def test_two_normals_have_a_known_maximum():
    assert expected_maximum(2) == pytest.approx(1 / np.sqrt(np.pi), abs=1e-6)


def test_equal_configurations_lead_by_luck_alone():
    rng = np.random.default_rng(1)
    found = [best(rng.normal(50, 2, (18, 5))) for _ in range(400)]
    assert np.mean([f.lead for f in found]) == pytest.approx(np.mean([f.luck for f in found]), rel=0.05)


def test_a_really_better_one_leads_by_more():
    table = np.random.default_rng(2).normal(50, 1, (10, 4))
    table[7] += 20
    found = best(table)
    assert found.best == 7 and found.lead > 10 * found.luck


@pytest.mark.parametrize("table", [np.ones((1, 3)), np.ones((3, 1)), np.full((2, 2), np.nan), np.ones(4)])
def test_too_little_is_refused(table):
    with pytest.raises(ValueError, match="needed"):
        best(table)
