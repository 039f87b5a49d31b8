"""Outlines in the unit square: the curves that everything in a picture is cut from.

All return K×2 float arrays, x to the right and y down. Randomness comes from the given stream alone.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """A box, clockwise from the top left corner."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


def disc(x: float, y: float, rx: float, ry: float | None = None, count: int = 28) -> np.ndarray:
    """An ellipse with half axes `rx` and `ry` (a circle without `ry`)."""
    return _turn(count)[1] * (rx, rx if ry is None else ry) + (x, y)


def smooth(
    points: Sequence[Sequence[float]] | np.ndarray, closed: bool = False, steps: int = 6
) -> np.ndarray:
    """A Catmull–Rom curve through `points`, `steps` points for each span."""
    points = np.asarray(points, float)
    return _catmull_rom(len(points), closed, steps) @ points


@cache
def _catmull_rom(count: int, closed: bool, steps: int) -> np.ndarray:
    """The matrix that leads from `count` points to the points of their curve."""
    rows = np.eye(count)
    if closed:
        padded = np.concatenate([rows[-1:], rows, rows[:2]])
    else:
        padded = np.concatenate([2 * rows[:1] - rows[1:2], rows, 2 * rows[-1:] - rows[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    p0, p1, p2, p3 = (padded[k : len(padded) - 3 + k, None, :] for k in range(4))
    curve = (
        2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    curve = curve.reshape(-1, count) / 2
    return curve if closed else np.concatenate([curve, rows[-1:]])


@cache
def _turn(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Angles around a circle, and their unit vectors."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return turn, np.stack([np.cos(turn), np.sin(turn)], 1)


def fractal(rng: np.random.Generator, levels: int, rough: float) -> np.ndarray:
    """2^levels + 1 heights by midpoint displacement, about −1 … 1; `rough` is the factor for each level."""
    line, reach = rng.uniform(-0.5, 0.5, 2), 0.5
    for _ in range(levels):
        middle = (line[1:] + line[:-1]) / 2 + reach * rng.uniform(-1, 1, len(line) - 1)
        woven = np.empty(len(line) + len(middle))
        woven[::2], woven[1::2] = line, middle
        line, reach = woven, reach * rough
    return line


def hillside(
    rng: np.random.Generator, crest: float, height: float, bottom: float, levels: int = 4, rough: float = 0.5
) -> np.ndarray:
    """Land below a rolling crest line around `crest` that swings by `height`, from side to side."""
    heights = crest - height * fractal(rng, levels, rough)
    line = np.stack([np.linspace(-0.3, 1.3, len(heights)), heights], 1)
    return np.concatenate([smooth(line, steps=3), [(1.3, bottom), (-0.3, bottom)]])


def peaks(
    rng: np.random.Generator, tops: Sequence[tuple[float, float, float]], base: float, rough: float = 0.12
) -> np.ndarray:
    """The crest line (129×2) of mountains given as (x, y of the top, half width at the base)."""
    x = np.linspace(-0.3, 1.3, 129)
    line = np.full(len(x), base)
    for top_x, top_y, half in tops:
        reach = np.clip(np.abs(x - top_x) / half, 0, 1)
        line = np.minimum(line, base - (base - top_y) * (1 - reach) ** 1.15)
    jag = fractal(rng, 7, 0.62)
    return np.stack([x, line - rough * (base - line + 0.012) * jag], 1)


def below(line: np.ndarray, bottom: float) -> np.ndarray:
    """The closed land under an open crest line."""
    return np.concatenate([line, [(line[-1, 0], bottom), (line[0, 0], bottom)]])


def crown(
    rng: np.random.Generator,
    x: float,
    y: float,
    rx: float,
    ry: float,
    lobes: int = 9,
    swell: float = 0.16,
    count: int = 72,
) -> np.ndarray:
    """A leafy or billowing mass: an ellipse with rounded lobes of uneven size."""
    turn, circle = _turn(count)
    chance = rng.random((2, lobes))
    edges = (np.arange(lobes + 1) + 0.6 * chance[0, np.arange(lobes + 1) % lobes] - 0.3) * (2 * np.pi / lobes)
    turn = np.where(turn < edges[0], turn + 2 * np.pi, turn)
    place = np.searchsorted(edges, turn, side="right") - 1
    place[place == lobes] = 0
    way = ((turn - edges[place]) % (2 * np.pi)) / (edges[place + 1] - edges[place])
    bulge = np.sqrt(np.maximum(np.sin(np.pi * way), 0)) * (0.6 + 0.7 * chance[1])[place]
    lump, phase = rng.random(2) * (0.08, 6)
    radius = 1 - swell + swell * bulge + lump * np.sin(turn + phase)
    return circle * radius[:, None] * (rx, ry) + (x, y)


def heap(
    rng: np.random.Generator, x: float, base: float, width: float, height: float, lobes: int = 7
) -> np.ndarray:
    """A cumulus cloud: round heads over a nearly flat base (`width` × `height`, `x` its middle)."""
    where = np.linspace(-1, 1, lobes) + rng.uniform(-0.12, 0.12, lobes)
    peak = rng.uniform(-0.35, 0.35)
    tall = np.clip(1 - np.abs(where - peak) ** 1.5 * 0.85, 0.12, 1) * rng.uniform(0.7, 1.0, lobes)
    radius = np.clip(tall * 0.55, 0.16, None) * rng.uniform(0.75, 1.1, lobes)
    u = np.linspace(-1.12, 1.12, 72)
    reach = 1 - ((u[:, None] - where) / (radius * 0.95)) ** 2
    tops = np.where(reach > 0, tall - radius + radius * np.sqrt(np.clip(reach, 0, None)), 0.0).max(1)
    shape = 0.035 + np.clip(tops, 0, None)
    upper = np.stack([x + u * width / 2, base - height * shape], 1)
    lower = np.stack([x + u[::-6] * width / 2, base + height * rng.uniform(0.0, 0.06, len(u[::-6]))], 1)
    return np.concatenate([upper, lower])


def limb(spine: Sequence[Sequence[float]] | np.ndarray, widths: Sequence[float] | np.ndarray) -> np.ndarray:
    """The closed outline of a stem along `spine` with the given full width at each of its points."""
    spine = np.asarray(spine, float)
    along = np.empty_like(spine)
    along[1:-1], along[0], along[-1] = spine[2:] - spine[:-2], spine[1] - spine[0], spine[-1] - spine[-2]
    half = np.asarray(widths, float) / 2 / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)
    across = np.stack([-along[:, 1] * half, along[:, 0] * half], 1)
    return np.concatenate([spine + across, (spine - across)[::-1]])


def patch(quad: np.ndarray, left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """A rectangle given in a quad's own coordinates (0 … 1 from its first corner), laid into the quad."""
    weights = [
        ((1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v)
        for u, v in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    return np.array(weights) @ quad


def rows(quad: np.ndarray, count: int, across: bool = False) -> tuple[np.ndarray, ...]:
    """`count` lines inside a quad, along its first side or (`across`) along its second."""
    a, b, c, d = np.asarray(quad, float)
    if across:
        b, d = d, b
    at = ((np.arange(count) + 1) / (count + 1))[:, None]
    return tuple(np.stack([a + at * (d - a), b + at * (c - b)], 1))
