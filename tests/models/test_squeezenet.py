"""SqueezeNet's trunk with a module behind it."""

import pytest
import torch
from torch.nn import functional
from torchvision.models import squeezenet1_0

from animestudy.models import weights
from animestudy.models.dkse import MODULES
from animestudy.models.squeezenet import MeanMax, squeezenet


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_gradients_reach_every_weight_at_odd_sizes(module, dtype):
    torch.manual_seed(0)
    network = squeezenet(3, module=module, width=16)
    with torch.autocast("cpu", dtype, enabled=dtype != torch.float32):
        logits = network(torch.randn(2, 3, 45, 71))
        loss = functional.cross_entropy(logits.float(), torch.tensor([0, 2]))
    loss.backward()
    assert logits.shape == (2, 3)
    for name, value in network.named_parameters():
        assert value.grad is not None and value.grad.isfinite().all(), name
        if name.startswith(("features.12", "narrow", "module", "head")):
            assert value.grad.abs().sum() > 0, name


def test_imagenets_weights_fit_by_name_and_give_the_same_maps():
    torch.manual_seed(0)
    source, network = squeezenet1_0().eval(), squeezenet(3, width=16).eval()
    new = weights.load_matching(network, source.state_dict())
    assert not [name for name in new if name.startswith("features")]
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(network.features(x), source.features(x))


def test_pooling_is_the_mean_and_the_maximum():
    x = torch.randn(2, 3, 5, 4)
    assert torch.allclose(MeanMax()(x)[:, :3], x.mean((2, 3)))
    assert torch.equal(MeanMax()(x)[:, 3:], x.flatten(2).max(2).values)
