"""The camera: defocus, bloom, exposure, white balance, vignette and the noise of the sensor."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np


@dataclass(frozen=True)
class Camera:
    """One photograph's settings; lengths in picture sides."""

    focus: float  # depth that is sharp
    aperture: float  # blur at a depth difference of 1
    exposure: float  # factor
    balance: tuple[float, float, float]  # factors of red, green, blue
    vignette: float  # how much the corners lose
    bloom: float  # how much bright light spreads
    grain: float  # deviation of the noise at mid grey, 0 … 1
    softness: float  # blur of the lens


def camera(rng: np.random.Generator, sitter: float | None) -> Camera:
    """Settings as they vary from photograph to photograph; `sitter` is the depth of a face to focus on."""
    u = rng.random(8)
    warm = 0.035 * (2 * u[0] - 1)
    return Camera(
        focus=0.25 + 0.3 * u[1] if sitter is None else sitter,
        aperture=0.002 + 0.007 * u[2] ** 2 if sitter is None else 0.016 + 0.016 * u[2],
        exposure=0.94 + 0.16 * u[3],
        balance=(1 + warm, 1 + 0.012 * (2 * u[4] - 1), 1 - warm),
        vignette=0.12 + 0.22 * u[5],
        bloom=0.10 + 0.15 * u[6],
        grain=0.007 + 0.010 * u[7],
        softness=0.0008,
    )


def soften(image: np.ndarray, reach: float) -> np.ndarray:
    """`image` (H×W×3 float32) blurred by `reach` pixels; wide blurs are made on a smaller copy."""
    if reach < 0.35:
        return image
    if reach > 1.6:
        height, width = image.shape[:2]
        small = cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        return cv2.resize(soften(small, reach / 2), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.GaussianBlur(image, (0, 0), reach)


def defocus(image: np.ndarray, depth: np.ndarray, settings: Camera) -> np.ndarray:
    """Blur by distance from the plane of focus; what is sharp does not bleed into the blur."""
    side = image.shape[0]
    blur = np.abs(depth - np.float32(settings.focus)) * np.float32(settings.aperture * side)
    widest = float(blur.max())
    if widest < 0.6:
        return image
    share = blur / np.float32(widest)
    weight = share * share + np.float32(1e-3)
    planes = cv2.split(image)
    weighed = cv2.merge([*(plane * weight for plane in planes), weight])
    share = cv2.blur(share, (3, 3))
    for low, reach in ((0.0, 0.45), (0.45, 1.0)):
        *spread, total = cv2.split(soften(weighed, widest * reach))
        amount = np.clip((share - low) / (reach - low), 0, 1)
        planes = [plane + amount * (far / total - plane) for plane, far in zip(planes, spread, strict=True)]
    return cv2.merge(planes)


def develop(light: np.ndarray, settings: Camera, whole: bool = True) -> np.ndarray:
    """Linear light (H×W×3 float32, 1 = white) as sRGB 0 … 1, still without noise.

    `whole` False leaves out what belongs to the frame and not to the things in it: the vignette.
    """
    side = light.shape[0]
    glare = cv2.resize(light, (max(8, side // 8),) * 2, interpolation=cv2.INTER_AREA)
    glare = cv2.blur(cv2.blur(np.maximum(glare - 0.72, 0), (5, 5)), (5, 5))
    light = light + np.float32(settings.bloom) * cv2.resize(
        glare, (side, side), interpolation=cv2.INTER_LINEAR
    )
    light *= np.float32(settings.exposure) * np.array(settings.balance, np.float32)
    if whole and settings.vignette:
        light *= 1 - np.float32(settings.vignette) * falloff(side)
    # a film-like shoulder: highlights roll off instead of clipping
    light = light * (1 + light * np.float32(0.16)) / (1 + np.float32(0.20) * light * light)
    image = np.sqrt(np.clip(light, 0, 1))
    return image + np.float32(0.45) * image * (1 - image) * (image - np.float32(0.45))


@lru_cache(maxsize=4)
def falloff(side: int) -> np.ndarray:
    """How much darker than the middle a full vignette leaves each pixel, side×side×1."""
    axis = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
    return ((2 * (axis[:, None] ** 2 + axis**2)) ** 1.3)[..., None]


def noise(image: np.ndarray, settings: Camera, rng: np.random.Generator) -> np.ndarray:
    """`image` (sRGB 0 … 1) with the noise of a sensor: shot noise in brightness, coarser noise in colour."""
    side = image.shape[0]
    shot = rng.standard_normal((side, side), np.float32)
    coarse = rng.standard_normal((side // 2 + 1, side // 2 + 1, 3), np.float32)
    coarse = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_LINEAR)
    strength = np.float32(settings.grain) * (1.25 - image.mean(2))
    return image + strength[..., None] * (shot[..., None] + 0.5 * coarse)
