"""Watercolour: transparent washes on white paper, pooled edges, granulation, a broken pencil line.

Pigment is laid down as optical density, as in Bousseau et al. 2006 ("Interactive watercolor rendering"):
edges, turbulence and paper change its amount, never its hue.
"""

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Look, Outlines, Sheet, paint
from animestudy.data.atelier.spec import Plan
from animestudy.data.atelier.styles.pigments import as_picture, mixed, unit, vivid

PENCILS = ((0.28, 0.24, 0.24), (0.34, 0.22, 0.16), (0.20, 0.23, 0.33))


def draw(plan: Plan, size: int, rng: np.random.Generator) -> tuple[np.ndarray, Sheet]:
    """The picture (size×size×3 uint8) and its surfaces."""
    saturation, thin = rng.uniform(1.05, 1.5), rng.uniform(0.25, 0.42)
    pencil = np.array(PENCILS[rng.integers(len(PENCILS))])
    paper = np.array((0.985, 0.97, 0.94)) - rng.uniform(0, 0.03) - (0, 0, rng.uniform(0, 0.04))
    border = rng.uniform(0.02, 0.065) if rng.random() < 0.55 else 0.0

    def dye(things: Outlines, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        thinned = [mixed(vivid(colours, saturation), (1.0, 1.0, 1.0), thin) for colours in (first, second)]
        # a wash runs out: large shapes without a second colour get paler downwards
        runs = np.isnan(thinned[1][:, 0]) & (things.extent > 0.12)
        thinned[1][runs] = mixed(thinned[0][runs], (1.0, 1.0, 1.0), 0.35)
        return thinned[0], thinned[1]

    look = Look(
        dye,
        line=rng.uniform(0.0070, 0.0105),
        contour=rng.uniform(0.70, 0.95),
        shade=0.26,
        marks=0.35,
        gap=rng.uniform(0.005, 0.010),
    )
    sheet = paint(plan, look, size, rng)
    grain = canvas.noise(size, 48, rng, octaves=3, gain=0.8)
    flow = canvas.noise(size, 3, rng, octaves=4, gain=0.6)
    colour = _feathered(unit(sheet.colour, size), rng)
    soft = cv2.GaussianBlur(colour, (0, 0), 0.010 * size)
    colour = mixed(colour, soft, (0.5 + 0.6 * flow).clip(0, 0.85))  # wet in wet
    density = -np.log(colour.clip(0.03, 1))
    edge = np.abs(colour - soft).sum(-1)
    amount = 1 + 0.28 * flow + 2.2 * edge.clip(0, 0.45) + 0.12 * grain
    shade = cv2.GaussianBlur(unit(sheet.shade, size), (0, 0), 0.004 * size)
    density = density * amount[..., None] + 0.30 * shade[..., None] * (density + np.array((0.34, 0.28, 0.16)))
    if border:
        density = density * _unpainted(size, border, flow)[..., None]
    rough = (1.25 + 0.55 * grain).clip(0.15, 1)
    picture = paper * np.exp(-density) * (1 + 0.018 * grain)[..., None]
    return as_picture(mixed(picture, pencil, unit(sheet.line, size) * rough)), sheet


def _feathered(colour: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Edges that crept along the fibres of the paper."""
    size = len(colour)
    x, y = (
        axis * size - 0.5 + 0.0035 * size * canvas.noise(size, 40, rng, octaves=2, gain=0.7)
        for axis in canvas.ramp(size)
    )
    return cv2.remap(colour, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _unpainted(size: int, border: float, flow: np.ndarray) -> np.ndarray:
    """1 inside, 0 on the rim of paper that the washes left free."""
    x, y = canvas.ramp(size)
    inside = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y)) - border * (1 + 0.35 * flow)
    return (inside * min(size, 160) * 0.8 + 0.5).clip(0, 1)
