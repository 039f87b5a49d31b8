"""What surfaces are made of in a photograph: one tiled noise for each texture, and how it is laid on.

The tiles are synthesised once from fixed seeds (filtered noise, after Perlin 1985 and the spectral synthesis
of Saupe 1988) and wrap around. Tiles are laid on in picture sides, so the grain of a wall does not depend on
the size of the picture; detail finer than a pixel is averaged out beforehand.
"""

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

TILE = 512  # side of a tile in texels, a power of two


class Material(NamedTuple):
    """How one texture looks: `across` and `down` are tiles for each picture side."""

    tile: str
    across: float
    down: float
    bump: float  # how strongly its grain bends the surface
    tint: float  # how strongly its grain lightens and darkens it
    patches: float = 0.0  # strength of coarse patches over the fine grain
    fray: float = 0.0  # how far its edge is torn, in picture sides


MATERIALS = {
    "none": Material("pores", 1.6, 1.6, 0.06, 0.08, 0.18),
    "grass": Material("blades", 2.4, 2.0, 0.40, 0.50, 0.55, 0.004),
    "foliage": Material("leaves", 1.5, 1.5, 0.90, 0.95, 0.45, 0.011),
    "bark": Material("streaks", 2.6, 0.6, 0.80, 0.50, 0.35, 0.001),
    "brick": Material("bricks", 1.7, 1.7, 0.45, 0.38, 0.35),
    "roof": Material("tiles", 1.8, 1.8, 0.60, 0.38, 0.3),
    "water": Material("waves", 1.2, 1.2, 0.25, 0.10, 0.0),
    "cloud": Material("cloudy", 0.8, 0.8, 0.0, 0.0),
    "rock": Material("ridges", 0.85, 0.6, 1.15, 0.25, 0.5, 0.003),
    "skin": Material("pores", 2.0, 2.0, 0.015, 0.04, 0.08),
    "hair": Material("streaks", 2.2, 0.35, 0.06, 0.14, 0.30, 0.001),
    "cloth": Material("weave", 2.5, 2.5, 0.25, 0.12, 0.4),
}


def spectral(
    seed: int, slope: float, low: float = 1.0, high: float = 1e9, stretch: float = 1.0
) -> np.ndarray:
    """A tile of noise with amplitude f^−slope between two frequencies (cycles a tile), mean 0, deviation 1.

    `stretch` > 1 draws it out downwards.
    """
    rng = np.random.default_rng([7, seed])
    across = np.fft.rfftfreq(TILE, 1 / TILE)
    down = np.fft.fftfreq(TILE, 1 / TILE)[:, None] * stretch
    radius = np.hypot(across, down)
    radius[0, 0] = 1e9
    filtered = np.fft.rfft2(rng.standard_normal((TILE, TILE)))
    filtered *= radius**-slope * (radius >= low) * np.exp(-((radius / high) ** 2))
    tile = np.fft.irfft2(filtered, (TILE, TILE))
    return ((tile - tile.mean()) / tile.std()).astype(np.float32)


def masonry(rows: int, columns: int, gap: float, ragged: float, seed: int) -> np.ndarray:
    """Courses of bricks or tiles: each of its own tone, joints low, every second course shifted."""
    rng = np.random.default_rng([8, seed])
    y, x = np.mgrid[:TILE, :TILE] / TILE
    row = np.floor(y * rows).astype(int)
    along = x * columns + 0.5 * (row % 2)
    column = np.floor(along).astype(int) % columns
    tone = rng.normal(0, ragged, (rows, columns))[row, column]
    u, v = along % 1, (y * rows) % 1
    edge = np.minimum(np.minimum(u, 1 - u) * rows / columns * 1.0, np.minimum(v, 1 - v))
    joint = np.clip(edge / gap, 0, 1)
    return (tone + 1.6 * (joint - 0.8)).astype(np.float32)


def shingles(rows: int, columns: int) -> np.ndarray:
    """Courses of roof tiles: each rises to its lower edge and drops onto the next, with rounded backs."""
    y, x = np.mgrid[:TILE, :TILE] / TILE
    row = np.floor(y * rows)
    u, v = (x * columns + 0.5 * (row % 2)) % 1, (y * rows) % 1
    return (1.5 * v**2 - 1.0 * (v > 0.9) + 0.9 * np.sin(np.pi * u) - 0.9).astype(np.float32)


