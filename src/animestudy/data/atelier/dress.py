"""Neck, shoulders and clothes. Places are in body coordinates: those of a head that is not tilted."""

from dataclasses import dataclass

import numpy as np

from animestudy.data.atelier.frame import BODY, DARK, WHITE, Head, Tone, shadow
from animestudy.data.atelier.outlines import disc, limb, smooth, steps
from animestudy.data.atelier.sitter import Colour, Sitter, mix
from animestudy.data.atelier.spec import Shape

Places = list[tuple[float, float]]
# Lowest point of the neckline of each garment, v.
NECKLINE = {
    "tee": 1.235,
    "vee": 1.36,
    "shirt": 1.20,
    "hoodie": 1.20,
    "blazer": 1.45,
    "turtleneck": 1.12,
    "scarf": 1.14,
}


def line(h: Head, places: Places, mirror: int = 1) -> np.ndarray:
    """Places on the body → picture; `mirror` −1 takes them on the other side."""
    return h.body(np.array(places) * (mirror, 1))


def mirrored(h: Head, right: Places) -> np.ndarray:
    """A symmetrical closed outline from its right half."""
    return np.concatenate([line(h, right), line(h, right, -1)[::-1]])


def worn(name: str, points: np.ndarray, colour: Colour, **more: object) -> Shape:
    """A piece of clothing."""
    return Shape(name, points, colour, **{"texture": "cloth", "layer": BODY, "mask": "figure", **more})  # type: ignore[arg-type]


def fold(colour: Colour, share: float = 0.3) -> Colour:
    """Cloth in a fold."""
    return mix(colour, (0.05, 0.04, 0.09), share)


@dataclass(frozen=True)
class Build:
    """Measures of the shoulders, in head heights."""

    reach: float  # half width
    collar: float  # half width of the neckline
    top: float  # where the neckline begins, v
    slope: float  # height of the shoulder's end, v


def measure(h: Head, sitter: Sitter) -> Build:
    """Shoulders as wide as the sitter is angular; a drawn figure is slender."""
    wide = 1 - sitter.soft
    if h.drawn:
        return Build(0.70 + 0.10 * wide, 0.165 + 0.02 * wide, 1.145, 1.30)
    return Build(0.96 + 0.10 * wide, 0.225 + 0.02 * wide, 1.145, 1.29)


def neck(h: Head, sitter: Sitter, living: Tone) -> list[Shape]:
    """The neck with the shadow of the chin."""
    wide = (0.118 + 0.02 * (1 - sitter.soft)) if h.drawn else (0.175 + 0.035 * (1 - sitter.soft))
    right = [
        (wide, 0.70),
        (0.96 * wide, 1.02),
        (1.06 * wide, 1.14),
        (1.9 * wide, 1.25),
        (2.4 * wide, 1.40),
        (0, 1.5),
    ]
    outline = np.concatenate([smooth(line(h, right), steps=4), smooth(line(h, right, -1), steps=4)[::-1]])
    bones = tuple(smooth(line(h, [(0.05, 1.245), (0.16, 1.225), (0.30, 1.235)], s), steps=4) for s in (-1, 1))
    jaw = h.nod(h.outline)
    jaw = jaw[jaw[:, 1] > 0.72]
    jaw = jaw[np.argsort(jaw[:, 0])]
    x = steps(-0.95, 0.95, 15) * wide
    edge = np.interp(x, *jaw.T)
    chin = jaw[np.argmax(jaw[:, 1]), 0]
    below = edge + (0.075 if h.drawn else 0.10) - 0.30 * np.abs(x - chin)
    shade = h.body(np.concatenate([np.stack([x, edge - 0.03], 1), np.stack([x, below], 1)[::-1]]))
    skin, dark = living(sitter.skin), living(shadow(sitter.skin, 1.15))
    soft = {"opacity": 0.85} if h.drawn else {"opacity": 0.6, "blend": 0.022}
    return [
        worn("neck", outline, skin, form="vertical", texture="skin", strokes=bones),
        worn("chin shade", shade, dark, outline=0.0, texture="none", **soft),
    ]


