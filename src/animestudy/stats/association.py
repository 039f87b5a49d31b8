"""How strongly two sets of labels go together: Cramér's V without its upward bias, with an interval.

The plain V of a finite sample is too large (two unrelated five-class labels on 800 pictures give 0.07),
so every V of the study is Bergsma's: "A bias-correction for Cramér's V and Tschuprow's T", Journal of the
Korean Statistical Society 42 (2013), 323–328.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd


class Association(NamedTuple):
    """Bias-corrected V with its interval, and the plain V beside it."""

    value: float
    low: float
    high: float
    plain: float


def contingency(first: Sequence[str], second: Sequence[str]) -> np.ndarray:
    """Counts of the pairs of labels: R×C int, rows and columns in sorted order of the labels."""
    if len(first) != len(second):
        raise ValueError(f"labels of {len(first)} and {len(second)} items cannot be compared")
    return pd.crosstab(np.asarray(first), np.asarray(second)).to_numpy()


def phi_squared(counts: np.ndarray) -> np.ndarray:
    """χ²/n of contingency tables: …×R×C counts (or probabilities) → …; empty rows and columns add nothing."""
    total = counts.sum((-2, -1), keepdims=True)
    share = counts / total
    expected = share.sum(-1, keepdims=True) * share.sum(-2, keepdims=True)
    ratio = np.divide(share**2, expected, out=np.zeros(share.shape), where=expected > 0)
    return ratio.sum((-2, -1)) - 1


def cramers_v(counts: np.ndarray, corrected: bool = True) -> float:
    """Cramér's V of an R×C table, 0 … 1; with Bergsma's correction unless told otherwise.

    φ̃² = max(0, φ² − (R−1)(C−1)/(n−1)), R̃ = R − (R−1)²/(n−1), C̃ likewise, Ṽ = √(φ̃² / (min(R̃, C̃) − 1)).
    A table with fewer than two rows or columns has no association: 0.
    """
    counts = occupied(counts)
    if min(counts.shape) < 2:
        return 0.0
    phi = phi_squared(counts)
    return float(v_of(phi, counts, corrected))


def occupied(counts: np.ndarray) -> np.ndarray:
    """The table without rows and columns in which nothing was counted."""
    counts = np.asarray(counts)
    return counts[counts.sum(1) > 0][:, counts.sum(0) > 0]


def v_of(phi: np.ndarray, counts: np.ndarray, corrected: bool = True) -> np.ndarray:
    """V that belongs to φ² for a table of this shape and total."""
    rows, columns = counts.shape
    if not corrected:
        return np.sqrt(np.maximum(phi, 0) / (min(rows, columns) - 1))
    n = counts.sum() - 1
    side = min(rows - (rows - 1) ** 2 / n, columns - (columns - 1) ** 2 / n)
    return np.sqrt(np.clip((phi - (rows - 1) * (columns - 1) / n) / (side - 1), 0, 1))


def association(counts: np.ndarray, level: float = 0.95, draws: int = 2000, seed: int = 0) -> Association:
    """V of an R×C table with a bootstrap interval over items.

    The table is redrawn from its own shares `draws` times. A redrawn φ² exceeds the φ² of its source, the
    observed table, by noise of the same kind as the observed one exceeds the truth; so the interval is the
    basic one (Davison & Hinkley 1997, section 5.2) on the scale of φ², cut at 0, where plain percentiles
    of V would never reach 0.
    """
    counts = occupied(counts)
    if min(counts.shape) < 2:
        return Association(0.0, 0.0, 0.0, 0.0)
    n = counts.sum()
    observed = phi_squared(counts)
    redrawn = np.random.default_rng(seed).multinomial(n, counts.ravel() / n, draws)
    error = phi_squared(redrawn.reshape(draws, *counts.shape)) - observed
    tail = (1 - level) / 2
    # φ̃² = φ² − bias is what `v_of` corrects; the bootstrap knows the bias itself, so it is put back first
    bias = (counts.shape[0] - 1) * (counts.shape[1] - 1) / (n - 1)
    low, high = v_of(observed - np.quantile(error, [1 - tail, tail]) + bias, counts)
    return Association(
        cramers_v(counts), float(low), float(high), float(v_of(observed, counts, corrected=False))
    )
