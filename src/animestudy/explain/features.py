"""What the layers of a network say to pictures: maps of chosen layers, and numbers pooled from them."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from animestudy.data.augment import seeded
from animestudy.errors import StudyError
from animestudy.models.weights import Classifier
from animestudy.training.classifier import normalised

BATCH = 128  # pictures at a time


class _Enough(Exception):
    """Raised behind the last layer that is wanted: the rest of the network need not run."""


def outputs(network: nn.Module, inputs: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
    """The maps of `layers` (dotted names) for inputs B×3×H×W as the network takes them: B×C×h×w each.

    Gradients reach the inputs. What a later layer changes in place does not change the maps. Raises
    `StudyError` for a layer that is not there or puts out no maps.
    """
    seen: dict[str, Tensor] = {}

    def keep(name: str, module: nn.Module, arguments: tuple, output: Tensor) -> None:
        seen[name] = output.clone()
        if len(seen) == len(layers):
            raise _Enough

    handles = [layer(network, name).register_forward_hook(partial(keep, name)) for name in layers]
    try:
        with suppress(_Enough):
            network(inputs)
    finally:
        for handle in handles:
            handle.remove()
    for name, maps in seen.items():
        if maps.ndim != 4:
            raise StudyError(f"layer {name!r} puts out no maps but a tensor of shape {tuple(maps.shape)}")
    return {name: seen[name] for name in layers}


def layer(network: nn.Module, name: str) -> nn.Module:
    """The part of that name, or a `StudyError` that says which there are."""
    try:
        return network.get_submodule(name)
    except AttributeError:
        names = ", ".join(part for part, _ in network.named_children())
        raise StudyError(f"layer {name!r} is not in the network; its parts are {names}") from None


def tensor(network: nn.Module, pictures: np.ndarray) -> Tensor:
    """N×S×S×3 uint8 → N×3×S×S as the network takes them, where the network is."""
    device = next(network.parameters()).device
    return normalised(torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).to(device))


@torch.no_grad()
def maps(network: nn.Module, picture: np.ndarray, layers: Sequence[str]) -> dict[str, np.ndarray]:
    """The maps of each layer for one picture S×S×3 uint8: C×h×w float32."""
    found = outputs(network, tensor(network, picture[None]), layers)
    return {name: values[0].float().cpu().numpy() for name, values in found.items()}


@torch.no_grad()
def pooled(network: nn.Module, pictures: np.ndarray, layers: Sequence[str]) -> dict[str, np.ndarray]:
    """For each layer the mean of every map and then the maximum of every map: N×2C float32.

    pictures: N×S×S×3 uint8.
    """
    parts: dict[str, list[np.ndarray]] = {name: [] for name in layers}
    for start in range(0, len(pictures), BATCH):
        batch = tensor(network, pictures[start : start + BATCH])
        for name, values in outputs(network, batch, layers).items():
            both = torch.cat([values.mean((2, 3)), values.amax((2, 3))], 1)
            parts[name].append(both.float().cpu().numpy())
    return {name: np.concatenate(part) for name, part in parts.items()}


def means(features: np.ndarray) -> np.ndarray:
    """The first half of `pooled` features, the mean of every map: N×C."""
    return features[:, : features.shape[1] // 2]


@torch.no_grad()
def untrained(classifier: Classifier, pictures: np.ndarray, seed: int) -> nn.Module:
    """The control: the classifier's network as it was before any training, in evaluation mode.

    Its batch norms take their statistics from `pictures` (N×S×S×3 uint8): with the initial ones (mean 0,
    variance 1) the responses of deep layers would fade, which is a fault of the bookkeeping and not what the
    lack of training means.
    """
    with seeded(seed):
        network = classifier.build()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = None  # the plain mean over all batches
    network.train()
    for start in range(0, len(pictures), BATCH):
        network(tensor(network, pictures[start : start + BATCH]))
    return network.eval()


def responding(one: np.ndarray, many: np.ndarray, count: int) -> np.ndarray:
    """The `count` channels that respond most to one picture, the strongest first.

    one: its C mean responses; many: N×C of other pictures. Channels have scales of their own, so responses
    are compared in standard deviations above their mean over `many`; a channel that never changes comes last.
    """
    spread = many.std(0)
    alive = spread > 1e-6 * np.abs(many).max(initial=1e-12)
    above = np.divide(one - many.mean(0), spread, out=np.full(len(one), -np.inf), where=alive)
    return np.argsort(-above, kind="stable")[:count]


def separating(values: np.ndarray, labels: np.ndarray, count: int) -> list[tuple[int, int]]:
    """The `count` channels that separate classes best, as (channel, class that excites it most).

    values: N×C mean responses; labels: N. The measure is η², the share of a channel's variance that lies
    between classes. As long as there are classes left, every channel is one of another class.
    """
    classes = np.unique(labels)
    centres = np.stack([values[labels == k].mean(0) for k in classes])
    shares = np.array([np.mean(labels == k) for k in classes])
    total = values.var(0)
    alive = total > (1e-6 * np.abs(values).max(initial=1e-12)) ** 2
    between = shares @ (centres - values.mean(0)) ** 2
    order = np.argsort(-np.divide(between, total, out=np.zeros(len(total)), where=alive), kind="stable")
    favourite = classes[centres.argmax(0)]
    nth = {k: iter(range(len(order))) for k in classes}  # a class's first channel before any one's second
    turn = [next(nth[favourite[channel]]) for channel in order]
    chosen = order[np.argsort(turn, kind="stable")][:count]
    return [(int(channel), int(favourite[channel])) for channel in chosen]


def stretched(map_: np.ndarray) -> np.ndarray:
    """A map with its least value at 0 and its greatest at 1; a map of one value is all 0."""
    low, high = map_.min(), map_.max()
    return (map_ - low) / (high - low) if high > low else np.zeros_like(map_)
