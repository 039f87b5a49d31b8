"""Does a converted clip hold still where its source does? Measures that need no person to look.

Every measure takes the source and the result, T×H×W×3 uint8 each, as they are before any encoding. None says
everything: a blurred clip has hardly a warping error (hence `contrast`), a frozen one has none where nothing
moves (hence `flow_gap`), and a brightness that pumps hides in a mean over pixels (hence `flicker`).
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from animestudy.data.atelier.overview import warped
from animestudy.errors import StudyError

LONG = 8  # frames between the two of a long-range comparison
EDGES = 0.1  # share of a clip's pixels that count as edges: those of the steepest luma
SMALLEST = 24  # pixels a side that flow can be estimated on
FAINT = 0.5  # contrast below which a low warping error proves nothing


class Motion(NamedTuple):
    """Where the pixels of each frame go in the next one."""

    flow: np.ndarray  # (T−1)×H×W×2 float32, pixels right and down
    hidden: np.ndarray  # (T−1)×H×W bool: pixels that the next frame does not show


class Stability(NamedTuple):
    """How a result moves beside its source."""

    warping: float  # mean squared error along the motion, neighbouring frames; 1 = black against white
    warping_ratio: float  # the same over the source's own
    warping_long: float  # ratio likewise, over frames `LONG` apart
    unexplained: float  # share of the change between neighbouring frames that the motion does not explain
    flicker: float  # mean change of mean luma that the source does not make, grey levels
    difference: float  # mean |change of the result − change of the source| of a pixel, grey levels (FDB)
    flow_gap: float  # mean length of the difference of the two estimated flows, pixels (tOF)
    edges: float  # share of edge pixels that are edges in the next frame too
    contrast: float  # steepness of the result's edges over the source's

    @property
    def trusted(self) -> bool:
        """Whether the result has contrast enough for its warping error to mean anything."""
        return self.contrast >= FAINT


def measure(source: np.ndarray, result: np.ndarray, motion: Motion) -> Stability:
    """All measures of one clip; of two frames at least, at least `SMALLEST` pixels a side."""
    check(source, result, motion)
    far = chained(motion, min(LONG, len(source) - 1))
    short = warping_error(result, motion)
    own = warping_error(source, motion)
    return Stability(
        warping=short,
        warping_ratio=quotient(short, own),
        warping_long=quotient(warping_error(result, far), warping_error(source, far)),
        unexplained=quotient(short, warping_error(result, still(motion))),
        flicker=flicker(source, result),
        difference=difference(source, result),
        flow_gap=flow_gap(source, result),
        edges=edge_persistence(result, motion),
        contrast=quotient(steepness(result), steepness(source)),
    )


def check(source: np.ndarray, result: np.ndarray, motion: Motion) -> None:
    """Refuse clips that do not belong together."""
    if source.shape != result.shape or source.ndim != 4 or len(source) < 2:
        raise StudyError(f"stability: clips of one shape are compared, not {source.shape} and {result.shape}")
    if min(source.shape[1:3]) < SMALLEST:
        raise StudyError(f"stability: frames of {SMALLEST} pixels a side at least, not {source.shape[1:3]}")
    if motion.flow.shape[:3] != (len(source) - 1, *source.shape[1:3]):
        raise StudyError(f"stability: the motion {motion.flow.shape} is not of the clip {source.shape}")


def quotient(one: float, other: float) -> float:
    """one/other; nan where the other is nothing."""
    return one / other if other > 1e-12 else float("nan")


# ------------------------------------------------------------------------------------------------- motion


def estimated(frames: np.ndarray) -> Motion:
    """The motion of a real clip by dense inverse search (Kroeger et al. 2016), of the source's frames.

    A pixel counts as hidden if the flow there and the flow back do not meet (Sundaram et al. 2010), or if it
    leaves the frame.
    """
    grey, search = luma(frames), dense_search()
    flow = np.zeros((len(frames) - 1, *grey.shape[1:], 2), np.float32)
    hidden = np.zeros(flow.shape[:3], bool)
    for t in range(len(flow)):
        flow[t] = search.calc(grey[t], grey[t + 1], None)
        back = warped(search.calc(grey[t + 1], grey[t], None), flow[t])
        apart = np.square(flow[t] + back).sum(-1)
        length = np.square(flow[t]).sum(-1) + np.square(back).sum(-1)
        hidden[t] = (apart > 0.01 * length + 0.5) | outside(flow[t])
    return Motion(flow, hidden)


def dense_search() -> "cv2.DISOpticalFlow":
    """The estimator, in its medium preset: 0.2 pixels of error where the motion is known."""
    return cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)


def outside(flow: np.ndarray) -> np.ndarray:
    """Where a flow (H×W×2) leads out of the frame: H×W bool."""
    y, x = np.indices(flow.shape[:2])
    u, v = x + flow[..., 0], y + flow[..., 1]
    return (u < 0) | (v < 0) | (u > flow.shape[1] - 1) | (v > flow.shape[0] - 1)


def chained(motion: Motion, gap: int) -> Motion:
    """The motion from each frame to the one `gap` later, followed step by step: (T−gap)×H×W."""
    flow, hidden = [], []
    for t in range(len(motion.flow) - gap + 1):
        way, lost = motion.flow[t].copy(), motion.hidden[t].copy()
        for step in range(t + 1, t + gap):
            lost |= outside(way) | (warped(motion.hidden[step].astype(np.float32), way) > 0.01)
            way += bilinear(motion.flow[step], way)
        flow.append(way)
        hidden.append(lost | outside(way))
    return Motion(np.array(flow), np.array(hidden))


def bilinear(field: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """A field (H×W×2) fetched along the flow; not by `warped`, whose window rings at borders of motion."""
    y, x = np.indices(flow.shape[:2]).astype(np.float32)
    return cv2.remap(
        field, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def still(motion: Motion) -> Motion:
    """No motion at all, the same pixels hidden."""
    return Motion(np.zeros_like(motion.flow), motion.hidden)


# ----------------------------------------------------------------------------------------------- measures


def luma(frames: np.ndarray) -> np.ndarray:
    """T×H×W×3 uint8 → T×H×W uint8."""
    return np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames])


def warping_errors(frames: np.ndarray, motion: Motion) -> np.ndarray:
    """For each step of the motion, the mean squared difference of what is visible twice (Lai et al. 2018).

    Colours count from 0 to 1, the three channels' squares are averaged. nan where nothing is visible twice.
    """
    gap = len(frames) - len(motion.flow)
    return np.array(
        [
            masked_mean(np.square(warped(frames[t + gap], flow) - frames[t]).mean(-1) / 255**2, ~hidden)
            for t, (flow, hidden) in enumerate(zip(motion.flow, motion.hidden, strict=True))
        ]
    )


def warping_error(frames: np.ndarray, motion: Motion) -> float:
    """Mean of `warping_errors`."""
    errors = warping_errors(frames, motion)
    return float(np.nanmean(errors)) if np.isfinite(errors).any() else float("nan")


def masked_mean(values: np.ndarray, mask: np.ndarray) -> float:
    """The mean where `mask` is true; nan if it is nowhere."""
    return float(values[mask].mean()) if mask.any() else float("nan")


def changes(frames: np.ndarray) -> Iterator[np.ndarray]:
    """Each frame minus the one before it, H×W×3 int16."""
    for t in range(len(frames) - 1):
        yield frames[t + 1].astype(np.int16) - frames[t]


def flicker(source: np.ndarray, result: np.ndarray) -> float:
    """Mean absolute change from frame to frame of the difference in mean luma, grey levels."""
    means = [luma(frames).mean((1, 2), dtype=float) for frames in (source, result)]
    return float(np.abs(np.diff(means[1] - means[0])).mean())


def difference(source: np.ndarray, result: np.ndarray) -> float:
    """Mean absolute difference of the two clips' changes, grey levels: no flow needed (FDB)."""
    both = zip(changes(source), changes(result), strict=True)
    return float(np.mean([np.abs(b - a).mean() for a, b in both]))


