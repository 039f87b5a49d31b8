"""Landscapes: eight kinds of place, each composed of foreground, middle ground and background.

A builder knows nothing of domain, style or size: a photograph and a drawing of one subject share every shape.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from animestudy.data.atelier.buildings import (
    bridge,
    cottage,
    fence,
    house,
    lighthouse,
    pagoda,
    pole,
    torii,
    tower,
    wires,
)
from animestudy.data.atelier.hand import hand
from animestudy.data.atelier.mood import mood
from animestudy.data.atelier.outlines import crown, disc, limb, rectangle, smooth
from animestudy.data.atelier.people import person, rowboat, sailboat
from animestudy.data.atelier.relief import (
    ground,
    hills,
    meadow,
    mountains,
    on_ground,
    road,
    rock,
    settle,
    sky,
    water,
    wood,
)
from animestudy.data.atelier.site import PETALS, SEASONS, Site, darker, mixed
from animestudy.data.atelier.spec import Plan, Subject
from animestudy.data.atelier.street import street
from animestudy.data.atelier.trees import TREES, bush, tree, tuft

# ruff: noqa: RUF005 (offsets are added to arrays here, nothing is concatenated)


def build(subject: Subject) -> Plan:
    """The landscape of `subject`, its mood and the hand that would draw it."""
    chosen = mood(subject.psychology, subject.overall, subject.rng("mood"))
    rng = subject.rng("scene")
    place = list(PLACES.values())[int(rng.integers(len(PLACES)))]
    season = SEASONS[int(rng.choice(4, p=(0.24, 0.40, 0.22, 0.14)))]
    site = Site(chosen, rng, season, grey=float(np.clip(rng.normal(0.12, 0.30), 0, 1)))
    place(site)
    return Plan(tuple(site.shapes), chosen, hand(subject.psychology, subject.local, subject.rng("hand")))


def kinds(site: Site, *choices: str) -> Callable[[Site], None]:
    """Draws a tree of one of the given kinds."""
    return partial(tree, kind=choices[int(site.rng.integers(len(choices)))])


def backdrop(site: Site, high: float) -> None:
    """Sky and what closes the view: mountains, wooded hills, or both."""
    sky(site)
    rng = site.rng
    if rng.random() < 0.65:
        mountains(site, site.horizon + 0.01, high * rng.uniform(0.7, 1.2), int(rng.integers(1, 3)))
    hills(site, site.horizon - rng.uniform(0.02, 0.07), 0.05, 0.84, rng.random() < 0.6)
    if rng.random() < 0.6:
        hills(site, site.horizon - 0.005, 0.025, 0.72, rng.random() < 0.6)


def frame(site: Site) -> None:
    """A dark tree at one side of the foreground, cut by the edge, that leads the eye inwards."""
    rng = site.rng
    side = int(rng.integers(2))
    here = site.at(0.02, "near")
    kind = ("broadleaf", "pine", "broadleaf", "bare")[int(rng.integers(4))]
    tall = rng.uniform(0.9, 1.15)
    TREES[kind][0](here.stand(side + (0.06 if side else -0.06) * rng.uniform(-0.6, 1.2), 1.06, tall))


def village(site: Site) -> None:
    """Houses along a winding road under mountains."""
    rng, h = site.rng, site.horizon
    backdrop(site, 0.26)
    ground(site)
    head = (1 - site.mood.symmetry) * rng.uniform(0.3, 0.7) + site.mood.symmetry * 0.5
    line = road(
        site,
        rng.uniform(0.3, 0.7) * (1 - site.mood.symmetry) + site.mood.symmetry * 0.5,
        head,
        0.42,
        h + 0.01,
        "road",
        1 - 0.6 * site.mood.symmetry,
    )
    things = []
    homes = (house, house, cottage) if rng.random() < 0.5 else (house,) if rng.random() < 0.6 else (cottage,)
    for x in site.places(max(2, site.count(4)), 0.06, 0.94, head):
        y = h + (1 - h) * rng.uniform(0.16, 0.55)
        x = away(x, line, y, 0.19 * site.scale(y) + 0.05)
        things.append(on_ground(site, y, x, 0.60, homes[int(rng.integers(len(homes)))], flip=x > head))
    if rng.random() < 0.4:
        y = h + (1 - h) * 0.14
        things.append(on_ground(site, y, away(rng.uniform(0.1, 0.9), line, y, 0.06), 1.7, tower))
    for x in site.places(max(3, site.count(8)), 0.0, 1.0, head):
        y = h + (1 - h) * rng.uniform(0.08, 0.7)
        x = away(x, line, y, 0.10 * site.scale(y) + 0.02)
        things.append(
            on_ground(
                site,
                y,
                x,
                rng.uniform(0.5, 0.8),
                kinds(site, "broadleaf", "broadleaf", "poplar", "conifer", "bush"),
            )
        )
    for _ in range(site.count(1.6)):
        k = int(len(line) * rng.uniform(0.15, 0.6))
        things.append(on_ground(site, line[k, 1], line[k, 0] + rng.normal(0, 0.01), 0.27, person, "figure"))
    settle(site, things)
    if rng.random() < 0.45:
        y = h + (1 - h) * rng.uniform(0.72, 0.85)
        fence(
            site.at(0.1, "near"), (-0.05, y), (line[np.abs(line[:, 1] - y).argmin(), 0] - 0.2, y + 0.02), 0.11
        )
    foot = line[np.abs(line[:, 1] - 0.97).argmin(), 0]
    meadow(site, 9, True, (foot - 0.19, foot + 0.19))
    if rng.random() < 0.4:
        frame(site)


def away(x: float, line: np.ndarray, y: float, gap: float) -> float:
    """`x`, moved so that it keeps `gap` from a road's middle line at height `y`."""
    middle = line[np.abs(line[:, 1] - y).argmin(), 0]
    return x if abs(x - middle) > gap else middle + (gap if x >= middle else -gap)


