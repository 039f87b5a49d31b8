"""Modules and near copies on pictures of your own, behind a frozen ImageNet trunk, in minutes.

``python benchmarks/titles.py data/NAME WEIGHTS`` writes ``reports/real/NAME.json``, which the claims read:

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
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch

from animestudy.data import collection
from animestudy.losses.content import squeezenet
from animestudy.models import cost
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
SIDE = 128  # pixels that the trunk sees where modules are compared
PROBED = 160  # and where its features are probed
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


def cached(folder: Path | None, name: str, made: Callable[[], np.ndarray]) -> np.ndarray:
    """What `made` returns, kept in `folder` for the next run."""
    file = folder and folder / f"{name}.npy"
    if file and file.is_file():
        return np.load(file)
    value = np.asarray(made())
    if file:
        folder.mkdir(parents=True, exist_ok=True)
        np.save(file, value)
    return value


def compared(
    task: classifier.Task, seen: Sequence[torch.Tensor], seeds: int, kept: Callable[..., np.ndarray]
) -> Iterator[dict[str, object]]:
    """Every module with its scores, and the gain of the first over each other, after each seed.

    kept: `cached` with its folder, so that a run which was broken off goes on where it was.
    """
    fixed = {"seen": seen, "labels": task.train.labels, "classes": len(task.classes), "schedule": SCHEDULE}
    truth, rows = task.test.labels, {name: [] for name in MODULES}
    networks = {n: heads.head(m, len(task.classes), WIDTH, **options) for n, (m, options) in MODULES.items()}
    for seed in range(seeds):
        for name, (module, options) in MODULES.items():
            train = partial(heads.experiment, module=module, options=options, width=WIDTH, seed=seed, **fixed)
            made = kept(f"answers-{'-'.join([module, *options.values()])}-{SCHEDULE.epochs}-{seed}", train)
            rows[name].append(made)
            print(f"seed {seed}, {name}: {np.mean(made == truth):.1%}", flush=True)
        made = {name: np.stack(part) for name, part in rows.items()}
        first, *others = made
        yield {
            "seeds": seed + 1,
            "scores": {
                name: measures(truth, part) | {"parameters": cost.parameters(networks[name])}
                for name, part in made.items()
            },
            "gains": {name: written(scores.gain(truth, made[first], made[name])) for name in others},
        }


def near_copies(names: np.ndarray, group: np.ndarray, made: np.ndarray, splits: int) -> dict[str, object]:
    """The probe on frozen features `made` (N×F) under both ways of splitting, several splits of each.

    names: N labels; group: N names of what must not be torn apart.
    """
    labels = np.unique(names, return_inverse=True)[1]
    alone = np.arange(len(names)).astype(str)
    ways = {"groups": np.where(group == "", alone, group), "random": alone}
    right, twins = {name: [] for name in ways}, []
    for seed in range(splits):
        for way, groups in ways.items():
            split = collection.split_groups(groups, names, FRACTIONS, seed=seed)
            train, test = split == "train", split == "test"
            answers = frozen.regression(made[train], labels[train], made[test]).argmax(1)
            right[way].append(np.mean(answers == labels[test]))
            print(f"split {seed}, {way}: {right[way][-1]:.1%}", flush=True)
        twins.append(np.mean(np.isin(ways["groups"][test], ways["groups"][train])))
    values = {name: np.array(row) for name, row in right.items()}
    return {
        "splits": splits,
        "accuracy": {
            name: {"mean": 100 * row.mean(), "sd": 100 * row.std(ddof=1)} for name, row in values.items()
        },
        "random_over_groups": welch(values["random"], values["groups"]),
        "test_pictures_with_a_twin_in_training": 100 * float(np.mean(twins)),
    }


def welch(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """The difference of two means in points with its 95 % interval (Welch)."""
    from scipy.stats import ttest_ind

    low, high = ttest_ind(one, other, equal_var=False).confidence_interval()
    return {"value": 100 * (one.mean() - other.mean()), "low": 100 * low, "high": 100 * high}


def main() -> None:
    """Measure and write, after each part and each seed."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("source", metavar="data/NAME")
    words.add_argument("weights", metavar="WEIGHTS")
    words.add_argument("--label", default="style")
    words.add_argument("--seeds", type=int, default=5)
    words.add_argument("--cache", type=Path, metavar="DIR", help="keep maps, features and answers there")
    args = words.parse_args()
    machine.deterministic(1)
    pictures = collection.load(args.source)
    task = classifier.task(pictures, args.label, SIDE)
    name, truth = pictures.path.name, task.test.labels
    target = ROOT / "reports/real" / f"{name}.json"
    code = hashlib.sha256(Path(args.weights).read_bytes()).hexdigest()
    document = {
        "command": f"python benchmarks/titles.py data/{name} {Path(args.weights).name} --seeds {args.seeds}",
        "inputs": {"weights": code, **pictures.card["sha256"]},
        "settings": {"side": SIDE, "probed at": PROBED, "width": WIDTH, "schedule": vars(SCHEDULE)},
    }

    def keep(**parts: object) -> None:
        document.update(parts)
        target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    network = squeezenet(args.weights, frozen.LAYERS)
    made = cached(
        args.cache, f"features-{name}", lambda: frozen.features(network, np.asarray(pictures.images), PROBED)
    )
    rows = task.train.rows, task.test.rows
    probe = frozen.regression(made[rows[0]], task.train.labels, made[rows[1]])
    keep(methods={
        "majority class": measures(truth, np.full(len(truth), np.bincount(task.train.labels).argmax())),
        "linear probe on pixels": measures(truth, classifier.linear_probe(task).argmax(1)),
        "linear probe on frozen ImageNet features": measures(truth, probe.argmax(1)),
    })  # fmt: skip
    table = pictures.table
    known = np.flatnonzero(table[args.label] != "")
    columns = (table[column].to_numpy(str)[known] for column in (args.label, "group"))
    keep(near_copies=near_copies(*columns, made[known], args.seeds))

    train, test = task.train.pictures, task.test.pictures
    views = {"train": train, "mirror": train[:, :, ::-1], "test": test}
    network = squeezenet(args.weights, (heads.LAYER,))
    seen = [
        torch.from_numpy(cached(args.cache, f"maps-{name}-{view}", partial(heads.maps, network, part, SIDE)))
        for view, part in views.items()
    ]
    for modules in compared(task, seen, args.seeds, partial(cached, args.cache)):
        keep(modules=modules)
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
