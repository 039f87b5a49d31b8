"""One way for all pictures before their spectra are compared: scale, then JPEG.

Two collections that were scaled or compressed differently differ in their spectra whatever they show: a
detector then reads the history of the files (Grommelt et al. 2024, arXiv 2403.17608, for generated pictures).
So both domains go through the same two steps.
"""

import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from animestudy.data.collection import Collection
from animestudy.errors import StudyError


def same_chain(images: np.ndarray, size: int, quality: int) -> np.ndarray:
    """Scale to `size` and compress with JPEG: N×H×W×3 uint8 → N×size×size×3 uint8.

    Scaling takes the mean over areas, so nothing folds back from above 1/2 cycle per pixel; `quality` is
    JPEG's, 1 … 95, chroma at full resolution; 0 leaves that step out.

    Raises:
        StudyError: the pictures are not square or smaller than `size`: enlarged pictures have an empty
            upper band, and that alone tells them apart.
    """
    height, width = images.shape[1:3]
    if height != width or height < size:
        raise StudyError(f"size = {size}: the pictures have {height}×{width} pixels; they are never enlarged")
    return np.stack([_compressed(_scaled(image, size), quality) for image in images])


def draw(collection: Collection, count: int, seed: int, **conditions: str | Sequence[str]) -> np.ndarray:
    """At most `count` rows that meet `conditions`, drawn by `seed`, in order; partners of pairs are left out.

    Pairs show one scene twice; measurements that take pictures as independent must not see both.
    """
    rows = collection.where(**conditions)
    if "pair" in collection.table:
        rows = rows[collection.table["pair"].to_numpy()[rows] == ""]
    if len(rows) < 2:
        words = ", ".join(f"{key} {value}" for key, value in conditions.items())
        raise StudyError(f"{collection.path.name}: fewer than two pictures with {words}")
    return np.sort(np.random.default_rng(seed).permutation(rows)[:count])


def pairs(
    collection: Collection, styles: Sequence[str] = (), **conditions: str | Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the photographs and of the drawings of all held-out pairs, in one order; empty without.

    `styles` of the drawings, none for all; `conditions` hold for both partners.
    """
    if "pair" not in collection.table:
        return np.empty(0, int), np.empty(0, int)
    names = collection.table["pair"].to_numpy()
    found = {}
    for domain in ("photo", "anime"):
        style = {"style": styles} if styles and domain == "anime" else {}
        rows = collection.where(domain=domain, **style, **conditions)
        found[domain] = {names[row]: row for row in rows if names[row]}
    both = sorted(found["photo"].keys() & found["anime"].keys())
    return tuple(np.array([found[domain][name] for name in both], int) for domain in ("photo", "anime"))


def _scaled(image: np.ndarray, size: int) -> np.ndarray:
    if len(image) == size:
        return image
    return cv2.resize(np.ascontiguousarray(image), (size, size), interpolation=cv2.INTER_AREA)


def _compressed(image: np.ndarray, quality: int) -> np.ndarray:
    if quality == 0:
        return image
    memory = io.BytesIO()
    Image.fromarray(image).save(memory, "JPEG", quality=quality, subsampling=0)
    return np.asarray(Image.open(memory))
