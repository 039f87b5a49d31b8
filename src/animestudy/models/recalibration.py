"""Multilayer aggregation recalibration of ResNet-50 (paper section 5.1, figure 5, equations 5–8).

A bottleneck of a residual network has three convolutions. Their outputs A1, A2 (d channels, after batch
norm and ReLU) and A3 (c = 4d channels, after batch norm, before ReLU) are pooled to vectors, aggregated, and
turned into one weight for each channel of A3. The module is squeeze-and-excitation plus a *shallow term*:
what A1 and A2 saw has a say in how strongly A3 counts. Without that term (``shallow=False``) it *is*
squeeze-and-excitation, which makes the control experiment a flag.

====  ==============================================  ================================================
eq.   printed                                         implemented
====  ==============================================  ================================================
(5)   g(A) = Σ_i A^k_ij − (h−1)/√(h×b×c')             g_k(A) = (1/hb) Σ_i Σ_j A^k_ij
(6)   e = Σ_(λ=1) g(A3)/(g(A1)+g(A2)) − 1             e = g(A3) + W1·(g(A1) + g(A2)),  W1: c×d
–     l = ∂(w3 δ(w2 e)), w2 ∈ c/δ × c                 l = σ(W3·δ(W2·e)),  W2: (c/r)×c, W3: c×(c/r)
(7)   y_k = ∫ l_k / √(A_3k − x_k)                     y_k = l_k·A3_k + x_k, ReLU after the sum
(8)   L = Σ_i 1/U − Σ_m p_i − log p^m / p_i           L = −(1/U) Σ_i Σ_m p_i^m log p̂_i^m
====  ==============================================  ================================================

Why so. (5): the text calls g global average pooling. (6): the text says that g(A1) and g(A2), of equal
dimension, are aggregated, raised to c dimensions by a fully connected layer and aggregated with g(A3).
l: a descending and an ascending layer with "adaptive activation" δ and a sigmoid between 0 and 1, as in
squeeze-and-excitation. (7): l rescales the channels of A3, x is the block's input (projected where the shapes
differ). (8): the cross-entropy of U pictures (`torch.nn.functional.cross_entropy`). The layers have biases.

Sources: Sheng, Chen, Wang, Li 2020, Pattern Recognition and Artificial Intelligence 33(2); Du and Cai 2024,
PeerJ Computer Science 10:e2303; Hu, Shen, Sun 2018 (squeeze-and-excitation); He et al. 2015 (PReLU, our
reading of "adaptive activation").
"""

from collections.abc import Sequence
from math import log
from typing import Any, Literal

import torch
from timm.models.resnet import Bottleneck, ResNet
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from animestudy.models.cost import parameters

WIDTHS = (64, 128, 256, 512)  # d of the four stages of ResNet-50
LAYERS = (3, 4, 6, 3)  # ResNet-50; the paper's "3, 4, 6, and 8" would be 21 blocks, yet it counts 16
ACTIVATIONS = {"prelu": nn.PReLU, "relu": nn.ReLU, "silu": nn.SiLU}

Activation = Literal["prelu", "relu", "silu"]
Order = Literal["deep", "shallow"]
Stem = Literal["standard", "deep", "slim"]


