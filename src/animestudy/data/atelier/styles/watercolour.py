"""Watercolour: transparent washes on white paper, pooled edges, granulation, a broken pencil line.

Pigment is laid down as optical density, as in Bousseau et al. 2006 ("Interactive watercolor rendering"):
edges, turbulence and paper change its amount, never its hue.
"""

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Drawing, Look, Outlines, Sheet, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, colours, mixed, unit, vivid

PENCILS = ((0.28, 0.24, 0.24), (0.34, 0.22, 0.16), (0.20, 0.23, 0.33))
WHITE = (1.0, 1.0, 1.0)


def draw(plan: Plan, size: int, rng: np.random.Generator) -> Drawing:
    """Paint a plan in watercolour."""
    saturation, thin = rng.uniform(1.15, 1.6), rng.uniform(0.20, 0.38)
    pencil = np.array(PENCILS[rng.integers(len(PENCILS))], np.float32)
    paper = np.array((0.985, 0.97, 0.94), np.float32) - np.float32(rng.uniform(0, 0.03))
    paper[2] -= rng.uniform(0, 0.04)
    border = rng.uniform(0.02, 0.06) if rng.random() < 0.55 else 0.0

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # transparent paint has no muddy darks: thin it the more, the darker it is
        first, second = (
            mixed(vivid(colour, saturation), WHITE, thin + 0.18 * (1 - canvas.luma(colour)))
            for colour in (first, second)
        )
        # a wash runs out: large shapes without a second colour get paler downwards
        runs = np.isnan(second[:, 0]) & (things.extent > 0.12)
        second[runs] = mixed(first[runs], WHITE, 0.35)
        return first, second

    look = Look(
        dye,
        line=rng.uniform(0.0085, 0.0120),
        contour=rng.uniform(0.75, 1.0),
        fading=0.5,
        shade=0.26,
        marks=0.35,
        gap=rng.uniform(0.004, 0.008),
        growth=0.4,
    )
    sheet = paint(plan, look, size, rng)
    grain = canvas.noise(size, 48, rng, octaves=3, gain=0.8)
    flow = canvas.noise(size, 3, rng, octaves=4, gain=0.55)
    colour = _feathered(colours(sheet, size), rng)
    soft = cv2.GaussianBlur(colour, (0, 0), 0.012 * size)
    near = cv2.GaussianBlur(colour, (0, 0), 0.0055 * size)
    wet = (0.9 * flow - 0.6).clip(0, 0.85) * dry_features(sheet, size)  # here the washes ran into each other
    # pigment pools along the inner side of a wash's edge, where it is darker than its surroundings
    pooled = (soft - colour).clip(0, None).sum(-1) * (1 - wet)
    rim = (near - colour).clip(0, None).sum(-1) * (1 - wet)
    density = -np.log(mixed(colour, soft, wet).clip(0.03, 1))
    amount = 1 + 0.20 * flow + (0.9 * pooled + 1.6 * rim).clip(0, 0.8) + 0.10 * grain
    shade = unit(sheet.shade, size)
    shade = 0.7 * shade + 0.3 * cv2.GaussianBlur(shade, (0, 0), 0.008 * size)
    density = density * amount[..., None]
    density += (0.34 * shade)[..., None] * (density + np.array((0.30, 0.26, 0.12), np.float32))
    line = unit(sheet.line, size) * (1.15 + 0.35 * grain).clip(0.25, 1)
    if border:
        inside = _painted(size, border, flow)
        density *= inside[..., None]
        line = line * (0.12 + 0.88 * inside)
    picture = paper * np.exp(-density) * (1 + 0.018 * grain)[..., None]
    return Drawing(as_picture(mixed(picture, pencil, line)), line, sheet.owner)


def dry_features(sheet: Sheet, size: int) -> np.ndarray:
    """0 on the features of a face and close by, 1 elsewhere."""
    features = unit(sheet.features, size)
    if not features.any():
        return np.ones_like(features)
    return (1 - 3 * cv2.GaussianBlur(features, (0, 0), 0.012 * size)).clip(0, 1)


def _feathered(colour: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Edges that crept along the fibres of the paper."""
    size = len(colour)
    reach = np.float32(0.0025 * size)
    x, y = (
        axis * size - np.float32(0.5) + reach * canvas.noise(size, 40, rng, octaves=2, gain=0.7)
        for axis in canvas.ramp(size)
    )
    return cv2.remap(colour, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _painted(size: int, border: float, flow: np.ndarray) -> np.ndarray:
    """1 inside, 0 on the rim of paper that the washes left free."""
    x, y = canvas.ramp(size)
    inside = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y)) - np.float32(border) * (1 + 0.35 * flow)
    return (inside * min(size, 160) * np.float32(0.8) + np.float32(0.5)).clip(0, 1)
