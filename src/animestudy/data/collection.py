"""The collection contract: how every picture set of the study lies on disk.

A collection is a folder with

* ``images.npy``: N×H×W×3 uint8, RGB; opened memory-mapped, so that nothing is ever decoded twice;
* ``metadata.csv``: one row a picture, ``file_name`` first (the habit of Hugging Face's ImageFolder), then
  the columns of `COLUMNS`; a missing value is an empty cell; importers may add columns behind;
* ``masks.npy`` (optional): N×H×W unsigned integers, bit k of a pixel says that mask k covers it;
* ``card.json``: source, licence, counts, mask names, SHA-256 of the arrays.

The atelier and every importer write it; everything downstream reads only it.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from animestudy.checksum import checksum
from animestudy.errors import StudyError
from animestudy.paths import inside

COLUMNS = ("file_name", "domain", "kind", "style", "psychology", "group", "split")
DOMAINS = ("photo", "anime")
KINDS = ("scene", "portrait")
SPLITS = ("train", "val", "test")
WORDS = {"domain": DOMAINS, "kind": KINDS, "split": SPLITS}  # columns with a fixed vocabulary


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
        """Row numbers that meet every condition, e.g. ``where(domain="anime", split=["val", "test"])``.

        A column that is not there, or a word that the contract does not know, raises `StudyError`: a slip
        of the pen must not look like an empty set.
        """
        keep = np.ones(len(self), bool)
        for column, wanted in conditions.items():
            if column not in self.table:
                raise StudyError(f"{self.path}: no column {column!r} in metadata.csv")
            wanted = [wanted] if isinstance(wanted, str) else list(wanted)
            for word in wanted:
                if column in WORDS and word not in ("", *WORDS[column]):
                    raise StudyError(f"{column} = {word!r}: {' or '.join(WORDS[column])} is expected")
            keep &= self.table[column].isin(wanted).to_numpy()
        return np.flatnonzero(keep)

    def mask(self, name: str, rows: Sequence[int] | slice = slice(None)) -> np.ndarray:
        """The mask `name` of the given rows: n×H×W bool."""
        names = self.card.get("masks", [])
        if self.masks is None or name not in names:
            raise StudyError(f"{self.path}: no mask {name!r}; it has {names}")
        return (self.masks[rows] >> names.index(name)) & 1 == 1

    def classes(self, column: str) -> list[str]:
        """The values of a label column, sorted, without the empty one."""
        if column not in self.table:
            raise StudyError(f"{self.path}: no column {column!r} in metadata.csv")
        return sorted(value for value in self.table[column].unique() if value)


def load(path: str | Path) -> Collection:
    """Open the collection at `path` (relative to the study's root); a damaged one raises `StudyError`."""
    folder = inside(path)
    if not (folder / "card.json").is_file():
        raise StudyError(
            f"{path}: no collection there; `dvc repro data` draws it, `animestudy import` packs one"
        )
    try:
        table = pd.read_csv(folder / "metadata.csv", dtype=str, keep_default_na=False, encoding="utf-8")
        images = np.load(folder / "images.npy", mmap_mode="r")
        masks = np.load(folder / "masks.npy", mmap_mode="r") if (folder / "masks.npy").exists() else None
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, EOFError) as error:  # bad CSV, JSON, encoding: ValueErrors all
        raise StudyError(f"{path}: damaged ({' '.join(str(error).split())}); make it again") from None
    for fault in faults(table, images, masks, card):
        raise StudyError(f"{path}: {fault}; make it again")
    return Collection(folder, table, images, masks, card)


def faults(table: pd.DataFrame, images: np.ndarray, masks: np.ndarray | None, card: object) -> Iterator[str]:
    """What breaks the contract, one phrase each."""
    if not isinstance(card, dict):
        yield "card.json holds no mapping"
        return
    if missing := [name for name in COLUMNS if name not in table]:
        yield f"metadata.csv lacks the columns {missing}"
        return
    shape = images.shape
    if images.dtype != np.uint8 or len(shape) != 4 or shape[3] != 3 or shape[1] != shape[2]:
        yield f"images.npy is {images.dtype} {shape}, not N×S×S×3 uint8"
    elif len(table) != len(images):
        yield f"{len(table)} rows in metadata.csv but {len(images)} pictures"
    elif masks is not None and (masks.shape != shape[:3] or masks.dtype.kind != "u"):
        yield f"masks.npy is {masks.dtype} {masks.shape}, the pictures {shape}"
    elif masks is not None and len(card.get("masks", [])) > 8 * masks.dtype.itemsize:
        yield f"card.json names {len(card['masks'])} masks, a pixel has {8 * masks.dtype.itemsize} bits"
    for column, words in WORDS.items():
        if strange := sorted(set(table[column]) - {"", *words}):
            yield f"metadata.csv: {column} = {strange[0]!r}, not {' or '.join(words)}"


