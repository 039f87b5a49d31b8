"""Modules and near copies on pictures of your own, behind a frozen ImageNet trunk, in minutes.

``python benchmarks/titles.py data/NAME WEIGHTS`` writes ``reports/real/NAME-frozen.json``:

* ``methods``: the majority class, a linear probe on pixels and one on frozen features, on its own splits
* ``modules``: DKSE and its comparators between the same frozen maps and the same head, and the gain of DKSE
  over each, paired by seed and test picture
* ``near_copies``: the probe on frozen features where near copies stay in one split, and where pictures are
  split at random, so that a test picture may have its twin in training

WEIGHTS is a state dict of torchvision's ``squeezenet1_0``, trained on ImageNet.
"""

import argparse
import hashlib
import json
import resource
from pathlib import Path

import numpy as np

from animestudy.data import collection
from animestudy.losses.content import squeezenet
from animestudy.paths import ROOT
from animestudy.stats import scores
from animestudy.stats.trends import Estimate
from animestudy.training import classifier, frozen, heads, machine

MODULES = {
    "DKSE": ("dkse", {}),
    "no module": ("none", {}),
    "squeeze-and-excitation": ("se", {}),
    "ECA": ("eca", {}),
    "CBAM": ("cbam", {}),
    "SK (3×3 and 5×5)": ("sk", {}),
    "DKSE with one shared gate": ("dkse", {"gate": "shared"}),
}
SIDE = 128  # pixels that the trunk sees
WIDTH = 64  # maps that a module works on
SCHEDULE = classifier.Schedule(epochs=5, batch=64, rate=0.006)
FRACTIONS = (0.7, 0.15, 0.15)


def written(estimate: Estimate) -> dict[str, float]:
    """An estimate in percent or points."""
    return {key: round(100 * value, 3) for key, value in estimate._asdict().items()}


def measures(truth: np.ndarray, made: np.ndarray) -> dict[str, dict[str, float]]:
    """Accuracy and macro-F1 in percent."""
    return {
        "accuracy": written(scores.accuracy(truth, made)),
        "macro_f1": written(scores.macro_f1(truth, made)),
    }


def modules(task: classifier.Task, weights: str, seeds: int) -> dict[str, object]:
    """Every module with its scores, and the gain of the first over each other."""
    seen = heads.frozen_maps(task, weights, SIDE)
    fixed = {"seen": seen, "labels": task.train.labels, "classes": len(task.classes), "schedule": SCHEDULE}
    truth, made, size = task.test.labels, {}, {}
    for name, (module, options) in MODULES.items():
        rows = [
            heads.experiment(module=module, options=options, width=WIDTH, seed=seed, **fixed)
            for seed in range(seeds)
        ]
        made[name] = np.stack(rows)
        network = heads.head(module, len(task.classes), WIDTH, **options)
        size[name] = sum(value.numel() for value in network.parameters())
        print(f"{name}: {np.mean(made[name] == truth):.1%} of {seeds} seeds", flush=True)
    first, *others = made
    return {
        "scores": {name: measures(truth, rows) | {"parameters": size[name]} for name, rows in made.items()},
        "gains": {name: written(scores.gain(truth, made[first], made[name])) for name in others},
    }


def near_copies(pictures: collection.Collection, label: str, weights: str, seeds: int) -> dict[str, object]:
    """The probe on frozen features under both ways of splitting, `seeds` splits of each."""
    rows = np.flatnonzero(pictures.table[label] != "")
    names, labels = np.unique(pictures.table[label].to_numpy(str)[rows], return_inverse=True)
    made = frozen.features(squeezenet(weights, frozen.LAYERS), pictures.images[rows], SIDE)
    group = pictures.table["group"].to_numpy(str)[rows]
    own = np.where(group == "", np.arange(len(rows)).astype(str), group)
    ways = {"groups": own, "random": np.arange(len(rows)).astype(str)}
    right, twins = {name: [] for name in ways}, []
    for name, groups in ways.items():
        for seed in range(seeds):
            split = np.asarray(collection.split_groups(groups, names[labels], FRACTIONS, seed=seed))
            train, test = split == "train", split == "test"
            answers = frozen.regression(made[train], labels[train], made[test]).argmax(1)
            right[name].append(np.mean(answers == labels[test]))
            if name == "random":
                twins.append(np.mean(np.isin(own[test], own[train])))
    values = {name: np.array(row) for name, row in right.items()}
    print({name: f"{row.mean():.1%}" for name, row in values.items()}, flush=True)
    return {
        "accuracy": {
            name: {"mean": 100 * row.mean(), "sd": 100 * row.std(ddof=1)} for name, row in values.items()
        },
        "random_over_groups": welch(values["random"], values["groups"]),
        "test_pictures_with_a_twin_in_training": 100 * float(np.mean(twins)),
        "splits": seeds,
    }


def welch(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """The difference of two means in points with its 95 % interval (Welch)."""
    from scipy.stats import ttest_ind

    low, high = ttest_ind(one, other, equal_var=False).confidence_interval()
    return {"value": 100 * (one.mean() - other.mean()), "low": 100 * low, "high": 100 * high}


def main() -> None:
    """Measure and write."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("source", metavar="data/NAME")
    words.add_argument("weights", metavar="WEIGHTS")
    words.add_argument("--label", default="style")
    words.add_argument("--seeds", type=int, default=5)
    args = words.parse_args()
    machine.deterministic(1)
    pictures = collection.load(args.source)
    task = classifier.task(pictures, args.label, SIDE)
    truth = task.test.labels
    name = pictures.path.name
    document = {
        "command": f"python benchmarks/titles.py data/{name} {Path(args.weights).name}",
        "inputs": {
            "weights": hashlib.sha256(Path(args.weights).read_bytes()).hexdigest(),
            **pictures.card["sha256"],
        },
        "settings": {"side": SIDE, "width": WIDTH, "seeds": args.seeds, "schedule": vars(SCHEDULE)},
        "modules": modules(task, args.weights, args.seeds),
        "near_copies": near_copies(pictures, args.label, args.weights, args.seeds),
        "methods": {
            "majority class": measures(truth, np.full(len(truth), np.bincount(task.train.labels).argmax())),
            "linear probe on pixels": measures(truth, classifier.linear_probe(task).argmax(1)),
            "linear probe on frozen ImageNet features": measures(
                truth, frozen.frozen_probe(task, args.weights, SIDE).argmax(1)
            ),
        },
    }
    document["minutes of one core"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_utime / 60, 1)
    target = ROOT / "reports/real" / f"{name}-frozen.json"
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
