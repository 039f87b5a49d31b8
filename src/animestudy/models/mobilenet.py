"""MobileNetV1 (Howard et al. 2017) at any width: the peer of the depthwise-separable style network.

timm builds it at full width only (`mobilenetv1_100`); this is the same network at width 1 (a test holds the
numbers of parameters equal), and thin enough for small pictures below.
"""

from itertools import pairwise

from timm.layers import ConvNormAct
from torch import nn

CHANNELS = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)


def depthwise_separable(inside: int, outside: int, stride: int) -> nn.Sequential:
    """3×3 of each channel by itself, then 1×1 across them; batch norm and ReLU behind both."""
    return nn.Sequential(
        ConvNormAct(inside, inside, 3, stride=stride, groups=inside), ConvNormAct(inside, outside, 1)
    )


def mobilenet_v1(classes: int, *, width: float = 0.25) -> nn.Sequential:
    """B×3×H×W (H, W ≥ 32) → B×classes logits. `width` scales all channels, to multiples of 8."""
    first, *wide = (max(8, 8 * round(width * channels / 8)) for channels in (32, *CHANNELS))
    body = [
        depthwise_separable(*pair, stride)
        for pair, stride in zip(pairwise([first, *wide]), STRIDES, strict=True)
    ]
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(wide[-1], classes))
    return nn.Sequential(ConvNormAct(3, first, 3, stride=2), *body, *head)
