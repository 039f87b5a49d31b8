"""Are the colours of areas still those of the photograph?

The paper reproaches earlier translators with "unstable color changes or overall color shifts" (section 4).
Lines and texture must not count as such, so both pictures are blurred first, in linear light as an eye far
away does it; then the CIEDE2000 difference, which is about 1 where a trained eye begins to see it.
"""

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000, rgb2xyz, xyz2lab


def low_passed(picture: np.ndarray, sigma: float) -> np.ndarray:
    """CIELAB of H×W×3 uint8 blurred by a Gaussian of `sigma` pixels: H×W×3 float64."""
    return xyz2lab(cv2.GaussianBlur(rgb2xyz(picture), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def areas(pictures: np.ndarray, sigma: float = 4.0) -> np.ndarray:
    """`low_passed` of each: N×H×W×3 uint8 → N×H×W×3 float64."""
    return np.stack([low_passed(picture, sigma) for picture in pictures])


def shift(one: np.ndarray, other: np.ndarray, where: np.ndarray | None = None) -> np.ndarray:
    """Mean ΔE00 of two pictures' `areas`, N×H×W×3 twice, over the places of `where` (N×H×W bool; all) → N."""
    places = [slice(None)] * len(one) if where is None else where
    return np.array([deltaE_ciede2000(a, b)[w].mean() for a, b, w in zip(one, other, places, strict=True)])


def colour_shift(
    pictures: np.ndarray, photographs: np.ndarray, where: np.ndarray | None = None, sigma: float = 4.0
) -> np.ndarray:
    """Mean ΔE00 of each blurred picture to its blurred photograph: N×H×W×3 uint8 twice → N, 0 for equal.

    where: the places that count, N×H×W bool; all without.
    sigma: of the blur, pixels.
    """
    return shift(areas(pictures, sigma), areas(photographs, sigma), where)
