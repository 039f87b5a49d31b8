"""Trees and low growth. Each is drawn in its own frame: foot at (0, 0), top at about (0, 1)."""

import math
from collections.abc import Callable

import numpy as np

from animestudy.data.atelier.outlines import crown, disc, limb, profile, rectangle, smooth, steps
from animestudy.data.atelier.site import DETAILED, FINE, PETALS, PLAIN, RGB, SPECK, Site, darker, mixed

# ruff: noqa: RUF005 (offsets are added to arrays here, nothing is concatenated)


def shadow(site: Site, width: float, height: float = 1.0) -> None:
    """The shadow that something `width` × `height` casts on level ground, away from the light."""
    if site.tall * height < SPECK:
        return
    reach = -site.light * height * (0.35 + 0.6 * (1 - site.mood.sun))
    flat = 0.08 * height + 0.12 * width
    back = math.copysign(0.4 * width, -reach)
    spine = smooth([(back, 0), (0.45 * reach, -0.2 * flat), (reach, -0.45 * flat)], steps=site.fewer(6))
    widths = flat * profile(len(spine), (0, 0.15, 0.7, 1), (0.5, 1.0, 1.0, 0.35))
    strength = 0.55 * (1 - 0.6 * site.grey)
    site.add(
        "shadow", limb(spine, widths), site.of("shadow", 0), outline=0, opacity=strength, blend=0.1 * flat
    )


def broadleaf(site: Site) -> None:
    """A round tree: trunk, crown and lit clumps."""
    rng, leaf, lean = site.rng, site.leaves(), site.rng.normal(0, 0.03)
    wide, thick = rng.uniform(0.30, 0.40), rng.uniform(0.06, 0.085)
    spine = smooth([(0, -0.01), (0.3 * lean, 0.3), (lean, 0.6)], steps=site.fewer(3))
    trunk = limb(spine, thick * profile(len(spine), (0, 0.15, 1), (1.7, 1.0, 0.55)))
    lines = [spine[:6] + (thick * k, 0) for k in (-0.22, 0.12)] if site.tall >= DETAILED else ()
    site.add("trunk", trunk, site.of("trunk"), form="vertical", texture="bark", strokes=lines)
    mass = crown(rng, lean, 0.63, wide, 0.37, int(rng.integers(8, 12)), 0.2, site.fewer(72))
    site.add("foliage", mass, leaf, form="round", texture="foliage", second=darker(leaf, 0.72))
    lit = mixed(leaf, (1.0, 1.0, 0.86), 0.13)
    for k in (-1, 0, 1) if site.tall >= DETAILED else (0,) if site.tall >= PLAIN else ():
        x = lean + wide * (0.26 * site.light + 0.38 * k + rng.normal(0, 0.06))
        clump = crown(
            rng,
            x,
            (0.66, 0.78, 0.67)[k + 1],
            wide * rng.uniform(0.3, 0.42),
            rng.uniform(0.1, 0.14),
            6,
            0.25,
            site.fewer(42),
        )
        site.add("clump", clump, lit, form="round", texture="foliage", outline=0.35, second=leaf)


def conifer(site: Site) -> None:
    """A fir: tiers of drooping branches."""
    rng, needle, wide = site.rng, site.needles(), site.rng.uniform(0.17, 0.24)
    site.add(
        "trunk", rectangle(-0.025, 0.2, 0.025, -0.005), site.of("trunk"), form="vertical", texture="bark"
    )
    tiers, right, droop = int(rng.integers(4, 7)), [], []
    for k in range(tiers):
        foot, head = 0.09 + 0.91 * k / tiers, 0.09 + 0.91 * (k + 1) / tiers
        w = wide * (1 - k / tiers) ** 0.85 * rng.uniform(0.9, 1.1)
        inner = wide * (1 - (k + 1) / tiers) ** 0.85 * 0.55
        right += [
            (w * 0.45, foot - 0.01),
            (w, foot - 0.02),
            (w * 0.72, 0.6 * foot + 0.4 * head),
            (inner, head),
        ]
        if site.tall >= PLAIN:
            droop.append(smooth([(-0.6 * w, foot + 0.06), (0, foot + 0.09), (0.6 * w, foot + 0.06)], steps=3))
    right = np.array([*right[:-1], (0, 1)])
    outline = np.concatenate([right, right[-2::-1] * (-1, 1)])
    site.add(
        "foliage",
        outline,
        needle,
        form="vertical",
        texture="foliage",
        second=darker(needle, 0.75),
        strokes=droop[:-1],
    )
    if site.season == "winter" and site.tall >= SPECK:
        cap = right[-5:] * (0.8, 1)
        cap = np.concatenate([cap, cap[-2::-1] * (-1, 1)])
        site.add("snow", cap, site.of("snow"), form="vertical", outline=0.3)


