"""The baseline that borrows its eyes: logistic regression on a frozen ImageNet network's features.

No layer is trained, so it is cheap, and it shows how far features of photographs go on drawings: the floor
for every network that learns from the drawings themselves.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from animestudy import progress
from animestudy.losses.content import IMAGENET, Features, squeezenet
from animestudy.models.weights import load_matching
from animestudy.training.classifier import Task, resized

LAYERS = ("features.7", "features.12")  # SqueezeNet's maps at 1/8 (256 channels) and 1/16 (512)


def pooled(maps: Sequence[Tensor]) -> Tensor:
    """Mean, maximum and standard deviation of every map over its places: N×(3·channels)."""
    flat = [a.flatten(2) for a in maps]
    return torch.cat([part for a in flat for part in (a.mean(2), a.amax(2), a.std(2, correction=0))], 1)


@torch.inference_mode()
def features(network: Features, pictures: np.ndarray, side: int, batch: int = 64) -> np.ndarray:
    """`pooled` maps of N×S×S×3 uint8 pictures enlarged (or reduced) to `side`: N×F float32."""
    parts = []
    for start in progress.bar(range(0, len(pictures), batch), description="frozen features", unit="batch"):
        part = torch.from_numpy(resized(np.array(pictures[start : start + batch]), side))
        parts.append(pooled(network(part.permute(0, 3, 1, 2) / 127.5 - 1)).numpy())
    return np.concatenate(parts)


def regression(train: np.ndarray, labels: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Class probabilities of `test` (M×F) by a logistic regression on `train` (N×F) and its N labels."""
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.003, max_iter=400))
    return probe.fit(train, labels).predict_proba(test)


def frozen_probe(task: Task, weights: str, side: int = 128) -> np.ndarray:
    """Class probabilities of the test pictures, from frozen SqueezeNet features.

    weights: a state dict of torchvision's ``squeezenet1_0``, a path; `StudyError` if it is not one.
    side: pixels a side that the network sees.
    """
    return probed(task, squeezenet(weights, LAYERS), side)


def trunk_probe(task: Task, trunk: Mapping[str, Tensor], side: int) -> np.ndarray:
    """The same from the trunk alone, its tensors by their names in `models.squeezenet`."""
    from torchvision.models import squeezenet1_0

    network = squeezenet1_0()
    load_matching(network, trunk)
    return probed(task, Features(network, LAYERS, *IMAGENET, smallest=32), side)


def probed(task: Task, network: Features, side: int) -> np.ndarray:
    """Class probabilities of the test pictures by a regression on `network`'s features."""
    train, test = (features(network, part.pictures, side) for part in (task.train, task.test))
    return regression(train, task.train.labels, test)
