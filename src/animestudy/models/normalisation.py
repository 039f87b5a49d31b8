"""Normalisations between those of an instance and of a layer, whose share the network learns.

U-GAT-IT (Kim et al. 2020): instance statistics hold each channel by itself and lose what stands between
channels, layer statistics keep it and hold style less strictly. ρ in [0, 1] mixes the two, one for each
channel. An optimiser knows no bounds, so `project` puts ρ back after each step.
"""

import torch
from torch import Tensor, nn

EPS = 1e-5


def standard(x: Tensor, axes: tuple[int, ...]) -> Tensor:
    """`x` minus its mean, over its standard deviation, both over `axes`.

    The variance is the biased one, which a map of one pixel has as well.
    """
    variance, mean = torch.var_mean(x, axes, correction=0, keepdim=True)
    return (x - mean) * (variance + EPS).rsqrt()


class Mixed(nn.Module):
    """ρ · instance + (1 − ρ) · layer normalisation, N×C×H×W, without scale and shift."""

    def __init__(self, channels: int, rho: float) -> None:
        super().__init__()
        self.rho = nn.Parameter(torch.full((1, channels, 1, 1), rho))

    def project(self) -> None:
        """Put ρ back into [0, 1]."""
        with torch.no_grad():
            self.rho.clamp_(0, 1)

    def forward(self, x: Tensor) -> Tensor:
        return standard(x, (1, 2, 3)).lerp(standard(x, (2, 3)), self.rho)


class AdaLIN(nn.Module):
    """Adaptive layer-instance normalisation: scale γ and shift β (each N×C) come with every picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mixed = Mixed(channels, 0.9)

    def forward(self, x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        return gamma[..., None, None] * self.mixed(x) + beta[..., None, None]


class LIN(nn.Module):
    """Layer-instance normalisation: scale and shift are weights; for the way up, where ρ begins at 0."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mixed = Mixed(channels, 0.0)
        self.gamma = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.gamma * self.mixed(x) + self.beta


def project(network: nn.Module) -> None:
    """Put back into its bounds every weight of `network` that has some."""
    for module in network.modules():
        if isinstance(module, Mixed):
            module.project()