def poplar(site: Site) -> None:
    """A tall, narrow tree."""
    leaf = site.leaves(0.92)
    site.add("trunk", rectangle(-0.018, 0.2, 0.018, 0), site.of("trunk"), form="vertical", texture="bark")
    mass = crown(site.rng, 0, 0.55, site.rng.uniform(0.10, 0.14), 0.46, 13, 0.14, site.fewer(72))
    site.add("foliage", mass, leaf, form="vertical", texture="foliage", second=darker(leaf, 0.7))


def pine(site: Site) -> None:
    """A weathered pine: a bent trunk that carries flat cushions of needles."""
    rng, needle, bark = site.rng, site.needles(1.1), site.of("trunk")
    lean = rng.choice([-1, 1]) * rng.uniform(0.10, 0.2)
    spine = smooth([(0, 0), (0.9 * lean, 0.3), (0.3 * lean, 0.6), (0.9 * lean, 0.92)], steps=4)
    widths = 0.07 * profile(len(spine), (0, 0.1, 1), (1.5, 1, 0.35))
    site.add(
        "trunk", limb(spine, widths), bark, form="vertical", texture="bark", strokes=[spine + (0.009, 0)]
    )
    for k, (up, wide, tall) in enumerate(
        [(0.95, 0.30, 0.12), (0.70, 0.26, 0.10), (0.62, 0.24, 0.09), (0.42, 0.20, 0.08)]
    ):
        at = spine[int(up * (len(spine) - 1))]
        away = np.array([0.22 * np.sign(lean) * (0, 1, -1, 1)[k], 0.02])
        if k and site.tall >= PLAIN:
            branch = limb(smooth([at, at + (away[0] / 2, -0.01), at + away], steps=3), steps(0.035, 0.014, 7))
            site.add("branch", branch, bark, form="horizontal", texture="bark", outline=0.6)
        pad = crown(rng, *(at + away), wide, tall, 9, 0.22, site.fewer(72))
        site.add("foliage", pad, needle, form="round", texture="foliage", second=darker(needle, 0.65))


def bare(site: Site) -> None:
    """A leafless tree: limbs that fork three times, less often far away."""
    rng, bark = site.rng, site.of("trunk", shade=0.85)
    forks = 3 if site.tall >= FINE else 2 if site.tall >= PLAIN else 1

    def grow(foot: np.ndarray, angle: float, length: float, thick: float, left: int) -> None:
        tip = foot + length * np.array([np.sin(angle), np.cos(angle)])
        spine = smooth([foot, (foot + tip) / 2 + rng.normal(0, 0.06, 2) * length, tip], steps=site.fewer(3))
        outline = limb(spine, thick * steps(1, 0.55, len(spine)))
        site.add(
            "branch", outline, bark, form="vertical", texture="bark" if left > 1 else "none", outline=0.5
        )
        for turn in ((), (-1, 1), (-1, 1), (-1, 0.1, 1))[left]:
            bend = 0.8 * angle + turn * rng.uniform(0.3, 0.62)
            grow(tip, bend, length * rng.uniform(0.58, 0.75), 0.52 * thick, left - 1)

    grow(np.zeros(2), rng.normal(0, 0.05), 0.34, 0.075, forks)


