"""Seeds as blocks: trends over an ordered factor and paired comparisons, thin over `scipy.stats`.

An interval over seeds says how much a training varies, on one set of test pictures; `two_level` also draws
the pictures anew and says how far the number may be off on others.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from scipy import stats

LEVEL = 0.95
RESAMPLES = 2000


class Estimate(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float

    def __format__(self, spec: str) -> str:
        """``f"{estimate:.1f}"`` → "70.3 [68.9, 71.8]", with a true minus sign."""
        spec = spec or ".3g"
        return f"{self.value:{spec}} [{self.low:{spec}}, {self.high:{spec}}]".replace("-", "−")

    def scaled(self, factor: float) -> "Estimate":
        """In another unit, e.g. ``scaled(100)`` for percent (a positive factor)."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


class Comparison(NamedTuple):
    """A paired difference with its 95 % interval and two-sided p."""

    value: float
    low: float
    high: float
    p: float


class Trend(NamedTuple):
    """Page's L, larger than `expected` where the levels rise as predicted; one-sided p."""

    statistic: float
    expected: float
    p: float


def mean(values: Sequence[float]) -> Estimate:
    """Mean over seeds with Student's t interval; needs two values."""
    values = _vector(values, 2)
    half = stats.sem(values) * stats.t.ppf((1 + LEVEL) / 2, len(values) - 1)
    return Estimate(float(values.mean()), float(values.mean() - half), float(values.mean() + half))


def paired(first: Sequence[float], second: Sequence[float], seed: int = 0) -> Comparison:
    """Mean of `first` − `second`, paired by position (the same seed): BCa bootstrap interval, sign-flip p.

    With n pairs the smallest two-sided p is 2^(1−n): five seeds cannot reach 0.0625. Where all differences
    are equal there is nothing to resample and the interval is that value.
    """
    first, second = _vector(first, 2), _vector(second, 2)
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} values cannot be paired")
    difference = first - second
    p = stats.permutation_test(
        (first, second),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        n_resamples=100_000,  # exact up to 16 pairs
        vectorized=True,
        rng=np.random.default_rng(seed),
    ).pvalue
    low, high = _bca(difference, seed)
    return Comparison(float(difference.mean()), low, high, float(p))


def page(table: np.ndarray) -> Trend:
    """Page's test that the columns of `table` (seeds × levels, levels in order) rise.

    Page 1963, J. American Statistical Association 58:216–230. L = Σ_j j·R_j with R_j the rank sum of level j;
    without a trend its mean is n·k·(k+1)²/4 for n seeds and k ≥ 3 levels.
    """
    table = _table(table, 3)
    n, k = table.shape
    result = stats.page_trend_test(table)
    return Trend(float(result.statistic), n * k * (k + 1) ** 2 / 4, float(result.pvalue))


def slope(table: np.ndarray, levels: Sequence[float], seed: int = 0) -> Estimate:
    """Least-squares slope of `table` (seeds × levels) over the numbers `levels`, one for each column.

    Each seed has its own slope; the interval is their BCa bootstrap.
    """
    table = _table(table, 2)
    levels = np.asarray(levels, float)
    if levels.shape != table.shape[1:] or np.ptp(levels) == 0:
        raise ValueError(f"{len(levels)} levels (not all equal) are expected for {table.shape[1]} columns")
    centred = levels - levels.mean()
    slopes = table @ centred / (centred @ centred)
    return Estimate(float(slopes.mean()), *_bca(slopes, seed))


def differences(table: np.ndarray, seed: int = 0) -> list[Comparison]:
    """Each level against the one before it, paired over seeds."""
    table = _table(table, 2)
    return [paired(table[:, j], table[:, j - 1], seed) for j in range(1, table.shape[1])]


def two_level(right: np.ndarray, seed: int = 0) -> Estimate:
    """Mean of `right` (seeds × test pictures, 1 where the prediction is right) redrawn both ways.

    Percentile bootstrap; the two are crossed, so each is drawn once a resample for the whole table. A method
    without seeds is a table of one row.
    """
    right = _table(right, 1, seeds=1).astype(float)
    # a resample is a weight for each seed and each picture: two multinomial draws and one bilinear form
    rows, columns = _crossed(right.shape, seed)
    means = np.einsum("bs,sp,bp->b", rows, right, columns, optimize=True)
    return Estimate(float(right.mean()), *middle(means))


@lru_cache(4)
def _crossed(shape: tuple[int, int], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`resampled` rows and columns of a table; kept, since one study asks for the same ones often."""
    rng = np.random.default_rng(seed)
    return resampled(shape[0], rng), resampled(shape[1], rng)


def resampled(count: int, rng: np.random.Generator) -> np.ndarray:
    """Draws with replacement, as the share of each of `count` things: `RESAMPLES`×count, rows sum to 1."""
    return rng.multinomial(count, np.full(count, 1 / count), RESAMPLES) / count


def middle(values: np.ndarray) -> tuple[float, float]:
    """The bounds of the central 95 % of resampled values."""
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _bca(values: np.ndarray, seed: int) -> tuple[float, float]:
    """Bias-corrected accelerated bootstrap interval of the mean."""
    if np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):  # rounding aside, they are one value
        return float(values.mean()), float(values.mean())
    interval = stats.bootstrap(
        (values,), np.mean, n_resamples=RESAMPLES, method="BCa", rng=np.random.default_rng(seed)
    ).confidence_interval
    return float(interval.low), float(interval.high)


def _vector(values: Sequence[float], least: int) -> np.ndarray:
    values = np.asarray(values, float)
    if values.ndim != 1 or len(values) < least or not np.isfinite(values).all():
        raise ValueError(f"at least {least} finite numbers in a row are expected, not shape {values.shape}")
    return values


def _table(table: np.ndarray, columns: int, seeds: int = 2) -> np.ndarray:
    table = np.asarray(table)
    if table.ndim != 2 or len(table) < seeds or table.shape[1] < columns or not np.isfinite(table).all():
        raise ValueError(
            f"{table.shape} is not a table of at least {seeds} seeds and {columns} columns of finite numbers"
        )
    return table
