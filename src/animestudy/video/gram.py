"""Style transfer by Gram matrices, frame by frame: what the paper calls unstable, to compare with.

Gatys, Ecker & Bethge 2016: a picture is optimised until the correlations of its features are those of a
drawing and its features stay those of the frame. Nothing is learnt and no frame knows of another. Features of
random shallow filters do as well as trained ones here (Ustyuzhaninov et al. 2017), so no file is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from animestudy.data.tensors import to_images, to_tensor
from animestudy.losses.content import Features, features
from animestudy.losses.style import gram
from animestudy.losses.variation import total_variation

Start = Literal["frame", "noise", "same noise"]


@dataclass(frozen=True)
class Transfer:
    """How a frame is optimised."""

    style: float = 1.0  # weight of the Gram term
    content: float = 0.3  # weight of the features' distance from the frame
    variation: float = 0.1  # weight of the mean difference of neighbouring pixels
    steps: int = 40  # of Adam
    rate: float = 0.05
    start: Start = "frame"  # frame: the frame itself | noise: afresh for each frame | same noise: for all


def transfer(
    frames: np.ndarray, drawing: np.ndarray, how: Transfer, seen: Features | None = None, seed: int = 0
) -> np.ndarray:
    """`frames` (T×H×W×3 uint8) in the style of `drawing` (H'×W'×3 uint8): the same shape and type.

    `seen` are the features that are compared, by default those of random shallow filters. The frames are
    optimised side by side; their terms are added up, so that none of them influences another.
    """
    seen = seen or features("random")
    x = to_tensor(frames)
    with torch.no_grad():
        aim = [gram(part) for part in seen(to_tensor(drawing[None]))]
        held = [part.clone() for part in seen(x)]
    y = begin(x, how.start, seed).requires_grad_(True)
    optimiser = torch.optim.Adam([y], lr=how.rate)
    for _ in range(how.steps):
        optimiser.zero_grad(set_to_none=True)
        now = seen(y)
        terms = how.style * style_distance(now, aim) + how.content * content_distance(now, held)
        (terms + how.variation * len(y) * total_variation(y)).backward()
        optimiser.step()
        with torch.no_grad():
            y.clamp_(-1, 1)
    return to_images(y.detach())


def begin(x: Tensor, start: Start, seed: int) -> Tensor:
    """What the optimisation of frames `x` (T×3×H×W) starts from."""
    if start == "frame":
        return x.clone()
    dice = torch.Generator().manual_seed(seed)
    count = len(x) if start == "noise" else 1
    noise = 0.3 * torch.randn((count, *x.shape[1:]), generator=dice)
    return noise.expand_as(x).clone()


def style_distance(maps: Sequence[Tensor], aim: Sequence[Tensor]) -> Tensor:
    """Squared distance of every frame's Gram matrices from the drawing's, in units of theirs; summed."""
    parts = [(gram(a) - b).square().sum() / b.square().sum() for a, b in zip(maps, aim, strict=True)]
    return torch.stack(parts).mean()


def content_distance(maps: Sequence[Tensor], held: Sequence[Tensor]) -> Tensor:
    """Squared distance of every frame's features from its own first ones, in units of theirs; summed."""
    parts = [
        ((a - b).square().sum((1, 2, 3)) / b.square().sum((1, 2, 3))).sum()
        for a, b in zip(maps, held, strict=True)
    ]
    return torch.stack(parts).mean()
