"""A garden with a pond."""

import numpy as np

from animestudy.data.atelier.buildings import (
    cottage,
    pagoda,
    torii,
)
from animestudy.data.atelier.outlines import crown, disc, smooth
from animestudy.data.atelier.people import person
from animestudy.data.atelier.places.staging import frame, kinds
from animestudy.data.atelier.relief import (
    ground,
    hills,
    meadow,
    mountains,
    on_ground,
    rock,
    settle,
    sky,
    water,
)
from animestudy.data.atelier.site import Site, darker


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
