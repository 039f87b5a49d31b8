"""`animestudy train-style`: the study's style classifier on a collection of a person's own.

The same network, schedule and seeds as the notebook 04_style, by the same code; the settings are those of
params.yaml's section style where the order does not say otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from animestudy import params
from animestudy.data import collection
from animestudy.data.collection import Collection
from animestudy.errors import StudyError
from animestudy.models import weights
from animestudy.paths import inside
from animestudy.stats import scores
from animestudy.training import classifier, origin
from animestudy.training.comparison import trained

FEWEST = {"train": 4, "test": 1}  # pictures that each class needs
USES = {"train": "train", "val": "validate", "test": "test"}
PARTS = ("channels", "strides", "after", "kernels", "ratio", "gate")  # of the section: the network's options


@dataclass(frozen=True)
class Order:
    """What to learn from, and what is to differ from params.yaml."""

    source: str  # a collection, relative to the study's root
    out: Path | None = None  # weights to write; None: models/NAME.pt of the study
    settings: Mapping[str, Any] = field(default_factory=dict)  # keys of params.yaml's section style
    force: bool = False  # replace existing weights


@dataclass(frozen=True)
class Plan:
    """A training that can start."""

    target: Path  # of the weights
    classifier: weights.Classifier
    task: classifier.Task
    settings: params.Style
    compute: params.Compute
    seeds: int

    def __str__(self) -> str:
        sizes = ", ".join(f"{len(getattr(self.task, split)):,} to {use}" for split, use in USES.items())
        return f"{origin.said(self.classifier)}\npictures: {sizes}"


@dataclass(frozen=True)
class Trained:
    """Where the weights are, and what all methods say of the test pictures."""

    path: Path
    truth: np.ndarray  # N classes
    methods: Mapping[str, np.ndarray]  # name → predictions: N, or seeds×N

    def __str__(self) -> str:
        head = "on the test pictures, % [95 %]"
        wide = max(map(len, [head, *self.methods]))
        lines = [f"{head:{wide}}  {'accuracy':>18}  {'macro-F1':>18}"]
        for name, made in self.methods.items():
            values = [
                f"{score(self.truth, made).scaled(100):.1f}" for score in (scores.accuracy, scores.macro_f1)
            ]
            lines.append(f"{name:{wide}}  {values[0]:>18}  {values[1]:>18}")
        use = f"animestudy classify PICTURES --weights {self.path}"
        return "\n".join(
            ["", *lines, "", f"{self.path}: the weights of the first seed; use them with", f"  {use}"]
        )


def plan(order: Order) -> Plan:
    """Read the collection and judge everything that can be judged before a training.

    Raises `StudyError` for settings, places, collections and labels with which nothing can be learnt.
    """
    settings, seeds, compute = configured(order)
    pictures = collection.load(order.source)
    target = order.out or inside(f"models/{pictures.path.name}.pt")
    writable(target, order)
    only = {} if settings.kind == "any" else {"kind": settings.kind}
    enough(pictures, settings, only)
    task = classifier.task(pictures, settings.label, settings.size, **only)
    options = {name: getattr(settings, name) for name in PARTS}
    told = weights.Classifier(
        settings.label, task.classes, settings.size, "separable", options, origin.origin(pictures, task)
    )
    return Plan(target, told, task, settings, compute, seeds)


def train(plan: Plan) -> Trained:
    """Train once for each seed, judge on the test split, write the first seed's weights."""
    settings, compute, task = plan.settings, plan.compute, plan.task
    schedule = classifier.Schedule(
        settings.epochs, settings.batch, settings.rate, smoothing=settings.smoothing
    )
    (results,) = trained(
        [{"classifier": plan.classifier}],
        plan.seeds,
        description=settings.label,
        task=task,
        schedule=schedule,
        augment=settings.augment,
        watch=True,
        **compute.model_dump(),
    )
    weights.save(plan.target, plan.classifier, results[0].state)
    methods = {
        "majority class": np.full(len(task.test), np.bincount(task.train.labels).argmax()),
        "linear probe on pixels": classifier.linear_probe(task).argmax(1),
        f"the network, {plan.seeds} seed{'s' * (plan.seeds > 1)}": np.stack(
            [result.predictions for result in results]
        ),
    }
    return Trained(plan.target, task.test.labels, methods)


def configured(order: Order) -> tuple[params.Style, int, params.Compute]:
    """The settings, validated; how many seeds (one is enough here); the machine."""
    document = params.read().model_dump()
    settings = {"source": order.source, **order.settings}
    seeds = settings.pop("seeds", document["style"]["seeds"])
    if seeds < 1:
        raise StudyError(f"--seeds {seeds}: 1 or more")
    document["style"] |= settings
    checked = params.validate(document, "train-style")
    return checked.style, seeds, checked.compute


def writable(target: Path, order: Order) -> None:
    """Refuse a place for the weights where they cannot lie."""
    refusals = {
        f"{target}: is a folder; give the name of a file": target.is_dir(),
        f"{target.parent}: no such folder; make it first": bool(order.out) and not target.parent.is_dir(),
        f"{target}: exists; choose another place with --out, or pass --force": target.is_file()
        and not order.force,
    }
    for words, wrong in refusals.items():
        if wrong:
            raise StudyError(words)


def enough(pictures: Collection, settings: params.Style, only: Mapping[str, str]) -> None:
    """Refuse a collection that has too little to learn from, by what it lacks."""
    where, label = settings.source, settings.label
    table = pictures.table.iloc[pictures.where(**only)]
    if table.empty:
        there = ", ".join(sorted(set(pictures.table["kind"]) - {""})) or "none"
        raise StudyError(f"{where}: no picture of kind {settings.kind}, but of {there}; say --kind any")
    if label not in table:
        raise StudyError(f"{where}: no column {label!r} in metadata.csv; name another with --label")
    classes = sorted(set(table[label]) - {""})
    if not classes:
        raise StudyError(
            f"{where}: no picture has a {label}; import a folder for each, or name another --label"
        )
    if len(classes) < 2:
        raise StudyError(f"{where}: every picture is of one {label}, {classes[0]}; two are needed")
    for split, fewest in FEWEST.items():
        counts = table[table["split"] == split][label].value_counts()
        few = [f"{name} ({counts.get(name, 0)})" for name in classes if counts.get(name, 0) < fewest]
        if few:
            raise StudyError(
                f"{where}: too few pictures in split {split}, {fewest} of each {label} are needed: "
                f"{', '.join(few)}; import more, or leave them out"
            )
