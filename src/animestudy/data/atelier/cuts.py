"""How hair is cut: a cut is a few panels, a panel is a surface of strands that run from root to tip.

Photograph and drawing share the cut; `hair` lays it in fine strands or in a few big locks. Guides of a panel
are lists of (x, v), x in half widths of the face, v in head heights.
"""

from dataclasses import dataclass

import numpy as np

from animestudy.data.atelier.frame import Head
from animestudy.data.atelier.outlines import smooth, steps
from animestudy.data.atelier.sitter import Sitter

Guide = list[tuple[float, float]]
ALONG = 24  # points of an interpolated guide


@dataclass(frozen=True)
class Panel:
    """A surface of strands; s runs across it, t along, both 0 … 1."""

    guides: np.ndarray  # G×ALONG×2, head coordinates
    locks: int  # into how many locks a drawing cuts it
    fringe: bool = False  # hangs over the forehead and shades it

    def strand(self, s: object, t: object) -> np.ndarray:
        """Places at `s` and `t` (arrays of one shape after broadcasting) → that shape×2, head coordinates.

        t > 1 runs straight on beyond the tip.
        """
        s, t = np.broadcast_arrays(np.asarray(s, float), np.asarray(t, float))
        last = len(self.guides) - 1
        across = np.minimum(np.maximum(s, 0), 1) * last
        first = np.minimum(across.astype(int), last - 1)
        share = (across - first)[..., None]
        along = np.minimum(np.maximum(t, 0), 1) * (ALONG - 1)
        low = np.minimum(along.astype(int), ALONG - 2)
        part = (along - low)[..., None]
        g = self.guides
        near, far = g[first, low], g[first + 1, low]
        near, far = near + part * (g[first, low + 1] - near), far + part * (g[first + 1, low + 1] - far)
        points = near + share * (far - near)
        beyond = np.maximum(t - 1, 0)
        if not beyond.any():
            return points
        return points + (g[first, -1] - g[first, -4]) * ((ALONG - 1) / 3 * beyond[..., None])

    def outline(self, end: float = 1.0) -> np.ndarray:
        """The whole panel up to `end` of its length, closed, K×2 head coordinates."""
        t, s = steps(0, end, 14), steps(0, 1, 9)
        round_s = np.concatenate([np.zeros(14), s[1:], np.ones(13), s[-2:0:-1]])
        round_t = np.concatenate([t, np.full(8, end), t[-2::-1], np.zeros(7)])
        return self.strand(round_s, round_t)

    def ragged(self, rng: np.random.Generator, rough: float) -> np.ndarray:
        """As `outline`, with tips of uneven length."""
        t, s = steps(0, 1, 14), steps(0, 1, 31)
        round_s = np.concatenate([np.zeros(13), s, np.ones(13), steps(1, 0, 9)[1:-1]])
        tips = 1 - rough * rng.random(31) * (np.arange(31) % 2)
        return self.strand(round_s, np.concatenate([t[:-1], tips, t[-2::-1], np.zeros(7)]))

    def cut(self, edges: np.ndarray, reach: np.ndarray, bias: np.ndarray, sharp: float) -> np.ndarray:
        """Pointed locks between strands (`edges` L×2), closed outlines L×27×2, head coordinates.

        `reach` is their length, `bias` how far the tip lies off the middle, `sharp` how late they narrow.
        """
        t = steps(0, 1, 14)
        tip = edges.mean(1) + bias * np.ptp(edges, axis=1)
        sides = edges[:, :, None] + (tip[:, None] - edges)[:, :, None] * t**sharp  # L×2×14
        s = np.concatenate([sides[:, 0], sides[:, 1, -2::-1]], 1)
        return self.strand(s, np.concatenate([t, t[-2::-1]]) * reach[:, None])


def panel(h: Head, guides: list[Guide], locks: int, mirror: int = 1, fringe: bool = False) -> Panel:
    """A panel from its guides; `mirror` −1 puts it on the other side."""
    lines = []
    for places in guides:
        curve = smooth(np.array(places) * (h.half * mirror, 1), steps=6)
        way = np.append(0, np.cumsum(np.hypot(*np.diff(curve, axis=0).T)))
        at = np.linspace(0, way[-1], ALONG)
        lines.append(np.stack([np.interp(at, way, curve[:, 0]), np.interp(at, way, curve[:, 1])], 1))
    return Panel(np.array(lines), locks, fringe)


