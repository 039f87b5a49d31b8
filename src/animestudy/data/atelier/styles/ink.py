"""Ink: brush lines that swell and run dry, a few grey washes, empty rice paper, one colour."""

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Look, Outlines, Sheet, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, colours, mixed, unit

ACCENTS = ((0.74, 0.16, 0.12), (0.80, 0.36, 0.14), (0.20, 0.34, 0.46), (0.62, 0.20, 0.32))
WASHES = np.array((0.0, 0.07, 0.18, 0.34, 0.56, 0.82))  # darkness of the mixed greys


def draw(plan: Plan, size: int, rng: np.random.Generator) -> tuple[np.ndarray, Sheet]:
    """The picture (size×size×3 uint8) and its surfaces."""
    paper = np.array((0.95, 0.92, 0.85)) + rng.uniform(-0.05, 0.03) + rng.normal(0, 0.012, 3)
    ink = np.array((0.08, 0.078, 0.085)) + rng.uniform(0, 0.05, 3)
    accent = np.array(ACCENTS[rng.integers(len(ACCENTS))])
    strength = rng.uniform(0.75, 1.1)

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        warm = first[:, 0] - first[:, 1:].max(1) + 0.3 * np.ptp(first, axis=1)
        dark = (1 - canvas.luma(first)) ** 1.5 * (1 - 0.45 * things.depth) * strength
        wash = WASHES[np.abs(dark[:, None] - WASHES).argmin(1)]
        top = mixed(np.broadcast_to(paper, first.shape), ink, wash)
        score = np.where(things.extent < 0.45, warm, 0)
        chosen = np.argsort(-score)[:6]
        chosen = chosen[score[chosen] > 0.25]
        top[chosen] = 0.75 * accent + 0.25 * first[chosen]
        # a wash fades into mist below; small things are one touch of the brush
        return top, mixed(top, paper, np.where(things.extent > 0.10, 0.75, 0.2))

    look = Look(
        dye,
        line=rng.uniform(0.015, 0.020),
        contour=1.0,
        inner=0.55,
        fading=0.72,
        growth=0.5,
        nib=rng.uniform(0.45, 0.75),
        pressure=0.35,
        dry=rng.uniform(0.2, 0.5),
        shade=0.30,
        marks=0.6,
        ground=tuple(paper),
    )
    sheet = paint(plan, look, size, rng)
    paper, ink = paper.astype(np.float32), ink.astype(np.float32)
    grain = canvas.noise(size, 40, rng, octaves=3, gain=0.9)
    fibres = canvas.noise(size, (16, 90), rng)
    flow = canvas.noise(size, 4, rng, octaves=3, gain=0.6)
    colour = colours(sheet, size)
    soft = cv2.GaussianBlur(colour, (0, 0), 0.014 * size)
    wash = mixed(colour, soft, (0.55 + 0.5 * flow).clip(0, 1))
    shade = cv2.GaussianBlur(unit(sheet.shade, size), (0, 0), 0.008 * size)
    depth = (paper - wash) * (1 + 0.30 * flow + 0.10 * grain)[..., None]
    picture = paper - depth - (0.16 * shade)[..., None] * (wash - ink)
    picture *= (1 + 0.010 * fibres + 0.012 * grain)[..., None]
    line = unit(sheet.line, size)
    bled = np.maximum(line, 0.35 * cv2.GaussianBlur(line, (0, 0), 0.006 * size))
    return as_picture(mixed(picture, ink, bled * (1.05 + 0.15 * grain).clip(0.4, 1))), sheet
