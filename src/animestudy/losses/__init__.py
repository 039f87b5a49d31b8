"""Named loss terms of the translators, and the one place where their weights act.

A method is a dictionary of names and weights in params.yaml. Names are of three kinds:

* a term of `TERMS`: a function of a batch, the same for every method;
* the name of a discriminator of the method: the generator's share in that game;
* the name of a *negative* of `NEGATIVES`: changed drawings that a discriminator must call fake, weighted in
  its own loss.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn
from torch.nn import functional as F

from animestudy.errors import StudyError
from animestudy.losses.boundary import grey_drawings, grey_smooth_edges, smooth_edges
from animestudy.losses.colour import colour_distance, tone_distance
from animestudy.losses.colour_block import texture
from animestudy.losses.content import Features, feature_distance
from animestudy.losses.marks import brightness, lines, palette
from animestudy.losses.portrait import attention, background, bend, mask_cover, proportion_gap
from animestudy.losses.style import gram_distance, grey
from animestudy.losses.variation import total_variation
from animestudy.models.attention import Look


@dataclass
class Batch:
    """What a loss may look at. Pictures are N×3×H×W in [−1, 1]."""

    source: Tensor  # photographs
    target: Tensor  # drawings, of other scenes
    fake: Tensor  # the generator's drawings of `source`
    features: Features | None = None  # the content network; only where a term needs it
    look: Look | None = None  # `fake` with what the generator looked at
    same: Look | None = None  # the generator's drawings of `target`; only where a term needs them
    again: Tensor | None = None  # `fake` turned back by the other generator; likewise
    guide: nn.Module | None = None  # finds the parts of faces; likewise


def content(batch: Batch) -> Tensor:
    """Distance of the drawing from its photograph in the content network's eyes."""
    return feature_distance(batch.features(batch.fake), batch.features(batch.source))


def style(batch: Batch) -> Tensor:
    """Distance of the drawing's textures from those of the drawings without their colours."""
    return gram_distance(batch.features(batch.fake), batch.features(grey(batch.target)))


TERMS: dict[str, Callable[[Batch], Tensor]] = {
    "content": content,
    "style": style,
    "colour": lambda batch: colour_distance(batch.fake, batch.source),
    "tone": lambda batch: tone_distance(batch.fake, batch.source),
    "colour_block": lambda batch: texture(batch.fake),
    "variation": lambda batch: total_variation(batch.fake),
    "line": lambda batch: lines(batch.fake, batch.target),
    "brightness": lambda batch: brightness(batch.fake, batch.target),
    "palette": lambda batch: palette(batch.fake, batch.target),
    "identity": lambda batch: F.l1_loss(batch.same.picture, batch.target),
    "cycle": lambda batch: F.l1_loss(batch.again, batch.source),
    "attention": lambda batch: attention(batch.look, batch.same),
    "background": lambda batch: background(batch.features, batch.fake, batch.source, batch.look),
    "bend": lambda batch: bend(batch.look),
    "mask": lambda batch: mask_cover(batch.guide, batch.source, batch.look),
    "proportions": lambda batch: proportion_gap(batch.guide, batch.look, batch.target),
}
SAME = {"identity", "attention"}  # terms that need the generator's drawings of drawings
CYCLE = {"cycle"}  # terms that need the way back

# name → drawings (N×H×W×3 uint8) made wrong on purpose
NEGATIVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "boundary": smooth_edges,
    "grey": grey_drawings,
    "grey_boundary": grey_smooth_edges,
}


def check(weights: Mapping[str, float], known: Mapping[str, object] | set[str], where: str) -> None:
    """Refuse a weight whose name means nothing: a misspelt term would silently be no term."""
    if unknown := sorted(set(weights) - set(known)):
        raise StudyError(
            f"{where}: {unknown[0]!r} is no loss term here; there are {', '.join(sorted(known))}"
        )


def total(terms: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """Σ weight · term. Each term needs a weight; a weight without its term is a `StudyError` as well."""
    check(weights, terms, "losses")
    check(terms, weights, "weights")
    return sum(weights[name] * value for name, value in terms.items())
