"""Fields under a wide sky."""

import numpy as np

from animestudy.data.atelier.buildings import (
    house,
    pole,
    wires,
)
from animestudy.data.atelier.outlines import rectangle, smooth
from animestudy.data.atelier.people import person
from animestudy.data.atelier.places.staging import kinds
from animestudy.data.atelier.relief import (
    ground,
    hills,
    meadow,
    mountains,
    on_ground,
    settle,
    sky,
)
from animestudy.data.atelier.site import PETALS, Site, mixed


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
