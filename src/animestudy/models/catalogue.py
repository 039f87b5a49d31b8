"""Every network of the study with the size of its pictures: what `benchmarks/models.py` and figure 4 compare.

The thin networks are those of the default profile (a test holds them to params.yaml).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import timm
from torch import nn

from animestudy.models.dkse import separable_network
from animestudy.models.generators import GENERATORS
from animestudy.models.lenet import lenet
from animestudy.models.mobilenet import mobilenet_v1
from animestudy.models.recalibration import recalibrate, resnet50
from animestudy.models.squeezenet import squeezenet

CLASSES = 5  # styles, and states of mind
DIGITS = 10
STYLE = {"channels": (16, 24, 32, 48, 64, 96, 128), "strides": (1, 2, 1, 2, 1, 2, 1)}
PSYCHOLOGY = {"channels": (8, 16, 32, 64), "stem": "slim"}
SCENE = {"fsgan": {"width": 16}}  # others have the width of their sources
LENET = {"classes": DIGITS, "size": 20, "pooling": "max", "activation": "relu"}
STYLE_SIDE, PSYCHOLOGY_SIDE, FULL_SIDE, DRAWN_SIDE = 48, 48, 224, 96


@dataclass(frozen=True)
class Entry:
    """A network: how it is built, the side of its pictures in pixels, and what it is for."""

    build: Callable[..., nn.Module]
    side: int
    use: str  # style | psychology | digits | full size | generator
    options: Mapping[str, Any] = field(default_factory=dict)

    def network(self) -> nn.Module:
        """With fresh weights."""
        return self.build(**self.options)


def recalibrated(modules: int, **options: object) -> nn.Module:
    """timm's own ResNet-50 with modules put in."""
    return recalibrate(timm.create_model("resnet50", num_classes=CLASSES), modules, **options)


def _style(**options: object) -> Entry:
    return Entry(separable_network, STYLE_SIDE, "style", {"classes": CLASSES, **STYLE, **options})


def _thin(**options: object) -> Entry:
    return Entry(resnet50, PSYCHOLOGY_SIDE, "psychology", {"classes": CLASSES, **PSYCHOLOGY, **options})


CATALOGUE: dict[str, Entry] = {
    "DKSE": _style(),
    "no module": _style(module="none"),
    "squeeze-and-excitation": _style(module="se"),
    "ECA": _style(module="eca"),
    "CBAM": _style(module="cbam"),
    "SK (3×3 and 5×5)": _style(module="sk"),
    "DKSE with one shared gate": _style(gate="shared"),
    "DKSE in ordinary convolutions": _style(convolution="ordinary"),
    "MobileNetV1 ×0.25": Entry(mobilenet_v1, STYLE_SIDE, "style", {"classes": CLASSES, "width": 0.25}),
    "thin ResNet-50": _thin(),
    "thin ResNet-50, 16 modules": _thin(modules=16),
    "thin ResNet-50, 16 SE": _thin(modules=16, shallow=False),
    "LeNet": Entry(lenet, LENET["size"], "digits", LENET),
    "ResNet-50": Entry(recalibrated, FULL_SIDE, "full size", {"modules": 0}),
    "ResNet-50, 16 modules": Entry(recalibrated, FULL_SIDE, "full size", {"modules": 16}),
    "ResNet-50, 16 SE": Entry(recalibrated, FULL_SIDE, "full size", {"modules": 16, "shallow": False}),
    "timm's seresnet50": Entry(
        timm.create_model, FULL_SIDE, "full size", {"model_name": "seresnet50", "num_classes": CLASSES}
    ),
    "MobileNetV1": Entry(mobilenet_v1, FULL_SIDE, "full size", {"classes": CLASSES, "width": 1}),
    "SqueezeNet with DKSE": Entry(squeezenet, FULL_SIDE, "full size", {"classes": CLASSES}),
} | {
    build.__name__: Entry(build, DRAWN_SIDE, "generator", SCENE.get(name, {}))
    for name, build in GENERATORS.items()
}


def heaviness(network: nn.Module) -> int:
    """Bytes of a network's weights and running statistics, as a file holds them."""
    return sum(tensor.numel() * tensor.element_size() for tensor in network.state_dict().values())