def both(half: list[Guide], middle: Guide) -> list[Guide]:
    """Guides of a panel that spans the head, from those of its right half, the outermost first."""
    return [*([(-x, v) for x, v in places] for places in half), middle, *half[::-1]]


def volume(h: Head) -> tuple[float, float]:
    """How much further drawn hair stands off the head: upwards (v), outwards (x)."""
    return (0.06, 0.09) if h.drawn else (0.0, 0.0)


def tip(sitter: Sitter) -> float:
    """How far loose hair falls, v."""
    long = sitter.length
    return {"bob": 0.84 + 0.16 * long, "wavy": 1.15 + 0.3 * long, "long": 1.12 + 0.4 * long}.get(
        sitter.cut, 1.0
    )


def front(h: Head, sitter: Sitter) -> list[Panel]:
    """The panels in front of the head, those that lie below first."""
    return CUTS[sitter.cut](h, sitter)


def swept(h: Head, sitter: Sitter) -> list[Panel]:
    """Short hair, parted and combed to one side; tousled: higher and in more locks."""
    (up, out), side, p = volume(h), sitter.side, 0.40
    lift, deep = 0.025 * (sitter.cut == "tousled"), 0.42 if h.drawn else 0.29
    short = [
        [(p, 0.15), (0.64, 0.19), (0.81, 0.30), (0.91, 0.50)],
        [(p, 0.06), (0.74, 0.11), (0.96, 0.27), (1.00, 0.53)],
        [
            (p, -0.045 - up),
            (0.66 + out, -0.005 - up),
            (0.94 + out, 0.14 - 0.5 * up),
            (1.06 + out, 0.33),
            (1.03 + out, 0.51),
        ],
    ]
    temple = ((-0.86 - out, 0.09 - up), (-1.05 - out, 0.29), (-1.03 - out, 0.51))
    sweep = [
        [(p, 0.15), (0.15, 0.19), (-0.30, deep - 0.07), (-0.70, deep), (-0.92, 0.51)],
        [(p, 0.07), (0.00, 0.06), (-0.55, 0.16), (-0.90, 0.28), (-1.00, 0.52)],
        [(p, -0.045 - up), (0.0, -0.07 - up - lift), (-0.48 - out, -0.035 - up - lift), *temple],
    ]
    return [panel(h, short, 2, side), panel(h, sweep, 5 if lift else 4, side, fringe=True)]


def crop(h: Head, sitter: Sitter) -> list[Panel]:
    """Short hair combed forward from the crown."""
    (up, out), line = volume(h), 0.32 if h.drawn else 0.21  # hairline in the middle
    half = [
        [
            (0.02, -0.065 - up),
            (0.48, -0.035 - up),
            (0.86 + out, 0.10 - up),
            (1.05 + out, 0.29),
            (1.03 + out, 0.50),
        ],
        [(0.02, -0.05 - up), (0.62, 0.03), (0.92, 0.22), (0.95, 0.49)],
        [(0.01, -0.04 - up), (0.40, 0.05), (0.62, 0.16), (0.76, line + 0.07)],
    ]
    middle = [(0.0, -0.065 - up), (0.0, 0.06), (0.02, 0.14), (0.04, line)]
    return [panel(h, both(half, middle), 7, sitter.side, fringe=True)]


def receding(h: Head, sitter: Sitter) -> list[Panel]:
    """Only the sides are left."""
    temple = [[(0.84, 0.20), (0.90, 0.34), (0.92, 0.50)], [(0.95, 0.18), (1.07, 0.32), (1.04, 0.52)]]
    return [panel(h, temple, 1, side) for side in (-1, 1)]


def tied(h: Head, sitter: Sitter) -> list[Panel]:
    """Hair drawn back to a tail or a knot, with or without a fringe."""
    up, out = volume(h)
    temple = ((1.05 + 0.5 * out, 0.28), (0.86 + 0.5 * out, 0.09 - 0.5 * up))
    half = [
        [(0.98, 0.52), *temple, (0.45, -0.035 - up), (0, -0.065 - up)],
        [(0.90, 0.44), (0.84, 0.24), (0.45, 0.04), (0.0, -0.06 - up)],
        [(0.64, 0.25), (0.45, 0.13), (0.18, 0.02), (0.0, -0.06 - up)],
    ]
    panels = [panel(h, both(half, [(0.0, 0.185), (0.0, 0.10), (0.0, 0.02), (0.0, -0.06 - up)]), 0)]
    if sitter.fringe != "none" or h.drawn:
        wisp = [
            [(0.64, 0.14), (0.86, 0.26), (0.94, 0.46), (0.84, 0.72)],
            [(0.84, 0.10), (1.03, 0.26), (1.05, 0.48), (0.96, 0.76)],
        ]
        panels += [panel(h, wisp, 1, side) for side in (-1, 1)]
    low = 0.475 if h.drawn else 0.395
    if sitter.fringe == "side":
        across = [
            [(-0.35, 0.02), (0.0, 0.12), (0.35, 0.25), (0.74, low - 0.02)],
            [(-0.30, -0.01), (0.20, 0.05), (0.68, 0.18), (0.93, low + 0.02)],
            [(-0.20, -0.04 - up), (0.35, -0.01), (0.85, 0.12), (1.01, low + 0.10)],
        ]
        panels.append(panel(h, across, 4, sitter.side, fringe=True))
    return panels + (bangs(h, sitter) if sitter.fringe == "full" else [])


