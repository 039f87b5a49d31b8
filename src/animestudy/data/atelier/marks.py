"""Marks by which a drawing suggests a material: ticks of grass, leaves, bricks, ripples, cracks.

A mark is a short open line inside its shape; the hand draws it like every other line.
"""

from collections.abc import Callable

import numpy as np

from animestudy.data.atelier.spec import Shape

SMALLEST = 0.004  # area (in pictures) from which a shape is given marks
MOST = 16  # marks of one shape


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
    spare = rng.random((3 * MOST, 2))
    kept = np.flatnonzero(within(places, points))[:wanted]
    # what is near is drawn larger: by depth, and on the ground by height in the picture
    size = draw.size * (1 - 0.65 * shape.depth) * min(1.0, area**0.35 / 0.3)
    if draw.ground:
        size = size * (0.35 + 0.95 * (places[kept, 1] - low[1]) / max(high[1] - low[1], 1e-6))
    size = np.broadcast_to(size, len(kept))
    return [
        places[k] + s * draw.line(*spare[k])
        for k, s in zip(kept, size, strict=True)
        # both ends and the middle have to lie inside, or the mark sticks out
        if within(places[k] + s * draw.line(*spare[k])[[0, -1]], points).all()
    ]


def within(places: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Which of the places (N×2) lie inside a closed outline (K×2), by counting crossings: N bool."""
    x, y = places[:, 0, None], places[:, 1, None]
    x0, y0 = outline.T
    x1, y1 = np.roll(outline, -1, 0).T
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return crossing.sum(1) % 2 == 1


def _area(points: np.ndarray) -> float:
    x, y = points.T
    return abs(float(x @ np.roll(y, -1) - np.roll(x, -1) @ y)) / 2


def _arc(a: float, b: float) -> np.ndarray:
    """A leaf's edge: a small arch, a little turned."""
    t = np.linspace(-1, 1, 7)
    turn = 0.9 * (a - 0.5)
    return np.stack([t, -0.55 * (1 - t**2) + turn * t], 1) * (0.7 + 0.6 * b)


def _tick(a: float, b: float) -> np.ndarray:
    """A blade of grass: up, leaning and bent."""
    t = np.linspace(0, 1, 5)
    return np.stack([(a - 0.5) * 0.9 * t**2, -t * (0.6 + 0.8 * b)], 1)


def _ripple(a: float, b: float) -> np.ndarray:
    t = np.linspace(-1, 1, 9)
    return np.stack([t * (0.7 + 0.9 * b), 0.07 * np.sin(5 * t + 6 * a)], 1)


def _crack(a: float, b: float) -> np.ndarray:
    return np.array([(0, 0), (0.5 * (a - 0.3), 0.5), (a - 0.5 + 0.3 * b, 0.8 + 0.5 * b)])


def _course(a: float, b: float) -> np.ndarray:
    """The edge of a brick or tile: along, then down."""
    return np.array([(-0.5, 0), (0.5, 0), (0.5, 0.35)])[: 3 if a < 0.5 else 2] * (0.8 + 0.4 * b)


def _grain(a: float, b: float) -> np.ndarray:
    t = np.linspace(0, 1, 5)
    return np.stack([0.12 * np.sin(4 * t + 6 * a), t * (0.7 + 0.8 * b)], 1)


class Mark:
    """How one texture is drawn: the line (unit size), how many on a whole picture, how large, on the ground."""

    def __init__(
        self, line: Callable[[float, float], np.ndarray], density: float, size: float, ground: bool = False
    ) -> None:
        self.line, self.density, self.size, self.ground = line, density, size, ground


MARKS: dict[str, Mark] = {
    "grass": Mark(_tick, 30, 0.045, ground=True),
    "foliage": Mark(_arc, 60, 0.022),
    "bark": Mark(_grain, 60, 0.05),
    "brick": Mark(_course, 50, 0.035),
    "water": Mark(_ripple, 26, 0.065, ground=True),
    "rock": Mark(_crack, 30, 0.05),
    "cloth": Mark(_grain, 14, 0.07),
}
