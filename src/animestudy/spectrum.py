"""Spectra of pictures: what eq. (4) and Figure 3 of Wu & Chen 2022 (section 4) speak of, made precise.

The paper feeds a discriminator with F_dft(y) and compares two spectra by eye. It names neither the channel,
the window, the scale nor the statistic. Here: luma, minus its mean, times a Hann window, orthonormal FFT in
float32 (half precision has too little range and the CPU FFT refuses it), log magnitude; then means over rings
(radial profile) or sectors (angular profile), which do not depend on the picture's size.

Pictures are N×C×H×W in [−1, 1]; frequencies are in cycles per pixel, 0 … 0.5. A *map* is the half plane that
`torch.fft.rfft2` returns, …×H×(W//2+1). Everything is differentiable.
"""

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from animestudy.errors import StudyError

Window = Literal["hann", "none"]

# ITU-R BT.601: full-range Y, Cb, Cr of R, G, B, as JPEG uses them.
YCBCR = ((0.299, 0.587, 0.114), (-0.168736, -0.331264, 0.5), (0.5, -0.418688, -0.081312))


def luma(x: Tensor) -> Tensor:
    """Brightness of N×3×H×W as N×1×H×W, in the range of `x`."""
    return (x * x.new_tensor(YCBCR[0]).view(1, 3, 1, 1)).sum(1, keepdim=True)


def window(height: int, width: int, kind: Window = "hann", device: torch.device | str = "cpu") -> Tensor:
    """The taper, H×W, scaled to mean square 1 so that the power of noise stays the same.

    Without it the jump from one border to the opposite one draws a bright cross into the spectrum, and a
    detector can tell two sets apart by their borders instead of their content.
    """
    if kind == "none":
        return torch.ones(height, width, device=device)
    if kind != "hann":
        raise StudyError(f"window {kind!r} is not known; it is hann or none")
    # two points longer, ends cut off: no sample is exactly 0, so that even a 1×1 picture has a window
    down = torch.hann_window(height + 2, periodic=False, device=device)[1:-1]
    across = torch.hann_window(width + 2, periodic=False, device=device)[1:-1]
    taper = down[:, None] * across
    return taper / taper.square().mean().sqrt()


def power(x: Tensor, kind: Window = "hann") -> Tensor:
    """Power map of N×C×H×W: N×C×H×(W//2+1), float32 whatever the autocast.

    The mean is taken away first: brightness is not a texture, and through the window it would leak into
    the lowest rings. Parseval: the power summed over the whole plane equals the sum of (x · window)².
    """
    with torch.autocast(x.device.type, enabled=False):
        x = x.float()
        x = x - x.mean((-2, -1), keepdim=True)
        f = torch.fft.rfft2(x * window(*x.shape[-2:], kind, x.device), norm="ortho")
        return f.real.square() + f.imag.square()


def log_spectrum(x: Tensor, kind: Window = "hann", eps: float = 2e-3) -> Tensor:
    """Natural log of the magnitude map, N×C×H×(W//2+1).

    `eps` is the magnitude that 8-bit rounding leaves behind, 1/(127.5·√12) ≈ 0.0023 in [−1, 1]: below it
    there is only noise. It also keeps the gradient finite where the magnitude is 0 (a constant picture).
    """
    return 0.5 * torch.log(power(x, kind) + eps**2)


