"""A network that finds the parts of a face, and a face in a few numbers.

Portraits differ between photograph and drawing in two ways, in how they are drawn and in the face's
proportions. A discriminator on pixels looks at the first for a long time, because it is easy. A network that
was taught the parts in both domains shows the second alone.
"""

from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from animestudy.errors import StudyError
from animestudy.models import archive
from animestudy.models.blocks import enlarge
from animestudy.paths import inside

PARTS = ("face", "eyes", "mouth")  # what is found; the face with all that lies in it


def block(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    """Convolution, batch normalisation, rectifier: batches here are mixed, and so it learns fast."""
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)
    )


class PartNetwork(nn.Module):
    """N×3×H×W in [−1, 1] → N×3×H×W logits of `PARTS`; any size.

    A U-Net (Ronneberger et al. 2015) from one half to one sixteenth of the size and back: at one sixteenth it
    sees the whole head, and so which of two dark places is an eye.
    """

    def __init__(self, width: int = 12) -> None:
        super().__init__()
        self.width = width
        sizes = (width, 2 * width, 3 * width, 4 * width)
        steps = list(pairwise(sizes))
        self.stem = nn.Sequential(block(3, width, 2), block(width, width))
        self.down = nn.ModuleList(nn.Sequential(block(a, b, 2), block(b, b)) for a, b in steps)
        self.up = nn.ModuleList(block(a + b, a) for a, b in steps)
        self.head = nn.Conv2d(width, 4 * len(PARTS), 1)
        nn.init.constant_(self.head.bias, -3.0)  # most places are no part

    def forward(self, x: Tensor) -> Tensor:
        maps = [self.stem(x)]
        for layer in self.down:
            maps.append(layer(maps[-1]))
        y = maps.pop()
        for layer, skip in zip(reversed(self.up), reversed(maps), strict=True):
            y = layer(torch.cat([enlarge(y, skip), skip], 1))
        y = F.pixel_shuffle(self.head(y), 2)  # four pixels of full size from each of half size
        return y[..., : x.shape[-2], : x.shape[-1]]


def proportions(maps: Tensor) -> Tensor:
    """A face in seven numbers that do not depend on its size or place: N×3×H×W of `PARTS` in [0, 1] → N×7.

    Logarithms of: the areas of eyes and mouth over that of the face; variances of eyes and mouth along both
    axes over the face's area (how high and how far apart eyes are, how wide a mouth is); height over width of
    the face. Soft maps give them a gradient everywhere.
    """
    total = maps.sum((2, 3)) + 1.0  # a pixel: a part that is not there is small, not nothing
    rows = torch.arange(maps.shape[2], device=maps.device, dtype=maps.dtype)[:, None]
    columns = torch.arange(maps.shape[3], device=maps.device, dtype=maps.dtype)

    def variance(axis: Tensor) -> Tensor:
        centre = (maps * axis).sum((2, 3)) / (total - 1.0).clamp_min(1e-3)
        return (maps * (axis - centre[..., None, None]).square()).sum((2, 3)) / total + 0.1

    face = total[:, :1]
    high, wide = variance(rows), variance(columns)
    parts = (total[:, 1:] / face, high[:, 1:] / face, wide[:, 1:] / face, high[:, :1] / wide[:, :1])
    return torch.cat(parts, 1).log()


def save(path: Path, network: PartNetwork, **facts: object) -> None:
    """Write a trained network with its width and `facts` (plain values)."""
    archive.save(path, {"width": network.width, "facts": facts, "state": dict(network.state_dict())})


def load(path: str | Path) -> PartNetwork:
    """What `save` wrote (relative to the study's root), frozen, in evaluation mode."""
    content = archive.load(inside(path))
    try:
        network = PartNetwork(content["width"])
        network.load_state_dict(content["state"])
    except (KeyError, TypeError, RuntimeError) as error:
        raise StudyError(f"{path}: holds no network for parts of faces") from error
    return network.eval().requires_grad_(False)
