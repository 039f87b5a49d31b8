"""What sets a drawing apart, extracted by hand: smoothed areas, lines at borders, shades, saturation.

No weights and no learning; each is differentiable, so that generators may start from them and losses may
compare them. Pictures are N×3×H×W in [−1, 1].
"""

import math
from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from animestudy.spectrum import luma

BINOMIAL = {  # standard deviations 0.71, 1.22 and 1.73 pixels
    3: (1, 2, 1),
    7: (1, 6, 15, 20, 15, 6, 1),
    13: tuple(math.comb(12, k) for k in range(13)),
}
SOFT = 2.5  # of `shaded`: 0 leaves brightness as it is, large values make hard steps
AROUND = ((0, 3), (2, 2), (3, 0), (2, -2), (0, -3), (-2, -2), (-3, 0), (-2, 2))  # places of `painted`
DIRECTIONS, LENGTH, BREADTH = 8, 5, 0.6  # of `outlines`: bars, half their length and their deviation, pixels


def blurred(x: Tensor, width: int) -> Tensor:
    """N×C×H×W through the binomial filter of that width, 3, 7 or 13; borders replicated."""
    channels, half = x.shape[1], width // 2
    taps = x.new_tensor(BINOMIAL[width]) / 2 ** (width - 1)
    x = F.pad(x, (half, half, half, half), mode="replicate")
    x = F.conv2d(x, taps.view(1, 1, 1, -1).expand(channels, 1, 1, -1), groups=channels)
    return F.conv2d(x, taps.view(1, 1, -1, 1).expand(channels, 1, -1, 1), groups=channels)


def diffused(x: Tensor, steps: int, step: float = 0.2, rate: float = 0.24, every: int = 2) -> Tensor:
    """Smooth areas and keep their borders: N×C×H×W → the same, by the diffusion of Perona & Malik (1990).

    In each of `steps` steps a pixel moves towards its four neighbours, by `rate` (below 1/4, else it swings)
    times exp(−(d/step)²), d the distance of the two colours: differences well above `step` stop the flow. The
    conductance is common to all channels, so that borders stay in one place, and taken afresh at every
    `every`-th step only: that is where the time goes.
    """
    conductance: list[Tensor] = []
    for k in range(steps):
        flows = [x.diff(dim=axis) for axis in (-2, -1)]
        if k % every == 0:
            conductance = [rate * torch.exp(f.square().sum(1, keepdim=True) / -(step**2)) for f in flows]
        down, across = (flow * part for flow, part in zip(flows, conductance, strict=True))
        x = x + F.pad(down, (0, 0, 0, 1)) - F.pad(down, (0, 0, 1, 0))
        x = x + F.pad(across, (0, 1)) - F.pad(across, (1, 0))
    return x


def darker(x: Tensor) -> Tensor:
    """How much darker than its surroundings a place is: N×3×H×W → N×1×H×W, a difference of Gaussians.

    Marr & Hildreth's detector of edges (1980), with which Winnemöller et al. (2006) draw lines into
    abstracted photographs: above 0 in dark lines and on the dark side of borders.
    """
    y = luma(x)
    return blurred(blurred(y, 7) - blurred(y, 3), 3)


