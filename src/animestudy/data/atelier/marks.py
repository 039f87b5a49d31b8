"""Marks by which a drawing suggests a material: ticks of grass, leaves, bricks, ripples, cracks.

A mark is a short open line inside its shape; the hand draws it like every other line.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.spec import Shape

SMALLEST = 0.004  # area (in pictures) from which a shape is given marks
MOST = 14  # marks of one shape
GRID = 128  # cells along a side in which inside and outside are told apart


class Mark(NamedTuple):
    """How one texture is drawn."""

    line: Callable[[np.ndarray, np.ndarray], np.ndarray]  # two numbers 0 … 1 for each mark → …×K×2, unit size
    density: float  # marks on a whole picture
    size: float  # in picture sides
    ground: bool = False  # lies flat: larger towards the lower edge


def marks(
    shapes: Sequence[Shape], low: np.ndarray, high: np.ndarray, rng: np.random.Generator, amount: float = 1.0
) -> list[list[np.ndarray]]:
    """Marks for the textures of n shapes: for each shape a list of lines, each K×2.

    `low` and `high` (n×2) are the corners of the visible part of each shape's bounding box; `amount` is a
    factor of the number of marks. Open strokes and small shapes get none.
    """
    found: list[list[np.ndarray]] = [[] for _ in shapes]
    roomy = np.prod(high - low, axis=1) > SMALLEST
    for texture, mark in MARKS.items():
        chosen = [
            k for k, shape in enumerate(shapes) if shape.texture == texture and shape.closed and roomy[k]
        ]
        if not chosen:
            continue
        inside = np.zeros((len(chosen), GRID, GRID), np.uint8)
        for grid, k in zip(inside, chosen, strict=True):
            canvas.fill(grid, shapes[k].points, 1, GRID, smooth=False)
        for k, lines in zip(
            chosen, _drawn(mark, shapes, chosen, low, high, inside, rng, amount), strict=True
        ):
            found[k] = lines
    return found


def _drawn(
    mark: Mark,
    shapes: Sequence[Shape],
    chosen: list[int],
    low: np.ndarray,
    high: np.ndarray,
    inside: np.ndarray,
    rng: np.random.Generator,
    amount: float,
) -> list[list[np.ndarray]]:
    """The marks of all shapes of one texture; `inside` (shapes×GRID×GRID) tells where each of them is."""
    area = np.array([cv2.countNonZero(grid) for grid in inside]) / GRID**2
    number = amount * mark.density * area**0.6 + rng.random(len(chosen))
    number = np.where(area < SMALLEST, 0, np.minimum(number, MOST)).astype(int)
    low, high = low[chosen, None], high[chosen, None]
    share = rng.random((len(chosen), 2 * MOST, 2))
    spare = rng.random((2, len(chosen), 2 * MOST))
    # what is near is drawn larger: by depth, and on the ground by height in the picture
    depth = np.array([shapes[k].depth for k in chosen])
    size = (mark.size * (1 - 0.65 * depth) * np.minimum(1.0, area**0.35 / 0.3))[:, None]
    if mark.ground:
        size = size * (0.35 + 0.95 * share[..., 1])
    lines = (low + (high - low) * share)[:, :, None] + np.broadcast_to(size, share.shape[:2])[
        ..., None, None
    ] * mark.line(*spare)
    # both ends have to lie inside, or the mark sticks out
    column, row = (lines[:, :, [0, -1]] * GRID).astype(int).clip(0, GRID - 1).transpose(3, 0, 1, 2)
    good = inside[np.arange(len(chosen))[..., None, None], row, column].all(-1)
    return [list(some[fits][:wanted]) for some, fits, wanted in zip(lines, good, number, strict=True)]


def _paths(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.stack(np.broadcast_arrays(x, y), -1)


def _arc(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A leaf's edge: a small arch, a little turned."""
    t = np.linspace(-1, 1, 7)
    return _paths(t, -0.55 * (1 - t**2) + 0.9 * (a[..., None] - 0.5) * t) * (0.7 + 0.6 * b)[..., None, None]


def _tick(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A blade of grass: up, leaning and bent."""
    t = np.linspace(0, 1, 5)
    return _paths((a[..., None] - 0.5) * 0.9 * t**2, -t * (0.6 + 0.8 * b[..., None]))


def _ripple(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    t = np.linspace(-1, 1, 9)
    return _paths(t * (0.7 + 0.9 * b[..., None]), 0.07 * np.sin(5 * t + 6 * a[..., None]))


def _crack(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    bend, end = _paths(0.5 * (a - 0.3), 0.5), _paths(a - 0.5 + 0.3 * b, 0.8 + 0.5 * b)
    return np.stack([np.zeros_like(bend), bend, end], -2)


def _course(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The edge of a brick: along, then some way down."""
    drop = 0.35 * (a > 0.5)
    return np.stack([_paths(-0.4 - 0.2 * b, 0), _paths(0.4 + 0.2 * b, 0), _paths(0.4 + 0.2 * b, drop)], -2)


def _grain(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    t = np.linspace(0, 1, 5)
    return _paths(0.12 * np.sin(4 * t + 6 * a[..., None]), t * (0.7 + 0.8 * b[..., None]))


MARKS = {
    "grass": Mark(_tick, 30, 0.045, ground=True),
    "foliage": Mark(_arc, 60, 0.022),
    "bark": Mark(_grain, 60, 0.05),
    "brick": Mark(_course, 50, 0.035),
    "water": Mark(_ripple, 26, 0.065, ground=True),
    "rock": Mark(_crack, 30, 0.05),
    "cloth": Mark(_grain, 14, 0.07),
}
