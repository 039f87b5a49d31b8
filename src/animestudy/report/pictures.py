"""Pictures for the report: stored as small as they can be, laid out on whole pixels."""

import base64
import io
import math
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from animestudy.errors import StudyError

WIDTH = 720  # of the page's text column, in CSS pixels
GAP = 6  # CSS pixels between pictures
NAMES = 104  # CSS pixels for the names of rows; longer ones wrap


def encode(picture: Image.Image) -> tuple[str, bytes]:
    """The smallest faithful file of an RGB picture: its media type and bytes.

    A PNG of 256 colours if these are near the original (plots always are), else a JPEG without colour
    subsampling, unless the plain PNG is smaller still.
    """
    few = picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    if _error(picture, few) <= 8:
        return "image/png", _file(few, "PNG", optimize=True)
    photo = _file(picture, "JPEG", quality=88, subsampling=0, optimize=True)
    exact = _file(picture, "PNG", optimize=True)
    return ("image/png", exact) if len(exact) < len(photo) else ("image/jpeg", photo)


def _error(picture: Image.Image, other: Image.Image) -> float:
    """Mean squared difference in grey levels²."""
    difference = np.asarray(picture, np.int16) - np.asarray(other.convert("RGB"), np.int16)
    return float(np.mean(difference.astype(np.float32) ** 2))


def _file(picture: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def rgb(image: np.ndarray) -> np.ndarray:
    """Any accepted picture as H×W×3 uint8."""
    image = np.asarray(image)
    if image.dtype == bool:
        image = image.astype(np.uint8) * 255
    elif np.issubdtype(image.dtype, np.floating):
        if image.min() < 0 or image.max() > 1:
            raise StudyError("a grid's pictures of floats have to lie in [0, 1]")
        image = np.round(image * 255).astype(np.uint8)
    image = np.repeat(image[..., None], 3, axis=2) if image.ndim == 2 else image
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise StudyError(f"a grid shows no picture of shape {image.shape}, type {image.dtype}")
    return image


def columns_that_fit(count: int, width: int) -> int:
    """How many pictures a row: all if they fit the page at their own size, else rows of equal length."""
    most = max(1, (WIDTH + GAP) // (width + GAP))
    return math.ceil(count / math.ceil(count / most))


def sheet(
    pictures: Sequence[np.ndarray],
    columns: int,
    alt: str,
    titles: Sequence[str] | None = None,
    heads: Sequence[str] | None = None,
    rows: Sequence[str] | None = None,
) -> str:
    """Pictures (H×W×3 uint8, one size) as an HTML table, each pixel shown as a square of whole CSS pixels.

    Every picture is stored once at its own size; the browser enlarges it without smoothing. Words stay
    text, so that they can be read at any zoom, searched, and heard.
    """
    height, width = pictures[0].shape[:2]
    room = WIDTH - (NAMES if rows else 0) - GAP * (columns - 1)
    zoom = max(1, room // (columns * width))
    size = f'width="{width * zoom}" height="{height * zoom}"'
    cells = []
    for k, picture in enumerate(pictures):
        kind, data = encode(Image.fromarray(picture))
        title = escape(titles[k]) if titles else ""
        source = f"data:{kind};base64,{base64.b64encode(data).decode()}"
        cells.append(f'<td><img src="{source}" {size} alt="{title}">{f"<br>{title}" if title else ""}</td>')
    lines = [cells[k : k + columns] for k in range(0, len(cells), columns)]
    if rows:
        for name, line in zip(rows, lines, strict=True):
            line.insert(0, f'<th scope="row">{escape(name)}</th>')
    top = "<td></td>" if rows else ""
    top += "".join(f'<th scope="col">{escape(head)}</th>' for head in heads or ())
    head = f"<thead><tr>{top}</tr></thead>\n" if heads else ""
    body = "\n".join(f"<tr>{''.join(line)}</tr>" for line in lines)
    return f'<table class="sheet" aria-label="{escape(alt)}">\n{head}<tbody>\n{body}\n</tbody>\n</table>'
