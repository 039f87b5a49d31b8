"""Colour arithmetic that the styles share. Colours are sRGB 0 … 1 in the last axis; pictures are float32."""

import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.sheet import Sheet


def vivid(colours: np.ndarray, factor: float) -> np.ndarray:
    """Colours with their saturation scaled, clipped."""
    grey = canvas.luma(colours)[..., None]
    return np.clip(grey + factor * (colours - grey), 0, 1)


def mixed(a: np.ndarray, b: np.ndarray | tuple[float, ...], share: np.ndarray | float) -> np.ndarray:
    """`share` of `b` in `a`."""
    return a + np.asarray(share, a.dtype)[..., None] * (np.asarray(b, a.dtype) - a)


def colours(sheet: Sheet, size: int) -> np.ndarray:
    """The painted colours at the size of the picture, size×size×3 float32 0 … 1."""
    return canvas.reduce(sheet.paint, size)[..., :3].astype(np.float32) * np.float32(1 / 255)


def unit(surface: np.ndarray, size: int) -> np.ndarray:
    """A uint8 surface at the size of the picture, float32 0 … 1."""
    return canvas.reduce(surface, size).astype(np.float32) * np.float32(1 / 255)


def shaded(picture: np.ndarray, shade: np.ndarray, tint: np.ndarray, warm: float = 0.5) -> np.ndarray:
    """The picture in shadow where `shade` (H×W, 0 … 1) is 1.

    The colour of a shadow is `tint` times the colour itself; the share `warm` of it times the colour once
    more, so that skin and leaves go deeper instead of grey.
    """
    deep = picture * (np.asarray(tint, np.float32) * (1 - warm + warm * (0.30 + 0.80 * picture)))
    return picture + shade[..., None] * (deep - picture)


def flat(second: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Second colours for the shapes chosen by `keep` alone: the others get one colour."""
    return np.where(keep[:, None], second, np.nan)


def as_picture(picture: np.ndarray) -> np.ndarray:
    """Float 0 … 1 → uint8."""
    return (picture * 255 + 0.5).clip(0, 255).astype(np.uint8)
