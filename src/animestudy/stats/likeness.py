"""How alike two representations of the same pictures are, without what dimension and sample size feign."""

import numpy as np


def debiased_cka(first: np.ndarray, second: np.ndarray) -> float:
    """Linear centred kernel alignment of N×D and N×E features, debiased: 0 for unrelated ones, 1 for equal.

    The plain measure of unrelated noise grows with the number of features (0.7 for 200 pictures and 512
    features); here the HSIC estimator of Song et al. 2012 stands in it (Murphy et al. 2024). May be negative.
    """
    one, other = (_kernel(np.asarray(values, float)) for values in (first, second))
    return float(_hsic(one, other) / np.sqrt(_hsic(one, one) * _hsic(other, other)))


def held_out_cca(
    first: np.ndarray, second: np.ndarray, components: int = 10, pairs: int = 4, seed: int = 0
) -> float:
    """Mean correlation of the first canonical pairs on pictures that they were not fitted on.

    Both are reduced to their principal `components` and whitened on a random half of the N pictures; the
    canonical directions come from that half, the correlations from the other.
    """
    lot = np.random.default_rng(seed).permutation(len(first))
    fit, rest = np.array_split(lot, 2)
    one, other = (_whitened(np.asarray(values, float), fit, components) for values in (first, second))
    left, _, right = np.linalg.svd(one[fit].T @ other[fit] / len(fit), full_matrices=False)
    found = [np.corrcoef(one[rest] @ left[:, k], other[rest] @ right[k])[0, 1] for k in range(pairs)]
    return float(np.mean(found))


def _kernel(values: np.ndarray) -> np.ndarray:
    values = values - values.mean(0)
    kernel = values @ values.T
    np.fill_diagonal(kernel, 0)
    return kernel


def _hsic(one: np.ndarray, other: np.ndarray) -> float:
    n = len(one)
    whole = one.sum() * other.sum() / ((n - 1) * (n - 2))
    return (one * other).sum() + whole - 2 / (n - 2) * one.sum(0) @ other.sum(0)


def _whitened(values: np.ndarray, fit: np.ndarray, components: int) -> np.ndarray:
    values = values - values[fit].mean(0)
    _, spread, axes = np.linalg.svd(values[fit], full_matrices=False)
    kept = min(components, int((spread > 1e-9 * spread[0]).sum()))
    return values @ axes[:kept].T / (spread[:kept] / np.sqrt(len(fit)))
