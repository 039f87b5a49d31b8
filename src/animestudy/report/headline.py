"""The study's few headline numbers in one file, and whether new ones agree with those that were committed."""

import json
from pathlib import Path
from typing import Any

from animestudy.errors import StudyError
from animestudy.report.files import write_json

Headlines = dict[str, dict[str, dict[str, Any]]]  # stage → key → value, tolerance, unit, note


def read(path: Path) -> Headlines:
    """Read a gathered file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{path}: no such file; run the study first") from None
    except ValueError:
        raise StudyError(f"{path}: not valid JSON; run the study again") from None


def gather(names: list[str], reports: Path) -> Headlines:
    """The headline numbers of the named stages, in that order; a stage may have none."""
    files = {name: reports / "headline" / f"{name}.json" for name in names}
    return {name: read(file) for name, file in files.items() if file.exists()}


def write(headlines: Headlines, path: Path) -> None:
    """Write the gathered numbers, sorted, whole or not at all."""
    write_json(path, headlines)


def compare_headlines(new: Path, committed: Path) -> list[str]:
    """What of the `new` gathered numbers breaks the `committed` ones: one line each, none if all agree.

    A number agrees if it is there and differs by no more than the committed tolerance (a hair more is
    allowed for the rounding of the two files to six digits). A number that only one file has is a breach.
    """
    now, then = _flat(read(new)), _flat(read(committed))
    lines = [f"{key}: committed, but this run has no such number" for key in then if key not in now]
    lines += [f"{key}: new; not among the committed numbers" for key in now if key not in then]
    for key in then:
        if key in now:
            old, value, tolerance = then[key]["value"], now[key]["value"], then[key]["tolerance"]
            if abs(value - old) > tolerance + 2e-6 * abs(old):
                lines.append(f"{key}: {value:g} is not within {tolerance:g} of the committed {old:g}")
    return sorted(lines)


def _flat(headlines: Headlines) -> dict[str, dict[str, Any]]:
    return {f"{stage}: {key}": entry for stage, keys in headlines.items() for key, entry in keys.items()}
