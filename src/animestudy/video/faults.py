"""Faults of moving pictures, made on purpose: what measures of stability have to find."""

from collections.abc import Callable

import cv2
import numpy as np


def blurred(frames: np.ndarray) -> np.ndarray:
    """Soft everywhere: hardly a warping error, and no stability."""
    return np.stack([cv2.GaussianBlur(frame, (0, 0), 3) for frame in frames])


def pumping(frames: np.ndarray) -> np.ndarray:
    """Brighter and darker by 5 % from frame to frame."""
    gain = 1 + 0.05 * (-1.0) ** np.arange(len(frames))
    return np.clip(frames * gain[:, None, None, None], 0, 255).round().astype(np.uint8)


def frozen(frames: np.ndarray) -> np.ndarray:
    """The first frame all along."""
    return np.repeat(frames[:1], len(frames), 0)


def shuffled(frames: np.ndarray) -> np.ndarray:
    """The right frames in a wrong order."""
    return frames[np.random.default_rng(1).permutation(len(frames))]


def jittered(frames: np.ndarray) -> np.ndarray:
    """Each frame shifted by up to two pixels."""
    shifts = np.random.default_rng(2).integers(-2, 3, (len(frames), 2))
    return np.stack([np.roll(frame, shift, (0, 1)) for frame, shift in zip(frames, shifts, strict=True)])


def redrawn(frames: np.ndarray) -> np.ndarray:
    """Noise of its own on every frame, as an optimisation from fresh noise leaves it."""
    noise = np.random.default_rng(3).normal(0, 12, frames.shape)
    return np.clip(frames + noise, 0, 255).round().astype(np.uint8)


def posterised(frames: np.ndarray) -> np.ndarray:
    """A few levels of each colour: no fault, a drawing that depends on each pixel alone."""
    return (frames // 48 * 48 + 24).astype(np.uint8)


FAULTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": np.asarray,
    "posterised": posterised,
    "blurred": blurred,
    "brightness pumps": pumping,
    "frozen": frozen,
    "shuffled": shuffled,
    "jittered": jittered,
    "noise in every frame": redrawn,
}
