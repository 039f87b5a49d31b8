"""`animestudy render`: one picture of the atelier, or a contact sheet, as a file."""

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from animestudy.data.atelier.paint import paint
from animestudy.data.atelier.spec import PSYCHOLOGIES, STYLES, Subject
from animestudy.errors import StudyError

FORMATS = (".png", ".jpg", ".jpeg", ".webp")
MOST = 64 << 20  # pixels of a contact sheet


@dataclass(frozen=True)
class Request:
    """The words of the command line."""

    out: Path
    kind: str = "scene"
    domain: str = "anime"
    style: str = ""  # empty: not said; "all": one row for each
    psychology: str = "neutral"  # "all": one column for each
    seed: int = 0
    count: int = 1
    size: int = 512
    local: float = 1.0
    overall: float = 1.0
    decoy: bool = False
    force: bool = False


def run(request: Request) -> Path:
    """Draw what is asked for and write it; raises `StudyError` before anything is drawn if it cannot be."""
    check(request)
    rows = [[paint(subject, request.size).image for subject in row] for row in sheet(request)]
    save(np.concatenate([np.concatenate(row, 1) for row in rows]), request.out)
    return request.out


def check(request: Request) -> None:
    """Refuse what cannot work, by name."""
    out, pictures = request.out, request.count * len(styles(request)) * len(states(request))
    refusals = {
        f"{out}: the name has to end in one of {', '.join(FORMATS)}": out.suffix.lower() not in FORMATS,
        f"{out.parent}: no such folder; make it first": not out.parent.is_dir(),
        f"{out} is a folder; give the name of a file": out.is_dir(),
        f"{out} exists; choose another name or pass --force": out.exists() and not request.force,
        f"--count {request.count}: 1 or more": request.count < 1,
        f"--seed {request.seed}: 0 or more": request.seed < 0,
        f"--local {request.local:g}: 0 to 2": not 0 <= request.local <= 2,
        f"--overall {request.overall:g}: 0 to 2": not 0 <= request.overall <= 2,
        f"--style {request.style}: a photo has no style; leave it out": request.domain == "photo"
        and request.style != "",
        f"--size {request.size} for {pictures} pictures: the sheet would have more than {MOST >> 20} million "
        "pixels; choose a smaller size or count": pictures * request.size**2 > MOST,
    }
    for words, wrong in refusals.items():
        if wrong:
            raise StudyError(words)


def styles(request: Request) -> tuple[str, ...]:
    """The styles to draw; a photo has none."""
    if request.domain == "photo":
        return ("",)
    return STYLES if request.style == "all" else (request.style or STYLES[0],)


def states(request: Request) -> tuple[str, ...]:
    """The states of mind to draw, empty for neutral."""
    if request.psychology == "all":
        return PSYCHOLOGIES
    return ("" if request.psychology == "neutral" else request.psychology,)


def sheet(request: Request) -> Iterator[list[Subject]]:
    """Subjects row by row: styles downwards, states of mind across; else a near square of seeds."""
    across, down = states(request), styles(request)
    alone = len(across) == len(down) == 1
    columns = math.ceil(math.sqrt(request.count)) if alone else len(across)
    seeds = range(request.seed, request.seed + request.count)
    cells = [(seed, style, state) for seed in seeds for style in down for state in across]
    while len(cells) % columns:
        columns += 1  # a full rectangle: no empty places
    for start in range(0, len(cells), columns):
        yield [
            Subject(
                seed=seed,
                kind=request.kind,  # type: ignore[arg-type]
                domain=request.domain,  # type: ignore[arg-type]
                style=style,
                psychology=state,
                local=request.local,
                overall=request.overall,
                decoy=request.decoy,
            )
            for seed, style, state in cells[start : start + columns]
        ]


def save(image: np.ndarray, out: Path) -> None:
    """Write a picture beside its place, then rename it."""
    draft = out.with_name(f".{out.stem}.part{out.suffix}")
    try:
        Image.fromarray(image).save(draft, **({"quality": 95} if out.suffix != ".png" else {}))
        os.replace(draft, out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StudyError(f"{out}: cannot be written ({error.strerror or error})") from None
