"""Layers that the generators share: convolutions that take any size, residual blocks, enlargement.

Borders are replicated, not reflected: a reflection needs more pixels than a small map has.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from animestudy.errors import StudyError

SLOPE = 0.2  # of the leaky rectifier, as in the AnimeGAN family


def convolution(
    inside: int, outside: int, kernel: int = 3, norm: bool = False, stride: int = 1
) -> nn.Sequential:
    """Convolution, perhaps layer normalisation (GroupNorm with one group), leaky rectifier.

    Not instance normalisation, which lets single channels blow up into droplets (AnimeGAN v1), nor batch
    normalisation, which makes a picture depend on its neighbours.
    """
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=not norm, padding_mode="replicate"),
        *([nn.GroupNorm(1, outside)] if norm else []),
        nn.LeakyReLU(SLOPE, inplace=True),
    )


def depthwise(channels: int, stride: int = 1) -> nn.Conv2d:
    """A 3×3 convolution of each channel by itself."""
    return nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False, padding_mode="replicate")


def separable(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    """A 3×3 convolution from a depthwise and a pointwise one: about a ninth of the work."""
    return nn.Sequential(depthwise(inside, stride), *convolution(inside, outside, kernel=1))


class InvertedResidual(nn.Module):
    """x + narrow(depthwise(widen(x))), MobileNetV2's block with layer normalisation."""

    def __init__(self, channels: int, expansion: int = 2) -> None:
        super().__init__()
        wide = channels * expansion
        self.body = nn.Sequential(
            *convolution(channels, wide, kernel=1, norm=True),
            depthwise(wide),
            nn.GroupNorm(1, wide),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(wide, channels, 1, bias=False),
            nn.GroupNorm(1, channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def enlarge(x: Tensor, like: Tensor) -> Tensor:
    """`x` bilinearly at the height and width of `like`, odd or even."""
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)


UPSAMPLINGS = ("bilinear", "nearest", "transposed")


class Enlarge(nn.Module):
    """Maps at the height and width of others: by interpolation, or learnt by a transposed convolution.

    The 3×3 kernel of the latter, moved by two pixels, covers some pixels once and others twice or four times
    (Odena, Dumoulin & Olah 2016): a chequered pattern that training has to take away.
    """

    def __init__(self, channels: int, how: str = "bilinear") -> None:
        super().__init__()
        if how not in UPSAMPLINGS:
            raise StudyError(f"upsampling: {how!r} is not known; there are {', '.join(UPSAMPLINGS)}")
        self.how = how
        self.learnt = nn.ConvTranspose2d(channels, channels, 3, 2, 1) if how == "transposed" else None

    def forward(self, x: Tensor, like: Tensor) -> Tensor:
        size = like.shape[-2:]
        if self.learnt is not None:
            return self.learnt(x, output_size=size)
        return F.interpolate(x, size=size, mode="nearest") if self.how == "nearest" else enlarge(x, like)