def palm(site: Site) -> None:
    """A palm: a leaning ringed trunk and hanging fronds."""
    rng, leaf = site.rng, site.toned((0.34, 0.54, 0.24))
    lean = rng.choice([-1, 1]) * rng.uniform(0.08, 0.22)
    spine = smooth([(0, 0), (0.3 * lean, 0.4), (lean, 0.8)], steps=5)
    rings = tuple(np.array([p - (0.022, 0), p + (0.022, -0.006)]) for p in spine[1:-1:2])
    trunk = limb(spine, steps(0.06, 0.035, len(spine)))
    site.add("trunk", trunk, site.of("wood"), form="vertical", texture="bark", strokes=rings)
    top = spine[-1]
    for k, angle in enumerate(steps(-2.0, 2.0, 8) + rng.normal(0, 0.1, 8)):
        out = np.array([np.sin(angle), 0.55 * np.cos(angle)]) * rng.uniform(0.30, 0.40)
        rib = smooth([top, top + 0.55 * out + (0, 0.05), top + out - (0, 0.10)], steps=4)
        blade = limb(rib, 0.085 * profile(len(rib), (0, 0.4, 1), (0.3, 1.0, 0.05)))
        colour = darker(leaf, 1.0 if k % 2 else 0.8)
        site.add("frond", blade, colour, form="horizontal", texture="grass", outline=0.7, strokes=(rib,))


def bush(site: Site) -> None:
    """A low shrub."""
    leaf = site.leaves(0.85)
    mass = crown(site.rng, 0, 0.42, site.rng.uniform(0.7, 1.0), 0.55, 8, 0.22, site.fewer(54))
    site.add("bush", mass, leaf, form="round", texture="foliage", second=darker(leaf, 0.6))


# kind: how it is drawn, and how wide its shadow is
TREES: dict[str, tuple[Callable[[Site], None], float]] = {
    "broadleaf": (broadleaf, 0.6),
    "conifer": (conifer, 0.3),
    "poplar": (poplar, 0.25),
    "pine": (pine, 0.5),
    "bare": (bare, 0.2),
    "palm": (palm, 0.25),
    "bush": (bush, 1.4),
}


def tree(site: Site, kind: str) -> None:
    """A tree of one of `TREES`, with its shadow. Many broadleaf trees are bare in winter."""
    if kind == "broadleaf" and site.season == "winter" and site.rng.random() < 0.6:
        kind = "bare"
    if kind == "bush":
        site = site.stand(*site.origin, -0.32 * site.unit[1])
    draw, wide = TREES[kind]
    shadow(site, wide)
    draw(site)


def tuft(site: Site, colour: RGB, blades: int = 7) -> None:
    """A tuft of grass as one outline."""
    leans, heights = site.rng.normal(0, 0.12, blades), site.rng.uniform(0.6, 1.0, blades)
    foot = 0.16 * (np.arange(blades) - (blades - 1) / 2)
    outline = np.empty((4 * blades + 2, 2))
    # left foot, left edge, tip, right edge of every blade
    outline[:-2, 0] = (
        foot[:, None] + np.outer(leans + 0.6 * foot, (0, 0.4, 1, 0.4)) + (-0.07, -0.02, 0, 0.05)
    ).ravel()
    outline[:-2, 1] = np.outer(heights, (0, 0.6, 1, 0.55)).ravel()
    outline[-2:] = (0.08 * blades, 0), (0, -0.1)
    site.add("grass", outline, colour, texture="grass", outline=0.4, second=darker(colour, 0.6))


def flowers(site: Site, spread: float, number: int) -> None:
    """A patch of blossoms of about unit size in one or two colours."""
    rng, petals = site.rng, [site.pick(PETALS), site.pick(PETALS)]
    where = np.stack([rng.normal(0, spread, number), rng.normal(0, 0.25 * spread, number)], 1)
    for (x, y), (wide, tall, other) in zip(
        where[np.argsort(-where[:, 1])].tolist(), rng.random((number, 3)).tolist(), strict=True
    ):
        blossom = disc(x, y, 0.35 + 0.2 * wide, 0.25 + 0.2 * tall, 10)
        site.add("flower", blossom, petals[int(other < 0.3)], form="round", outline=0.3)
