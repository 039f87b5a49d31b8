"""Labels that several people gave: ties and shares kept, painters kept together.

A work is a row of weights over the answers (emotions), not one answer. Works of one painter are not
independent of each other, so nothing here permutes or redraws single works across painters.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from animestudy.stats.association import phi_squared
from animestudy.stats.trends import Estimate


class Relation(NamedTuple):
    """How strongly a label of works goes with the answers of people."""

    v: Estimate  # Cramér's V, noise taken off, interval over redrawn painters
    p: float  # that blocks of one painter and label could be labelled anyhow
    p_within: float  # the same, labels dealt out within each painter's works only; NaN if none has two labels
    painters: int
    mixed: int  # painters with works of two labels or more
    table: np.ndarray  # labels×answers: summed weights
    cells: np.ndarray  # labels×answers: p of each cell, corrected for the number of cells


def dominant(votes: np.ndarray) -> np.ndarray:
    """N×K shares of votes → weights on the answers with most votes; a tie of m gives 1/m to each."""
    votes = np.asarray(votes, float)
    top = votes >= votes.max(1, keepdims=True) - 1e-9
    return top / top.sum(1, keepdims=True)


def shared(votes: np.ndarray) -> np.ndarray:
    """N×K shares of votes → weights that add up to 1 for each work; a work without votes gets none."""
    votes = np.asarray(votes, float)
    total = votes.sum(1, keepdims=True)
    return np.divide(votes, total, out=np.zeros(votes.shape), where=total > 0)


def crossed(labels: np.ndarray, weights: np.ndarray, kinds: int) -> np.ndarray:
    """Sum of the weights of each label: N positions, N×K → kinds×K."""
    return (labels == np.arange(kinds)[:, None]).astype(float) @ weights


def residuals(table: np.ndarray) -> np.ndarray:
    """Standardised difference of each cell from what its margins predict."""
    total = table.sum()
    rows, columns = table.sum(1, keepdims=True) / total, table.sum(0, keepdims=True) / total
    spread = np.sqrt(total * rows * columns * (1 - rows) * (1 - columns))
    return (table - total * rows * columns) / np.maximum(spread, 1e-12)


def relation(
    labels: Sequence[str],
    weights: np.ndarray,
    painters: Sequence[str],
    permutations: int = 1000,
    seed: int = 0,
) -> Relation:
    """The association of N labels with N×K weights, the painter as the unit.

    The null deals the labels out among *blocks* (a painter's works of one label), so that works which were
    together stay together; its mean φ² is the noise that is taken off. Cells: the largest standardised
    difference of a permutation, over all cells, is what a cell has to beat (Westfall and Young 1993).
    """
    rng = np.random.default_rng(seed)
    kinds, label = np.unique(np.asarray(labels, str), return_inverse=True)
    _, painter = np.unique(np.asarray(painters, str), return_inverse=True)
    blocks, block = np.unique(painter * len(kinds) + label, return_inverse=True)
    summed = np.stack([np.bincount(block, column) for column in weights.T], 1)  # blocks×K
    own = blocks % len(kinds)
    table = crossed(own, summed, len(kinds))
    observed = float(phi_squared(table))
    dealt = [crossed(rng.permutation(own), summed, len(kinds)) for _ in range(permutations)]
    null = phi_squared(np.stack(dealt))
    largest = np.array([np.abs(residuals(one)).max() for one in dealt])
    cells = (1 + (largest[:, None, None] >= np.abs(residuals(table))).sum(0)) / (1 + permutations)
    noise, most = float(null.mean()), min(table.shape) - 1
    low, high = _redrawn(blocks // len(kinds), own, summed, len(kinds), observed, permutations, rng)
    bounds = np.clip((np.array([observed, low, high]) - noise) / most, 0, 1)
    mixed = pd.Series(label).groupby(painter).nunique() > 1
    inner = _within(label, weights, painter, len(kinds), permutations, rng) if mixed.any() else float("nan")
    return Relation(
        v=Estimate(*map(float, np.sqrt(bounds))),
        p=float((1 + (null >= observed).sum()) / (1 + permutations)),
        p_within=inner,
        painters=len(mixed),
        mixed=int(mixed.sum()),
        table=table,
        cells=cells,
    )


def _redrawn(
    painter: np.ndarray,
    own: np.ndarray,
    summed: np.ndarray,
    kinds: int,
    observed: float,
    draws: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Basic bootstrap bounds of φ² over painters, the redrawn noise taken off again."""
    number = int(painter.max()) + 1
    times = rng.multinomial(number, np.full(number, 1 / number), draws)[:, painter]  # draws×blocks
    inside = own == np.arange(kinds)[:, None]
    error = phi_squared(np.einsum("bj,ij,jk->bik", times, inside, summed, optimize=True)) - observed
    spread = np.quantile(error - error.mean(), [0.975, 0.025])
    return float(observed - spread[0]), float(observed - spread[1])


def _within(
    label: np.ndarray,
    weights: np.ndarray,
    painter: np.ndarray,
    kinds: int,
    permutations: int,
    rng: np.random.Generator,
) -> float:
    """p where labels are dealt out among the works of each painter.

    The statistic sums, over painters, how far the answers of a label lie from the painter's own mean; what
    distinguishes painters plays no part in it.
    """
    means = (
        np.stack([np.bincount(painter, column) for column in weights.T], 1) / np.bincount(painter)[:, None]
    )
    left = weights - means[painter]
    order = np.argsort(painter, kind="stable")

    def statistic(label: np.ndarray) -> float:
        sums = crossed(label, left, kinds)
        return float((sums**2 / np.maximum(np.bincount(label, minlength=kinds), 1)[:, None]).sum())

    observed, more = statistic(label), 0
    for _ in range(permutations):
        keys = rng.random(len(label)) + painter[order]  # sorts within each painter
        dealt = np.empty_like(label)
        dealt[order] = label[order][np.argsort(keys, kind="stable")]
        more += statistic(dealt) >= observed - 1e-12
    return (1 + more) / (1 + permutations)
