"""AnimeGANv2's generator (Chen, Liu & Chen 2020): the second peer of FSGAN that the paper names."""

import torch
from torch import Tensor, nn

from animestudy.models.blocks import SLOPE, enlarge


def layer(inside: int, outside: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution without a bias, layer normalisation, leaky rectifier; borders replicated."""
    return nn.Sequential(
        nn.Conv2d(
            inside, outside, kernel, stride, kernel // 2, groups=groups, bias=False, padding_mode="replicate"
        ),
        nn.GroupNorm(1, outside),
        nn.LeakyReLU(SLOPE, inplace=True),
    )


class InvertedResidual(nn.Module):
    """Widen to twice the channels, convolve each by itself, narrow; added to `x` where shapes allow.

    Unlike `blocks.InvertedResidual` it may change the number of channels, and its depthwise layer has the
    bias of the original.
    """

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        wide = 2 * inside
        self.skip = inside == outside
        self.body = nn.Sequential(
            layer(inside, wide, kernel=1),
            nn.Conv2d(wide, wide, 3, 1, 1, groups=wide, padding_mode="replicate"),
            nn.GroupNorm(1, wide),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(wide, outside, 1, bias=False),
            nn.GroupNorm(1, outside),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.skip else self.body(x)


class AnimeGAN(nn.Module):
    """The generator of AnimeGANv2: N×3×H×W in [−1, 1] to the same.

    Layer for layer as published: two strided convolutions, four inverted residuals of which the first one
    widens, bilinear enlargement followed by plain convolutions, a 1×1 convolution into tanh. Borders are
    replicated where the original reflects, which small maps do not allow.

    Args:
        width: channels at full size; 32 as published, which gives 2,143,552 parameters.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        one, two, four, eight = width, 2 * width, 4 * width, 8 * width
        self.shrink_half = nn.Sequential(layer(3, one, 7), layer(one, two, stride=2), layer(two, two))
        self.shrink_quarter = nn.Sequential(layer(two, four, stride=2), layer(four, four))
        self.body = nn.Sequential(
            layer(four, four),
            InvertedResidual(four, eight),
            *(InvertedResidual(eight, eight) for _ in range(3)),
            layer(eight, four),
        )
        self.grow_half = nn.Sequential(layer(four, four), layer(four, four))
        self.grow_full = nn.Sequential(layer(four, two), layer(two, two), layer(two, one, 7))
        self.head = nn.Conv2d(one, 3, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        half = self.shrink_half(x)
        y = self.body(self.shrink_quarter(half))
        y = self.grow_full(enlarge(self.grow_half(enlarge(y, half)), x))
        return torch.tanh(self.head(y))
