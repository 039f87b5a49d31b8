"""Small figures, boats, birds and clouds: what moves in a landscape."""

import numpy as np

from animestudy.data.atelier.outlines import disc, heap, limb, smooth
from animestudy.data.atelier.site import CLOTHES, DETAILED, PLAIN, RGB, SPECK, Site, darker
from animestudy.data.atelier.trees import shadow

HAIR: tuple[RGB, ...] = ((0.14, 0.11, 0.10), (0.36, 0.22, 0.13), (0.62, 0.44, 0.22))


def person(site: Site, seated: bool = False) -> None:
    """Somebody, from behind or afar: legs, coat, arms, head, hair, sometimes a hat or an umbrella."""
    rng, coat, legs = site.rng, site.pick(CLOTHES), site.of("dark", 0.04, 1.6)
    hair, skin, step = site.pick(HAIR), site.of("skin"), rng.uniform(0.02, 0.06)
    cloth = {"form": "vertical", "texture": "cloth", "mask": "figure"}
    if not seated:
        shadow(site, 0.3)
    if site.tall < PLAIN:
        _figure(site, coat, legs, hair, skin, seated)
        return
    if not seated:
        for side in (-1, 1):
            foot = side * (0.045 + 0.7 * step)
            leg = [
                (side * 0.005, 0.46),
                (side * 0.1, 0.46),
                (foot + side * 0.035, 0),
                (foot - side * 0.035, 0),
            ]
            site.add("leg", leg, darker(legs, 0.9 if side < 0 else 1.0), outline=0.7, **cloth)
    flare = rng.uniform(0.10, 0.17)
    half = [(0.035, 0.83), (0.105, 0.79), (0.115, 0.70), (0.09, 0.58), (flare, 0.36)]
    body = smooth([*half, *((-x, y) for x, y in reversed(half))], closed=True, steps=2)
    crease = ([(0.01, 0.76), (0.025, 0.38)],) if site.tall >= DETAILED else ()
    site.add("coat", body, coat, strokes=crease, **cloth)
    for side in (-1, 1):
        arm = limb(
            [(side * 0.1, 0.74), (side * (0.15 + step), 0.56), (side * 0.14, 0.40)], [0.065, 0.06, 0.05]
        )
        site.add("arm", arm, darker(coat, 0.9), outline=0.7, **cloth)
    site.add("head", disc(0, 0.905, 0.078, 0.085, 18), skin, form="round", texture="skin", mask="figure")
    turned = rng.random() < 0.6  # seen from behind: all hair; else two dots for eyes
    nape = [(-0.075, 0.86), (-0.04, 0.835), (0.04, 0.835), (0.075, 0.86)]
    fringe = [(-0.085, 0.87), (-0.05, 0.935), (0.05, 0.935), (0.085, 0.87)]
    cap = np.concatenate([disc(0, 0.92, 0.095, 0.09, 24)[:13], nape if turned else fringe])
    site.add("hair", cap, hair, form="round", texture="hair", mask="figure", outline=0.7)
    if not turned:
        for side in (-1, 1):
            eye = disc(side * 0.03, 0.905, 0.010, 0.013, 8)
            site.add("eye", eye, site.of("dark", 0), outline=0, mask="figure")
    extra = rng.random()
    if extra < 0.2 and not seated:
        canopy = np.concatenate([disc(0, 1.0, 0.31, 0.2, 28)[:15], [(-0.155, 1.04), (0, 1.0), (0.155, 1.04)]])
        ribs = ([(0, 1.19), (-0.15, 1.03)], [(0, 1.19), (0.15, 1.03)])
        site.add(
            "umbrella", canopy, site.pick(CLOTHES), form="round", texture="cloth", strokes=ribs, mask="figure"
        )
    elif extra < 0.5:
        straw = site.toned((0.88, 0.74, 0.46))
        site.add("hat", disc(0, 0.945, 0.17, 0.03, 20), straw, outline=0.7, mask="figure")
        site.add("hat", disc(0, 0.975, 0.085, 0.05, 18), straw, form="round", outline=0.7, mask="figure")


