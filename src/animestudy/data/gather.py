"""The pictures that a command line names: files, and whatever pictures lie below folders."""

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from animestudy.data.decode import FORMATS
from animestudy.data.inventory import kind_of, walk

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
