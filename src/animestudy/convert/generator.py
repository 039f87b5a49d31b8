"""Which trained generator is meant by the words of a command line."""

from collections.abc import Iterator
from pathlib import Path

from animestudy.errors import StudyError
from animestudy.models import shipped
from animestudy.paths import ROOT, inside

FIRST = ("scene", "fsgan")  # without a name: the first of these that is there
OWN = {"fsgan": "models/fsgan.pt", "afgan": "models/afgan.pt"}  # what the pipeline trains


def found(name: str = "") -> Path:
    """The file of a generator: a path, a name of the weights that the study brings, or of the pipeline's.

    Raises:
        StudyError: in one line that says what there is and how to get more.
    """
    if not name:
        for choice in FIRST:
            if choice in shipped.names("generator"):
                return shipped.path(choice)
            if choice in OWN and inside(OWN[choice]).is_file():
                return inside(OWN[choice])
        raise StudyError(f"no generator is there yet: {advice()}")
    if Path(name).is_file():
        return Path(name)
    if name in shipped.names("generator"):
        return shipped.path(name)
    if name in OWN and inside(OWN[name]).is_file():
        return inside(OWN[name])
    raise StudyError(f"--model {name}: {advice()}")


def advice() -> str:
    """What can be said after --model."""
    there = ", ".join(known())
    choice = f"there are {there}; " if there else ""
    return f"{choice}`make repro` trains {OWN['fsgan']}, or name a file with --model FILE"


def known() -> Iterator[str]:
    """Names that can be used now; first the one that is taken unless another is said."""
    names = [*shipped.names("generator"), *(name for name, file in OWN.items() if inside(file).is_file())]
    yield from sorted(names, key=[*FIRST, *names].index)


def said(file: Path) -> str:
    """A path for people: relative to the study where it lies in it."""
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)
