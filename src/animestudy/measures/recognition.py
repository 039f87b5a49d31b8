"""What a trained classifier says of converted pictures: the style they reached, the content they kept."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from animestudy.errors import StudyError
from animestudy.models import weights
from animestudy.paths import inside
from animestudy.training.classifier import predict, resized


class Recogniser:
    """A classifier of the study as a function of pictures; `file` relative to the study's root."""

    def __init__(self, file: str | Path) -> None:
        self.file = file
        self.network, self.told = weights.load(inside(file))

    def __reduce__(self) -> tuple[type["Recogniser"], tuple[str | Path]]:
        """What another process is sent is the file's name; the network has functions without a name."""
        return Recogniser, (self.file,)

    def probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """N×H×W×3 uint8 → N×classes, rows sum to 1."""
        return predict(self.network, resized(np.array(pictures), self.told.size))

    def of(self, pictures: np.ndarray, classes: Sequence[str]) -> np.ndarray:
        """Probability that a picture belongs to one of `classes`: N."""
        if unknown := sorted(set(classes) - set(self.told.classes)):
            known = ", ".join(self.told.classes)
            raise StudyError(f"{self.file}: does not know {unknown[0]!r}; it tells {known} apart")
        return self.probabilities(pictures)[:, [self.told.classes.index(name) for name in classes]].sum(1)

    def agrees(self, pictures: np.ndarray, others: np.ndarray) -> np.ndarray:
        """1 where both pictures of a pair are given the same class, else 0: N floats."""
        answers = (self.probabilities(part).argmax(1) for part in (pictures, others))
        return np.equal(*answers).astype(float)
