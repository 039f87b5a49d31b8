"""Class activation maps as attention (Zhou et al. 2016; in translators: U-GAT-IT, Kim et al. 2020).

Two linear classifiers, on the mean and on the maximum of every channel, tell the two domains apart; the
channels are then weighted by those classifiers' weights. So what tells a photograph from a drawing is what
the network goes on with, and where it lies can be shown.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn


class Look(NamedTuple):
    """What a translator made of a picture, and what it looked at on the way."""

    picture: Tensor  # N×3×H×W in [−1, 1]
    logits: Tensor | None = None  # N×2: is it of the source domain? from the means and the maxima
    attention: Tensor | None = None  # N×1×h×w: sum over the attended channels
    mask: Tensor | None = None  # N×1×H×W in [0, 1]: where the picture is deformed
    flow: Tensor | None = None  # N×2×H×W: from where each place is taken, pixels to the right and down
    moved: Tensor | None = None  # N×3×H×W in [−1, 1]: the photograph displaced, before it is drawn


class Attention(nn.Module):
    """N×C×h×w → attended maps of the same shape, and N×2 logits.

    wrap: for the two classifiers (spectral normalisation in a discriminator).
    slope: of the rectifier behind.
    """

    def __init__(self, channels: int, wrap: object = None, slope: float = 0.0) -> None:
        super().__init__()
        wrap = wrap or (lambda layer: layer)
        self.mean, self.most = (wrap(nn.Linear(channels, 1, bias=False)) for _ in range(2))
        self.mix = nn.Conv2d(2 * channels, channels, 1)
        self.rectify = nn.LeakyReLU(slope)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        pooled = x.mean((2, 3)), x.amax((2, 3))
        logits = torch.cat([self.mean(pooled[0]), self.most(pooled[1])], 1)
        weighted = [x * layer.weight[0, :, None, None] for layer in (self.mean, self.most)]
        return self.rectify(self.mix(torch.cat(weighted, 1))), logits


def draw(generator: nn.Module, x: Tensor) -> Look:
    """The picture of any generator, with its maps where it has some."""
    return generator(x, look=True) if getattr(generator, "looks", False) else Look(generator(x))
