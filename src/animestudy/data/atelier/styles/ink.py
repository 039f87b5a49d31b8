"""Ink: brush lines that swell and run dry, a few grey washes, empty rice paper, one colour."""

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Drawing, Look, Outlines, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, colours, mixed, unit
from animestudy.data.atelier.styles.watercolour import dry_features

ACCENTS = ((0.74, 0.16, 0.12), (0.80, 0.36, 0.14), (0.20, 0.34, 0.46), (0.62, 0.20, 0.32))
WASHES = np.array((0.0, 0.06, 0.16, 0.32, 0.56, 0.86))  # darkness of the mixed greys


def draw(plan: Plan, size: int, rng: np.random.Generator) -> Drawing:
    """Draw a plan with brush and ink."""
    paper = np.array((0.95, 0.92, 0.85)) + rng.uniform(-0.05, 0.03) + rng.normal(0, 0.012, 3)
    ink = np.array((0.07, 0.068, 0.075)) + rng.uniform(0, 0.05, 3)
    accent = np.array(ACCENTS[rng.integers(len(ACCENTS))])
    strength = rng.uniform(0.85, 1.25)

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        warm = first[:, 0] - first[:, 1:].max(1) + 0.3 * np.ptp(first, axis=1)
        dark = (1 - canvas.luma(first)) ** 1.6 * strength * (1 - 0.35 * things.depth)
        dark *= np.where(things.extent > 0.8, 0.45, 1)  # sky, water and ground stay paper
        wash = WASHES[np.abs(dark[:, None] - WASHES).argmin(1)]
        top = mixed(np.broadcast_to(paper, first.shape), ink, wash)
        score = np.where(things.extent < 0.45, warm, 0)
        chosen = np.argsort(-score)[:6]
        chosen = chosen[score[chosen] > 0.25]
        top[chosen] = 0.75 * accent + 0.25 * first[chosen]
        # a wash fades into mist below; small things are one touch of the brush
        return top, mixed(top, paper, (1.2 * things.extent + 0.25).clip(0, 0.8) * (things.extent > 0.10))

    look = Look(
        dye,
        line=rng.uniform(0.014, 0.019),
        contour=1.0,
        inner=0.42,
        fading=0.55,
        growth=0.55,
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
    soft = cv2.GaussianBlur(colour, (0, 0), 0.013 * size)
    sharp = dry_features(sheet, size)
    wash = mixed(colour, soft, (0.35 + 0.45 * flow).clip(0, 0.9) * sharp)
    shade = cv2.GaussianBlur(unit(sheet.shade, size), (0, 0), 0.006 * size)
    depth = (paper - wash) * (1 + (0.28 * flow + 0.08 * grain) * sharp)[..., None]
    picture = paper - depth - (0.20 * shade)[..., None] * (wash - ink)
    picture *= (1 + 0.010 * fibres + 0.012 * grain)[..., None]
    line = unit(sheet.line, size)
    bled = np.maximum(line, 0.2 * sharp * cv2.GaussianBlur(line, (0, 0), 0.005 * size))
    drawn = bled * (1.1 + 0.15 * grain).clip(0.4, 1)
    return Drawing(as_picture(mixed(picture, ink, drawn)), line, sheet.owner)
