"""What sets a drawing apart, extracted by hand: smoothed areas, lines at borders, shades, saturation.

No weights and no learning; each is differentiable, so that generators may start from them and losses may
compare them. Pictures are N×3×H×W in [−1, 1].
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from animestudy.spectrum import luma

BINOMIAL = {3: (1, 2, 1), 7: (1, 6, 15, 20, 15, 6, 1)}  # standard deviations 0.71 and 1.22 pixels
SOFT = 2.5  # of `shaded`: 0 leaves brightness as it is, large values make hard steps


def blurred(x: Tensor, width: int) -> Tensor:
    """N×C×H×W through the binomial filter of that width, 3 or 7; borders replicated."""
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


def shaded(x: Tensor, levels: int) -> Tensor:
    """Brightness in soft steps, hue kept: N×3×H×W in [−1, 1] → the same.

    Cel painters shade in two or three tones. `levels` steps from black to white, joined by a tanh
    (Winnemöller et al. 2006), so that the picture stays continuous in its input.
    """
    x = (x + 1) / 2
    y = luma(x)
    place = y * levels
    middle = place.detach().floor() + 0.5
    toned = (middle + torch.tanh(2 * SOFT * (place - middle)) / (2 * math.tanh(SOFT))) / levels
    return 2 * (x * (toned + 0.02) / (y + 0.02)).clamp(0, 1) - 1


def saturation(x: Tensor) -> Tensor:
    """How far a colour is from grey: the largest minus the smallest channel, N×1×H×W in [0, 2]."""
    return x.amax(1, keepdim=True) - x.amin(1, keepdim=True)
