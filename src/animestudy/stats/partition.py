"""How much of what varies lies between painters, how much between styles, how much within a painter's works.

Variance components by the method of moments (Searle, Casella and McCulloch 1992, chapter 3 and appendix F),
which needs no normal distribution and takes groups of any sizes. Values may have several columns (shares of
votes): their variances are added up. Intervals redraw whole painters, never single works.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from animestudy.stats.trends import Estimate, middle

DRAWS = 1000


class Sums(NamedTuple):
    """Of each group (J of them): number J, mean J×D, squares about it J, the place of its class J."""

    count: np.ndarray
    mean: np.ndarray
    within: np.ndarray
    above: np.ndarray  # position of the class (style) that the group lies in


class Parts(NamedTuple):
    """Shares of the variance, each with its 95 % interval; they add up to 1."""

    above: Estimate  # between classes (styles)
    group: Estimate  # between groups (painters) of one class
    rest: Estimate  # between works of one group, the raters' noise included


def sums(values: np.ndarray, groups: Sequence[str], above: Sequence[str] | None = None) -> Sums:
    """Gather N×D values (or N) by group; a group that lies in two classes counts as two groups."""
    values = np.asarray(values, float).reshape(len(groups), -1)
    above = np.asarray(["" for _ in groups] if above is None else above, str)
    classes, upper = np.unique(above, return_inverse=True)
    _, own = np.unique(np.asarray(groups, str), return_inverse=True)
    pairs, place = np.unique(own * len(classes) + upper, return_inverse=True)
    count = np.bincount(place)
    mean = np.stack([np.bincount(place, column) for column in values.T], 1) / count[:, None]
    within = np.bincount(place, ((values - mean[place]) ** 2).sum(1))
    return Sums(count.astype(float), mean, within, pairs % len(classes))


def components(found: Sums, weights: np.ndarray | None = None) -> np.ndarray:
    """Variances between classes, between groups of a class, within groups: …×3, none below 0.

    weights: how often each group was drawn, …×J (a bootstrap); once each if not given. With one class the
    first is 0.
    """
    weights = np.ones(len(found.count)) if weights is None else np.asarray(weights, float)
    inside = (found.above[:, None] == np.arange(found.above.max() + 1)).astype(float)  # J×I
    size = weights * found.count
    total, per_class = size.sum(-1), size @ inside
    met = per_class > 0
    classes, groups = met.sum(-1), weights.sum(-1)
    filled = np.where(met, per_class, 1)
    means = np.einsum("...j,ji,jd->...id", size, inside, found.mean) / filled[..., None]
    grand = np.einsum("...j,jd->...d", size, found.mean) / total[..., None]
    squares = np.einsum("...j,jd->...", size, found.mean**2)
    class_squares = (per_class * (means**2).sum(-1)).sum(-1)
    between_groups = squares - class_squares
    between_classes = class_squares - total * (grand**2).sum(-1)
    error = (weights * found.within).sum(-1) / np.maximum(total - groups, 1)
    second = (weights * found.count**2) @ inside  # Σ n² of each class
    nested = (second / filled).sum(-1)
    first = (total - nested) / np.maximum(groups - classes, 1)
    group = (between_groups / np.maximum(groups - classes, 1) - error) / np.maximum(first, 1e-12)
    group = np.clip(np.where(groups > classes, group, 0), 0, None)
    spread = np.maximum(classes - 1, 1)
    lower = (nested - second.sum(-1) / total) / spread
    upper = (total - (per_class**2).sum(-1) / total) / spread
    above = (between_classes / spread - error - lower * group) / np.maximum(upper, 1e-12)
    above = np.clip(np.where(classes > 1, above, 0), 0, None)
    return np.stack([above, group, error], -1)


def partition(found: Sums, draws: int = DRAWS, seed: int = 0) -> Parts:
    """The shares of the three variances with intervals over redrawn groups."""
    rng = np.random.default_rng(seed)
    number = len(found.count)
    weights = rng.multinomial(number, np.full(number, 1 / number), draws)
    values, drawn = (_shared(components(found, part)) for part in (None, weights))
    return Parts(*(Estimate(float(v), *middle(d)) for v, d in zip(values, drawn.T, strict=True)))


def p_of_groups(values: np.ndarray, groups: Sequence[str], permutations: int = DRAWS, seed: int = 0) -> float:
    """p that works of one group are no more alike than works of any: values are dealt out anew."""
    values = np.asarray(values, float).reshape(len(groups), -1)
    rng = np.random.default_rng(seed)
    _, place = np.unique(np.asarray(groups, str), return_inverse=True)
    count = np.bincount(place)

    def between(values: np.ndarray) -> float:
        mean = np.stack([np.bincount(place, column) for column in values.T], 1) / count[:, None]
        return float((count[:, None] * mean**2).sum())

    observed = between(values)
    dealt = [between(values[rng.permutation(len(values))]) for _ in range(permutations)]
    return (1 + sum(one >= observed - 1e-12 for one in dealt)) / (1 + permutations)


def _shared(variances: np.ndarray) -> np.ndarray:
    return variances / np.maximum(variances.sum(-1, keepdims=True), 1e-12)


def explained(values: np.ndarray, labels: Sequence[str], draws: int = DRAWS, seed: int = 0) -> Estimate:
    """Share of the variance of N×D values (or N) that lies between labels (ω²), interval over items.

    ω² = (SSB − (K−1)·MSW) / (SST + MSW): the sample's own noise is taken off, so it may fall below 0.
    """
    values = np.asarray(values, float).reshape(len(labels), -1)
    values = values - values.mean(0)
    _, place = np.unique(np.asarray(labels, str), return_inverse=True)
    inside = np.eye(place.max() + 1)[place]
    rng = np.random.default_rng(seed)
    number = len(values)
    drawn = _omega(rng.multinomial(number, np.full(number, 1 / number), draws), values, inside)
    value = float(_omega(np.ones((1, number)), values, inside)[0])
    low, high = middle(
        drawn - drawn.mean() + value
    )  # redrawn items look more alike within labels than they are
    return Estimate(value, low, high)


def _omega(weights: np.ndarray, values: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """ω² for each row of weights B×N."""
    count = weights @ inside
    sums = np.stack([weights @ (inside * column[:, None]) for column in values.T], -1)  # B×K×D
    total = weights.sum(1)
    squares = weights @ (values**2).sum(1)
    grand = (sums.sum(1) ** 2).sum(-1) / total
    between = ((sums**2).sum(-1) / np.maximum(count, 1)).sum(1) - grand
    kinds = (count > 0).sum(1)
    error = (squares - grand - between) / (total - kinds)
    return (between - (kinds - 1) * error) / (squares - grand + error)
