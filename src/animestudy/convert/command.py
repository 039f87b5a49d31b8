"""`animestudy convert`: pictures and clips in, drawings out."""

import glob
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from animestudy import progress
from animestudy.convert import clips, engines, generator, pictures
from animestudy.data.decode import Refused
from animestudy.data.gather import SUFFIXES, Found, gather, placed
from animestudy.data.receipt import printable
from animestudy.errors import StudyError


@dataclass(frozen=True)
class Request:
    """The words of the command line."""

    inputs: Sequence[str]
    out: Path
    model: str = ""  # a name or a file; empty: the first generator that is there
    forms: Sequence[str] = ()  # of pictures, of clips; otherwise that of each input
    machine: engines.Machine = field(default_factory=engines.Machine)
    megapixels: float = pictures.MEGAPIXELS
    cut: clips.Cut = field(default_factory=clips.Cut)
    force: bool = False  # replace what is there


def run(request: Request) -> int:
    """Convert everything that was named; returns 0, or 1 where something was left or could not be read.

    A mistake in the words raises `StudyError` before any picture is opened.
    """
    check(request)
    file = generator.found(request.model)
    found = gather(expanded(request.inputs), request.out, {*SUFFIXES, *clips.SUFFIXES})
    good, faults = [one for one in found if not one.fault], [one for one in found if one.fault]
    targets = placed(good, request.out, lambda one: named(one, request.forms), "--out")
    there = [] if request.force else [one for one in good if targets[one.path].exists()]
    todo = [one for one in good if one not in there]
    done = 0
    if todo:
        work = engines.work(file, request.machine)
        print(f"{generator.said(file)}: {len(todo)} to convert", flush=True)
        with progress.bar(total=len(todo), description="convert", unit="pictures") as bar:
            for one in todo:
                if fault := converted(one, targets[one.path], work, request):
                    faults.append(Found(one.path, fault=fault))
                else:
                    done += 1
                bar.update()
    for one in faults:
        print(f"animestudy: {printable(str(one.path))}: {one.fault}", file=sys.stderr)
    if there:
        first = printable(str(targets[there[0].path]))
        print(
            f"animestudy: {len(there)} left as they are ({first} …): --force replaces them", file=sys.stderr
        )
    print(f"{done} converted, in {printable(str(request.out))}" if done else "nothing converted")
    return 1 if faults or there or not done else 0


def check(request: Request) -> None:
    """Refuse words that cannot be meant."""
    engines.check(request.machine)
    if request.out.exists() and not request.out.is_dir():
        raise StudyError(f"--out {request.out}: is no folder")
    for form in request.forms:
        if form not in (*pictures.CHOICES, *clips.CHOICES):
            raise StudyError(f"--format {form}: choose {', '.join((*pictures.CHOICES, *clips.CHOICES))}")
    if not request.megapixels > 0:
        raise StudyError(f"--megapixels {request.megapixels:g}: more than 0")
    if request.cut != clips.Cut():
        clips.check(request.cut)


def expanded(words: Sequence[str]) -> list[Path]:
    """Paths; a pattern that the shell has left (quoted, or on Windows) becomes the files that it means."""
    paths: list[Path] = []
    for word in words:
        if not Path(word).exists() and glob.has_magic(word):
            names = sorted(glob.glob(word, recursive=True))
            if not names:
                raise StudyError(f"{word}: nothing is named like this")
            paths += map(Path, names)
        else:
            paths.append(Path(word))
    return paths


def named(one: Found, forms: Sequence[str]) -> Path:
    """The name of what is made of a file."""
    kind = clips if clips.is_clip(one.path) else pictures
    own = next((form for form in forms if form in kind.CHOICES), "")
    return Path(one.inner).with_suffix(kind.ending(one.inner, own))


def converted(one: Found, target: Path, work: engines.Work, request: Request) -> str:
    """Convert one file; why it could not be, or nothing."""
    try:
        if clips.is_clip(one.path):
            notes = clips.converted(one.path, target, work, request.cut)
        else:
            picture = pictures.reduced(pictures.read(one.path, request.megapixels), request.cut.longest)
            drawing = picture._replace(pixels=work(picture.pixels[None])[0])
            made = pictures.beside(picture, drawing) if request.cut.both else drawing
            notes = [*picture.notes, *pictures.write(made.pixels, made.alpha, target)]
    except (Refused, StudyError) as error:
        return str(error)
    except MemoryError:
        return "not enough memory; --tile 256 needs less"
    if notes:
        print(f"{printable(str(one.path))}: {'; '.join(notes)}", file=sys.stderr)
    return ""
