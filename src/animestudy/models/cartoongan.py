"""CartoonGAN's generator (Chen, Lai & Liu, CVPR 2018): the first peer of FSGAN that the paper names."""

import torch
from torch import Tensor, nn


def normalised(channels: int) -> nn.Sequential:
    """Instance normalisation without weights (a group for each channel), rectifier."""
    return nn.Sequential(nn.GroupNorm(channels, channels, affine=False), nn.ReLU(inplace=True))


def plain(inside: int, outside: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    """A convolution with a bias; borders replicated."""
    return nn.Conv2d(inside, outside, kernel, stride, kernel // 2, padding_mode="replicate")


class Residual(nn.Module):
    """x + conv(relu(norm(conv(x)))), normalised again at its end."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            plain(channels, channels),
            normalised(channels),
            plain(channels, channels),
            nn.GroupNorm(channels, channels, affine=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class CartoonGAN(nn.Module):
    """Two halvings, residual blocks, two transposed convolutions: N×3×H×W in [−1, 1] to the same.

    As published: a 7×7 convolution at full size, strided ones followed by plain ones, eight residual blocks,
    3×3 transposed convolutions followed by plain ones, a 7×7 convolution into tanh. Two things differ:
    borders are replicated where the original pads with zeros or reflects, and the transposed convolutions go
    to the encoder's sizes, so that odd sizes come back as they were. Instance normalisation needs more than
    one value: sides of five pixels or more.

    Args:
        width: channels at full size; 64 as published, which gives 11,120,195 parameters.
        blocks: residual blocks.
    """

    def __init__(self, width: int = 64, blocks: int = 8) -> None:
        super().__init__()
        self.stem = nn.Sequential(plain(3, width, 7), normalised(width))
        self.shrink_half = self.shrink(width)
        self.shrink_quarter = self.shrink(2 * width)
        self.body = nn.Sequential(*(Residual(4 * width) for _ in range(blocks)))
        self.grow_half = nn.ConvTranspose2d(4 * width, 2 * width, 3, 2, 1)
        self.blend_half = nn.Sequential(plain(2 * width, 2 * width), normalised(2 * width))
        self.grow_full = nn.ConvTranspose2d(2 * width, width, 3, 2, 1)
        self.blend_full = nn.Sequential(plain(width, width), normalised(width))
        self.head = plain(width, 3, 7)

    @staticmethod
    def shrink(channels: int) -> nn.Sequential:
        """Half the size, twice the channels."""
        return nn.Sequential(
            plain(channels, 2 * channels, stride=2),
            plain(2 * channels, 2 * channels),
            normalised(2 * channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        full = self.stem(x)
        half = self.shrink_half(full)
        y = self.body(self.shrink_quarter(half))
        y = self.blend_half(self.grow_half(y, output_size=half.shape[-2:]))
        y = self.blend_full(self.grow_full(y, output_size=full.shape[-2:]))
        return torch.tanh(self.head(y))
