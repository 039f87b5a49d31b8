"""A city street in one-point perspective."""

import numpy as np

from animestudy.data.atelier.buildings import pole, tower, window, wires
from animestudy.data.atelier.outlines import limb, rectangle, steps
from animestudy.data.atelier.people import person
from animestudy.data.atelier.relief import hills, mountains, sky
from animestudy.data.atelier.site import CLOTHES, FINE, RGB, ROOFS, WALLS, Site, darker
from animestudy.data.atelier.trees import TREES, shadow

EYE, FOCAL = 2.6, 0.85  # height of the camera in metres, focal length in picture sides


def street(site: Site) -> None:
    """Rows of houses on both sides of a road, poles with wires, lamps, trees, people."""
    rng, h = site.rng, site.horizon
    vanish = (1 - site.mood.symmetry) * rng.uniform(0.3, 0.7) + site.mood.symmetry * 0.5

    def at(x: float, up: float, z: float) -> tuple[float, float]:
        return vanish + FOCAL * x / z, h + FOCAL * (EYE - up) / z

    sky(site, 2.5)
    if rng.random() < 0.6:
        mountains(site, h + 0.01, 0.16, 1)
    hills(site, h - 0.01, 0.02, 0.84, True)
    if rng.random() < 0.5:
        tower(site.at(0.75, "hills").stand(vanish + rng.normal(0, 0.04), h + 0.02, rng.uniform(0.16, 0.26)))
    half, kerb = rng.uniform(3.6, 5.0), rng.uniform(1.6, 2.4)
    surfaces(site, at, half, kerb)
    depth_of = lambda z: float(np.clip(0.80 * (1 - 4.0 / (z + 1)), 0.05, 0.8))  # noqa: E731
    blocks = []
    for side in (-1, 1):
        z, tall = 3.2, rng.uniform(5, 11)
        while z < 50:
            long = rng.uniform(5, 10) * (1.0 + z / 25)
            even = site.mood.symmetry
            tall = even * tall + (1 - even) * rng.uniform(4.5, 13)
            blocks.append((z, z + long, side, tall + rng.uniform(-1, 1)))
            z += long + (rng.uniform(1.5, 3) if rng.random() < 0.25 else 0.0)
    for near, far, side, tall in sorted(blocks, reverse=True):
        block(site.at(depth_of(near), "middle"), at, side * (half + kerb), near, far, tall)
    furniture(site, at, half, kerb, depth_of)


def surfaces(site: Site, at, half: float, kerb: float) -> None:  # noqa: ANN001
    """Pavements, road and its markings."""
    here = site.at(0.3, "middle")
    near, far = 1.2, 80.0
    edge = half + kerb + 20

    def strip(left: float, right: float, a: float = near, b: float = far) -> np.ndarray:
        return np.array([at(left, 0, b), at(right, 0, b), at(right, 0, a), at(left, 0, a)])

    paving, asphalt = here.of("paving"), here.of("asphalt")
    joints = tuple(
        np.array([at(s * half, 0, z), at(s * (half + kerb), 0, z)])
        for s in (-1, 1)
        for z in (4, 5.2, 7, 10, 15)
    )
    flat = {"outline": 0.5}
    here.add("paving", strip(-edge, edge), paving, strokes=joints, second=darker(paving, 0.9), **flat)
    here.add(
        "road",
        strip(-half, half),
        asphalt,
        second=darker(asphalt, 0.85),
        **{**flat, "outline": 0.8},
    )
    paint = here.toned((0.90, 0.90, 0.87))
    for z in (2.6, 4.6, 7.2, 11, 16, 24):
        here.add("marking", strip(-0.09, 0.09, z, z * 1.28), paint, **flat)
    if site.rng.random() < 0.5:
        for x in steps(-0.85, 0.85, 7) * half:
            here.add("marking", strip(x - 0.22, x + 0.22, 4.2, 6.4), paint, **flat)


