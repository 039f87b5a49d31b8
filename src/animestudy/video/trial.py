"""Clips with known motion through every converter: what the video notebook compares.

A converter is plain data, so that each can be built, trained and measured in a process of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import nn

from animestudy.data.atelier.clip import clip
from animestudy.data.atelier.paint import compose
from animestudy.data.atelier.spec import Subject
from animestudy.errors import StudyError
from animestudy.losses.content import Features, random_network
from animestudy.models import generators
from animestudy.paths import inside
from animestudy.training import translator
from animestudy.training.method import build, construct
from animestudy.video import gram, norms
from animestudy.video.stability import Motion, Stability, measure

FIRST = 50_000_000  # seed of the first clip: none that the painter's pictures are drawn from

Convert = Callable[[np.ndarray], np.ndarray]  # T×H×W×3 uint8 → the same


class Kind(NamedTuple):
    """What is seen in a clip, and what moves."""

    subject: str  # scene | portrait
    motion: str  # pan | zoom | parts
    people: bool | None = None  # whether there are any; None: either


KINDS = {
    "pan": Kind("scene", "pan"),
    "zoom": Kind("scene", "zoom"),
    "moving parts": Kind("scene", "parts", True),
    "moving face": Kind("portrait", "parts"),
    "background": Kind("scene", "pan", False),
}


class Shot(NamedTuple):
    """A clip as a camera would bring it, and where everything in it goes."""

    kind: str
    frames: np.ndarray  # T×H×W×3 uint8
    motion: Motion


def plan(number: int, frames: int, size: int, grain: float) -> list[dict[str, Any]]:
    """The jobs of `shot` for `number` photographed clips of every kind, for `training.sweep`.

    `grain` is the standard deviation of a sensor's noise in grey levels, new in every frame: a clip without
    it flatters a converter that would make flicker of it.
    """
    return [
        {"kind": kind, "subject": subject, "frames": frames, "size": size, "grain": grain}
        for kind in KINDS
        for subject in islice(subjects(kind), number)
    ]


def subjects(name: str) -> Iterator[Subject]:
    """Subjects for clips of that kind, without end; no two kinds share one."""
    kind, first = KINDS[name], FIRST + 1_000_000 * list(KINDS).index(name)
    every = (Subject(first + k, kind=kind.subject, domain="photo") for k in count())
    return (one for one in every if kind.people is None or peopled(one) == kind.people)


def peopled(subject: Subject) -> bool:
    """Whether there is anybody in the picture."""
    return any(shape.mask == "figure" for shape in compose(subject, sealed=False).shapes)


def shot(kind: str, subject: Subject, frames: int, size: int, grain: float) -> Shot:
    """One clip with its exact motion."""
    moving = clip(subject, frames, size, KINDS[kind].motion)
    noise = subject.rng("grain").normal(0, grain, moving.frames.shape)
    grainy = np.clip(moving.frames + noise, 0, 255).round().astype(np.uint8)
    return Shot(kind, grainy, Motion(moving.flow, moving.occluded))


# --------------------------------------------------------------------------------------------- converters


def from_file(words: Mapping[str, Any], seed: int) -> Convert:
    """Weights that another stage has trained: `file`; with `fixed`, by the statistics of the whole shot."""
    return by_frame(generators.load(inside(words["file"]))[0], words.get("fixed", False))


def trained(words: Mapping[str, Any], seed: int) -> Convert:
    """A generator trained here, by `method` and `schedule` of the translator, on `photos` and `anime`."""
    method = build(words["method"], seed)
    schedule = translator.Schedule(**words["schedule"])
    done = translator.train(
        method, words["photos"], words["anime"], schedule, seed=seed, device="cpu", description="converter"
    )
    return by_frame(done.generator, words.get("fixed", False))


def optimised(words: Mapping[str, Any], seed: int) -> Convert:
    """Gram-matrix transfer: `how` for `gram.Transfer` and the filters' `width`; drawing `seed` of `anime`."""
    how = dict(words["how"])
    seen = filters(how.pop("width", 32))
    drawing, settings = words["anime"][seed % len(words["anime"])], gram.Transfer(**how)
    return lambda frames: gram.transfer(frames, drawing, settings, seen, seed)


def filters(width: int) -> Features:
    """Random shallow filters, `width` of them in each of three layers."""
    return Features(random_network(width), ("0", "3", "6"))


def untrained(words: Mapping[str, Any], seed: int) -> Convert:
    """A `generator` as it begins: what its fixed parts do."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = construct(generators.GENERATORS, words["generator"], "video.generator")
    return by_frame(network.eval(), False)


CONVERTERS: dict[str, Callable[[Mapping[str, Any], int], Convert]] = {
    "file": from_file,
    "trained": trained,
    "gram": optimised,
    "untrained": untrained,
}


def by_frame(generator: nn.Module, fixed: bool) -> Convert:
    """A generator on each frame by itself."""

    def each(frames: np.ndarray) -> np.ndarray:
        return np.stack([generators.convert(generator, frame) for frame in frames])

    def whole(frames: np.ndarray) -> np.ndarray:
        with norms.fixed(generator, frames):
            return each(frames)

    return whole if fixed else each


class Outcome(NamedTuple):
    """What a converter made of the shots."""

    name: str
    seed: int
    clips: list[np.ndarray]  # of the first seed only, else empty
    measures: list[Stability]  # one for each shot


def run(name: str, words: Mapping[str, Any], seed: int, filmed: Sequence[Shot], keep: bool) -> Outcome:
    """Build the converter that `words` describe and put every shot through it; a job of `training.sweep`."""
    if words["converter"] not in CONVERTERS:
        raise StudyError(f"{name}: {words['converter']!r} is no converter; there are {', '.join(CONVERTERS)}")
    convert = CONVERTERS[words["converter"]](words, seed)
    results = [convert(one.frames) for one in filmed]
    measures = [measure(one.frames, y, one.motion) for one, y in zip(filmed, results, strict=True)]
    return Outcome(name, seed, results if keep else [], measures)


def table(outcomes: Sequence[Outcome], filmed: Sequence[Shot]) -> pd.DataFrame:
    """One row for each converter, seed and clip, with all measures."""
    return pd.DataFrame(
        {"converter": one.name, "seed": one.seed, "clip": k, "kind": shot.kind} | found._asdict()
        for one in outcomes
        for k, (shot, found) in enumerate(zip(filmed, one.measures, strict=True))
    )


def grid(rows: pd.DataFrame, converter: str, measure: str) -> np.ndarray:
    """A measure of one converter as seeds × clips."""
    own = rows[rows["converter"] == converter]
    return own.pivot(index="seed", columns="clip", values=measure).to_numpy()
