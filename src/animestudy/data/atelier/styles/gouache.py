"""Gouache: opaque flat shapes from a small palette, no contour; the brush shows along edges and in fills."""

import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Look, Outlines, Sheet, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, mixed, unit, vivid


def draw(plan: Plan, size: int, rng: np.random.Generator) -> tuple[np.ndarray, Sheet]:
    """The picture (size×size×3 uint8) and its surfaces."""
    saturation, chalk = rng.uniform(0.85, 1.25), rng.uniform(0.03, 0.14)
    tints = int(rng.integers(5, 9))
    base = np.array((0.93, 0.86, 0.74)) + rng.normal(0, 0.04, 3)
    deep = np.array((0.16, 0.17, 0.30)) + rng.normal(0, 0.05, 3)

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean = np.where(np.isnan(second), first, (first + second) / 2)
        # all paint is mixed from the same pots: a common light and a common dark tint every colour
        light = canvas.luma(mean)[:, None]
        pot = mixed(vivid(mean, saturation), base, chalk + 0.10 * light[:, 0])
        pot = mixed(pot, deep, 0.16 * (1 - light[:, 0]))
        # few tints: the values are stepped
        stepped = (np.rint(canvas.luma(pot) * tints) / tints)[:, None] - canvas.luma(pot)[:, None]
        pot = (pot + 0.8 * stepped).clip(0.05, 0.98)
        return pot, np.full_like(second, np.nan)

    look = Look(
        dye,
        line=rng.uniform(0.020, 0.028),
        contour=0.9,
        inner=0.5,
        fading=0.5,
        growth=0.5,
        shade=rng.uniform(0.22, 0.32),
        marks=0.5,
    )
    sheet = paint(plan, look, size, rng)
    tone = unit(sheet.colour, size)
    shade = unit(sheet.shade, size)
    tone = mixed(tone, tone * np.array((0.74, 0.72, 0.82)), shade)
    across = canvas.noise(size, (7, 70), rng, octaves=2, gain=0.7)
    patches = canvas.noise(size, 6, rng, octaves=2)
    # an edge mark is the same paint, a little lighter or darker, combed by the bristles
    edge = unit(sheet.line, size)
    away = np.where(canvas.luma(tone) > 0.5, -1.0, 1.0)[..., None] * np.array((0.17, 0.17, 0.14))
    bristle = (0.8 + 0.35 * across).clip(0.2, 1.2)
    picture = tone + (edge * bristle)[..., None] * away
    picture += (0.018 * across + 0.014 * patches)[..., None]
    return as_picture(picture), sheet
