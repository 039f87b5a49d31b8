"""Comparing two sets: known effects, honest controls."""

import numpy as np
import pytest

from animestudy.stats import domains


def normal(n, k=1, shift=0.0, seed=0):
    return np.random.default_rng(seed).normal(shift, 1, (n, k))


def test_effect_is_cohens_d():
    a, b = normal(40)[:, 0], normal(30, shift=2, seed=1)[:, 0]
    pooled = np.sqrt((39 * a.var(ddof=1) + 29 * b.var(ddof=1)) / 68)
    np.testing.assert_allclose(domains.effect(a, b), (b.mean() - a.mean()) / pooled)


def test_compare_finds_the_shift_and_only_that():
    one = {"moved": normal(80)[:, 0], "same": normal(80, seed=2)[:, 0]}
    other = {"moved": normal(60, shift=1, seed=3)[:, 0], "same": normal(60, seed=4)[:, 0]}
    table = domains.compare(one, other, resamples=500)
    assert list(table.index) == ["moved", "same"]
    assert (table.low <= table.d).all()
    assert (table.d <= table.high).all()
    assert table.p["moved"] < 0.01 < 0.05 < table.p["same"]
    assert table.low["moved"] > 0
    assert table.low["same"] < 0 < table.high["same"]
    np.testing.assert_allclose(table.other["moved"], other["moved"].mean())
    assert table.equals(domains.compare(one, other, resamples=500))


def groups(n, name):
    return [f"{name}{k // 2}" for k in range(n)]


@pytest.mark.parametrize("dimensions", [3, 80])
def test_probe_separates_what_is_separable(dimensions):
    a, b = normal(120, dimensions), normal(100, dimensions, seed=1)
    b[:, :3] += 2
    accuracy, recognised = domains.probe(a, b, (groups(120, "a"), groups(100, "b")))
    assert accuracy.value > 0.8
    assert accuracy.low <= accuracy.value <= accuracy.high
    assert len(recognised) == 100
    assert ((recognised >= 0) & (recognised <= 1)).all()
    assert abs(np.nanmean(recognised) - accuracy.value) < 0.15


def test_controls_come_out_at_one_half():
    a, b = normal(400, 5), normal(400, 5, seed=1)
    b[:, 0] += 3
    names = (groups(400, "a"), groups(400, "b"))
    shuffled, _ = domains.probe(a, b, names, shuffle=True)
    same, _ = domains.probe(a[:200], a[200:], (names[0][:200], groups(200, "c")))
    for control in (shuffled, same):
        assert abs(control.value - 0.5) < 0.08


def test_near_copies_do_not_leak_across_the_folds():
    """Forty pictures, five copies each, no difference between the sets: only leaked copies could be known."""
    a, b = (normal(20, 30, seed=seed).repeat(5, 0) for seed in (0, 1))
    names = [np.repeat([f"{letter}{k}" for k in range(20)], 5) for letter in "ab"]
    honest, _ = domains.probe(a, b, tuple(names))
    alone, _ = domains.probe(a, b, tuple([f"{letter}{k}" for k in range(100)] for letter in "ab"))
    assert honest.value < 0.7
    assert alone.value > 0.85


def test_interval_over_groups_is_wider_than_over_pictures():
    values = np.repeat([1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0], 20)
    rng = np.random.default_rng
    wide = domains.grouped(values, np.arange(160) // 20, rng(0))
    narrow = domains.grouped(values, np.arange(160), rng(0))
    assert wide.value == narrow.value == values.mean()
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
