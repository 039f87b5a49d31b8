"""Buildings and what stands along roads. Each is drawn in its own frame: foot at (0, 0), top at (0, 1)."""

from itertools import pairwise

import numpy as np

from animestudy.data.atelier.outlines import disc, limb, patch, rectangle, rows, smooth, steps
from animestudy.data.atelier.site import DETAILED, FINE, PLAIN, ROOFS, WALLS, Site, darker, mixed
from animestudy.data.atelier.trees import shadow

# ruff: noqa: RUF005 (offsets are added to arrays here, nothing is concatenated)


def window(site: Site, quad: np.ndarray, bars: int = 1, lit: float = 0.0) -> None:
    """A glazed opening in a wall; `lit` is the chance that a lamp burns behind it; 0 `bars` far away."""
    glow = site.rng.random() < lit
    pane = site.of("lamp") if glow else site.of("glass", 0.05)
    lines = (*rows(quad, bars), *rows(quad, bars, across=True)) if bars and site.tall >= FINE else ()
    more = {"gloss": 0.1 if glow else 0.7, "outline": 0.5, "strokes": lines}
    site.add(
        "lamp" if glow else "window",
        quad,
        mixed(pane, site.sky[1], 0.0 if glow else 0.45),
        second=pane,
        **more,
    )


def tiles(site: Site, choices: tuple = ROOFS) -> tuple[float, float, float]:
    """The colour of a roof: snow lies on it in winter."""
    return site.of("snow") if site.season == "winter" else site.pick(choices)


def house(site: Site) -> None:
    """A gabled house seen at an angle: gable front to the right, long side to the left."""
    rng, wall = site.rng, site.pick(WALLS)
    wide, long, eave, lift, out = rng.uniform(0.42, 0.55), rng.uniform(0.55, 0.9), 0.52, 0.05, 0.05
    lamps = 0.15 + 0.5 * site.low
    texture = "brick" if wall[0] - wall[2] > 0.2 and rng.random() < 0.6 else "none"
    edge = 0.2 * wide
    left, right, back, peak = edge, edge + wide, edge - long, edge + wide / 2
    front, side = (darker(wall, f) for f in ((1.0, 0.8) if site.light > 0 else (0.8, 1.0)))
    shadow(site, wide + long)
    flank = np.array([(back, eave + 0.01), (left, eave), (left, 0), (back, lift)])
    site.add("wall", flank, side, texture=texture)
    number = max(1, round(3 * long)) if site.tall >= DETAILED else 1
    for k in range(number):
        window(site, patch(flank, (k + 0.28) / number, 0.28, (k + 0.72) / number, 0.68), lit=lamps)
    gable = [(left, eave), (peak, eave + 0.40), (right, eave + 0.02), (right, 0.015), (left, 0)]
    site.add("wall", gable, front, texture=texture)
    box = np.array([(left, eave), (right, eave), (right, 0.015), (left, 0)])
    door = patch(box, 0.40, 0.42, 0.62, 1.0)
    site.add(
        "door",
        door,
        site.of("door"),
        outline=0.7,
        strokes=rows(door, 2, across=True) if site.tall >= FINE else (),
    )
    openings = ((0.40, -0.30, 0.60, -0.02), (0.10, 0.34, 0.30, 0.66), (0.72, 0.34, 0.92, 0.66))
    for place in openings if site.tall >= PLAIN else openings[:1]:
        window(site, patch(box, *place), lit=lamps)
    tile = tiles(site)
    roof = np.array(
        [
            (back - out, eave + 0.41),
            (peak + 0.01, eave + 0.42),
            (left - 0.02, eave - 0.04),
            (back - 1.4 * out, eave),
        ]
    )
    site.add("roof", roof, tile, texture="roof", strokes=rows(roof, 5 if site.tall >= DETAILED else 2))
    for foot in (left - 0.02, right + 0.025) if site.tall >= DETAILED else ():
        beam = limb([(peak + 0.01, eave + 0.425), (foot, eave - 0.05)], [0.045] * 2)
        site.add("gutter", beam, darker(tile, 0.8), outline=0.6)
    if rng.random() < 0.7 and site.tall >= PLAIN:
        x = back + long * rng.uniform(0.25, 0.6)
        brick = site.toned((0.62, 0.40, 0.33))
        site.add(
            "chimney", rectangle(x, eave + 0.53, x + 0.09, eave + 0.28), brick, texture="brick", outline=0.7
        )