def lake(site: Site) -> None:
    """A mountain lake with a wooded bank, a boat and the near shore."""
    rng, h = site.rng, site.horizon
    sky(site)
    mountains(site, h + 0.015, rng.uniform(0.26, 0.42) * min(1, h / 0.5), int(rng.integers(2, 4)))
    if rng.random() < 0.7:
        hills(site, h - 0.01, 0.03, 0.8, True)
    shore = h + 0.025
    bank = site.at(0.68, "hills")
    line = np.stack([np.linspace(-0.3, 1.3, 13), shore - 0.012 + 0.006 * rng.standard_normal(13)], 1)
    bank.add(
        "bank",
        np.concatenate([smooth(line, steps=3), [(1.3, shore + 0.03), (-0.3, shore + 0.03)]]),
        bank.grass(0.8),
        texture="grass",
        outline=0.6,
    )
    wood(
        site, ("conifer", "conifer", "broadleaf"), max(4, site.count(11)), shore - 0.002, 0.11, 0.66, "hills"
    )
    if rng.random() < 0.5:
        home = site.at(0.62, "hills")
        house(home.stand(rng.uniform(0.15, 0.85), shore, 0.085, rng.random() < 0.5))
    edge = smooth(
        [(-0.3, shore + 0.01), (0.2, shore + 0.004), (0.6, shore + 0.008), (1.3, shore + 0.004)], steps=6
    )
    water(site, np.concatenate([edge, [(1.3, 1.3), (-0.3, 1.3)]]), 0.45, 20)
    for _ in range(max(1, site.count(1.2))):
        y = shore + (1 - shore) * rng.uniform(0.15, 0.45)
        x = (1 - site.mood.symmetry) * rng.uniform(0.2, 0.8) + site.mood.symmetry * 0.5
        draw = sailboat if rng.random() < 0.45 else rowboat
        draw(
            site.at(site.depth(y), "boat").stand(
                x, y, (0.42 if draw is sailboat else 0.16) * site.scale(y) + 0.02, rng.random() < 0.5
            )
        )
    near_shore(site, rng.uniform(0.80, 0.90), rng.random() < 0.5)
    if rng.random() < 0.6:
        frame(site)


