"""Corrections held to what they promise: exact tables, errors in common or not, and no false alarm."""

import numpy as np
import pytest

from animestudy.data.atelier.plan import joint
from animestudy.stats import correction
from animestudy.stats.association import cramers_v, phi_squared

SIZE = (5, 5)


def v_of(shares):
    return float(np.sqrt(max(phi_squared(shares), 0) / 4))


def answered(true, accuracy, rng, other=None):
    """Answers that are right with that probability; wrong ones name the other label where it is given."""
    wrong = rng.integers(5, size=len(true)) if other is None else other
    return np.where(rng.random(len(true)) < accuracy, true, wrong)


def pictures(v, number, rng, dependent=False):
    """4×N: two true labels, two answers; dependent: the second network falls back on the first label."""
    first, second = np.unravel_index(rng.choice(25, number, p=joint(v).ravel()), SIZE)
    return np.array([
        first, second, answered(first, 0.8, rng), answered(second, 0.6, rng, first if dependent else None)
    ])  # fmt: skip


def tables(labels, known):
    return (
        correction.counted(*labels[:, :known], sizes=SIZE + SIZE),
        correction.counted(*labels[2:, known:], sizes=SIZE),
    )


@pytest.mark.parametrize("name", ["inverted", "unmixed", "doubled"])
def test_independent_errors_are_corrected_by_every_way(name):
    labels = pictures(0.5, 400_000, np.random.default_rng(0))
    found = correction.METHODS[name](*tables(labels, 200_000))
    assert found.sum() == pytest.approx(1) and (found >= 0).all()
    assert v_of(found) == pytest.approx(0.5, abs=0.02)
    assert v_of(correction.answers(*tables(labels, 200_000))) < 0.3  # attenuated


def test_errors_in_common_deceive_the_inversion_only():
    labels = pictures(0.0, 400_000, np.random.default_rng(1), dependent=True)
    v = {name: v_of(method(*tables(labels, 200_000))) for name, method in correction.METHODS.items()}
    assert v["answers"] > 0.2 and v["inverted"] > 0.3
    assert v["unmixed"] < 0.05 and v["doubled"] < 0.02


def test_the_inversion_undoes_its_own_formula():
    rng = np.random.default_rng(2)
    first, second = (np.eye(5) * 60 + rng.integers(5, 15, (5, 5)) for _ in range(2))
    rows = [part / part.sum(1, keepdims=True) for part in (first, second)]
    shares = joint(0.4)
    told = np.einsum("ab,ac,bd->cd", shares, *rows)
    labelled = np.einsum("ac,bd->abcd", first, second)
    assert correction.inverted(labelled, told) == pytest.approx(shares, abs=1e-9)


def test_double_sampling_is_its_formula():
    rng = np.random.default_rng(3)
    labelled, unlabelled = rng.integers(1, 9, SIZE + SIZE), rng.integers(1, 50, SIZE)
    told = labelled.sum((0, 1)) + unlabelled
    expected = np.zeros(SIZE)
    for c, d in np.ndindex(SIZE):
        expected += labelled[:, :, c, d] / labelled[:, :, c, d].sum() * told[c, d] / told.sum()
    assert correction.doubled(labelled, unlabelled) == pytest.approx(expected)


@pytest.mark.parametrize("name", correction.METHODS)
def test_a_bootstrap_is_one_call(name):
    rng = np.random.default_rng(4)
    many = [tables(pictures(0.3, 500, rng), 200) for _ in range(3)]
    method = correction.METHODS[name]
    at_once = method(*(np.stack(part) for part in zip(*many, strict=True)))
    assert at_once == pytest.approx(np.stack([method(*one) for one in many]))


@pytest.mark.parametrize("name", correction.METHODS)
def test_classes_that_never_occur_leave_finite_shares(name):
    labels = np.array([[0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 2, 0], [0, 1, 0, 1, 1, 1]])
    found = correction.METHODS[name](*tables(labels, 4))
    assert np.isfinite(found).all() and found.sum() == pytest.approx(1)


def test_apart_keeps_confusions_and_breaks_what_is_common():
    labels = pictures(0.0, 20_000, np.random.default_rng(5), dependent=True)
    made = correction.apart(labels, seed=1)
    for true, told in ((0, 2), (1, 3)):
        before, after = (correction.counted(part[true], part[told], sizes=SIZE) for part in (labels, made))
        assert (before == after).all()
    assert cramers_v(correction.counted(*labels[2:], sizes=SIZE)) > 0.2
    assert cramers_v(correction.counted(*made[2:], sizes=SIZE)) < 0.03
    assert (made[:2] == labels[:2]).all()


def test_studies_find_what_is_planted_and_nothing_where_nothing_is():
    pool = pictures(0.0, 3000, np.random.default_rng(6), dependent=True)
    ways = {name: correction.METHODS[name] for name in ("answers", "doubled")}
    for v in (0.0, 0.4):
        found = correction.simulated(pool, joint(v), 2000, 800, ways, draws=30, resamples=60, seed=0)
        value, low, high = found[:, 1].T
        assert found.shape == (30, 2, 3) and (low <= value).all() and (value <= high).all()
        assert np.mean(np.abs(value - v) <= 0.05) >= 0.85
        assert np.mean(low > 0) == (v > 0)
        assert np.mean((low <= v) & (v <= high)) >= 0.8
    alarms = (
        correction.simulated(pool, joint(0), 2000, 800, ways, draws=10, resamples=60, seed=0)[:, 0, 1] > 0
    )
    assert alarms.all()  # the answers alone claim a relation every time


def test_the_same_seed_gives_the_same_interval():
    given = tables(pictures(0.3, 900, np.random.default_rng(7)), 400)
    assert correction.corrected(correction.doubled, *given) == correction.corrected(
        correction.doubled, *given
    )