class Recalibrated(Bottleneck):
    """timm's bottleneck whose third map is rescaled channel by channel; made by `recalibrate`."""

    def add_gate(
        self, ratio: int, activation: Activation, shallow: bool, widened: bool, opening: float
    ) -> "Recalibrated":
        """Add W1 (`lift`), W2 and W3 (`gate`); `opening` is the gate's mean value before training."""
        d, c = self.conv2.out_channels, self.conv3.out_channels
        hidden = max(1, c // ratio)
        if widened:  # W1 has c·(d + 1) weights, a hidden unit 2c + 1
            hidden += round(c * (d + 1) / (2 * c + 1))
        last = nn.Linear(hidden, c)
        nn.init.constant_(last.bias, log(opening / (1 - opening)))
        self.lift = nn.Linear(d, c) if shallow else None
        self.gate = nn.Sequential(nn.Linear(c, hidden), ACTIVATIONS[activation](), last, nn.Sigmoid())
        return self

    def forward(self, x: Tensor) -> Tensor:
        """B×c'×h×b → B×c×h'×b'."""
        a1 = self.act1(self.bn1(self.conv1(x)))
        g1 = pool(a1)  # before the next use of the map, so that its gradient is added to one that is there
        a2 = self.act2(self.drop_block(self.bn2(self.conv2(a1))))
        g2 = pool(a2)
        a3 = self.bn3(self.conv3(self.aa(a2)))
        e = pool(a3)
        if self.lift is not None:
            e = e + self.lift(g1 + g2)
        weight = self.gate(e)[:, :, None, None]
        skip = x if self.downsample is None else self.downsample(x)
        if self.drop_path is None:
            return self.act3(Rescaled.apply(a3, weight, skip))
        return self.act3(self.drop_path(a3 * weight) + skip)


class Rescaled(torch.autograd.Function):
    """Equation (7), y = l·A3 + x, whose gradients take one map's memory instead of two."""

    @staticmethod
    def forward(ctx: Any, a3: Tensor, weight: Tensor, skip: Tensor) -> Tensor:  # noqa: ANN401
        """B×c×h×b, B×c×1×1 and B×c×h×b → B×c×h×b."""
        ctx.save_for_backward(a3, weight)
        return torch.addcmul(skip, a3, weight)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # noqa: ANN401
        """Of A3, l and x."""
        a3, weight = ctx.saved_tensors
        product = gradient * a3
        of_weight = product.sum((2, 3), keepdim=True)
        return torch.mul(gradient, weight, out=product), of_weight, gradient


def pool(a: Tensor) -> Tensor:
    """Equation (5), global average pooling: B×C×h×b → B×C.

    Not `mean`, whose gradient is written out as a map in another order of memory (channels first): that map
    would slow down every step before it in the backward pass.
    """
    return a.sum((2, 3)) / (a.shape[2] * a.shape[3])


def bottlenecks(network: nn.Module) -> list[tuple[nn.Sequential, int]]:
    """Every bottleneck of a timm ResNet from the input to the output, as (stage, position in it)."""
    stages = [getattr(network, f"layer{k}", ()) for k in (1, 2, 3, 4)]
    found = [(stage, i) for stage in stages for i, block in enumerate(stage) if isinstance(block, Bottleneck)]
    if not found:
        raise ValueError(f"{type(network).__name__} has no bottlenecks; a timm ResNet-50, -101 or -152 has")
    return found


def recalibrate(
    network: ResNet,
    modules: int,
    *,
    ratio: int = 16,
    activation: Activation = "prelu",
    shallow: bool = True,
    widened: bool = False,
    order: Order = "deep",
    opening: float = 0.5,
) -> ResNet:
    """Give `modules` bottlenecks of `network` a recalibration, in place; returns the network.

    modules: 0 (the network computes what it did) to all of its bottlenecks (16 in ResNet-50).
    ratio: r ≥ 1, the bottleneck of the gate; c/r hidden units, at least one.
    activation: δ.
    shallow: whether A1 and A2 take part (equation 6); False leaves e = g(A3), squeeze-and-excitation.
    widened: more hidden units, as many as weigh what W1 does: with ``shallow=False`` the control that has the
        module's parameters but not its idea.
    order: "deep" fills from the last block of stage 4 backwards, "shallow" from stage 1 forwards.
    opening: mean of l before training, in (0, 1). At 1/2, as in squeeze-and-excitation, a pretrained branch
        is halved at first; nearer 1 leaves its function almost as it was.

    The names and shapes of the weights that the network had stay, so state dicts load across `modules`.
    """
    places = bottlenecks(network)
    if not 0 <= modules <= len(places):
        raise ValueError(f"modules = {modules}: this network has {len(places)} bottlenecks")
    if ratio < 1 or not 0 < opening < 1:
        raise ValueError(f"ratio = {ratio} must be at least 1, opening = {opening} between 0 and 1")
    for stage, i in (places[::-1] if order == "deep" else places)[:modules]:
        block = stage[i]
        if type(block) is not Bottleneck or block.se is not None:
            raise ValueError(f"block {i} of a stage is a {type(block).__name__} with attention of its own")
        # the same object with the same weights; only its forward pass and the gate are new
        block.__class__ = Recalibrated
        block.add_gate(ratio, activation, shallow, widened, opening)
    return network


def resnet50(
    classes: int,
    *,
    channels: Sequence[int] = WIDTHS,
    stem: Stem = "standard",
    modules: int = 0,
    ratio: int = 16,
    activation: Activation = "prelu",
    shallow: bool = True,
    widened: bool = False,
    order: Order = "deep",
    opening: float = 0.5,
) -> ResNet:
    """The topology of ResNet-50 (3, 4, 6, 3 bottlenecks) at any width, with `modules` recalibrations.

    channels: d of the four stages; a stage puts out 4d. (64, 128, 256, 512) is ResNet-50 itself.
    stem: before the pooling: "standard" 7×7 to 64 channels; "deep" three 3×3 and "slim" one 5×5, both to
        channels[0]; all of stride 2. The standard stem would be most of the cost of a thin network.
    The other arguments are those of `recalibrate`. Input B×3×H×W, H and W ≥ 32; output B×classes logits.

    The residual network is initialised before the modules, so with one seed all counts of modules start
    from the same weights.
    """
    options = {} if stem == "standard" else {"stem_type": "deep", "stem_width": channels[0] // 2}
    network = ResNet(Bottleneck, LAYERS, num_classes=classes, channels=tuple(channels), **options)
    if stem == "slim":
        network.conv1 = nn.Conv2d(3, network.bn1.num_features, 5, stride=2, padding=2, bias=False)
        nn.init.kaiming_normal_(network.conv1.weight, mode="fan_out", nonlinearity="relu")
    return recalibrate(
        network,
        modules,
        ratio=ratio,
        activation=activation,
        shallow=shallow,
        widened=widened,
        order=order,
        opening=opening,
    )


def matched_channels(classes: int, **options: Any) -> tuple[int, ...]:  # noqa: ANN401
    """Widths at which the plain network has the parameters of `resnet50(classes, **options)`.

    The control for "more parameters": all four stages are widened by one factor, found by bisection.
    """
    channels = options.get("channels", WIDTHS)
    plain = {"stem": options.get("stem", "standard")}
    with torch.device("meta"):
        wanted = parameters(resnet50(classes, **options))
        low, high = 1.0, 3.0
        for _ in range(12):
            factor = (low + high) / 2
            wide = tuple(round(factor * width) for width in channels)
            if parameters(resnet50(classes, channels=wide, **plain)) < wanted:
                low = factor
            else:
                high = factor
    return wide
