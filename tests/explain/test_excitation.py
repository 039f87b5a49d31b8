"""Pictures made to excite a channel do excite it, and nothing else is changed."""

import numpy as np
import pytest
import torch
from torch import nn

from animestudy.explain import excitation, features

SIDE = 17


@pytest.fixture
def pictures():
    return np.random.default_rng(1).integers(0, 256, (6, SIDE, SIDE, 3), dtype=np.uint8)


@pytest.fixture
def network():
    """Channel 0 likes red, channel 1 likes horizontal changes of brightness."""
    layer = nn.Conv2d(3, 2, 3, padding=1, bias=False)
    weight = torch.zeros(2, 3, 3, 3)
    weight[0, :, 1, 1] = torch.tensor([1.0, -0.5, -0.5])
    weight[1, :, 1, 0], weight[1, :, 1, 2] = -1.0, 1.0
    layer.weight.data = weight
    return nn.Sequential(layer, nn.ReLU(inplace=True), nn.Conv2d(2, 2, 1)).eval()


def test_the_ascent_reaches_more_than_real_pictures_and_repeats(network, pictures):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    responses = features.means(features.pooled(network, pictures, ["1"])["1"])
    arguments = (network, "1", [0, 1], responses.std(0), pictures)
    made, reached = excitation.excite(*arguments, steps=30, seed=3)
    assert made.shape == (2, SIDE, SIDE, 3) and made.dtype == np.uint8
    assert (reached > responses.max(0)).all()
    red, green, blue = made[0].reshape(-1, 3).mean(0)
    assert red > green and red > blue
    checked = features.means(features.pooled(network, made, ["1"])["1"]).diagonal()
    np.testing.assert_allclose(checked, reached, rtol=1e-4)
    again, _ = excitation.excite(*arguments, steps=30, seed=3)
    np.testing.assert_array_equal(made, again)
    other, _ = excitation.excite(*arguments, steps=30, seed=4)
    assert (made != other).any()
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(weight.requires_grad and weight.grad is None for weight in network.parameters())


def test_colours_have_the_correlation_of_the_pictures():
    rng = np.random.default_rng(0)
    grey = rng.integers(40, 200, (4, 20, 20, 1))
    pictures = (grey + rng.integers(-8, 9, (4, 20, 20, 3))).astype(np.uint8)
    middle, mixing = excitation.colours(pictures)
    drawn = torch.randn(20000, 3, generator=torch.Generator().manual_seed(0)) @ mixing.T
    odds = np.log((pictures.reshape(-1, 3) + 0.5) / (255.5 - pictures.reshape(-1, 3)))
    np.testing.assert_allclose(np.corrcoef(drawn.T), np.corrcoef(odds.T), atol=0.02)
    np.testing.assert_allclose(middle, odds.mean(0), rtol=1e-4)
    assert mixing.norm(dim=0).max() == pytest.approx(1)


@pytest.mark.parametrize("side", [16, 17])
def test_a_canvas_is_the_inverse_transform_of_its_scaled_coefficients(side):
    canvas = excitation.Canvas(3, side, torch.zeros(3), torch.eye(3), 0)
    coefficients = torch.view_as_complex(canvas.coefficients).detach().numpy() * canvas.scale.numpy()
    by_hand = np.fft.irfft2(coefficients, s=(side, side), norm="ortho")
    np.testing.assert_allclose(canvas.plain().detach(), by_hand, atol=1e-4)
    shown = canvas.shown(canvas.plain())
    assert shown.shape == (3, 3, side, side) and shown.min() > 0 and shown.max() < 1
    assert canvas.plain()[0].std() < canvas.plain()[2].std()  # from quiet to loud
