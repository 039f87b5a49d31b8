"""What a classifier says of picture files, batch by batch: memory does not grow with their number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from torch import nn

from animestudy.data import pool
from animestudy.data.decode import Outcome
from animestudy.data.gather import Found
from animestudy.models.weights import Classifier
from animestudy.training import origin
from animestudy.training.classifier import resized
from animestudy.training.finetune import several


@dataclass(frozen=True)
class Answer:
    """What became of one picture: probabilities, or a fault that says why there are none."""

    found: Found
    fault: str = ""
    square: np.ndarray | None = None  # S×S×3 uint8, as the network saw it
    probabilities: np.ndarray | None = None  # classes, float32, sum 1; mean over several views of it
    size: tuple[int, int] = (0, 0)  # width and height of the upright picture in pixels

    @property
    def best(self) -> int:
        """The likeliest class."""
        return int(np.argmax(self.probabilities))


def answers(
    found: Sequence[Found], network: nn.Module, told: Classifier, batch: int, workers: int = 0
) -> Iterator[list[Answer]]:
    """The answers to all pictures in order, in lists of `batch`.

    Files become pictures as those of the training did (`origin.form`). The network is in evaluation mode, so
    an answer does not depend on the other pictures of its batch. workers: processes that decode.
    """
    outcomes = pool.outcomes([one.path for one in found], origin.form(told), workers)
    part: list[tuple[Found, Outcome]] = []
    for pair in zip(found, outcomes, strict=True):
        part.append(pair)
        if len(part) == batch:
            yield judged(part, network, told)
            part = []
    if part:
        yield judged(part, network, told)


def judged(part: Sequence[tuple[Found, Outcome]], network: nn.Module, told: Classifier) -> list[Answer]:
    """The answers to one batch of decoded files."""
    pixels = [outcome.pixels for _, outcome in part if outcome.pixels is not None]
    small = resized(np.stack(pixels), told.size) if pixels else []
    results = zip(small, several(network, told, small), strict=True) if pixels else iter(())
    return [
        Answer(found, outcome.note)
        if outcome.pixels is None
        else Answer(found, "", *next(results), (outcome.width, outcome.height))
        for found, outcome in part
    ]
