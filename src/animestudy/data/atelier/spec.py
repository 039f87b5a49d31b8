"""The vocabulary of the atelier: what a picture is, before anything is drawn.

A *subject* says everything that determines one picture. A builder (`scene`, `portrait`) turns it into
*shapes*: outlines in the unit square with colour, depth and texture. A renderer (`photo` or one of the five
anime `styles`) turns shapes into pixels. So both domains, all styles and every clip share one geometry.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

STYLES = ("cel", "watercolour", "ink", "gouache", "screentone")
PSYCHOLOGIES = ("resolute", "tranquil", "anxious", "melancholic", "joyful")

# Bit k of masks.npy. The first two are known causes: pixels that carry the local cue, and pixels of a
# mark that no label depends on. The others name parts of the picture.
MASKS = ("line_cue", "decoy", "background", "figure", "face", "eyes", "brows", "nose", "mouth", "hair")

Texture = Literal[
    "none", "grass", "foliage", "bark", "brick", "roof", "water", "cloud", "rock", "skin", "hair", "cloth"
]
Form = Literal["flat", "round", "vertical", "horizontal"]


@dataclass(frozen=True)
class Subject:
    """One picture. Partners of a pair differ in `domain` alone."""

    seed: int  # of the geometry, the palette and every random choice
    kind: Literal["scene", "portrait"] = "scene"
    domain: Literal["photo", "anime"] = "anime"
    style: str = ""  # one of STYLES; empty in the photo domain
    psychology: str = ""  # one of PSYCHOLOGIES; empty = neutral
    local: float = 1.0  # strength of the local cue (the lines), 0 = none
    overall: float = 1.0  # strength of the global cue (composition, palette, light), 0 = none
    decoy: bool = True  # whether the mark that no label depends on may be drawn

    def rng(self, purpose: str) -> np.random.Generator:
        """An independent stream for each purpose: the same for every domain, size, core and order."""
        return np.random.default_rng([self.seed, *purpose.encode()])


@dataclass(frozen=True)
class Mood:
    """The global cue as numbers; neutral values are the defaults."""

    warmth: float = 0.0  # −1 cold … 1 warm
    saturation: float = 1.0  # factor
    brightness: float = 0.0  # added to the value, −0.3 … 0.3
    contrast: float = 1.0  # factor around mid grey
    horizon: float = 0.55  # height of the horizon, 0 top … 1 bottom
    tilt: float = 0.0  # degrees by which the composition leans
    density: float = 1.0  # how many things stand in the picture, factor
    symmetry: float = 0.0  # 0 free … 1 mirrored composition
    sun: float = 0.5  # height of the light, 0 at the horizon … 1 above
    side: float = -0.5  # where the light comes from, −1 left … 1 right


@dataclass(frozen=True)
class Hand:
    """The local cue as numbers: how this painter draws a line; neutral values are the defaults."""

    weight: float = 1.0  # line width, factor
    tremor: float = 0.0  # high-frequency jitter across the line, in line widths
    wave: float = 0.0  # slow winding across the line, in line widths
    straighten: float = 0.0  # 0 keeps curves … 1 draws them as a few straight strokes
    breaks: float = 0.0  # share of the line left open
    taper: float = 0.3  # how thin the ends run, 0 … 1
    overshoot: float = 0.0  # by how much strokes run past their corners, in line widths
    bounce: float = 0.0  # rhythmic swelling of the width along the line, 0 … 1
    strength: float = 1.0  # darkness of the line, 0 … 1


@dataclass(frozen=True)
class Shape:
    """A closed outline or an open stroke; lists of shapes are painted in order, far things first."""

    name: str  # what it is: "sky", "hill", "roof", "iris" …
    points: np.ndarray  # K×2 float, x to the right and y down, the picture is [0, 1]²; may leave it
    colour: tuple[float, float, float]  # sRGB, 0 … 1, after the mood
    depth: float = 0.0  # 0 near … 1 far: haze, defocus, weight of the contour
    form: Form = "flat"  # how light falls on it
    texture: Texture = "none"
    outline: float = 1.0  # weight of its contour, factor; 0 = none
    closed: bool = True  # False: a stroke, `width` wide
    width: float = 0.0  # of an open stroke, in picture sides
    gloss: float = 0.0  # highlight, 0 … 1 (eyes, water, glass, hair)
    opacity: float = 1.0
    blend: float = 0.0  # softness of its edge in the photo domain, in picture sides (clouds, cheeks)
    second: tuple[float, float, float] | None = None  # colour at the other end of a vertical gradient
    mask: str | None = None  # the part of MASKS that it belongs to
    strokes: tuple[np.ndarray, ...] = ()  # inner lines (folds, strands, bricks), each K×2, drawn by the hand
    layer: int = 0  # shapes of one layer move together in a clip


@dataclass(frozen=True)
class Plan:
    """What a builder returns: the shapes and the light they stand in."""

    shapes: tuple[Shape, ...]
    mood: Mood
    hand: Hand


@dataclass
class Picture:
    """Pixels (H×W×3 uint8, RGB) and the masks by name (H×W bool)."""

    image: np.ndarray
    masks: dict[str, np.ndarray] = field(default_factory=dict)
