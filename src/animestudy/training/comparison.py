"""Recipes side by side: the same network, pictures, seeds and number of steps under several augmentations."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from animestudy.models.weights import Classifier
from animestudy.stats.trends import Estimate, two_level
from animestudy.training.classifier import Labelled, Schedule, Task, experiment
from animestudy.training.sweep import sweep


@dataclass(frozen=True)
class Comparison:
    """What the arms of one comparison came to."""

    scores: (
        pd.DataFrame
    )  # a row a training: arm, seed, accuracy, macro_f1 (both 0 … 1), loss (the last epoch's)
    right: dict[str, np.ndarray]  # arm → seeds × test pictures, 1 where the prediction is right

    def gain(self, arm: str, reference: str) -> Estimate:
        """Accuracy of `arm` over `reference`, paired by seed and picture, in percentage points.

        The interval covers the seeds and the choice of test pictures (`stats.trends.two_level`).
        """
        return two_level(self.right[arm] - self.right[reference]).scaled(100)

    def summary(self) -> pd.DataFrame:
        """Means over the seeds, a row an arm; accuracy and F1 in percent."""
        means = self.scores.groupby("arm", sort=False)[["accuracy", "macro_f1", "loss"]].mean()
        return means.mul([100, 100, 1])


def first(task: Task, pictures: int) -> Task:
    """The task with only the first `pictures` training pictures; validation and test stay whole."""
    few = task.train
    return replace(task, train=Labelled(few.pictures[:pictures], few.labels[:pictures], few.rows[:pictures]))


def compare(
    classifier: Classifier,
    task: Task,
    schedule: Schedule,
    arms: Sequence[str],
    seeds: int,
    *,
    threads: int = 1,
    workers: int = 0,
    backend: str = "processes",
    **options: object,
) -> Comparison:
    """Train once for each recipe in `arms` and each of `seeds` seeds; other options are those of `train`.

    One seed gives every arm the same first weights and the same order of pictures.
    """
    keys = [(arm, seed) for arm in arms for seed in range(seeds)]
    fixed = {"classifier": classifier, "task": task, "schedule": schedule, **options}
    jobs = [{**fixed, "augment": arm, "seed": seed} for arm, seed in keys]
    results = sweep(
        experiment,
        jobs,
        threads=threads,
        workers=workers,
        backend=backend,
        description=classifier.task,
        summary=lambda result: f"accuracy {result.metrics['accuracy']:.2f}",
    )
    scores = pd.DataFrame(keys, columns=["arm", "seed"]).assign(
        accuracy=[result.metrics["accuracy"] for result in results],
        macro_f1=[result.metrics["macro_f1"] for result in results],
        loss=[result.history[-1]["loss"] for result in results],
    )
    right = np.stack([result.predictions == task.test.labels for result in results]).astype(float)
    return Comparison(scores, {arm: right[scores.arm == arm] for arm in arms})
