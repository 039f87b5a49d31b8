"""Outlines in the unit square: the curves that everything in a picture is cut from.

All return K×2 float arrays, x to the right and y down. Randomness comes from the given stream alone.
"""

import math
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """A box, clockwise from the top left corner."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


def disc(x: float, y: float, rx: float, ry: float | None = None, count: int = 28) -> np.ndarray:
    """An ellipse with half axes `rx` and `ry` (a circle without `ry`)."""
    return _turn(count)[1] * np.array((rx, rx if ry is None else ry)) + np.array((x, y))


def smooth(
    points: Sequence[Sequence[float]] | np.ndarray, closed: bool = False, steps: int = 6
) -> np.ndarray:
    """A Catmull–Rom curve through `points` (…×K×2), `steps` points for each span."""
    points = np.asarray(points, float)
    return _catmull_rom(points.shape[-2], closed, steps) @ points


@cache
def _catmull_rom(count: int, closed: bool, steps: int) -> np.ndarray:
    """The matrix that leads from `count` points to the points of their curve."""
    rows = np.eye(count)
    if closed:
        padded = np.concatenate([rows[-1:], rows, rows[:2]])
    else:
        padded = np.concatenate([2 * rows[:1] - rows[1:2], rows, 2 * rows[-1:] - rows[-2:-1]])
    t = (np.arange(steps) / steps)[:, None]
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
    line = np.stack([steps(-0.3, 1.3, len(heights)), heights], 1)
    return np.concatenate([smooth(line, steps=3), [(1.3, bottom), (-0.3, bottom)]])


def peaks(
    rng: np.random.Generator, tops: Sequence[tuple[float, float, float]], base: float, rough: float = 0.12
) -> np.ndarray:
    """The crest line (129×2) of mountains given as (x, y of the top, half width at the base)."""
    x = steps(-0.3, 1.3, 129)
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
    chance = rng.random(lobes + 4).tolist()
    lean, lump, phase, depth = *chance[-4:-2], 6 * chance[-2], 6 * chance[-1]
    # lobes are wider on one side: their borders run ahead of an even division and fall behind it
    place = turn * (lobes / (2 * np.pi)) + circle @ (0.5 * math.cos(phase), 0.5 * math.sin(phase)) + lean + 1
    lobe = place.astype(int)
    way = place - lobe
    height = np.array([0.6 + 0.7 * part for part in chance[:lobes]]) * (2 * swell)
    radius = np.sqrt(way * (1 - way)) * height.take(lobe, mode="wrap") + (1 - swell)
    radius += circle @ (0.08 * lump * math.cos(depth), 0.08 * lump * math.sin(depth))
    return circle * (radius[:, None] * np.array((rx, ry))) + np.array((x, y))


def heap(
    rng: np.random.Generator, x: float, base: float, width: float, height: float, lobes: int = 7
) -> np.ndarray:
    """A cumulus cloud: round heads over a nearly flat base (`width` × `height`, `x` its middle)."""
    chance = rng.random((4, lobes))
    where = steps(-1, 1, lobes) + 0.24 * (chance[0] - 0.5)
    peak, u = 0.7 * (rng.random() - 0.5), steps(-1.12, 1.12, 72)
    tall = (1 - 0.85 * np.abs(where - peak) ** 1.5).clip(0.12, 1) * (0.7 + 0.3 * chance[1])
    radius = np.maximum(0.55 * tall, 0.16) * (0.75 + 0.35 * chance[2])
    reach = 1 - ((u[:, None] - where) / (0.95 * radius)) ** 2
    tops = np.where(reach > 0, tall - radius + radius * np.sqrt(np.maximum(reach, 0)), 0.0).max(1)
    upper = (u, -0.035 - tops)
    lower = (u[::-6], 0.06 * rng.random(12))
    return np.concatenate([upper, lower], 1).T * np.array((width / 2, height)) + np.array((x, base))


def limb(spine: Sequence[Sequence[float]] | np.ndarray, widths: Sequence[float] | np.ndarray) -> np.ndarray:
    """The closed outline of a stem along `spine` with the given full width at each of its points."""
    spine = np.ascontiguousarray(spine, float).view(complex)[:, 0]
    step = np.empty_like(spine)
    step[1:-1], step[0], step[-1] = spine[2:] - spine[:-2], spine[1] - spine[0], spine[-1] - spine[-2]
    across = step * (0.5j * np.asarray(widths) / (np.abs(step) + 1e-9))
    return np.concatenate([spine + across, (spine - across)[::-1]]).view(float).reshape(-1, 2)


def patch(quad: np.ndarray, left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """A rectangle given in a quad's own coordinates (0 … 1 from its first corner), laid into the quad."""
    weights = [
        ((1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v)
        for u, v in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]
    return np.array(weights) @ quad


def rows(quad: np.ndarray, count: int, across: bool = False) -> tuple[np.ndarray, ...]:
    """`count` lines inside a quad, along its first side or (`across`) along its second."""
    return tuple((_rows(count, across) @ quad).reshape(-1, 2, 2))


@cache
def _rows(count: int, across: bool) -> np.ndarray:
    """The ends of `rows` as weights of the corners of their quad."""
    corners = np.eye(4)[[0, 3, 2, 1] if across else slice(None)]
    at = ((np.arange(count) + 1) / (count + 1))[:, None]
    a, b, c, d = corners
    return np.stack([a + at * (d - a), b + at * (c - b)], 1).reshape(-1, 4)


@lru_cache(maxsize=512)
def steps(start: float, stop: float, count: int) -> np.ndarray:
    """As np.linspace, kept for the next call: not to be written into."""
    line = np.linspace(start, stop, count)
    line.flags.writeable = False
    return line


@lru_cache(maxsize=512)
def profile(count: int, at: tuple[float, ...], value: tuple[float, ...]) -> np.ndarray:
    """`count` values along a limb, straight between those given at places 0 … 1; kept for the next call."""
    line = np.interp(steps(0, 1, count), at, value)
    line.flags.writeable = False
    return line