def _figure(site: Site, coat: RGB, legs: RGB, hair: RGB, skin: RGB, seated: bool) -> None:
    """Somebody so far away that legs and arms are one with the body: legs, coat, head, hair."""
    cloth = {"form": "vertical", "texture": "cloth", "mask": "figure"}
    if not seated:
        stance = [(-0.1, 0.46), (0.1, 0.46), (0.11, 0), (0.03, 0), (0, 0.3), (-0.03, 0), (-0.11, 0)]
        site.add("leg", stance, legs, outline=0.7, **cloth)
    half = [(0.035, 0.83), (0.125, 0.78), (0.185, 0.56), (0.15, 0.36)]
    site.add("coat", [*half, *((-x, y) for x, y in reversed(half))], coat, **cloth)
    head = {"form": "round", "mask": "figure"}
    site.add("head", disc(0, 0.905, 0.078, 0.085, 10), skin, texture="skin", **head)
    if site.tall >= SPECK:
        cap = np.concatenate([disc(0, 0.92, 0.095, 0.09, 12)[:7], [(-0.06, 0.88), (0.06, 0.88)]])
        site.add("hair", cap, hair, texture="hair", outline=0.7, **head)


def sailboat(site: Site) -> None:
    """A small sailing boat."""
    cloth = site.toned((0.96, 0.94, 0.88))
    sails = {"form": "vertical", "texture": "cloth", "outline": 0.8}
    site.add("mast", limb([(0, 0.1), (0, 1)], [0.02] * 2), site.of("wood"), outline=0.5)
    main = np.concatenate([smooth([(0.01, 0.98), (0.2, 0.5), (0.34, 0.2)], steps=4), [(0.01, 0.2)]])
    site.add("sail", main, cloth, **sails)
    site.add("sail", [(-0.02, 0.86), (-0.02, 0.22), (-0.31, 0.18)], darker(cloth, 0.9), **sails)
    hull = [(-0.36, 0.10), (0.41, 0.14), (0.27, -0.05), (-0.27, -0.05)]
    site.add("hull", hull, site.pick(CLOTHES), form="horizontal", gloss=0.2)


def rowboat(site: Site) -> None:
    """A rowing boat with somebody in it; its own height is that of the seated person."""
    x, y = site.placed([(-0.15, -0.02)])[0]
    person(site.stand(x, y, 1.15 * site.unit[1] * -1), seated=True)
    side, keel = (
        smooth([(-0.93, 0.42), (-0.2, 0.22), (1.0, 0.46)], steps=5),
        smooth([(0.67, -0.06), (0, -0.14), (-0.7, -0.06)], steps=4),
    )
    wood = site.of("wood")
    site.add(
        "hull", np.concatenate([side, keel]), wood, form="horizontal", strokes=(side * (0.95, 1) - (0, 0.16),)
    )
    site.add("oar", limb([(-0.3, 0.4), (0.75, -0.18)], [0.05, 0.10]), darker(wood, 1.2), outline=0.5)


def birds(site: Site, number: int) -> None:
    """A loose flock of gliding birds."""
    rng = site.rng
    x, y = rng.uniform(0.2, 0.8), rng.uniform(0.10, 0.6) * site.horizon
    for _ in range(number):
        bird = site.stand(x + rng.normal(0, 0.08), y + rng.normal(0, 0.035), rng.uniform(0.010, 0.022))
        lift = rng.uniform(0.25, 0.6)
        wings = smooth([(-1, lift), (-0.45, 0.7 * lift), (0, 0), (0.45, 0.7 * lift), (1, lift)], steps=3)
        bird.add("bird", wings, site.of("dark", 0.02, 1.5), closed=False, width=0.25, outline=0.5)


def cloud(site: Site, x: float, y: float, width: float, height: float, colour: RGB, base: RGB) -> None:
    """A cumulus: lit heads over a shaded base (`y`)."""
    outline = heap(site.rng, x, y, width, height, int(site.rng.integers(5, 9)))
    more = {"form": "round", "texture": "cloud", "second": base, "outline": 0.5, "mask": "background"}
    site.add("cloud", outline, colour, blend=0.012, **more)
