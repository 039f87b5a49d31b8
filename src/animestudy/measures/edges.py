"""Do lines stand where the painter would have drawn them?

Precision, recall and their harmonic mean F of edge pixels, a match being an edge pixel of the other picture
within a tolerance: the measure of the Berkeley boundary benchmark (Martin, Fowlkes & Malik 2004), by distance
instead of one-to-one matching.
"""

import cv2
import numpy as np

LOW, HIGH = 100, 200  # Canny's thresholds, as in CartoonGAN's edge smoothing


def edges(picture: np.ndarray) -> np.ndarray:
    """Edge pixels of H×W×3 uint8 by Canny on its grey levels: H×W bool."""
    return cv2.Canny(cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY), LOW, HIGH) > 0


def matched(edge: np.ndarray, other: np.ndarray, tolerance: float) -> float:
    """Share of the pixels of `edge` with one of `other` within `tolerance` pixels (H×W bool each)."""
    if not edge.any() or not other.any():
        return float(not edge.any())
    distance = cv2.distanceTransform(np.uint8(~other), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return float((distance[edge] <= tolerance).mean())


def f_score(one: np.ndarray, other: np.ndarray, tolerance: float = 1.5) -> float:
    """F of the edges of two H×W×3 uint8 pictures, 0 … 1; 1 where neither has any, 0 where only one has.

    `tolerance` in pixels; 1.5 lets in the eight neighbours.
    """
    one, other = edges(one), edges(other)
    precision, recall = matched(one, other, tolerance), matched(other, one, tolerance)
    if one.any() != other.any():
        return 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def edge_f(pictures: np.ndarray, truth: np.ndarray, tolerance: float = 1.5) -> np.ndarray:
    """`f_score` of each picture with its counterpart: N×H×W×3 uint8 twice → N."""
    return np.array([f_score(a, b, tolerance) for a, b in zip(pictures, truth, strict=True)])
