"""Tables that say where pictures are: a name and an address in each row, as authors of sets publish them."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from animestudy.data.gather import is_picture
from animestudy.errors import StudyError

URL = ("url", "image url", "image_url", "link")  # headings that hold an address, the likeliest first
NAME = ("file_name", "filename", "id")  # and a name for the file
SUMS = {32: "md5", 40: "sha1", 64: "sha256"}  # a checksum's kind, from its number of hexadecimal digits
PLAIN = re.compile(r"[^\x00-\x1f\x7f<>:\"|?*\\]+")  # what a file may be called on every system


@dataclass(frozen=True)
class Address:
    """One picture to fetch; `name` is relative, its suffix optional; `checksum` may be empty."""

    name: str
    url: str
    checksum: str = ""


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are read; empty: found by their usual headings."""

    url: str = ""
    name: str = ""
    checksum: str = ""


def read(path: Path, columns: Columns | None = None) -> list[Address]:
    """The addresses of a table (commas, semicolons or tabs), or of a plain list with one a line.

    In a plain list a picture is called after the number of its line, from 00000000 on, as KaoKore's are.
    Rows without an address are passed over. Names are checked: none leads out of a folder, none stands for
    two addresses.
    """
    text = _text(path)
    heading = next((line for line in text.splitlines() if line.strip()), "")
    rows = _listed(text) if "://" in heading else _tabled(path, text, heading, columns or Columns())
    found = list(rows)
    if not found:
        raise StudyError(f"{path}: no address in it")
    known: dict[str, Address] = {}
    for where, one in found:
        _check(f"{path}, {where}", one)
        if (other := known.setdefault(one.name.lower(), one)) != one:
            raise StudyError(f"{path}, {where}: {one.name!r} already stands for {other.url}")
    return list(known.values())


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise StudyError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None
    if b"\0" in raw:
        raise StudyError(f"{path}: not a table of text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:  # older tables; names and addresses are ASCII in them
        return raw.decode("latin-1")


def _listed(text: str) -> Iterator[tuple[str, Address]]:
    for k, line in enumerate(text.split("\n")):
        if line.strip():
            yield f"line {k + 1}", Address(f"{k:08d}", line.strip())


def _tabled(path: Path, text: str, heading: str, columns: Columns) -> Iterator[tuple[str, Address]]:
    mark = max("\t,;", key=heading.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark)
    headings = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = headings
    url = _column(path, headings, columns.url, URL, "--url")
    name = _column(path, headings, columns.name, NAME, "--name", needed=bool(columns.name))
    checksum = _column(path, headings, columns.checksum, tuple(SUMS.values()), "--checksum", needed=False)
    if columns.checksum and not checksum:
        raise StudyError(f"{path}: no column {columns.checksum!r}; it has {', '.join(headings)}")
    try:
        for row in reader:
            if target := (row[url] or "").strip():
                stem = (row[name] or "").strip() if name else _last(target)
                total = (row[checksum] or "").strip().lower() if checksum else ""
                yield f"line {reader.line_num}", Address(stem, target, total)
    except csv.Error as error:
        raise StudyError(f"{path}, line {reader.line_num}: {error}") from None


def _column(
    path: Path, headings: list[str], wanted: str, usual: tuple[str, ...], option: str, needed: bool = True
) -> str:
    """The heading to read: the one that was asked for, or the first usual one; empty if there is none."""
    lower = {heading.lower(): heading for heading in reversed(headings)}
    for name in (wanted,) if wanted else usual:
        if name.lower() in lower:
            return lower[name.lower()]
    if needed:
        asked = f"no column {wanted!r}" if wanted else f"no column is called {' or '.join(usual)}"
        raise StudyError(f"{path}: {asked}; name one with {option}: {', '.join(headings)}")
    return ""


def _last(url: str) -> str:
    """What a picture is called in its own address."""
    return unquote(PurePosixPath(urlsplit(url).path).name)


def _check(where: str, one: Address) -> None:
    parts = PurePosixPath(one.name).parts
    odd = [part for part in parts if part in ("..", "/") or part.startswith(".") or not PLAIN.fullmatch(part)]
    if not parts or odd or len(one.name.encode()) > 200:
        raise StudyError(f"{where}: {one.name[:60]!r} cannot be the name of a file (choose a column: --name)")
    if one.checksum and (len(one.checksum) not in SUMS or not re.fullmatch("[0-9a-f]+", one.checksum)):
        raise StudyError(f"{where}: {one.checksum[:70]!r} is no MD5, SHA-1 or SHA-256 in hexadecimal digits")


def named(name: str, suffix: str) -> str:
    """The file's name: as the table says if that is a picture's, else with the suffix of what came."""
    return name if is_picture(name) else name + suffix
