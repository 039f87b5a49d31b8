"""What people put on: glasses, earrings, a ribbon, a hat."""

import numpy as np

from animestudy.data.atelier.cuts import volume
from animestudy.data.atelier.dress import fold
from animestudy.data.atelier.frame import DARK, WHITE, Head, Tone, solid, stroke, veil
from animestudy.data.atelier.outlines import disc, smooth, steps
from animestudy.data.atelier.sitter import Sitter, mix
from animestudy.data.atelier.spec import Shape

LOOK = {"texture": "cloth", "mask": "figure", "outline": 1.0}
STRAW = (0.87, 0.74, 0.47)


def glasses(h: Head, sitter: Sitter, tone: Tone) -> list[Shape]:
    """Glasses, in front of the eyes and behind the fringe."""
    if not sitter.glasses:
        return []
    rim, gap, shapes = tone(mix(DARK, sitter.trim, 0.35)), 0.012, []
    rx, ry, v = (
        (1.30 * h.eye_w, 1.22 * h.eye_h + 0.012, h.eye_v + 0.010)
        if h.drawn
        else (0.105, 0.078, h.eye_v + 0.012)
    )
    turn = steps(0, 2 * np.pi, 33)
    square = 1 / (np.abs(np.cos(turn)) ** 3 + np.abs(np.sin(turn)) ** 3) ** (1 / 3)  # a rounded square
    for side in (-1, 1):
        u = np.maximum(h.eye_u + rx * square * side * np.cos(turn), gap)
        edge = h.on(np.stack([side * u, v + ry * square * np.sin(turn)], 1), 0.10)
        arm = h.on([(side * (h.eye_u + 0.95 * rx), v - 0.3 * ry), (side * 1.02 * h.half, v - 0.012)], 0.04)
        shapes += [
            veil("lens", edge[:-1], tone((0.88, 0.94, 0.98)), 0.12),
            stroke("glasses", edge, rim, 0.0085, "figure"),
            stroke("glasses", arm, rim, 0.0080, "figure"),
        ]
    bridge = smooth(
        [(-gap - 0.002, v - 0.25 * ry), (0, v - 0.42 * ry), (gap + 0.002, v - 0.25 * ry)], steps=4
    )
    return [*shapes, stroke("glasses", h.on(bridge, 0.2), rim, 0.0085, "figure")]


def ornaments(h: Head, sitter: Sitter, tone: Tone) -> list[Shape]:
    """Earrings, a ribbon or a hat."""
    shapes = []
    if sitter.earring and sitter.cut in ("ponytail", "bun", "swept", "curly"):
        v, gold = 0.735 if h.drawn else 0.70, tone((0.93, 0.78, 0.35))
        shapes += [
            solid(
                "earring",
                h.at(disc(side * 1.04 * h.half, v, 0.014, 0.020)),
                gold,
                "figure",
                gloss=0.7,
                outline=0.6,
            )
            for side in (-1, 1)
            if side * h.yaw < 0.16
        ]
    if sitter.ribbon:
        shapes += ribbon(h, sitter, tone)
    return shapes + (HATS[sitter.hat](h, sitter, tone) if sitter.hat else [])


def ribbon(h: Head, sitter: Sitter, tone: Tone) -> list[Shape]:
    """A bow in the hair."""
    centre, r = np.array((0.70 * sitter.side * h.half, 0.035 - volume(h)[0])), 0.085
    trim, dark, shapes = tone(sitter.trim), tone(fold(sitter.trim, 0.2)), []
    for side in (-1, 1):
        loop, crease, tail = (
            np.array(places) * (side * r, r) + centre
            for places in (
                [(0, 0), (0.75, -0.75), (1.25, -0.35), (1.15, 0.35), (0.75, 0.65)],
                [(0.15, -0.05), (0.7, -0.15)],
                [(0.05, 0.1), (0.55, 1.25), (0.85, 0.95)],
            )
        )
        shapes += [
            solid("ribbon", h.at(tail), dark, **LOOK),
            solid("ribbon", h.at(smooth(loop, True, 4)), trim, **LOOK, form="round", strokes=(h.at(crease),)),
        ]
    knot = h.at(disc(*centre, 0.28 * r, 0.34 * r, 14))
    return [*shapes, solid("ribbon", knot, trim, **LOOK, form="round")]


