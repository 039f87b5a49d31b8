"""MobileNetV1 at any width."""

import pytest
import timm
import torch

from animestudy.models.mobilenet import mobilenet_v1


def parameters(network):
    return sum(p.numel() for p in network.parameters())


def test_full_width_is_timms():
    with torch.device("meta"):
        assert parameters(mobilenet_v1(1000, width=1)) == parameters(timm.create_model("mobilenetv1_100"))


@pytest.mark.parametrize("half", [False, True], ids=["float32", "bfloat16"])
@pytest.mark.parametrize(("height", "width"), [(32, 32), (45, 67)])
def test_gradient_reaches_every_weight_at_odd_sizes(height, width, half):
    torch.manual_seed(0)
    network = mobilenet_v1(3, width=0.25)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = network(torch.randn(4, 3, height, width)).float().square().sum()
    loss.backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
