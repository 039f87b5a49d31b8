"""Label files of public sets, as their authors publish them: which picture is what, what belongs together.

Each reader gives rows of metadata.csv with, instead of a name, how a picture's path *ends* (sets are unpacked
in more than one way). `group` is what must not be torn apart: a painter, a film. Where
pictures come from, and on what terms, `SETS` says, and the commands repeat it.
"""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from animestudy.data import ratings
from animestudy.data.inventory import Inventory, Item, Passed, clean, walk
from animestudy.errors import StudyError
from animestudy.stats.votes import dominant

Row = tuple[str, dict[str, str]]  # the end of a picture's path without suffix, and its columns
ARTEMIS = (
    "amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness", "something else",
)  # fmt: skip
KAOKORE = {
    "gender": {"0": "male", "1": "female"},
    "status": {"0": "noble", "1": "warrior", "2": "incarnation", "3": "commoner"},
}
SPLITS = {"train": "train", "dev": "val", "test": "test"}


@dataclass(frozen=True)
class Set:
    """A public set: its name, where pictures and labels are, on what terms, how its rows are read."""

    name: str
    origin: str
    licence: str
    rows: Callable[[Path], Iterator[Row]] | None  # from the label file; None: folders say everything
    preset: dict[str, str]  # domain and kind


def wikiart_emotions(path: Path) -> Iterator[Row]:
    """Pictures are named by ID; psychology: the emotion that most viewers named, empty where two did."""
    table, shares = ratings.wikiart_emotions(path)
    tops = dominant(shares)
    for k, row in enumerate(table.to_dict("records")):
        emotion = ratings.EMOTIONS[int(tops[k].argmax())] if tops[k].max() == 1 else ""
        facts = {"style": row["style"], "psychology": emotion, "group": row["painter"]}
        yield row["id"], facts | {"category": row["category"], "title": row["title"]}


def artemis(path: Path) -> Iterator[Row]:
    """ArtEmis' histogram: art_style,painting,emotion_histogram with nine counts."""
    for where, row in _rows(path, ("art_style", "painting", "emotion_histogram")):
        try:
            counts = np.array(json.loads(row["emotion_histogram"].replace("(", "[").replace(")", "]")), float)
        except ValueError:
            counts = np.empty(0)
        if counts.shape != (len(ARTEMIS),):
            raise StudyError(f"{where}: emotion_histogram is not a list of {len(ARTEMIS)} counts")
        first = np.flatnonzero(counts == counts.max())
        emotion = ARTEMIS[first[0]] if len(first) == 1 else ""
        facts = {"style": _words(row["art_style"]), "psychology": emotion, "group": _painter(row["painting"])}
        yield f"{row['art_style']}/{row['painting']}", facts


def artgan(path: Path) -> Iterator[Row]:
    """ArtGAN's WikiArt lists: Style/painter_title.jpg,index without a heading.

    Their split into train and val is not taken over: painters stand on both sides of it.
    """
    for number, (name, *_) in enumerate(_lines(path), start=1):
        style, slash, picture = name.partition("/")
        if not slash:
            raise StudyError(f"{path}, line {number}: {name!r} is not Style/picture.jpg")
        yield _stem(name), {"style": _words(style), "group": _painter(picture)}


def kaokore(path: Path) -> Iterator[Row]:
    """KaoKore's labels.csv: image,gender,status,set; style: the social status, which classifiers learn."""
    for where, row in _rows(path, ("image", "gender", "status", "set")):
        named = {}
        for column, words in KAOKORE.items():
            if row[column] not in words:
                raise StudyError(f"{where}: {column} = {row[column]!r}: {', '.join(words)} expected")
            named[column] = words[row[column]]
        if row["set"] not in SPLITS:
            raise StudyError(f"{where}: set = {row['set']!r}: {', '.join(SPLITS)} expected")
        yield _stem(row["image"]), {"style": named["status"], "split": SPLITS[row["set"]], **named}


def cuc2018(path: Path) -> Iterator[Row]:
    """CUC 2018: style: the aesthetic class; the three ratings go along."""
    for row in ratings.cuc2018(path).to_dict("records"):
        facts = {"style": row["aesthetic"], "group": row["painter"]}
        facts |= {name: f"{row[name]:g}" for name in ("pleasure", "arousal", "dominance")}
        yield _stem(row["file"]), facts