def near_shore(site: Site, top: float, left: bool) -> None:
    """Grass and stones along the lower edge, higher on one side, with somebody looking on."""
    rng, here = site.rng, site.at(0.08, "near")
    line = smooth(
        [(-0.3, top - 0.08), (0.2, top - 0.01), (0.55, top + 0.07), (0.9, top + 0.13), (1.3, top + 0.2)],
        steps=6,
    )
    if not left:
        line = line[::-1] * (-1, 1) + (1, 0)
    here.add(
        "shore",
        np.concatenate([line, [(1.3, 1.3), (-0.3, 1.3)]]),
        here.grass(),
        texture="grass",
        second=here.grass(0.75),
    )
    for _ in range(site.count(3)):
        x = rng.uniform(0, 1)
        y = np.interp(x, line[:, 0], line[:, 1]) + 0.01
        rock(here.stand(x, y, rng.uniform(0.02, 0.05)))
    if rng.random() < 0.6:
        x = rng.uniform(0.08, 0.3) if left else rng.uniform(0.7, 0.92)
        person(
            site.at(0.1, "figure").stand(
                x, np.interp(x, line[:, 0], line[:, 1]) + 0.03, rng.uniform(0.17, 0.24)
            )
        )
    for x in rng.uniform(0, 1, site.count(9)):
        y = np.interp(x, line[:, 0], line[:, 1]) + rng.uniform(0.0, 0.05)
        tuft(
            here.stand(x, y, rng.uniform(0.05, 0.11)),
            here.grass(rng.uniform(0.7, 1.0)),
            int(rng.integers(5, 9)),
        )


def coast(site: Site) -> None:
    """A beach, the open sea, a headland with its lighthouse, sails."""
    rng, h = site.rng, site.horizon
    sky(site, 3.5)
    side = 1 if rng.random() < 0.5 else -1
    if rng.random() < 0.5:
        far = site.at(0.92, "far")
        line = smooth(
            [
                (0.5 - 0.2 * side, h + 0.01),
                (0.5 + 0.1 * side, h - 0.03),
                (0.5 + 0.4 * side, h - 0.06),
                (0.5 + 0.9 * side, h - 0.09),
            ],
            steps=5,
        )
        far.add(
            "island",
            np.concatenate([line, [(0.5 + 0.9 * side, h + 0.02)]]),
            far.needles(1.2),
            texture="rock",
            outline=0.6,
            mask="background",
        )
    water(site, rectangle(-0.3, h, 1.3, 1.3), 0.5, 24)
    sails = []
    for x in site.places(max(1, site.count(2.2)), 0.12, 0.88):
        y = h + (1 - h) * rng.uniform(0.05, 0.35)
        sails.append((y, x))
    for y, x in sorted(sails):
        sailboat(site.at(site.depth(y), "boat").stand(x, y, 0.03 + 0.5 * site.scale(y), rng.random() < 0.5))
    if rng.random() < 0.75:
        headland(site, -side)
    top = h + (1 - h) * rng.uniform(0.48, 0.62)
    shore = smooth(
        [(-0.3, top + 0.16), (0.1, top + 0.13), (0.45, top + 0.02), (0.75, top - 0.07), (1.3, top - 0.13)],
        steps=7,
    )
    if side < 0:
        shore = shore[::-1] * (-1, 1) + (1, 0)
    sand = site.at(0.25, "middle")
    for k, colour in (
        (0.035, sand.of("foam")),
        (0.018, darker(sand.of("sand"), 0.8)),
        (0.0, sand.of("sand")),
    ):
        wobble = 0.008 * np.sin(shore[:, 0] * 23 + 40 * k)
        edge = shore - np.stack([0 * wobble, k - wobble * (k > 0.03)], 1)
        more = {
            "outline": 0.7 if k == 0 else 0.4,
        }
        sand.add(
            "sand" if k < 0.03 else "foam", np.concatenate([edge, [(1.3, 1.3), (-0.3, 1.3)]]), colour, **more
        )
    for _ in range(site.count(3)):
        y = h + (top - h) * rng.uniform(0.35, 0.95)
        x, half = rng.uniform(0.1, 0.9), 0.10 * site.scale(y)
        wave = smooth(
            [(x - half, y), (x - 0.3 * half, y - 0.012), (x + 0.4 * half, y - 0.002), (x + half, y - 0.008)],
            steps=5,
        )
        site.at(0.4, "middle").add(
            "foam", wave, site.of("foam"), closed=False, width=0.008 * site.scale(y) + 0.002, outline=0.3
        )
    things = []
    land = lambda x: float(np.interp(x, shore[:, 0], shore[:, 1]))  # noqa: E731
    for _ in range(site.count(1.7)):
        x = rng.uniform(0.1, 0.9)
        y = min(0.95, land(x) + rng.uniform(0.04, 0.15))
        things.append(
            (y, lambda place, x=x, y=y: person(place.at(0.15, "figure").stand(x, y, 0.24 * site.scale(y))))
        )
    for _ in range(site.count(2)):
        x = rng.uniform(0, 1)
        y = land(x) + rng.uniform(-0.02, 0.06)
        things.append(
            (y, lambda place, x=x, y=y: rock(place.at(0.2, "middle").stand(x, y, rng.uniform(0.03, 0.07))))
        )
    if rng.random() < 0.55:
        x = 0.5 + side * rng.uniform(0.25, 0.45)
        y = min(1.0, land(x) + rng.uniform(0.1, 0.2))
        kind = "palm" if rng.random() < 0.6 else "pine"
        things.append(
            (
                y,
                lambda place, x=x, y=y: tree(
                    place.at(0.08, "near").stand(x, y, rng.uniform(0.55, 0.75)), kind
                ),
            )
        )
    settle(site, things)
    for x in rng.uniform(0, 1, site.count(6)):
        here = site.at(0.04, "near")
        tuft(
            here.stand(x, 1.03 - 0.05 * rng.random(), rng.uniform(0.05, 0.12)),
            here.toned((0.62, 0.66, 0.38)),
            int(rng.integers(5, 9)),
        )


