"""Trainings side by side that differ in one thing, each once for every seed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from animestudy.models.weights import Classifier
from animestudy.stats.trends import Estimate, two_level
from animestudy.training.classifier import Labelled, Result, Schedule, Task, experiment
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


def trained(
    arms: Iterable[Mapping[str, Any]],
    seeds: int,
    *,
    description: str,
    threads: int = 1,
    workers: int = 0,
    backend: str = "processes",
    **shared: object,
) -> list[list[Result]]:
    """Train once for each arm and seed: results by arm, then by seed.

    arms: the options of `classifier.experiment` in which they differ; a list holds a value for each seed.
    shared: its options that are the same for all. The others are those of `sweep`.
    One seed gives every arm the same order of pictures, and the same first weights where their shapes agree.
    """
    jobs = [
        {**shared, **{key: value[seed] if isinstance(value, list) else value for key, value in arm.items()}}
        | {"seed": seed}
        for arm in arms
        for seed in range(seeds)
    ]
    results = sweep(
        experiment,
        jobs,
        threads=threads,
        workers=workers,
        backend=backend,
        description=description,
        summary=lambda result: f"accuracy {result.metrics['accuracy']:.2f}",
    )
    return [results[start : start + seeds] for start in range(0, len(jobs), seeds)]


def compare(
    classifier: Classifier,
    task: Task,
    schedule: Schedule,
    recipes: Sequence[str],
    seeds: int,
    **options: Any,  # noqa: ANN401
) -> Comparison:
    """Train once for each augmentation in `recipes` and each seed; other options are those of `trained`."""
    rows = trained(
        [{"augment": recipe} for recipe in recipes],
        seeds,
        description=classifier.task,
        classifier=classifier,
        task=task,
        schedule=schedule,
        **options,
    )
    keys = [(recipe, seed) for recipe in recipes for seed in range(seeds)]
    results = [result for row in rows for result in row]
    scores = pd.DataFrame(keys, columns=["arm", "seed"]).assign(
        accuracy=[result.metrics["accuracy"] for result in results],
        macro_f1=[result.metrics["macro_f1"] for result in results],
        loss=[result.history[-1]["loss"] for result in results],
    )
    right = {
        recipe: np.stack([result.predictions == task.test.labels for result in row]).astype(float)
        for recipe, row in zip(recipes, rows, strict=True)
    }
    return Comparison(scores, right)
