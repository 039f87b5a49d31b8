"""Linear probes: how well a factor of a picture can be read off a layer (Alain and Bengio 2017).

A probe is ridge regression on standardised features, on the values of a factor or on one column for each of
its categories (the largest answer counts). Nothing is judged on the pictures that it was fitted on: every
picture is predicted by the probe of the folds that it is not in. What is kept is the *loss of every picture*,
so that probes are compared on the same resampled pictures.

The *skill* of a probe is 1 − loss/blind loss, where the blind answer is the commonest category or the mean: 1
for no error, 0 for no better than blind. For numbers it is R² out of sample; for categories it is accuracy
above the majority class as a share of what there was to gain. So all factors have one scale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from animestudy.errors import StudyError
from animestudy.stats.trends import Estimate, middle, resampled

PENALTIES = np.geomspace(1, 1e5, 6)  # of the ridge; chosen for every target by leave-one-out in its folds


def columns(values: np.ndarray) -> np.ndarray:
    """A factor as what a probe is to answer: N×1 standardised numbers, or N×K of 0 and 1 for K categories."""
    if values.dtype.kind in "US":
        return (values[:, None] == np.unique(values)).astype(float)
    return ((values - values.mean()) / values.std())[:, None]


def apart(factors: Mapping[str, np.ndarray], labels: np.ndarray) -> dict[str, np.ndarray]:
    """The numbers among the factors less the mean of their label's pictures; categories stay as they are.

    What a probe reads of these it has not got from knowing the label (N words) alone.
    """
    found = dict(factors)
    for name, values in factors.items():
        if values.dtype.kind not in "US":
            found[name] = values - sum((labels == k) * values[labels == k].mean() for k in np.unique(labels))
    return found


def thumbnails(pictures: np.ndarray, side: int = 12) -> np.ndarray:
    """The features of a probe that sees pixels alone: N×S×S×3 uint8 → N×(3·side²), block means.

    The picture is cut to a multiple of `side` pixels.
    """
    step = pictures.shape[1] // side
    if not step:
        raise StudyError(f"pictures of {pictures.shape[1]} pixels have no {side}×{side} blocks")
    cut = np.asarray(pictures[:, : step * side, : step * side], np.float32)
    return cut.reshape(len(cut), side, step, side, step, 3).mean((2, 4)).reshape(len(cut), -1)


def losses(features: np.ndarray, factors: Mapping[str, np.ndarray], folds: int, seed: int) -> np.ndarray:
    """The loss of every picture out of its fold: factors×N.

    features: N×F; with F = 0 the answer is blind. factors: by name, N numbers or N words.
    The loss is 0 or 1 for categories (right, wrong) and the squared error for numbers, in units of the
    factor's variance.
    """
    if not 2 <= folds <= len(features):
        raise StudyError(f"{len(features)} pictures cannot be parted into {folds} folds")
    wanted = [columns(values) for values in factors.values()]
    targets = np.concatenate(wanted, 1)
    answers = np.empty_like(targets)
    for fit, rest in KFold(folds, shuffle=True, random_state=seed).split(targets):
        answers[rest] = _answers(features[fit], targets[fit], features[rest])
    ends = np.cumsum([target.shape[1] for target in wanted])[:-1]
    return np.stack([_loss(*pair) for pair in zip(np.split(answers, ends, 1), wanted, strict=True)])


def _answers(fit: np.ndarray, targets: np.ndarray, rest: np.ndarray) -> np.ndarray:
    if not fit.shape[1]:
        return np.broadcast_to(targets.mean(0), (len(rest), targets.shape[1]))
    scaler = StandardScaler().fit(fit.astype(float))
    probe = RidgeCV(PENALTIES, alpha_per_target=True).fit(scaler.transform(fit), targets)
    return probe.predict(scaler.transform(rest))


def _loss(answer: np.ndarray, target: np.ndarray) -> np.ndarray:
    if target.shape[1] > 1:
        return (answer.argmax(1) != target.argmax(1)).astype(float)
    return (answer[:, 0] - target[:, 0]) ** 2


@dataclass(frozen=True)
class Readings:
    """How well probes read factors off features, with the same on resampled pictures."""

    sources: tuple[str, ...]  # what the features are of: layers, controls
    factors: tuple[str, ...]
    skills: np.ndarray  # sources×factors
    drawn: np.ndarray  # sources×factors×`trends.RESAMPLES`, the same pictures for all

    def _places(self, sources: Sequence[str], factors: Sequence[str]) -> tuple[np.ndarray, ...]:
        return np.ix_([self.sources.index(s) for s in sources], [self.factors.index(f) for f in factors])

    def of(self, sources: Sequence[str], factors: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Mean skill over `factors` of each source, and its resamples: S, S×RESAMPLES."""
        places = self._places(sources, factors)
        return self.skills[places].mean(1), self.drawn[places].mean(1)

    def estimate(self, source: str, *factors: str) -> Estimate:
        """The mean skill over factors with its interval over pictures."""
        values, drawn = self.of([source], factors)
        return Estimate(float(values[0]), *middle(drawn[0]))

    def gain(self, source: str, other: str, *factors: str) -> Estimate:
        """What `source` reads better than `other`: the paired difference of their skills."""
        values, drawn = self.of([source, other], factors)
        return Estimate(float(values[0] - values[1]), *middle(drawn[0] - drawn[1]))

    def best(self, layers: Sequence[str], *factors: str) -> list[str]:
        """The layer that reads the factors best and, behind it, those not measurably worse.

        A layer is not measurably worse where the interval of the paired difference reaches 0.
        """
        first = layers[int(np.argmax(self.of(layers, factors)[0]))]
        return [first, *(k for k in layers if k != first and self.gain(first, k, *factors).low <= 0)]

    def earlier(self, layers: Sequence[str], first: Sequence[str], second: Sequence[str]) -> float:
        """Share of resamples in which `first` is read best in an earlier layer than `second`, ties half.

        layers: from shallow to deep; the others are lists of factors.
        """
        one, other = (self.of(layers, factors)[1].argmax(0) for factors in (first, second))
        return float(np.mean(one < other) + np.mean(one == other) / 2)


def readings(
    features: Mapping[str, np.ndarray], factors: Mapping[str, np.ndarray], folds: int, seed: int
) -> Readings:
    """Probe every source (N×F features by name) for every factor (N numbers or words by name)."""
    found = np.stack([losses(values, factors, folds, seed) for values in features.values()])
    blind = losses(np.empty((found.shape[-1], 0)), factors, folds, seed)
    weights = resampled(found.shape[-1], np.random.default_rng(seed))
    skills = 1 - found.mean(-1) / blind.mean(-1)
    drawn = 1 - (found @ weights.T) / (blind @ weights.T)
    return Readings(tuple(features), tuple(factors), skills, drawn)
