"""What a landscape lies on and under: sky, mountains, hills, ground, roads, water."""

from collections.abc import Callable

import numpy as np

from animestudy.data.atelier.outlines import (
    below,
    crown,
    disc,
    fractal,
    hillside,
    peaks,
    rectangle,
    smooth,
    steps,
)
from animestudy.data.atelier.people import birds, cloud
from animestudy.data.atelier.site import BASE, NEEDLES, RGB, SPECK, Site, darker, mixed
from animestudy.data.atelier.trees import TREES, flowers, tuft

FAR = {"mask": "background"}
WAVE = np.array([(-1, 0), (-0.4, -1), (0.2, 0), (1, -0.6)])  # a ripple on water
BLADES = np.array([(-1, 0), (-0.4, -0.9), (0.1, 0), (0.7, -0.7)])  # a mark on the ground


def sky(site: Site, clouds: float = 3.0) -> None:
    """Gradient, sun or its glow, clouds and birds."""
    rng, mood = site.rng, site.mood
    top, bottom = site.sky
    area = rectangle(-0.3, -0.2, 1.3, site.horizon + 0.12)
    site.add("sky", area, top, second=bottom, outline=0, **FAR)
    x, y = 0.5 + 0.40 * mood.side, site.horizon * (0.93 - 0.80 * mood.sun)
    if site.grey < 0.55 and (mood.sun < 0.55 or rng.random() < 0.35):
        radius = 0.035 + 0.02 * site.low
        light = site.toned(mixed((1.0, 0.97, 0.86), (1.0, 0.72, 0.42), 0.6 * site.low), 0.0)
        for k, strength in ((6.5, 0.16), (3.2, 0.22)):
            halo = disc(x, y, k * radius, count=32)
            site.add("glow", halo, light, opacity=strength, blend=k * radius * 0.42, outline=0, **FAR)
        site.add("sun", disc(x, y, radius, count=40), mixed(light, (1, 1, 1), 0.45), outline=0.4, **FAR)
    # clouds: larger and higher ones first, small flat ones near the horizon
    lit = site.toned(
        mixed((0.98, 0.98, 0.99), (1.0, 0.80, 0.68), 0.75 * site.low), 0.01, 1 - 0.12 * site.grey
    )
    base = mixed(mixed(bottom, lit, 0.35), darker(top, 0.8), 0.25)
    here = site.at(0.97, "clouds")
    number = site.count(clouds * (0.6 + 0.8 * site.grey))
    for k, cx in enumerate(site.places(number, -0.05, 1.05)):
        up = 0.9 - 0.75 * rng.random() if k else 0.45 + 0.3 * rng.random()
        wide = (0.12 + 0.42 * up * rng.random()) + (0.22 if k == 0 else 0.0)
        tall = wide * rng.uniform(0.25, 0.55) * (1 - 0.5 * site.low)
        cloud(here, cx, site.horizon * (1.0 - 0.85 * up), wide, tall, lit, base)
    if rng.random() < 0.5:
        birds(site.at(0.8, "birds"), int(rng.integers(3, 8)))


def mountains(site: Site, base: float, height: float, ranges: int = 2) -> None:
    """Ranges that rise `height` above `base`, with snow on high tops and lines down the ridges."""
    rng, mood = site.rng, site.mood
    for k in range(ranges):
        here = site.at(0.94 - 0.09 * k, "far")
        tall = height * (1.0, 0.68, 0.5)[k]
        middle = (1 - mood.symmetry) * rng.uniform(0.2, 0.8) + mood.symmetry * 0.5
        if k:  # the second range leaves the first one's top free
            middle = (middle + 0.5) % 1.0
        tops = [(middle, base - tall, rng.uniform(0.40, 0.60))]
        for x in site.places(max(2, here.count(3)), -0.15, 1.15):
            tops.append((x, base - tall * rng.uniform(0.30, 0.72), rng.uniform(0.22, 0.38)))
        crest = peaks(rng, tops, base + 0.02)
        stone = (
            here.toned((0.47, 0.46, 0.50))
            if rng.random() < 0.6
            else here.toned(mixed(NEEDLES[site.season], BASE["rock"], 0.45))
        )
        ridges = tuple(
            smooth(
                [(x, y + 0.01), (x + drift, y + 0.25 * (base - y)), (x + 0.4 * drift, y + 0.5 * (base - y))],
                steps=3,
            )
            for x, y, half in tops
            for drift in (0.18 * half * site.light * -1,)
        )
        more = {"texture": "rock", "second": mixed(stone, site.air, 0.45), "strokes": ridges, **FAR}
        here.add("mountain", below(crest, base + 0.1), stone, **more)
        snowline = base - tall * (0.42 if site.season == "winter" else 0.62)
        if k == 0 and tall > 0.16 and (site.season in ("winter", "spring") or rng.random() < 0.6):
            snow(here, crest, snowline, FAR)


