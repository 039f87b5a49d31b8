"""`animestudy train-style`: the study's style classifier on a collection of a person's own.

The same network, schedule and seeds as the notebook 04_style, by the same code; the settings are those of
params.yaml's section style where the order does not say otherwise. With a start, that is with the weights of
a SqueezeNet, its trunk is fine-tuned with the module behind it (`training.finetune`) instead.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from animestudy import params
from animestudy.checksum import checksum
from animestudy.data import collection
from animestudy.data.collection import Collection
from animestudy.errors import StudyError
from animestudy.models import shipped, weights
from animestudy.paths import inside
from animestudy.stats import scores
from animestudy.stats.trends import Estimate
from animestudy.training import classifier, finetune, frozen, origin
from animestudy.training.comparison import trained
from animestudy.training.sweep import sweep

FEWEST = {"train": 4, "test": 1}  # pictures that each class needs
USES = {"train": "train", "val": "validate", "test": "test"}
PARTS = ("channels", "strides", "after", "kernels", "ratio", "gate")  # of the section: the network's options
MODULE = ("kernels", "ratio", "gate")  # of them, those of the module
SETTINGS = ("size", "epochs", "batch", "rate", "smoothing", "augment")  # that a record names
FINE = {"size": 192, "epochs": 36, "batch": 32, "rate": 0.003, "augment": "safe"}  # settings with a start
MIRROR = "the first seed's, mirror images counted too"
VIEWS = "the first seed's, mirror image and larger view counted too"


@dataclass(frozen=True)
class Order:
    """What to learn from, and what is to differ from params.yaml."""

    source: str  # a collection, relative to the study's root
    out: Path | None = None  # weights to write; None: models/NAME.pt of the study
    start: str = ""  # weights of a SqueezeNet: a file, or a name of `models.shipped`; empty: from scratch
    settings: Mapping[str, Any] = field(default_factory=dict)  # keys of params.yaml's section style
    force: bool = False  # replace existing weights
    whole: bool = False  # learn from the validation split as well; then nothing is watched


@dataclass(frozen=True)
class Plan:
    """A training that can start."""

    target: Path  # of the weights
    classifier: weights.Classifier
    task: classifier.Task
    settings: params.Style
    compute: params.Compute
    seeds: int
    start: Path | None  # weights of a SqueezeNet
    card: Mapping[str, Any]  # of the collection

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
        for name, measures in self.scores().items():
            values = [f"{estimate.scaled(100):.1f}" for estimate in measures.values()]
            lines.append(f"{name:{wide}}  {values[0]:>18}  {values[1]:>18}")
        use = f"animestudy classify PICTURES --weights {self.path}"
        return "\n".join(
            ["", *lines, "", f"{self.path}: the weights of the first seed; use them with", f"  {use}"]
        )

    def scores(self) -> dict[str, dict[str, Estimate]]:
        """Accuracy and macro-F1 of each method."""
        measures = {"accuracy": scores.accuracy, "macro_f1": scores.macro_f1}
        return {
            name: {key: measure(self.truth, made) for key, measure in measures.items()}
            for name, made in self.methods.items()
        }


def plan(order: Order) -> Plan:
    """Read the collection and judge everything that can be judged before a training.

    Raises `StudyError` for settings, places, collections and labels with which nothing can be learnt.
    """
    settings, seeds, compute = configured(order)
    start = begin(order.start) if order.start else None
    pictures = collection.load(order.source)
    target = order.out or inside(f"models/{pictures.path.name}.pt")
    writable(target, order)
    only = {} if settings.kind == "any" else {"kind": settings.kind}
    enough(pictures, settings, only)
    task = classifier.task(pictures, settings.label, settings.size, **only)
    task = joined(task) if order.whole else task
    network, parts = ("squeezenet", MODULE) if start else ("separable", PARTS)
    options = {name: getattr(settings, name) for name in parts}
    made = origin.origin(pictures, task)
    told = weights.Classifier(settings.label, task.classes, settings.size, network, options, made)
    return Plan(target, told, task, settings, compute, seeds, start, pictures.card)


def joined(task: classifier.Task) -> classifier.Task:
    """The same with the validation pictures among the training pictures, and none left to validate."""
    fields = ("pictures", "labels", "rows")
    parts = {name: [getattr(part, name) for part in (task.train, task.val)] for name in fields}
    train = classifier.Labelled(**{name: np.concatenate(pair) for name, pair in parts.items()})
    val = classifier.Labelled(**{name: one[:0] for name, (_, one) in parts.items()})
    return replace(task, train=train, val=val)


def begin(start: str) -> Path:
    """The file of weights to start from; `StudyError` where it holds no SqueezeNet."""
    file = shipped.path(start) if not Path(start).is_file() and start in shipped.names() else Path(start)
    finetune.start_of(file)
    return file


def train(plan: Plan) -> Trained:
    """Train once for each seed, judge on the test split, write the first seed's weights and the record."""
    settings, compute, task = plan.settings, plan.compute, plan.task
    shared = {
        "task": task,
        "schedule": classifier.Schedule(
            settings.epochs, settings.batch, settings.rate, smoothing=settings.smoothing
        ),
        "augment": settings.augment,
        "description": settings.label,
        **compute.model_dump(),
    }
    if plan.start:
        results = fine_tuned(plan, **shared)
    else:
        (results,) = trained([{"classifier": plan.classifier}], plan.seeds, watch=len(task.val) > 0, **shared)
    weights.save(plan.target, plan.classifier, results[0].state)
    outcome = Trained(plan.target, task.test.labels, judged(plan, results))
    write_record(plan, outcome, results)
    return outcome


