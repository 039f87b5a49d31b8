"""Kernel distance (KID) of two sets of pictures, from their features.

Bińkowski et al. 2018, "Demystifying MMD GANs": the squared maximum mean discrepancy under the kernel
k(x, y) = (x·y/D + 1)³, by its unbiased estimator, which unlike FID's does not depend on the number of
pictures and may fall below 0. Their features are Inception's; here the network is a parameter, so channels
are brought to one size first (`embedding.Scale`): the kernel has no unit of its own. Values of two networks
cannot be compared. Usually quoted ×100.
"""

import numpy as np

from animestudy.stats.trends import RESAMPLES, Estimate, middle


def kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """n×D and m×D features → n×m."""
    return (one @ other.T / one.shape[1] + 1) ** 3


def sums(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kernels within `one`, within `other` and across; no picture stands beside itself."""
    own, theirs = kernel(one, one), kernel(other, other)
    for matrix in (own, theirs):
        np.fill_diagonal(matrix, 0)
    return own, theirs, kernel(one, other)


def mmd(one: np.ndarray, other: np.ndarray) -> float:
    """Unbiased MMD² of n×D and m×D features; needs two of each."""
    n, m = len(one), len(other)
    if min(n, m) < 2:
        raise ValueError(f"{n} and {m} pictures: two of each are needed")
    own, theirs, cross = sums(one, other)
    return float(own.sum() / (n * (n - 1)) + theirs.sum() / (m * (m - 1)) - 2 * cross.mean())


def contributions(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """What each of the n pictures of `one` adds to the MMD²: n values, whose mean is exactly `mmd` (n ≥ 3).

    They are the jackknife's pseudo-values n·U − (n − 1)·U₋ᵢ, so the spread of their mean is that of the MMD²
    over the choice of these pictures (Efron & Stein 1981); `other` stays as it is.
    """
    n, m = len(one), len(other)
    if n < 3 or m < 2:
        raise ValueError(f"{n} and {m} pictures: three and two at least are needed")
    own, theirs, cross = sums(one, other)
    row, total = own.sum(1), own.sum()
    within = total / (n - 1) - (total - 2 * row) / (n - 2)
    return within - 2 * cross.mean(1) + theirs.sum() / (m * (m - 1))


def kid(one: np.ndarray, other: np.ndarray, seed: int = 0) -> Estimate:
    """MMD² × 100 with a bootstrap interval that draws the pictures of both sets anew.

    A picture that is drawn twice does not count as a pair with itself, which would pull the MMD² up.
    """
    value = mmd(one, other)
    rng = np.random.default_rng(seed)
    own, theirs, cross = sums(one, other)
    drawn = []
    for matrix in (own, theirs):
        count = len(matrix)
        weight = rng.multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(float)
        pairs = count**2 - (weight**2).sum(1)  # without those of a picture and its own copies
        within = np.einsum("bi,bi->b", weight @ matrix, weight)
        drawn.append((weight / count, np.divide(within, pairs, out=np.zeros(RESAMPLES), where=pairs > 0)))
    (a, within_a), (b, within_b) = drawn
    redrawn = within_a + within_b - 2 * np.einsum("bi,bi->b", a @ cross, b)
    return Estimate(value, *middle(redrawn)).scaled(100)


def floor(features: np.ndarray, splits: int = 20, seed: int = 0) -> float:
    """The largest 5 % that chance alone gives: MMD² × 100 between random halves of one set, 95th percentile.

    The mean between halves is 0, so what a translator reaches is read against this.
    """
    rng = np.random.default_rng(seed)
    half = len(features) // 2
    orders = [rng.permutation(len(features)) for _ in range(splits)]
    return 100 * float(np.quantile([mmd(features[o[:half]], features[o[half:]]) for o in orders], 0.95))
