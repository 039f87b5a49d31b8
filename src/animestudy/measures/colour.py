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


def shift(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Mean ΔE00 of two pictures' `areas`: N×H×W×3 twice → N."""
    return np.array([deltaE_ciede2000(a, b).mean() for a, b in zip(one, other, strict=True)])


def colour_shift(pictures: np.ndarray, photographs: np.ndarray) -> np.ndarray:
    """Mean ΔE00 of each blurred picture to its blurred photograph: N×H×W×3 uint8 twice → N, 0 for equal."""
    return shift(areas(pictures), areas(photographs))
