"""LeNet-5 (paper section 3, figure 1) with the paper's building blocks as choices.

LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition", Proceedings
of the IEEE 86(11):2278–2324, section II-B. Layers keep their names from there: C convolution, S subsampling,
F fully connected. Simplified as is usual today: C3 sees all maps of S2 (the source leaves some out to save
time), S2 and S4 have no coefficients of their own, tanh is not stretched, and a linear layer with
cross-entropy takes the place of the Gaussian connections.

Global average pooling is Lin, Chen, Yan 2013, "Network in network": one number for each map, then a linear
layer to the classes.
"""

from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn

from animestudy.models.pooling import POOLINGS

Pooling = Literal["max", "mean", "stochastic"]
Activation = Literal["sigmoid", "tanh", "relu"]
Head = Literal["connected", "average"]

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
}
MAPS = 16  # of C3 and S4
SMALLEST = 16  # pixels a side that leave one pixel behind S4


class Grey(nn.Module):
    """The mean of the colour channels: B×K×H×W → B×1×H×W, for a network that reads ink on paper."""

    def forward(self, x: Tensor) -> Tensor:
        """Average over the channels."""
        return x.mean(1, keepdim=True)


def lenet(
    classes: int = 10,
    *,
    size: int = 32,
    pooling: Pooling = "mean",
    activation: Activation = "tanh",
    head: Head = "connected",
) -> nn.Sequential:
    """B×K×`size`×`size` (any number K of colours) → B×`classes` logits.

    Parts: ``grey``, ``c1`` (6 maps, 5×5), ``s2`` (2×2), ``c3`` (16 maps, 5×5), ``s4`` (2×2) and the head:
    ``flat``, ``c5`` (120 units), ``f6`` (84 units), ``output`` where it is connected; ``pool``, ``flat``,
    ``output`` where it is the average of each map. C and F include their activation. C5 is a convolution
    over all that S4 leaves, which is a fully connected layer.

    size: pixels a side, at least 16; 32 in the source. A network with the average head takes any larger
        picture as well.
    """
    if size < SMALLEST:
        raise ValueError(f"size = {size}: LeNet needs {SMALLEST} pixels a side")
    act, pool = ACTIVATIONS[activation], POOLINGS[pooling]
    network = nn.Sequential()
    network.add_module("grey", Grey())
    network.add_module("c1", nn.Sequential(nn.Conv2d(1, 6, 5), act()))
    network.add_module("s2", pool(2))
    network.add_module("c3", nn.Sequential(nn.Conv2d(6, MAPS, 5), act()))
    network.add_module("s4", pool(2))
    left = ((size - 4) // 2 - 4) // 2
    for name, part in HEADS[head](left, classes, act).items():
        network.add_module(name, part)
    return network


def _connected(left: int, classes: int, act: Callable[[], nn.Module]) -> dict[str, nn.Module]:
    return {
        "flat": nn.Flatten(),
        "c5": nn.Sequential(nn.Linear(MAPS * left**2, 120), act()),
        "f6": nn.Sequential(nn.Linear(120, 84), act()),
        "output": nn.Linear(84, classes),
    }


def _average(left: int, classes: int, act: Callable[[], nn.Module]) -> dict[str, nn.Module]:
    return {"pool": nn.AdaptiveAvgPool2d(1), "flat": nn.Flatten(), "output": nn.Linear(MAPS, classes)}


HEADS: dict[str, Callable[..., dict[str, nn.Module]]] = {"connected": _connected, "average": _average}