def block(site: Site, at, x: float, near: float, far: float, tall: float) -> None:  # noqa: ANN001
    """One house: its street front and the gable towards the viewer, windows, shop, roof edge."""
    rng, side = site.rng, np.sign(x)
    wall: RGB = site.pick(WALLS)
    lit = side * site.light < 0  # the front on the left looks to the right
    front, gable = (darker(wall, f) for f in ((1.0, 0.82) if lit else (0.80, 0.92)))
    brick = "brick" if wall[0] - wall[2] > 0.2 else "none"
    quad = np.array([at(x, tall, near), at(x, tall, far), at(x, 0, far), at(x, 0, near)])
    end = np.array(
        [at(x + 9 * side, tall, near), at(x, tall, near), at(x, 0, near), at(x + 9 * side, 0, near)]
    )
    site.add("wall", end, gable, texture=brick)
    site.add("wall", quad, front, texture=brick, second=darker(front, 0.9))
    seen = FOCAL * tall / near  # apparent height of its nearer edge
    floors, number = max(1, int((tall - 3.2) / 3.0)), max(1, round((far - near) / 3.2))
    lamps = 0.12 + 0.55 * site.low

    def pane(z0: float, z1: float, low: float, high: float) -> np.ndarray:
        return np.array([at(x, high, z0), at(x, high, z1), at(x, low, z1), at(x, low, z0)])

    if seen >= FINE:
        number = number if near < 10 else min(number, 2)
        step = (far - near) / number
        for floor in range(floors):
            for k in range(number):
                z = near + (k + 0.28) * step
                window(
                    site, pane(z, z + 0.46 * step, 3.9 + 3.0 * floor, 5.5 + 3.0 * floor), int(near < 8), lamps
                )
        shop = pane(near + 0.12 * (far - near), far - 0.12 * (far - near), 0.4, 2.5)
        window(site, shop, bars=2 if near < 12 else 0, lit=0.4 + lamps)
        awning(site, at, x, near, far)
        if rng.random() < 0.45:
            z, out, low = near + 0.3 * (far - near), 0.9 * side, rng.uniform(3.4, 4.5)
            sign = [at(x - out, low + 2.4, z), at(x, low + 2.4, z), at(x, low, z), at(x - out, low, z)]
            marks = tuple(
                np.array([at(x - 0.3 * out, low + t, z), at(x - 0.7 * out, low + t, z)])
                for t in (0.5, 1.0, 1.5, 2.0)
            )
            site.add("sign", sign, site.pick(CLOTHES), strokes=marks, outline=0.7)
    if seen < FINE:
        return
    cap = [
        at(x - 0.25 * side, tall + 0.35, near - 0.1),
        at(x - 0.25 * side, tall + 0.35, far),
        at(x - 0.25 * side, tall - 0.1, far),
        at(x - 0.25 * side, tall - 0.1, near - 0.1),
    ]
    site.add("cornice", cap, site.of("snow") if site.season == "winter" else darker(front, 0.85), outline=0.7)
    end_cap = [
        at(x + 9 * side, tall + 0.35, near - 0.1),
        cap[0],
        cap[3],
        at(x + 9 * side, tall - 0.1, near - 0.1),
    ]
    site.add("cornice", end_cap, darker(gable, 0.85), outline=0.7)


def awning(site: Site, at, x: float, near: float, far: float) -> None:  # noqa: ANN001
    """A cloth roof over a shop."""
    if site.rng.random() < 0.4:
        return
    side, a, b = np.sign(x), near + 0.08 * (far - near), far - 0.08 * (far - near)
    quad = np.array([at(x, 3.3, a), at(x, 3.3, b), at(x - 1.0 * side, 2.6, b), at(x - 1.0 * side, 2.6, a)])
    colour = site.pick(ROOFS) if site.rng.random() < 0.5 else site.pick(CLOTHES)
    folds = tuple(np.array([at(x, 3.3, z), at(x - side, 2.6, z)]) for z in np.linspace(a, b, 6)[1:-1])
    site.add("awning", quad, colour, form="flat", texture="cloth", strokes=folds, outline=0.8)


def furniture(site: Site, at, half: float, kerb: float, depth_of) -> None:  # noqa: ANN001
    """Poles with wires on one side, trees on the other, people on the pavements and the road."""
    rng = site.rng
    side = 1 if rng.random() < 0.5 else -1
    things = []
    for _ in range(max(1, site.count(3.5))):
        z = rng.uniform(4.5, 18)
        x = (
            rng.choice([-1, 1]) * (half + kerb * rng.uniform(0.2, 0.8))
            if rng.random() < 0.7
            else rng.uniform(-0.6, 0.6) * half
        )
        things.append((z, "person", x))
    things += [(z, "pole", side * (half + 0.3)) for z in (5.5, 10.0, 18.0, 32.0)]
    if rng.random() < 0.6:
        things += [(z, "tree", -side * (half + 0.5)) for z in (7.0, 11.0, 17.0, 26.0)]
    ends = {}
    for z, what, x in sorted(things, reverse=True):
        place = site.at(depth_of(z), "figure" if what == "person" else "middle")
        tall = FOCAL / z * {"person": 1.7, "pole": 8.5, "tree": 5.0}[what]
        foot = place.stand(*at(x, 0, z), tall)
        if what == "person":
            person(foot)
        elif what == "pole":
            ends[z] = pole(foot)
        else:
            shadow(foot, 0.5)
            kind = "bare" if site.season == "winter" else "broadleaf"
            TREES[kind][0](foot)
    wires(site.at(0.3, "middle"), [ends[z] for z in sorted(ends)])
    if rng.random() < 0.5:
        here = site.at(0.05, "near")
        lamp = here.stand(0.5 - 0.46 * side, 1.02, 0.62)
        lamp.add(
            "pole", limb([(0, 0), (0, 0.9)], [0.035, 0.025]), lamp.of("metal", shade=0.7), form="vertical"
        )
        lamp.add("lamp", rectangle(-0.05, 1.0, 0.05, 0.89), lamp.of("lamp"), outline=0.8)
        lamp.add("roof", [(-0.07, 1.0), (0.07, 1.0), (0, 1.06)], lamp.of("metal", shade=0.7))
