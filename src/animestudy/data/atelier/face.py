"""The face as a camera sees it: shaded features in true proportion. `drawn` has the face of the painter.

Each part takes the head, the sitter, what the mood does to a colour, and the side the light comes from.
"""

import numpy as np

from animestudy.data.atelier.eyes import Opening, iris_at, opening
from animestudy.data.atelier.frame import DARK, WHITE, Head, Tone, shadow, solid, veil
from animestudy.data.atelier.outlines import disc, limb, smooth, steps
from animestudy.data.atelier.sitter import Colour, Sitter, mix
from animestudy.data.atelier.spec import Shape


def skull(h: Head, sitter: Sitter, tone: Tone) -> list[Shape]:
    """Ears and face, without features."""
    skin, shade = tone(sitter.skin), tone(shadow(sitter.skin))
    look = {"texture": "skin", "mask": "face"}
    shapes = []
    top, low = (0.555, 0.715) if h.drawn else (0.475, 0.680)
    ear = (
        (0, -0.7),
        (0.55, -1.0),
        (1.05, -0.75),
        (1.05, -0.1),
        (0.65, 0.5),
        (0.45, 0.95),
        (0.05, 0.9),
        (-0.3, 0),
    )
    bowl = ((0.35, -0.55), (0.75, -0.6), (0.78, -0.1), (0.45, 0.3))
    for side in (-1, 1):
        near = -side * np.sin(h.yaw)  # how much the turn of the head brings this ear forward
        wide = 0.052 * (1 + 1.6 * near)
        if wide < 0.02:
            continue
        centre = np.array((side * h.half * (0.995 - 0.25 * max(near, 0)), (top + low) / 2))
        scale = (side * wide, (low - top) / 2)
        points = h.at(smooth(np.array(ear) * scale + centre, closed=True, steps=4))
        inner = h.at(smooth(np.array(bowl) * scale + centre, steps=4))
        second = mix(skin, shade, 0.5)
        shapes.append(
            solid("ear", points, skin, **look, form="round", outline=0.8, strokes=(inner,), second=second)
        )
    form = "vertical" if h.drawn else "round"
    shapes.append(solid("face", h.at(h.outline), skin, **look, form=form, outline=1.1))
    return shapes


