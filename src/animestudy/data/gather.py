"""The pictures that a command line names: files, and whatever pictures lie below folders."""

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from animestudy.data.decode import FORMATS
from animestudy.data.inventory import kind_of, walk
from animestudy.errors import StudyError

# of pictures that cannot be read here: below a folder they are named, not passed over
FOREIGN = (
    ".heic", ".heif", ".jxl", ".jp2", ".j2k", ".tga", ".psd", ".svg", ".ico", ".exr", ".hdr",
    ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf",
)  # fmt: skip
SUFFIXES = {suffix for endings in FORMATS.values() for suffix in endings} | set(FOREIGN)


@dataclass(frozen=True)
class Found:
    """A picture to read, or a path of which none can be read: then `fault` says why."""

    path: Path
    inner: str = ""  # its name below the folder that was given, for what is made of it
    fault: str = ""


def gather(
    paths: Sequence[Path], output: Path | None = None, suffixes: Collection[str] = frozenset(SUFFIXES)
) -> list[Found]:
    """Every picture of `paths`, in their order, none twice; folders are walked, sorted by name.

    A file counts as it is named. Below a folder a file counts if its suffix is a picture's (one of
    `suffixes`); hidden files, and those below `output` (what an earlier run made), do not. Of several folders
    the names stand in `inner`.
    """
    found: dict[str, Found] = {}
    for path in paths:
        kind = kind_of(path)
        if kind == "folder":
            prefix = f"{path.resolve().name}/" if len(paths) > 1 else ""
            parts = list(below(path, prefix, output, suffixes)) or [
                Found(path, fault="no picture in this folder")
            ]
        else:
            parts = [Found(path, path.name, "" if kind == "file" else kind)]
        for part in parts:
            found.setdefault(os.path.abspath(part.path), part)
    return list(found.values())


def below(folder: Path, prefix: str, output: Path | None, suffixes: Collection[str]) -> Iterator[Found]:
    """The pictures of a folder, and what looks like one but cannot be read."""
    names, passed = walk(folder)
    own = output and output.resolve()
    for name in names:
        if is_picture(name, suffixes) and not (own and own in (folder / name).resolve().parents):
            yield Found(folder / name, prefix + name)
    for one in passed:
        if one.status == "refused" and (
            one.name.endswith("/") or is_picture(one.name, suffixes) or not one.name
        ):
            yield Found(folder / one.name, fault=one.note)


def is_picture(name: str, suffixes: Collection[str] = frozenset(SUFFIXES)) -> bool:
    """Whether a file is named like a picture."""
    return Path(name).suffix.lower() in suffixes


def placed(
    found: Sequence[Found], folder: Path, name: Callable[[Found], Path], option: str
) -> dict[Path, Path]:
    """Picture → where what is made of it goes: `folder` / `name`, with its own suffix too where two have one.

    Raises `StudyError` where one would replace another, or a picture itself. `option` has given the folder.
    """
    targets = {one.path: folder / name(one) for one in found}
    common = Counter(targets.values())
    for one in found:
        if common[targets[one.path]] > 1:  # a.png and a.jpg become a.png.webp and a.jpg.webp
            targets[one.path] = folder / f"{one.inner}{targets[one.path].suffix}"
    owners = {target: path for path, target in targets.items()}
    pictures = {path.resolve() for path in targets}
    for path, target in targets.items():
        if owners[target] != path:
            raise StudyError(f"{path} and {owners[target]}: would have one name in {folder}; run them apart")
        if target.resolve() in pictures:
            raise StudyError(f"{option} {folder}: {target} is one of the inputs; choose another folder")
    return targets
