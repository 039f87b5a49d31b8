"""Votes with ties and shares; painters as blocks; cells with control of their number."""

import numpy as np
import pytest

from animestudy.stats import votes
from animestudy.stats.association import cramers_v, phi_squared


def paintings(rng, effect=0.0, painter=1.0, painters=120):
    """Labels, N×4 votes and painters: each painter has a style and, by `painter`, a liking of their own."""
    labels, ballots, who = [], [], []
    for k in range(painters):
        style = k % 3
        liking = painter * rng.normal(size=4) + effect * np.eye(4)[style]
        for _ in range(rng.integers(2, 8)):
            wish = np.exp(liking + rng.normal(size=4))
            ballots.append(rng.multinomial(10, wish / wish.sum()) / 10)
            labels.append(f"style {style}")
            who.append(f"painter {k}")
    return labels, np.array(ballots), who


def test_ties_are_split_and_shares_kept():
    given = np.array([[0.5, 0.2, 0.5], [0.1, 0.8, 0.3], [0.0, 0.0, 0.0]])
    assert votes.dominant(given)[:2] == pytest.approx(np.array([[0.5, 0, 0.5], [0, 1, 0]]))
    assert votes.shared(given)[:2] == pytest.approx(np.array([[5, 2, 5], [1, 8, 3]]) / 12)
    assert votes.shared(given)[2].tolist() == [0, 0, 0]


def test_the_table_sums_weights():
    table = votes.crossed(np.array([1, 0, 1]), np.array([[1, 0], [0.5, 0.5], [0, 1]]), 2)
    assert table.tolist() == [[0.5, 0.5], [1, 1]]


def test_residuals_are_the_textbooks():
    table = np.array([[30.0, 10.0], [20.0, 40.0]])
    expected = (30 - 20) / np.sqrt(20 * (1 - 0.4) * (1 - 0.5))
    assert votes.residuals(table)[0, 0] == pytest.approx(expected)
    assert np.abs(votes.residuals(table)) == pytest.approx(expected)


def test_a_relation_is_found_with_the_cells_that_make_it():
    labels, ballots, who = paintings(np.random.default_rng(0), effect=2.5)
    found = votes.relation(labels, votes.dominant(ballots), who, permutations=200)
    assert found.p < 0.01 and 0 < found.v.low <= found.v.value <= found.v.high
    assert (np.diag(found.cells[:, :3]) < 0.05).all() and found.table.sum() == pytest.approx(len(labels))
    assert found.painters == 120 and found.mixed == 0 and np.isnan(found.p_within)


def test_painters_likings_are_no_relation():
    """Works of one painter are alike; a test that permutes single works would call that a relation."""
    alone, blocks, cells = [], [], []
    for seed in range(40):
        labels, ballots, who = paintings(np.random.default_rng(seed), painters=40, painter=1.5)
        weights = votes.shared(ballots)
        found = votes.relation(labels, weights, who, permutations=60, seed=seed)
        blocks.append(found.p)
        cells.append((found.cells < 0.05).any())
        rng, kinds = np.random.default_rng(seed), np.unique(labels, return_inverse=True)[1]
        null = [phi_squared(votes.crossed(rng.permutation(kinds), weights, 3)) for _ in range(60)]
        alone.append(np.mean(np.array(null) >= phi_squared(found.table)))
    assert np.mean(np.array(blocks) < 0.05) <= 0.125 and np.mean(cells) <= 0.125
    assert np.mean(np.array(alone) < 0.05) > 0.5


def test_within_painters_only_what_they_do_differently_counts():
    rng = np.random.default_rng(1)
    who = np.repeat([f"p{k}" for k in range(60)], 6)
    labels = np.tile(["a", "b"], 180)
    liking = np.repeat(rng.normal(size=(60, 3)) * 3, 6, axis=0)
    own = liking + (labels == "a")[:, None] * np.array([1.5, 0, 0]) + rng.normal(size=(360, 3))
    changed = votes.relation(labels, votes.shared(np.exp(own)), who, permutations=200)
    same = votes.relation(
        labels, votes.shared(np.exp(liking + rng.normal(size=(360, 3)))), who, permutations=200
    )
    assert changed.mixed == 60 and changed.p_within < 0.01 and same.p_within > 0.05


def test_v_is_that_of_plain_labels_where_nothing_is_shared():
    rng = np.random.default_rng(2)
    first, second = np.unravel_index(rng.choice(9, 900, p=(np.eye(3) * 0.5 / 3 + 0.5 / 9).ravel()), (3, 3))
    found = votes.relation([str(k) for k in first], np.eye(3)[second], [str(k) for k in range(900)], 200)
    assert found.v.value == pytest.approx(cramers_v(votes.crossed(first, np.eye(3)[second], 3)), abs=0.01)