def flow_gap(source: np.ndarray, result: np.ndarray) -> float:
    """Mean length of the difference of the flows estimated in the two clips, pixels (TecoGAN's tOF)."""
    search, grey = dense_search(), [luma(source), luma(result)]
    gaps = []
    for t in range(len(source) - 1):
        one, other = (search.calc(part[t], part[t + 1], None).copy() for part in grey)
        gaps.append(np.hypot(*np.moveaxis(other - one, -1, 0)).mean())
    return float(np.mean(gaps))


def gradients(frames: np.ndarray) -> np.ndarray:
    """Length of the luma's gradient: T×H×W float32, grey levels a pixel."""
    grey = luma(frames).astype(np.float32)
    return np.stack([np.hypot(cv2.Scharr(part, -1, 1, 0), cv2.Scharr(part, -1, 0, 1)) / 32 for part in grey])


def steepness(frames: np.ndarray) -> float:
    """Gradient that one pixel in fifty exceeds: of the edges, not of the texture, which a drawing drops."""
    return float(np.quantile(gradients(frames), 0.98))


def edge_persistence(frames: np.ndarray, motion: Motion) -> float:
    """Share of visible edge pixels that lie within one pixel of an edge of the next frame, along the motion.

    Edges are the steepest `EDGES` of all pixels of the clip, so that a faint drawing has as many as a strong
    one.
    """
    steep = gradients(frames)
    edges = steep > np.quantile(steep, 1 - EDGES)
    around = np.ones((3, 3), np.uint8)
    kept = total = 0
    for t, (flow, hidden) in enumerate(zip(motion.flow, motion.hidden, strict=True)):
        near = cv2.dilate(edges[t + 1].astype(np.uint8), around)
        found = bilinear(near.astype(np.float32), flow) > 0.5
        here = edges[t] & ~hidden
        kept, total = kept + int((found & here).sum()), total + int(here.sum())
    return kept / total if total else float("nan")
