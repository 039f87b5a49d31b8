"""Gouache: opaque flat shapes from few pots of paint, no contour; the brush shows along edges, in fills."""

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Drawing, Look, Outlines, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, colours, mixed, shaded, unit, vivid


def draw(plan: Plan, size: int, rng: np.random.Generator) -> Drawing:
    """Paint a plan in gouache."""
    saturation, chalk = rng.uniform(0.85, 1.25), rng.uniform(0.03, 0.14)
    steps = int(rng.integers(5, 9))
    light = np.array((0.93, 0.86, 0.74)) + rng.normal(0, 0.04, 3)
    deep = np.array((0.16, 0.17, 0.30)) + rng.normal(0, 0.05, 3)
    tint = np.array((0.78, 0.76, 0.88)) + rng.normal(0, 0.03, 3)

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean = np.where(np.isnan(second), first, (first + second) / 2)
        # all paint is mixed from the same pots: a common light and a common dark tint every colour
        value = canvas.luma(mean)
        pot = mixed(vivid(mean, saturation), light, chalk + 0.10 * value)
        pot = mixed(pot, deep, 0.16 * (1 - value))
        value = canvas.luma(pot)
        stepped = np.rint(value * steps) / steps  # few values
        return (pot + 0.8 * (stepped - value)[:, None]).clip(0.05, 0.98), np.full_like(second, np.nan)

    look = Look(
        dye,
        line=rng.uniform(0.017, 0.025),
        contour=0.9,
        inner=0.6,
        fading=0.5,
        growth=0.6,
        pressure=0.2,
        shade=rng.uniform(0.22, 0.32),
        marks=0.6,
        rim=rng.uniform(0.10, 0.16),
    )
    sheet = paint(plan, look, size, rng)
    tone = shaded(colours(sheet, size), unit(sheet.shade, size), tint)
    # bristles: two directions of the brush, patch by patch
    patches = canvas.noise(size, 5, rng, octaves=2)
    turn = rng.uniform(15, 75)
    streaks = np.where(patches > 0, _bristles(size, turn, rng), _bristles(size, turn - 90, rng))
    picture = tone * (1 + 0.022 * streaks + 0.016 * patches)[..., None]
    return Drawing(as_picture(picture), unit(sheet.line, size), sheet.owner)


def _bristles(size: int, degrees: float, rng: np.random.Generator) -> np.ndarray:
    """Noise drawn out along a direction, size×size."""
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), degrees, 1.45)
    combed = canvas.noise(size, (9, 80), rng, octaves=2, gain=0.7)
    return cv2.warpAffine(combed, turn, (size, size), borderMode=cv2.BORDER_REFLECT)
