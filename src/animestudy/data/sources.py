"""Real pictures into a collection: what `animestudy import` does."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import PIL

from animestudy import progress
from animestudy.data import collection, duplicates, inventory, pool, receipt, squares
from animestudy.data.decode import Form
from animestudy.errors import StudyError
from animestudy.paths import inside

FRACTIONS = (0.7, 0.15, 0.15)
UNSTATED = "not stated; rights stay with their owners"
TABLE = "import.csv"


@dataclass(frozen=True)
class Order:
    """What is wanted of a folder of pictures. All of it stands in the collection's card."""

    form: Form = field(default_factory=Form)
    label: str = "style"  # the column that names of folders fill: style, psychology or none
    domain: str = ""  # photo or anime, where metadata.csv does not say it
    kind: str = "scene"  # scene or portrait, where metadata.csv does not say it
    group: str = "none"  # folder: the pictures of one folder (a film, a painter) stay in one split
    source: str = ""  # where the pictures are from; the folder's name if empty
    licence: str = UNSTATED
    fractions: tuple[float, float, float] | None = None  # of train, val, test; None: as given, or FRACTIONS
    threshold: int = duplicates.THRESHOLD  # bits in which near copies may differ
    limit: int | None = None  # take so many pictures, spread evenly over the labels
    seed: int = 0  # of the limit's choice and of the split


def pack(
    folder: str | Path,
    out: str | Path,
    order: Order,
    workers: int = 0,
    force: bool = False,
    listing: inventory.Inventory | None = None,
) -> receipt.Receipt:
    """Pack the pictures below `folder` into a collection at `out` (relative to the study's root).

    What `folder` may look like: see `inventory`; `listing` is one that was made otherwise (`published.take`
    for public sets with label files of their own). Pictures of one group never cross a split: near copies,
    those of one name in metadata.csv's column `group`, those of one folder if the order says so. Splits
    that are given (metadata.csv, or folders train, val and test) are kept unless `order.fractions` are set.
    The result does not depend on `workers` (processes; 0: one for each core).

    Raises `StudyError` for a mistake in the order and if no picture is usable. A picture that is not
    usable is no error: it stands in the receipt, which also lies in the collection as import.csv.
    """
    folder, target = Path(folder), inside(out)
    judge(order, workers)
    apart(folder, target)
    found = listing or inventory.take(folder, order.label)
    items = sample(found.items, order)
    agree(folder, items, order)
    files = [{"file_name": one.name, "status": one.status, "note": one.note} for one in found.passed]
    files += [
        {"file_name": name, "status": "left out", "note": f"beyond the limit of {order.limit} pictures"}
        for name in {item.name for item in found.items} - {item.name for item in items}
    ]
    try:
        with collection.new_folder(target, replace=force) as place:
            rows, prints = fill(place / "images.npy", folder, items, order.form, workers, files)
            listed = receipt.tabulate(files)
            if not rows:
                raise StudyError("\n".join([f"{folder}: no picture to pack", *receipt.refusals(listed)]))
            table = completed(rows, found.columns, order)
            copies = duplicates.groups(prints, order.threshold)
            table["group"] = named(table, copies, order)
            cautions = [
                *contradictions(table, copies, order.label),
                *divided(table, order),
                *gaps(table, order.label),
            ]
            sizes = np.bincount(copies)
            facts = {
                "source": order.source or folder.resolve().name,
                "licence": order.licence,
                "near_copies": {"groups": int((sizes > 1).sum()), "pictures": int(sizes[sizes > 1].sum())},
                "files": {
                    status: int(n) for status, n in listed["status"].value_counts().sort_index().items()
                },
                "made": {"from": found.form, "pillow": PIL.__version__, **asdict(order)},
            }
            collection.describe(place, table, **facts)
            listed.to_csv(place / TABLE, index=False, encoding="utf-8", lineterminator="\n")
    except OSError as error:
        raise StudyError(f"{out}: {error.strerror or error}") from None
    return receipt.Receipt(target, listed, [*headline(out, table, facts, order)], cautions)


def judge(order: Order, workers: int) -> None:
    """Refuse an order that makes no sense."""
    form = order.form
    lowest, highest = form.aspect or (1, 1)
    rules = (
        (8 <= form.size <= 4096, f"--size {form.size}: 8 to 4096 pixels"),
        (form.crop in squares.RULES, f"--crop {form.crop}: one of {', '.join(squares.RULES)}"),
        (form.jpeg is None or 1 <= form.jpeg <= 95, f"--jpeg {form.jpeg}: a quality from 1 to 95"),
        (0 < lowest <= highest, f"--aspect {lowest:g} {highest:g}: least and greatest width / height"),
        (form.enlarge >= 1, f"--enlarge {form.enlarge:g}: a factor of at least 1"),
        (form.megapixels > 0, f"--megapixels {form.megapixels:g}: more than 0"),
        (order.label in ("style", "psychology", "none"), f"--label {order.label}: style, psychology or none"),
        (order.domain in ("", *collection.DOMAINS), f"--domain {order.domain}: photo or anime"),
        (order.kind in ("", *collection.KINDS), f"--kind {order.kind}: scene or portrait"),
        (order.group in ("none", "folder"), f"--group {order.group}: none or folder"),
        (0 <= order.threshold <= 100, f"--near {order.threshold}: 0 to 100 bits of 256"),
        (order.limit is None or order.limit >= 1, f"--limit {order.limit}: at least 1 picture"),
        (order.seed >= 0, f"--seed {order.seed}: 0 or more"),
        (workers >= 0, f"--workers {workers}: 0 (one for each core) or more"),
    )
    for met, words in rules:
        if not met:
            raise StudyError(f"{words} expected")


