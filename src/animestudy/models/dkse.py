"""Dual-kernel squeeze-and-excitation in a depthwise-separable network (paper sections 1 and 6).

The paper names the module "DSKE" and describes it nowhere; it is the DKSE of Yang and Zhang 2020 (Journal of
Image and Graphics 25(5):967–976): two kernels, a small one for detail and a large one for the whole, with
squeeze-and-excitation; best with 1×1 and 5×5 after the third depthwise-separable convolution.

For an input x and branches b ∈ {1, 2}, each a convolution of its own kernel with batch norm and ReLU::

    U_b = ReLU(BN_b(K_b ⊗ x))                  split
    U   = U_1 + U_2                            fuse
    s   = (1/hb) Σ_i Σ_j U_ij                  squeeze
    z   = ReLU(W·s),        W: (c/r)×c         excite
    l_b = gate(V_b·z),      V_b: c×(c/r)
    y   = l_1·U_1 + l_2·U_2                    select

The gate is undetermined in the sources that can be read, so it is a parameter: ``softmax`` over the branches
(they compete for each channel, as in Li et al. 2019, selective kernels), ``sigmoid`` for each branch, or one
``shared`` sigmoid, which equals plain squeeze-and-excitation of U and is the ablation.

Batch norm and ReLU stand in each branch: without them the sum of a 1×1 and a 5×5 convolution is one 5×5
convolution, and with a shared gate nothing of the second kernel would remain.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from timm.layers import ConvNormAct, EcaModule, SelectiveKernel, SEModule, SeparableConvNormAct
from timm.layers.cbam import CbamModule
from torch import Tensor, nn

Gate = Literal["softmax", "sigmoid", "shared"]

GATES: dict[str, Callable[[Tensor], Tensor]] = {  # B×branches×C logits → weights
    "softmax": lambda logits: logits.softmax(1),
    "sigmoid": torch.sigmoid,
    "shared": torch.sigmoid,  # one row of logits, which counts for both branches
}


def hidden(channels: int, ratio: int) -> int:
    """Units of a gate: C/r, at least four (with fewer a thin network has no excitation to speak of)."""
    return max(4, channels // ratio)


class DualKernelSE(nn.Module):
    """The module: B×C×h×b → B×C×h×b.

    channels: C.
    kernels: two odd kernel sizes.
    ratio: r ≥ 1, see `hidden`.
    gate: see above.
    """

    def __init__(
        self, channels: int, kernels: Sequence[int] = (1, 5), ratio: int = 16, gate: Gate = "softmax"
    ) -> None:
        super().__init__()
        if len(kernels) != 2 or any(k < 1 or k % 2 == 0 for k in kernels):
            raise ValueError(f"kernels = {tuple(kernels)}: two odd sizes are expected")
        units = hidden(channels, ratio)
        self.gates = GATES[gate]
        self.branches = nn.ModuleList([ConvNormAct(channels, channels, k) for k in kernels])
        self.squeeze = nn.Linear(channels, units)
        self.excite = nn.Linear(units, channels * (1 if gate == "shared" else 2))

    def forward(self, x: Tensor) -> Tensor:
        """Split, fuse, squeeze, excite, select."""
        maps = [branch(x) for branch in self.branches]
        z = self.squeeze((maps[0] + maps[1]).mean((2, 3))).relu()
        weights = self.gates(self.excite(z).unflatten(1, (-1, x.shape[1])))[..., None, None]
        return torch.addcmul(maps[0] * weights[:, 0], maps[1], weights[:, -1])


def se(channels: int, ratio: int = 16) -> nn.Module:
    """Squeeze-and-excitation (Hu et al. 2018): a weight for each channel."""
    return SEModule(channels, rd_channels=hidden(channels, ratio))


def eca(channels: int) -> nn.Module:
    """Efficient channel attention (Wang et al. 2020): the same from a few neighbouring channels."""
    return EcaModule(channels)


def cbam(channels: int, ratio: int = 16) -> nn.Module:
    """Convolutional block attention (Woo et al. 2018): a weight for each channel, then for each place."""
    return CbamModule(channels, rd_channels=hidden(channels, ratio))


def sk(channels: int, kernels: Sequence[int] = (3, 5), ratio: int = 16) -> nn.Module:
    """Selective kernels (Li et al. 2019) with real kernels of these sizes and all channels in each branch.

    timm's defaults would take a dilated 3×3 for the 5×5 and half the channels for each branch.
    """
    options = {"split_input": False, "keep_3x3": False}
    return SelectiveKernel(
        channels, kernel_size=list(kernels), rd_channels=hidden(channels, ratio), **options
    )


# What may stand at one place of the network; `channels` and the options of the module go in.
MODULES: dict[str, Callable[..., nn.Module] | None] = {
    "none": None,
    "dkse": DualKernelSE,
    "se": se,
    "eca": eca,
    "cbam": cbam,
    "sk": sk,
}

# The convolution of the network: both take (channels in, channels out, kernel, stride).
CONVOLUTIONS: dict[str, Callable[..., nn.Module]] = {
    "separable": SeparableConvNormAct,
    "ordinary": ConvNormAct,
}


def separable_network(
    classes: int,
    *,
    channels: Sequence[int] = (16, 32, 48, 64, 96, 128, 192),
    strides: Sequence[int] = (1, 2, 1, 2, 1, 2, 1),
    convolution: str = "separable",
    module: str = "dkse",
    after: int = 3,
    **options: object,
) -> nn.Sequential:
    """A compact network of depthwise-separable convolutions with one module in it.

    A 3×3 convolution of stride 2, then one depthwise-separable convolution for each entry of `channels` and
    `strides`, global average pooling and a linear layer. Parts are named ``stem``, ``dsc1``, ``dsc2`` …,
    ``module``, ``pool``, ``drop``, ``head``.

    convolution: a name of `CONVOLUTIONS`, "ordinary" for the comparison at equal width.
    module, after: a name of `MODULES`, and after which convolution it stands (1 is the first).
    options: of the module (of DKSE `kernels`, `ratio`, `gate`).

    Input B×3×H×W of any H, W ≥ 16; output B×classes logits.
    """
    if len(channels) != len(strides):
        raise ValueError(f"{len(channels)} channels but {len(strides)} strides")
    if not 1 <= after <= len(channels):
        raise ValueError(f"after = {after}: the network has {len(channels)} convolutions")
    build = MODULES[module]
    parts: dict[str, nn.Module] = {"stem": ConvNormAct(3, channels[0], 3, stride=2)}
    before = channels[0]
    for k, (width, stride) in enumerate(zip(channels, strides, strict=True), 1):
        parts[f"dsc{k}"] = CONVOLUTIONS[convolution](before, width, 3, stride=stride)
        if k == after and build is not None:
            parts["module"] = build(width, **options)
        before = width
    parts["pool"] = nn.AdaptiveAvgPool2d(1)
    parts["flat"] = nn.Flatten()
    parts["head"] = nn.Linear(before, classes)
    network = nn.Sequential()
    for name, part in parts.items():
        network.add_module(name, part)
    return network