def wrapped(h: Head, top: list[tuple[float, float]], low: list[tuple[float, float]]) -> np.ndarray:
    """A band around the head: its two long edges are curves, its ends straight."""
    edges = [smooth(np.array(edge) * (h.half, 1), steps=6) for edge in (top, low)]
    return h.at(np.concatenate([edges[0], edges[1][::-1]]))


def beanie(h: Head, sitter: Sitter, tone: Tone) -> list[Shape]:
    """A knitted cap with a turned-up band."""
    w, (up, out) = h.half, volume(h)
    side = 1.12 + 0.5 * out
    dome = [(side + 0.01, 0.24), (side, 0.10), (0.85, -0.06 - up), (0, -0.125 - up)]
    dome = np.array([*((-x, v) for x, v in dome), *dome[-2::-1]]) * (w, 1)
    band = wrapped(
        h,
        [(-side - 0.05, 0.17), (0, 0.115), (side + 0.05, 0.17)],
        [(-side - 0.03, 0.295), (0, 0.235), (side + 0.03, 0.295)],
    )
    ribs = tuple(
        h.at([(x * w, 0.135 + 0.05 * x * x), (0.98 * x * w, 0.225 + 0.05 * x * x)]) for x in steps(-1, 1, 9)
    )
    rows = tuple(
        h.at(smooth(np.array([(x, 0.13), (0.9 * x, 0.0), (0.45 * x, -0.10 - up)]) * (w, 1), steps=4))
        for x in (-0.8, -0.35, 0.35, 0.8)
    )
    pale = tone(mix(sitter.trim, WHITE, 0.14))
    look = LOOK | {"form": "round", "second": tone(fold(sitter.trim))}
    return [
        solid("hat", h.at(smooth(dome, steps=4)), tone(sitter.trim), **look, strokes=rows),
        solid("hat band", band, pale, **LOOK, form="vertical", strokes=ribs),
    ]


def straw(h: Head, sitter: Sitter, tone: Tone) -> list[Shape]:
    """A straw hat with a wide brim and a ribbon."""
    w, (up, out) = h.half, volume(h)
    side = 1.0 + out
    half = [(side + 0.02, 0.14), (side - 0.02, -0.03 - up), (0.70, -0.13 - up), (0, -0.155 - up)]
    dome = np.array([*((-x, v) for x, v in half), *half[-2::-1]]) * (w, 1)
    brim = disc(0, 0.175, (1.72 + out) * w, 0.088, 44)
    brim[:, 1] += 0.055 * (brim[:, 0] / (1.72 * w)) ** 2
    band = wrapped(
        h,
        [(-side - 0.01, 0.05), (0, 0.08), (side + 0.01, 0.05)],
        [(-side - 0.03, 0.155), (0, 0.19), (side + 0.03, 0.155)],
    )
    weave = tuple(h.at(brim[:22] * (k, 1) + (0, -0.012)) for k in (0.90, 0.78))
    yellow, dark = tone(mix(STRAW, WHITE, 0.12)), tone(fold(STRAW, 0.22))
    return [
        solid("hat", h.at(brim), tone(STRAW), **LOOK, second=dark, strokes=weave),
        solid("hat", h.at(smooth(dome, steps=4)), yellow, **LOOK, second=tone(STRAW), form="round"),
        solid("hat band", band, tone(sitter.trim), **LOOK),
    ]


def beret(h: Head, sitter: Sitter, tone: Tone) -> list[Shape]:
    """A beret, pulled to one side."""
    scale, (up, out) = (sitter.side * h.half, 1), volume(h)
    cap = [
        (-1.05 - out, 0.16),
        (-1.02 - out, 0.02 - 0.5 * up),
        (-0.55, -0.12 - up),
        (0.35, -0.17 - up),
        (1.25, -0.06 - up),
    ]
    cap = smooth(np.array([*cap, (1.48, 0.10), (1.15, 0.19), (0.2, 0.125)]) * scale, True, 4)
    crease = smooth(np.array([(0.95, 0.13), (0.80, 0.0), (0.45, -0.08)]) * scale, steps=4)
    stem = np.array([(0.36, -0.155 - up), (0.40, -0.20 - up)]) * scale
    dark = tone(fold(sitter.trim))
    look = LOOK | {"form": "round", "second": dark, "strokes": (h.at(crease),)}
    return [
        stroke("hat", h.at(stem), dark, 0.012, "figure"),
        solid("hat", h.at(cap), tone(sitter.trim), **look),
    ]


HATS = {"beanie": beanie, "straw": straw, "beret": beret}
