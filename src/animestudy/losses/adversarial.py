"""The games between a discriminator and the generator, on logits of any shape.

Eq. (4) of the paper, garbled in print, is read as E_y[log D(F(y))] + E_x[log(1 − D(F(G(x))))]: the game
`log`. Least squares (Mao et al. 2017), as in the AnimeGAN family, and hinge (Lim & Ye 2017) keep a gradient
where the logarithm saturates.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor
from torch.nn import functional as F

Loss = Callable[[Tensor], Tensor]


class Game(NamedTuple):
    """Three losses of logits: the discriminator's on real and on fake pictures, the generator's on fakes."""

    real: Loss
    fake: Loss
    fool: Loss


GAMES: dict[str, Game] = {
    "lsgan": Game(
        real=lambda d: (d - 1).square().mean(),
        fake=lambda d: d.square().mean(),
        fool=lambda d: (d - 1).square().mean(),
    ),
    "hinge": Game(
        real=lambda d: F.relu(1 - d).mean(),
        fake=lambda d: F.relu(1 + d).mean(),
        fool=lambda d: -d.mean(),
    ),
    "log": Game(
        real=lambda d: F.softplus(-d).mean(),
        fake=lambda d: F.softplus(d).mean(),
        fool=lambda d: F.softplus(
            -d
        ).mean(),  # −log D instead of log(1 − D): Goodfellow's non-saturating form
    ),
}
