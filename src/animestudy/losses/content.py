"""The content term: drawing and photograph look alike to a network that was trained for something else.

The AnimeGAN family compares VGG19 features (layer conv4_4). Any network will do whose maps keep places apart;
which one is a parameter, because ImageNet weights have to be brought, while the study's own classifiers are
made by the pipeline.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from animestudy.errors import StudyError
from animestudy.models import archive
from animestudy.models.weights import load
from animestudy.paths import inside

STUDY_LAYERS = {"separable": ("dsc1", "dsc3"), "resnet50": ("layer1", "layer2")}
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


class _Enough(Exception):
    """Raised behind the last layer that is wanted: the rest of the network need not run."""


class Features(nn.Module):
    """The outputs of some layers of a frozen network.

    Args:
        network: takes N×3×H×W normalised by `mean` and `deviation` (of values in [0, 1]).
        layers: names as in `network.named_modules()`, in the order in which they run.
        smallest: the side below which the network cannot run; smaller pictures are enlarged.

    Takes pictures in [−1, 1]; returns a list of N×C×h×w maps. Gradients reach the picture, not the network.
    """

    def __init__(
        self,
        network: nn.Module,
        layers: Sequence[str],
        mean: Sequence[float] = (0.5, 0.5, 0.5),
        deviation: Sequence[float] = (0.5, 0.5, 0.5),
        smallest: int = 1,
    ) -> None:
        super().__init__()
        modules = dict(network.named_modules())
        if unknown := [name for name in layers if name not in modules]:
            raise StudyError(
                f"content.layers: no layer {unknown[0]!r}; there are {', '.join(filter(None, modules))}"
            )
        if not layers:
            raise StudyError("content.layers: at least one layer is needed")
        self.network = network.eval().requires_grad_(False)
        self.layers, self.smallest = tuple(layers), smallest
        # (x + 1)/2 in [0, 1], then (· − mean)/deviation: one factor and one offset
        mean, deviation = torch.tensor(mean), torch.tensor(deviation)
        self.register_buffer("factor", (0.5 / deviation).view(1, 3, 1, 1))
        self.register_buffer("offset", ((0.5 - mean) / deviation).view(1, 3, 1, 1))
        self._maps: list[Tensor] = []
        for name in self.layers:
            modules[name].register_forward_hook(self._keep)

    def _keep(self, module: nn.Module, inputs: object, output: Tensor) -> None:
        # the network's activations work in place and would change the kept map behind our back
        self._maps.append(output.clone())
        if len(self._maps) == len(self.layers):
            raise _Enough

    def train(self, mode: bool = True) -> "Features":
        """Stays in evaluation mode: batch statistics of generated pictures must not leak in."""
        return super().train(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        if (side := min(x.shape[-2:])) < self.smallest:
            x = F.interpolate(x, scale_factor=math.ceil(self.smallest / side), mode="bilinear")
        self._maps = []
        with suppress(_Enough):
            self.network(x * self.factor + self.offset)
        maps, self._maps = self._maps, []
        return maps


def feature_distance(one: Sequence[Tensor], other: Sequence[Tensor]) -> Tensor:
    """Mean over layers of the L1 distance, each in units of the second map's mean size; 0 for equal maps.

    The unit makes one weight fit every network and layer.
    """
    parts = [
        F.l1_loss(a, b.detach()) / b.detach().abs().mean().clamp_min(1e-6)
        for a, b in zip(one, other, strict=True)
    ]
    return torch.stack(parts).mean()


def random_network(width: int = 32, seed: int = 0) -> nn.Sequential:
    """Three layers of random filters, the same at every call; layers `0`, `3` and `6` are its convolutions.

    Untrained shallow filters already keep edges and places (Ustyuzhaninov et al. 2017): the choice that
    needs no file, and the control that shows what training the network is worth.
    """
    dice = torch.Generator().manual_seed(seed)
    layers: list[nn.Module] = []
    for inside_channels, kernel in ((3, 5), (width, 3), (width, 3)):
        convolution = nn.Conv2d(inside_channels, width, kernel, padding=kernel // 2, bias=False)
        nn.init.kaiming_normal_(convolution.weight, generator=dice)
        layers += [convolution, nn.ReLU(), nn.AvgPool2d(2, ceil_mode=True)]
    return nn.Sequential(*layers)


def state_of(weights: str) -> object:
    """What the weights file holds."""
    if not inside(weights).is_file():
        raise StudyError(f"content.weights: no file {weights!r}; name one or choose content.network: random")
    return archive.load(inside(weights))


def load_into(network: nn.Module, state: object, weights: str) -> nn.Module:
    """`network` with the float32 weights of `state`."""
    try:
        network.load_state_dict({name: value.float() for name, value in state.items()})
    except (RuntimeError, AttributeError) as error:
        words = str(error).splitlines()[0]
        raise StudyError(
            f"content.weights: {weights} does not fit {type(network).__name__}: {words}"
        ) from error
    return network


def squeezenet(weights: str, layers: Sequence[str]) -> Features:
    """torchvision's SqueezeNet 1.0, `weights` a state dict; `features.7` is at 1/8 of the size."""
    from torchvision.models import squeezenet1_0

    network = load_into(squeezenet1_0(), state_of(weights), weights)
    return Features(network, layers or ("features.4", "features.7"), *IMAGENET, smallest=32)


def random(weights: str, layers: Sequence[str]) -> Features:
    """`random_network`; `weights` is not looked at."""
    return Features(random_network(), layers or ("0", "3", "6"))


def study(weights: str, layers: Sequence[str]) -> Features:
    """A classifier that the study trained itself; by default two maps, the deeper at 1/4 or 1/8 of it."""
    network, classifier = load(inside(weights))
    return Features(network, layers or STUDY_LAYERS[classifier.network], *IMAGENET, smallest=32)


NETWORKS: dict[str, Callable[[str, Sequence[str]], Features]] = {
    "study": study,
    "squeezenet": squeezenet,
    "random": random,
}


def features(network: str = "random", weights: str = "", layers: Sequence[str] = ()) -> Features:
    """A content network by name, its weights file and its layers (none: a good choice for that network)."""
    if network not in NETWORKS:
        raise StudyError(f"content.network: {network!r} is not known; there are {', '.join(NETWORKS)}")
    return NETWORKS[network](weights, layers)
