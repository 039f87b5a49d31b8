"""Networks that tell drawings from generated pictures: N×3×H×W in [−1, 1] to logits.

Every layer is spectrally normalised (Miyato et al. 2018): on the small sets of this study a free
discriminator wins within a few hundred steps and then teaches nothing.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

from animestudy.errors import StudyError
from animestudy.marks import boxed
from animestudy.models.ugatit import AttentiveDiscriminator
from animestudy.spectrum import Standardiser, Window, frequencies, log_spectrum, luma, radial_profile

SLOPE = 0.2


class PatchDiscriminator(nn.Module):
    """One logit per place (Isola et al. 2017), N×1×h×w: judges lines and blocks, not the composition.

    Lines and texture are small differences on top of large ones, sky against ground, and a network on plain
    pixels needs hundreds of steps before it looks at them. So beside the picture it sees the picture minus
    its 5×5 mean, amplified. (Measured on cel drawings: after 90 steps of training on its own it tells
    drawings from edge-smoothed drawings by 0.42 of 1, without that view by 0.04.)

    Args:
        width: channels of the first layer, doubled at each halving.
        halvings: strided layers; with two the convolutions of a logit see 29 pixels, with three 61.
        detail: factor on the difference from the local mean; 0 leaves that view out, as the peers do.
        colours: channels that it sees: 3, or 1 for brightness alone, as AnimeGAN's style term: colours are
            then left to other terms. Real drawings show skin and hair more than grass and sky, and
            photographs would take their tint.
        shrink: the picture is first shrunk by this whole factor. Lines are hardly left then, and what remains
            to be judged is shape: how large an eye is, not how it is drawn.
    """

    def __init__(
        self, width: int = 32, halvings: int = 2, detail: float = 4.0, shrink: int = 1, colours: int = 3
    ) -> None:
        super().__init__()
        self.detail, self.shrink, self.colours = detail, shrink, colours
        first = spectral_norm(nn.Conv2d(2 * colours if detail else colours, width, 3, padding=1))
        layers: list[nn.Module] = [first, nn.LeakyReLU(SLOPE, inplace=True)]
        for _ in range(halvings):
            layers += [*self.layer(width, width, stride=2), *self.layer(width, 2 * width)]
            width *= 2
        self.body = nn.Sequential(*layers, *self.layer(width, width))
        self.head = spectral_norm(nn.Conv2d(width, 1, 1))

    @staticmethod
    def layer(inside: int, outside: int, stride: int = 1) -> tuple[nn.Module, ...]:
        """A 3×3 convolution with spectral and layer normalisation, and its rectifier.

        Spectral normalisation alone lets the signal fade from layer to layer, down to logits that hardly
        differ between drawings and fakes; the layer normalisation brings it back (as in AnimeGANv2).
        """
        convolution = spectral_norm(nn.Conv2d(inside, outside, 3, stride, 1, bias=False))
        return convolution, nn.GroupNorm(1, outside), nn.LeakyReLU(SLOPE, inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        if self.colours == 1:
            x = luma(x)
        if self.shrink > 1:
            x = F.avg_pool2d(x, min(self.shrink, *x.shape[-2:]))
        if self.detail:
            x = torch.cat([x, (x - boxed(x, 2)) * self.detail], 1)
        return self.head(self.body(x))


class RadialDiscriminator(nn.Module):
    """D of eq. (4): judges the spectrum alone, through its radial profile; N×1.

    log D(F_dft(y)) needs a picture of the spectrum. A two-dimensional map is tied to one size, and on small
    sets a network on it wins at once; the profile fits every size, stays balanced, and its gradient does
    reach the generator (in several published spectral discriminators it is cut off).

    Args:
        bins: rings, from 0 to 1/2 cycle per pixel; pictures need at least 2·bins pixels a side.
        width: hidden units of the two layers.
        window: taper before the transform, see `spectrum.window`.
    """

    def __init__(self, bins: int = 32, width: int = 64, window: Window = "hann") -> None:
        super().__init__()
        self.bins, self.window = bins, window
        self.standardise = Standardiser((bins,))
        sizes = (bins, width, width)
        layers: list[nn.Module] = []
        for inside, outside in pairwise(sizes):
            layers += [spectral_norm(nn.Linear(inside, outside)), nn.LeakyReLU(SLOPE, inplace=True)]
        self.judge = nn.Sequential(*layers, spectral_norm(nn.Linear(width, 1)))

    def profile(self, x: Tensor) -> Tensor:
        """Radial profile of the log magnitude of the luma, N×bins, float32."""
        return radial_profile(log_spectrum(luma(x), self.window)[:, 0], x.shape[-1], self.bins)

    def fit(self, x: Tensor) -> None:
        """Fix the standardisation from a reference set, N×3×H×W."""
        with torch.no_grad():
            self.standardise.fit(self.profile(x))

    def forward(self, x: Tensor) -> Tensor:
        return self.judge(self.standardise(self.profile(x)))


class MapDiscriminator(nn.Module):
    """D of eq. (4) on the two-dimensional spectrum, as Figure 3 shows it; N×1. The arm beside `radial`.

    It sees orientations, which the profile does not, and pays with a fixed size: the points of a discrete
    spectrum lie elsewhere at every other size. So it looks at the middle `side`×`side` pixels. Two more
    channels tell its convolutions which frequency they look at.

    Args:
        side: pixels that it looks at: the training crop or fewer.
        width: channels of the first layer, doubled at each of two halvings.
        window: taper before the transform, see `spectrum.window`.
    """

    def __init__(self, side: int = 64, width: int = 16, window: Window = "hann") -> None:
        super().__init__()
        self.side, self.window = side, window
        self.standardise = Standardiser((side, side // 2 + 1))
        fy, fx = frequencies(side, side)
        place = torch.stack([fy.abs().expand(-1, side // 2 + 1), fx.expand(side, -1)])
        self.register_buffer("place", 4 * place - 1)
        layers: list[nn.Module] = []
        for inside, outside, stride in ((3, width, 1), (width, 2 * width, 2), (2 * width, 4 * width, 2)):
            layers += [
                spectral_norm(nn.Conv2d(inside, outside, 3, stride, 1)),
                nn.LeakyReLU(SLOPE, inplace=True),
            ]
        self.judge = nn.Sequential(*layers)
        self.head = spectral_norm(nn.Linear(4 * width, 1))

    def map(self, x: Tensor) -> Tensor:
        """Log magnitude of the luma of the middle, N×side×(side//2+1), float32."""
        height, width = x.shape[-2:]
        if min(height, width) < self.side:
            raise StudyError(f"a {height}×{width} picture is too small for a spectrum of side {self.side}")
        top, left = (height - self.side) // 2, (width - self.side) // 2
        middle = luma(x)[..., top : top + self.side, left : left + self.side]
        return log_spectrum(middle, self.window)[:, 0]

    def fit(self, x: Tensor) -> None:
        """Fix the standardisation from a reference set, N×3×H×W."""
        with torch.no_grad():
            self.standardise.fit(self.map(x))

    def forward(self, x: Tensor) -> Tensor:
        seen = self.standardise(self.map(x))[:, None]
        seen = torch.cat([seen, self.place.expand(len(x), -1, -1, -1)], 1)
        # the rows of a spectrum go round: frequency 0 lies between the last and the first one
        seen = seen.roll(self.side // 2, -2)
        return self.head(self.judge(seen).mean((2, 3)))


DISCRIMINATORS: dict[str, Callable[..., nn.Module]] = {
    "attentive": AttentiveDiscriminator,
    "patch": PatchDiscriminator,
    "radial": RadialDiscriminator,
    "map": MapDiscriminator,
}
