"""The study's own source task: what a network learns before it learns the psychology.

There are no weights from elsewhere by default, so the first training is on the pictures that the target
leaves over: who made this, a camera or which style of painter, and is it a scene or a portrait?
"""

from collections.abc import Mapping

import numpy as np
from torch import Tensor

from animestudy.data.collection import Collection
from animestudy.errors import StudyError
from animestudy.models import archive
from animestudy.models.weights import Classifier
from animestudy.paths import inside
from animestudy.training.classifier import Task, task


def source_names(collection: Collection, kind: str) -> np.ndarray:
    """A class for each row: ``portrait ink``, ``scene photo`` …; empty for the anime pictures of `kind`.

    Those are the target's. Also empty for a drawing without a style.
    """
    table = collection.table
    maker = np.where(table["domain"] == "photo", "photo", table["style"])
    names = table["kind"].to_numpy(str) + np.where(table["kind"] == "", "", " ") + maker.astype(str)
    target = (table["domain"] == "anime") & (table["kind"] == kind)
    return np.where(target | (maker == ""), "", names)


def source_task(collection: Collection, kind: str, size: int) -> Task:
    """The source task of a target that learns from the anime pictures of `kind` (scene or portrait).

    No group of its training pictures occurs in the target's validation or test split; were there one, the
    collection would be at fault and `StudyError` is raised.
    """
    made = task(collection, source_names(collection, kind), size)
    groups = collection.table["group"]
    held = groups.iloc[collection.where(domain="anime", kind=kind, split=["val", "test"])]
    shared = (set(groups.iloc[made.train.rows]) & set(held)) - {""}
    if shared:
        raise StudyError(
            f"{collection.path.name}: group {min(shared)} is in the source's training pictures and in the "
            "target's test pictures; split the collection by group"
        )
    return made


def imagenet(weights: str, network: Classifier) -> Mapping[str, Tensor]:
    """ImageNet's weights of ResNet-50, to start `network` from.

    weights: "torchvision", which downloads them, or a file with such a state dict (torchvision's names, which
        are timm's as well). `StudyError` where the file or the network's width does not fit.
    """
    if weights == "torchvision":
        from torchvision.models import ResNet50_Weights

        state = ResNet50_Weights.IMAGENET1K_V1.get_state_dict(progress=False)
    elif inside(weights).is_file():
        state = archive.load(inside(weights))
    else:
        raise StudyError(f"psychology.pretrained: no file {weights!r}; name one, or torchvision to download")
    stem = network.build().state_dict()["conv1.weight"]
    if "conv1.weight" not in state or state["conv1.weight"].shape != stem.shape:
        raise StudyError(
            "psychology.pretrained: these weights do not fit; ResNet-50's need psychology.stem=standard and "
            "psychology.channels=[64, 128, 256, 512]"
        )
    # the last layer names ImageNet's classes
    return {name: value.float() for name, value in state.items() if not name.startswith("fc.")}
