"""Batches for the translators: what is drawn at a step depends on the seed and the step alone.

So a run that is taken up again at step k sees what it would have seen, and nothing has to be stored for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from animestudy.data.tensors import to_tensor
from animestudy.errors import StudyError
from animestudy.losses import NEGATIVES


@dataclass
class Feed:
    """Random crops, flipped half of the time, of photographs and, independently, of drawings."""

    source: np.ndarray  # N×H×W×3 uint8, photographs
    target: np.ndarray  # M×H×W×3 uint8, drawings
    crop: int
    batch: int
    seed: int
    negatives: Sequence[str] = ()  # names of losses.NEGATIVES, made from the drawings

    def __post_init__(self) -> None:
        for name in ("source", "target"):
            images = getattr(self, name)
            if len(images) == 0:
                raise StudyError(
                    f"{name}: no training pictures; check the collection, its splits and the style"
                )
            if (side := min(images.shape[1:3])) < self.crop:
                raise StudyError(f"crop = {self.crop}: the {name} pictures have only {side} pixels a side")

    def rng(self, purpose: str, step: int) -> np.random.Generator:
        """An independent stream for each purpose and step."""
        return np.random.default_rng([self.seed, step, *purpose.encode()])

    def places(self, name: str, step: int) -> list[tuple[int, slice, slice, int]]:
        """Which picture, rows, columns and direction (1, or −1 for mirrored) make a batch."""
        images, rng = getattr(self, name), self.rng(name, step)
        height, width = images.shape[1:3]
        chosen = []
        for _ in range(self.batch):
            k = rng.integers(len(images))
            y, x = rng.integers(height - self.crop + 1), rng.integers(width - self.crop + 1)
            chosen.append((k, slice(y, y + self.crop), slice(x, x + self.crop), 1 - 2 * rng.integers(2)))
        return chosen

    @staticmethod
    def cut(images: np.ndarray, places: list[tuple[int, slice, slice, int]]) -> np.ndarray:
        """The crops at `places`: batch×crop×crop×…."""
        return np.stack([images[k][rows, columns][:, ::way] for k, rows, columns, way in places])

    def __call__(self, step: int) -> dict[str, Tensor]:
        """`source`, `target` and each negative, N×3×crop×crop."""
        source = self.cut(self.source, self.places("source", step))
        target = self.cut(self.target, self.places("target", step))
        batch = {"source": to_tensor(source), "target": to_tensor(target)}
        return batch | {name: to_tensor(NEGATIVES[name](target)) for name in self.negatives}
