"""A village on a winding road."""

import numpy as np

from animestudy.data.atelier.buildings import (
    cottage,
    fence,
    house,
    tower,
)
from animestudy.data.atelier.people import person
from animestudy.data.atelier.places.staging import away, backdrop, frame, kinds
from animestudy.data.atelier.relief import (
    ground,
    meadow,
    on_ground,
    road,
    settle,
)
from animestudy.data.atelier.site import Site


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
