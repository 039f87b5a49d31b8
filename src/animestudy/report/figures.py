"""One look for every figure, picture grid and table of the study.

A figure goes into the notebook as a picture output whose metadata carry its caption and alternative text, and
below it the caption as Markdown. JupyterLab and code hosts show both as they stand; the site sets them as
``<figure>``.
"""

import base64
import io
import math
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from IPython.display import Markdown, display
from matplotlib import pyplot as plt
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from PIL import Image

from animestudy.data.atelier.spec import PSYCHOLOGIES, STYLES
from animestudy.data.collection import DOMAINS
from animestudy.errors import StudyError
from animestudy.report import tables
from animestudy.report.pictures import WIDTH, columns_that_fit, encode, rgb, sheet

# Paul Tol's "bright" scheme (SRON technical note SRON/EPS/TN/09-002): told apart with any colour vision.
PALETTE = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#888888")
INK = "#1c1b1a"  # words
FAINT = "#8a8782"  # gridlines, ticks

INCH = 96  # CSS pixels
SCALE = 2  # stored pixels to a CSS pixel: sharp on dense screens and in print

_KNOWN = {name: PALETTE[i] for names in (STYLES, PSYCHOLOGIES, DOMAINS) for i, name in enumerate(names)}


def style() -> None:
    """Set matplotlib up: call it once at the top of a notebook. ``figsize`` is in inches of 96 CSS pixels."""
    mpl.rcParams.update(mpl.rcParamsDefault | {"backend": mpl.rcParams["backend"]})
    mpl.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.edgecolor": FAINT,
            "axes.grid": True,
            "axes.labelcolor": INK,
            "axes.labelpad": 1,
            "axes.labelsize": 9.5,
            "axes.linewidth": 0.7,
            "axes.prop_cycle": mpl.cycler(color=PALETTE),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlepad": 4,
            "axes.titlesize": 10,
            "axes.titleweight": "bold",
            "errorbar.capsize": 2.5,
            "figure.constrained_layout.use": True,
            "figure.dpi": INCH,
            "figure.facecolor": "white",
            "figure.figsize": (WIDTH / INCH, 3.4),
            "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
            "font.size": 9.5,
            "grid.color": "#e6e3de",
            "grid.linewidth": 0.7,
            "image.cmap": "cividis",
            "image.interpolation": "nearest",
            "legend.fontsize": 9,
            "legend.edgecolor": "none",
            "legend.labelspacing": 0.15,
            "lines.linewidth": 1.6,
            "lines.markersize": 4.5,
            "mathtext.fontset": "dejavusans",
            "patch.linewidth": 0,
            "savefig.dpi": INCH * SCALE,
            "scatter.edgecolors": "none",
            "svg.hashsalt": "animestudy",
            "text.color": INK,
            "xtick.color": FAINT,
            "xtick.labelcolor": INK,
            "xtick.labelsize": 9,
            "xtick.major.pad": 2,
            "xtick.major.width": 0.7,
            "ytick.color": FAINT,
            "ytick.labelcolor": INK,
            "ytick.labelsize": 9,
            "ytick.major.width": 0.7,
        }
    )


def colours(names: Iterable[str]) -> dict[str, str]:
    """A colour for each class name. The study's own classes keep theirs in every figure.

    Other names are taken in sorted order: from `PALETTE` while it lasts, else evenly from cividis.
    """
    names = list(names)
    others = sorted(set(names) - set(_KNOWN))
    if len(others) <= len(PALETTE):
        chosen = dict(zip(others, PALETTE, strict=False))
    else:
        ramp = mpl.colormaps["cividis"](np.linspace(0, 1, len(others)))
        chosen = {name: mpl.colors.to_hex(colour) for name, colour in zip(others, ramp, strict=True)}
    return {name: _KNOWN.get(name) or chosen[name] for name in names}


def show(figure: Figure, caption: str, alt: str) -> None:
    """Display a matplotlib figure and close it.

    `caption` says what is seen (Markdown, maths between $), `alt` describes the picture to somebody who
    cannot see it. Both are required.
    """
    for axes in figure.axes:
        if axes.images or any(isinstance(artist, QuadMesh) for artist in axes.collections):
            axes.grid(False)  # gridlines would lie on the picture
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=INCH * SCALE)
    plt.close(figure)
    picture = Image.open(buffer).convert("RGB")
    kind, data = encode(picture)
    width, height = (round(side / SCALE) for side in picture.size)
    facts = {kind: {"width": width, "height": height, "alt": _needed(alt, "alternative text")}}
    bundle = {kind: base64.b64encode(data).decode(), "text/plain": f"figure: {alt}"}
    _emit(bundle, "figure", caption, facts)


def grid(
    images: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    *,
    caption: str,
    alt: str,
    heads: Sequence[str] | None = None,
    rows: Sequence[str] | None = None,
) -> None:
    """Display pictures side by side, each pixel enlarged by a whole factor.

    `images`: N pictures of one size, H×W×3 or H×W, uint8, bool or float in [0, 1]. `titles` stand below
    each picture, `heads` above each column, `rows` beside each row.
    """
    pictures = [rgb(image) for image in images]
    if not pictures or len({picture.shape for picture in pictures}) != 1:
        raise StudyError("figures.grid: at least one picture, all of one size, is expected")
    columns = columns or len(heads or ()) or columns_that_fit(len(pictures), pictures[0].shape[1])
    columns = min(columns, len(pictures))
    lines = math.ceil(len(pictures) / columns)
    expected = {"titles": (titles, len(pictures)), "heads": (heads, columns), "rows": (rows, lines)}
    for name, (words, number) in expected.items():
        if words is not None and len(words) != number:
            raise StudyError(f"figures.grid: {len(words)} {name} for {number}")
    html = sheet(pictures, columns, _needed(alt, "alternative text"), titles, heads, rows)
    _emit({"text/html": html, "text/plain": f"figure: {alt}"}, "figure", caption)


def table(
    frame: pd.DataFrame, caption: str, *, digits: int = 3, fold: int = 12, index: bool | None = None
) -> None:
    """Display a data frame; one of more than `fold` rows is folded. Floats show about `digits` digits.

    The index is shown where it has a name or is not just 0, 1, 2 … (`index` overrides).
    """
    html = tables.html(frame, digits, index)
    if len(frame) > fold:
        html = f"<details><summary>{len(frame)} rows</summary>\n{html}\n</details>"
    _emit({"text/html": html, "text/plain": f"table of {len(frame)} rows"}, "table", caption)


def _emit(bundle: dict[str, Any], kind: str, caption: str, metadata: dict[str, Any] | None = None) -> None:
    """One output and, below it, its caption; the site joins them by their metadata."""
    facts = {"study": {"kind": kind, "caption": _needed(caption, "caption")}}
    display(bundle, raw=True, metadata=facts | (metadata or {}))
    display(Markdown(f"*{kind.capitalize()}:* {caption}"), metadata={"study": {"kind": "caption"}})


def _needed(text: str, name: str) -> str:
    if not text.strip():
        raise StudyError(f"figures: a figure or table needs its {name}")
    return text