def loose(h: Head, sitter: Sitter) -> list[Panel]:
    """Hair that falls beside the face: bob, long or wavy; parted in the middle or aside, or with a fringe."""
    up, out = volume(h)
    if sitter.fringe == "side":
        p = 0.38
        near = [
            [(p, 0.14), (0.60, 0.19), (0.80, 0.31)],
            [(p, 0.04), (0.75, 0.10), (0.97, 0.26)],
            [(p, -0.045 - up), (0.66, -0.01 - up), (0.94 + out, 0.14 - 0.5 * up)],
        ]
        far = [
            [(-p, 0.14), (-0.05, 0.17), (0.42, 0.26), (0.80, 0.38)],
            [(-p, 0.05), (0.25, 0.06), (0.80, 0.20), (1.0, 0.30)],
            [(-p, -0.045 - up), (0.0, -0.07 - up), (0.50, -0.035 - up), (0.92 + out, 0.12 - 0.5 * up)],
        ]
        return [
            panel(h, fall(h, sitter, near), 2, sitter.side),
            panel(h, fall(h, sitter, far), 3, -sitter.side, fringe=True),
        ]
    outer = [(0.0, -0.055 - up), (0.48, -0.03 - up), (0.90 + out, 0.11 - 0.5 * up)]
    if sitter.fringe == "full":
        start = [[(0.52, 0.05), (0.80, 0.17), (0.90, 0.32)], [(0.45, 0.0), (0.80, 0.09), (1.0, 0.25)], outer]
        return [panel(h, fall(h, sitter, start), 2, side) for side in (-1, 1)] + bangs(h, sitter)
    start = [[(0.0, 0.13), (0.26, 0.16), (0.62, 0.27)], [(0.0, 0.04), (0.5, 0.10), (0.92, 0.25)], outer]
    return [panel(h, fall(h, sitter, start), 2, side, fringe=True) for side in (-1, 1)]


def fall(h: Head, sitter: Sitter, start: list[Guide]) -> list[Guide]:
    """`start`, led on beside the face, from the strand next to the cheek to the silhouette."""
    end, wide, short = tip(sitter), 0.15 if h.drawn else 0.0, sitter.cut == "bob"
    inner = [(0.90, 0.50), (0.88, 0.70), (0.74 if short else 0.86, end)]
    middle = [(1.04 + wide, 0.42), (1.06 + wide, 0.70), ((0.95 if short else 1.08) + wide, end + 0.015)]
    outer = [(1.16 + wide, 0.45), (1.22 + wide, 0.72), ((1.06 if short else 1.30) + wide, end)]
    return [[*head, *rest] for head, rest in zip(start, (inner, middle, outer), strict=True)]


def bangs(h: Head, sitter: Sitter) -> list[Panel]:
    """A full fringe over the forehead."""
    (up, _), low = volume(h), 0.475 if h.drawn else 0.395
    half = [
        [(0.62, 0.02), (0.88, 0.14), (0.94, 0.28), (0.93, low + 0.06)],
        [(0.40, -0.01 - up), (0.56, 0.09), (0.60, 0.22), (0.55, low + 0.005)],
    ]
    middle = [(0.0, -0.04 - up), (0.0, 0.07), (0.0, 0.20), (0.02, low - 0.012)]
    return [panel(h, both(half, middle), 5, sitter.side, fringe=True)]


CUTS = {
    "swept": swept,
    "tousled": swept,
    "crop": crop,
    "receding": receding,
    "ponytail": tied,
    "bun": tied,
    "long": loose,
    "wavy": loose,
    "bob": loose,
}
