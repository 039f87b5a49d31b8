"""Stubble, a moustache or a full beard."""

import numpy as np

from animestudy.data.atelier.frame import DARK, Head, Tone, solid, veil
from animestudy.data.atelier.outlines import smooth, steps
from animestudy.data.atelier.sitter import Sitter, mix
from animestudy.data.atelier.spec import Shape

# Upper edge of a beard from the right cheek to the lip: (u in half widths, v below the mouth).
CHEEK = ((0.80, -0.09), (0.40, -0.055), (0.26, -0.005), (0.24, 0.02))


def beard(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """What grows on the face of the sitter, if anything."""
    growth = {"": [], "stubble": [stubble], "moustache": [moustache], "full": [full, moustache]}
    return [part(h, sitter, tone) for part in growth[sitter.beard]]


def area(h: Head, grow: float, drop: float) -> np.ndarray:
    """The jaw below the cheeks around the mouth → picture."""
    start, v = 0.66 if h.drawn else 0.60, h.mouth_v
    jaw = h.outline
    edge = jaw[jaw[:, 1] > start] * (grow, 1) + (0, drop)  # from the right over the chin to the left
    right = [(0.96, start - v), *CHEEK]
    inner = np.array([*((-u, dv) for u, dv in right), (0, 0.045), *right[::-1]]) * (h.half, 1) + (0, v)
    return np.concatenate([h.at(edge), h.on(smooth(inner, steps=3))])


def stubble(h: Head, sitter: Sitter, tone: Tone) -> Shape:
    """A shadow of hair."""
    return veil("stubble", area(h, 1.0, 0.0), tone(mix(sitter.skin, sitter.hair, 0.55)), 0.42, 0.012)


def full(h: Head, sitter: Sitter, tone: Tone) -> Shape:
    """Beard on cheeks and chin."""
    colour = tone(mix(sitter.hair, DARK, 0.25))
    u, v = h.half * steps(-0.5, 0.5, 5 if h.drawn else 9), h.mouth_v
    strands = tuple(h.on([(x, v + 0.06), (0.98 * x, v + 0.10), (0.9 * x, v + 0.15)]) for x in u)
    points = area(h, 1.035, 0.012)
    return solid("beard", points, colour, "hair", form="round", texture="hair", strokes=strands, outline=0.8)


def moustache(h: Head, sitter: Sitter, tone: Tone) -> Shape:
    """Hair on the upper lip; its ends follow a smile."""
    v, lift = h.mouth_v, 0.012 * sitter.expression.smile
    top = (h.nose_v + v) / 2 - 0.012 if h.drawn else h.nose_v + 0.018
    half = h.mouth_w * (1.40 if h.drawn else 1.12)
    right = [
        (0.5 * half, top),
        (half, v - 0.012 - lift),
        (1.05 * half, v + 0.006 - lift),
        (0.6 * half, v - 0.020),
    ]
    points = [(0, top + 0.008), *right, (0, v - 0.026), *((-a, b) for a, b in right[::-1])]
    colour = tone(mix(sitter.hair, DARK, 0.25))
    return solid(
        "moustache", h.on(smooth(points, True, 3), 0.15), colour, "hair", texture="hair", outline=0.6
    )
