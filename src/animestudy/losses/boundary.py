"""The boundary term: drawings whose edges are smoothed away, shown to the discriminator as fakes.

The paper names a "boundary loss function" (section 4) without a formula; its description of drawings, "clear
borders", is what CartoonGAN (Chen et al. 2018) enforces by such negatives, and AnimeGAN after it. The only
difference between such a picture and a real drawing is its edges, so the discriminator has to look at them.
"""

import cv2
import numpy as np


def smooth_edges(images: np.ndarray, low: int = 100, high: int = 200, width: int = 5) -> np.ndarray:
    """Blur pictures near their edges and nowhere else: N×H×W×3 uint8 → the same.

    Edges by Canny with thresholds `low` and `high`, widened to `width` pixels, blurred by a Gaussian of that
    width: CartoonGAN's recipe.
    """
    return np.stack([_smooth(image, low, high, width) for image in images])


def grey_drawings(images: np.ndarray) -> np.ndarray:
    """Drawings without their colours, N×H×W×3 uint8 → the same.

    AnimeGAN's negative against grey results (Chen et al. 2020): its style term learns from grey drawings.
    """
    return np.stack([_grey(image) for image in images])


def grey_smooth_edges(images: np.ndarray) -> np.ndarray:
    """Both: AnimeGAN shows its discriminator edge-smoothed drawings in grey, so that only edges can tell."""
    return grey_drawings(smooth_edges(images))


def _grey(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def _smooth(image: np.ndarray, low: int, high: int, width: int) -> np.ndarray:
    edges = cv2.Canny(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), low, high)
    near = cv2.dilate(edges, np.ones((width, width), np.uint8))[..., None] > 0
    return np.where(near, cv2.GaussianBlur(image, (width, width), 0), image)