def clothes(h: Head, sitter: Sitter, tone: Tone, living: Tone) -> list[Shape]:
    """What the sitter wears, with the neck in it."""
    b, garment, cloth = measure(h, sitter), sitter.garment, sitter.cloth
    shapes = neck(h, sitter, living)
    if garment == "hoodie":
        hood = [
            (0.0, 1.02),
            (b.collar + 0.10, 1.03),
            (b.collar + 0.20, 1.14),
            (b.collar + 0.12, 1.24),
            (0.0, 1.30),
        ]
        shapes.insert(0, worn("hood", smooth(mirrored(h, hood), True, 3), tone(fold(cloth)), form="round"))
    if garment == "blazer":
        shapes += shirt_and_tie(h, sitter, tone, b)
    shapes.append(coat(h, sitter, tone, b))
    detail = {
        "shirt": shirt,
        "blazer": lapels,
        "tee": band,
        "turtleneck": roll,
        "scarf": scarf,
        "hoodie": hood_edge,
    }
    return shapes + (detail[garment](h, sitter, tone, b) if garment in detail else [])


def neckline(h: Head, sitter: Sitter, b: Build) -> np.ndarray:
    """The open edge at the neck, from left to right."""
    low, sharp = NECKLINE[sitter.garment], sitter.garment in ("vee", "blazer")
    middle = (0.5 * b.collar, (b.top + low) / 2 + (0.0 if sharp else 0.035))
    edge = [(-b.collar, b.top), (-middle[0], middle[1]), (0.0, low), middle, (b.collar, b.top)]
    return line(h, edge) if sharp else smooth(line(h, edge), steps=5)


def coat(h: Head, sitter: Sitter, tone: Tone, b: Build) -> Shape:
    """The garment itself: shoulders, chest, folds."""
    right = [(b.collar, b.top), (b.collar + 0.12, b.top + 0.055), (b.reach - 0.16, b.slope - 0.04)]
    right += [(b.reach, b.slope + 0.10), (b.reach + 0.08, 1.7), (b.reach + 0.08, 2.2)]
    shoulders = smooth(line(h, right), steps=5), smooth(line(h, right, -1), steps=5)
    outline = np.concatenate([shoulders[0], shoulders[1][::-1], neckline(h, sitter, b)])
    sleeve = [(b.reach - 0.22, b.slope + 0.06), (b.reach - 0.27, b.slope + 0.22), (b.reach - 0.25, 1.75)]
    chest = [
        (b.collar + 0.10, b.top + 0.14),
        (b.collar + 0.17, b.top + 0.28),
        (b.collar + 0.15, b.top + 0.42),
    ]
    folds = tuple(smooth(line(h, places, s), steps=4) for s in (-1, 1) for places in (sleeve, chest))
    dark = tone(fold(sitter.cloth))
    return worn("clothes", outline, tone(sitter.cloth), form="round", second=dark, strokes=folds)


def shirt_and_tie(h: Head, sitter: Sitter, tone: Tone, b: Build) -> list[Shape]:
    """What shows between the lapels."""
    inner = line(
        h,
        [(b.collar, b.top + 0.01), (0.0, 1.22), (-b.collar, b.top + 0.01), (-b.collar, 1.6), (b.collar, 1.6)],
    )
    tie = mirrored(h, [(0.030, 1.215), (0.040, 1.255), (0.022, 1.275), (0.050, 1.55), (0.0, 1.60)])
    return [
        worn("shirt", inner, tone(mix(WHITE, sitter.trim, 0.08)), form="vertical"),
        worn("tie", tie, tone(sitter.trim), second=tone(fold(sitter.trim))),
    ]


def lapels(h: Head, sitter: Sitter, tone: Tone, b: Build) -> list[Shape]:
    """Of a blazer."""
    edge = [
        (b.collar, b.top - 0.02),
        (b.collar + 0.10, b.top + 0.03),
        (0.235, 1.40),
        (0.16, 1.44),
        (0.02, 1.50),
    ]
    return [worn("collar", line(h, edge, s), tone(mix(sitter.cloth, DARK, 0.15))) for s in (-1, 1)]


