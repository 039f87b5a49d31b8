"""The slope that is left, by hand and in its limits."""

import numpy as np
import pytest
import torch

from animestudy.data.augment import seeded
from animestudy.models.lenet import ACTIVATIONS, lenet
from animestudy.models.saturation import STEEPEST, slope_left

X = torch.randn(4, 3, 20, 20, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_steepest_is_the_largest_slope(activation):
    x = torch.linspace(-5, 5, 1001, requires_grad=True)
    ACTIVATIONS[activation]()(x).sum().backward()
    assert x.grad.max().item() == pytest.approx(STEEPEST[activation])


def test_slope_is_that_of_the_activation_in_every_layer():
    with seeded(3), torch.no_grad():
        network = lenet(size=20, pooling="max", activation="sigmoid")
        for weight in network.parameters():
            weight *= 2
        x, by_hand = X, []
        for name, part in network.named_children():
            x = part(x)
            if name in ("c1", "c3", "c5", "f6"):
                s = x.double().numpy()
                by_hand.append((s * (1 - s)).mean() / 0.25)
    assert slope_left(X, "sigmoid", 2, seed=3) == pytest.approx(np.mean(by_hand), rel=1e-5)


def test_limits():
    for activation in ("sigmoid", "tanh"):
        left = [slope_left(X, activation, scale, seed=0) for scale in (1e-4, 1, 4, 16, 1e4)]
        assert left == sorted(left, reverse=True)
        assert left[0] == pytest.approx(1, abs=1e-3) and left[-1] < 0.02
    # only the biases, which weigh less and less, change the sign of what a rectifier gets
    relu = [slope_left(X, "relu", scale, seed=0) for scale in (1, 4, 16)]
    assert relu == pytest.approx([relu[0]] * 3, abs=0.04) and 0.2 < relu[0] < 0.8
