"""What is behind a sitter: a window, hills, leaves, a plain wall, shelves or a street.

A backdrop knows nothing of the domain: its outlines are the same in a photograph and in a drawing of one
subject. It lies far back, so the photograph shows it out of focus.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from animestudy.data.atelier.frame import Affine, Tone
from animestudy.data.atelier.outlines import crown, disc, heap, hillside, rectangle, smooth
from animestudy.data.atelier.sitter import Colour, mix
from animestudy.data.atelier.spec import Mood, Shape

WALLS: tuple[Colour, ...] = (
    (0.86, 0.80, 0.70),
    (0.70, 0.77, 0.78),
    (0.80, 0.70, 0.66),
    (0.62, 0.68, 0.58),
    (0.55, 0.58, 0.68),
    (0.91, 0.89, 0.86),
)
LEAVES: tuple[Colour, ...] = (
    (0.30, 0.50, 0.24),
    (0.42, 0.58, 0.26),
    (0.22, 0.42, 0.28),
    (0.72, 0.52, 0.22),
    (0.80, 0.42, 0.40),
)
BOOKS: tuple[Colour, ...] = (
    (0.52, 0.28, 0.24),
    (0.27, 0.35, 0.45),
    (0.72, 0.63, 0.44),
    (0.32, 0.41, 0.33),
    (0.45, 0.34, 0.42),
    (0.80, 0.76, 0.68),
)
FACADES: tuple[Colour, ...] = (
    (0.72, 0.60, 0.50),
    (0.58, 0.58, 0.62),
    (0.78, 0.70, 0.58),
    (0.62, 0.46, 0.40),
)
NIGHT: Colour = (0.10, 0.10, 0.14)
EVERYWHERE = (-0.3, -0.3, 1.3, 1.3)


@dataclass(frozen=True)
class Ground:
    """What a backdrop is painted on; `shapes` collects it, far things first."""

    rng: np.random.Generator
    mood: Mood
    tone: Tone
    lean: Affine
    shapes: list[Shape] = field(default_factory=list)

    def add(
        self,
        name: str,
        points: np.ndarray,
        colour: Colour,
        depth: float,
        second: Colour | None = None,
        strokes: Sequence[np.ndarray] = (),
        outline: float = 0.6,
        **look: object,
    ) -> None:
        """Put one more shape before the others. Colours are given as they are before the mood."""
        shape = Shape(
            name,
            self.lean(points),
            self.tone(colour),
            depth=depth,
            second=second and self.tone(second),
            strokes=tuple(self.lean(line) for line in strokes),
            outline=outline,
            mask="background",
            **look,  # type: ignore[arg-type]
        )
        self.shapes.append(shape)

    def one(self, colours: tuple[Colour, ...]) -> Colour:
        """Any of the colours."""
        return colours[self.rng.integers(len(colours))]

    @property
    def heaven(self) -> tuple[Colour, Colour]:
        """Colour of the sky at the zenith and at the horizon: a low sun reddens it."""
        low = float(np.clip(1.3 - 1.8 * self.mood.sun, 0, 1))
        return mix((0.36, 0.58, 0.86), (0.42, 0.42, 0.66), low), mix(
            (0.80, 0.90, 0.96), (0.98, 0.76, 0.56), low
        )


def backdrop(rng: np.random.Generator, mood: Mood, tone: Tone, lean: Affine) -> list[Shape]:
    """One of `BACKDROPS`, leaning as the whole picture does."""
    ground = Ground(rng, mood, tone, lean)
    BACKDROPS[rng.integers(len(BACKDROPS))](ground)
    return ground.shapes


def sky(g: Ground) -> None:
    """Sky with a few clouds."""
    zenith, horizon = g.heaven
    g.add("sky", rectangle(*EVERYWHERE), zenith, 1.0, second=horizon, outline=0)
    base = mix(horizon, (0.70, 0.74, 0.82), 0.5)
    for _ in range(g.rng.integers(2, 5)):
        x, y, wide = g.rng.uniform(-0.05, 1.05), g.rng.uniform(0.08, 0.55), g.rng.uniform(0.25, 0.5)
        cloud = heap(g.rng, x, y, wide, wide * g.rng.uniform(0.3, 0.45))
        g.add(
            "cloud", cloud, (0.98, 0.98, 0.98), 0.95, second=base, texture="cloud", blend=0.008, opacity=0.92
        )


def hills(g: Ground) -> None:
    """Sky over hills."""
    sky(g)
    green, base = g.one(LEAVES[:3]), g.mood.horizon + 0.08
    for k, depth in enumerate((0.95, 0.85, 0.75)):
        tint = mix(green, g.heaven[1], 0.55 - 0.25 * k)
        texture = "foliage" if k else "none"
        g.add("hill", hillside(g.rng, base + 0.10 * k, 0.10, 1.4), tint, depth, texture=texture)


def leaves(g: Ground) -> None:
    """Leaves in front of light, with spots of sky between them."""
    rng, green, horizon = g.rng, g.one(LEAVES), g.heaven[1]
    glade = mix(green, (0.1, 0.14, 0.1), 0.30)
    g.add("glade", rectangle(*EVERYWHERE), mix(green, horizon, 0.62), 1.0, second=glade, outline=0)
    for k in range(int(7 + 3 * g.mood.density)):
        x, y, r = rng.uniform(-0.05, 1.05), rng.uniform(-0.05, 0.95), rng.uniform(0.12, 0.24)
        tint = mix(mix(green, horizon, rng.uniform(0.0, 0.3)), (0.08, 0.14, 0.10), rng.uniform(0, 0.35))
        mass = crown(rng, x, y, r, 0.8 * r, int(rng.integers(8, 13)), 0.2, 60)
        g.add("leaves", mass, tint, 0.9 - 0.03 * (k % 6), texture="foliage", form="round", outline=0.5)
    for _ in range(5):
        spot = disc(rng.uniform(0, 1), rng.uniform(0, 0.6), rng.uniform(0.015, 0.04))
        g.add("light", spot, mix(horizon, (1, 1, 0.9), 0.5), 0.95, outline=0, opacity=0.6, blend=0.006)


def plain(g: Ground) -> None:
    """A wall with a field of slanting light on it."""
    rng, wall = g.rng, g.one(WALLS)
    g.add("wall", rectangle(*EVERYWHERE), wall, 0.7, second=mix(wall, (0.15, 0.13, 0.16), 0.22), outline=0)
    x, slant, wide = rng.uniform(0.0, 0.6), 0.35 * np.sign(g.mood.side), rng.uniform(0.25, 0.45)
    for left in x + (wide + 0.06) * np.arange(rng.integers(1, 3)):
        beam = [(left, -0.2), (left + wide, -0.2), (left + wide - slant, 1.2), (left - slant, 1.2)]
        glow = mix(wall, (1.0, 0.96, 0.84), 0.55)
        g.add("light", np.array(beam), glow, 0.7, outline=0, opacity=0.5, blend=0.02)
    if rng.random() < 0.5:
        g.add("rail", rectangle(-0.3, 0.80, 1.3, 0.835), mix(wall, (0.3, 0.22, 0.16), 0.45), 0.7, outline=0.5)


def window(g: Ground) -> None:
    """A room with a window, through which sky and hills show."""
    rng, wall = g.rng, g.one(WALLS)
    middle, wide = 0.5 + np.sign(g.mood.side) * rng.uniform(0.16, 0.30), rng.uniform(0.26, 0.34)
    top, low = rng.uniform(-0.05, 0.06), rng.uniform(0.62, 0.78)
    left, right, bar = middle - wide, middle + wide, (top + low) / 2 - 0.04
    sky(g)
    tint = mix(g.one(LEAVES[:3]), g.heaven[1], 0.3)
    g.add("hill", hillside(rng, low - 0.16, 0.08, 1.3), tint, 0.95, texture="foliage")
    dim = mix(wall, (0.12, 0.10, 0.14), 0.22)
    for part in (
        (-0.3, -0.3, left, 1.3),
        (right, -0.3, 1.3, 1.3),
        (left, -0.3, right, top),
        (left, low, right, 1.3),
    ):
        g.add("wall", rectangle(*part), wall, 0.75, second=dim, outline=0)
    for part in (
        (left - 0.025, top - 0.025, left + 0.012, low),
        (right - 0.012, top - 0.025, right + 0.025, low),
        (left, top - 0.025, right, top + 0.012),
        (middle - 0.012, top, middle + 0.012, low),
        (left, bar - 0.01, right, bar + 0.01),
        (left - 0.05, low - 0.012, right + 0.05, low + 0.03),
    ):
        g.add("frame", rectangle(*part), mix((0.93, 0.92, 0.89), wall, 0.25), 0.72)
    cloth = mix(g.one(WALLS), (0.92, 0.55, 0.45), rng.uniform(0, 0.5))
    for side, edge in ((-1, left), (1, right)):
        hem = [(-0.05, -0.3), (-0.045, 0.3), (0.01, 0.62), (0.02, 1.0)]
        drape = smooth(np.array(hem) * (side, 1) + (edge, 0), steps=5)
        back = np.stack([np.full(len(drape), edge + side * 0.13), drape[::-1, 1]], 1)
        folds = tuple(drape + np.array((side * k, 0)) for k in (0.045, 0.09))
        g.add(
            "curtain",
            np.concatenate([drape, back]),
            cloth,
            0.7,
            form="vertical",
            texture="cloth",
            strokes=folds,
        )


def shelves(g: Ground) -> None:
    """A wall of books."""
    rng, wood = g.rng, mix((0.46, 0.32, 0.22), g.one(WALLS), 0.2)
    g.add("wall", rectangle(*EVERYWHERE), mix(wood, (0.1, 0.07, 0.06), 0.5), 0.85, outline=0)
    start = rng.uniform(-0.28, -0.16)
    for floor in start + 0.30 * np.arange(1, 6):
        x = -0.2 + rng.uniform(0, 0.1)
        while x < 1.2:
            wide, tall, lean = rng.uniform(0.05, 0.095), rng.uniform(0.15, 0.23), rng.normal(0, 0.006)
            if rng.random() > 0.14 / g.mood.density:
                end = x + 0.94 * wide
                book = [(x + lean, floor - tall), (end + lean, floor - tall), (end, floor), (x, floor)]
                g.add("book", np.array(book), g.one(BOOKS), 0.8, form="vertical", outline=0.5)
            x += wide
        g.add("shelf", rectangle(-0.3, floor, 1.3, floor + 0.028), wood, 0.8)


def street(g: Ground) -> None:
    """Houses with lit windows under the sky."""
    rng, late = g.rng, g.mood.sun < 0.4
    sky(g)
    x = -0.25 + rng.uniform(0, 0.1)
    while x < 1.2:
        wide, top = rng.uniform(0.20, 0.34), rng.uniform(0.10, 0.50)
        tint = mix(g.one(FACADES), (0.24, 0.24, 0.34), 0.35 if late else 0.05)
        g.add("house", rectangle(x, top, x + wide, 1.3), tint, 0.88, second=mix(tint, NIGHT, 0.25))
        columns = max(2, int(wide / 0.095))
        pane = 0.44 * wide / columns
        for left in x + wide * (np.arange(columns) + 0.28) / columns:
            for y in np.arange(top + 0.06, 0.9, 0.15):
                lit = rng.random() < (0.55 if late else 0.12)
                glass = (0.98, 0.84, 0.52) if lit else mix((0.42, 0.52, 0.60), tint, 0.3)
                g.add("window", rectangle(left, y, left + pane, y + 0.08), glass, 0.88, outline=0.35)
        x += wide + rng.choice([0.0, 0.0, 0.06])


BACKDROPS = (window, hills, leaves, plain, shelves, street)
