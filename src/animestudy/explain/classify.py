"""`animestudy classify`: labels, a table and overlays for a person's own pictures."""

import csv
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from animestudy import params, progress
from animestudy.data.gather import Found, gather, is_picture
from animestudy.data.receipt import printable
from animestudy.errors import StudyError
from animestudy.explain import placed
from animestudy.explain.answers import Answer, answers
from animestudy.models import shipped, weights
from animestudy.paths import ROOT, inside
from animestudy.training import origin

MAIN = {"separable": "style_main", "resnet50": "psychology_main"}  # network → key of params.yaml's gradcam
BLOCKS = {"squeezenet": "module"}  # network → block, where the study's panels show none
WIDEST = 60  # characters of a name that the lines are aligned to


@dataclass(frozen=True)
class Request:
    """The words of the command line."""

    paths: Sequence[Path]
    task: str = ""  # style or psychology; empty: whatever the weights tell apart
    weights: Path | None = None  # a file, or a name of `models.shipped`; None: those of the pipeline
    csv: Path | None = None  # table to write
    cam: Path | None = None  # folder for overlays
    layer: str = ""  # that the overlays explain; empty: the study's own choice
    workers: int = 0  # processes that decode; 0: one for each core
    batch: int = 32  # pictures that go through the network at once
    force: bool = False  # replace what is there


def run(request: Request) -> int:
    """Print a label for every picture; returns 0, or 1 where a path gave none.

    A mistake in the words raises `StudyError` before any picture is opened.
    """
    check(request)
    file = chosen(request)
    network, told = loaded(file, request.task)
    layer = layer_of(network, told, request) if request.cam else ""
    found = gather(request.paths, request.cam)
    good, faults = [one for one in found if not one.fault], [one for one in found if one.fault]
    targets = placed.targets(good, request.cam, request.force) if request.cam else {}
    print(f"{request.weights or file.relative_to(ROOT)}: {origin.said(told)}", flush=True)

    wide = min(WIDEST, max((len(shown(one)) for one in good), default=0))
    answered, blank = 0, []
    with table(request.csv, told.classes) as write, bar(len(good), request.batch) as advance:
        for part in answers(good, network, told, request.batch, request.workers):
            read = [answer for answer in part if not answer.fault]
            faults += [Found(answer.found.path, fault=answer.fault) for answer in part if answer.fault]
            if targets and read:
                blank += placed.draw(read, targets, network, layer, origin.form(told).crop)
            for answer in read:
                write([shown(answer.found), *cells(answer, told.classes)])
            answered += len(read)
            advance(len(part), [f"{shown(one.found):{wide}}  {words(one, told.classes)}" for one in read])

    if blank:
        print(f"{len(blank)} overlays are grey: nothing in {layer} speaks for the label", file=sys.stderr)
    for one in faults:
        print(f"animestudy: {shown(one)}: {one.fault}", file=sys.stderr)
    return 1 if faults or not answered else 0


def check(request: Request) -> None:
    """Refuse words that cannot be meant."""
    out, folder = request.csv, request.cam
    refusals = {
        "say --task style or --task psychology, or name --weights FILE": not (
            request.task or request.weights
        ),
        f"--batch {request.batch}: 1 or more": request.batch < 1,
        f"--workers {request.workers}: 0 (one for each core) or more": request.workers < 0,
        f"--layer {request.layer}: is what overlays explain; it needs --cam DIR": request.layer
        and not folder,
        f"--csv {out}: is a folder; give the name of a file": out and out.is_dir(),
        f"--csv {out}: its folder does not exist; make it first": out and not out.parent.is_dir(),
        f"--csv {out}: exists; choose another name or pass --force": out
        and out.exists()
        and not request.force,
        f"--csv {out}: is one of the pictures": out and out.exists() and out.resolve() in resolved(request),
        f"--csv {out}: is named like a picture; end it in .csv": out and is_picture(out.name),
        f"--cam {folder}: is no folder": folder and folder.exists() and not folder.is_dir(),
        f"--cam {folder}: holds the pictures themselves; choose another folder": folder
        and any(path.is_dir() and around(folder, path) for path in request.paths),
    }
    for words, wrong in refusals.items():
        if wrong:
            raise StudyError(words)