def leafy(seed: int) -> np.ndarray:
    """Leaves in clusters: bright tips over dark gaps, at three scales."""
    clusters, sprays, leaves = (
        spectral(seed + k, 0.5, *band) for k, band in enumerate(((4, 10), (11, 26), (30, 80)))
    )
    mass = 0.8 * np.tanh(1.3 * clusters) + 0.65 * np.tanh(1.3 * sprays) + 0.6 * np.tanh(1.3 * leaves)
    return (mass / mass.std()).astype(np.float32)


def ridged(seed: int) -> np.ndarray:
    """Rock: sharp crests that run downhill between worn hollows (Musgrave 1989), at four scales."""
    mass = np.zeros((TILE, TILE), np.float32)
    for k, band in enumerate(((2, 5), (5, 11), (11, 24), (24, 60))):
        crest = 0.8 - np.abs(spectral(seed + k, 0.6, *band, 0.75))
        mass += 0.55**k * crest
    return ((mass - mass.mean()) / mass.std()).astype(np.float32)


@lru_cache(maxsize=1)
def tiles() -> dict[str, np.ndarray]:
    """Every tile by name, TILE×TILE float32 of mean about 0 and deviation about 1; fine detail included."""
    return {
        "cloudy": spectral(1, 1.7, 2),
        "blades": 0.85 * spectral(2, 0.4, 8, 160, 0.28) + 0.5 * spectral(3, 1.2, 3, 40),
        "leaves": leafy(4),
        "streaks": spectral(6, 0.7, 8, 120, 6.0),
        "bricks": masonry(26, 11, 0.16, 0.55, 9) + 0.25 * spectral(10, 0.3, 10),
        "tiles": shingles(24, 16) + 0.35 * spectral(11, 0.6, 4),
        "waves": spectral(12, 1.2, 4, 70, 3.2),
        "ridges": ridged(20),
        "pores": 0.7 * spectral(16, 0.2, 20, 140) + 0.5 * spectral(17, 1.5, 3),
        "weave": 0.8 * spectral(18, 0.1, 60, 200) + 0.7 * spectral(19, 1.6, 2, 14, 0.45),
    }


NAMES = ("cloudy", "blades", "leaves", "streaks", "bricks", "tiles", "waves", "ridges", "pores", "weave")


@lru_cache(maxsize=4)
def atlas(side: int) -> np.ndarray:
    """All tiles one after another, averaged for a surface of `side` pixels: flat float32."""
    layers = []
    for name in NAMES:
        finest = max(m.across for m in MATERIALS.values() if m.tile == name)
        texels = finest * 1.6 * TILE / side  # for each pixel; 1.6: a middling distance
        tile = tiles()[name]
        if texels > 1:
            margin = int(4 * texels) + 2
            padded = np.pad(tile, margin, mode="wrap")
            tile = cv2.GaussianBlur(padded, (0, 0), 0.42 * texels)[margin:-margin, margin:-margin]
        layers.append(np.ascontiguousarray(tile))
    return np.stack(layers).astype(np.float32).ravel()


def sample(side: int, tile: np.ndarray, x: np.ndarray, y: np.ndarray, smooth: bool) -> np.ndarray:
    """Values of tiles (`tile`: their numbers in NAMES) at `x`, `y` (in tiles); all arrays of one shape."""
    flat, base = atlas(side), tile.astype(np.int32) * (TILE * TILE)
    x, y = x * np.float32(TILE), y * np.float32(TILE)
    if not smooth:
        return flat.take(base + ((y.astype(np.int32) & (TILE - 1)) << 9) + (x.astype(np.int32) & (TILE - 1)))
    left, top = np.floor(x), np.floor(y)
    u, v = x - left, y - top
    x0, y0 = left.astype(np.int32), top.astype(np.int32)
    corner = [
        flat.take(base + (((y0 + dy) & (TILE - 1)) << 9) + ((x0 + dx) & (TILE - 1)))
        for dy in (0, 1)
        for dx in (0, 1)
    ]
    upper, lower = corner[0] + u * (corner[1] - corner[0]), corner[2] + u * (corner[3] - corner[2])
    return upper + v * (lower - upper)
