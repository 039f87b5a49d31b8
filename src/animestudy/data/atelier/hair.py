"""Hair in shapes: fine strands for the camera, a few big pointed locks for the painter."""

import numpy as np

from animestudy.data.atelier.cuts import Panel, front, tip, volume
from animestudy.data.atelier.frame import DARK, Head, Tone, shadow, solid, veil
from animestudy.data.atelier.outlines import crown, disc, limb, profile, smooth, steps
from animestudy.data.atelier.sitter import Colour, Sitter, mix
from animestudy.data.atelier.spec import Shape

LOOK = {"texture": "hair", "mask": "hair", "outline": 1.0}


def colours(sitter: Sitter, tone: Tone) -> tuple[Colour, Colour, Colour]:
    """Hair, hair in shade, hair in light."""
    return (
        tone(sitter.hair),
        tone(mix(sitter.hair, DARK, 0.40)),
        tone(mix(sitter.hair, (1.0, 0.93, 0.82), 0.22)),
    )


# ---------------------------------------------------------------------------------------- behind the head


def behind(h: Head, sitter: Sitter, tone: Tone, rng: np.random.Generator) -> list[Shape]:
    """Hair behind the head: the mass of it, tails and knots."""
    hair, dark, _ = colours(sitter, tone)
    shapes = []
    if (outline := mass(h, sitter)) is not None:
        inner: tuple[np.ndarray, ...] = ()
        if sitter.cut in ("long", "bob", "wavy"):
            x, end = steps(-0.9, 0.9, 4 if h.drawn else 11) * h.half, tip(sitter)
            inner = tuple(h.at([(u, 0.5), (1.03 * u, 0.8), (0.97 * u, end - 0.02)]) for u in x)
        shapes.append(
            solid("back hair", h.at(smooth(outline, True, 4)), dark, **LOOK, form="round", strokes=inner)
        )
    up, out = volume(h)
    if sitter.cut == "ponytail":
        s, drop = sitter.side, 0.95 + 0.35 * sitter.length
        spine = smooth(
            np.array([(0.3, 0.05), (1.05, 0.02), (1.42, 0.35), (1.36, 0.7), (1.55, drop)]) * (s * h.half, 1)
        )
        wide = profile(len(spine), (0, 0.25, 0.6, 1), (0.10, 0.20, 0.17, 0.012))
        inner = tuple(h.at(spine[3:-1] + wide[3:-1, None] * (k, 0.3 * k)) for k in (-0.28, 0.0, 0.28))
        shapes.append(
            solid("tail", h.at(limb(spine, wide)), hair, **LOOK, form="round", second=dark, strokes=inner)
        )
    if sitter.cut == "bun":
        x, v = 0.16 * sitter.side * h.half, -0.075 - up
        swirl = tuple(h.at(disc(x, v + 0.01, r, 0.9 * r, 18)[2:15]) for r in (0.045, 0.075))
        knot = crown(rng, x, v, 0.115, 0.10, 7, 0.08, 40)
        shapes.append(solid("knot", h.at(knot), hair, **LOOK, form="round", second=dark, strokes=swirl))
    if sitter.cut == "curly":
        cloud = crown(rng, 0, 0.33, (1.36 + out) * h.half, 0.43, 13, 0.10, 110)
        shapes.append(solid("back hair", h.at(cloud), dark, **LOOK, form="round"))
    return shapes


def mass(h: Head, sitter: Sitter) -> np.ndarray | None:
    """Silhouette of the hair behind the head, or None where nothing shows; K×2 head coordinates."""
    up, out = volume(h)
    if sitter.cut in ("receding", "curly"):
        return None
    if sitter.cut in ("long", "bob", "wavy"):
        end, wide = tip(sitter), 1.02 if sitter.cut == "bob" else 1.14
        right = [
            (0.48, -0.02 - up),
            (0.89 + out, 0.12 - 0.5 * up),
            (1.10 + out, 0.36),
            (1.17 + out, 0.6),
            (1.17 + out, 0.8),
        ]
        low = [(wide + out, end - 0.01), (0.0, end + 0.01)]
        if h.drawn:  # the ends run out in points
            low = [(wide + out, end + 0.03), (0.72, end - 0.06), (0.45, end + 0.02), (0.15, end - 0.05)]
    else:
        right = [(0.48, -0.015 - up), (0.85 + out, 0.12 - up), (1.02 + out, 0.31), (1.0, 0.50), (0.8, 0.62)]
        low = [(0.0, 0.7)]
    half = [*right, *low]
    return np.array([(0, -0.045 - up), *half, *((-x, v) for x, v in half[::-1] if x)]) * (h.half, 1)


# ------------------------------------------------------------------------------------ in front of the head


def above(h: Head, sitter: Sitter, tone: Tone, rng: np.random.Generator) -> list[Shape]:
    """Hair in front of the head, with its shade on the forehead."""
    if sitter.cut == "curly":
        return curls(h, sitter, tone, rng)
    panels = front(h, sitter)
    shades = [shade(h, sitter, tone, part) for part in panels if part.fringe]
    if not h.drawn:
        return [*shades, *strands(h, sitter, tone, panels, rng)]
    return [*shades, *(shape for part in panels for shape in locks(h, sitter, tone, part, rng))]


def shade(h: Head, sitter: Sitter, tone: Tone, part: Panel) -> Shape:
    """What a fringe throws on the forehead."""
    points, face = part.outline(0.97 if h.drawn else 1.0) + np.array((0, 0.022)), h.outline
    low, high = face.min(0) * 0.985, face.max(0) * 0.985
    points = h.at(points.clip((low[0], 0.05), (high[0], 0.60)))
    colour = tone(shadow(sitter.skin))
    if h.drawn:
        return solid("fringe shade", points, colour, "face", opacity=0.75)
    return veil("fringe shade", points, colour, 0.45, 0.012)


