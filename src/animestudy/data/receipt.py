"""What an import did with every file that it met: as a table beside the collection, and in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

COLUMNS = ("file_name", "status", "note", "format", "width", "height")
NAMES = 4  # examples for each kind of note
ROWS = 60  # of refused files in words; the table has all


@dataclass(frozen=True)
class Receipt:
    """`files` has a row for every file (`COLUMNS`; status packed, left out or refused)."""

    path: Path
    files: pd.DataFrame
    headline: Sequence[str]
    cautions: Sequence[str]

    @property
    def refused(self) -> int:
        """Number of files that could not be used."""
        return int((self.files["status"] == "refused").sum())


def tabulate(files: Sequence[dict]) -> pd.DataFrame:
    """Rows of `COLUMNS`, sorted by name, every cell text that can be printed and encoded."""
    cells = [[printable(str(file.get(name, ""))) for name in COLUMNS] for file in files]
    table = pd.DataFrame(cells, columns=COLUMNS)
    return table.sort_values(["file_name", "status", "note"], kind="stable", ignore_index=True)


def printable(text: str) -> str:
    """Control characters and broken Unicode escaped, so that no name can garble a terminal or a table."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "replace").decode() for char in text
    )


def text(receipt: Receipt, table: str) -> str:
    """The receipt for the terminal; `table` is the path under which the whole of it is found."""
    files = receipt.files
    blocks = [list(receipt.headline)]
    blocks.append([f"note: {caution}" for caution in receipt.cautions])
    blocks.append(refusals(files))
    for title, status in (("left out", "left out"), ("changed on the way", "packed")):
        blocks.append(kinds(title, files[(files["status"] == status) & (files["note"] != "")]))
    blocks.append([f"every file and what became of it: {table}"])
    return "\n\n".join("\n".join(block) for block in blocks if block)


def refusals(files: pd.DataFrame, most: int = ROWS) -> list[str]:
    """The refused files with their reasons."""
    refused = files[files["status"] == "refused"]
    if refused.empty:
        return []
    shown = list(refused[["file_name", "note"]].head(most).itertuples(index=False))
    wide = min(60, max(len(name) for name, _ in shown))
    lines = [f"refused ({len(refused)})", *(f"  {name:{wide}}  {note}" for name, note in shown)]
    return lines + ([f"  … and {len(refused) - most} more"] if len(refused) > most else [])


def kinds(title: str, files: pd.DataFrame) -> list[str]:
    """The notes of some files, one line a kind with how many and which."""
    parts = pd.DataFrame(
        [
            (kind, name)
            for name, note in zip(files["file_name"], files["note"], strict=True)
            for kind in split(note)
        ],
        columns=["kind", "name"],
    )
    if parts.empty:
        return []
    lines = [f"{title} ({len(files)})"]
    for kind, names in parts.groupby("kind")["name"]:
        some = ", ".join(names.head(NAMES)) + (", …" if len(names) > NAMES else "")
        lines.append(f"  {kind}: {len(names)} ({some})")
    return lines


def split(note: str) -> Iterator[str]:
    """The single remarks of a note, without their numbers."""
    for part in note.split("; "):
        yield part.split(" ×")[0].split(" = ")[0]
