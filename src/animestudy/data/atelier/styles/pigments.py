"""Colour arithmetic that the styles share. Colours are sRGB 0 … 1 in the last axis."""

import numpy as np

from animestudy.data.atelier import canvas


def vivid(colours: np.ndarray, factor: float) -> np.ndarray:
    """Colours with their saturation scaled, clipped."""
    grey = canvas.luma(colours)[..., None]
    return np.clip(grey + factor * (colours - grey), 0, 1)


def mixed(a: np.ndarray, b: np.ndarray | tuple[float, ...], share: np.ndarray | float) -> np.ndarray:
    """`share` of `b` in `a`."""
    return a + np.asarray(share)[..., None] * (np.asarray(b) - a)


def unit(surface: np.ndarray, size: int) -> np.ndarray:
    """A uint8 surface as a size×size picture, float32 0 … 1."""
    return canvas.reduce(surface, size).astype(np.float32) * np.float32(1 / 255)


def shaded(picture: np.ndarray, shade: np.ndarray, tint: np.ndarray | tuple[float, ...]) -> np.ndarray:
    """The picture multiplied by `tint` where `shade` (H×W, 0 … 1) is 1."""
    return picture * (1 - shade[..., None] * (1 - np.asarray(tint, np.float32)))


def flat(second: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Second colours for the shapes chosen by `keep` alone: the others get one colour."""
    return np.where(keep[:, None], second, np.nan)


def as_picture(picture: np.ndarray) -> np.ndarray:
    """Float 0 … 1 → uint8."""
    return (picture * 255 + 0.5).clip(0, 255).astype(np.uint8)
