"""Networks that turn a photograph into a drawing: N×3×H×W in [−1, 1] to the same shape and range.

All are fully convolutional and take any size from 1×1 upwards: borders are replicated, not reflected (a
reflection needs more pixels than a small map has), and each upsampling goes to the size that the encoder had.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from animestudy.data.tensors import to_images, to_tensor
from animestudy.errors import StudyError
from animestudy.models import archive

SLOPE = 0.2  # of the leaky rectifier, as in the AnimeGAN family
RANGE = 0.98  # of the photograph before atanh, whose slope is infinite at 1; 2.5 grey levels at the ends


def convolution(inside: int, outside: int, kernel: int = 3, norm: bool = False) -> nn.Sequential:
    """Convolution, perhaps layer normalisation (GroupNorm with one group), leaky rectifier.

    Not instance normalisation, which lets single channels blow up into droplets (AnimeGAN v1), nor batch
    normalisation, which makes a picture depend on its neighbours.
    """
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, 1, kernel // 2, bias=not norm, padding_mode="replicate"),
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


def enlarge(x: Tensor, like: Tensor) -> Tensor:
    """`x` bilinearly at the height and width of `like`, odd or even."""
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)


GENERATORS: dict[str, Callable[..., nn.Module]] = {"fsgan": FSGAN}


def save(path: Path, network: str, options: Mapping[str, Any], generator: nn.Module, **facts: Any) -> None:  # noqa: ANN401
    """Write a trained generator with all that is needed to use it.

    Args:
        network, options: its name in `GENERATORS` and the arguments that built it.
        facts: plain values about its training, for people (collections, style, size of the crops).
    """
    state = {name: value.cpu() for name, value in generator.state_dict().items()}
    archive.save(path, {"network": network, "options": dict(options), "facts": facts, "state": state})


def load(path: Path) -> tuple[nn.Module, dict[str, Any]]:
    """The generator that `save` wrote, on the CPU in evaluation mode, and its facts."""
    content = archive.load(path)
    try:
        generator = GENERATORS[content["network"]](**content["options"])
        generator.load_state_dict(content["state"])
        return generator.eval(), content["facts"]
    except (KeyError, TypeError, RuntimeError) as error:
        raise StudyError(f"{path}: not a generator of this study") from error


@torch.inference_mode()
def convert(generator: nn.Module, image: np.ndarray) -> np.ndarray:
    """Turn one picture, H×W×3 uint8 RGB, into a drawing of the same size and type."""
    device = next(generator.parameters()).device
    was_training = generator.training
    y = generator.eval()(to_tensor(image[None]).to(device))
    generator.train(was_training)
    return to_images(y)[0]