def frequencies(height: int, width: int, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
    """Vertical (H×1) and horizontal (1×(W//2+1)) frequency of a map, in cycles per pixel."""
    return torch.fft.fftfreq(height, device=device)[:, None], torch.fft.rfftfreq(width, device=device)[None]


def multiplicity(height: int, width: int, device: torch.device | str = "cpu") -> Tensor:
    """How many points of the whole plane each point of the half plane stands for, H×(W//2+1).

    The columns f_x = 0 and f_x = 1/2 hold their own mirror images and count once, all others twice. A mean
    without these weights changes when a picture is turned by 90 degrees.
    """
    across = torch.full((width // 2 + 1,), 2.0, device=device)
    across[0] = 1.0
    if width % 2 == 0:
        across[-1] = 1.0
    return across.expand(height, -1)


def rings(height: int, width: int, bins: int, device: torch.device | str = "cpu") -> Tensor:
    """Ring of each point of the half plane, H×(W//2+1) int64: −1 for the mean and for the corners above 1/2.

    Ring k (from 0) is centred on (k + 1)/(2·bins) cycles per pixel: the same ring means the same frequency at
    every picture size.
    """
    fy, fx = frequencies(height, width, device)
    index = (torch.hypot(fy, fx) * 2 * bins).round().long() - 1
    return torch.where(index < bins, index, -1)


def mean_over(values: Tensor, index: Tensor, weight: Tensor, bins: int) -> Tensor:
    """Weighted mean of …×H×V `values` over the places where `index` (H×V) is 0 … bins−1: …×bins."""
    keep = index >= 0
    index, weight = index[keep], weight[keep].to(values.dtype)
    total = values.new_zeros(*values.shape[:-2], bins)
    total = total.index_add(-1, index, values[..., keep] * weight)
    # not bincount: with weights it has no repeatable form on a GPU
    return total / values.new_zeros(bins).index_add(0, index, weight)


def radial_profile(values: Tensor, width: int, bins: int | None = None) -> Tensor:
    """Mean of a map over rings: …×H×(W//2+1) → …×bins.

    Args:
        values: a map; `width` is the picture's W, which the half plane does not tell.
        bins: number of rings up to 1/2 cycle per pixel; by default min(H, W)//2, the most that leaves no
            ring empty.

    Raises:
        StudyError: the picture is too small for so many rings.
    """
    height = values.shape[-2]
    bins = min(height, width) // 2 if bins is None else bins
    if not 0 < bins <= min(height, width) // 2:
        raise StudyError(
            f"a {height}×{width} picture is too small for {bins} rings; at most {min(height, width) // 2}"
        )
    index = rings(height, width, bins, values.device)
    return mean_over(values, index, multiplicity(height, width, values.device), bins)


def ring_frequencies(bins: int) -> np.ndarray:
    """Centres of the rings of `radial_profile`, cycles per pixel."""
    return np.arange(1, bins + 1) / (2 * bins)


def angular_profile(
    values: Tensor, width: int, bins: int = 18, low: float = 0.06, high: float = 0.5
) -> Tensor:
    """Mean of a map over sectors of orientation, …×H×(W//2+1) → …×bins; sector 0 is centred on f_y = 0.

    A sector holds the wave vectors at (k·180/bins ± 90/bins) degrees, between `low` and `high` cycles per
    pixel: vertical structures of the picture (walls, trunks) lie in sector 0, horizontal ones in bins/2.
    """
    height = values.shape[-2]
    fy, fx = frequencies(height, width, values.device)
    radius = torch.hypot(fy, fx)
    # a hair more than one half, so that wave vectors on a border (45 degrees) always go to the upper sector
    sector = (torch.atan2(fy, fx) * bins / torch.pi + 0.5001).floor().long() % bins
    # `high` itself is left out: at 1/2 a row of an even picture holds both signs of f_y
    sector = torch.where((radius >= low) & (radius < high), sector, -1)
    return mean_over(values, sector, multiplicity(height, width, values.device), bins)


def full_plane(values: Tensor, width: int) -> Tensor:
    """A half plane as one looks at it: …×H×(W//2+1) → …×H×W, frequency 0 in the middle.

    The missing half mirrors the other: |F(−f_y, −f_x)| = |F(f_y, f_x)| for real pictures.
    """
    mirrored = values.flip((-2, -1)).roll(1, -2)  # row k → row −k, column j → column −j
    missing = mirrored[..., (1 if width % 2 == 0 else 0) : -1]
    return torch.fft.fftshift(torch.cat([values, missing], -1), dim=(-2, -1))


def whiten(energy: Tensor, width: int) -> Tensor:
    """A power map divided by the mean of its ring: what is left when the slope is taken away.

    1 everywhere on average; white noise gives an exponential distribution. Places outside the rings are 0.
    """
    height = energy.shape[-2]
    bins = min(height, width) // 2
    index = rings(height, width, bins, energy.device)
    mean = radial_profile(energy, width, bins).clamp_min(1e-20)
    flat = energy / mean[..., index.clamp_min(0)]
    return torch.where(index >= 0, flat, 0.0)


class Standardiser(torch.nn.Module):
    """Per-frequency mean and standard deviation, fixed from a reference set, clamped to ±`limit`.

    A min–max scaling of each sample, as several published spectral discriminators use, would throw the
    absolute power away, and with it most of the difference between the two domains.
    """

    def __init__(self, shape: tuple[int, ...], limit: float = 6.0) -> None:
        super().__init__()
        self.limit = limit
        self.register_buffer("mean", torch.zeros(shape))
        self.register_buffer("deviation", torch.ones(shape))

    @torch.no_grad()
    def fit(self, reference: Tensor) -> "Standardiser":
        """Take the statistics of `reference` (n×shape, n ≥ 2)."""
        self.mean.copy_(reference.mean(0))
        self.deviation.copy_(reference.std(0).clamp_min(1e-3))
        return self

    def forward(self, values: Tensor) -> Tensor:
        """Standardised values, n×shape."""
        return ((values - self.mean) / self.deviation).clamp(-self.limit, self.limit)


def slope(profile: Tensor, low: float = 0.03, high: float = 0.45) -> Tensor:
    """Exponent of the power law power ∝ f^slope: …×bins of log magnitude (natural) → ….

    Least squares of log power on log frequency between `low` and `high` cycles per pixel; photographs of
    nature lie near −2.
    """
    f = torch.as_tensor(ring_frequencies(profile.shape[-1]), dtype=profile.dtype, device=profile.device)
    keep = (f >= low) & (f <= high)
    x = f[keep].log()
    x = x - x.mean()
    return 2 * (profile[..., keep] * x).sum(-1) / x.square().sum()


def gini(values: Tensor, weight: Tensor) -> Tensor:
    """Gini coefficient of …×K non-negative values with K weights: 0 all equal, 1 all in one place."""
    values, order = values.sort(-1)
    share = weight[order] / weight.sum()
    below = share.cumsum(-1) - share / 2
    mean = (values * share).sum(-1).clamp_min(1e-20)
    return 2 * (values * share * (below - 0.5)).sum(-1) / mean


# What `statistics` measures: name → (unit or scale, what a larger value says).
STATISTICS = {
    "brightness": ("mean log magnitude", "more energy at all frequencies"),
    "slope": ("exponent of the power law", "flatter spectrum, more fine detail"),
    "high_power": ("log10 share of power above 0.25 cycles/px", "more fine detail"),
    "angular_entropy": ("0 … 1", "energy spread over all orientations"),
    "concentration": ("Gini of ring-whitened power; noise 0.5", "energy in few points of a ring"),
    "kurtosis": ("excess kurtosis of ring-whitened log power", "heavier tails, isolated points"),
    "axis_ratio": ("power on the axes / ring mean; noise 1", "horizontal and vertical structure"),
}


def statistics(x: Tensor, kind: Window = "hann") -> dict[str, Tensor]:
    """Figure 3 in numbers: the `STATISTICS` of each picture's luma, N×3×H×W → name → N values.

    The paper's words are "bright and scattered" for photographs, "concentrated and regular" for drawings.
    """
    height, width = x.shape[-2:]
    energy = power(luma(x), kind)[:, 0]
    log_magnitude = log_spectrum(luma(x), kind)[:, 0]
    profile = radial_profile(log_magnitude, width)
    fy, fx = frequencies(height, width, x.device)
    radius = torch.hypot(fy, fx)
    count = multiplicity(height, width, x.device)
    inside = rings(height, width, min(height, width) // 2, x.device) >= 0

    flat = whiten(energy, width)
    band = inside & (radius >= 0.06)
    sectors = angular_profile(flat, width).clamp_min(1e-20)
    share = sectors / sectors.sum(-1, keepdim=True)
    entropy = -(share * share.log()).sum(-1) / np.log(share.shape[-1])

    tail = torch.log(flat[:, band] + 1e-6)
    centred = tail - (tail * count[band]).sum(-1, keepdim=True) / count[band].sum()
    moment = {k: (centred**k * count[band]).sum(-1) / count[band].sum() for k in (2, 4)}

    # one frequency step to either side of an axis, as the window smears a line over its neighbours
    axis = band & ((fy.abs() <= 1.01 / height) | (fx.abs() <= 1.01 / width))
    total = (energy * count)[:, inside].sum(-1).clamp_min(1e-20)
    high = (energy * count)[:, inside & (radius > 0.25)].sum(-1)
    return {
        "brightness": (log_magnitude * count)[:, inside].sum(-1) / count[inside].sum(),
        "slope": slope(profile),
        "high_power": torch.log10(high / total + 1e-12),
        "angular_entropy": entropy,
        "concentration": gini(flat[:, band], count[band]),
        "kurtosis": moment[4] / moment[2].square().clamp_min(1e-20) - 3,
        "axis_ratio": (flat * count)[:, axis].sum(-1) / count[axis].sum(),
    }


def spectral_distance(one: Tensor, other: Tensor) -> Tensor:
    """Log-spectral distance of two sets of pictures, in decibels; 0 for equal spectra.

    From their radial profiles (n×bins and m×bins of natural log magnitude): root mean square over the rings
    of the difference of the mean profiles.
    """
    difference = one.mean(0) - other.mean(0)
    return 20 / np.log(10) * difference.square().mean().sqrt()
