"""The five anime styles: one module each, one table, one way in."""

from collections.abc import Callable

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Drawing
from animestudy.data.atelier.spec import MASKS, Picture, Plan, Shape
from animestudy.data.atelier.styles import cel, gouache, ink, screentone, watercolour
from animestudy.errors import StudyError

CUE = 0.19  # darkness from which a pixel counts as part of a line

STYLES: dict[str, Callable[[Plan, int, np.random.Generator], Drawing]] = {
    "cel": cel.draw,
    "watercolour": watercolour.draw,
    "ink": ink.draw,
    "gouache": gouache.draw,
    "screentone": screentone.draw,
}


def render(plan: Plan, style: str, size: int, rng: np.random.Generator) -> Picture:
    """Draw a plan in one of `STYLES` as a size×size picture with all masks of `MASKS`.

    `rng` decides on palette, paper and chance in the lines, the same at every size.
    """
    if style not in STYLES:
        raise StudyError(f"style {style!r} is unknown; choose one of {', '.join(STYLES)}")
    image, line, owner = STYLES[style](plan, size, rng)
    owner = canvas.centres(owner, size)
    masks = {name: owner == number + 1 for number, name in enumerate(MASKS)}
    masks["line_cue"] = line >= CUE
    for shape in plan.shapes:
        if shape.mask == "decoy":
            stamp(image, masks, shape)
    return Picture(image, masks)


def stamp(image: np.ndarray, masks: dict[str, np.ndarray], shape: Shape) -> None:
    """Print a decoy over the finished picture: the same in every style, no line of it drawn by the hand."""
    size = len(image)
    where = canvas.window(shape.points, size)
    if where is None:
        return
    (rows, columns), finer = where, canvas.working(size) // size
    cover = np.zeros((finer * (rows.stop - rows.start), finer * (columns.stop - columns.start)), np.uint8)
    canvas.fill(cover, shape.points, 255, finer * size, origin=(finer * rows.start, finer * columns.start))
    cover = cv2.resize(cover, None, fx=1 / finer, fy=1 / finer, interpolation=cv2.INTER_AREA)
    under, share = image[where], cover[..., None] * np.float32(shape.opacity / 255)
    colour = np.array(canvas.as_bytes(shape.colour), np.float32)
    under[:] = (under + share * (colour - under) + 0.5).astype(np.uint8)
    inside = cover >= 128
    for name in masks:
        masks[name][where] &= ~inside
    masks["decoy"][where] |= inside
