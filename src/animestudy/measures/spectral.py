"""How far the spectrum of a set of pictures is from that of drawings, and what each picture does to it."""

import numpy as np

from animestudy import spectrum
from animestudy.data.tensors import to_tensor
from animestudy.errors import StudyError

DECIBEL = 20 / np.log(10)  # of a natural log magnitude


def profiles(pictures: np.ndarray, batch: int = 64) -> np.ndarray:
    """Radial profiles of the luma's log spectrum: N×H×W×3 uint8 → N×rings float64, natural logarithm."""
    parts = []
    for start in range(0, len(pictures), batch):
        values = spectrum.log_spectrum(spectrum.luma(to_tensor(pictures[start : start + batch])))
        parts.append(spectrum.radial_profile(values[:, 0], pictures.shape[2]).double().numpy())
    return np.concatenate(parts)


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Root mean square over rings of the difference of two sets' mean profiles, in dB."""
    return float(DECIBEL * np.sqrt(((one.mean(0) - other.mean(0)) ** 2).mean()))


def spectral(pictures: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Log-spectral distance in dB to the drawings' `profiles`, spread over the pictures: N values.

    Their mean is `distance`. That belongs to the set; a picture's value is the distance plus its first-order
    influence on it (how much it would change if the set held more of this picture), so resampling these
    values gives the distance's interval.
    """
    own = profiles(pictures)
    if own.shape[1] != reference.shape[1]:
        raise StudyError(
            f"spectra of {own.shape[1]} and {reference.shape[1]} rings: use pictures of one size"
        )
    gap = own.mean(0) - reference.mean(0)
    size = np.sqrt((gap**2).mean())
    slope = gap / (len(gap) * max(size, 1e-12))
    return DECIBEL * (size + (own - own.mean(0)) @ slope)