def snow(site: Site, crest: np.ndarray, line: float, more: dict) -> None:
    """The snow above `line` on a mountain with the given crest, with tongues down the gullies."""
    high = crest[:, 1] < line
    edges = np.flatnonzero(np.diff(np.concatenate([[0], high.astype(int), [0]])))
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        if b - a < 5:
            continue
        top = crest[a:b]
        depth = np.clip(line - top[:, 1], 0, None)
        tongues = 0.5 * depth * (0.9 + 0.9 * fractal(site.rng, 7, 0.75)[: len(top)]) + 0.15 * depth
        lower = np.stack([top[:, 0], top[:, 1] + np.clip(tongues, 0.08 * depth, None)], 1)[::-1]
        site.add(
            "snow", np.concatenate([top, lower]), site.of("snow", 0.01), texture="rock", outline=0.3, **more
        )


def hills(site: Site, crest: float, swing: float, depth: float, wooded: bool = False) -> np.ndarray:
    """A rolling ridge, bare or with woods along it; returns its crest line."""
    here = site.at(depth, "hills")
    line = hillside(site.rng, crest, swing, site.horizon + 0.15)
    more = FAR if depth > 0.8 else {}
    if wooded:
        leaf = here.leaves(0.85) if site.rng.random() < 0.5 else here.needles()
        site_line = line[:-2:1]
        foot = site_line[:: 3 if site.mood.density > 0.8 else 4, None]
        reach = 0.035 * (1.3 - depth) / 0.5
        # half a round crown above each foot, uneven from tree to tree and within one
        lump = site.rng.uniform(0.7, 1.1, (len(foot), 1)) * site.rng.uniform(0.75, 1.15, (len(foot), 7))
        turn = steps(-np.pi, 0, 7)
        masses = foot + reach * lump[..., None] * np.stack([1.15 * np.cos(turn), np.sin(turn)], 1)
        top = np.concatenate(
            [masses.reshape(-1, 2), [(1.3, site.horizon + 0.15), (-0.3, site.horizon + 0.15)]]
        )
        here.add("woods", top, leaf, texture="foliage", second=darker(leaf, 0.75), outline=0.7, **more)
    else:
        here.add(
            "hill", line, here.grass(0.95), texture="grass", second=here.grass(0.85), outline=0.7, **more
        )
    return line[:-2]


def ground(site: Site, colour: RGB | None = None, top: float | None = None, texture: str = "grass") -> None:
    """Level land from the horizon (or `top`) to the lower edge, a little uneven at its far end."""
    top = site.horizon if top is None else top
    here = site.at(0.5, "middle")
    near = here.at(0.05, "middle").grass(0.9) if colour is None else darker(colour, 0.92)
    far = here.at(0.7, "middle").grass() if colour is None else colour
    line = np.stack([steps(-0.3, 1.3, 17), top + 0.008 * fractal(site.rng, 4, 0.6)], 1)
    x, share = site.rng.random((2, site.count(16)))
    y = top + (1 - top) * (0.1 + 0.9 * share) ** 0.8
    size = 0.02 * ((y - site.horizon) / (1 - site.horizon)).clip(0.04, 1.6)
    marks = np.stack([x, y], 1)[:, None] + size[:, None, None] * BLADES
    area = np.concatenate([smooth(line, steps=2), [(1.3, 1.3), (-0.3, 1.3)]])
    more = {"texture": "none" if site.season == "winter" else texture, "second": near, "outline": 0.6}
    here.add("ground", area, far, strokes=tuple(marks), **more)


def road(
    site: Site, foot: float, head: float, width: float, top: float, name: str = "road", bend: float = 1.0
) -> np.ndarray:
    """A winding road from x = `foot` at the lower edge to `head` at height `top`; returns its middle line."""
    rng = site.rng
    down = 1.08 - (1.08 - top) * np.array([0, 0.3, 0.55, 0.75, 0.9, 1.0])
    share = (1.08 - down) / (1.08 - top)
    sway = bend * rng.choice([-1, 1]) * np.array([0, 0.16, -0.10, 0.06, -0.03, 0]) * rng.uniform(0.6, 1.3)
    line = smooth(np.stack([foot + (head - foot) * share + sway, down], 1), steps=8)
    widths = width * np.clip((line[:, 1] - top) / (1 - top), 0.012, None) ** 1.15
    outline = np.concatenate(
        [line - np.stack([widths / 2, 0 * widths], 1), (line + np.stack([widths / 2, 0 * widths], 1))[::-1]]
    )
    colour = site.at(0.4, "middle").of(name)
    here = site.at(0.35, "middle")
    here.add(
        "road",
        outline,
        colour,
        texture="none",
        outline=0.7,
        second=darker(colour, 0.9),
    )
    return line


