"""Where a head stands in the picture and how it is turned, and short ways to make the shapes on it.

Places on a head are given in its own coordinates: u to the right from the middle line and v down from the
crown, both in head heights (crown to chin).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from animestudy.data.atelier.outlines import smooth
from animestudy.data.atelier.sitter import Colour, Sitter, mix
from animestudy.data.atelier.spec import Shape, Subject

Tone = Callable[[Colour], Colour]
BODY, HEAD = 1, 2  # layers; the backdrop is 0

DARK: Colour = (0.09, 0.07, 0.08)
WHITE: Colour = (0.96, 0.95, 0.93)


class Affine:
    """A linear map of the plane: K×2 places → K×2 places."""

    def __init__(self, matrix: np.ndarray, offset: np.ndarray) -> None:
        self.matrix, self.offset = matrix, offset

    def __call__(self, places: object) -> np.ndarray:
        return np.asarray(places, float) @ self.matrix + self.offset

    def then(self, after: "Affine") -> "Affine":
        """This map followed by another."""
        return Affine(self.matrix @ after.matrix, after(self.offset))


def rotation(degrees: float, centre: tuple[float, float]) -> Affine:
    """Clockwise on the screen about `centre`, which stays where it is."""
    angle = np.deg2rad(degrees)
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    return Affine(turn, np.array(centre) - np.array(centre) @ turn)


@dataclass(frozen=True)
class Head:
    """Proportions of one head, in head heights, and where it stands in the picture."""

    drawn: bool  # anime proportions
    body: Affine  # body coordinates → picture: those of a head that is not tilted
    nod: Affine  # head coordinates → body coordinates: tilted about the neck
    at: Affine  # head coordinates → picture
    tall: float  # head height, in picture sides
    yaw: float  # radians
    half: float  # half width of the face
    eye_v: float
    eye_u: float  # distance of an eye from the middle line
    eye_w: float  # half width
    eye_h: float  # half height when open
    iris_w: float
    iris_h: float
    brow_v: float
    nose_v: float  # its base
    nose_w: float
    mouth_v: float
    mouth_w: float  # half width
    cheek: float  # how far the corner of the jaw stands out, 0 … 1

    def turned(self, places: object, depth: float = 0.0) -> np.ndarray:
        """Where places on the front of the head are once it is turned by `yaw`, head coordinates.

        `depth` is how far a place stands out of the face, in half widths.
        """
        places, sin, cos = np.array(places, float), math.sin(self.yaw), math.cos(self.yaw)
        across = np.minimum(np.maximum(places[:, 0] * (0.85 / self.half), -0.99), 0.99)
        # the sine of its angle on the head and the yaw together
        turned = cos * across + sin * np.sqrt(1 - across * across)
        places[:, 0] = (self.half / 0.85) * turned + self.half * depth * sin
        return places

    def on(self, places: object, depth: float = 0.0) -> np.ndarray:
        """Places on the front of the turned head → picture."""
        return self.at(self.turned(places, depth))

    @cached_property
    def outline(self) -> np.ndarray:
        """The face with the skull, closed, K×2 head coordinates, clockwise from the crown."""
        c = self.cheek
        right = DRAWN_FACE if self.drawn else FACE
        right = [(u + du * c, v) for u, v, du in right]
        points = [*right, (0, 1.0), *((-u, v) for u, v in right[:0:-1])]
        curve = smooth(np.array(points) * (self.half, 1), closed=True, steps=5)
        # the chin swings further than the skull when the head turns
        share = ((curve[:, 1] - 0.3) / 0.7).clip(0, 1)
        curve[:, 0] += 0.42 * self.half * math.sin(self.yaw) * share**1.5
        return curve


# Right half of a face from the crown to the chin: (u in half widths, v, what a square jaw adds to u).
FACE = (
    *((0, 0, 0), (0.56, 0.055, 0), (0.89, 0.20, 0), (1.0, 0.37, 0), (0.98, 0.53, 0), (0.90, 0.68, 0)),
    *((0.69, 0.845, 0.14), (0.42, 0.955, 0.12), (0.18, 0.996, 0.08)),
)
DRAWN_FACE = (
    *((0, 0, 0), (0.55, 0.055, 0), (0.89, 0.21, 0), (1.0, 0.40, 0), (1.0, 0.57, 0), (0.93, 0.715, 0)),
    *((0.56, 0.885, 0.14), (0.14, 0.985, 0.12)),
)


def head(subject: Subject, sitter: Sitter, lean: Affine) -> Head:
    """The head of `sitter` in the proportions of its domain; `lean` is that of the whole picture."""
    rng = subject.rng("pose")
    x, y, tall = 0.5 + rng.normal(0, 0.012), 0.150 + rng.normal(0, 0.008), 0.575 + rng.normal(0, 0.012)
    body = Affine(tall * np.eye(2), np.array((x - 0.05 * math.sin(sitter.yaw), y))).then(lean)
    nod = rotation(sitter.expression.tilt, (0.0, 0.95))
    yaw = sitter.yaw * (1.0 if subject.domain == "photo" else 0.75)  # large eyes need their room
    measures = (measured if subject.domain == "photo" else deformed)(sitter)
    return Head(subject.domain == "anime", body, nod, nod.then(body), tall, yaw, **measures)


def measured(sitter: Sitter) -> dict[str, float]:
    """Proportions of a person."""
    wide, soft, young = 0.325 + 0.04 * sitter.width, sitter.soft, 1 - sitter.age
    return {
        "half": wide,
        "eye_v": 0.510,
        "eye_u": 0.440 * wide,
        "eye_w": 0.068,
        "eye_h": 0.0265 + 0.005 * soft,
        "iris_w": 0.0305,
        "iris_h": 0.0305,
        "brow_v": 0.432 - 0.006 * soft,
        "nose_v": 0.712 - 0.02 * soft * young,
        "nose_w": 0.052 + 0.018 * sitter.nose - 0.008 * soft,
        "mouth_v": 0.818 - 0.008 * young,
        "mouth_w": 0.100 + 0.014 * (1 - soft),
        "cheek": sitter.jaw,
    }


def deformed(sitter: Sitter) -> dict[str, float]:
    """Proportions of a drawn figure: the size of the eyes tells youth and softness."""
    wide = 0.362 + 0.022 * sitter.width
    big = 0.58 * sitter.soft + 0.42 * (1 - sitter.age)
    return {
        "half": wide,
        "eye_v": 0.600 + 0.02 * big,
        "eye_u": 0.475 * wide,
        "eye_w": 0.094 + 0.012 * big,
        "eye_h": 0.058 + 0.046 * big,
        "iris_w": 0.056 + 0.014 * big,
        "iris_h": 0.062 + 0.034 * big,
        "brow_v": 0.478 - 0.016 * big,
        "nose_v": 0.790,
        "nose_w": 0.016,
        "mouth_v": 0.878,
        "mouth_w": 0.057,
        "cheek": sitter.jaw,
    }


def shadow(skin: Colour, depth: float = 1.0) -> Colour:
    """Skin in shade: darker and redder, `depth` 1 for a plain shadow, more for a deeper one."""
    red, green, blue = skin
    return mix(skin, (0.76 * red, 0.62 * green, 0.60 * blue), depth)


def solid(name: str, points: np.ndarray, colour: Colour, mask: str | None = None, **more: object) -> Shape:
    """A shape on the head without a contour."""
    return Shape(name, points, colour, mask=mask, layer=HEAD, **{"outline": 0.0, **more})  # type: ignore[arg-type]


def veil(name: str, points: np.ndarray, colour: Colour, opacity: float, blend: float = 0.0) -> Shape:
    """A patch of light or shade on the head that leaves what it lies on what it is."""
    return Shape(name, points, colour, outline=0.0, opacity=min(opacity, 0.49), blend=blend, layer=HEAD)


def stroke(name: str, points: np.ndarray, colour: Colour, width: float, mask: str | None = None) -> Shape:
    """A line on the head, `width` in picture sides."""
    return Shape(name, points, colour, closed=False, width=width, outline=0.0, mask=mask, layer=HEAD)