def modelling(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """Light and shade that make a face round: temple, jaw, forehead, cheekbone, chin, sockets; folds."""
    shade, glow = tone(shadow(sitter.skin, 1.25)), tone(mix(sitter.skin, (1, 0.96, 0.9), 0.55))
    w = h.half
    temple = smooth(np.array(TEMPLE) * (-light * w, 1), True, 4)
    jaw = h.outline
    low = jaw[jaw[:, 1] > 0.86]
    return [
        veil("temple", h.at(temple), shade, 0.34, 0.035),
        veil("jaw", h.at(np.concatenate([low, low[::-1] * (0.84, 1) - (0, 0.03)])), shade, 0.22, 0.015),
        veil("forehead", h.on(disc(light * 0.30 * w, 0.29, 0.36 * w, 0.07)), glow, 0.34, 0.03),
        veil("cheekbone", h.on(disc(light * 0.56 * w, 0.625, 0.075, 0.035)), glow, 0.30, 0.022),
        veil("chin", h.on(disc(light * 0.04, 0.935, 0.055, 0.026)), glow, 0.22, 0.012),
        *(
            veil("socket", h.on(socket), shade, 0.40 + 0.09 * sitter.age, 0.014)
            for socket in both(disc(h.eye_u - 0.012, h.eye_v - 0.022, 0.088, 0.044))
        ),
        *folds(h, sitter, shade),
    ]


# Shade at the temple away from the light: (u in half widths, v).
TEMPLE = (
    *((0.55, 0.16), (1.02, 0.25), (1.08, 0.5), (0.98, 0.72), (0.62, 0.97)),
    *((0.50, 0.93), (0.74, 0.72), (0.78, 0.45)),
)


def both(right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An outline and its mirror image."""
    return right, right * (-1, 1)


def folds(h: Head, sitter: Sitter, shade: Colour) -> list[Shape]:
    """Folds from the nose to the mouth, of smiles and of age, and lines on an old forehead."""
    smile, age, shapes = max(sitter.expression.smile, 0), sitter.age, []
    if (depth := 0.30 * smile + 0.75 * max(age - 0.35, 0)) > 0.05:
        line = [
            (h.nose_w + 0.014, h.nose_v - 0.03),
            (h.mouth_w + 0.004 + 0.022 * smile, h.nose_v + 0.045),
            (h.mouth_w + 0.020 + 0.012 * smile, h.mouth_v - 0.008),
        ]
        shapes += [crease(h, fold, 0.010, shade, depth) for fold in both(smooth(line, steps=4))]
    if age > 0.55:
        for v in (0.265, 0.315):
            line = np.array([(-0.5 * h.half, v), (0, v - 0.01), (0.5 * h.half, v)])
            shapes.append(crease(h, line, 0.008, shade, 0.5 * (age - 0.4)))
    return shapes


def crease(h: Head, line: np.ndarray, width: float, shade: Colour, depth: float) -> Shape:
    """A soft furrow of the skin."""
    return veil("fold", limb(h.on(line), np.full(len(line), width * h.tall)), shade, depth, 0.006)


def blush(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """Colour of the cheeks."""
    rose = tone(mix(sitter.skin, (0.90, 0.32, 0.30), 0.45))
    warm = 0.5 * sitter.soft + 0.5 * max(sitter.expression.smile, 0)
    cheeks = both(disc(0.60 * h.half, 0.655, 0.080, 0.050))
    return [veil("blush", h.on(cheek), rose, 0.14 + 0.22 * warm, 0.03) for cheek in cheeks]


def nose(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """Mostly a side in shade, a ridge of light and two nostrils."""
    skin, v, w = sitter.skin, h.nose_v, h.nose_w
    shade = tone(shadow(skin, 1.75))
    glow = tone(mix(skin, (1, 0.97, 0.92), 0.7))
    right = (
        (0.020, 0.47),
        (0.026, 0.58),
        (w * 0.85, v - 0.05),
        (w, v - 0.018),
        (w * 0.55, v + 0.004),
        (0, v + 0.012),
    )
    body = [*right, *((-a, b) for a, b in right[-2::-1])]
    side = (
        (0.010, 0.465),
        (0.034, 0.47),
        (0.034, 0.58),
        (w, v - 0.055),
        (1.02 * w, v - 0.012),
        (0.45 * w, v - 0.006),
    )
    side = np.array([*side, (0.020, v - 0.06), (0.012, 0.58)]) * (-light, 1)
    under = [(-0.95, -0.004), (0, -0.010), (0.95, -0.004), (0.5, 0.026), (0, 0.032), (-0.5, 0.026)]
    under = smooth(np.array(under) * (w, 1) + (0, v), True, 3)
    warm = tone(mix(skin, (1, 0.9, 0.85), 0.10))
    black = tone(mix(shadow(skin, 2.0), DARK, 0.30))
    line = np.array([(0.004, 0.48), (0.006, v - 0.09), (0.008, v - 0.036), (0.008, v - 0.02)]) * (light, 1)
    width = np.interp(np.arange(13), (0, 6, 10, 12), (0.008, 0.020, 0.036, 0.012)) * h.tall
    ridge = limb(h.on(smooth(line, steps=4), 0.32), width)
    holes = both(disc(0.46 * w, v - 0.002, 0.24 * w, 0.0065, 12))
    return [
        solid("nose", h.on(smooth(body, True, 3), 0.22), warm, "nose", opacity=0.5, blend=0.012),
        veil("nose side", h.on(smooth(side, True, 3), 0.22), shade, 0.46, 0.007),
        veil("nose shadow", h.on(under, 0.18), shade, 0.46, 0.007),
        veil("ridge", ridge, glow, 0.45, 0.008),
        *(solid("nostril", h.on(hole, 0.24), black, "nose") for hole in holes),
    ]


def lips(sitter: Sitter) -> Colour:
    """Colour of the mouth: skin with blood in it, more of it in fuller lips."""
    return mix(shadow(sitter.skin, 0.55), (0.72, 0.22, 0.24), 0.22 + 0.33 * sitter.lips)


def mouth(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """Two lips, the dark between them, teeth when it opens."""
    e, x, red = sitter.expression, steps(-1, 1, 21), lips(sitter)
    w = h.mouth_w * (1 + 0.20 * max(e.smile, 0) - 0.10 * e.part * (e.smile < 0.2))
    bend = h.mouth_v - 0.030 * e.smile * np.abs(x) ** 1.8 + 0.012 * e.smile
    bend = bend + e.waver * 0.006 * np.sin(3.2 * x + 0.5) + 0.003 * np.cos(3 * np.pi * x) * (1 - x**2)
    gap = 0.046 * e.part * (1 - np.abs(x) ** 2.6)
    bow = np.interp(np.abs(x), [0, 0.18, 0.55, 1], [0.72, 1.0, 0.62, 0.0]) * (0.013 + 0.012 * sitter.lips)
    lower = 0.018 + 0.014 * sitter.lips
    middle, under = bend - 0.25 * gap, bend + 0.75 * gap
    base = under + (1 - np.abs(x) ** 2.2) ** 0.8 * lower

    def between(above: np.ndarray, below: np.ndarray, part: slice = slice(None)) -> np.ndarray:
        edges = np.stack([x * w, above], 1)[part], np.stack([x * w, below], 1)[part]
        return h.on(np.concatenate([edges[0], edges[1][::-1]]), 0.12)

    top = middle - bow * (1 - 0.25 * e.part)
    soft, pale = tone(mix(red, (0.80, 0.42, 0.40), 0.25)), tone(mix(red, (1, 0.92, 0.9), 0.6))
    dark = tone(mix(red, DARK, 0.62))
    below = h.on(disc(0, float(base[10]) + 0.020, 0.6 * w, 0.011), 0.12)
    shapes = [
        veil("lip shadow", below, tone(shadow(sitter.skin, 1.3)), 0.38, 0.009),
        solid("mouth", between(top, base), soft, "mouth", outline=0.35, second=tone(red)),
        solid("upper lip", between(top, middle), tone(mix(red, DARK, 0.18)), "mouth"),
    ]
    if e.part:
        teeth = between(middle, middle + np.minimum(0.62 * gap, 0.021), slice(3, -3))
        ivory, gum = tone(mix(WHITE, sitter.skin, 0.18)), tone(mix(WHITE, red, 0.22))
        shapes += [
            solid("inside", between(middle, under), dark, "mouth"),
            solid("teeth", teeth, ivory, "mouth", second=gum),
        ]
    else:
        width = 0.009 * (1 - 0.75 * x**2) * h.tall
        line = limb(h.on(np.stack([x * w, middle], 1), 0.12), width)
        shapes.append(solid("between", line, dark, "mouth"))
    shine = h.on(disc(light * 0.2 * w, float(base[10]) - 0.5 * lower, 0.30 * w, 0.20 * lower, 14), 0.14)
    return [*shapes, veil("shine", shine, pale, 0.35, 0.004)]


def eyes(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """White, iris, pupil and reflex, in the shade of lids and lashes."""
    pair = [opening(h, sitter, side) for side in (-1, 1)]
    return [
        shape for lids in pair for shape in (lid(h, sitter, tone, lids), *ball(h, sitter, tone, light, lids))
    ]


def lid(h: Head, sitter: Sitter, tone: Tone, lids: Opening) -> Shape:
    """The fold of the upper lid."""
    line = lids.on(h, 1.02 * lids.x, lids.upper - 0.42 - 0.15 * (1 - lids.x**2))
    width = np.interp(lids.x, (-1, 0, 1), (0.003, 0.007, 0.004)) * h.tall
    return veil("lid fold", limb(line, width), tone(shadow(sitter.skin, 2.0)), 0.49, 0.003)


def ball(h: Head, sitter: Sitter, tone: Tone, light: float, lids: Opening) -> list[Shape]:
    """One eye: the upper lid throws its shade on the white and the iris."""
    (ax, ay), x = iris_at(h, sitter, lids), lids.x
    rx, ry = h.iris_w / h.eye_w, h.iris_h / h.eye_h
    white = mix((0.93, 0.92, 0.91), sitter.skin, 0.16)
    shaded, lit = tone(mix(white, (0.35, 0.26, 0.26), 0.35)), tone(mix(white, WHITE, 0.7))
    ring, centre = tone(mix(sitter.iris, DARK, 0.5)), tone(mix(sitter.iris, WHITE, 0.12))
    lash = mix(mix(DARK, sitter.hair, 0.25), sitter.skin, 0.30 * (1 - sitter.soft))

    def iris(dx: float, dy: float, share: float) -> np.ndarray:
        return lids.round(h, ax + dx * rx, ay + dy * ry, share * rx, share * ry)

    def along(y: np.ndarray, inner: float, middle: float, outer: float) -> np.ndarray:
        return limb(lids.on(h, x, y), np.interp(x, (-1, 0, 1), (inner, middle, outer)) * h.tall)

    rim, hairs = along(lids.lower + 0.10, 0.003, 0.006, 0.006), along(lids.upper - 0.06, 0.004, 0.011, 0.010)
    return [
        solid("white", lids.between(h, lids.upper, lids.lower), shaded, "eyes", second=lit, outline=0.3),
        solid("iris", iris(0, 0, 1), ring, "eyes", second=centre, outline=0.25, gloss=0.4),
        solid("pupil", iris(0, 0, 0.45), tone((0.04, 0.03, 0.04)), "eyes"),
        solid("reflex", iris(light * lids.side * 0.30, -0.40, 0.24), (1.0, 1.0, 1.0), "eyes"),
        solid("lower rim", rim, tone(shadow(sitter.skin, 0.9)), "face"),
        solid("lashes", hairs, tone(lash), "eyes"),
    ]


PARTS = (modelling, blush, nose, mouth, eyes)