SETS = {
    one.name: one
    for one in (
        Set(
            "wikiart-emotions",
            "labels, and WikiArt-info.tsv with an address for each picture, for animestudy fetch: "
            "saifmohammad.com/WebPages/wikiartemotions.html",
            "labels for research only; pictures: WikiArt's terms, rights with their owners",
            wikiart_emotions,
            {"domain": "anime", "kind": "scene"},
        ),
        Set(
            "artemis",
            "labels by form: artemisdataset.org; pictures: WikiArt as in github.com/cs-chan/ArtGAN (25 GB)",
            "labels by their form; pictures for non-commercial research only",
            artemis,
            {"domain": "anime", "kind": "scene"},
        ),
        Set(
            "artgan",
            "github.com/cs-chan/ArtGAN, folder WikiArt Dataset (25 GB)",
            "non-commercial research only",
            artgan,
            {"domain": "anime", "kind": "scene"},
        ),
        Set(
            "kaokore",
            "github.com/rois-codh/kaokore: labels.csv, and urls.txt for animestudy fetch",
            "CC BY-SA 4.0; pictures not to be passed on",
            kaokore,
            {"domain": "anime", "kind": "portrait"},
        ),
        Set(
            "cuc2018",
            "the authors of CUC 2018 Chinese painting aesthetics; pictures under their old file names",
            "not stated: all rights reserved",
            cuc2018,
            {"domain": "anime", "kind": "scene"},
        ),
        Set(
            "animegan",
            "github.com/TachibanaYoshino/AnimeGAN: dataset/FILM/style",
            "non-commercial, academic use only; the films' copyright",
            None,
            {"domain": "anime", "kind": "scene"},
        ),
    )
}


def take(folder: Path, about: Set, labels: Path | None) -> Inventory:
    """List the pictures of `folder` with what the label file says of them.

    A picture without a row is left out; a row without a picture is no fault (sets are fetched in parts), but
    if no row has one, that is a mistake, and the message says where the pictures come from.
    """
    if not folder.is_dir():
        raise StudyError(f"{folder}: no such folder; the pictures of {about.name}: {about.origin}")
    names, passed = walk(folder)
    if about.rows is None:
        return _films(names, passed, about)
    if labels is None:
        raise StudyError(f"--as {about.name}: name its label file with --labels; {about.origin}")
    known = {end: facts for end, facts in about.rows(labels)}
    items = []
    for name in names:
        facts = next((known[end] for end in _ends(name) if end in known), None)
        if facts is None:
            passed.append(Passed(name, "left out", f"not in {labels.name}"))
        else:
            items.append(Item(name, about.preset | {key: clean(value) for key, value in facts.items()}))
    if not items:
        raise StudyError(
            f"{folder}: none of its {len(names)} files is a picture of {labels.name} ({len(known)} rows); "
            f"pictures of {about.name}: {about.origin}. Terms: {about.licence}"
        )
    extra = sorted({key for item in items for key in item.row} - {"style", "psychology", "group", "split"})
    extra = [key for key in extra if key not in about.preset]
    return Inventory(items, passed, extra, f"{about.name}, labels of {labels.name}")


def _films(names: list[str], passed: list[Passed], about: Set) -> Inventory:
    """AnimeGAN's folders: FILM/style holds frames, FILM/smooth the same with blurred edges."""
    items = []
    for name in names:
        *above, kind, _ = ["", "", *name.split("/")]
        if kind == "style" and above[-1]:
            items.append(Item(name, about.preset | {"style": clean(above[-1]), "film": clean(above[-1])}))
        else:
            note = "blurred on purpose" if kind == "smooth" else "not below FILM/style"
            passed.append(Passed(name, "left out", note))
    if not items:
        raise StudyError(f"no picture below FILM/style; {about.name}: {about.origin}. Terms: {about.licence}")
    return Inventory(items, passed, ["film"], f"{about.name}, a folder for each film")


def _ends(name: str) -> Iterator[str]:
    """The ways to name a path from its end, the longest first: a/b/c.jpg → a/b/c, b/c, c."""
    parts = PurePosixPath(name).with_suffix("").parts
    return ("/".join(parts[k:]) for k in range(len(parts)))


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _painter(picture: str) -> str:
    """WikiArt's file names begin with the painter: vincent-van-gogh_the-starry-night-1889."""
    return picture.partition("_")[0]


def _lines(path: Path) -> Iterator[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from (line for line in csv.reader(stream) if line)
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file") from None
    except (UnicodeDecodeError, csv.Error):
        raise StudyError(f"{path}: not a CSV file in UTF-8") from None


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """The rows of a CSV with a heading, each with its place in words."""
    lines = _lines(path)
    heading = [name.strip() for name in next(lines, [])]
    if lacking := [name for name in columns if name not in heading]:
        raise StudyError(f"{path}: no column {lacking[0]!r} in its first line")
    for number, line in enumerate(lines, start=2):
        if len(line) != len(heading):
            raise StudyError(f"{path}, line {number}: {len(line)} columns, not {len(heading)}")
        yield f"{path}, line {number}", dict(zip(heading, line, strict=True))
