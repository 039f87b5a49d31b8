"""Terms of the portrait networks, which look at the generator's attention, mask and displacements.

The paper wants the face deformed and the background kept. Outside the soft mask `background` holds what is
in the picture; inside it is free. `attention` is U-GAT-IT's CAM loss.

What the face should become is said by its proportions: a frozen network that was taught the parts of faces
in both domains reads them from drawings and from displaced photographs alike. Landmark-assisted CycleGAN
(Wu et al. 2019) and CariGANs (Cao, Liao & Yuan 2018) use landmarks to the same end; a game on pixels alone
needs many times the steps before it turns from lines and colours to proportions.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from animestudy.errors import StudyError
from animestudy.losses.content import Features
from animestudy.models.attention import Look
from animestudy.models.parts import proportions


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
    mask = needed(look, "mask", "background").detach()  # else it would hide what is hard to keep
    parts = []
    for one, other in zip(features(fake), features(source), strict=True):
        other = other.detach()
        kept = 1 - F.interpolate(mask, size=other.shape[-2:], mode="bilinear", antialias=True)
        unit = other.abs().mean().clamp_min(1e-6)
        parts.append((kept * (one - other).abs()).mean() / unit)
    return torch.stack(parts).mean()


def mask_cover(guide: nn.Module, source: Tensor, look: Look) -> Tensor:
    """Cross-entropy of the mask with the face that the guide finds in the photograph."""
    mask = needed(look, "mask", "mask")
    with torch.no_grad():
        face = torch.sigmoid(guide(source)[:, :1])
    with torch.autocast(mask.device.type, enabled=False):
        return F.binary_cross_entropy(mask.float().clamp(1e-6, 1 - 1e-6), face.float())


def proportion_gap(guide: nn.Module, look: Look, target: Tensor) -> Tensor:
    """Mean squared distance between mean proportions of displaced photographs and of drawings, in logarithms.

    Means of a batch: what drawings have in common is wanted, not the face of one of them. Squares: what is
    nearly right already is left alone.
    """
    with torch.no_grad():
        wanted = proportions(torch.sigmoid(guide(target))).mean(0)
    reached = proportions(torch.sigmoid(guide(needed(look, "moved", "proportions")))).mean(0)
    return (reached - wanted).square().mean()


def bend(look: Look) -> Tensor:
    """How much displacements differ from place to place, pixels per pixel: 0 for a shift of the whole."""
    flow = needed(look, "flow", "bend")
    parts = (flow.diff(dim=axis).abs() for axis in (-1, -2))
    return sum((part.mean() for part in parts if part.numel()), start=flow.sum() * 0)