def apart(folder: Path, target: Path) -> None:
    """Refuse a collection inside the pictures or around them: a later --force would remove them."""
    source, goal = folder.resolve(), target.resolve()
    if source == goal or source in goal.parents or goal in source.parents:
        raise StudyError(f"--out {target}: choose a place outside of {folder}")


def sample(items: list[inventory.Item], order: Order) -> list[inventory.Item]:
    """At most `order.limit` items, as many of each label as there are, their order kept."""
    if order.limit is None or len(items) <= order.limit:
        return items
    shuffled = np.random.default_rng(order.seed).permutation(len(items))
    labels = pd.Series([items[row].row.get(order.label, "") for row in shuffled])
    turns = labels.groupby(labels).cumcount().to_numpy()  # first all first ones of a label, then all second
    return [items[row] for row in sorted(shuffled[np.argsort(turns, kind="stable")[: order.limit]])]


def agree(folder: Path, items: Sequence[inventory.Item], order: Order) -> None:
    """Refuse an order that leaves something open which only the user can know."""
    if not order.domain and not all(item.row.get("domain") for item in items):
        raise StudyError(
            f"{folder}: say --domain photo or --domain anime (or give metadata.csv a column domain)"
        )
    given = sum(bool(item.row.get("split")) for item in items)
    if order.fractions is None and 0 < given < len(items):
        raise StudyError(
            f"{folder}: {given} of {len(items)} pictures have a split; give all one, or pass --fractions"
        )


def fill(
    path: Path, folder: Path, items: Sequence[inventory.Item], form: Form, workers: int, files: list[dict]
) -> tuple[list[dict], np.ndarray]:
    """Write the pixels to `path`; returns the rows and fingerprints (N×views×words) of what was packed.

    What became of every item is appended to `files`.
    """
    rows, prints = [], []
    outcomes = pool.outcomes([folder / item.name for item in items], form, workers)
    with (
        collection.growing_array(path, (form.size, form.size, 3)) as append,
        progress.bar(total=len(items), description="import", unit="pictures") as bar,
    ):
        for item, outcome in zip(items, outcomes, strict=True):
            facts = {name: getattr(outcome, name) or "" for name in receipt.COLUMNS[1:]}
            files.append({"file_name": item.name, **facts})
            if outcome.status == "packed":
                append(outcome.pixels)
                prints.append(outcome.prints)
                rows.append({**item.row, "file_name": item.name})
            bar.update()
    return rows, np.array(prints, np.uint64)


def completed(rows: list[dict], extra: Sequence[str], order: Order) -> pd.DataFrame:
    """metadata.csv with the contract's columns first, then those of the user's own table."""
    preset = {"domain": order.domain, "kind": order.kind}
    columns = [*collection.COLUMNS, *extra]
    cells = [[row.get(name) or preset.get(name, "") for name in columns] for row in rows]
    return pd.DataFrame(cells, columns=columns)


def named(table: pd.DataFrame, copies: np.ndarray, order: Order) -> list[str]:
    """The group of each row: the first name that it has in metadata.csv, else its first file."""
    label = duplicates.united(copies, table["group"])
    if order.group == "folder":
        label = duplicates.united(label, [name.rpartition("/")[0] for name in table["file_name"]])
    given = table["group"].where(table["group"] != "").groupby(label).min()
    return [table["file_name"].iloc[first] if pd.isna(given[first]) else given[first] for first in label]


def divided(table: pd.DataFrame, order: Order) -> Iterator[str]:
    """Fill the column split, or keep it where it was given; then says which groups cross it."""
    if order.fractions is not None or (table["split"] == "").all():
        strata = table["style"] + "/" + table["psychology"]
        shares = order.fractions or FRACTIONS
        table["split"] = collection.split_groups(table["group"], strata, shares, order.seed)
        return
    splits = table.groupby("group")["split"].nunique()
    if crossing := list(splits.index[splits > 1]):
        yield f"{len(crossing)} groups cross the given split ({some(crossing)}); --fractions splits anew"


def contradictions(table: pd.DataFrame, copies: np.ndarray, label: str) -> Iterator[str]:
    """Near copies that carry different labels."""
    if label == "none":
        return
    seen = table.assign(label=table[label]).groupby(copies)
    pairs = [" – ".join(sorted(part["file_name"])[:2]) for _, part in seen if part["label"].nunique() > 1]
    if pairs:
        yield f"{len(pairs)} groups of near copies carry different names of {label}: {some(pairs)}"


def gaps(table: pd.DataFrame, label: str) -> Iterator[str]:
    """Splits that lack a label, or any picture."""
    for split in collection.SPLITS:
        rows = table[table["split"] == split]
        if rows.empty:
            yield f"the split {split} has no picture"
        elif label != "none" and (lacking := sorted(set(table[label]) - set(rows[label]))):
            yield f"the split {split} has no picture of {label} {some(lacking)}"


def some(names: Sequence[str], most: int = 3) -> str:
    """The first few names."""
    return ", ".join(map(receipt.printable, islice(names, most))) + (", …" if len(names) > most else "")


def headline(out: str | Path, table: pd.DataFrame, facts: dict, order: Order) -> Iterator[str]:
    """The collection in a few lines."""
    labels = "" if order.label == "none" else f", {table[order.label].nunique()} names of {order.label}"
    yield f"{out}: {len(table)} pictures of {order.form.size}×{order.form.size}{labels}"
    near = facts["near_copies"]
    yield f"groups: {table['group'].nunique()}, near copies: {near['pictures']} in {near['groups']} of them"
    counts = table["split"].value_counts()
    yield "split: " + ", ".join(f"{split} {counts.get(split, 0)}" for split in collection.SPLITS)
