"""FSGAN, the scene generator of Wu & Chen 2022, and the diffusion that it starts from."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from animestudy.models.blocks import InvertedResidual, convolution, enlarge, separable

RANGE = 0.98  # of the photograph before atanh, whose slope is infinite at 1; 2.5 grey levels at the ends


def diffused(x: Tensor, steps: int, step: float = 0.2, rate: float = 0.24) -> Tensor:
    """Smooth areas and keep their borders: N×C×H×W → the same, by the diffusion of Perona & Malik (1990).

    In each of `steps` steps a pixel moves towards its four neighbours, by `rate` (below 1/4, else it swings)
    times exp(−(d/step)²), d the distance of the two colours: differences well above `step` stop the flow. The
    conductance is common to all channels, so that borders stay in one place.
    """
    for _ in range(steps):
        change = torch.zeros_like(x)
        for axis in (-2, -1):
            flow = x.diff(dim=axis)
            flow = flow * torch.exp(-flow.square().sum(1, keepdim=True) / step**2)
            before, after = ((0, 0, 1, 0), (0, 0, 0, 1)) if axis == -2 else ((1, 0), (0, 1))
            change = change + F.pad(flow, after) - F.pad(flow, before)
        x = x + rate * change
    return x


class FSGAN(nn.Module):
    """The scene generator of Wu & Chen 2022, section 4: light, fully convolutional, any input size.

    The paper gives no layers. The body follows AnimeGANv2 (Chen et al. 2020) in outline: two halvings,
    inverted residuals at a quarter of the size, two bilinear enlargements each followed by convolutions
    ("bilinear interpolation … in the upsampling", section 5.2), so that no checkerboard can arise. It differs
    in four ways, all for a network that is light and learns in few steps:

    * convolutions are depthwise separable, and the encoder's maps are added back on the way up, so that lines
      stay where they are in the photograph;
    * layer normalisation stands in the body alone. At full size it hides how strong a texture is from the
      layers that have to take it away (White-box cartoonisation has none there either);
    * what is learnt is the change from photograph to drawing, not the drawing: colours are right from the
      first step ("adequate preservation of the original image information", section 5.2);
    * the change is made to a photograph whose areas `diffused` has smoothed, as White-box cartoonisation
      smooths its output with a guided filter. This takes no weights. The network does not see the texture
      that is gone: if it did, it would put it back, the cheapest way to please a discriminator that asks for
      fine detail; so it has to draw lines.

    Args:
        width: channels at full size; 2× and 4× of it at one half and one quarter. At 32 the network has
            0.35 M parameters.
        blocks: inverted residuals.
        smoothing: steps of diffusion, 0 for none.
    """

    def __init__(self, width: int = 32, blocks: int = 4, smoothing: int = 16) -> None:
        super().__init__()
        self.smoothing = smoothing
        self.stem = convolution(3, width, kernel=5)
        self.shrink_half = nn.Sequential(separable(width, 2 * width, 2), separable(2 * width, 2 * width))
        self.shrink_quarter = nn.Sequential(
            separable(2 * width, 4 * width, 2), separable(4 * width, 4 * width)
        )
        self.body = nn.Sequential(*(InvertedResidual(4 * width) for _ in range(blocks)))
        self.grow_half = separable(4 * width, 2 * width)
        self.blend_half = separable(2 * width, 2 * width)
        self.grow_full = separable(2 * width, width)
        self.blend_full = convolution(width, width)
        self.head = nn.Conv2d(width, 3, 5, 1, 2, padding_mode="replicate")
        with torch.no_grad():  # begin near the identity
            self.head.weight.mul_(0.1)
            self.head.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        x = x.clamp(-1, 1)
        base = diffused(x, self.smoothing)
        full = self.stem(base)
        half = self.shrink_half(full)
        y = self.body(self.shrink_quarter(half))
        y = self.blend_half(self.grow_half(enlarge(y, half)) + half)
        y = self.blend_full(self.grow_full(enlarge(y, full)) + full)
        # within tanh, so that the drawing stays in range however large the change is
        return torch.tanh(torch.atanh(RANGE * base) + self.head(y))