def strands(
    h: Head, sitter: Sitter, tone: Tone, panels: list[Panel], rng: np.random.Generator
) -> list[Shape]:
    """Photographed panels: masses of many fine strands, some of them dark, some lit."""
    hair, dark, light = colours(sitter, tone)

    def waved(places: np.ndarray) -> np.ndarray:
        if sitter.cut == "wavy":
            v = places[..., 1]
            places[..., 0] += 0.035 * np.sin(19 * v) * (v - 0.35).clip(0, 1)
        return h.at(places)

    look = LOOK | {"form": "round", "second": dark, "gloss": 0.35}
    width = 0.020 * np.sin(steps(0.1, np.pi - 0.1, 9)) * h.tall
    shapes = []
    for part in panels:
        s = steps(0.05, 0.95, 9) + rng.normal(0, 0.02, 9)
        inner = waved(part.strand(s[:, None], steps(0.02, 1, 12)))
        shapes.append(solid("hair", waved(part.ragged(rng, 0.10)), hair, **look, strokes=tuple(inner)))
    t = rng.uniform(0.0, 0.35, (3, 1)) + rng.uniform(0.25, 0.5, (3, 1)) * steps(0, 1, 9)
    single = waved(panels[-1].strand(rng.uniform(0.1, 0.9, (3, 1)), t))
    tints = zip(single, (dark, light, light), strict=True)
    return [*shapes, *(veil("strand", limb(line, width), tint, 0.38, 0.004) for line, tint in tints)]


def locks(h: Head, sitter: Sitter, tone: Tone, part: Panel, rng: np.random.Generator) -> list[Shape]:
    """A drawn panel: a few big pointed locks and a band of light."""
    hair, dark, light = colours(sitter, tone)
    if not part.locks:  # combed flat
        inner = tuple(h.at(part.strand(steps(0.12, 0.88, 6)[:, None], steps(0.15, 0.9, 10))))
        flat = solid("hair", h.at(part.outline()), hair, **LOOK, form="round", second=dark, strokes=inner)
        return [flat, gleam(h, light, part, 0.36, 0.62)]
    n = part.locks
    at = np.linspace(0, 1, n + 1)
    at[1:-1] += rng.uniform(-0.25, 0.25, n - 1) / n
    edges = np.stack([at[:-1] - 0.05, at[1:] + 0.05], 1).clip(0, 1)
    reach, bias = rng.uniform(0.94, 1.10, n), rng.uniform(-0.22, 0.22, n)
    outlines = h.at(part.cut(edges, reach, bias, 3.2))
    inner = h.at(
        part.strand((edges.mean(1) + 0.3 * bias * np.ptp(edges, axis=1))[:, None], steps(0.42, 0.86, 8))
    )
    below = mix(hair, dark, 0.35)
    shapes = [solid("hair", h.at(part.outline(0.62)), hair, **LOOK, form="round")]
    for k in np.argsort(-np.abs(edges.mean(1) - 0.5)):  # the locks at the sides lie below
        lock = solid("lock", outlines[k], hair, **LOOK | {"outline": 0.8}, second=below, strokes=(inner[k],))
        shapes.append(lock)
    return [*shapes, gleam(h, light, part, 0.30, 0.44)]


def gleam(h: Head, light: Colour, part: Panel, start: float, stop: float) -> Shape:
    """The jagged band of light that runs across drawn hair."""
    s, zig = np.linspace(0.13, 0.87, 13), np.where(np.arange(13) % 2, 0.055, -0.02)
    t = np.stack([start + 0.4 * zig, stop + zig - 0.10 * np.abs(steps(-1, 1, 13))])
    upper, lower = part.strand(s, t)
    return solid("gleam", h.at(np.concatenate([upper, lower[::-1]])), light, "hair", opacity=0.55)


def curls(h: Head, sitter: Sitter, tone: Tone, rng: np.random.Generator) -> list[Shape]:
    """Curly hair: a wreath of round tufts that leaves the face free."""
    hair, dark, light = colours(sitter, tone)
    count, size = (11, 0.155) if h.drawn else (16, 0.115)
    spiral = steps(0.6, 4.6, 12)
    shapes = []
    # the outer ring reaches down to the ears, the inner one lies along the hairline
    for rx, ry, start, number in ((1.14, 0.34, -0.06, count), (0.88, 0.235, 0.06, count - 3)):
        for a in rng.permutation(np.linspace(np.pi * (1 + start), np.pi * (2 - start), number)):
            x, v = np.array((rx * h.half * np.cos(a), 0.34 + ry * np.sin(a))) + rng.normal(0, 0.010, 2)
            r = size * rng.uniform(0.85, 1.15) * (0.6 + 0.35 * rx)
            turn = 0.13 * r * spiral
            curl = np.stack([x + turn * np.cos(spiral + a), v + turn * np.sin(spiral + a)], 1)
            tint = mix(hair, light if v < 0.2 else dark, 0.4 * rng.random())
            tuft = h.at(crown(rng, x, v, r, 0.9 * r, 6, 0.16, 34))
            look = LOOK | {"outline": 0.7, "form": "round", "second": mix(tint, dark, 0.5)}
            shapes.append(solid("curl", tuft, tint, **look, strokes=(h.at(curl),)))
    return shapes
