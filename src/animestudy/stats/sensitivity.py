"""Second opinions: another test of a trend, and whether "no difference" can be claimed at all."""

from typing import NamedTuple

import numpy as np
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

PERMUTATIONS = 10_000


class Ordered(NamedTuple):
    """Jonckheere's J, larger than `expected` where the levels rise; one-sided p."""

    statistic: float
    expected: float
    p: float


class Equivalence(NamedTuple):
    """A paired difference with its 90 % interval, and the p of "it is not within the margin"."""

    value: float
    low: float
    high: float
    p: float


def jonckheere(table: np.ndarray, seed: int = 0) -> Ordered:
    """The test of Jonckheere and Terpstra that the columns of `table` (seeds × levels) rise.

    Unlike Page's it knows no blocks: all values of a level are compared with all of every later one, J counts
    the pairs that rise, ties half. p by permutation of all values over the table.
    """
    values = np.asarray(table, float)
    seeds, levels = values.shape
    later = np.triu(np.ones((levels, levels)), 1)

    def count(tables: np.ndarray) -> np.ndarray:
        rises = np.sign(tables[:, None, :, None, :] - tables[:, :, None, :, None])  # seed, seed, level, level
        return ((rises + 1) / 2 * later).sum((1, 2, 3, 4))

    rng = np.random.default_rng(seed)
    found = count(values[None])[0]
    as_large = 0
    for _ in range(PERMUTATIONS // 500):
        drawn = rng.permuted(np.tile(values.ravel(), (500, 1)), axis=1).reshape(-1, seeds, levels)
        as_large += int((count(drawn) >= found - 1e-9).sum())
    return Ordered(float(found), seeds**2 * levels * (levels - 1) / 4, (1 + as_large) / (1 + PERMUTATIONS))


def equivalent(first: np.ndarray, second: np.ndarray, margin: float) -> Equivalence:
    """Two one-sided t-tests (TOST) that `first` and `second`, paired by seed, differ by less than `margin`.

    A p below 0.05 says so; it is the same as the 90 % interval within ± margin.
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    difference = first - second
    half = stats.sem(difference) * stats.t.ppf(0.95, len(difference) - 1)
    value = float(difference.mean())
    p = float(ttost_paired(first, second, -margin, margin)[0])
    return Equivalence(value, value - float(half), value + float(half), p)
