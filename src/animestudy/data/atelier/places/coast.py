"""A beach and the open sea."""

import numpy as np

from animestudy.data.atelier.buildings import (
    house,
    lighthouse,
)
from animestudy.data.atelier.outlines import rectangle, smooth
from animestudy.data.atelier.people import person, sailboat
from animestudy.data.atelier.relief import (
    rock,
    settle,
    sky,
    water,
)
from animestudy.data.atelier.site import Site, darker
from animestudy.data.atelier.trees import bush, tree, tuft

# ruff: noqa: RUF005 (offsets are added to arrays here, nothing is concatenated)


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
