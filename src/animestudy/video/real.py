"""Real pictures in known motion, nothing to download: a camera over a photograph, a stereo pair."""

import cv2
import numpy as np
from skimage import data

from animestudy.data import samples
from animestudy.video.stability import Motion, outside
from animestudy.video.trial import Shot

ZOOM = 1.25  # how much nearer the camera comes
SHARE = 0.72  # of the photograph's width that the first frame shows
NEARER = 1.0  # pixels of disparity by which something else has to lie in front to hide a place


def camera_move(name: str, frames: int, width: int, height: int, grain: float = 0.0, seed: int = 0) -> Shot:
    """A camera that pans over the sample photograph `name` and comes nearer: frames of height×width pixels.

    `grain` as in `trial.plan`. The motion is exact; hidden is what leaves the frame.
    """
    photo = samples.SAMPLES[name].read()
    high, wide = photo.shape[:2]
    step = min(SHARE * wide / width, SHARE * high / height)  # pixels of the photograph to one of a frame
    places = []
    for time in np.linspace(0, 1, frames):
        scale = step / ZOOM**time
        room = np.array([wide - 1 - scale * (width - 1), high - 1 - scale * (height - 1)])
        places.append(np.column_stack([scale * np.eye(2), room * (0.15 + 0.6 * time, 0.35 + 0.2 * time)]))
    smooth = cv2.GaussianBlur(
        photo, (0, 0), max(0.3, 0.5 * step)
    )  # frames hold no detail beyond their pixels
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    film = np.stack([cv2.warpAffine(smooth, place, (width, height), flags=how) for place in places])
    y, x = np.indices((height, width)).astype(np.float32)
    flow = np.zeros((frames - 1, height, width, 2), np.float32)
    for t in range(frames - 1):
        (here, left), (there, right) = ((place[0, 0], place[:, 2]) for place in places[t : t + 2])
        flow[t] = np.stack([(here * p + left[k] - right[k]) / there - p for k, p in enumerate((x, y))], 2)
    hidden = np.stack([outside(part) for part in flow])
    return Shot("photograph", noisy(film, grain, seed), Motion(flow, hidden))


def stereo_step(longest: int, grain: float = 0.0, seed: int = 0) -> Shot:
    """The motorcycle of scikit-image's stereo pair (Scharstein et al. 2014), left then right: two frames.

    Its measured disparities are the motion: what a step to the right shows of a real place.
    """
    left, right, disparity = data.stereo_motorcycle()
    factor = longest / max(left.shape[:2])
    size = round(left.shape[1] * factor), round(left.shape[0] * factor)
    film = np.stack([cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in (left, right)])
    shift = cv2.resize(disparity, size, interpolation=cv2.INTER_NEAREST) * np.float32(factor)
    known = np.isfinite(shift)
    shift = np.where(known, shift, 0).astype(np.float32)
    flow = np.stack([-shift, np.zeros_like(shift)], 2)[None]
    return Shot("stereo", noisy(film, grain, seed), Motion(flow, (~known | covered(shift, known))[None]))


def covered(shift: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Where a step hides a place: beyond the frame's edge, or behind something nearer; H×W bool."""
    y, x = np.indices(shift.shape)
    goal = np.rint(x - shift).astype(int)
    inside = known & (goal >= 0)
    front = np.full(shift.shape, -np.inf, np.float32)
    np.maximum.at(front, (y[inside], goal[inside]), shift[inside])
    front = cv2.dilate(front, np.ones((1, 3), np.uint8))  # a nearer thing covers whole pixels
    return ~inside | (front[y, goal.clip(0)] > shift + NEARER)


def noisy(film: np.ndarray, grain: float, seed: int) -> np.ndarray:
    """A sensor's noise of that standard deviation, new in every frame."""
    noise = np.random.default_rng(seed).normal(0, grain, film.shape) if grain else 0.0
    return np.clip(film + noise, 0, 255).round().astype(np.uint8)
