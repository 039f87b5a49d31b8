"""Screentone: black line on white paper, tone by dots and hatching, solid blacks."""

from functools import lru_cache

import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Look, Outlines, Sheet, paint
from animestudy.data.atelier.spec import Plan

SOLID = 0.93  # darkness from which a fill is printed black


def draw(plan: Plan, size: int, rng: np.random.Generator) -> tuple[np.ndarray, Sheet]:
    """The picture (size×size×3 uint8) and its surfaces."""
    paper = np.array((0.975, 0.965, 0.945)) + rng.uniform(-0.035, 0.02) + (0, 0, rng.uniform(-0.03, 0.01))
    ink = np.array((0.07, 0.07, 0.08)) + rng.uniform(0, 0.06) + (0, 0, rng.uniform(0, 0.03))
    levels = np.array((0.0, 0.13, 0.27, 0.45, 1.0)) * (1, *rng.uniform(0.85, 1.15, 3), 1)
    gamma = rng.uniform(1.2, 1.9)

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        def grey(colours: np.ndarray) -> np.ndarray:
            dark = (1 - canvas.luma(colours)) ** gamma
            dark = dark * (1 - 0.4 * things.depth) * np.where(things.extent > 0.8, 0.8, 1)
            dark = np.where(dark > 0.62, 1.0, dark)
            dark = levels[np.abs(np.nan_to_num(dark)[:, None] - levels).argmin(1)]
            return np.repeat(np.where(np.isnan(colours[:, :1]), np.nan, 1 - dark[:, None]), 3, 1)

        return grey(first), np.where(things.extent[:, None] > 0.5, grey(second), np.nan)

    look = Look(
        dye,
        line=rng.uniform(0.0085, 0.0125),
        fading=0.5,
        shade=rng.uniform(0.18, 0.28),
        marks=0.8,
        growth=0.45,
    )
    sheet = paint(plan, look, size, rng)
    pitch = int(np.clip(round(size / 64), 4, 64)) * (size and len(sheet.line) // size)
    dots = screen(sheet.side, pitch, "dots", int(rng.choice((45, 45, 30))))
    lines = screen(sheet.side, pitch, "lines", int(rng.choice((45, 135, 60))))
    dark = 255 - sheet.colour[..., 0]
    solid = dark > 255 * SOLID
    printed = (dark > dots) | solid | ((sheet.shade > 127) & (lines < 100))
    black = np.where(solid, 255 - sheet.line, np.maximum(255 * printed.astype(np.uint8), sheet.line))
    amount = canvas.reduce(black.astype(np.uint8), size)[..., None] / np.float32(255)
    picture = paper + amount * (ink - paper)
    return (picture * 255 + 0.5).clip(0, 255).astype(np.uint8), sheet


@lru_cache(maxsize=12)
def screen(side: int, pitch: int, kind: str, degrees: int) -> np.ndarray:
    """Thresholds 0 … 255 of a halftone screen, side×side uint8: `darkness > screen` prints it.

    `pitch` is the distance of the dots or lines in pixels of the surface. The share of pixels below a
    threshold is the threshold itself, so that tones come out as they are mixed.
    """
    turn = np.deg2rad(degrees)
    x, y = (axis * np.float32(side) for axis in canvas.ramp(side))
    u = (x * np.cos(turn) + y * np.sin(turn)) * np.float32(2 * np.pi / pitch)
    v = (y * np.cos(turn) - x * np.sin(turn)) * np.float32(2 * np.pi / pitch)
    height = -(np.cos(u) + np.cos(v)) if kind == "dots" else -np.cos(u)
    order = np.searchsorted(np.sort(height[::4, ::4], axis=None), height) / height[::4, ::4].size
    return (254 * order).astype(np.uint8)
