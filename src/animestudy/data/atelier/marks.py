"""Marks by which a drawing suggests a material: ticks of grass, leaves, bricks, ripples, cracks.

A mark is a short open line inside its shape; the hand draws it like every other line.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from animestudy.data.atelier.spec import Shape

SMALLEST = 0.004  # area (in pictures) from which a shape is given marks
MOST = 16  # marks of one shape


class Mark(NamedTuple):
    """How one texture is drawn."""

    line: Callable[[np.ndarray, np.ndarray], np.ndarray]  # two numbers 0 … 1 for each of n → n×K×2, unit size
    density: float  # marks on a whole picture
    size: float  # in picture sides
    ground: bool = False  # lies flat: larger towards the lower edge


def marks(shape: Shape, rng: np.random.Generator, amount: float = 1.0) -> list[np.ndarray]:
    """Marks for the texture of a closed shape, each K×2; `amount` is a factor of their number."""
    draw = MARKS.get(shape.texture)
    if draw is None or not shape.closed:
        return []
    points = np.asarray(shape.points, float)
    low, high = points.min(0).clip(0, 1), points.max(0).clip(0, 1)
    area = _area(points.clip(0, 1))
    if area < SMALLEST:
        return []
    wanted = int(min(MOST, amount * draw.density * area**0.6 + rng.random()))
    places = low + (high - low) * rng.random((3 * MOST, 2))
    spare = rng.random((2, 3 * MOST))
    # what is near is drawn larger: by depth, and on the ground by height in the picture
    size = draw.size * (1 - 0.65 * shape.depth) * min(1.0, area**0.35 / 0.3)
    if draw.ground:
        size = size * (0.35 + 0.95 * (places[:, 1] - low[1]) / max(high[1] - low[1], 1e-6))
    lines = places[:, None] + np.broadcast_to(size, len(places))[:, None, None] * draw.line(*spare)
    # both ends have to lie inside, or the mark sticks out
    inside = within(lines[:, 0], points) & within(lines[:, -1], points)
    return list(lines[inside][:wanted])


def within(places: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Which of the places (N×2) lie inside a closed outline (K×2), by counting crossings: N bool."""
    x, y = places[:, 0, None], places[:, 1, None]
    x0, y0 = outline.T
    x1, y1 = np.append(x0[1:], x0[0]), np.append(y0[1:], y0[0])
    slope = (x1 - x0) / np.where(y1 == y0, 1, y1 - y0)
    crossing = ((y0 > y) != (y1 > y)) & (x < x0 + slope * (y - y0))
    return crossing.sum(1) % 2 == 1


def _area(points: np.ndarray) -> float:
    x, y = points.T
    return abs(float(x[:-1] @ y[1:] - x[1:] @ y[:-1] + x[-1] * y[0] - x[0] * y[-1])) / 2


def _paths(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.stack(np.broadcast_arrays(x, y), -1)


def _arc(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A leaf's edge: a small arch, a little turned."""
    t = np.linspace(-1, 1, 7)
    return _paths(t, -0.55 * (1 - t**2) + 0.9 * (a[:, None] - 0.5) * t) * (0.7 + 0.6 * b)[:, None, None]


def _tick(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A blade of grass: up, leaning and bent."""
    t = np.linspace(0, 1, 5)
    return _paths((a[:, None] - 0.5) * 0.9 * t**2, -t * (0.6 + 0.8 * b[:, None]))


def _ripple(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    t = np.linspace(-1, 1, 9)
    return _paths(t * (0.7 + 0.9 * b[:, None]), 0.07 * np.sin(5 * t + 6 * a[:, None]))


def _crack(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    start = np.zeros((len(a), 2))
    bend, end = _paths(0.5 * (a - 0.3), 0.5), _paths(a - 0.5 + 0.3 * b, 0.8 + 0.5 * b)
    return np.stack([start, bend, end], 1)


def _course(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The edge of a brick: along, then some way down."""
    drop = 0.35 * (a > 0.5)
    return np.stack([_paths(-0.4 - 0.2 * b, 0), _paths(0.4 + 0.2 * b, 0), _paths(0.4 + 0.2 * b, drop)], 1)


def _grain(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    t = np.linspace(0, 1, 5)
    return _paths(0.12 * np.sin(4 * t + 6 * a[:, None]), t * (0.7 + 0.8 * b[:, None]))


MARKS = {
    "grass": Mark(_tick, 30, 0.045, ground=True),
    "foliage": Mark(_arc, 60, 0.022),
    "bark": Mark(_grain, 60, 0.05),
    "brick": Mark(_course, 50, 0.035),
    "water": Mark(_ripple, 26, 0.065, ground=True),
    "rock": Mark(_crack, 30, 0.05),
    "cloth": Mark(_grain, 14, 0.07),
}
