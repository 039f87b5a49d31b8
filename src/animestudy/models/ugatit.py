"""U-GAT-IT in its light form, and its discriminators (Kim, Kim, Kang & Lee 2020, ICLR).

The portrait network that the paper sets AFGAN against. Topology as published; borders are replicated instead
of reflected and maps on the way up take the encoder's sizes, so that any size goes through.
"""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from animestudy.errors import StudyError
from animestudy.models.attention import Attention, Look
from animestudy.models.normalisation import LIN, AdaLIN, standard

SLOPE = 0.2  # of the discriminators' leaky rectifiers


class Instance(nn.Module):
    """Instance normalisation without weights, for maps of one pixel too."""

    def forward(self, x: Tensor) -> Tensor:
        return standard(x, (2, 3))


def convolution(inside: int, outside: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution that keeps the size (or halves it), without bias: a normalisation follows."""
    return nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False, padding_mode="replicate")


class Residual(nn.Module):
    """x + IN(conv(ReLU(IN(conv(x)))))."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(channels, channels),
            Instance(),
            nn.ReLU(),
            convolution(channels, channels),
            Instance(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class AdaptiveResidual(nn.Module):
    """The same with AdaLIN in both places, one γ and β for both."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = convolution(channels, channels), convolution(channels, channels)
        self.first_norm, self.second_norm = AdaLIN(channels), AdaLIN(channels)

    def forward(self, x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        y = F.relu(self.first_norm(self.first(x), gamma, beta))
        return x + self.second_norm(self.second(y), gamma, beta)


class UGATIT(nn.Module):
    """U-GAT-IT-light: 10,589,888 parameters at width 64 with 4 blocks.

    γ and β come from the mean of every attended channel; the full form takes them from all pixels, 268 M
    weights that tie it to one size.

    Args:
        width: channels at full size; 4× of it at one quarter.
        blocks: residual blocks before the attention, and adaptive ones behind it.
    """

    looks = True

    def __init__(self, width: int = 64, blocks: int = 4) -> None:
        super().__init__()
        wide = 4 * width
        self.down = nn.Sequential(
            *(convolution(3, width, 7), Instance(), nn.ReLU()),
            *(convolution(width, 2 * width, stride=2), Instance(), nn.ReLU()),
            *(convolution(2 * width, wide, stride=2), Instance(), nn.ReLU()),
            *(Residual(wide) for _ in range(blocks)),
        )
        self.attention = Attention(wide)
        linear = partial(nn.Linear, wide, wide, bias=False)
        self.style = nn.Sequential(linear(), nn.ReLU(), linear(), nn.ReLU())
        self.gamma, self.beta = linear(), linear()
        self.body = nn.ModuleList(AdaptiveResidual(wide) for _ in range(blocks))
        self.grow_half = nn.Sequential(convolution(wide, 2 * width), LIN(2 * width), nn.ReLU())
        self.grow_full = nn.Sequential(convolution(2 * width, width), LIN(width), nn.ReLU())
        self.head = convolution(width, 3, 7)

    def forward(self, x: Tensor, look: bool = False) -> Tensor | Look:
        y, logits = self.attention(self.down(x))
        attention = y.sum(1, keepdim=True) if look else None
        style = self.style(y.mean((2, 3)))
        gamma, beta = self.gamma(style), self.beta(style)
        for block in self.body:
            y = block(y, gamma, beta)
        height, width = x.shape[-2:]
        y = self.grow_half(F.interpolate(y, size=((height + 1) // 2, (width + 1) // 2)))
        y = torch.tanh(self.head(self.grow_full(F.interpolate(y, size=(height, width)))))
        return Look(y, logits, attention) if look else y


class AttentiveDiscriminator(nn.Module):
    """U-GAT-IT's discriminator: N×3×H×W → logits per place, N×1×h×w, and of its attention, N×2.

    Args:
        width: channels of the first layer, doubled at each halving.
        layers: convolutions; 7 look at nearly the whole face ("global"), 5 at its parts ("local").
    """

    def __init__(self, width: int = 64, layers: int = 7) -> None:
        super().__init__()
        if layers < 4:
            raise StudyError(f"layers = {layers}: an attentive discriminator has at least 4")
        self.halvings = layers - 2
        body: list[nn.Module] = []
        inside, outside = 3, width
        for k in range(layers - 1):
            # the last one keeps the size
            body += [self.layer(inside, outside, 2 if k < self.halvings else 1), nn.LeakyReLU(SLOPE)]
            inside, outside = outside, 2 * outside
        self.body = nn.Sequential(*body)
        self.attention = Attention(inside, spectral_norm, SLOPE)
        self.head = self.layer(inside, 1, 1, bias=False)

    @staticmethod
    def layer(inside: int, outside: int, stride: int, bias: bool = True) -> nn.Conv2d:
        """A 4×4 convolution, spectrally normalised."""
        return spectral_norm(nn.Conv2d(inside, outside, 4, stride, 1, bias=bias, padding_mode="replicate"))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        least = 3 * 2**self.halvings  # each of the two last convolutions takes one pixel
        if min(x.shape[-2:]) < least:
            raise StudyError(
                f"an attentive discriminator of {self.halvings + 2} layers needs pictures of {least} pixels "
                f"a side, not {min(x.shape[-2:])}; take fewer layers or larger crops"
            )
        y, logits = self.attention(self.body(x))
        return self.head(y), logits