def cottage(site: Site) -> None:
    """A wooden house with a wide hipped roof, curved at the eaves, and sliding screens."""
    rng, wood, tile = site.rng, site.of("wood", shade=0.8), tiles(site, ROOFS[1:4])
    wide = rng.uniform(0.75, 0.95)
    shadow(site, 2 * wide)
    body = rectangle(-wide, 0.48, wide, 0)
    site.add("wall", body, wood, strokes=rows(body, 6, across=True) if site.tall >= FINE else ())
    glow = rng.random() < 0.7 * site.low
    for k in range(3):
        screen = patch(body, 0.07 + 0.30 * k, 0.22, 0.33 + 0.30 * k, 0.94)
        paper = site.of("lamp") if glow else site.toned((0.95, 0.91, 0.78))
        lattice = (*rows(screen, 3), *rows(screen, 2, across=True)) if site.tall >= DETAILED else ()
        site.add("lamp" if glow else "screen", screen, paper, outline=0.6, strokes=lattice)
    if site.tall >= PLAIN:
        site.add("porch", rectangle(-1.08 * wide, 0.06, 1.08 * wide, 0), site.of("plank"), outline=0.6)
    slope = smooth([(0.55, 1.0), (0.8, 0.72), (1.35, 0.46)], steps=4) * (wide, 1)
    lower = smooth([(-1.35, 0.46), (0, 0.41), (1.35, 0.46)], steps=5)[1:-1] * (wide, 1)
    ribs = tuple(np.array([(0.5 * u * wide, 0.97), (1.2 * u * wide, 0.46)]) for u in steps(-0.9, 0.9, 7))
    roof = np.concatenate([slope, lower[::-1], slope[::-1] * (-1, 1)])
    site.add("roof", roof, tile, texture="roof", strokes=ribs)
    site.add("gutter", rectangle(-0.6 * wide, 1.04, 0.6 * wide, 0.97), darker(tile, 0.75), outline=0.7)


def tower(site: Site) -> None:
    """A church or town tower with a pointed roof and a clock."""
    wide, tile = 0.13, tiles(site)
    shadow(site, 2 * wide)
    body = rectangle(-wide, 0.68, wide, 0)
    site.add("wall", body, site.pick(WALLS[:3]), form="vertical", texture="brick")
    lines = rows(np.array([(0, 1), (0, 1), (1.25 * wide, 0.66), (-1.25 * wide, 0.66)]), 4)
    site.add(
        "roof",
        [(0, 1), (1.25 * wide, 0.66), (-1.25 * wide, 0.66)],
        tile,
        form="vertical",
        texture="roof",
        strokes=lines,
    )
    hands = ([(0, 0.61), (0, 0.57), (0.04, 0.57)],)
    site.add("clock", disc(0, 0.57, 0.07), site.toned((0.95, 0.93, 0.86)), outline=0.7, strokes=hands)
    for k in range(2):
        window(site, patch(body, 0.32, 0.38 + 0.26 * k, 0.68, 0.54 + 0.26 * k))


def lighthouse(site: Site) -> None:
    """A banded lighthouse."""
    red, metal = site.of("vermilion"), site.of("metal")
    shadow(site, 0.28)
    body = np.array([(-0.09, 0.78), (0.09, 0.78), (0.14, 0), (-0.14, 0)])
    site.add("wall", body, site.toned((0.95, 0.94, 0.91)), form="vertical")
    for k in (0.12, 0.46, 0.80):
        site.add("band", patch(body, 0, k, 1, k + 0.16), red, form="vertical", outline=0.4)
    site.add("balcony", rectangle(-0.126, 0.80, 0.126, 0.77), metal, outline=0.6)
    lamp = rectangle(-0.063, 0.91, 0.063, 0.80)
    site.add("lamp", lamp, site.of("lamp"), gloss=0.5, outline=0.6, strokes=rows(lamp, 2, across=True))
    dome = disc(0, 0.91, 0.076, 0.09, 24)[:13]
    site.add("roof", dome, red, form="round")


def pagoda(site: Site) -> None:
    """A tower of stacked roofs with curved eaves."""
    storeys = int(site.rng.integers(3, 6))
    wide, rise = 0.30 - 0.025 * storeys, 0.86 / storeys
    tile, wood = tiles(site, ROOFS[1:4]), site.of("vermilion", shade=0.85)
    shadow(site, 2 * wide)
    for k in range(storeys):
        foot, w = k * rise, wide * (1 - 0.12 * k)
        body = rectangle(-0.6 * w, foot + 0.62 * rise, 0.6 * w, foot)
        site.add("wall", body, wood, form="vertical", strokes=rows(body, 3, across=True), outline=0.8)
        window(site, patch(body, 0.36, 0.25, 0.64, 0.9), bars=2, lit=0.3 * site.low)
        slope = smooth([(0.42, 1.02), (0.7, 0.68), (1.25, 0.56)], steps=3) * (w, rise) + (0, foot)
        lower = smooth([(-1.25, 0.56), (0, 0.42), (1.25, 0.56)], steps=4)[1:-1] * (w, rise) + (0, foot)
        ribs = tuple(
            np.array([(0.4 * u * w, foot + 1.02 * rise), (1.1 * u * w, foot + 0.52 * rise)])
            for u in (-0.8, -0.3, 0.3, 0.8)
        )
        roof = np.concatenate([slope, lower[::-1], slope[::-1] * (-1, 1)])
        site.add("roof", roof, tile, texture="roof", strokes=ribs)
    site.add(
        "spire", rectangle(-0.012, 1, 0.012, storeys * rise), site.of("metal"), form="vertical", outline=0.6
    )


