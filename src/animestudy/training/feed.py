"""Batches for the translators: what is drawn at a step depends on the seed and the step alone.

So a run that is taken up again at step k sees what it would have seen, and nothing has to be stored for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from animestudy import progress
from animestudy.data.tensors import to_tensor
from animestudy.errors import StudyError
from animestudy.losses import NEGATIVES
from animestudy.losses.colour_block import superpixels


@dataclass
class Feed:
    """Random crops, flipped half of the time, of photographs and, independently, of drawings."""

    source: np.ndarray  # N×H×W×3 uint8, photographs
    target: np.ndarray  # M×H×W×3 uint8, drawings
    crop: int
    batch: int
    seed: int
    negatives: Sequence[str] = ()  # names of losses.NEGATIVES, made from the drawings
    regions: np.ndarray | None = field(default=None, repr=False)  # N×H×W, from `segment`

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
        """`source`, `target` and each negative, N×3×crop×crop; `regions`, N×crop×crop int64."""
        at = self.places("source", step)
        target = self.cut(self.target, self.places("target", step))
        batch = {"source": to_tensor(self.cut(self.source, at)), "target": to_tensor(target)}
        batch |= {name: to_tensor(NEGATIVES[name](target)) for name in self.negatives}
        if self.regions is not None:
            batch["regions"] = torch.from_numpy(self.cut(self.regions, at).astype(np.int64))
        return batch


def segment(images: np.ndarray, description: str = "superpixels") -> np.ndarray:
    """Superpixels of every picture, N×H×W uint16 (int32 where a picture has more regions than that holds)."""
    labels = [superpixels(image) for image in progress.bar(images, description=description, unit="picture")]
    largest = max(int(label.max()) for label in labels)
    return np.stack(labels).astype(np.uint16 if largest < 2**16 else np.int32)
