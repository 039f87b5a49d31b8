"""What a network costs, counted without running it: parameters and multiply–adds."""

from typing import NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


class Cost(NamedTuple):
    """Of one network."""

    parameters: int
    operations: int  # multiply–adds for one picture


def parameters(network: nn.Module) -> int:
    """Number of weights that are learnt."""
    return sum(weight.numel() for weight in network.parameters() if weight.requires_grad)


def cost(network: nn.Module, side: int) -> Cost:
    """Parameters and multiply–adds (of convolutions and linear layers) for one picture of `side`×`side`.

    The network has to be on the meta device, where tensors have shapes and no numbers.
    """
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        network.eval()(torch.empty(1, 3, side, side, device="meta"))
    return Cost(parameters(network), counter.get_total_flops() // 2)
