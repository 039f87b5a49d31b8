"""What the camera's and the painter's eyes have in common: lids, gaze and brows."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from animestudy.data.atelier.frame import DARK, Head, Tone, solid
from animestudy.data.atelier.outlines import disc, limb, smooth, steps
from animestudy.data.atelier.sitter import Sitter, mix
from animestudy.data.atelier.spec import Shape

# Upper and lower lid of an open eye, x from the nose (−1) to the temple (1), y in half heights.
LIDS = (
    ((-1, 0.42), (-0.86, 0.02), (-0.45, -0.72), (0.05, -1.0), (0.55, -0.78), (1, 0.10)),
    ((-1, 0.42), (-0.65, 0.62), (0.0, 0.92), (0.55, 0.80), (1, 0.10)),
)
DRAWN_LIDS = (
    ((-1, 0.10), (-0.86, -0.42), (-0.45, -0.90), (0.05, -1.02), (0.60, -0.80), (1, -0.15)),
    ((-1, 0.10), (-0.72, 0.72), (-0.15, 1.0), (0.45, 0.90), (0.82, 0.45), (1, -0.15)),
)


@dataclass(frozen=True)
class Opening:
    """The opening between the lids of one eye, in its own coordinates: x as in `LIDS`, y in half heights."""

    side: int  # −1 the left one in the picture, 1 the right one
    slant: float
    x: np.ndarray
    upper: np.ndarray
    lower: np.ndarray

    def on(self, h: Head, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Eye coordinates → picture."""
        u, v = self.side * (h.eye_u + x * h.eye_w), h.eye_v + y * h.eye_h - 0.016 * self.slant * x
        return h.on(np.stack([u, v], 1))

    def between(self, h: Head, above: np.ndarray, below: np.ndarray) -> np.ndarray:
        """The closed area between two lines over `x` → picture."""
        return self.on(h, np.concatenate([self.x, self.x[::-1]]), np.concatenate([above, below[::-1]]))

    def round(self, h: Head, x: float, y: float, rx: float, ry: float) -> np.ndarray:
        """An ellipse, as far as the lids leave it free → picture."""
        x, y = disc(x, y, rx, ry, 24).T
        x = np.minimum(np.maximum(x, -0.98), 0.98)
        y = np.maximum(y, np.interp(x, self.x, self.upper))
        return self.on(h, x, np.minimum(y, np.interp(x, self.x, self.lower)))


def opening(h: Head, sitter: Sitter, side: int) -> Opening:
    """How far the lids of one eye are open."""
    e = sitter.expression
    x = steps(-1, 1, 21)
    top, bottom = open_lids(h.drawn)
    bottom = np.where(bottom > 0, bottom * (1 - 0.5 * e.cheek), bottom)
    top = 0.9 - (0.9 - top) * e.lids
    return Opening(side, sitter.slant, x, np.minimum(top, bottom - 0.04 * (1 - x**6)), bottom)


@cache
def open_lids(drawn: bool) -> tuple[np.ndarray, np.ndarray]:
    """Heights of the upper and the lower lid of an eye at rest."""
    upper, lower = DRAWN_LIDS if drawn else LIDS
    x = steps(-1, 1, 21)
    return np.interp(x, *smooth(upper, steps=6).T), np.interp(x, *smooth(lower, steps=6).T)


def iris_at(h: Head, sitter: Sitter, lids: Opening) -> tuple[float, float]:
    """Centre of the iris in eye coordinates; both eyes look the same way."""
    e = sitter.expression
    room = 1 - 0.75 * h.iris_w / h.eye_w
    rest = -0.02 if h.drawn else -0.08
    return lids.side * 0.9 * e.look * room - 0.05, rest + 0.30 * e.down + 0.10 * max(0, 1 - e.lids)


def brows(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """Both brows: where they stand and how they lean carries much of the expression."""
    e, colour = sitter.expression, mix(sitter.hair, DARK, 0.35)
    heavy, span = (0.010 + 0.014 * sitter.brows, 0.95) if h.drawn else (0.013 + 0.016 * sitter.brows, 1.12)
    if not h.drawn:
        colour = mix(colour, sitter.skin, 0.30 - 0.2 * sitter.brows)
    x = steps(-1.0, 1.12, 13)
    arch = -0.020 * (1 - ((x - 0.25) / 1.25) ** 2) * (0.7 + 0.6 * sitter.soft)
    lean = e.frown * (0.026 * np.clip(0.35 - x, 0, None) ** 1.2 - 0.006 * np.clip(x, 0, None))
    v = h.brow_v + 0.014 + arch + lean - 0.024 * e.brow - 0.010 * sitter.slant * x
    u = h.eye_u + x * span * h.eye_w - 0.008 * max(e.frown, 0) * np.clip(-x, 0, None)
    width = heavy * np.interp(x, (-1, -0.6, 0.2, 1.12), (0.65, 1.0, 0.80, 0.14)) * h.tall
    return [
        solid(
            "brow", limb(h.on(np.stack([side * u, v], 1), 0.03), width), tone(colour), "brows", texture="hair"
        )
        for side in (-1, 1)
    ]