def torii(site: Site) -> None:
    """A shrine gate: two pillars, a tie beam and a curved lintel."""
    red = site.of("vermilion")
    shadow(site, 0.9)
    for side in (-1, 1):
        pillar = limb([(0.445 * side, 0), (0.395 * side, 0.92)], [0.085, 0.077])
        site.add("pillar", pillar, red, form="vertical")
    site.add("beam", rectangle(-0.48, 0.74, 0.48, 0.66), red, form="horizontal")
    curve = smooth([(-0.61, 0.99), (0, 0.93), (0.61, 0.99)])
    site.add("beam", limb(curve, [0.10] * len(curve)), red, form="horizontal")
    site.add("beam", limb(curve + (0, 0.06), [0.05] * len(curve)), site.of("dark"), form="horizontal")


def pole(site: Site) -> np.ndarray:
    """A utility pole; returns the two points of the picture where its wires hang."""
    wood = site.of("metal")
    shadow(site, 0.06)
    site.add("pole", limb([(0, 0), (0, 1)], [0.036, 0.024]), wood, form="vertical", outline=0.7)
    for up, half in ((0.93, 0.13), (0.83, 0.10))[: 2 if site.tall >= DETAILED else 1]:
        site.add("pole", rectangle(-half, up + 0.012, half, up - 0.012), wood, outline=0.6)
    if site.tall >= FINE:
        site.add(
            "pole", rectangle(0.018, 0.78, 0.078, 0.68), darker(wood, 1.15), form="vertical", outline=0.5
        )
    return site.placed([(-0.12, 0.93), (0.12, 0.93)])


def wires(site: Site, ends: list[np.ndarray]) -> None:
    """Wires that sag between the poles of a row."""
    for a, b in pairwise(ends):
        for p, q in zip(a, b, strict=True):
            line = smooth([p, (p + q) / 2 + (0, 0.06 * np.hypot(*(q - p))), q])
            site.add("wire", line, site.of("dark", 0), closed=False, width=0.0022, outline=0.5)


def fence(site: Site, left: tuple[float, float], right: tuple[float, float], height: float) -> None:
    """Posts and two rails between two points on the ground of the picture."""
    a, b, wood = np.array(left), np.array(right), site.of("plank")
    for up in (0.45, 0.8):
        rail = limb([a - (0, up * height), b - (0, up * height)], [0.11 * height] * 2)
        site.add("fence", rail, wood, form="horizontal", outline=0.7)
    for t in np.linspace(0, 1, max(3, round(float(np.hypot(*(b - a))) / (0.8 * height)))):
        post = site.stand(*(a + t * (b - a) + site.rng.normal(0, 0.004, 2)), height)
        post.add("fence", rectangle(-0.07, 1, 0.07, 0), darker(wood, 0.92), form="vertical", outline=0.8)


def bridge(
    site: Site, left: tuple[float, float], right: tuple[float, float], height: float, water: float
) -> None:
    """A stone bridge with round arches between two points of the picture; its feet stand at `water`."""
    (x0, y0), (x1, y1) = left, right
    span, arches, stone = x1 - x0, int(site.rng.integers(2, 4)), site.of("stone")
    deck = smooth([(x0, y0), ((x0 + x1) / 2, min(y0, y1) - 0.35 * height), (x1, y1)], steps=10)
    pier, turn = span / arches * 0.14, steps(0, np.pi, 14)
    outline = [*map(tuple, deck), (x1, water)]
    for k in reversed(range(arches)):
        a, b = x0 + span * k / arches + pier, x0 + span * (k + 1) / arches - pier
        arch = np.stack([(a + b) / 2 + (b - a) / 2 * np.cos(turn), water - 0.62 * height * np.sin(turn)], 1)
        outline += [(b, water), *map(tuple, arch), (a, water)]
    outline.append((x0, water))
    site.add("bridge", outline, stone, texture="brick", second=darker(stone, 0.8))
    parapet = limb(deck - (0, 0.02 * height), [0.12 * height] * len(deck))
    site.add("parapet", parapet, darker(stone, 1.08), form="horizontal", outline=0.7)