def shirt(h: Head, sitter: Sitter, tone: Tone, b: Build) -> list[Shape]:
    """Collar, placket and buttons."""
    cloth = sitter.cloth
    edge = [
        (b.collar - 0.015, b.top - 0.055),
        (b.collar + 0.045, b.top + 0.005),
        (0.125, 1.315),
        (0.012, 1.215),
    ]
    front, seam = (
        line(h, [(-0.03, 1.24), (0.03, 1.24), (0.03, 2.0), (-0.03, 2.0)]),
        line(h, [(0.012, 1.23), (0.014, 1.9)]),
    )
    buttons = (h.body(disc(0, v, 0.012, count=10)) for v in (1.34, 1.48))
    return [
        *(worn("collar", line(h, edge, s), tone(mix(cloth, WHITE, 0.16))) for s in (-1, 1)),
        worn("placket", front, tone(cloth), strokes=(seam,), outline=0.5),
        *(worn("button", points, tone(mix(cloth, WHITE, 0.5)), outline=0.4) for points in buttons),
    ]


def band(h: Head, sitter: Sitter, tone: Tone, b: Build) -> list[Shape]:
    """The ribbed neckline of a T-shirt."""
    edge = neckline(h, sitter, b)
    ring = limb(edge, np.full(len(edge), 0.030 * h.tall))
    return [worn("band", ring, tone(mix(sitter.cloth, sitter.trim, 0.75)), outline=0.7)]


def roll(h: Head, sitter: Sitter, tone: Tone, b: Build) -> list[Shape]:
    """The collar of a turtleneck."""
    w = 0.86 * b.collar
    edge = [(0.0, 0.995), (0.96 * w, 0.985), (1.04 * w, 1.06), (1.10 * w, 1.16), (0.0, 1.19)]
    ribs = tuple(line(h, [(x, 1.01), (1.08 * x, 1.165)]) for x in steps(-0.75, 0.75, 6) * w)
    outline, dark = smooth(mirrored(h, edge), True, 3), tone(fold(sitter.cloth))
    return [worn("roll", outline, tone(sitter.cloth), form="vertical", second=dark, strokes=ribs)]


def scarf(h: Head, sitter: Sitter, tone: Tone, b: Build) -> list[Shape]:
    """A scarf wound around the neck, one end hanging."""
    w, cloth = b.collar + 0.05, tone(sitter.trim)
    wrap = [(0.0, 0.99), (0.9 * w, 0.975), (1.22 * w, 1.07), (1.15 * w, 1.20), (0.0, 1.265)]
    turns = tuple(
        smooth(line(h, [(-1.05 * w, 1.08 + k), (0.0, 1.15 + k), (1.08 * w, 1.06 + k)]), steps=5)
        for k in (-0.03, 0.05)
    )
    end = line(h, [(0.06, 1.20), (0.20, 1.20), (0.23, 1.58), (0.08, 1.60)], sitter.side)
    around = smooth(mirrored(h, wrap), True, 3)
    return [
        worn("scarf", end, cloth, second=tone(fold(sitter.trim)), form="vertical"),
        worn("scarf", around, cloth, second=tone(fold(sitter.trim, 0.2)), form="round", strokes=turns),
    ]


def hood_edge(h: Head, sitter: Sitter, tone: Tone, b: Build) -> list[Shape]:
    """The hood's edge that lies on the shoulders, and its cords."""
    c, shapes = b.collar, []
    edge = [
        (0.02, 1.215),
        (0.7 * c, 1.175),
        (c + 0.05, 1.09),
        (c + 0.16, 1.12),
        (c + 0.07, 1.245),
        (0.03, 1.305),
    ]
    cord, white = [(0.055, 1.29), (0.065, 1.40), (0.058, 1.50)], tone(mix(WHITE, sitter.trim, 0.15))
    for s in (-1, 1):
        string = smooth(line(h, cord, s), steps=4)
        shapes += [
            worn("hood", smooth(line(h, edge, s), True, 3), tone(sitter.cloth), form="round"),
            worn("cord", string, white, closed=False, width=0.009, outline=0.5, texture="none"),
        ]
    return shapes