def headland(site: Site, side: int) -> None:
    """A cliff that runs into the sea from one side, grass on top, often with a lighthouse."""
    rng, h, here = site.rng, site.horizon, site.at(0.6, "hills")
    top, tip, foot = (
        h - rng.uniform(0.06, 0.13),
        0.5 + side * rng.uniform(0.0, 0.15),
        h + rng.uniform(0.05, 0.09),
    )
    crest = smooth(
        [
            (0.5 + 0.85 * side, top - 0.06),
            (0.5 + 0.45 * side, top - 0.01),
            (tip + 0.14 * side, top + 0.02),
            (tip + 0.03 * side, top + 0.07),
            (tip, foot),
        ],
        steps=5,
    )
    crest = crest + rng.normal(0, 0.003, crest.shape)
    stone = here.toned((0.62, 0.55, 0.48))
    cracks = tuple(
        np.array([(x, top + 0.05), (x + 0.01 * side, (top + foot) / 2 + 0.01), (x, foot - 0.01)])
        for x in tip + side * np.array([0.08, 0.17, 0.28, 0.4])
    )
    outline = np.concatenate([crest, [(0.5 + 0.85 * side, foot + 0.01)]])
    here.add("cliff", outline, stone, texture="rock", second=darker(stone, 0.75), strokes=cracks)
    cap = np.concatenate(
        [
            crest[: len(crest) - 7],
            (crest[: len(crest) - 7] + (0, 0.03) + rng.normal(0, 0.006, (len(crest) - 7, 2)))[::-1],
        ]
    )
    here.add("grass", cap, here.grass(), texture="grass", outline=0.5)
    x = tip + side * rng.uniform(0.18, 0.3)
    y = float(np.interp(x * side, crest[::-1, 0] * side, crest[::-1, 1])) + 0.012
    (lighthouse if rng.random() < 0.75 else house)(here.stand(x, y, rng.uniform(0.16, 0.24), side > 0))
    for k in range(site.count(3)):
        x = tip + side * (0.36 + 0.07 * k)
        y = float(np.interp(x * side, crest[::-1, 0] * side, crest[::-1, 1])) + 0.01
        bush(here.stand(x, y, 0.03))


