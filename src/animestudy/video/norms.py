"""Normalisation by the statistics of a whole shot instead of each frame's own.

A layer that normalises by the mean and spread of its own picture lets a cloud that enters on the left change
the colours on the right. With statistics that are fixed for a shot every place depends on its surroundings
only.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from animestudy.data.tensors import to_tensor
from animestudy.errors import StudyError


@contextmanager
def fixed(generator: nn.Module, frames: np.ndarray) -> Iterator[None]:
    """Within the block every GroupNorm of `generator` uses the statistics of all `frames` (T×H×W×3 uint8).

    They are taken in a first pass in which each frame has its own, as mean and mean square over the frames.
    """
    layers = [layer for layer in generator.modules() if isinstance(layer, nn.GroupNorm)]
    if not layers:
        raise StudyError(f"{type(generator).__name__} has no normalisation whose statistics can be fixed")
    seen: dict[nn.Module, list[tuple[Tensor, Tensor]]] = {layer: [] for layer in layers}

    def keep(layer: nn.GroupNorm, inputs: tuple[Tensor]) -> None:
        groups = grouped(layer, inputs[0])
        seen[layer].append((groups.mean(-1), groups.square().mean(-1)))

    def replace(layer: nn.GroupNorm, inputs: tuple[Tensor], output: Tensor) -> Tensor:
        mean, square = (
            torch.cat(parts).mean(0, keepdim=True)[..., None] for parts in zip(*seen[layer], strict=True)
        )
        spread = (square - mean.square()).clamp_min(0) + layer.eps
        y = ((grouped(layer, inputs[0]) - mean) * spread.rsqrt()).view_as(inputs[0])
        if not layer.affine:
            return y
        return y * layer.weight.view(1, -1, 1, 1) + layer.bias.view(1, -1, 1, 1)

    with ExitStack() as first, torch.inference_mode():
        for layer in layers:
            first.callback(layer.register_forward_pre_hook(keep).remove)
        for frame in frames:
            generator(to_tensor(frame[None]))
    with ExitStack() as second:
        for layer in layers:
            second.callback(layer.register_forward_hook(replace).remove)
        yield


def grouped(layer: nn.GroupNorm, x: Tensor) -> Tensor:
    """N×C×H×W → N×groups×(values of a group)."""
    return x.reshape(len(x), layer.num_groups, -1)
