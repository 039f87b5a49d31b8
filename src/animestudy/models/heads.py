"""What the head of a network costs: fully connected layers against global average pooling.

Paper section 3.4: GoogLeNet and ResNet "use the global average pooling (GAP) layer instead of the fully
connected layer, which reduces the parameters of the network by nearly 80% and effectively speeds up the
training". Here each network is built with both heads and counted, on torch's meta device: no weight exists.

The fully connected head is VGG's (Simonyan and Zisserman 2015): the last maps, pooled to 7×7, and two layers
of 4096 units before the classes. The other is the mean of each map and one linear layer (Lin et al. 2013).
So VGG-16 is as published with the first head, ResNet-50 (He et al. 2016) and GoogLeNet (Szegedy et al. 2015,
without its auxiliary heads) with the second; the other one is what it would be. LeNet has its own layers,
see `models.lenet`.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import nn
from torchvision.models import googlenet, resnet50, vgg16

from animestudy.models.cost import Cost, cost
from animestudy.models.lenet import Head, lenet

CLASSES, SIDE = 1000, 224  # of ImageNet
UNITS = 4096  # of VGG's two hidden layers
GRID = 7  # pixels a side of the maps that VGG's head sees


class Published(NamedTuple):
    """A network of torchvision with a part `avgpool` and its head behind it."""

    build: Callable[[], nn.Module]
    part: str  # name of the head
    maps: int  # channels that reach it
    head: Head  # which one it was published with


class Saving(NamedTuple):
    """What one network has less than another, as shares of the other, 0 … 1."""

    parameters: float
    operations: float


NETWORKS = {
    "VGG-16": Published(vgg16, "classifier", 512, "connected"),
    "GoogLeNet": Published(
        lambda: googlenet(aux_logits=False, init_weights=False, transform_input=False), "fc", 1024, "average"
    ),
    "ResNet-50": Published(resnet50, "fc", 2048, "average"),
}


def with_head(name: str, head: Head) -> nn.Module:
    """A network of `NETWORKS` with that head, on the meta device."""
    network, part, maps, _ = NETWORKS[name]
    with torch.device("meta"):
        model = network()
        if head == "connected":
            model.avgpool = nn.AdaptiveAvgPool2d(GRID)
            layers = (nn.Linear(maps * GRID**2, UNITS), nn.Linear(UNITS, UNITS), nn.Linear(UNITS, CLASSES))
            new = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])
        else:
            model.avgpool = nn.AdaptiveAvgPool2d(1)
            new = nn.Linear(maps, CLASSES)
        setattr(model, part, new)
    return model.eval()


def costs(size: int = 32) -> dict[str, dict[Head, Cost]]:
    """By network and head: LeNet for `size`×`size` digits, the others for ImageNet."""
    heads: tuple[Head, Head] = ("connected", "average")
    with torch.device("meta"):
        small = {head: lenet(10, size=size, head=head).eval() for head in heads}
    table = {"LeNet": {head: cost(network, size) for head, network in small.items()}}
    for name in NETWORKS:
        table[name] = {head: cost(with_head(name, head), SIDE) for head in heads}
    return table


def saved(table: dict[Head, Cost]) -> Saving:
    """What average pooling does without."""
    return Saving(*(1 - less / more for less, more in zip(table["average"], table["connected"], strict=True)))
