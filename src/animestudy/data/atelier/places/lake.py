"""A mountain lake."""

import numpy as np

from animestudy.data.atelier.buildings import (
    house,
)
from animestudy.data.atelier.outlines import smooth, steps
from animestudy.data.atelier.people import person, rowboat, sailboat
from animestudy.data.atelier.places.staging import frame
from animestudy.data.atelier.relief import (
    hills,
    mountains,
    rock,
    sky,
    water,
    wood,
)
from animestudy.data.atelier.site import Site
from animestudy.data.atelier.trees import tuft


def lake(site: Site) -> None:
    """A mountain lake with a wooded bank, a boat and the near shore."""
    rng, h = site.rng, site.horizon
    sky(site)
    mountains(site, h + 0.015, rng.uniform(0.26, 0.42) * min(1, h / 0.5), int(rng.integers(2, 4)))
    if rng.random() < 0.7:
        hills(site, h - 0.01, 0.03, 0.8, True)
    shore = h + 0.025
    bank = site.at(0.68, "hills")
    line = np.stack([steps(-0.3, 1.3, 13), shore - 0.012 + 0.006 * rng.standard_normal(13)], 1)
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
