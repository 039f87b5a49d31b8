"""How much slope is left to the neurons of a fresh network when its weights start too large.

Paper section 3.2: "if the initial weight of the network is too large, the neurons will quickly reach the
saturation state, which will make the gradient of the output tend to 0". The gradient that passes a neuron is
multiplied by the slope f'(z) of its activation, so that slope, as a share of the steepest one, is measured.
"""

from typing import Any

import torch
from torch import Tensor, nn

from animestudy.data.augment import seeded
from animestudy.models.lenet import ACTIVATIONS, Activation, lenet

STEEPEST: dict[Activation, float] = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}  # the largest f'


def slope_left(x: Tensor, activation: Activation, scale: float, seed: int) -> float:
    """Mean of f'(z)/max f' (0 … 1) over the neurons of C1, C3, C5 and F6, each layer counting alike.

    x: B×K×S×S pictures as a network sees them. The network is an untrained LeNet for their size, all weights
    and biases `scale` times what torch starts with.
    """
    with seeded(seed):
        network = lenet(size=x.shape[-1], activation=activation, pooling="max")
    slopes = []

    def look(part: nn.Module, inputs: tuple[Tensor], _: Any) -> None:  # noqa: ANN401
        with torch.enable_grad():
            z = inputs[0].detach().requires_grad_()
            # without the hook of this call: the part is asked for its function alone
            slopes.append(torch.autograd.grad(part.forward(z).sum(), z)[0].mean() / STEEPEST[activation])

    for part in network.modules():
        if isinstance(part, ACTIVATIONS[activation]):
            part.register_forward_hook(look)
    with torch.no_grad():
        for weight in network.parameters():
            weight *= scale
        network(x)
    return float(torch.stack(slopes).mean())
