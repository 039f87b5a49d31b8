"""Association of two labels that were read by classifiers, corrected for what the classifiers get wrong.

Two classifiers of one picture are wrong together: both see the same pixels, and one may have learnt to use
what the other is asked for. So the association of their answers is not that of the truth, weaker or stronger,
and may be there where the truth has none. Estimators, from what a study can know: *labelled* pictures, whose
truth is known besides the answers, and *unlabelled* ones.

`answers`   the table of the answers, as if they were the truth
`inverted`  each classifier's confusion matrix inverted, P = C₁⁻ᵀ Q C₂⁻¹: right where the errors of the two
            are independent given the truth, and the confusion is the same in both collections
`unmixed`   the mixture of the joint class (pairs of labels) that explains the answers best, by EM from the
            joint confusion (Saerens et al. 2002, Neural Computation 14:21–41): no independence needed, but as
            many unknown shares as pairs
`doubled`   double sampling (Tenenbein 1970, J. American Statistical Association 65:1350–1361): the truth of
            labelled pictures with these answers, weighted by how often all pictures get them. Needs labelled
            pictures drawn from the same population, and nothing else

All take counts with any leading axes, so that a bootstrap is one call: labelled …×K×L×K×L (true first label,
true second, answered first, answered second), unlabelled …×K×L; they return shares …×K×L.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from animestudy.stats.association import phi_squared

Method = Callable[[np.ndarray, np.ndarray], np.ndarray]


class Corrected(NamedTuple):
    """V with its 95 % interval."""

    value: float
    low: float
    high: float


def counted(*labels: Sequence[int], sizes: Sequence[int]) -> np.ndarray:
    """Counts of the combinations of labels (positions of classes), of shape `sizes`."""
    flat = np.ravel_multi_index([np.asarray(one, int) for one in labels], sizes)
    return np.bincount(flat, minlength=int(np.prod(sizes))).reshape(sizes)


def answers(labelled: np.ndarray, unlabelled: np.ndarray) -> np.ndarray:
    """The answers taken for the truth."""
    return _shares(labelled.sum((-4, -3)) + unlabelled)


def inverted(labelled: np.ndarray, unlabelled: np.ndarray) -> np.ndarray:
    """The answers to the unlabelled pictures through both inverted confusion matrices, cut at 0."""
    first, second = (_rows(part) for part in (labelled.sum((-3, -1)), labelled.sum((-4, -2))))
    found = _transposed(np.linalg.pinv(first)) @ _shares(unlabelled) @ np.linalg.pinv(second)
    return _shares(np.clip(found, 0, None))


def unmixed(labelled: np.ndarray, unlabelled: np.ndarray, rounds: int = 100) -> np.ndarray:
    """The shares of the joint class that make the answers to the unlabelled pictures likeliest."""
    size = labelled.shape[-2:]
    pairs = int(np.prod(size))
    mixing = _rows(labelled.reshape(*labelled.shape[:-4], pairs, pairs))
    told = _shares(unlabelled).reshape(*unlabelled.shape[:-2], 1, pairs)
    found = np.full((*mixing.shape[:-2], 1, pairs), 1 / pairs)
    for _ in range(rounds):
        expected = found @ mixing
        ratio = np.divide(told, expected, out=np.zeros(expected.shape), where=expected > 0)
        found = found * (ratio @ _transposed(mixing))
    return _shares(found.reshape(*found.shape[:-2], *size))


def doubled(labelled: np.ndarray, unlabelled: np.ndarray) -> np.ndarray:
    """Double sampling; answers that no labelled picture got are taken to mean what all labelled ones are."""
    size = labelled.shape[-4:-2]
    pairs = int(np.prod(size))
    counts = labelled.reshape(*labelled.shape[:-4], pairs, pairs)
    truth = _transposed(counts) / np.maximum(_transposed(counts).sum(-1, keepdims=True), 1)
    overall = _shares(labelled.sum((-2, -1))).reshape(*counts.shape[:-2], 1, pairs)
    blind = (counts.sum(-2) == 0)[..., None] * overall
    told = answers(labelled, unlabelled).reshape(*counts.shape[:-2], 1, pairs)
    return _shares((told @ (truth + blind)).reshape(*counts.shape[:-2], *size))


def labels_alone(labelled: np.ndarray, unlabelled: np.ndarray) -> np.ndarray:
    """The truth of the labelled pictures, the classifiers left out: what a correction has to beat."""
    return _shares(labelled.sum((-2, -1)))


METHODS: dict[str, Method] = {
    "answers": answers,
    "inverted": inverted,
    "unmixed": unmixed,
    "doubled": doubled,
    "labels alone": labels_alone,
}


def corrected(
    method: Method, labelled: np.ndarray, unlabelled: np.ndarray, draws: int = 200, seed: int = 0
) -> Corrected:
    """V by `method` with a bootstrap interval over pictures, labelled and unlabelled ones redrawn together.

    The basic bootstrap on φ², as `association.association` does it: noise makes every φ² too large, the
    redrawn one by as much again, so the mean excess is taken off the value as well. `labelled` and
    `unlabelled` are counts without leading axes; the interval is cut at 0 and 1.
    """
    rng = np.random.default_rng(seed)
    redrawn = [_redrawn(counts, draws, rng) for counts in (labelled, unlabelled)]
    observed = phi_squared(method(labelled, unlabelled))
    error = phi_squared(method(*redrawn)) - observed
    most = min(labelled.shape[:2]) - 1
    bounds = np.array([error.mean(), *np.quantile(error, [0.975, 0.025])])
    return Corrected(*(float(v) for v in np.sqrt(np.clip((observed - bounds) / most, 0, 1))))


def apart(labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """4×N labels (true, true, answered, answered) with independent errors.

    Each classifier's answers are dealt out anew among the pictures of one true label, so its confusion stays
    and what the two have in common beyond the truth is gone.
    """
    rng = np.random.default_rng(seed)
    found = np.array(labels)
    for true, told in ((0, 2), (1, 3)):
        for name in np.unique(found[true]):
            rows = np.flatnonzero(found[true] == name)
            found[told, rows] = found[told, rng.permutation(rows)]
    return found


def simulated(
    labels: np.ndarray,
    shares: np.ndarray,
    works: int,
    known: int,
    methods: dict[str, Method],
    draws: int,
    resamples: int,
    seed: int = 0,
) -> np.ndarray:
    """Many studies of `works` pictures, of which `known` are labelled: draws×methods×(V, low, high).

    labels: 4×N of real pictures with real answers, from which those of a study are drawn with replacement so
    that the pairs of true labels have the given `shares` (K×L).
    """
    rng = np.random.default_rng(seed)
    size = shares.shape
    pair = np.ravel_multi_index(labels[:2], size)
    pools = [np.flatnonzero(pair == k) for k in range(shares.size)]
    found = np.empty((draws, len(methods), 3))
    for draw in range(draws):
        wanted = rng.multinomial(works, shares.ravel())
        rows = rng.permutation(np.concatenate([rng.choice(p, n) for p, n in zip(pools, wanted, strict=True)]))
        labelled = counted(*labels[:, rows[:known]], sizes=size + size)
        unlabelled = counted(*labels[2:, rows[known:]], sizes=size)
        for k, method in enumerate(methods.values()):
            found[draw, k] = corrected(method, labelled, unlabelled, resamples, seed=draw)
    return found


def _redrawn(counts: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    total = int(counts.sum())
    if not total:
        return np.zeros((draws, *counts.shape), int)
    return rng.multinomial(total, counts.ravel() / total, draws).reshape(draws, *counts.shape)


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts / np.maximum(counts.sum((-2, -1), keepdims=True), 1e-12)


def _rows(counts: np.ndarray) -> np.ndarray:
    """Each row as shares; a class without a labelled picture is taken to be answered evenly."""
    total = counts.sum(-1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), 1 / counts.shape[-1])


def _transposed(matrix: np.ndarray) -> np.ndarray:
    return np.swapaxes(matrix, -1, -2)
