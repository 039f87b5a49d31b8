"""Equations 1–3: what is implemented is what torch computes; what is printed is not."""

import math

import numpy as np
import pytest
import torch

from animestudy.models import equations
from animestudy.models.lenet import ACTIVATIONS

X = torch.linspace(-30, 30, 2001, dtype=torch.float64, requires_grad=True)


def derivative(function, x):
    return torch.autograd.grad(function(x).sum(), x)[0]


@pytest.mark.parametrize("shape", [(3, 5, 5), (3, 7, 10)])
def test_convolution_is_its_equation_and_the_layer_of_torch(shape):
    rng = np.random.default_rng(0)
    maps = rng.normal(size=shape)
    kernels, bias = rng.normal(size=(4, 3, 3, 5)), rng.normal(size=4)
    made = equations.convolution(maps, kernels, bias)
    height, width = made.shape[1:]
    assert made.shape == (4, maps.shape[1] - 2, maps.shape[2] - 4)
    for i in range(4):
        for y in range(height):
            for x in range(width):
                total = sum((maps[j, y : y + 3, x : x + 5] * kernels[i, j]).sum() for j in range(3))
                assert made[i, y, x] == pytest.approx(total + bias[i])
    layer = torch.nn.functional.conv2d(*(torch.from_numpy(part) for part in (maps[None], kernels, bias)))
    np.testing.assert_allclose(made, layer[0].numpy(), rtol=1e-10, atol=1e-12)


def test_torch_satisfies_the_implemented_identities():
    sigmoid, tanh = ACTIVATIONS["sigmoid"](), ACTIVATIONS["tanh"]()
    s, t = sigmoid(X), tanh(X)
    torch.testing.assert_close(t, 2 * sigmoid(2 * X) - 1)
    torch.testing.assert_close(derivative(sigmoid, X), s * (1 - s))
    torch.testing.assert_close(derivative(tanh, X), 1 - t**2)


def test_equations_are_what_torch_computes():
    x = X.detach().numpy()
    np.testing.assert_allclose(equations.sigmoid(x), torch.sigmoid(X).detach().numpy(), rtol=1e-12)
    np.testing.assert_allclose(equations.tanh(x), torch.tanh(X).detach().numpy(), atol=1e-15)
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(equations.sigmoid(np.array([-1e4, 0, 1e4])), [0, 0.5, 1])


def test_sigmoid_as_printed_is_none():
    x = np.array([-2.0, 0.0, math.log(2), math.log(5)])
    printed = equations.printed_sigmoid(x)
    assert np.isnan(printed[:2]).all()
    np.testing.assert_allclose(printed[2:], [1, 0.5])  # 1/√(2−1), 1/√(5−1): falls where a sigmoid rises
    near = equations.printed_sigmoid(np.array([1e-6]))
    assert near > 900  # and is not between 0 and 1
    step = 1e-6
    slope = (equations.printed_sigmoid(x[2:] + step) - equations.printed_sigmoid(x[2:] - step)) / (2 * step)
    assert (np.abs(slope - printed[2:] * (1 - printed[2:])) > 0.1).all()  # σ' = σ(1−σ) does not hold


def test_tanh_as_printed_is_none():
    x = np.array([-3.0, 0.0, 0.1, 10.0])
    printed = equations.printed_tanh(x)
    e = math.exp
    by_hand = [2 / (1 + e(-2 * v)) - math.sqrt(e(v) + e(-v)) / (e(v) - 1) for v in x[[0, 2, 3]]]
    np.testing.assert_allclose(printed[[0, 2, 3]], by_hand)
    assert np.isnan(printed[1]) and (np.abs(printed[[0, 2, 3]]) > 1).all()
