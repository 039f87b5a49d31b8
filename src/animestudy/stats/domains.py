"""Two sets of pictures side by side: how far apart their measurements lie, and whether a line parts them."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from statsmodels.stats.multitest import multipletests

from animestudy.stats.trends import LEVEL, Estimate

COMPONENTS = 40  # principal components of features with more dimensions than that


def effect(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
    """Cohen's d of `other` against `one`: difference of the means in pooled standard deviations."""
    n, m = one.shape[axis], other.shape[axis]
    pooled = ((n - 1) * one.var(axis, ddof=1) + (m - 1) * other.var(axis, ddof=1)) / (n + m - 2)
    return (other.mean(axis) - one.mean(axis)) / np.sqrt(np.maximum(pooled, 1e-20))


def compare(
    one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray], resamples: int = 2000, seed: int = 0
) -> pd.DataFrame:
    """Every measurement of two sets of independent pictures: name → values in, a row a name out.

    Columns: `one` and `other` (means), `d` (Cohen) with its percentile bootstrap interval `low`, `high`, and
    `p`, two-sided from permutations of the pictures between the sets, Holm-corrected over the rows.
    """
    a, b = (np.stack([np.asarray(part[name], float) for name in one]) for part in (one, other))
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(part.shape[1], size=(resamples, part.shape[1])) for part in (a, b)]
    spread = np.stack([effect(a[:, i], b[:, j]) for i, j in zip(*drawn, strict=True)])
    low, high = np.quantile(spread, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    test = stats.permutation_test(
        (a, b),
        lambda x, y, axis: y.mean(axis) - x.mean(axis),
        axis=1,
        n_resamples=resamples,
        batch=50,
        vectorized=True,
        rng=rng,
    )
    return pd.DataFrame(
        {
            "one": a.mean(1),
            "other": b.mean(1),
            "d": effect(a, b),
            "low": low,
            "high": high,
            "p": multipletests(test.pvalue, method="holm")[1],
        },
        index=pd.Index(list(one), name="measure"),
    )


def probe(
    one: np.ndarray,
    other: np.ndarray,
    groups: tuple[Sequence[str], Sequence[str]],
    *,
    folds: int = 5,
    repeats: int = 5,
    shuffle: bool = False,
    seed: int = 0,
) -> tuple[Estimate, np.ndarray]:
    """Accuracy with which a linear classifier tells two sets apart, on pictures that it has not seen.

    Args:
        one, other: features, n×K and m×K. More than `COMPONENTS` features are reduced to so many principal
            components.
        groups: of each set; a group never stands on both sides of a split.
        folds, repeats: of the cross-validation. Each repeat thins the larger set to the size of the smaller
            one, so that chance is 1/2, and deals new folds: one deal alone moves the accuracy by points.
        shuffle: in each repeat deal the labels out at random, whole groups at a time: the control that has
            to come out near 1/2.

    Returns the share of right answers with its bootstrap interval over groups, and for each picture of
    `other` how often it was recognised (NaN where it never took part).
    """
    x = np.concatenate([one, other]).astype(float)
    truth = np.repeat([0, 1], [len(one), len(other)])
    _, group = np.unique(np.concatenate([np.asarray(part, str) for part in groups]), return_inverse=True)
    rng = np.random.default_rng(seed)
    right, asked = np.zeros(len(x)), np.zeros(len(x))
    for repeat in range(repeats):
        sides = [np.flatnonzero(truth == side) for side in (0, 1)]
        rows = np.sort(np.concatenate([rng.permutation(side)[: min(map(len, sides))] for side in sides]))
        deal = rng.permutation(np.arange(group.max() + 1) % 2)
        labels = deal[group[rows]] if shuffle else truth[rows]
        splits = GroupKFold(folds, shuffle=True, random_state=seed + repeat)
        guessed = cross_val_predict(classifier(x.shape[1]), x[rows], labels, groups=group[rows], cv=splits)
        right[rows] += guessed == labels
        asked[rows] += 1
    share = np.divide(right, asked, out=np.full(len(x), np.nan), where=asked > 0)
    took = asked > 0
    return grouped(share[took], group[took], rng), share[truth == 1]


def classifier(features: int) -> Pipeline:
    """Standardised features, perhaps their principal components, logistic regression."""
    few = (
        []
        if features <= COMPONENTS
        else [PCA(COMPONENTS, svd_solver="randomized", whiten=True, random_state=0)]
    )
    return make_pipeline(StandardScaler(), *few, LogisticRegression(C=0.1, max_iter=2000))


def grouped(
    values: np.ndarray, group: np.ndarray, rng: np.random.Generator, resamples: int = 2000
) -> Estimate:
    """Mean of `values` with a percentile bootstrap interval that draws whole groups."""
    _, group = np.unique(group, return_inverse=True)
    total, size = np.bincount(group, values), np.bincount(group)
    weight = rng.multinomial(len(size), np.full(len(size), 1 / len(size)), resamples)
    low, high = np.quantile(weight @ total / (weight @ size), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(float(values.mean()), float(low), float(high))
