"""Marks by which a drawing suggests a material: ticks of grass, leaves, bricks, ripples, cracks.

A mark is a short open line inside its shape; the hand draws it like every other line.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from animestudy.data.atelier.outlines import steps
from animestudy.data.atelier.spec import Shape

SMALLEST = 0.004  # area (in pictures) from which a shape is given marks
MOST = 14  # marks of one shape
GRID = 192  # cells along a side in which it is told which shape is on top


class Mark(NamedTuple):
    """How one texture is drawn."""

    line: Callable[[np.ndarray, np.ndarray], np.ndarray]  # two numbers 0 … 1 for each mark → …×K×2, unit size
    density: float  # marks on a whole picture
    size: float  # in picture sides
    ground: bool = False  # lies flat: larger towards the lower edge


def marks(
    shapes: Sequence[Shape],
    low: np.ndarray,
    high: np.ndarray,
    owner: np.ndarray,
    rng: np.random.Generator,
    amount: float = 1.0,
) -> list[list[np.ndarray]]:
    """Marks for the textures of n shapes where they are on top: for each shape a list of lines, each K×2.

    `low` and `high` (n×2) are the corners of the visible part of each shape's bounding box, `owner`
    (GRID×GRID) is 1 + the number of the shape on top; `amount` is a factor of the number of marks. Open
    strokes and small shapes get none.
    """
    found: list[list[np.ndarray]] = [[] for _ in shapes]
    area = np.bincount(owner.ravel(), minlength=len(shapes) + 1)[1:] / GRID**2
    large = np.flatnonzero(area > SMALLEST).tolist()
    for texture, mark in MARKS.items():
        if chosen := [k for k in large if shapes[k].texture == texture]:
            depth = np.array([shapes[k].depth for k in chosen])
            boxes = low[chosen, None], high[chosen, None]
            lines = _drawn(mark, depth, *boxes, area[chosen], rng, amount)
            # both ends have to lie on the shape, or the mark sticks out
            column, row = (lines[0][:, :, [0, -1]] * GRID).astype(int).clip(0, GRID - 1).transpose(3, 0, 1, 2)
            good = (owner[row, column] == np.array(chosen)[:, None, None] + 1).all(-1)
            for k, some, fits, wanted in zip(chosen, lines[0], good, lines[1], strict=True):
                found[k] = list(some[fits][:wanted])
    return found


def _drawn(
    mark: Mark,
    depth: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    area: np.ndarray,
    rng: np.random.Generator,
    amount: float,
) -> tuple[np.ndarray, np.ndarray]:
    """More marks than needed for all n shapes of one texture, n×many×K×2, and how many are wanted, n."""
    number = amount * mark.density * area**0.6 + rng.random(len(area))
    share = rng.random((len(area), 2 * MOST, 2))
    spare = rng.random((2, len(area), 2 * MOST))
    # what is near is drawn larger: by depth, and on the ground by height in the picture
    size = (mark.size * (1 - 0.65 * depth) * np.minimum(1.0, area**0.35 / 0.3))[:, None]
    if mark.ground:
        size = size * (0.35 + 0.95 * share[..., 1])
    size = np.broadcast_to(size, share.shape[:2])[..., None, None]
    lines = (low + (high - low) * share)[:, :, None] + size * mark.line(*spare)
    return lines, np.minimum(number, MOST).astype(int)


def _paths(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.stack(np.broadcast_arrays(x, y), -1)


def _arc(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A leaf's edge: a small arch, a little turned."""
    t = steps(-1, 1, 7)
    return _paths(t, -0.55 * (1 - t**2) + 0.9 * (a[..., None] - 0.5) * t) * (0.7 + 0.6 * b)[..., None, None]


def _tick(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A blade of grass: up, leaning and bent."""
    t = steps(0, 1, 5)
    return _paths((a[..., None] - 0.5) * 0.9 * t**2, -t * (0.6 + 0.8 * b[..., None]))


def _ripple(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    t = steps(-1, 1, 9)
    return _paths(t * (0.7 + 0.9 * b[..., None]), 0.07 * np.sin(5 * t + 6 * a[..., None]))


def _crack(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    bend, end = _paths(0.5 * (a - 0.3), 0.5), _paths(a - 0.5 + 0.3 * b, 0.8 + 0.5 * b)
    return np.stack([np.zeros_like(bend), bend, end], -2)


def _course(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The edge of a brick: along, then some way down."""
    drop = 0.35 * (a > 0.5)
    return np.stack([_paths(-0.4 - 0.2 * b, 0), _paths(0.4 + 0.2 * b, 0), _paths(0.4 + 0.2 * b, drop)], -2)


def _grain(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    t = steps(0, 1, 5)
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
