"""The style term of the AnimeGAN family: textures like those of drawings, wherever they lie.

Gram matrices of a network's features (Gatys et al. 2016) say which features come together and forget where.
AnimeGAN (Chen et al. 2020) compares them with those of *grey* drawings, so that texture is learnt and colour
is not.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from animestudy.spectrum import luma


def grey(x: Tensor) -> Tensor:
    """Brightness in all three channels, N×3×H×W → the same."""
    return luma(x).expand(-1, 3, -1, -1)


def gram(features: Tensor) -> Tensor:
    """Mean products of channels over the places, N×C×H×W → N×C×C."""
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[-1]


def gram_distance(one: Sequence[Tensor], other: Sequence[Tensor]) -> Tensor:
    """Mean over layers of the L1 distance of mean Gram matrices, in units of the second's mean size.

    The pictures of a batch show different scenes, so what is compared is the mean over the batch.
    """
    parts = []
    for a, b in zip(one, other, strict=True):
        mine, aim = gram(a).mean(0), gram(b.detach()).mean(0)
        parts.append(F.l1_loss(mine, aim) / aim.abs().mean().clamp_min(1e-6))
    return torch.stack(parts).mean()