def forest(site: Site) -> None:
    """A path between trunks towards the light."""
    rng, h = site.rng, site.horizon
    top, bottom = site.sky
    glow = mixed(bottom, site.leaves(1.3), 0.35)
    site.add(
        "sky",
        rectangle(-0.3, -0.3, 1.3, 1.3),
        mixed(top, glow, 0.5),
        second=mixed(glow, (1, 1, 0.9), 0.4),
        outline=0,
        mask="background",
    )
    head = (1 - site.mood.symmetry) * rng.uniform(0.3, 0.7) + site.mood.symmetry * 0.5
    leafy = site.season != "winter"
    needles = rng.random() < 0.35
    for depth, number, thick in ((0.85, 11, 0.014), (0.66, 8, 0.026)):
        here = site.at(depth, "far" if depth > 0.7 else "hills")
        more = {"mask": "background"} if depth > 0.8 else {}
        leaf = here.needles() if needles else here.leaves()
        for k, x in enumerate(site.places(max(4, site.count(number)), -0.05, 1.05, head)):
            if leafy or needles:
                mass = crown(
                    rng,
                    x,
                    h - rng.uniform(0.12, 0.30),
                    rng.uniform(0.07, 0.13),
                    rng.uniform(0.07, 0.12),
                    7,
                    0.25,
                    40,
                )
                here.add(
                    "foliage",
                    mass,
                    leaf if k % 2 else darker(leaf, 0.9),
                    texture="foliage",
                    outline=0.3,
                    **more,
                )
            trunk = limb([(x, h + 0.05), (x + rng.normal(0, 0.01), -0.05)], [thick, thick * 0.7])
            here.add("trunk", trunk, here.of("trunk"), form="vertical", texture="bark", outline=0.5, **more)
    for x in site.places(max(3, site.count(6)), -0.05, 1.05, head):
        bush(site.at(0.7, "hills").stand(x, h + 0.02, rng.uniform(0.03, 0.07)))
    moss = site.toned(mixed((0.42, 0.44, 0.24), (0.88, 0.90, 0.94), 0.8 if site.season == "winter" else 0.0))
    ground(site, moss)
    line = road(site, rng.uniform(0.35, 0.65), head, 0.5, h + 0.01, "earth")
    if rng.random() < 0.3:
        y = h + (1 - h) * 0.22
        settle(site, [on_ground(site, y, line[np.abs(line[:, 1] - y).argmin(), 0], 1.0, torii)])
    things = []
    for x in site.places(max(4, site.count(7)), -0.08, 1.08, head):
        y = h + (1 - h) * rng.uniform(0.10, 0.55)
        x = away(x, line, y, 0.30 * site.scale(y) + 0.03)
        things.append(
            (
                y,
                partial(
                    trunk_at,
                    x=x,
                    y=y,
                    thick=rng.uniform(0.13, 0.20) * site.scale(y) + 0.012,
                    depth=site.depth(y),
                    layer="middle",
                ),
            )
        )
        if rng.random() < 0.6:
            bx = away(x + rng.normal(0, 0.05), line, y + 0.01, 0.26 * site.scale(y))
            things.append(on_ground(site, y + 0.01, bx, rng.uniform(0.10, 0.2), bush))
    if rng.random() < 0.65:
        k = int(len(line) * rng.uniform(0.25, 0.55))
        things.append(on_ground(site, line[k, 1], line[k, 0], 0.36, person, "figure"))
    settle(site, things)
    for side in (0, 1):
        if rng.random() < 0.8:
            x = side + (1 if side else -1) * rng.uniform(-0.12, 0.03)
            trunk_at(site, x, 1.08, rng.uniform(0.14, 0.22), 0.03, "near")
    if leafy or needles:
        here = site.at(0.12, "near")
        leaf = here.needles() if needles else here.leaves(0.85)
        for x in (-0.02, 0.28, 0.6, 1.0):
            mass = crown(
                rng, x, rng.uniform(-0.10, -0.02), rng.uniform(0.2, 0.3), rng.uniform(0.12, 0.22), 9, 0.22
            )
            here.add(
                "foliage",
                mass,
                darker(leaf, rng.uniform(0.8, 1.05)),
                form="round",
                texture="foliage",
                second=darker(leaf, 0.7),
            )
    for x in rng.uniform(0.1, 0.9, int(rng.integers(2, 4))):
        lean = -0.35 * site.light
        ray = [(x, -0.2), (x + 0.05, -0.2), (x + 0.16 + 1.4 * lean, 1.1), (x - 0.02 + 1.4 * lean, 1.1)]
        gold = site.toned((1.0, 0.95, 0.78), 0)
        strength = 0.13 * (1 - site.grey)
        site.at(0.1, "air").add("ray", ray, gold, opacity=strength, blend=0.02, outline=0)
    foot = line[np.abs(line[:, 1] - 0.97).argmin(), 0]
    meadow(site, 10, rng.random() < 0.5, (foot - 0.2, foot + 0.2))


def trunk_at(site: Site, x: float, y: float, thick: float, depth: float, layer: str) -> None:
    """One tall trunk that leaves the picture at the top, with roots and bark lines."""
    here, rng = site.at(depth, layer), site.rng
    lean = rng.normal(0, 0.02)
    spine = smooth([(x, y), (x + 0.01, y - 0.25), (x + lean, y - 0.6), (x + 1.5 * lean, y - 1.3)], steps=6)
    widths = thick * np.interp(y - spine[:, 1], [0, 0.35 * thick, 1.2 * thick, 1.0], [2.0, 1.35, 1.0, 0.75])
    shade_at = here.stand(x, y, thick)
    from animestudy.data.atelier.trees import shadow

    shadow(shade_at, 1.6, 3.0)
    lines = tuple(
        spine[1:]
        + np.stack([widths[1:] * k, 0 * widths[1:]], 1)
        + np.stack([rng.normal(0, 0.08, len(spine) - 1) * thick, np.zeros(len(spine) - 1)], 1)
        for k in (-0.28, -0.05, 0.2, 0.36)
    )
    here.add(
        "trunk", limb(spine, widths), here.of("trunk", 0.04), form="vertical", texture="bark", strokes=lines
    )


