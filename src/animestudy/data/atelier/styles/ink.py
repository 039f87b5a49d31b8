"""Ink: brush lines that swell and run dry, a few grey washes, empty rice paper, one colour."""

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Look, Outlines, Sheet, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, mixed, unit

ACCENTS = ((0.74, 0.16, 0.12), (0.80, 0.36, 0.14), (0.20, 0.34, 0.46), (0.62, 0.20, 0.32))
WASHES = np.array((0.0, 0.07, 0.18, 0.34, 0.56, 0.80))  # darkness of the mixed greys


def draw(plan: Plan, size: int, rng: np.random.Generator) -> tuple[np.ndarray, Sheet]:
    """The picture (size×size×3 uint8) and its surfaces."""
    paper = np.array((0.95, 0.92, 0.85)) + rng.uniform(-0.05, 0.03) + rng.normal(0, 0.012, 3)
    ink = np.array((0.10, 0.095, 0.10)) + rng.uniform(0, 0.05, 3)
    accent = np.array(ACCENTS[rng.integers(len(ACCENTS))])
    strength = rng.uniform(0.75, 1.1)

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        chroma = np.ptp(first, axis=1)
        warm = first[:, 0] - first[:, 1:].max(1)
        dark = (1 - canvas.luma(first)) ** 1.5 * (1 - 0.55 * things.depth) * strength
        wash = WASHES[np.abs(dark[:, None] - WASHES).argmin(1)]
        top = mixed(np.broadcast_to(paper, first.shape), ink, wash)
        score = np.where(things.extent < 0.45, warm + 0.3 * chroma, 0)
        for k in np.argsort(-score)[:6]:
            if score[k] > 0.25:
                top[k] = 0.75 * accent + 0.25 * first[k]
        return top, mixed(top, paper, 0.75)

    look = Look(
        dye,
        line=rng.uniform(0.016, 0.022),
        contour=rng.uniform(0.9, 1.0),
        inner=0.5,
        fading=0.75,
        growth=0.55,
        shade=0.30,
        marks=0.6,
        gap_colour=tuple(paper),
    )
    sheet = paint(plan, look, size, rng)
    grain = canvas.noise(size, 40, rng, octaves=3, gain=0.9)
    fibres = canvas.noise(size, (16, 90), rng)
    flow = canvas.noise(size, 4, rng, octaves=3, gain=0.6)
    colour = unit(sheet.colour, size)
    soft = cv2.GaussianBlur(colour, (0, 0), 0.014 * size)
    wash = mixed(colour, soft, (0.55 + 0.5 * flow).clip(0, 1))
    shade = cv2.GaussianBlur(unit(sheet.shade, size), (0, 0), 0.008 * size)
    depth = (paper - wash) * (1 + 0.30 * flow + 0.10 * grain)[..., None]
    picture = paper - depth - 0.16 * shade[..., None] * (wash - ink)
    picture *= (1 + 0.010 * fibres + 0.012 * grain)[..., None]
    line = unit(sheet.line, size)
    bled = np.maximum(line, 0.45 * cv2.GaussianBlur(line, (0, 0), 0.006 * size))
    dry = (1.5 + 0.75 * grain + 0.3 * fibres).clip(0.1, 1)
    return as_picture(mixed(picture, ink, bled * dry)), sheet
