"""The collection contract: how every picture set of the study lies on disk.

A collection is a folder with

* ``images.npy``: N×H×W×3 uint8, RGB; opened memory-mapped, so that nothing is ever decoded twice;
* ``metadata.csv``: one row a picture, ``file_name`` first (the habit of Hugging Face's ImageFolder), then
  the columns of `COLUMNS`; a missing value is an empty cell; importers may add columns behind;
* ``masks.npy`` (optional): N×H×W unsigned integers, bit k of a pixel says that mask k covers it;
* ``card.json``: source, licence, counts, mask names, SHA-256 of the arrays.

The atelier and every importer write it; everything downstream reads only it.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from animestudy.errors import StudyError
from animestudy.paths import inside

COLUMNS = ("file_name", "domain", "kind", "style", "psychology", "group", "split")
DOMAINS = ("photo", "anime")
KINDS = ("scene", "portrait")
SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Collection:
    """An opened collection. Rows of `table`, `images` and `masks` correspond."""

    path: Path
    table: pd.DataFrame
    images: np.ndarray  # N×H×W×3 uint8, memory-mapped
    masks: np.ndarray | None  # N×H×W unsigned bit field, memory-mapped
    card: dict[str, Any]

    def __len__(self) -> int:
        return len(self.table)

    @property
    def size(self) -> int:
        """Side of a picture in pixels (pictures are square)."""
        return self.images.shape[1]

    def where(self, **conditions: str | Sequence[str]) -> np.ndarray:
        """Row numbers that meet every condition, e.g. ``where(domain="anime", split=["val", "test"])``."""
        keep = np.ones(len(self), bool)
        for column, wanted in conditions.items():
            if column not in self.table:
                raise StudyError(f"{self.path}: no column {column!r} in metadata.csv")
            keep &= self.table[column].isin([wanted] if isinstance(wanted, str) else list(wanted)).to_numpy()
        return np.flatnonzero(keep)

    def mask(self, name: str, rows: Sequence[int] | slice = slice(None)) -> np.ndarray:
        """The mask `name` of the given rows: n×H×W bool."""
        names = self.card.get("masks", [])
        if self.masks is None or name not in names:
            raise StudyError(f"{self.path}: no mask {name!r}; it has {names}")
        return (self.masks[rows] >> names.index(name)) & 1 == 1

    def classes(self, column: str) -> list[str]:
        """The values of a label column, sorted, without the empty one."""
        return sorted(value for value in self.table[column].unique() if value)


def load(path: str | Path) -> Collection:
    """Open the collection at `path` (relative to the study's root)."""
    folder = inside(path)
    if not (folder / "card.json").is_file():
        raise StudyError(
            f"{path}: no collection there; `dvc repro data` draws it, `animestudy import` packs one"
        )
    table = pd.read_csv(folder / "metadata.csv", dtype=str, keep_default_na=False)
    images = np.load(folder / "images.npy", mmap_mode="r")
    masks = np.load(folder / "masks.npy", mmap_mode="r") if (folder / "masks.npy").exists() else None
    card = json.loads((folder / "card.json").read_text())
    if len(table) != len(images):
        raise StudyError(
            f"{path}: {len(table)} rows in metadata.csv but {len(images)} pictures; import it again"
        )
    return Collection(folder, table, images, masks, card)


@contextmanager
def new_folder(path: Path, replace: bool = True) -> Iterator[Path]:
    """A folder to fill that takes the name `path` only if the block ends well: never a half collection."""
    if path.exists() and not replace:
        raise StudyError(f"{path} exists; choose another name or pass --force")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    temporary.chmod(0o755)
    try:
        yield temporary
        if path.exists():
            old = temporary.with_name(temporary.name + "-old")
            os.replace(path, old)
            os.replace(temporary, path)
            shutil.rmtree(old)
        else:
            os.replace(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def describe(folder: Path, table: pd.DataFrame, **facts: Any) -> None:  # noqa: ANN401
    """Write ``metadata.csv`` and ``card.json`` beside arrays that already lie in `folder`.

    `facts` go into the card (``source``, ``licence``, ``masks`` …); counts and hashes are added here.
    """
    columns = [*COLUMNS, *(name for name in table.columns if name not in COLUMNS)]
    table = table.reindex(columns=columns).fillna("")
    table.to_csv(folder / "metadata.csv", index=False)
    counts = {
        name: {value: int(n) for value, n in table[name].value_counts().sort_index().items() if value}
        for name in ("domain", "kind", "style", "psychology", "split")
    }
    images = np.load(folder / "images.npy", mmap_mode="r")
    card = {
        **facts,
        "pictures": len(table),
        "size": list(images.shape[1:3]),
        "groups": int(table["group"].nunique()),
        "counts": {name: value for name, value in counts.items() if value},
        "sha256": {path.name: sha256(path) for path in sorted(folder.glob("*.npy"))},
    }
    (folder / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n")


def sha256(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def split_groups(
    groups: Sequence[str],
    strata: Sequence[str],
    fractions: Sequence[float] = (0.7, 0.15, 0.15),
    seed: int = 0,
) -> np.ndarray:
    """Give every group wholly to train, val or test, the strata balanced: array of N names from `SPLITS`.

    Groups are taken in a seeded order, the largest first; each goes to the split that most lacks
    pictures of the group's strata. Done before any augmentation, so near copies never cross a split.
    """
    table = pd.DataFrame({"group": np.asarray(groups, str), "stratum": np.asarray(strata, str)})
    counts = pd.crosstab(table["group"], table["stratum"])
    order = np.random.default_rng(seed).permutation(len(counts))
    order = order[np.argsort(-counts.to_numpy().sum(1)[order], kind="stable")]
    wanted = np.outer(fractions, counts.to_numpy().sum(0)).astype(float)  # splits × strata
    chosen = np.empty(len(counts), int)
    for row in order:
        held = counts.to_numpy()[row]
        # the deficit, relative to the split's target, in the strata that this group fills
        lack = (wanted * held).sum(1) / np.asarray(fractions)
        chosen[row] = int(np.argmax(lack))
        wanted[chosen[row]] -= held
    return np.asarray(SPLITS)[pd.Series(chosen, counts.index).loc[table["group"]].to_numpy()]