def full_precision(mark: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """`mark` with at least 32 bits, autocast or not: a variance is a small difference of large numbers."""

    @wraps(mark)
    def exact(x: Tensor, *rest: Tensor | float, **options: float) -> Tensor:
        tensors = [
            part.float() if getattr(part, "dtype", None) in (torch.float16, torch.bfloat16) else part
            for part in (x, *rest)
        ]
        # where costs are counted there are no numbers, and no autocast for their device
        with nullcontext() if x.is_meta else torch.autocast(x.device.type, enabled=False):
            return mark(*tensors, **options)

    return exact


@full_precision
def painted(x: Tensor, sharpness: float = 4e-3) -> Tensor:
    """One pass of a brush: N×3×H×W → the same, areas in strokes, borders sharp.

    The filter of Kuwahara et al. (1976) in the smooth form of Papari et al. (2007): each place takes the mean
    colours of eight windows around it, weighted by the inverse fourth power of their variance, so that those
    on the other side of a border hardly count. Texture becomes blobs of one colour, as in gouache.

    sharpness: variance below which windows are alike.
    """
    height, width = x.shape[-2:]
    reach = max(max(place) for place in AROUND)
    both = F.pad(torch.cat([x, x.square().sum(1, keepdim=True)], 1), (reach,) * 4, mode="replicate")
    both = blurred(both, 7)
    mean = both[:, :-1]
    variance = (both[:, -1:] - mean.square().sum(1, keepdim=True)).clamp_min(0)
    weight = (1 + variance / sharpness).square().square().reciprocal()
    parts = torch.cat([mean * weight, weight], 1)
    total = sum(
        parts[..., reach + down : reach + down + height, :][..., reach + across : reach + across + width]
        for down, across in AROUND
    )
    return total[:, :-1] / total[:, -1:]


def boxed(x: Tensor, reach: int) -> Tensor:
    """N×C×H×W, each place the mean of (2·reach + 1)² around it; borders replicated."""
    channels, width = x.shape[1], 2 * reach + 1
    taps = x.new_full((channels, 1, width), 1 / width)
    x = F.pad(x, (reach,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(x, taps[:, :, None], groups=channels), taps[..., None], groups=channels)


@full_precision
def guided(x: Tensor, guide: Tensor, reach: int, tolerance: float = 0.02) -> Tensor:
    """The guided filter of He, Sun & Tang (2013): maps N×1×H×W twice → N×1×H×W.

    In each window x is replaced by its best straight line in `guide`, and the lines of all windows over a
    place are averaged: x becomes even where `guide` is, and may change where `guide` does.

    Args:
        reach: half the width of the windows, pixels.
        tolerance: variance of `guide` below which a window counts as even.
    """
    parts = boxed(torch.cat([x, guide, x * guide, guide.square()], 1), reach)
    mean, other, mixed, square = parts.split(1, 1)
    slope = (mixed - mean * other) / (square - other.square() + tolerance)
    slope, level = boxed(torch.cat([slope, mean - slope * other], 1), reach).split(1, 1)
    return slope * guide + level


def bars() -> list:
    """Soft bars in `DIRECTIONS` orientations, each of sum 1: `DIRECTIONS`×1×S×S, as plain numbers."""
    steps = np.arange(-LENGTH, LENGTH + 1.0)
    angles = (np.arange(DIRECTIONS) * np.pi / DIRECTIONS)[:, None, None]
    along = steps * np.cos(angles) + steps[:, None] * np.sin(angles)
    across = steps[:, None] * np.cos(angles) - steps * np.sin(angles)
    taps = np.exp(-((along / (LENGTH / 2)) ** 2) / 2 - (across / BREADTH) ** 2 / 2)
    return (taps / taps.sum((1, 2), keepdims=True))[:, None].tolist()


BARS = bars()


def outlines(x: Tensor) -> tuple[Tensor, Tensor]:
    """Dark and bright lines as a hand would draw them: N×3×H×W → two maps N×1×H×W, above 0 on lines.

    `darker` finds the dark side of every grain as well. A line goes on: the difference of Gaussians is
    averaged along bars of all directions and the best direction kept, which closes gaps and drops specks, as
    flow along the edge does (Kang, Lee & Chui 2007). Where lines are all around there is texture, and their
    mean there is taken off, as neurons of the visual cortex do (Grigorescu, Petkov & Westenberg 2003).
    """
    y = luma(x)
    y = F.pad(blurred(y, 13) - blurred(y, 3), (LENGTH,) * 4, mode="replicate")
    y = F.conv2d(y, y.new_tensor(BARS))
    dark, bright = y.amax(1, keepdim=True), (-y).amax(1, keepdim=True)
    busy = blurred(blurred(dark.clamp_min(0), 13), 13)
    return dark - busy, bright - busy


def shaded(x: Tensor, levels: int, soft: float = SOFT) -> Tensor:
    """Brightness in soft steps, hue kept: N×3×H×W in [−1, 1] → the same.

    Cel painters shade in two or three tones. `levels` steps from black to white, joined by a tanh
    (Winnemöller et al. 2006), so that the picture stays continuous in its input.
    """
    x = (x + 1) / 2
    y = luma(x)
    place = y * levels
    middle = place.detach().floor() + 0.5
    toned = (middle + torch.tanh(2 * soft * (place - middle)) / (2 * math.tanh(soft))) / levels
    return 2 * (x * (toned + 0.02) / (y + 0.02)).clamp(0, 1) - 1


def graded(x: Tensor, lift: float, vivid: float, cool: float) -> Tensor:
    """The colours of a photograph as a colourist turns them: N×3×H×W in [−1, 1] → the same.

    Args:
        lift: gamma by which middle tones brighten; 1 leaves them.
        vivid: factor on the saturation of greyish colours; strong ones change less, so none is clipped flat.
        cool: how far black goes towards blue and violet, and white, by a third of it, towards yellow.
    """
    x = ((x + 1) / 2).clamp(1e-3, 1.0) ** (1 / lift)
    y = luma(x)
    pale = 1 - (x.amax(1, keepdim=True) + (-x).amax(1, keepdim=True))
    x = y + (1 + (vivid - 1) * pale) * (x - y)
    shadows, lights = (x.new_tensor(cast).view(1, 3, 1, 1) for cast in ((-0.5, -0.3, 1.0), (0.3, 0.15, -0.3)))
    return 2 * (x + cool / 2 * (shadows * (1 - y).square() + lights * y.square())).clamp(0, 1) - 1


def saturation(x: Tensor) -> Tensor:
    """How far a colour is from grey: the largest minus the smallest channel, N×1×H×W in [0, 2]."""
    return x.amax(1, keepdim=True) - x.amin(1, keepdim=True)
