"""LeNet: sizes of LeCun et al. 1998, every choice of block, odd pictures, gradients."""

import itertools

import pytest
import torch
from torch import nn

from animestudy.models.lenet import ACTIVATIONS, HEADS, lenet
from animestudy.models.pooling import POOLINGS
from animestudy.models.weights import Classifier

CHOICES = list(itertools.product(POOLINGS, ACTIVATIONS, HEADS))


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        yield


def test_layers_have_the_sizes_of_the_source():
    x, shapes = torch.rand(1, 3, 32, 32), {}
    for name, part in lenet().named_children():
        x = part(x)
        shapes[name] = tuple(x.shape[1:])
    assert shapes == {
        "grey": (1, 32, 32), "c1": (6, 28, 28), "s2": (6, 14, 14), "c3": (16, 10, 10), "s4": (16, 5, 5),
        "flat": (400,), "c5": (120,), "f6": (84,), "output": (10,),
    }  # fmt: skip


def test_parameters_of_each_layer():
    counts = {name: sum(p.numel() for p in part.parameters()) for name, part in lenet().named_children()}
    assert (counts["c1"], counts["c5"], counts["f6"]) == (156, 48_120, 10_164)  # as LeCun et al. count them
    assert counts["c3"] == 16 * (6 * 25 + 1) and counts["output"] == 850
    assert sum(p.numel() for p in lenet(head="average").parameters()) == 156 + 2416 + 170


@pytest.mark.parametrize(("pooling", "activation", "head"), CHOICES)
@pytest.mark.parametrize("size", [16, 21, 33])
def test_gradient_reaches_every_weight(pooling, activation, head, size):
    network = lenet(7, size=size, pooling=pooling, activation=activation, head=head)
    out = network(torch.randn(8, 3, size, size))
    assert out.shape == (8, 7)
    out.square().sum().backward()
    dead = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not dead
    assert all(torch.isfinite(p.grad).all() for p in network.parameters())


def test_a_choice_is_what_it_says():
    network = lenet(pooling="mean", activation="sigmoid")
    assert isinstance(network.s2, nn.AvgPool2d) and isinstance(network.s4, nn.AvgPool2d)
    assert sum(isinstance(part, nn.Sigmoid) for part in network.modules()) == 4


def test_average_head_takes_larger_pictures_and_the_connected_one_does_not():
    x = torch.rand(2, 3, 40, 53)
    assert lenet(head="average", size=16)(x).shape == (2, 10)
    with pytest.raises(RuntimeError):
        lenet(head="connected", size=16)(x)


def test_average_head_is_the_mean_of_class_maps():
    """Averaging and the linear layer commute: a 1×1 convolution to a map for each class, then its mean."""
    network = lenet(head="average").eval()
    x = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        maps = network.s4(network.c3(network.s2(network.c1(network.grey(x)))))
        weight, bias = network.output.weight, network.output.bias
        by_maps = nn.functional.conv2d(maps, weight[:, :, None, None], bias).mean((2, 3))
        torch.testing.assert_close(network(x), by_maps)


def test_colours_count_alike():
    network = lenet().eval()
    x = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(network(x), network(x[:, [2, 0, 1]]))
        torch.testing.assert_close(network(x), network(x.mean(1, keepdim=True)))


def test_stands_in_the_table_of_networks():
    classifier = Classifier("digit", ("a", "b"), 20, "lenet", {"size": 20, "pooling": "stochastic"})
    assert classifier.build()(torch.rand(2, 3, 20, 20)).shape == (2, 2)


def test_half_precision():
    network, x = lenet(pooling="stochastic").eval(), torch.rand(2, 3, 32, 32)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        half = network(x)
    with torch.no_grad():
        torch.testing.assert_close(half.float(), network(x), rtol=0.05, atol=0.05)
    with torch.autocast("cpu", torch.bfloat16):
        loss = network.train()(x).float().square().sum()
    loss.backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


def test_a_small_picture_is_refused():
    with pytest.raises(ValueError, match="16 pixels"):
        lenet(size=15)