def fine_tuned(
    plan: Plan, description: str, threads: int, workers: int, backend: str, **shared: object
) -> list[classifier.Result]:
    """As `comparison.trained` for one network that has a start; an interrupted training is taken up again."""
    shared |= {"classifier": plan.classifier, "start": finetune.start_of(plan.start)}
    keep = f".{plan.target.stem}-{{}}.part"
    return sweep(
        finetune.experiment,
        [
            {**shared, "seed": seed, "keep": plan.target.with_name(keep.format(seed))}
            for seed in range(plan.seeds)
        ],
        threads=threads,
        workers=workers,
        backend=backend,
        description=description,
        summary=lambda result: f"accuracy {result.metrics['accuracy']:.2f}",
    )


def judged(plan: Plan, results: Sequence[classifier.Result]) -> dict[str, np.ndarray]:
    """What every method says of the test pictures, by its name."""
    task = plan.task
    methods = {
        "majority class": np.full(len(task.test), np.bincount(task.train.labels).argmax()),
        "linear probe on pixels": classifier.linear_probe(task).argmax(1),
    }
    if plan.start:
        probe = frozen.trunk_probe(task, finetune.start_of(plan.start), task.size)
        methods["linear probe on the start's frozen features"] = probe.argmax(1)
    methods[f"the network, {plan.seeds} seed{'s' * (plan.seeds > 1)}"] = np.stack(
        [result.predictions for result in results]
    )
    if plan.start:
        network, told = weights.load(plan.target)
        pictures = task.test.pictures
        methods[MIRROR] = finetune.mirrored_too(network, pictures).argmax(1)
        methods[VIEWS] = finetune.several(network, told, pictures).argmax(1)
    return methods


def write_record(plan: Plan, outcome: Trained, results: Sequence[classifier.Result]) -> None:
    """NAME.json beside the weights: how they were made and how good they are."""
    task, told = plan.task, plan.classifier
    record = {
        "kind": "classifier",
        "what": f"tells {len(task.classes)} classes of {told.task} apart",
        "classes": list(task.classes),
        "data": {
            **{key: plan.card.get(key) for key in ("source", "licence", "sha256", "near_copies")},
            "collection": told.origin["collection"],
            "pictures": {split: len(getattr(task, split)) for split in USES},
        },
        "network": told.network,
        "options": dict(told.options),
        "settings": {name: getattr(plan.settings, name) for name in SETTINGS},
        "start": plan.start and checksum(plan.start),
        "precision": plan.compute.precision,
        "seeds": plan.seeds,
        "scores": {
            name: {key: estimate._asdict() for key, estimate in measures.items()}
            for name, measures in outcome.scores().items()
        },
        "each_seed": [result.metrics for result in results],
        "history": [result.history for result in results],
    }
    half = plan.target.with_name(f".{plan.target.stem}.json.part")
    half.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(half, plan.target.with_suffix(".json"))


def configured(order: Order) -> tuple[params.Style, int, params.Compute]:
    """The settings, validated; how many seeds (one is enough here); the machine."""
    document = params.read().model_dump()
    settings = {"source": order.source, **(FINE if order.start else {}), **order.settings}
    seeds = settings.pop("seeds", 1 if order.start else document["style"]["seeds"])
    if seeds < 1:
        raise StudyError(f"--seeds {seeds}: 1 or more")
    if "precision" in settings:
        document["compute"]["precision"] = settings.pop("precision")
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
