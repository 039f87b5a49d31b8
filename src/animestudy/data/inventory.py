"""What there is to import: the pictures below a folder with their labels, and what else lies there.

Three habits are understood:

* ``FOLDER/metadata.csv`` (Hugging Face ImageFolder): one row a picture, ``file_name`` relative to FOLDER;
* a folder for each class, pictures at any depth below it; the classes may lie below train, val and test;
* a flat folder: pictures without labels.
"""

import csv
import io
import os
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from animestudy.data.collection import COLUMNS, WORDS
from animestudy.errors import StudyError

TABLE = "metadata.csv"
LITTER = ("Thumbs.db", "desktop.ini", "__MACOSX")  # what systems leave behind, besides names with a dot
SPLIT_FOLDERS = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test",
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A file to import: its name below the folder, and what is known of it (columns of metadata.csv)."""

    name: str
    row: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Passed:
    """A file that is not even opened; `status` is "left out" (on purpose) or "refused"."""

    name: str
    status: str
    note: str


@dataclass(frozen=True)
class Inventory:
    """Everything below a folder. `form` says in words how the folder was understood."""

    items: list[Item]
    passed: list[Passed]
    columns: list[str]  # columns of metadata.csv beyond the contract
    form: str


def take(folder: Path, label: str = "style") -> Inventory:
    """List the pictures of `folder`; names of folders fill the column `label` (style, psychology or none)."""
    if not folder.is_dir():
        raise StudyError(f"{folder}: no such folder")
    names, passed = walk(folder)
    if (folder / TABLE).is_file():
        names.remove(TABLE)
        items, more, columns = from_table(folder, names, label)
        return Inventory(items, passed + more, columns, TABLE)
    tops = {name.split("/")[0] for name in names if "/" in name}
    splits = {SPLIT_FOLDERS.get(clean(top).lower()) for top in tops}
    if "train" in splits and len(splits) > 1 and None not in splits:
        items, more = from_splits(names, label)
        return Inventory(items, passed + more, [], "folders of train, val and test")
    items = [Item(name, labelled(name.split("/")[:-1], label)) for name in names]
    return Inventory(items, passed, [], "a folder for each class" if tops else "a flat folder")


def clean(text: str) -> str:
    """A label as it is stored: composed letters (NFC), no space around."""
    return unicodedata.normalize("NFC", text).strip()


def labelled(folders: list[str], label: str) -> dict[str, str]:
    """What the folders that lead to a picture say: the first is its class."""
    return {label: clean(folders[0])} if folders and label != "none" else {}


def from_splits(names: list[str], label: str) -> tuple[list[Item], list[Passed]]:
    """Items below train, val and test."""
    items, passed = [], []
    for name in names:
        top, *rest = name.split("/")
        if rest:
            split = SPLIT_FOLDERS[clean(top).lower()]
            items.append(Item(name, {"split": split, **labelled(rest[:-1], label)}))
        else:
            passed.append(Passed(name, "refused", "lies beside the folders of train, val and test"))
    return items, passed


def walk(root: Path) -> tuple[list[str], list[Passed]]:
    """Names of all regular files below `root`, sorted, and what was passed over.

    Links are followed, those to folders after all real folders, and no folder is entered twice: loops end.
    """
    names, passed = [], []
    entered = set()
    folders, links = [""], []
    while folders or links:
        name = folders.pop() if folders else links.pop(0)
        prefix = f"{name}/" if name else ""
        try:
            status = os.stat(root / name)
            if (status.st_dev, status.st_ino) in entered:
                passed.append(Passed(prefix, "left out", "link to a folder that is read already"))
                continue
            entered.add((status.st_dev, status.st_ino))
            found = sorted(os.listdir(root / name))
        except OSError as error:
            reason = f"folder cannot be read: {(error.strerror or '').lower()}"
            passed.append(Passed(prefix, "refused", reason))
            continue
        for entry in found:
            full = prefix + entry
            kind = kind_of(root / full)
            if entry.startswith(".") or entry in LITTER:
                passed.append(Passed(full, "left out", "hidden or left by the system"))
            elif not encodable(entry):
                passed.append(Passed(full, "refused", "its name is not valid Unicode: rename it"))
            elif kind == "folder":
                (links if (root / full).is_symlink() else folders).append(full)
            elif kind == "file":
                names.append(full)
            else:
                passed.append(Passed(full, "refused", kind))
    return sorted(names), sorted(passed, key=lambda one: one.name)


def kind_of(path: Path) -> str:
    """ "folder", "file", or why it is neither."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if path.is_symlink():
            return "a link that leads nowhere"
        return f"cannot be read: {(error.strerror or '').lower()}"
    if stat.S_ISDIR(mode):
        return "folder"
    # opening a pipe would wait for ever
    return "file" if stat.S_ISREG(mode) else "not a file but a pipe, socket or device"


