"""Screentone: black line on white paper, tone by dots and hatching, solid blacks."""

from functools import lru_cache

import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Look, Outlines, Sheet, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, unit

SOLID = 240  # darkness (of 255) from which a fill is printed black


def draw(plan: Plan, size: int, rng: np.random.Generator) -> tuple[np.ndarray, Sheet]:
    """The picture (size×size×3 uint8) and its surfaces."""
    paper = np.array((0.975, 0.965, 0.945)) + rng.uniform(-0.035, 0.02) + (0, 0, rng.uniform(-0.03, 0.01))
    ink = np.array((0.07, 0.07, 0.08)) + rng.uniform(0, 0.06) + (0, 0, rng.uniform(0, 0.03))
    levels = np.array((0.0, *(np.array((0.13, 0.27, 0.46)) * rng.uniform(0.85, 1.15, 3)), 1.0))
    gamma, black = rng.uniform(1.2, 1.8), rng.uniform(0.52, 0.66)

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        small = things.extent < 0.09  # too small for a screen: white or black
        sky = np.where(things.extent > 0.8, 0.6, 1) * (1 - 0.4 * things.depth)

        def printed(colour: np.ndarray) -> np.ndarray:
            dark = (1 - canvas.luma(colour)) ** gamma * sky
            level = levels[np.abs(np.nan_to_num(dark)[:, None] - levels).argmin(1)]
            level = np.where(dark > black, 1.0, np.minimum(level, levels[3]))
            level = np.where(small, dark > 0.3, level)
            return np.where(np.isnan(colour[:, :1]), np.nan, 1 - level[:, None]) * (1, 1, 1)

        return printed(first), np.where(things.extent[:, None] > 0.5, printed(second), np.nan)

    look = Look(
        dye,
        line=rng.uniform(0.0080, 0.0120),
        fading=0.5,
        shade=rng.uniform(0.15, 0.24),
        marks=0.8,
        growth=0.45,
    )
    sheet = paint(plan, look, size, rng)
    pitch = max(4, round(size / 64)) * (sheet.side // size)
    dots = screen(sheet.side, pitch, "dots", int(rng.choice((45, 45, 30))))
    lines = screen(sheet.side, pitch, "lines", int(rng.choice((45, 135, 60))))
    dark = ~np.ascontiguousarray(sheet.paint[..., 0])
    solid = dark > SOLID
    printed = (dark > dots) | ((sheet.paint[..., 3] > 127) & (lines < 100))
    # a line over solid black is left white
    black_ = np.where(
        solid, ~sheet.line, np.maximum(np.where(printed, np.uint8(255), np.uint8(0)), sheet.line)
    )
    amount = unit(black_, size)[..., None]
    return as_picture(paper.astype(np.float32) + amount * (ink - paper).astype(np.float32)), sheet


@lru_cache(maxsize=12)
def screen(side: int, pitch: int, kind: str, degrees: int) -> np.ndarray:
    """Thresholds 0 … 254 of a halftone screen, side×side uint8: `darkness > screen` prints it.

    `pitch` is the distance of the dots or lines in pixels of the surface. The share of pixels below a
    threshold is the threshold itself, so that tones come out as they are mixed.
    """
    turn = np.deg2rad(degrees)
    x, y = (axis * np.float32(side) for axis in canvas.ramp(side))
    u = (x * np.cos(turn) + y * np.sin(turn)) * np.float32(2 * np.pi / pitch)
    v = (y * np.cos(turn) - x * np.sin(turn)) * np.float32(2 * np.pi / pitch)
    height = -(np.cos(u) + np.cos(v)) if kind == "dots" else -np.cos(u)
    sample = np.sort(height[::4, ::4], axis=None)
    return (254 * np.searchsorted(sample, height) / len(sample)).astype(np.uint8)
