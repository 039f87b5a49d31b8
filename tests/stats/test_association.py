"""Cramér's V against its definition, and the interval against a known population."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association as scipy_v

from animestudy.data.atelier.plan import joint
from animestudy.stats.association import association, contingency, cramers_v, phi_squared


@pytest.fixture
def counts():
    return np.random.default_rng(3).multinomial(500, joint(0.3).ravel()).reshape(5, 5)[:, :4]


def test_the_table_counts_pairs_of_labels():
    table = contingency(["b", "a", "b", "b"], ["y", "x", "x", "y"])
    assert table.tolist() == [[1, 0], [1, 2]]
    with pytest.raises(ValueError, match="3 and 2"):
        contingency(["a", "b", "c"], ["x", "y"])


def test_phi_and_the_plain_v_agree_with_scipy(counts):
    chi = chi2_contingency(counts, correction=False).statistic
    assert phi_squared(counts) == pytest.approx(chi / counts.sum(), rel=1e-12)
    assert cramers_v(counts, corrected=False) == pytest.approx(scipy_v(counts, method="cramer"), rel=1e-12)


def test_the_corrected_v_is_bergsmas_formula(counts):
    n, (r, c) = counts.sum(), counts.shape
    expected = np.outer(counts.sum(1), counts.sum(0)) / n
    phi = ((counts - expected) ** 2 / expected).sum() / n
    phi = max(0, phi - (r - 1) * (c - 1) / (n - 1))
    r, c = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    assert cramers_v(counts) == pytest.approx(np.sqrt(phi / (min(r, c) - 1)), rel=1e-12)


@pytest.mark.parametrize(("counts", "v"), [(np.eye(4, dtype=int) * 9, 1), (np.full((3, 3), 7), 0)])
def test_the_extremes(counts, v):
    assert cramers_v(counts) == pytest.approx(v)
    assert association(counts).value == pytest.approx(v)


def test_labels_that_never_occur_change_nothing(counts):
    padded = np.zeros((6, 6), int)
    padded[1:6, :4] = counts
    assert cramers_v(padded) == cramers_v(counts)
    assert association(padded) == association(counts)


def test_a_single_class_has_no_association():
    assert association(np.array([[3, 4, 5]])) == (0, 0, 0, 0)


@pytest.mark.parametrize("planted", [0.0, 0.1, 0.25, 0.6])
def test_the_interval_covers_the_population(planted):
    rng = np.random.default_rng(0)
    found = [
        association(rng.multinomial(800, joint(planted).ravel()).reshape(5, 5), draws=300, seed=k)
        for k in range(120)
    ]
    covered = np.mean([item.low <= planted <= item.high for item in found])
    assert covered >= 0.88
    assert all(item.low <= item.value <= item.high for item in found)
    # the correction is needed: the plain V is too large on average, the corrected one is not
    assert np.mean([item.value for item in found]) == pytest.approx(planted, abs=0.025)
    assert np.mean([item.plain for item in found]) > np.mean([item.value for item in found])
    assert np.mean([item.high - item.low for item in found]) < 0.2


def test_the_interval_depends_on_its_seed_alone(counts):
    assert association(counts, seed=1) == association(counts, seed=1)
    assert association(counts, seed=1) != association(counts, seed=2)