def field(site: Site) -> None:
    """Rows of a field that run to the horizon under a wide sky."""
    rng, h = site.rng, site.horizon
    sky(site, 4.0)
    if rng.random() < 0.45:
        mountains(site, h + 0.01, 0.16, 1)
    hills(site, h - 0.015, 0.03, 0.84, rng.random() < 0.7)
    ground(site)
    vanish = (1 - site.mood.symmetry) * rng.uniform(0.15, 0.85) + site.mood.symmetry * 0.5
    crop = {
        "spring": (0.52, 0.66, 0.34),
        "summer": (0.52, 0.62, 0.28),
        "autumn": (0.86, 0.70, 0.34),
        "winter": (0.80, 0.82, 0.84),
    }[site.season]
    bloom = site.season in ("spring", "summer") and rng.random() < 0.65
    if bloom:
        crop = PETALS[int(rng.integers(len(PETALS)))]
    here = site.at(0.35, "middle")
    start, soil = h + (1 - h) * 0.10, here.of("earth")
    number, step = 15, rng.uniform(0.22, 0.34)
    for k in range(-number, number + 1):
        a, b = vanish + k * step, vanish + (k + 0.56) * step
        if max(a, b) < -1.6 and k > 0:
            continue

        def at(x: float, y: float) -> tuple[float, float]:
            return vanish + (x - vanish) * (y - h) / (1 - h), y

        strip = np.array([at(a, start), at(b, start), at(b, 1.15), at(a, 1.15)])
        if strip[:, 0].max() < -0.2 or strip[:, 0].min() > 1.2:
            continue
        colour = here.toned(crop, 0.02)
        texture = "foliage" if bloom else "grass"
        here.add(
            "row",
            strip,
            colour,
            texture=texture,
            outline=0.5,
            second=mixed(colour, soil, 0.12),
        )
    things = []
    if rng.random() < 0.5:
        y = h + (1 - h) * 0.11
        things.append(on_ground(site, y, rng.uniform(0.1, 0.9), 1.0, house, flip=rng.random() < 0.5))
    for x in site.places(max(1, site.count(3)), 0.05, 0.95):
        y = h + (1 - h) * rng.uniform(0.06, 0.2)
        things.append(
            on_ground(
                site, y, x, rng.uniform(0.9, 1.5), kinds(site, "broadleaf", "poplar", "broadleaf", "bush")
            )
        )
    if rng.random() < 0.5:
        x, y = rng.choice([0.14, 0.2, 0.8, 0.86]), h + (1 - h) * rng.uniform(0.35, 0.5)
        things.append(
            on_ground(site, y, x, rng.uniform(1.1, 1.35), kinds(site, "broadleaf", "broadleaf", "pine"))
        )
    for _ in range(site.count(1.2)):
        y = h + (1 - h) * rng.uniform(0.3, 0.6)
        things.append(on_ground(site, y, rng.uniform(0.2, 0.8), 0.32, person, "figure"))
    settle(site, things)
    if rng.random() < 0.5:
        poles(site, vanish)
    if rng.random() < 0.3:
        balloon(site)
    meadow(site, 6, True)


def poles(site: Site, vanish: float) -> None:
    """A row of utility poles with wires that runs to the vanishing point."""
    h = site.horizon
    side = 1 if vanish < 0.5 else -1
    ends = []
    for share in (0.10, 0.17, 0.30, 0.55, 1.05):
        y = h + (1 - h) * share
        x = vanish + side * 0.85 * share
        ends.append(pole(site.at(site.depth(y), "middle").stand(x, y, 0.92 * share + 0.02)))
    wires(site.at(0.3, "middle"), ends)


