"""Translators side by side: methods, and one of them without each of its terms, from several seeds.

All see the same photographs and drawings in the same order for the same number of steps; seed k gives every
arm the same batches, so arms are compared in pairs.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from animestudy.data.tensors import to_images, to_tensor
from animestudy.errors import StudyError
from animestudy.models.cost import cost
from animestudy.models.generators import GENERATORS
from animestudy.training import translator
from animestudy.training.method import build, construct
from animestudy.training.sweep import sweep
from animestudy.training.translator import Schedule


@dataclass(frozen=True)
class Pictures:
    """What the arms learn from and what they are asked to draw; each N×H×W×3 uint8."""

    source: np.ndarray  # training photographs
    target: np.ndarray  # training drawings, of other scenes
    unseen: np.ndarray  # photographs that every trained generator draws
    watched: np.ndarray  # a few photographs that are drawn again and again during training


@dataclass(frozen=True)
class Outcome:
    """One training."""

    arm: str
    seed: int
    history: pd.DataFrame  # see `translator.Trained`
    drawings: np.ndarray  # of `Pictures.unseen`, in order
    stages: dict[int, np.ndarray]  # step → drawings of `Pictures.watched`
    weights: dict[str, Tensor]  # of the generator

    def __str__(self) -> str:
        return f"{self.arm} {self.seed}"


def arms(
    methods: Mapping[str, Mapping[str, Any]],
    removed: Sequence[str],
    spectral: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    """Everything that is trained, by name: the methods, then variants of the first one.

    Args:
        methods: as `method.build` takes them.
        removed: losses of the first method, each set to 0 in a variant of its own.
        spectral: other networks for its discriminator `frequency`, each in a variant of its own.
    """
    name, main = next(iter(methods.items()))
    documents = {key: deepcopy(dict(method)) for key, method in methods.items()}
    for term in removed:
        if not main["losses"].get(term):
            raise StudyError(f"removed: {name} has no loss {term!r}; there are {', '.join(main['losses'])}")
        variant = documents[f"{name} without {term}"] = deepcopy(dict(main))
        variant["losses"][term] = 0.0
        variant["initial"].pop(term, None)
    for key, words in spectral.items():
        variant = documents[f"{name} with {key}"] = deepcopy(dict(main))
        variant["discriminators"]["frequency"] = dict(words)
    return documents


@torch.inference_mode()
def drawn(generator: nn.Module, images: np.ndarray, batch: int = 16) -> np.ndarray:
    """N×H×W×3 uint8 photographs as drawings of the same shape and type, some at a time."""
    device = next(generator.parameters()).device
    parts = [images[start : start + batch] for start in range(0, len(images), batch)]
    return (
        np.concatenate([to_images(generator(to_tensor(part).to(device))) for part in parts])
        if parts
        else images
    )


def experiment(
    arm: str,
    seed: int,
    document: Mapping[str, Any],
    schedule: Schedule,
    device: str = "cpu",
    precision: str = "32-true",
    **pictures: np.ndarray,
) -> Outcome:
    """Train one arm from one seed and let it draw; `pictures` are the fields of `Pictures`."""
    shown = Pictures(**pictures)
    stages: dict[int, np.ndarray] = {}

    def watch(step: int, generator: nn.Module) -> None:
        stages[step] = drawn(generator, shown.watched)

    trained = translator.train(
        build(document, seed),
        shown.source,
        shown.target,
        schedule,
        seed=seed,
        device=device,
        precision=precision,
        watch=watch,
        description=arm,
    )
    generator = trained.generator
    return Outcome(
        arm,
        seed,
        trained.history,
        drawn(generator, shown.unseen),
        stages,
        {name: value.clone() for name, value in generator.state_dict().items()},
    )


def compare(
    documents: Mapping[str, Mapping[str, Any]],
    pictures: Pictures,
    common: Mapping[str, float],
    seeds: int | Mapping[str, int],
    *,
    device: str = "cpu",
    precision: str = "32-true",
    **machine: Any,  # noqa: ANN401
) -> list[Outcome]:
    """Train every arm from its number of seeds; seed by seed, so that a look at the bar tells what is left.

    `common` is what all of them share of `schedule`: steps, batch, crop and the discriminators' rate, at
    least. `machine` goes to `sweep`: threads, workers, backend.
    """
    counts = seeds if isinstance(seeds, Mapping) else dict.fromkeys(documents, seeds)
    jobs = [
        {
            "arm": arm,
            "seed": seed,
            "document": document,
            "schedule": schedule(document, **common),
            "device": device,
            "precision": precision,
            **vars(pictures),
        }
        for seed in range(max(counts.values()))
        for arm, document in documents.items()
        if seed < counts[arm]
    ]
    return sweep(experiment, jobs, description="translators", summary=str, **machine)


def schedule(method: Mapping[str, Any], *, steps: int, **common: float) -> Schedule:
    """The schedule of one method.

    method: its `first_phase` is the share of the steps without a game, its `generator_rate` the learning rate
        (a network that begins from nothing needs a higher one).
    steps: of the first phase and the game together.
    common: the other fields of `Schedule`, the same for all methods of a section of params.yaml.
    """
    initial = min(round(method["first_phase"] * steps), steps - 1)
    rate = method["generator_rate"]
    return Schedule(steps=steps - initial, initial_steps=initial, generator_rate=rate, **common)


def generator_of(method: Mapping[str, Any], outcome: Outcome) -> nn.Module:
    """The trained generator of an outcome, on the CPU, ready to draw."""
    generator = construct(GENERATORS, method["generator"], "generator")
    generator.load_state_dict(outcome.weights)
    return generator.eval()


def costs(methods: Mapping[str, Mapping[str, Any]], side: int = 256) -> pd.DataFrame:
    """A row a method: parameters and multiply–adds for one picture, as it is here and at full width."""
    rows = {}
    for name, method in methods.items():
        with torch.device("meta"):
            here = cost(construct(GENERATORS, method["generator"], "generator"), side)
            full = cost(GENERATORS[method["generator"]["network"]](), side)
        rows[name] = {
            "parameters": here.parameters,
            "GMAC": here.operations / 1e9,
            "parameters, full width": full.parameters,
            "GMAC, full width": full.operations / 1e9,
        }
    return pd.DataFrame.from_dict(rows, "index").rename_axis("method")


def pulls(history: pd.DataFrame) -> pd.Series:
    """How hard each term pulled at the drawings over the game: mean gradient norms by term."""
    game = history[history["phase"] == "game"]
    norms = game[[name for name in game if name.startswith("gradient: ")]].dropna(axis=1, how="all").mean()
    return norms.rename(lambda name: name.removeprefix("gradient: "))
