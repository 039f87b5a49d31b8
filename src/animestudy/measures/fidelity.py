"""Likeness to the true counterpart, pixel by pixel and window by window."""

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

CEILING = 100.0  # dB, for equal pictures, whose ratio is infinite and would spoil a mean


def psnr(pictures: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio in dB of each picture: N×H×W×3 uint8 twice → N, at most `CEILING`."""
    with np.errstate(divide="ignore"):
        pairs = zip(pictures, truth, strict=True)
        return np.array([min(peak_signal_noise_ratio(b, a), CEILING) for a, b in pairs])


def ssim(pictures: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Structural similarity (Wang et al. 2004; window of 7 pixels) of each picture, at most 1: N."""
    return np.array(
        [structural_similarity(a, b, channel_axis=2) for a, b in zip(pictures, truth, strict=True)]
    )