def balloon(site: Site) -> None:
    """A hot-air balloon in the sky."""
    rng = site.rng
    here = site.at(0.7, "birds").stand(
        rng.uniform(0.15, 0.85), site.horizon * rng.uniform(0.45, 0.7), rng.uniform(0.12, 0.22)
    )
    colour, other = here.pick(PETALS), here.of("vermilion")
    right = smooth([(0.0, 1.0), (0.26, 0.90), (0.37, 0.66), (0.27, 0.40), (0.09, 0.22)], steps=5)
    here.add("balloon", np.concatenate([right, right[::-1] * (-1, 1)]), colour, form="round", texture="cloth")
    inner = right * (0.42, 1)
    here.add(
        "balloon",
        np.concatenate([inner, inner[::-1] * (-1, 1)]),
        other,
        form="round",
        texture="cloth",
        outline=0.6,
    )
    here.add("rope", [(-0.07, 0.22), (-0.05, 0.10)], here.of("dark"), closed=False, width=0.012, outline=0.3)
    here.add("rope", [(0.07, 0.22), (0.05, 0.10)], here.of("dark"), closed=False, width=0.012, outline=0.3)
    here.add("basket", rectangle(-0.06, 0.11, 0.06, 0.0), here.of("wood"), texture="bark", outline=0.7)


def river(site: Site) -> None:
    """A town on both banks of a river, with a bridge."""
    rng, h = site.rng, site.horizon
    backdrop(site, 0.2)
    ground(site)
    head = (1 - site.mood.symmetry) * rng.uniform(0.35, 0.65) + site.mood.symmetry * 0.5
    foot = (1 - site.mood.symmetry) * rng.uniform(0.35, 0.65) + site.mood.symmetry * 0.5
    down = h + 0.012 + (1.1 - h) * np.array([0, 0.10, 0.25, 0.5, 0.8, 1.0])
    share = (down - h) / (1 - h)
    middle = (
        head + (foot - head) * share + 0.05 * np.sin(6 * share + rng.uniform(0, 6)) * (1 - site.mood.symmetry)
    )
    half = 0.02 + 0.36 * share
    bank = smooth(
        np.concatenate([np.stack([middle - half, down], 1), np.stack([middle + half, down], 1)[::-1]]),
        closed=True,
        steps=4,
    )
    wall = bank.copy()
    wall[:, 1] -= 0.022
    site.at(0.45, "middle").add(
        "quay",
        np.concatenate([wall])[:],
        site.at(0.4, "middle").of("stone", shade=0.85),
        texture="brick",
        outline=0.5,
    )
    water(site, bank, 0.42, 18)
    middle_at = lambda y: float(np.interp(y, down, middle))  # noqa: E731
    half_at = lambda y: float(np.interp(y, down, half))  # noqa: E731
    things = []
    homes = (house, house, house, tower) if rng.random() < 0.7 else (cottage,)
    for side in (-1, 1):
        for t in site.places(max(2, site.count(4)), 0.07, 0.5):
            y = h + (1 - h) * float(np.clip(t, 0.06, 0.55))
            draw = homes[int(rng.integers(len(homes)))]
            tall = {tower: 1.25}.get(draw, 0.78)
            x = middle_at(y) + side * (half_at(y) + (0.42 + 0.12 * rng.random()) * site.scale(y) + 0.02)
            things.append(on_ground(site, y, x, tall, draw, flip=side > 0))
        for t in rng.uniform(0.05, 0.6, site.count(4)):
            y = h + (1 - h) * t
            x = middle_at(y) + side * (half_at(y) + rng.uniform(0.05, 0.75) * site.scale(y) + 0.02)
            things.append(
                on_ground(site, y, x, rng.uniform(0.5, 0.8), kinds(site, "broadleaf", "poplar", "bush"))
            )
    y = h + (1 - h) * rng.uniform(0.22, 0.34)
    reach = half_at(y) + 0.04
    if rng.random() < 0.75:
        left, right = (middle_at(y) - reach, y - 0.02), (middle_at(y) + reach, y - 0.02)
        tall = 0.13 + 0.10 * site.scale(y)
        things.append(
            (y, lambda place: bridge(place.at(site.depth(y), "middle"), left, right, tall, y + 0.012))
        )
        if rng.random() < 0.6:
            t = rng.uniform(0.3, 0.7)
            deck = y - 0.02 - 0.33 * tall * 4 * t * (1 - t)
            things.append(
                (
                    y + 1e-3,
                    lambda place: person(
                        place.at(site.depth(y), "figure").stand(
                            left[0] + 2 * reach * t, deck, 0.30 * site.scale(y)
                        )
                    ),
                )
            )
    below_y = h + (1 - h) * rng.uniform(0.55, 0.75)
    x = middle_at(below_y) + rng.uniform(-0.4, 0.4) * half_at(below_y)
    things.append(
        (
            below_y,
            lambda place: rowboat(
                place.at(site.depth(below_y), "boat").stand(
                    x, below_y, 0.13 * site.scale(below_y) + 0.01, rng.random() < 0.5
                )
            ),
        )
    )
    settle(site, things)
    meadow(site, 9, True, (middle_at(0.97) - half_at(0.97), middle_at(0.97) + half_at(0.97)))


