"""Screentone: black line on white paper, tone by dots and hatching, solid blacks."""

from functools import lru_cache

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Drawing, Look, Outlines, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, unit

SOLID = 240  # darkness (of 255) from which a fill is printed black


def draw(plan: Plan, size: int, rng: np.random.Generator) -> Drawing:
    """Draw a plan in black and white with printed screens."""
    paper = np.array((0.975, 0.965, 0.945)) + rng.uniform(-0.035, 0.02) + (0, 0, rng.uniform(-0.03, 0.01))
    ink = np.array((0.07, 0.07, 0.08)) + rng.uniform(0, 0.06) + (0, 0, rng.uniform(0, 0.03))
    tones = np.array((0.12, 0.25, 0.45)) * rng.uniform(0.85, 1.15, 3)
    # shares of the picture that stay white, get the lighter screens, and are printed black
    white, black = rng.uniform(0.30, 0.48), rng.uniform(0.80, 0.92)

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        dark = 1 - canvas.luma(first) - 0.25 * things.depth
        area = np.prod(things.high - things.low, axis=1).clip(1e-4, 0.25)
        rank = _rank(dark, area)
        limits = np.array((white, white + 0.4 * (black - white), white + 0.75 * (black - white), black))
        level = np.array((0, *tones, 1.0))[
            np.searchsorted(limits, 0.7 * rank + 0.3 * (1.35 * dark).clip(0, 1))
        ]
        level = np.where(things.extent > 0.8, level.clip(0, tones[1]), level)
        # too small, thin or important for a screen: white or black
        thin = (things.high - things.low).min(1) < 0.03
        thin |= np.array([shape.mask in ("eyes", "brows", "nose", "mouth") for shape in things.shapes])
        stroke = np.array([not shape.closed for shape in things.shapes])
        level = np.where((things.extent < 0.09) | thin, dark > 0.5, level)
        level = np.where(stroke, dark > 0.35, level)
        skin = np.array([shape.texture == "skin" for shape in things.shapes])
        level = np.where(skin, np.where(dark > 0.5, tones[0], 0.0), level)
        # broad tones run out into white
        fades = (things.extent > 0.5) & (level > 0) & (level < 1)
        return _grey(level), np.where(fades[:, None], _grey(0.15 * level), np.nan)

    look = Look(
        dye,
        line=rng.uniform(0.0090, 0.0130),
        fading=0.5,
        shade=rng.uniform(0.15, 0.22),
        marks=0.6,
        growth=0.5,
    )
    sheet = paint(plan, look, size, rng)
    scale = sheet.side // size
    pitch = max(4, round(size / 64)) * scale
    dots = screen(sheet.side, pitch, "dots", int(rng.choice((45, 45, 30))))
    lines = screen(sheet.side, pitch, "lines", int(rng.choice((45, 135, 60))))
    dark = ~np.ascontiguousarray(sheet.paint[..., 0])
    solid = dark > SOLID
    printed = (dark > dots) | ((sheet.paint[..., 3] > 127) & (lines < 85))
    # a screen ends short of a line, so that the line stays clear
    reach = 2 * max(1, round(0.006 * sheet.side)) + 1
    halo = cv2.dilate(sheet.line, np.ones((reach, reach), np.uint8))
    printed &= halo < 96
    # a line over solid black is left white
    pen = cv2.add(sheet.line, sheet.line // 2)
    tone = np.where(printed, np.uint8(255), np.uint8(0))
    covered = np.where(solid, ~pen, np.maximum(tone, pen))
    amount = unit(covered, size)[..., None]
    picture = paper.astype(np.float32) + amount * (ink - paper).astype(np.float32)
    return Drawing(as_picture(picture), unit(sheet.line, size), sheet.owner)


def _grey(level: np.ndarray) -> np.ndarray:
    return np.repeat(1 - level[:, None].astype(float), 3, 1)


def _rank(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Share of all weight that lies at smaller values, half of one's own included."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) - weights[order] / 2
    rank = np.empty(len(values))
    rank[order] = below / weights.sum()
    return rank


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
    # heights become ranks by their distribution, which one turn of the screen shows in full
    turns = np.arange(128) * (2 * np.pi / 128)
    sample = -(np.cos(turns)[:, None] + np.cos(turns)) if kind == "dots" else -np.cos(turns)
    levels = np.quantile(sample, np.linspace(0, 1, 128))
    return np.interp(height, levels, np.linspace(0, 254, 128)).astype(np.uint8)
