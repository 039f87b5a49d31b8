"""What a stage puts on record: metrics, headline numbers and tables, as small text files that go into git.

The stage's name comes from ``STUDY_STAGE``, which the runner sets. A notebook run by hand has none; it is
called ``scratch`` and writes below ``scratch/`` (`animestudy.paths.output`), so exploring never touches the
results. Files are sorted and rounded to `DIGITS` significant digits: the same numbers give the same bytes.
"""

import math
import os
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from animestudy.errors import StudyError
from animestudy.paths import output
from animestudy.report.files import write_json, write_text

DIGITS = 6

# What this process has recorded so far. A fresh kernel starts empty, so nothing survives from an earlier run.
_books: dict[Path, dict[str, Any]] = {}


def stage() -> str:
    """The stage that is running: ``05_psychology``, or ``scratch`` in a notebook run by hand."""
    return os.environ.get("STUDY_STAGE", "scratch")


def metrics(name: str, values: dict[str, Any]) -> None:
    """Add `values` under `name` to ``reports/metrics/<stage>.json``; again with the same name replaces them.

    Values may be nested dicts, lists, NumPy scalars and arrays, strings, booleans. A number that is not
    finite is written as null (JSON has no other word for "undefined").
    """
    _add(Path("reports/metrics") / f"{stage()}.json", name, plain(values))


def headline(key: str, value: float, tolerance: float, unit: str = "", note: str = "") -> None:
    """Record one of the few numbers that stand for this stage, in ``reports/headline/<stage>.json``.

    `tolerance` is the absolute difference within which another machine has to land (bitwise equality is
    promised on one kind of machine only); `note` says in a few words what the number is. Shown on the
    report's first page, compared by ``make verify``.
    """
    where = f"headline {key!r}"
    if not (isinstance(value, Real) and math.isfinite(value)):
        raise StudyError(f"{where}: value {value!r} is not a finite number")
    if not (isinstance(tolerance, Real) and math.isfinite(tolerance) and tolerance >= 0):
        raise StudyError(f"{where}: tolerance {tolerance!r} is not a number ≥ 0")
    entry = {"value": value, "tolerance": tolerance, "unit": unit, "note": note}
    _add(Path("reports/headline") / f"{stage()}.json", key, plain(entry))


def table(name: str, frame: pd.DataFrame) -> None:
    """Write a data frame to ``reports/tables/<stage>/<name>.csv``; an unnamed index is left out."""
    named = any(level is not None for level in frame.index.names)
    text = frame.to_csv(index=named, float_format=f"%.{DIGITS}g", lineterminator="\n")
    write_text(output(Path("reports/tables") / stage() / f"{name}.csv"), text)


def plain(value: Any) -> Any:  # noqa: ANN401
    """`value` in JSON's own types: keys as strings, floats rounded to `DIGITS` significant digits."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (np.ndarray, pd.Series)):
        return [plain(item) for item in value.tolist()]
    if value is None or isinstance(value, (str, bool, np.bool_)):
        return bool(value) if isinstance(value, np.bool_) else value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    raise TypeError(f"{type(value).__name__} cannot be recorded; pass numbers, text, lists or dicts")


def _add(where: Path, key: str, entry: Any) -> None:  # noqa: ANN401
    path = output(where)
    book = _books.setdefault(path, {})
    book[str(key)] = entry
    write_json(path, book)
