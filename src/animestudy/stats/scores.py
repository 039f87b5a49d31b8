"""How well a classifier does, with intervals over seeds and over the choice of test pictures.

Both are resampled at once (`stats.trends.two_level`): an interval over seeds alone would say how much a
training varies on these test pictures, not how good the method is on others.
"""

import numpy as np
from sklearn.metrics import f1_score

from animestudy.stats.trends import Estimate, middle, resampled, two_level


def accuracy(labels: np.ndarray, predictions: np.ndarray, seed: int = 0) -> Estimate:
    """Share of right predictions: N labels, seeds×N predictions (one row for a method without seeds)."""
    return two_level(np.atleast_2d(predictions) == labels, seed)


def macro_f1(labels: np.ndarray, predictions: np.ndarray, seed: int = 0) -> Estimate:
    """Mean over the classes of F1 = 2·hits/(predicted + present), averaged over seeds; shapes as above.

    A class that a resample does not contain is left out of that resample's mean.
    """
    predictions = np.atleast_2d(predictions)
    classes = np.unique(labels)
    value = np.mean([f1_score(labels, row, labels=classes, average="macro") for row in predictions])

    rng = np.random.default_rng(seed)
    seeds, pictures = (resampled(n, rng) for n in predictions.shape)
    present = labels[:, None] == classes  # pictures × classes
    predicted = predictions[..., None] == classes  # seeds × pictures × classes
    hits, claims, known = (
        np.tensordot(pictures, part.astype(float), (1, axis))  # resamples × seeds × classes
        for part, axis in ((predicted & present, 1), (predicted, 1), (present[None], 1))
    )
    total = claims + known
    f1 = np.divide(2 * hits, total, out=np.full(total.shape, np.nan), where=total > 0)
    return Estimate(float(value), *middle((np.nanmean(f1, 2) * seeds).sum(1)))


def confusion(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Shares of the predictions for each true class, mean over seeds: classes×classes, rows sum to 1."""
    predictions = np.atleast_2d(predictions)
    counts = np.zeros((classes, classes))
    np.add.at(counts, (np.broadcast_to(labels, predictions.shape), predictions), 1)
    total = counts.sum(1, keepdims=True)
    return np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)


def gain(labels: np.ndarray, first: np.ndarray, second: np.ndarray, seed: int = 0) -> Estimate:
    """Accuracy of `first` over `second` on the same pictures, paired by seed where both have seeds."""
    right = (np.atleast_2d(first) == labels).astype(float) - (np.atleast_2d(second) == labels)
    return two_level(right, seed)