def water(
    site: Site, outline: np.ndarray, depth: float = 0.4, ripples: int = 16, layer: str = "middle"
) -> None:
    """A lake, river or sea inside `outline`, with ripples that grow towards the viewer."""
    here, rng = site.at(depth, layer), site.rng
    top, bottom = outline[:, 1].min(), min(1.0, outline[:, 1].max())
    sky_low = site.sky[1]
    far, near = mixed(here.of("water", 0.02), sky_low, 0.5), mixed(here.of("water", 0.02), sky_low, 0.12)
    share, reach, place = rng.random((3, site.count(ripples)))
    share = share**0.7
    y = top + 0.02 + (bottom - top - 0.02) * share
    half = 0.012 + 0.05 * share * (0.5 + 0.8 * reach)
    low, high = crossings(outline, y)
    low, high = low + half + 0.01, high - half - 0.01
    x = low + place * (high - low)
    wave = np.stack([half, 0.004 + 0.008 * share], 1)[:, None] * WAVE
    lines = smooth((np.stack([x, y], 1)[:, None] + wave)[high > low], steps=3)
    more = {"texture": "water", "gloss": 0.8, "second": near, "outline": 0.6}
    here.add("water", outline, far, strokes=tuple(lines), **more)


def crossings(outline: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The outermost x (n, n) at which a closed outline crosses n heights, within the picture.

    Where it does not cross, the first is 1 and the second 0.
    """
    x, level = outline[:, 0], outline[:, 1] - y[:, None]
    after = np.roll(level, -1, axis=1)
    crosses = (level < 0) != (after < 0)
    at = x + level / np.where(crosses, level - after, 1) * (np.roll(x, -1) - x)
    low, high = np.where(crosses, at, np.inf).min(1), np.where(crosses, at, -np.inf).max(1)
    return low.clip(0, 1), high.clip(0, 1)


def rock(site: Site) -> None:
    """A boulder in its own frame."""
    points = crown(site.rng, 0, 0.35, 0.75, 0.6, lobes=5, swell=0.1, count=14)
    stone = site.of("rock")
    crack = np.array([(-0.2, 0.8), (-0.05, 0.5), (-0.25, 0.25)]) * site.rng.uniform(0.8, 1.2)
    site.add(
        "rock",
        points,
        stone,
        form="round",
        texture="rock",
        second=darker(stone, 0.65),
        strokes=(crack,) if site.tall >= SPECK else (),
    )


def wood(
    site: Site, kinds: tuple[str, ...], number: int, y: float, height: float, depth: float, layer: str
) -> None:
    """A row of trees along height `y`, without shadows: far banks and backgrounds."""
    here = site.at(depth, layer)
    for x in site.places(number, -0.03, 1.03):
        kind = kinds[int(site.rng.integers(len(kinds)))]
        TREES[kind][0](here.stand(x, y + site.rng.normal(0, 0.006), height * site.rng.uniform(0.7, 1.15)))


def meadow(site: Site, tufts: float, blossoms: bool, gap: tuple[float, float] | None = None) -> None:
    """Tufts and flowers along the lower edge, except between the two x of `gap` (a road, a river)."""
    rng, here = site.rng, site.at(0.04, "near")
    for x in beside(rng.random(max(2, site.count(tufts))), gap):
        y = 1.02 - 0.16 * rng.random() ** 2
        foot = here.stand(x, y, rng.uniform(0.06, 0.13) * y)
        tuft(foot, here.grass(rng.uniform(0.75, 1.05)), int(rng.integers(5, 10)))
    if blossoms and site.season != "winter":
        for x in beside(rng.random(site.count(2.5)), gap):
            y = 0.97 - 0.2 * rng.random() ** 2
            flowers(here.stand(x, y, 0.022 * site.scale(y)), 3.2, int(rng.integers(4, 8)))


def beside(places: np.ndarray, gap: tuple[float, float] | None) -> np.ndarray:
    """Places 0 … 1 moved together so that none lies in `gap`."""
    if gap is None:
        return places
    low, high = np.clip(gap, 0.0, 1.0)
    room = max(0.1, 1 - (high - low))
    return np.where(places * room < low, places * room, places * room + high - low)


def settle(site: Site, things: list[tuple[float, Callable[[Site], None]]]) -> None:
    """Draw things by the height of their feet, far ones first, and all their shadows before them."""
    shadows, bodies = [], []
    for _, draw in sorted(things, key=lambda thing: thing[0]):
        apart = site.aside()
        draw(apart)
        shadows += [draft for draft in apart.drafts if draft.name == "shadow"]
        bodies += [draft for draft in apart.drafts if draft.name != "shadow"]
    site.drafts.extend(shadows + bodies)


def on_ground(
    site: Site,
    y: float,
    x: float,
    height: float,
    draw: Callable[[Site], None],
    layer: str = "middle",
    flip: bool = False,
) -> tuple[float, Callable[[Site], None]]:
    """A thing for `settle`: `draw` in its frame at (x, y), `height` tall if it stood at the lower edge."""
    return y, lambda place: draw(place.at(site.depth(y), layer).stand(x, y, height * site.scale(y), flip))