@contextmanager
def new_folder(path: Path, replace: bool = True) -> Iterator[Path]:
    """A folder to fill that takes the name `path` only if the block ends well: never a half collection.

    Until then it is called ``.NAME.partial-…`` beside it. What a killed process left under such a name is
    removed by the next call for the same `path`. Only a collection or an empty folder is ever replaced.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not replace:
        raise StudyError(f"{path} exists; choose another name or pass --force")
    if path.exists() and not (path.is_dir() and ((path / "card.json").is_file() or not any(path.iterdir()))):
        raise StudyError(f"{path} is no collection, so it is not replaced; choose another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.partial-", dir=path.parent))
    temporary.chmod(0o755)
    old = temporary.with_name(temporary.name + "-old")
    with locked(temporary):
        try:
            yield temporary
            if path.exists():
                os.replace(path, old)
            os.replace(temporary, path)
            shutil.rmtree(old, ignore_errors=True)
        except BaseException:
            if old.exists() and not path.exists():
                os.replace(old, path)
            shutil.rmtree(temporary, ignore_errors=True)
            raise


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Hold a folder's advisory lock, which the system drops when the process ends.

    Yields False where another process holds it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            got = True
        except OSError:
            got = False
        yield got
    finally:
        os.close(handle)


def sweep(path: Path) -> None:
    """Remove the unfinished folders of dead processes; give back a collection that one had set aside."""
    for left in sorted(path.parent.glob(f".{path.name}.partial-*")):
        with suppress(FileNotFoundError), locked(left) as free:
            if free and left.name.endswith("-old") and not path.exists():
                os.replace(left, path)
            elif free:
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def growing_array(path: Path, shape: Sequence[int]) -> Iterator[Callable[[np.ndarray], None]]:
    """Write a .npy file of N×`shape` uint8 item by item, N known only at the end.

    Yields the function that appends one array of `shape`. Nothing is kept in memory.
    """

    def header(count: int) -> None:
        np.lib.format.write_array_header_1_0(
            stream, {"descr": "|u1", "fortran_order": False, "shape": (count, *shape)}
        )

    def append(item: np.ndarray) -> None:
        nonlocal count
        if item.dtype != np.uint8 or item.shape != tuple(shape):
            raise ValueError(f"{path.name}: {item.dtype} {item.shape} among uint8 {tuple(shape)}")
        stream.write(item.tobytes())
        count += 1

    count = 0
    with path.open("wb") as stream:
        header(0)
        start = stream.tell()
        yield append
        stream.seek(0)
        header(count)
        if stream.tell() != start:  # NumPy pads the header so that the first axis may grow in place
            raise RuntimeError(f"{path.name}: NumPy's header has changed its length")


def describe(folder: Path, table: pd.DataFrame, **facts: Any) -> None:  # noqa: ANN401
    """Write ``metadata.csv`` and ``card.json`` beside arrays that already lie in `folder`.

    `facts` go into the card (``source``, ``licence``, ``masks`` …); counts and hashes are added here.
    """
    columns = [*COLUMNS, *(name for name in table.columns if name not in COLUMNS)]
    table = table.reindex(columns=columns, fill_value="").astype(object)
    table = table.where(table.notna(), "").astype(str)
    images = np.load(folder / "images.npy", mmap_mode="r")
    masks = np.load(folder / "masks.npy", mmap_mode="r") if (folder / "masks.npy").exists() else None
    for fault in faults(table, images, masks, facts):
        raise ValueError(f"{folder.name}: {fault}")
    table.to_csv(folder / "metadata.csv", index=False, encoding="utf-8", lineterminator="\n")
    counts = {
        name: {value: int(n) for value, n in table[name].value_counts().sort_index().items() if value}
        for name in ("domain", "kind", "style", "psychology", "split")
    }
    card = {
        **facts,
        "pictures": len(table),
        "size": list(images.shape[1:3]),
        "groups": int(table["group"].nunique()),
        "counts": {name: value for name, value in counts.items() if value},
        "sha256": {path.name: checksum(path) for path in sorted(folder.glob("*.npy"))},
    }
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    (folder / "card.json").write_text(text, encoding="utf-8")


def split_groups(
    groups: Sequence[str],
    strata: Sequence[str],
    fractions: Sequence[float] = (0.7, 0.15, 0.15),
    seed: int = 0,
) -> np.ndarray:
    """Give every group wholly to train, val or test, the strata balanced: array of N names from `SPLITS`.

    Groups are taken in a seeded order, the largest first; each goes to the split that most lacks
    pictures of the group's strata. Done before any augmentation, so near copies never cross a split.
    A row with an empty group is a group of its own. The order of the rows does not matter.
    """
    share = np.asarray(fractions, float)
    if share.shape != (3,) or (share < 0).any() or not np.isclose(share.sum(), 1):
        raise StudyError(f"fractions {list(fractions)}: three shares of train, val and test that add up to 1")
    if len(groups) != len(strata):
        raise ValueError(f"{len(groups)} groups but {len(strata)} strata")
    if not len(groups):
        return np.empty(0, dtype="<U5")
    alone = [group or f"\0{row}" for row, group in enumerate(map(str, groups))]
    counts = pd.crosstab(np.asarray(alone, object), np.asarray([str(name) for name in strata], object))
    members = counts.to_numpy()
    order = np.random.default_rng(seed).permutation(len(members))
    order = order[np.argsort(-members.sum(1)[order], kind="stable")]
    wanted = np.outer(share, members.sum(0))  # splits × strata: pictures still lacking
    chosen = np.empty(len(members), int)
    for row in order:
        # the lack in the strata that this group fills, relative to the split's share; no share, no pictures
        lack = np.divide(wanted @ members[row], share, out=np.full(3, -np.inf), where=share > 0)
        chosen[row] = int(np.argmax(lack))
        wanted[chosen[row]] -= members[row]
    return np.asarray(SPLITS)[chosen[counts.index.get_indexer(alone)]]
