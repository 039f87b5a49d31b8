"""A town on a river."""

import numpy as np

from animestudy.data.atelier.buildings import (
    bridge,
    cottage,
    house,
    tower,
)
from animestudy.data.atelier.outlines import smooth
from animestudy.data.atelier.people import person, rowboat
from animestudy.data.atelier.places.staging import backdrop, kinds
from animestudy.data.atelier.relief import (
    ground,
    meadow,
    on_ground,
    settle,
    water,
)
from animestudy.data.atelier.site import Site


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
