"""What several places share: what closes the view, what frames it, and what keeps off the road."""

from collections.abc import Callable
from functools import partial

import numpy as np

from animestudy.data.atelier.relief import (
    hills,
    mountains,
    sky,
)
from animestudy.data.atelier.site import Site
from animestudy.data.atelier.trees import TREES, tree


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


def away(x: float, line: np.ndarray, y: float, gap: float) -> float:
    """`x`, moved so that it keeps `gap` from a road's middle line at height `y`."""
    middle = line[np.abs(line[:, 1] - y).argmin(), 0]
    return x if abs(x - middle) > gap else middle + (gap if x >= middle else -gap)
