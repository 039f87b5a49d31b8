"""The face as a painter of anime draws it: large eyes, hardly a nose, a small mouth."""

import numpy as np

from animestudy.data.atelier.eyes import Opening, iris_at, opening
from animestudy.data.atelier.face import lips
from animestudy.data.atelier.frame import DARK, WHITE, Head, Tone, shadow, solid, stroke
from animestudy.data.atelier.outlines import disc, limb, steps
from animestudy.data.atelier.sitter import Sitter, mix
from animestudy.data.atelier.spec import Shape


def blush(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """Colour of the cheeks, right under the eyes."""
    rose = tone(mix(sitter.skin, (0.90, 0.32, 0.30), 0.45))
    warm = 0.5 * sitter.soft + 0.5 * max(sitter.expression.smile, 0)
    v = h.eye_v + h.eye_h + 0.045
    return [
        solid(
            "blush",
            h.on(disc(side * 0.60 * h.half, v, 0.062, 0.026)),
            rose,
            "face",
            opacity=0.25 + 0.40 * warm,
        )
        for side in (-1, 1)
    ]


def nose(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """A small corner of shade and a short line."""
    w = h.nose_w * (0.8 + 0.8 * (1 - sitter.soft))
    away = -light if abs(h.yaw) < 0.06 else np.sign(h.yaw)
    patch = np.array([(0, -0.034), (1.0, 0.002), (0.25, 0.012), (-0.15, 0.004)]) * (away * w, 1) + (
        0,
        h.nose_v,
    )
    line = np.array([(0.1, -0.030), (0.95, 0.0), (0.2, 0.010)]) * (away * w, 1) + (0, h.nose_v)
    return [
        solid("nose shade", h.on(patch, 0.35), tone(shadow(sitter.skin)), "nose"),
        stroke("nose", h.on(line, 0.35), tone(shadow(sitter.skin, 2.2)), 0.0055, "nose"),
    ]


def mouth(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """One small line, or an open shape with a tongue."""
    e, x = sitter.expression, steps(-1, 1, 17)
    w = h.mouth_w * (1 + 0.35 * max(e.smile, 0) - 0.15 * max(-e.smile, 0))
    bend = h.mouth_v - 0.020 * e.smile * (np.abs(x) ** 1.7 - 0.4) + e.waver * 0.008 * np.sin(7.5 * x)
    if not e.part:
        thin = (0.015 + 0.005 * (1 - sitter.soft)) * (0.35 + 0.65 * (1 - x**2)) * h.tall
        line = limb(h.on(np.stack([x * w, bend], 1), 0.15), thin)
        below = h.on(disc(0, h.mouth_v + 0.030, 0.30 * w, 0.0055, 12), 0.15)
        return [
            solid("mouth", line, tone(mix(lips(sitter), DARK, 0.62)), "mouth"),
            solid("lip shadow", below, tone(shadow(sitter.skin)), "face", opacity=0.7),
        ]
    if glad := e.smile > 0.2:
        w, deep = 0.92 * w, (0.026 + 0.062 * e.part) * (1 - np.abs(x) ** 2.4)
        top = bend + 0.004 * (1 - x**2)
    else:
        w, deep = 0.62 * w, (0.018 + 0.034 * e.part) * np.sqrt(1 - x**2)
        top = h.mouth_v - 0.5 * deep + 0.6 * (bend - h.mouth_v)

    def band(start: float, stop: float, part: slice) -> np.ndarray:
        above, below = (np.stack([x * w, top + share * deep], 1)[part] for share in (start, stop))
        return h.on(np.concatenate([above, below[::-1]]), 0.15)

    shapes = [
        solid("mouth", band(0, 1, slice(None)), tone((0.48, 0.14, 0.15)), "mouth", outline=0.8),
        solid("tongue", band(0.58, 1, slice(4, -4)), tone((0.86, 0.44, 0.42)), "mouth"),
    ]
    if glad and e.part > 0.25:
        shapes.append(solid("teeth", band(0, 0.24, slice(2, -2)), tone(WHITE), "mouth"))
    return shapes


def eyes(h: Head, sitter: Sitter, tone: Tone, light: float) -> list[Shape]:
    """A heavy upper lash, a tall iris lit from below, a big reflex."""
    return [shape for side in (-1, 1) for shape in eye(h, sitter, tone, light, opening(h, sitter, side))]


def eye(h: Head, sitter: Sitter, tone: Tone, light: float, lids: Opening) -> list[Shape]:
    """One eye."""
    x, up, low = lids.x, lids.upper, lids.lower
    ax, ay = iris_at(h, sitter, lids)
    rx, ry, shine = h.iris_w / h.eye_w, h.iris_h / h.eye_h, light * lids.side
    red, green, blue = (min(1.0, 1.25 * part + 0.05) for part in sitter.iris)
    bright, dark = (red, green, blue), mix(sitter.iris, DARK, 0.55)
    pupil = mix(sitter.iris, (0.03, 0.02, 0.04), 0.85)
    black = tone(mix(DARK, sitter.hair, 0.22))

    def iris(dx: float, dy: float, wide: float, tall: float) -> np.ndarray:
        return lids.round(h, ax + dx * rx, ay + dy * ry, wide * rx, tall * ry)

    thick = (0.010 + 0.016 * sitter.soft) / h.eye_h * np.interp(x, (-1, -0.5, 0.4, 1), (0.35, 0.8, 1.15, 1.0))
    wing = np.array([(1.20, up[-1] - 1.3 * thick[-1]), (1.04, up[-1] + 0.4 * thick[-1])])
    lash_x = np.concatenate([1.03 * x, wing[:, 0], x[::-1]])
    lash_y = np.concatenate([up - thick, wing[:, 1], up[::-1]])
    fold = lids.on(h, x[4:-2], up[4:-2] - 1.6 * thick[4:-2] - 0.20)
    shapes = [
        solid("white", lids.between(h, up, low), tone(WHITE), "eyes"),
        solid("iris", iris(0, 0, 1, 1), tone(dark), "eyes", second=tone(bright), outline=0.45, gloss=0.5),
        solid("glow", iris(0, 0.55, 0.62, 0.34), tone(mix(bright, WHITE, 0.45)), "eyes", opacity=0.75),
        solid("pupil", iris(0, 0, 0.42, 0.46), tone(pupil), "eyes"),
        solid(
            "lid shadow",
            lids.between(h, up, np.minimum(up + 0.42, low)),
            tone((0.30, 0.24, 0.34)),
            "eyes",
            opacity=0.35,
        ),
        solid("reflex", iris(0.36 * shine, -0.42, 0.32, 0.27), (1.0, 1.0, 1.0), "eyes"),
        solid("reflex", iris(-0.40 * shine, 0.48, 0.16, 0.13), (1.0, 1.0, 1.0), "eyes", opacity=0.85),
        stroke("lower lash", lids.on(h, x[10:-1], low[10:-1]), black, 0.0045, "eyes"),
        solid("lashes", lids.on(h, lash_x, lash_y), black, "eyes"),
        stroke("lid fold", fold, tone(shadow(sitter.skin, 1.8)), 0.0040, "face"),
    ]
    if sitter.expression.cheek > 0.45:
        pouch = lids.on(h, 0.9 * x[4:-4], low[4:-4] + 0.28)
        shapes.append(stroke("pouch", pouch, tone(shadow(sitter.skin, 1.5)), 0.0035, "face"))
    return shapes


PARTS = (blush, nose, mouth, eyes)
