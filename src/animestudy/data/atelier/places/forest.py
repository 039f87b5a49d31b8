"""A path through a wood."""

from functools import partial

import numpy as np

from animestudy.data.atelier.buildings import (
    torii,
)
from animestudy.data.atelier.outlines import crown, limb, rectangle, smooth
from animestudy.data.atelier.people import person
from animestudy.data.atelier.places.staging import away
from animestudy.data.atelier.relief import (
    ground,
    meadow,
    on_ground,
    road,
    settle,
)
from animestudy.data.atelier.site import Site, darker, mixed
from animestudy.data.atelier.trees import bush, shadow


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
