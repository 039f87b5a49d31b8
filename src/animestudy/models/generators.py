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


def convolution(inside: int, outside: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, layer normalisation, leaky rectifier.

    GroupNorm with one group, because instance normalisation lets single channels blow up into droplets
    (AnimeGAN v1) and batch normalisation makes a picture depend on its neighbours.
    """
    return nn.Sequential(
        nn.Conv2d(inside, outside, kernel, stride, kernel // 2, bias=False, padding_mode="replicate"),
        nn.GroupNorm(1, outside),
        nn.LeakyReLU(SLOPE, inplace=True),
    )


def separable(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    """The same from a depthwise 3×3 and a pointwise convolution: about a ninth of the work."""
    return nn.Sequential(
        nn.Conv2d(inside, inside, 3, stride, 1, groups=inside, bias=False, padding_mode="replicate"),
        *convolution(inside, outside, kernel=1),
    )


class InvertedResidual(nn.Module):
    """x + narrow(depthwise(widen(x))), MobileNetV2's block with layer normalisation."""

    def __init__(self, channels: int, expansion: int = 2) -> None:
        super().__init__()
        wide = channels * expansion
        self.body = nn.Sequential(
            *convolution(channels, wide, kernel=1),
            nn.Conv2d(wide, wide, 3, 1, 1, groups=wide, bias=False, padding_mode="replicate"),
            nn.GroupNorm(1, wide),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(wide, channels, 1, bias=False),
            nn.GroupNorm(1, channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class FSGAN(nn.Module):
    """The scene generator of Wu & Chen 2022, section 4: light, fully convolutional, any input size.

    The paper gives no layers. The body follows AnimeGANv2 (Chen et al. 2020) in outline: two halvings,
    inverted residuals at a quarter of the size, two bilinear enlargements each followed by convolutions
    ("bilinear interpolation … in the upsampling", section 5.2), so that no checkerboard can arise. Its heavy
    convolutions are depthwise separable here, the encoder's maps are added back on the way up, so that lines
    stay where they are in the photograph, and the network learns the change from photograph to drawing, not
    the drawing: colours are right from the first step, and short trainings go into style ("adequate
    preservation of the original image information", section 5.2).

    Args:
        width: channels at full size; 2× and 4× of it at one half and one quarter. At 32 the network has
            0.35 M parameters.
        blocks: inverted residuals.
    """

    def __init__(self, width: int = 32, blocks: int = 4) -> None:
        super().__init__()
        self.stem = convolution(3, width, kernel=7)
        self.shrink_half = nn.Sequential(
            separable(width, 2 * width, stride=2), separable(2 * width, 2 * width)
        )
        self.shrink_quarter = nn.Sequential(
            separable(2 * width, 4 * width, stride=2), separable(4 * width, 4 * width)
        )
        self.body = nn.Sequential(*(InvertedResidual(4 * width) for _ in range(blocks)))
        self.grow_half = separable(4 * width, 2 * width)
        self.blend_half = separable(2 * width, 2 * width)
        self.grow_full = separable(2 * width, width)
        self.blend_full = separable(width, width)
        self.head = nn.Conv2d(width, 3, 7, 1, 3, padding_mode="replicate")
        with torch.no_grad():  # begin near the identity
            self.head.weight.mul_(0.1)
            self.head.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        full = self.stem(x)
        half = self.shrink_half(full)
        y = self.body(self.shrink_quarter(half))
        y = self.blend_half(self.grow_half(enlarge(y, half)) + half)
        y = self.blend_full(self.grow_full(enlarge(y, full)) + full)
        # what is learnt is the change: within tanh, so that the drawing stays in range however large it is
        return torch.tanh(torch.atanh(RANGE * x.clamp(-1, 1)) + self.head(y))


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