def garden(site: Site) -> None:
    """A pond with a shrine gate, a pagoda among trees and stones along the bank."""
    rng, h = site.rng, site.horizon
    sky(site, 2.5)
    middle = (1 - site.mood.symmetry) * rng.uniform(0.3, 0.7) + site.mood.symmetry * 0.5
    if rng.random() < 0.75:
        mountains(site, h + 0.01, rng.uniform(0.2, 0.34), 1)
    hills(site, h - 0.02, 0.03, 0.82, True)
    ground(site)
    things = []
    y = h + (1 - h) * 0.12
    things.append(
        on_ground(
            site,
            y,
            middle + rng.choice([-1, 1]) * rng.uniform(0.15, 0.3) * (1 - site.mood.symmetry),
            3.0,
            pagoda if rng.random() < 0.65 else cottage_tall,
        )
    )
    for x in site.places(max(4, site.count(8)), -0.02, 1.02):
        y = h + (1 - h) * rng.uniform(0.06, 0.2)
        things.append(
            on_ground(
                site,
                y,
                x,
                rng.uniform(1.0, 1.7),
                kinds(site, "broadleaf", "pine", "broadleaf", "bush", "conifer"),
            )
        )
    settle(site, things)
    cy, ry = h + (1 - h) * 0.58, (1 - h) * rng.uniform(0.27, 0.34)
    pond = crown(rng, middle, cy, rng.uniform(0.42, 0.62), ry, lobes=5, swell=0.12, count=64)
    pond = smooth(pond[::2], closed=True, steps=3)
    rim = middle + (pond[:, 0] - middle) * 1.03, cy + (pond[:, 1] - cy) * 1.05 - 0.006
    here = site.at(0.35, "middle")
    here.add("bank", np.stack(rim, 1), darker(here.of("earth"), 0.85), texture="rock", outline=0.6)
    water(site, pond, 0.4, 14)
    things = []
    if rng.random() < 0.6:
        y = cy - 0.2 * ry
        things.append(on_ground(site, y, middle + rng.normal(0, 0.1) * (1 - site.mood.symmetry), 0.62, torii))
    for _ in range(site.count(6)):
        pad = disc(middle + rng.normal(0, 0.22), cy + rng.uniform(-0.5, 0.75) * ry, 0.03, 0.009, 16)
        grown = site.at(0.3, "middle")
        things.append(
            (
                pad[0, 1],
                lambda place, pad=pad, grown=grown: place.at(0.3, "middle").add(
                    "lily", pad, grown.toned((0.36, 0.55, 0.30)), outline=0.5
                ),
            )
        )
    turn = rng.uniform(0, 2 * np.pi, site.count(9))
    for angle in turn:
        k = int(angle / (2 * np.pi) * len(pond))
        x, y = pond[k]
        things.append(
            (
                y + 0.01,
                lambda place, x=x, y=y: rock(
                    place.at(site.depth(y), "middle").stand(
                        x, y + 0.008, rng.uniform(0.03, 0.07) * (0.5 + site.scale(y))
                    )
                ),
            )
        )
    if rng.random() < 0.7:
        side = rng.choice([-1, 1])
        things.append(
            on_ground(site, cy + 0.2 * ry, middle + side * rng.uniform(0.44, 0.52), 0.34, person, "figure")
        )
    settle(site, things)
    meadow(site, 7, True)
    if rng.random() < 0.65:
        frame(site)


def cottage_tall(site: Site) -> None:
    """A tea house as tall as a third of the frame."""
    cottage(site.stand(*site.placed([(0, 0)])[0], 0.42 * -site.unit[1]))


PLACES: dict[str, Callable[[Site], None]] = {
    "village": village,
    "lake": lake,
    "coast": coast,
    "street": street,
    "forest": forest,
    "field": field,
    "river": river,
    "garden": garden,
}