def encodable(name: str) -> bool:
    """Whether a file name can be written to a UTF-8 table."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def from_table(folder: Path, names: list[str], label: str) -> tuple[list[Item], list[Passed], list[str]]:
    """Items of metadata.csv; files that it does not name are left out, names without a file refused."""
    rows, columns = read_table(folder / TABLE)
    there = {unicodedata.normalize("NFC", name): name for name in names}
    items, passed, used = [], [], set()
    for number, row in rows:
        wanted = row.pop("file_name")
        name = there.get(unicodedata.normalize("NFC", tidy(wanted)))
        where = f"{TABLE}, line {number}"
        if not wanted:
            passed.append(Passed(f"({where})", "refused", "no file_name"))
        elif name is None:
            passed.append(Passed(wanted, "refused", f"named in {where}, but there is no such file"))
        elif name in used:
            passed.append(Passed(f"{name} ({where})", "refused", "named a second time"))
        else:
            used.add(name)
            if label not in columns:
                row = labelled(name.split("/")[:-1], label) | row
            items.append(Item(name, row))
    passed += [Passed(name, "left out", f"not in {TABLE}") for name in names if name not in used]
    items.sort(key=lambda item: item.name)
    return items, passed, [name for name in columns if name not in COLUMNS]


def tidy(name: str) -> str:
    """A file name of a table with slashes, without a leading ``./``; what leads out of the folder stays."""
    return os.path.normpath(name.replace("\\", "/")).replace(os.sep, "/")


def read_table(path: Path) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """The rows of metadata.csv with their line numbers, and its columns. Commas, semicolons or tabs."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            text = stream.read()
    except UnicodeDecodeError:
        raise StudyError(f"{path}: not UTF-8; save it as “CSV UTF-8”") from None
    except OSError as error:
        raise StudyError(f"{path}: {error.strerror}") from None
    head = text.splitlines()[0] if text.strip() else ""
    mark = next((mark for mark in ",;	" if "file_name" in map(unquoted, head.split(mark))), None)
    if mark is None:
        raise StudyError(f"{path}: the first line has no column file_name; it is {head[:80]!r}")
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
        columns = [name.strip() for name in reader.fieldnames or []]
        reader.fieldnames = columns
        if len(set(columns)) < len(columns) or "" in columns:
            raise StudyError(f"{path}: every column needs a name of its own; they are {columns}")
        rows = list(checked(path, reader))
    except csv.Error as error:
        raise StudyError(f"{path}: {error}") from None
    return rows, columns


def unquoted(name: str) -> str:
    """A column's name as it stands in the first line, without quotes and spaces."""
    return name.strip().strip('"')


def checked(path: Path, reader: csv.DictReader) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows as text, values of the contract's columns judged."""
    for row in reader:
        where = f"{path}, line {reader.line_num}"
        if None in row or None in row.values():
            raise StudyError(f"{where}: {len(reader.fieldnames)} columns, but this line has more or fewer")
        for column in COLUMNS[1:]:
            if column in row:
                row[column] = clean(row[column])
        for column, words in WORDS.items():
            if row.get(column, "") not in ("", *words):
                raise StudyError(f"{where}: {column} = {row[column]!r}: {' or '.join(words)} is expected")
        yield reader.line_num, row
