"""Where and when a landscape is: season, hour, perspective, and the colour of everything in it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import cycle, islice
from typing import Any, NamedTuple

import numpy as np

from animestudy.data.atelier.mood import colour
from animestudy.data.atelier.spec import Mood, Shape

RGB = tuple[float, float, float]
SEASONS = ("spring", "summer", "autumn", "winter")
# Parts of a landscape that move together in a clip.
LAYERS = {
    "sky": 0,
    "clouds": 1,
    "birds": 2,
    "far": 3,
    "hills": 4,
    "middle": 5,
    "boat": 6,
    "figure": 7,
    "near": 8,
    "air": 9,
}

# Level of detail: the apparent height of a thing, in picture sides, below which it is drawn more simply.
# It does not depend on the pixels of the picture, so a composition is the same at every size.
DETAILED = 0.16  # below: few of the parts of a part (panes, clumps, twigs, ribs)
PLAIN = 0.09  # below: the main masses alone, without lines inside them
SPECK = 0.05  # below: a silhouette that casts no shadow
FINE = 0.30  # from here on outlines have all their points

# Colours of materials before season, hour and mood (sRGB).
BASE: dict[str, RGB] = {
    "earth": (0.64, 0.53, 0.39),
    "road": (0.76, 0.69, 0.56),
    "asphalt": (0.45, 0.46, 0.49),
    "paving": (0.70, 0.68, 0.65),
    "sand": (0.90, 0.82, 0.63),
    "rock": (0.55, 0.52, 0.50),
    "snow": (0.94, 0.96, 0.98),
    "water": (0.22, 0.46, 0.58),
    "foam": (0.95, 0.97, 0.97),
    "trunk": (0.40, 0.29, 0.21),
    "wood": (0.58, 0.42, 0.28),
    "plank": (0.66, 0.53, 0.38),
    "stone": (0.68, 0.66, 0.62),
    "glass": (0.38, 0.50, 0.60),
    "lamp": (1.00, 0.86, 0.52),
    "door": (0.42, 0.26, 0.19),
    "metal": (0.38, 0.40, 0.43),
    "vermilion": (0.82, 0.27, 0.18),
    "cloud": (0.97, 0.97, 0.98),
    "shadow": (0.10, 0.12, 0.22),
    "skin": (0.93, 0.76, 0.64),
    "dark": (0.16, 0.15, 0.19),
}
GRASS = {
    "spring": (0.50, 0.66, 0.31),
    "summer": (0.38, 0.58, 0.25),
    "autumn": (0.67, 0.60, 0.32),
    "winter": (0.87, 0.90, 0.94),
}
LEAVES: dict[str, tuple[RGB, ...]] = {
    "spring": ((0.45, 0.63, 0.28), (0.55, 0.70, 0.35), (0.94, 0.72, 0.78), (0.95, 0.80, 0.84)),
    "summer": ((0.24, 0.47, 0.21), (0.31, 0.54, 0.22), (0.20, 0.42, 0.24), (0.40, 0.57, 0.24)),
    "autumn": ((0.80, 0.46, 0.16), (0.74, 0.28, 0.15), (0.86, 0.66, 0.22), (0.52, 0.48, 0.22)),
    "winter": ((0.62, 0.66, 0.66), (0.80, 0.84, 0.87), (0.46, 0.50, 0.46), (0.86, 0.89, 0.92)),
}
NEEDLES = {
    "spring": (0.20, 0.42, 0.27),
    "summer": (0.16, 0.37, 0.24),
    "autumn": (0.22, 0.37, 0.24),
    "winter": (0.38, 0.50, 0.48),
}
WALLS: tuple[RGB, ...] = (
    (0.93, 0.88, 0.77),
    (0.95, 0.94, 0.90),
    (0.87, 0.72, 0.48),
    (0.72, 0.46, 0.36),
    (0.74, 0.80, 0.84),
    (0.90, 0.78, 0.72),
    (0.62, 0.52, 0.42),
)
ROOFS: tuple[RGB, ...] = (
    (0.72, 0.30, 0.22),
    (0.36, 0.40, 0.48),
    (0.55, 0.36, 0.26),
    (0.24, 0.43, 0.44),
    (0.80, 0.44, 0.28),
)
CLOTHES: tuple[RGB, ...] = (
    (0.78, 0.22, 0.20),
    (0.20, 0.32, 0.56),
    (0.92, 0.90, 0.86),
    (0.88, 0.66, 0.22),
    (0.24, 0.42, 0.36),
    (0.42, 0.28, 0.42),
)
PETALS: tuple[RGB, ...] = (
    (0.96, 0.95, 0.92),
    (0.95, 0.78, 0.24),
    (0.86, 0.30, 0.30),
    (0.72, 0.50, 0.80),
    (0.96, 0.62, 0.70),
)
# Sky at the zenith and the horizon: sun on the horizon, low sun (so that no grey lies between blue and
# orange), high sun.
LOW_SKY = ((0.33, 0.36, 0.62), (0.99, 0.66, 0.42))
SOFT_SKY = ((0.34, 0.53, 0.82), (0.97, 0.88, 0.82))
HIGH_SKY = ((0.24, 0.50, 0.86), (0.76, 0.89, 0.96))
GREY_SKY = ((0.58, 0.64, 0.70), (0.84, 0.87, 0.89))


def mixed(a: RGB, b: RGB, share: float) -> RGB:
    """`share` of `b` in `a`."""
    rest = 1 - share
    return rest * a[0] + share * b[0], rest * a[1] + share * b[1], rest * a[2] + share * b[2]


def darker(colour: RGB, factor: float) -> RGB:
    """A shade of `colour`."""
    return min(1.0, colour[0] * factor), min(1.0, colour[1] * factor), min(1.0, colour[2] * factor)


class Draft(NamedTuple):
    """A shape in the frame in which it was given; `Site.shapes` lays all of a picture out at once."""

    name: str
    colour: RGB
    depth: float
    layer: int
    frame: tuple[float, float, float, float]  # units and origin
    lines: list  # its outline and its inner lines, each K×2
    more: dict[str, Any]


@dataclass(frozen=True)
class Site:
    """The place of one picture. `add` collects its shapes, far ones first."""

    mood: Mood
    rng: np.random.Generator
    season: str
    grey: float  # 0 clear … 1 overcast
    distance: float = 1.0  # depth of what is painted next: 0 near … 1 far
    layer: str = "sky"  # what it moves with, one of LAYERS
    origin: tuple[float, float] = (0.0, 0.0)  # where the frame's (0, 0) lies in the picture
    unit: tuple[float, float] = (1.0, 1.0)  # length of the frame's axes in the picture
    drafts: list[Draft] = field(default_factory=list)
    chance: Iterator[tuple[float, ...]] = field(init=False)  # four normal numbers for every colour

    def __post_init__(self) -> None:
        numbers = cycle(self.rng.standard_normal(1024).tolist())
        object.__setattr__(self, "chance", zip(numbers, numbers, numbers, numbers))  # noqa: B905

    @property
    def tall(self) -> float:
        """The apparent height of the thing in whose frame this is, in picture sides."""
        return abs(self.unit[1])

    def fewer(self, points: int) -> int:
        """How many of the points that an outline has in full size this thing needs."""
        return points if self.tall >= FINE else 2 * points // 3 if self.tall >= DETAILED else points // 3

    @property
    def horizon(self) -> float:
        """Height of the horizon, 0 top … 1 bottom."""
        return self.mood.horizon

    @cached_property
    def low(self) -> float:
        """How low the sun stands: 0 midday … 1 dawn or dusk."""
        return min(1.0, max(0.0, 1.25 - 2.6 * self.mood.sun)) * (1 - 0.7 * self.grey)

    @cached_property
    def air(self) -> RGB:
        """The colour of the air between (Leonardo's aerial perspective: pale and bluish)."""
        glow = mixed(self._clear_sky(1), GREY_SKY[1], self.grey * 0.8)
        return colour(self.mood, mixed(glow, (0.55, 0.68, 0.86), 0.35))

    @property
    def haze(self) -> float:
        """How much of the air's colour lies over what is painted next."""
        return 0.0 if self.layer in ("sky", "clouds") else 0.75 * self.distance**2.2

    @property
    def light(self) -> float:
        """The side that the light comes from in the present frame: −1 left, 1 right."""
        return 1.0 if self.mood.side * self.unit[0] > 0 else -1.0

    def toned(self, base: RGB, jitter: float = 0.03, shade: float = 1.0) -> RGB:
        """`base`, varied by `jitter`, darkened by `shade`, as hour, mood and air let it be seen."""
        whole, red, green, blue = next(self.chance)
        varied = (
            max(0.02, base[0] * shade + jitter * (whole + 0.5 * red)),
            max(0.02, base[1] * shade + jitter * (whole + 0.5 * green)) * (1 - 0.07 * self.low),
            max(0.02, base[2] * shade + jitter * (whole + 0.5 * blue)) * (1 - 0.17 * self.low),
        )
        return mixed(colour(self.mood, varied), self.air, self.haze)

    def of(self, name: str, jitter: float = 0.03, shade: float = 1.0) -> RGB:
        """The colour of a material of `BASE`."""
        return self.toned(BASE[name], jitter, shade)

    def pick(self, choices: tuple[RGB, ...], jitter: float = 0.03, shade: float = 1.0) -> RGB:
        """One of several base colours, toned."""
        return self.toned(choices[int(self.rng.random() * len(choices))], jitter, shade)

    def grass(self, shade: float = 1.0) -> RGB:
        """The colour of meadow in this season."""
        return self.toned(GRASS[self.season], 0.025, shade)

    def leaves(self, shade: float = 1.0) -> RGB:
        """The colour of one leafy tree in this season."""
        return self.pick(LEAVES[self.season], 0.03, shade)

    def needles(self, shade: float = 1.0) -> RGB:
        """The colour of a conifer in this season."""
        return self.toned(NEEDLES[self.season], 0.02, shade)

    @cached_property
    def sky(self) -> tuple[RGB, RGB]:
        """Colours of zenith and horizon."""
        high, low = (mixed(self._clear_sky(k), GREY_SKY[k], 0.8 * self.grey) for k in (0, 1))
        clear = self.at(1.0, "sky")
        return clear.toned(high, 0.02), clear.toned(low, 0.015)

    def _clear_sky(self, k: int) -> RGB:
        if self.low < 0.5:
            return mixed(HIGH_SKY[k], SOFT_SKY[k], 2 * self.low)
        return mixed(SOFT_SKY[k], LOW_SKY[k], 2 * self.low - 1)

    def scale(self, y: float) -> float:
        """Size of things whose foot stands at `y`, relative to things at the lower edge."""
        return float(min(1.6, max(0.04, (y - self.horizon) / (1 - self.horizon))))

    def depth(self, y: float) -> float:
        """Depth of level ground at `y`."""
        return min(0.86, max(0.03, 0.86 - 0.80 * self.scale(y) ** 0.55))

    def count(self, usual: float) -> int:
        """How many of something, given the usual number: the density of the mood, rounded at random."""
        return int(usual * self.mood.density + self.rng.random())

    def places(self, number: int, left: float = 0.04, right: float = 0.96, mirror: float = 0.5) -> np.ndarray:
        """`number` positions over left … right, mirrored at `mirror` as far as the mood is symmetric."""
        if number == 0:
            return np.zeros(0)
        free = (np.arange(number) + self.rng.uniform(0.1, 0.9, number)) / number
        free = left + (right - left) * free
        half = free[: number // 2]
        twin = np.concatenate([half, [mirror] if number % 2 else [], 2 * mirror - half[::-1]])
        return (1 - self.mood.symmetry) * free + self.mood.symmetry * twin

    def at(self, distance: float, layer: str) -> "Site":
        """The same place (and list of shapes), painting at another distance and layer."""
        return self._but(distance=distance, layer=layer)

    def stand(self, x: float, y: float, height: float, flip: bool = False) -> "Site":
        """The same place in the frame of a thing: (0, 0) at its foot (x, y), (0, 1) `height` above it."""
        return self._but(origin=(x, y), unit=(-height if flip else height, -height))

    def aside(self) -> "Site":
        """The same place with an empty list: to draw things first and order them later."""
        return self._but(drafts=[])

    def _but(self, **changes: Any) -> "Site":  # noqa: ANN401
        # dataclasses.replace costs ten times as much, and a picture asks for a hundred frames
        other = object.__new__(Site)
        other.__dict__.update(self.__dict__, **changes)
        return other

    def add(self, name: str, points: np.ndarray | list, colour: RGB, **more: Any) -> None:  # noqa: ANN401
        """Paint one shape, given in the present frame, on top of those before.

        `more` are fields of `Shape`; `strokes`, `width` and `blend` are in the frame's units too. The
        whole composition leans by the mood's tilt about the middle of the picture.
        """
        if self.unit[0] not in (1.0, -1.0):
            length = abs(self.unit[0])
            for key in ("width", "blend"):
                if key in more:
                    more[key] *= length
        lines, frame = [points, *more.pop("strokes", ())], (*self.unit, *self.origin)
        self.drafts.append(Draft(name, colour, self.distance, LAYERS[self.layer], frame, lines, more))

    def shapes(self) -> tuple[Shape, ...]:
        """All that was added, in the picture; the whole composition leans by the mood's tilt."""
        count = [len(line) for draft in self.drafts for line in draft.lines]
        points = np.concatenate([line for draft in self.drafts for line in draft.lines], dtype=float)
        size = [sum(map(len, draft.lines)) for draft in self.drafts]
        frames = np.repeat(np.array([draft.frame for draft in self.drafts]), size, axis=0)
        points = points * frames[:, :2] + frames[:, 2:] - 0.5
        angle = math.radians(self.mood.tilt)
        cos, sin = math.cos(angle), math.sin(angle)
        points = points @ np.array(((cos, sin), (-sin, cos))) + 0.5
        ends = np.cumsum(count).tolist()
        parts = iter([points[end - k : end] for end, k in zip(ends, count, strict=True)])
        found = []
        for name, dye, depth, layer, _, lines, more in self.drafts:
            outline, *strokes = islice(parts, len(lines))
            found.append(Shape(name, outline, dye, depth, layer=layer, strokes=tuple(strokes), **more))
        return tuple(found)

    def placed(self, points: np.ndarray | list) -> np.ndarray:
        """Points of the present frame in the picture before it leans."""
        return np.asarray(points, float) * self.unit + self.origin
