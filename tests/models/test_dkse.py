"""Dual-kernel squeeze-and-excitation against its equations in plain NumPy, and the network around it."""

import numpy as np
import pytest
import torch
from torch import nn

from animestudy.models.dkse import DualKernelSE, separable_network


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        yield


def wake(network: nn.Module) -> nn.Module:
    """Give every norm a life of its own."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    return network


def branch(x: np.ndarray, part: nn.Module) -> np.ndarray:
    """ReLU(BN(K ⊗ x)) of C×H×W by its definition."""
    weight, norm = part.conv.weight.detach().double().numpy(), part.bn
    kernel = weight.shape[-1]
    padded = np.pad(x, ((0, 0), *[(kernel // 2, kernel // 2)] * 2))
    out = np.zeros((len(weight), *x.shape[1:]))
    for i in range(x.shape[1]):
        for j in range(x.shape[2]):
            out[:, i, j] = np.tensordot(weight, padded[:, i : i + kernel, j : j + kernel], 3)
    mean, var, scale, shift = (
        t.detach().double().numpy()[:, None, None]
        for t in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return np.maximum((out - mean) / np.sqrt(var + norm.eps) * scale + shift, 0)


def by_the_equations(x: np.ndarray, module: DualKernelSE, gate: str) -> np.ndarray:
    small, large = (branch(x, part) for part in module.branches)
    channels = len(x)
    s = (small + large).mean((1, 2))
    w, wb = (t.detach().double().numpy() for t in (module.squeeze.weight, module.squeeze.bias))
    v, vb = (t.detach().double().numpy() for t in (module.excite.weight, module.excite.bias))
    logits = v @ np.maximum(w @ s + wb, 0) + vb
    if gate == "softmax":
        first, second = np.exp(logits[:channels]), np.exp(logits[channels:])
        first, second = first / (first + second), second / (first + second)
    else:
        weights = 1 / (1 + np.exp(-logits))
        first, second = weights[:channels], weights[-channels:]
    return first[:, None, None] * small + second[:, None, None] * large


@pytest.mark.parametrize("gate", ["softmax", "sigmoid", "shared"])
@pytest.mark.parametrize("kernels", [(1, 5), (3, 7)])
def test_module_is_its_equations(gate, kernels):
    module = wake(DualKernelSE(6, kernels, ratio=2, gate=gate)).eval()
    x = torch.randn(1, 6, 7, 5)
    expected = by_the_equations(x[0].double().numpy(), module, gate)
    with torch.no_grad():
        np.testing.assert_allclose(module(x)[0].numpy(), expected, rtol=1e-4, atol=1e-5)


def test_shared_gate_is_squeeze_and_excitation_of_the_fused_map():
    module = wake(DualKernelSE(8, gate="shared")).eval()
    x = torch.randn(2, 8, 9, 11)
    with torch.no_grad():
        fused = module.branches[0](x) + module.branches[1](x)
        weight = module.excite(module.squeeze(fused.mean((2, 3))).relu()).sigmoid()
        torch.testing.assert_close(module(x), fused * weight[:, :, None, None])


def test_softmax_gates_compete_and_sigmoids_do_not():
    x = torch.randn(2, 8, 6, 6)
    for gate, sums_to_one in (("softmax", True), ("sigmoid", False)):
        module = DualKernelSE(8, gate=gate)
        logits = module.excite(module.squeeze(x.mean((2, 3))).relu()).unflatten(1, (-1, 8))
        total = module.gates(logits).sum(1)
        assert torch.allclose(total, torch.ones_like(total)) is sums_to_one


def test_two_branches_are_not_one_convolution():
    """Without a norm and an activation of their own the two kernels would add up to one linear map."""
    module = wake(DualKernelSE(4)).eval()
    x, y = torch.randn(2, 1, 4, 9, 9)
    with torch.no_grad():
        for part in module.branches:
            nonlinear = part(x + y) - part(x) - part(y) + part(torch.zeros_like(x))
            assert nonlinear.abs().max() > 0.1


@pytest.mark.parametrize("half", [False, True], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("gate", ["softmax", "sigmoid", "shared"])
@pytest.mark.parametrize("convolution", ["separable", "ordinary"])
def test_gradient_reaches_every_weight_at_odd_sizes(gate, convolution, half):
    network = wake(separable_network(3, gate=gate, convolution=convolution))
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = network(torch.randn(3, 3, 45, 67)).float().square().sum()
    loss.backward()
    dead = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not dead


@pytest.mark.parametrize("after", [1, 3, 7])
def test_place_in_the_network(after):
    names = [name for name, _ in separable_network(4, after=after).named_children()]
    assert names[names.index("module") - 1] == f"dsc{after}"
    assert "module" not in dict(separable_network(4, module="none").named_children())


def test_separable_convolutions_are_cheaper():
    def count(**options):
        return sum(p.numel() for p in separable_network(5, module="none", **options).parameters())

    assert count() < count(convolution="ordinary") / 5


def test_half_precision_keeps_shape_and_value():
    network = wake(separable_network(5)).eval()
    x = torch.randn(2, 3, 33, 45)
    with torch.no_grad():
        plain = network(x)
        with torch.autocast("cpu", torch.bfloat16):
            half = network(x)
    assert half.shape == plain.shape and (half - plain).abs().max() < 0.1 * plain.abs().max()


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="odd"):
        DualKernelSE(8, (1, 4))
    with pytest.raises(ValueError, match="after = 9"):
        separable_network(5, after=9)
    with pytest.raises(ValueError, match="strides"):
        separable_network(5, channels=(8, 16))


@pytest.mark.parametrize("half", [False, True], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("module", ["se", "eca", "cbam", "sk"])
def test_comparators_stand_at_the_same_place_and_learn(module, half):
    network = wake(separable_network(3, channels=(8, 8, 16), strides=(1, 2, 1), module=module, after=2))
    assert [name for name, _ in network.named_children()][3] == "module"
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = network(torch.randn(3, 3, 45, 37)).float().square().sum()
    loss.backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.module.parameters())


def test_selective_kernels_are_real_ones_over_all_channels():
    weights = [part.conv.weight for part in separable_network(3, module="sk").module.paths]
    assert [tuple(weight.shape[1:]) for weight in weights] == [(48, 3, 3), (48, 5, 5)]
