"""The gate of shuffled labels: maps of networks that had nothing to learn (Adebayo et al. 2018).

A network that is trained on labels dealt out at random learns no class, so its maps must not resemble those
of the network that is explained, nor may they find the cue. What resemblance can be asked for at all is shown
by the same training on true labels: two trainings are never alike.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from animestudy.explain.cases import Cases
from animestudy.explain.localisation import agreement, excess
from animestudy.models.weights import Classifier
from animestudy.training.classifier import Result, Task


def shuffled(task: Task, seed: int) -> Task:
    """The task with the labels of its training pictures permuted: as many of each class, none with its own.

    What a picture is given does not depend on what it shows; validation and test labels stay.
    """
    order = np.random.default_rng(seed).permutation(len(task.train))
    return replace(task, train=replace(task.train, labels=task.train.labels[order]))


def jobs(classifier: Classifier, task: Task, trainings: int, **options: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """For `training.sweep` and `classifier.experiment`: `trainings` on true labels, then as many on shuffled.

    Both kinds have the same seeds, so the same first weights and order of pictures; seeds start at 1, as 0 is
    that of the network that is explained.
    """
    seeds = range(1, trainings + 1)
    tasks = [*(task for _ in seeds), *(shuffled(task, seed) for seed in seeds)]
    return [
        {"classifier": classifier, "task": part, "seed": seed, **options}
        for part, seed in zip(tasks, [*seeds, *seeds], strict=True)
    ]


def rebuilt(classifier: Classifier, result: Result) -> nn.Module:
    """The network that a training left, in evaluation mode."""
    network = classifier.build()
    network.load_state_dict(result.state)
    return network.eval()


def compared(case: Cases, networks: Sequence[nn.Module], layer: str, method: str) -> pd.DataFrame:
    """Maps of other trainings beside those of the network of `case`: a row a picture, means over `networks`.

    Columns: `spearman` and `ssim` of the two maps (`localisation.agreement`), the `excess` on every cue of
    the case under the cue's name, and `failed`, the share of all-zero maps.
    """
    first = case.maps(layer, method=method)
    parts = []
    for network in networks:
        heat = case.maps(layer, method=method, network=network)
        table = agreement(first, heat).assign(failed=heat.max((1, 2)) == 0)
        parts.append(table.assign(**{cue: excess(heat, mask) for cue, mask in case.masks.items()}))
    return pd.concat(parts, names=["training", "picture"], keys=range(len(parts))).groupby("picture").mean()