def resolved(request: Request) -> list[Path]:
    """The paths that were named, links followed."""
    return [path.resolve() for path in request.paths]


def around(folder: Path, path: Path) -> bool:
    """Whether `path` is `folder` or lies in it."""
    return path.resolve().is_relative_to(folder.resolve())


def chosen(request: Request) -> Path:
    """The file of weights; where it is not there, the error says how to get it."""
    if request.weights:
        if request.weights.is_file():
            return request.weights
        if str(request.weights) in (brought := shipped.names("classifier")):
            return shipped.path(str(request.weights))
        raise StudyError(
            f"--weights {request.weights}: no such file, nor weights that the study brings "
            f"({', '.join(brought) or 'none'})"
        )
    name = f"models/{request.task}.pt"
    if not inside(name).is_file():
        raise StudyError(
            f"{name}: not there yet; `make repro` trains it, or name others with --weights FILE, or some "
            f"that the study brings: {', '.join(shipped.names('classifier')) or 'none'}"
        )
    return inside(name)


def loaded(file: Path, task: str) -> tuple[nn.Module, weights.Classifier]:
    """The network, on a GPU where there is one, and its description, which has to be of the task."""
    network, told = weights.load(file, "cuda" if torch.cuda.is_available() else "cpu")
    if task and told.task != task:
        raise StudyError(f"{file}: tells {told.task} apart, not {task}; other --weights are needed for that")
    return network, told


def layer_of(network: nn.Module, told: weights.Classifier, request: Request) -> str:
    """The block to explain: the one asked for, or that of the study's own panels."""
    layer = request.layer or BLOCKS.get(told.network, "")
    if not layer and told.network in MAIN:
        layer = getattr(params.read().gradcam, MAIN[told.network])
    if layer and layer in dict(network.named_modules()):
        return layer
    blocks = [
        name for name, part in network.named_children() if list(part.children()) and list(part.parameters())
    ]
    why = f"--layer {layer}: not in this network" if layer else "--cam: say --layer for this network"
    raise StudyError(f"{why}; its blocks are {', '.join(blocks)}")


@contextmanager
def table(path: Path | None, classes: Sequence[str]) -> Iterator[Callable[[Sequence[object]], object]]:
    """A function that adds a row to the CSV at `path`, which takes its name at the end, if it has a row.

    Without a path the rows go nowhere.
    """
    if path is None:
        yield lambda cells: None
        return
    half, rows = path.with_name(f".{path.name}.part"), []
    try:
        stream = half.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise StudyError(f"--csv {path}: cannot be written ({error.strerror})") from None
    try:
        with stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["file", "label", "probability", *classes])
            yield lambda cells: rows.append(writer.writerow(cells))
        if rows:
            os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def bar(total: int, few: int) -> Iterator[Callable[[int, Sequence[str]], None]]:
    """A function that prints lines and moves a progress bar, which is there where pictures are many."""
    with (
        progress.bar(total=total, description="classify", unit="pictures")
        if total > few
        else nullcontext() as b
    ):

        def advance(count: int, lines: Sequence[str]) -> None:
            if b is not None and not b.lines:
                b.clear()
            print("\n".join(lines), end="\n" if lines else "", flush=True)
            if b is not None:
                b.update(count)

        yield advance


def shown(found: Found) -> str:
    """A path that garbles neither a terminal nor a table."""
    return printable(str(found.path))


def words(answer: Answer, classes: Sequence[str]) -> str:
    """The best label with its probability, and the runner-up."""
    first, second = sorted(zip(answer.probabilities, classes, strict=True), key=lambda pair: -pair[0])[:2]
    return f"{first[1]} {first[0]:.0%} (then {second[1]} {second[0]:.0%})"


def cells(answer: Answer, classes: Sequence[str]) -> list[str]:
    """Label, its probability, and that of each class."""
    shares = [f"{share:.6f}" for share in answer.probabilities]
    return [classes[answer.best], shares[answer.best], *shares]
