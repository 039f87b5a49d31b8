"""Terms of the portrait networks, which look at the generator's attention, mask and displacements.

The paper wants the face deformed and the background kept. Outside the soft mask `background` holds what is
in the picture; inside it is free. So the mask has a price, `mask_area`: it pays only where the game gains
more than that by changing the content. `attention` is U-GAT-IT's CAM loss.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from animestudy.errors import StudyError
from animestudy.losses.content import Features
from animestudy.models.attention import Look


def needed(look: Look, part: str, term: str) -> Tensor:
    """The map `part` of a generator that has it; `StudyError` for others."""
    if (value := getattr(look, part)) is None:
        raise StudyError(f"losses: {term!r} needs a generator with {part}, which this method's has not")
    return value


def attention(source: Look, target: Look) -> Tensor:
    """Cross-entropy of the generator's own classifier: pictures to be turned are 1, those of the goal 0."""
    here, there = (needed(look, "logits", "attention") for look in (source, target))
    parts = (here, torch.ones_like(here)), (there, torch.zeros_like(there))
    return sum(F.binary_cross_entropy_with_logits(*part) for part in parts)


def background(features: Features, fake: Tensor, source: Tensor, look: Look) -> Tensor:
    """`content.feature_distance` weighted by 1 − mask, so that places inside it are free."""
    mask = needed(look, "mask", "background")
    parts = []
    for one, other in zip(features(fake), features(source), strict=True):
        other = other.detach()
        kept = 1 - F.interpolate(mask, size=other.shape[-2:], mode="bilinear", antialias=True)
        unit = other.abs().mean().clamp_min(1e-6)
        parts.append((kept * (one - other).abs()).mean() / unit)
    return torch.stack(parts).mean()


def bend(look: Look) -> Tensor:
    """How much displacements differ from place to place, pixels per pixel: 0 for a shift of the whole."""
    flow = needed(look, "flow", "bend")
    parts = (flow.diff(dim=axis).abs() for axis in (-1, -2))
    return sum((part.mean() for part in parts if part.numel()), start=flow.sum() * 0)
