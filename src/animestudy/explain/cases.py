"""A trained classifier beside test pictures whose cues are known: what explanations are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from torch import Tensor, from_numpy, nn

from animestudy.data.collection import Collection
from animestudy.errors import StudyError
from animestudy.explain import cam
from animestudy.explain.localisation import agreement, excess, moved, scores
from animestudy.models.weights import Classifier
from animestudy.training.classifier import normalised, predict, resized


@dataclass(frozen=True)
class Cases:
    """Pictures, what is known about them, and what the network says."""

    network: nn.Module
    classes: tuple[str, ...]
    images: np.ndarray  # n×H×W×3 uint8, as large as the collection has them
    inputs: Tensor  # n×3×S×S, as the network takes them
    rows: np.ndarray  # n, of the collection
    labels: np.ndarray  # n
    probabilities: np.ndarray  # n×classes
    masks: dict[str, np.ndarray]  # name of a cue → n×H×W bool

    @property
    def predicted(self) -> np.ndarray:
        """The likeliest class of every picture."""
        return self.probabilities.argmax(1)

    @property
    def right(self) -> np.ndarray:
        """Whether it is the true one."""
        return self.predicted == self.labels

    def maps(
        self,
        layer: str,
        classes: Sequence[int] | None = None,
        method: str = "Grad-CAM",
        network: nn.Module | None = None,
        rows: Sequence[int] | slice = slice(None),
        seed: int = 0,
    ) -> np.ndarray:
        """Maps of `layer`, as large as `images`; of the true classes and this network unless told else."""
        classes = self.labels[rows] if classes is None else classes
        size = self.images.shape[1:3]
        return cam.maps(
            network or self.network, self.inputs[rows], classes, layer, method, seed=seed, size=size
        )

    def references(self, layer: str, cue: str) -> dict[str, np.ndarray]:
        """Maps that know nothing of the network, and the best that the resolution of `layer` allows."""
        cells = cam.grid(self.network, layer, self.inputs[0])
        return {
            "uniform": cam.uniform(self.images),
            "centre": cam.centre(self.images),
            "edges": cam.edges(self.images),
            "oracle": cam.oracle(self.masks[cue], cells),
        }

    def surest(self, right: bool) -> list[int]:
        """For every class that has one, the picture of which the network was surest, rightly or wrongly."""
        found = []
        for k in range(len(self.classes)):
            rows = np.flatnonzero((self.labels == k) & (self.right == right))
            if len(rows):
                found.append(int(rows[self.probabilities[rows].max(1).argmax()]))
        return found


def cases(
    network: nn.Module,
    classifier: Classifier,
    collection: Collection,
    cues: Mapping[str, str],
    count: int | None,
    **conditions: str,
) -> Cases:
    """The first `count` pictures (None: all) that meet the conditions and bear a label of the classifier.

    `cues` maps the names under which masks are kept to the collection's own.
    """
    task, classes = classifier.task, list(classifier.classes)
    rows = collection.where(**conditions, **{task: classes})[:count]
    if not len(rows):
        raise StudyError(f"{collection.path.name}: no picture with a {task} that the classifier knows")
    images = np.asarray(collection.images[rows])
    small = resized(images, classifier.size)
    return Cases(
        network=network,
        classes=tuple(classes),
        images=images,
        inputs=normalised(from_numpy(np.array(small)).permute(0, 3, 1, 2)),
        rows=rows,
        labels=np.array([classes.index(name) for name in collection.table[task].iloc[rows]]),
        probabilities=predict(network, small),
        masks={name: collection.mask(mask, rows) for name, mask in cues.items()},
    )


def judge(case: Cases, layers: Sequence[str], main: str, method: str, seed: int) -> pd.DataFrame:
    """Maps of every layer, and the references for the layer `main`, scored against every mask.

    A long table as of `localisation.scores`. Maps are named after their layer; then, for the layer `main`,
    ``HiResCAM`` (a second method), ``RandomCAM``, ``uniform``, ``centre``, ``edges`` and ``oracle`` (the mask
    itself at the layer's resolution).
    """
    own = {layer: case.maps(layer, method=method) for layer in layers}
    own |= {name: case.maps(main, method=name, seed=seed) for name in ("HiResCAM", "RandomCAM")}
    parts = [scores(own | case.references(main, cue), {cue: mask}) for cue, mask in case.masks.items()]
    return pd.concat(parts, ignore_index=True)


def leaning(case: Cases, layer: str, method: str) -> pd.DataFrame:
    """The excess (`localisation.excess`) of the maps of `layer` and of references on every mask of the case.

    Columns part, map (``network``, ``centre``, ``edges``, ``oracle``), picture, excess and the mask's area;
    pictures that do not show the part are left out.
    """
    own = case.maps(layer, method=method)
    parts = []
    for part, mask in case.masks.items():
        shown = np.flatnonzero(mask.any((1, 2)))
        references = {name: heat for name, heat in case.references(layer, part).items() if name != "uniform"}
        for name, heat in ({"network": own} | references).items():
            frame = {"excess": excess(heat, mask)[shown], "area": mask.mean((1, 2))[shown]}
            parts.append(pd.DataFrame(frame).assign(part=part, map=name, picture=shown))
    return pd.concat(parts, ignore_index=True)[["part", "map", "picture", "area", "excess"]]


def forget(
    case: Cases, layer: str, method: str, rows: Sequence[int] | slice, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The gate of `cam.randomised`: how far maps stay the same while the network loses its weights.

    Two tables of `localisation.agreement` with the trained network's maps: by the part lost last (index level
    ``part``, from the output down), and for comparison of each map with that of another picture.
    """
    first = case.maps(layer, method=method, rows=rows)
    again = {
        part: case.maps(layer, method=method, network=network, rows=rows)
        for part, network in cam.randomised(case.network, seed)
    }
    steps = {part: agreement(first, heat) for part, heat in again.items()}
    return pd.concat(steps, names=["part"]), agreement(first, np.roll(first, 1, axis=0))


def swapped(case: Cases, layer: str, method: str) -> tuple[np.ndarray, np.ndarray]:
    """How much of each map moves (`localisation.moved`) when another answer is explained, or another picture.

    The other answer is the likeliest class but the true one; the other picture is the next one. Maps that
    stay where they are show the picture, whatever they are asked.
    """
    others = case.probabilities.copy()
    others[np.arange(len(others)), case.labels] = -1
    own = case.maps(layer, method=method)
    swap = moved(own, case.maps(layer, others.argmax(1), method))
    return swap, moved(own, np.roll(own, 1, axis=0))
