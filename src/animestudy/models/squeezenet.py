"""SqueezeNet's trunk with one module of the study behind it: a small network with a start from ImageNet.

The trunk is torchvision's SqueezeNet 1.0 (Iandola et al. 2016), its parts named as there, so that ImageNet's
state dict fits by name; its last layer, which names ImageNet's classes, is left out. Behind it the maps are
narrowed, because a 5×5 kernel on all 512 of them would weigh ten times as much as the whole trunk.
"""

import torch
from timm.layers import ConvNormAct
from torch import Tensor, nn

from animestudy.models.dkse import MODULES

TRUNK = 512  # channels of the trunk's last maps, at 1/16 of the picture's size


class MeanMax(nn.Module):
    """The mean and the maximum of every map over its places: B×C×h×w → B×2C."""

    def forward(self, x: Tensor) -> Tensor:
        """How much of it there is, and whether it is there at all."""
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


def squeezenet(
    classes: int, *, module: str = "dkse", width: int = 128, drop: float = 0.2, **options: object
) -> nn.Sequential:
    """The network, untrained: ``features`` (the trunk), ``narrow``, ``module``, ``pool``, ``drop``, ``head``.

    module: a name of `models.dkse.MODULES`, "none" for the trunk and the head alone.
    width: maps that the module works on.
    drop: share of the pooled values that are dropped in training.
    options: of the module (of DKSE `kernels`, `ratio`, `gate`).

    Input B×3×H×W of any H, W ≥ 32; output B×classes logits.
    """
    from torchvision.models import squeezenet1_0

    parts: dict[str, nn.Module] = {"features": squeezenet1_0().features}
    parts["narrow"] = ConvNormAct(TRUNK, width, 1)
    if MODULES[module] is not None:
        parts["module"] = MODULES[module](width, **options)
    parts["pool"] = MeanMax()
    parts["drop"] = nn.Dropout(drop)
    parts["head"] = nn.Linear(2 * width, classes)
    network = nn.Sequential()
    for name, part in parts.items():
        network.add_module(name, part)
    return network
