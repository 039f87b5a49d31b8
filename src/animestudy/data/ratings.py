"""What people said of paintings: tables of labels without pictures, as their authors publish them.

Such a table is no collection (there is no picture in it); it is read as it is, and never copied. Emotions are
those that a picture *evoked in viewers*: a stand-in for the painter's own, no record of them.
"""

from html import unescape
from pathlib import Path

import numpy as np
import pandas as pd

from animestudy.errors import StudyError
from animestudy.paths import inside

EMOTIONS = (
    "agreeableness", "anger", "anticipation", "arrogance", "disagreeableness", "disgust", "fear", "gratitude",
    "happiness", "humility", "love", "neutral", "optimism", "pessimism", "regret", "sadness", "shame",
    "shyness", "surprise", "trust",
)  # fmt: skip
SHOWN = ("Art (image+title)", "ImageOnly", "TitleOnly")  # what the viewers of WikiArt Emotions saw
AESTHETIC = {1: "majesty", 2: "serenity", 3: "vitality", 4: "elegance", 5: "desolation"}
CUC = {
    "旧文件名": "file",
    "作者": "painter",
    "愉悦度评分": "pleasure",
    "唤醒度评分": "arousal",
    "优势度评分": "dominance",
}
CUC_SHARES = {"选中率-气势": 1, "选中率-清幽": 2, "选中率-生机": 3, "选中率-雅致": 4, "选中率-萧瑟": 5}
CUC_CLASS = "美感类型(相对多数）"
UNKNOWN = ("", "佚名", "无款", "nan")  # anonymous, unsigned


def wikiart_emotions(path: str | Path, shown: str = "ImageOnly") -> tuple[pd.DataFrame, np.ndarray]:
    """The works of WikiArt-Emotions-All.tsv and, for each, the share of viewers that named each emotion.

    A data frame with `id`, `style`, `category`, `painter`, `title`, `year` (as published, entities decoded)
    and N×20 shares in the order of `EMOTIONS`. Rows that are no painting, or without a style or a painter,
    are left out. `shown`: which of the three ratings, see `SHOWN`.
    """
    table = _read(path, sep="\t", encoding="utf-8", kind="WikiArt Emotions' table")
    columns = [f"{shown}: {emotion}" for emotion in EMOTIONS]
    _needed(
        table, [*columns, "ID", "Style", "Category", "Artist", "Is painting"], path, "WikiArt Emotions' table"
    )
    names = {
        "ID": "id",
        "Style": "style",
        "Category": "category",
        "Artist": "painter",
        "Title": "title",
        "Year": "year",
    }
    words = table.rename(columns=names)[list(names.values())].apply(lambda column: column.map(unescape))
    words = words.apply(lambda column: column.str.strip())
    kept = (table["Is painting"].str.lower() == "yes") & (words["style"] != "") & (words["painter"] != "")
    shares = _numbers(table.loc[kept, columns], path)
    return words[kept].reset_index(drop=True), shares


def cuc2018(path: str | Path) -> pd.DataFrame:
    """The works of CUC 2018's Chinese paintings by named painters: one row each.

    `file`, `painter`, `aesthetic` (the class that most viewers chose, empty where two were first), the mean
    ratings `pleasure`, `arousal` and `dominance`, and the share of viewers that chose each aesthetic class.
    """
    kind = "CUC 2018's table"
    table = _read(path, sep=",", encoding="gb18030", kind=kind)
    _needed(table, [*CUC, *CUC_SHARES, CUC_CLASS], path, kind)
    shares = {column: AESTHETIC[place] for column, place in CUC_SHARES.items()}
    ratings = [name for name in CUC.values() if name not in ("file", "painter")]
    found = table.rename(columns=CUC | shares)[[*CUC.values(), *shares.values()]].copy()
    found["painter"] = found["painter"].str.strip()
    found[[*ratings, *shares.values()]] = _numbers(found[[*ratings, *shares.values()]], path)
    words = {str(place): name for place, name in AESTHETIC.items()} | {"": ""}
    places = table[CUC_CLASS].str.strip().str.removesuffix(".0")
    if odd := sorted(set(places) - set(words)):
        raise StudyError(f"{path}: {CUC_CLASS} holds {odd[0]!r}, which is no class from 1 to 5")
    found.insert(2, "aesthetic", places.map(words))
    return found[~found["painter"].isin(UNKNOWN)].reset_index(drop=True)


def _read(path: str | Path, sep: str, encoding: str, kind: str) -> pd.DataFrame:
    try:
        return pd.read_csv(inside(path), sep=sep, encoding=encoding, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; data/README.md says where {kind} comes from") from None
    except UnicodeDecodeError:
        raise StudyError(f"{path}: not in {encoding.upper()}, in which {kind} is published") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, IsADirectoryError):
        raise StudyError(f"{path}: not {kind}") from None


def _needed(table: pd.DataFrame, columns: list[str], path: str | Path, kind: str) -> None:
    if lacking := [column for column in columns if column not in table]:
        raise StudyError(f"{path}: not {kind}: it has no column {lacking[0]!r}")


def _numbers(table: pd.DataFrame, path: str | Path) -> np.ndarray:
    numbers = table.apply(pd.to_numeric, errors="coerce").to_numpy(float)
    if np.isnan(numbers).any():
        row, column = np.argwhere(np.isnan(numbers))[0]
        raise StudyError(f"{path}: {table.columns[column]!r} of row {table.index[row] + 2} is not a number")
    return numbers
