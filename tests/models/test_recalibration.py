"""The recalibrated bottleneck against its equations in plain NumPy, and what surgery on a network keeps."""

import numpy as np
import pytest
import torch
from timm.models.resnet import Bottleneck, ResNet
from torch import nn

from animestudy.models import recalibration
from animestudy.models.recalibration import (
    Recalibrated,
    Rescaled,
    bottlenecks,
    matched_channels,
    parameters,
    pool,
    recalibrate,
    resnet50,
)

THIN = {"channels": (4, 6, 8, 10), "stem": "slim"}


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng():
        torch.manual_seed(5)
        yield


def wake(network: nn.Module) -> nn.Module:
    """Give every norm a life of its own, so that no branch is multiplied by nought."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    return network


def places(network: ResNet) -> list[int]:
    """Which of the blocks, counted from the input, are recalibrated."""
    blocks = [stage[i] for stage, i in bottlenecks(network)]
    return [k for k, block in enumerate(blocks) if isinstance(block, Recalibrated)]


def convolved(x: np.ndarray, conv: nn.Conv2d) -> np.ndarray:
    """A convolution of C×H×W by its definition."""
    weight = conv.weight.detach().double().numpy()
    (kernel, _), (stride, _), (padding, _) = conv.kernel_size, conv.stride, conv.padding
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    high, wide = ((n - kernel) // stride + 1 for n in x.shape[1:])
    out = np.zeros((len(weight), high, wide))
    for i in range(high):
        for j in range(wide):
            window = x[:, i * stride : i * stride + kernel, j * stride : j * stride + kernel]
            out[:, i, j] = np.tensordot(weight, window, 3)
    return out


def normed(x: np.ndarray, norm: nn.BatchNorm2d) -> np.ndarray:
    mean, var, weight, bias = (
        t.detach().double().numpy()[:, None, None]
        for t in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return (x - mean) / np.sqrt(var + norm.eps) * weight + bias


def affine(x: np.ndarray, layer: nn.Linear) -> np.ndarray:
    return layer.weight.detach().double().numpy() @ x + layer.bias.detach().double().numpy()


def by_the_equations(x: np.ndarray, block: Recalibrated) -> np.ndarray:
    """Equations (5)–(7) as implemented, for one picture's features c'×h×b."""

    def g(a):
        return np.array([channel.sum() / channel.size for channel in a])  # (5)

    a1 = np.maximum(normed(convolved(x, block.conv1), block.bn1), 0)
    a2 = np.maximum(normed(convolved(a1, block.conv2), block.bn2), 0)
    a3 = normed(convolved(a2, block.conv3), block.bn3)
    e = g(a3)
    if block.lift is not None:
        e = e + affine(g(a1) + g(a2), block.lift)  # (6)
    hidden = affine(e, block.gate[0])
    slope = block.gate[1].weight.item()
    hidden = np.where(hidden > 0, hidden, slope * hidden)  # δ: PReLU
    weight = 1 / (1 + np.exp(-affine(hidden, block.gate[2])))
    skip = x if block.downsample is None else normed(convolved(x, block.downsample[0]), block.downsample[1])
    return np.maximum(weight[:, None, None] * a3 + skip, 0)  # (7), then ReLU


@pytest.mark.parametrize("shallow", [True, False])
@pytest.mark.parametrize("place", [0, 1, 3])  # projected, plain, projected with stride 2
def test_block_is_its_equations(place, shallow):
    network = wake(resnet50(3, **THIN, modules=16, ratio=4, shallow=shallow)).eval()
    stage, i = bottlenecks(network)[place]
    x = torch.randn(1, stage[i].conv1.in_channels, 7, 5)
    expected = by_the_equations(x[0].double().numpy(), stage[i])
    with torch.no_grad():
        np.testing.assert_allclose(stage[i](x)[0].numpy(), expected, rtol=1e-4, atol=1e-5)


def test_without_modules_it_is_timms_network():
    ours = wake(resnet50(7, channels=(8, 16, 32, 64), stem="deep")).eval()
    timms = ResNet(
        Bottleneck, (3, 4, 6, 3), num_classes=7, channels=(8, 16, 32, 64), stem_type="deep", stem_width=4
    )
    timms.load_state_dict(ours.state_dict())
    x = torch.randn(2, 3, 45, 61)
    with torch.no_grad():
        assert torch.equal(ours(x), timms.eval()(x))
    assert not places(ours)


def test_one_seed_gives_the_same_residual_network_for_every_count():
    states = []
    for modules in (0, 5, 16):
        torch.manual_seed(1)
        states.append(resnet50(3, **THIN, modules=modules).state_dict())
    for state in states[1:]:
        assert all(torch.equal(state[name], value) for name, value in states[0].items())
        assert len(state) > len(states[0])


def test_order():
    assert places(resnet50(2, **THIN, modules=4)) == [12, 13, 14, 15]
    assert places(resnet50(2, **THIN, modules=4, order="shallow")) == [0, 1, 2, 3]


@pytest.mark.parametrize("half", [False, True], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("activation", ["prelu", "relu", "silu"])
def test_gradient_reaches_every_weight_at_odd_sizes(activation, half):
    network = wake(resnet50(3, **THIN, modules=16, ratio=2, activation=activation))
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = network(torch.randn(3, 3, 67, 43)).float().square().sum()
    loss.backward()
    dead = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not dead


def test_gradients_of_the_rescaled_map():
    shapes = ((2, 3, 5, 4), (2, 3, 1, 1), (2, 3, 5, 4))
    given = [torch.randn(shape, dtype=torch.double, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(Rescaled.apply, given)
    a3, weight, skip = given
    assert torch.equal(Rescaled.apply(a3, weight, skip), torch.addcmul(skip, a3, weight))


def test_a_pooled_map_keeps_its_order_of_memory_on_the_way_back():
    seen = []
    a = torch.randn(2, 6, 5, 4).contiguous(memory_format=torch.channels_last).requires_grad_()
    between = a.relu()
    between.register_hook(seen.append)
    torch.testing.assert_close(pool(between), between.mean((2, 3)))
    later = between.square().sum()
    (later + pool(between).square().sum()).backward()
    assert seen[0].is_contiguous(memory_format=torch.channels_last)


def test_half_precision_keeps_shape_and_value():
    network = wake(resnet50(3, **THIN, modules=16)).eval()
    x = torch.randn(2, 3, 45, 33)
    with torch.no_grad():
        plain = network(x)
        with torch.autocast("cpu", torch.bfloat16):
            half = network(x)
    assert half.shape == plain.shape and (half - plain).abs().max() < 0.1 * plain.abs().max()


@pytest.mark.parametrize("opening", [0.5, 0.95])
def test_gates_open_as_told(opening):
    for stage, i in bottlenecks(resnet50(3, **THIN, modules=16, ratio=4, opening=opening)):
        gates = stage[i].gate(torch.randn(200, stage[i].conv3.out_channels) * 0.3)
        assert gates.mean().item() == pytest.approx(opening, abs=0.05)


def test_parameter_counts_of_the_full_network():
    def count(modules, **options):
        with torch.device("meta"):
            network = recalibrate(ResNet(Bottleneck, (3, 4, 6, 3), num_classes=8), modules, **options)
        return sum(p.numel() for p in network.parameters()) / 1e6

    millions = {modules: round(count(modules), 2) for modules in (0, 1, 3, 6, 9, 13, 16)}
    assert millions == {0: 23.52, 1: 25.10, 3: 28.26, 6: 29.44, 9: 30.63, 13: 31.03, 16: 31.10}
    assert round(count(16) - count(0), 2) == 7.58
    assert round(count(16) - count(16, shallow=False), 2) == 5.04
    assert round(count(16, shallow=False, activation="relu") - count(0), 2) == 2.53  # squeeze-and-excitation


def test_mistakes_are_refused():
    network = ResNet(Bottleneck, (1, 1, 1, 1), channels=(4, 4, 4, 4))
    with pytest.raises(ValueError, match="4 bottlenecks"):
        recalibrate(network, 5)
    with pytest.raises(ValueError, match="opening"):
        recalibrate(network, 1, opening=1.0)
    with pytest.raises(ValueError, match="no bottlenecks"):
        recalibrate(nn.Sequential(), 0)
    attentive = ResNet(Bottleneck, (1, 1, 1, 1), channels=(8, 8, 8, 8), block_args={"attn_layer": "se"})
    with pytest.raises(ValueError, match="attention of its own"):
        recalibrate(attentive, 1)
    assert recalibration.LAYERS == (3, 4, 6, 3)


@pytest.mark.parametrize("channels", [(8, 16, 32, 64), (64, 128, 256, 512)])
def test_controls_have_the_parameters_of_the_module(channels):
    with torch.device("meta"):
        size = {
            name: parameters(resnet50(5, channels=channels, **options))
            for name, options in {
                "module": {"modules": 16},
                "se": {"modules": 16, "shallow": False},
                "wide se": {"modules": 16, "shallow": False, "widened": True},
            }.items()
        }
        wide = parameters(resnet50(5, channels=matched_channels(5, channels=channels, modules=16)))
    assert size["se"] < 0.95 * size["module"]
    assert size["wide se"] == pytest.approx(size["module"], rel=0.005)
    assert wide == pytest.approx(size["module"], rel=0.03)
