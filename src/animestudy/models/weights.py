"""Weights on disk: a file says by itself which network it holds, for which classes and pictures."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from animestudy.errors import StudyError
from animestudy.models.cost import Cost, cost
from animestudy.models.dkse import separable_network
from animestudy.models.lenet import lenet
from animestudy.models.mobilenet import mobilenet_v1
from animestudy.models.recalibration import resnet50
from animestudy.models.squeezenet import squeezenet

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "separable": separable_network,
    "resnet50": resnet50,
    "lenet": lenet,
    "mobilenet": mobilenet_v1,
    "squeezenet": squeezenet,
}


@dataclass(frozen=True)
class Classifier:
    """All that is needed to build a classifier again and to use it on a picture."""

    task: str  # what it tells apart, e.g. "style"
    classes: tuple[str, ...]  # the meaning of its outputs, in order
    size: int  # side in pixels of the pictures that it was trained on
    network: str  # a name of NETWORKS
    options: Mapping[str, Any] = field(default_factory=dict)  # arguments of that builder
    origin: Mapping[str, Any] = field(default_factory=dict)  # what it learnt from: `training.origin`

    def build(self) -> nn.Module:
        """The network with fresh weights, drawn from torch's global generator."""
        return NETWORKS[self.network](len(self.classes), **self.options)

    def cost(self) -> Cost:
        """Its parameters and multiply–adds, counted without making it."""
        with torch.device("meta"):
            return cost(self.build(), self.size)


def save(path: Path, classifier: Classifier, state: Mapping[str, Tensor]) -> None:
    """Write weights and description; beside the place first, then renamed.

    The bytes depend on the contents and on the file's name alone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.part") / path.name  # torch writes the file's name into the file
    half.parent.mkdir(exist_ok=True)
    try:
        torch.save({**asdict(classifier), "state": dict(state)}, half)
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
        half.parent.rmdir()


def load(path: Path, device: str | torch.device = "cpu") -> tuple[nn.Module, Classifier]:
    """The trained network, in evaluation mode, and its description."""
    try:
        content = torch.load(path, map_location=device, weights_only=True)
        state = content.pop("state")
        classifier = Classifier(**content)
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; `dvc repro` trains the study's classifiers") from None
    except Exception as error:
        raise StudyError(f"{path}: not the weights of a classifier of this study") from error
    network = classifier.build()
    network.load_state_dict(state)
    return network.to(device).eval(), classifier


def load_matching(network: nn.Module, state: Mapping[str, Tensor]) -> Sequence[str]:
    """Take from `state` every tensor whose name and shape `network` shares; returns the names that stay new.

    So weights pass between any two numbers of recalibration modules, and to a task with other classes (whose
    last layer starts anew). A state that shares nothing is a mistake and raises `StudyError`.
    """
    own = network.state_dict()
    shared = {name: value for name, value in state.items() if name in own and own[name].shape == value.shape}
    if not shared:
        raise StudyError("the weights to start from share no tensor with this network")
    network.load_state_dict(shared, strict=False)
    return [name for name in own if name not in shared]
