"""Marks by which a drawing suggests a material: ticks of grass, leaves, bricks, ripples, cracks.

A mark is a short open line inside its shape; the hand draws it like every other line.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.spec import Shape

SMALLEST = 0.004  # area (in pictures) from which a shape is given marks
MOST = 14  # marks of one shape
GRID = 128  # cells along a side in which inside and outside are told apart


class Mark(NamedTuple):
    """How one texture is drawn."""

    line: Callable[[np.ndarray, np.ndarray], np.ndarray]  # two numbers 0 … 1 for each of n → n×K×2, unit size
    density: float  # marks on a whole picture
    size: float  # in picture sides
    ground: bool = False  # lies flat: larger towards the lower edge


def marks(
    shape: Shape, low: np.ndarray, high: np.ndarray, rng: np.random.Generator, amount: float = 1.0
) -> list[np.ndarray]:
    """Marks for the texture of a closed shape, each K×2; `amount` is a factor of their number.

    `low` and `high` are the corners of the visible part of its bounding box.
    """
    draw = MARKS.get(shape.texture)
    if draw is None or not shape.closed or (high[0] - low[0]) * (high[1] - low[1]) < SMALLEST:
        return []
    points = np.asarray(shape.points, float)
    area = _area(points.clip(0, 1))
    if area < SMALLEST:
        return []
    wanted = int(min(MOST, amount * draw.density * area**0.6 + rng.random()))
    places = low + (high - low) * rng.random((2 * MOST, 2))
    spare = rng.random((2, 2 * MOST))
    # what is near is drawn larger: by depth, and on the ground by height in the picture
    size = draw.size * (1 - 0.65 * shape.depth) * min(1.0, area**0.35 / 0.3)
    if draw.ground:
        size = size * (0.35 + 0.95 * (places[:, 1] - low[1]) / max(high[1] - low[1], 1e-6))
    lines = places[:, None] + np.broadcast_to(size, len(places))[:, None, None] * draw.line(*spare)
    # both ends have to lie inside, or the mark sticks out
    inside = within(lines[:, [0, -1]].reshape(-1, 2), points).reshape(-1, 2).all(1)
    return list(lines[inside][:wanted])


def within(places: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Which of the places (N×2) lie inside a closed outline (K×2): N bool, to 1/GRID of the picture."""
    grid = np.zeros((GRID, GRID), np.uint8)
    canvas.fill(grid, outline, 1, GRID, smooth=False)
    column, row = (places * GRID).astype(int).T
    seen = (column >= 0) & (column < GRID) & (row >= 0) & (row < GRID)
    return seen & (grid[row * seen, column * seen] == 1)


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
