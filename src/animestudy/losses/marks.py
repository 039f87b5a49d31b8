"""Terms that ask for as much line, light and colour as drawings have, wherever it lies.

What a drawing looks like at first sight is how dark its lines are, how bright and how saturated it is. These
have distributions, which can be compared without a partner: the pixels of the batch, sorted, against those of
the drawings, sorted, which is the 1-Wasserstein distance (as in the sliced loss of Heitz et al. 2021). A game
needs hundreds of steps before it says the same.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from animestudy.marks import darker, saturation
from animestudy.spectrum import luma


def sorted_distance(x: Tensor, reference: Tensor) -> Tensor:
    """Mean distance of the sorted values of `x` from those of `reference`, a scalar.

    Where their numbers differ, `reference` is read at the ranks of `x`.
    """
    mine, aim = x.flatten().sort().values, reference.flatten().sort().values
    if len(mine) != len(aim):
        aim = F.interpolate(aim.view(1, 1, -1), size=len(mine), mode="linear").flatten()
    return F.l1_loss(mine, aim)


def lines(x: Tensor, reference: Tensor) -> Tensor:
    """As many lines, and as dark, as in the drawings `reference` (both N×3×H×W)."""
    return sorted_distance(darker(x), darker(reference))


def brightness(x: Tensor, reference: Tensor) -> Tensor:
    """As bright as the drawings `reference`, whatever the colours."""
    return sorted_distance(luma(x), luma(reference))


def palette(x: Tensor, reference: Tensor) -> Tensor:
    """As bright and as saturated as the drawings `reference`."""
    return torch.stack([sorted_distance(mark(x), mark(reference)) for mark in (luma, saturation)]).mean()
