"""Watercolour: transparent washes on white paper, pooled edges, granulation, a broken pencil line.

Pigment is laid down as optical density, as in Bousseau et al. 2006 ("Interactive watercolor rendering"):
edges, turbulence and paper change its amount, never its hue.
"""

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Look, Outlines, Sheet, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, colours, mixed, unit, vivid

PENCILS = ((0.28, 0.24, 0.24), (0.34, 0.22, 0.16), (0.20, 0.23, 0.33))
WHITE = (1.0, 1.0, 1.0)


def draw(plan: Plan, size: int, rng: np.random.Generator) -> tuple[np.ndarray, Sheet]:
    """The picture (size×size×3 uint8) and its surfaces."""
    saturation, thin = rng.uniform(1.15, 1.6), rng.uniform(0.22, 0.40)
    pencil = np.array(PENCILS[rng.integers(len(PENCILS))], np.float32)
    paper = np.array((0.985, 0.97, 0.94), np.float32) - np.float32(rng.uniform(0, 0.03))
    paper[2] -= rng.uniform(0, 0.04)
    border = rng.uniform(0.02, 0.065) if rng.random() < 0.55 else 0.0

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        first, second = (mixed(vivid(colour, saturation), WHITE, thin) for colour in (first, second))
        # a wash runs out: large shapes without a second colour get paler downwards
        runs = np.isnan(second[:, 0]) & (things.extent > 0.12)
        second[runs] = mixed(first[runs], WHITE, 0.35)
        return first, second

    look = Look(
        dye,
        line=rng.uniform(0.0065, 0.0100),
        contour=rng.uniform(0.65, 0.95),
        shade=0.26,
        marks=0.35,
        gap=rng.uniform(0.004, 0.009),
    )
    sheet = paint(plan, look, size, rng)
    grain = canvas.noise(size, 48, rng, octaves=3, gain=0.8)
    flow = canvas.noise(size, 3, rng, octaves=4, gain=0.55)
    colour = _feathered(colours(sheet, size), rng)
    soft = cv2.GaussianBlur(colour, (0, 0), 0.012 * size)
    near = cv2.GaussianBlur(colour, (0, 0), 0.0055 * size)
    wet = (0.9 * flow - 0.55).clip(0, 0.9)  # here the washes ran into each other
    # pigment pools along the inner side of a wash's edge, where it is darker than its surroundings
    pooled = (soft - colour).clip(0, None).sum(-1) * (1 - wet)
    rim = (near - colour).clip(0, None).sum(-1) * (1 - wet)
    density = -np.log(mixed(colour, soft, wet).clip(0.03, 1))
    amount = 1 + 0.20 * flow + (0.9 * pooled + 1.6 * rim).clip(0, 0.8) + 0.10 * grain
    shade = unit(sheet.shade, size)
    shade = 0.7 * shade + 0.3 * cv2.GaussianBlur(shade, (0, 0), 0.008 * size)
    density = density * amount[..., None]
    density += (0.34 * shade)[..., None] * (density + np.array((0.30, 0.26, 0.12), np.float32))
    if border:
        density *= _unpainted(size, border, flow)[..., None]
    picture = paper * np.exp(-density) * (1 + 0.018 * grain)[..., None]
    rough = (1.15 + 0.35 * grain).clip(0.25, 1)
    return as_picture(mixed(picture, pencil, unit(sheet.line, size) * rough)), sheet


def _feathered(colour: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Edges that crept along the fibres of the paper."""
    size = len(colour)
    x, y = (
        axis * size
        - np.float32(0.5)
        + np.float32(0.003 * size) * canvas.noise(size, 40, rng, octaves=2, gain=0.7)
        for axis in canvas.ramp(size)
    )
    return cv2.remap(colour, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _unpainted(size: int, border: float, flow: np.ndarray) -> np.ndarray:
    """1 inside, 0 on the rim of paper that the washes left free."""
    x, y = canvas.ramp(size)
    inside = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y)) - np.float32(border) * (1 + 0.35 * flow)
    return (inside * min(size, 160) * np.float32(0.8) + np.float32(0.5)).clip(0, 1)
