"""Cel: flat blocks of clear colour, one hard step of shade, a dark closed contour."""

import numpy as np

from animestudy.data.atelier.sheet import Drawing, Look, Outlines, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, colours, flat, mixed, shaded, unit, vivid

INKS = ((0.10, 0.08, 0.10), (0.20, 0.10, 0.08), (0.09, 0.11, 0.24), (0.14, 0.07, 0.18))


def draw(plan: Plan, size: int, rng: np.random.Generator) -> Drawing:
    """Draw a plan as a cel."""
    saturation, lift = rng.uniform(1.08, 1.40), rng.uniform(0.0, 0.07)
    ink = np.array(INKS[rng.integers(len(INKS))], np.float32)
    tint = np.array((0.74, 0.72, 0.88)) + rng.uniform(-0.06, 0.10) + rng.normal(0, 0.03, 3)

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        wide = things.extent > 0.8
        mean = np.where(np.isnan(second), first, 0.75 * first + 0.25 * second)
        first = np.where(wide[:, None], first, mean)
        return vivid(first, saturation) + lift, flat(vivid(second, saturation) + lift, wide)

    look = Look(dye, line=rng.uniform(0.0085, 0.0125), shade=rng.uniform(0.17, 0.26), marks=0.5)
    sheet = paint(plan, look, size, rng)
    colour = shaded(colours(sheet, size), unit(sheet.shade, size), tint)
    line = unit(sheet.line, size)
    return Drawing(as_picture(mixed(colour, 0.75 * ink + 0.25 * colour * ink, line)), line, sheet.owner)
