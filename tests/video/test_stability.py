"""Each measure on clips whose fault is made, so that its answer is known."""

from functools import cache

import numpy as np
import pytest

from animestudy.data.atelier.clip import clip
from animestudy.data.atelier.spec import Subject
from animestudy.errors import StudyError
from animestudy.video import stability
from animestudy.video.faults import blurred, frozen, jittered, posterised, pumping, redrawn, shuffled
from animestudy.video.stability import Motion, measure

FRAMES, SIZE = 12, 64


@cache
def shot(motion="pan"):
    """A photographed scene of the atelier and its exact motion."""
    moving = clip(Subject(9, kind="scene", domain="photo"), FRAMES, SIZE, motion)
    return moving.frames, Motion(moving.flow, moving.occluded)


CASES = (blurred, pumping, frozen, shuffled, jittered, redrawn, posterised)


@cache
def of(case, motion="pan"):
    frames, way = shot(motion)
    return measure(frames, case(frames), way)


def test_the_source_itself_is_perfect():
    frames, way = shot()
    same = measure(frames, frames, way)
    assert same.warping_ratio == same.warping_long == same.contrast == 1
    assert same.flicker == same.difference == same.flow_gap == 0
    assert same.edges > 0.97 and same.unexplained < 0.1 and same.trusted


def test_blur_fakes_stability_and_the_guard_says_so():
    """On a source with noise, as of a camera; on a clean one blur has an error of its own."""
    frames, way = shot()
    grainy = redrawn(frames)
    fake = measure(grainy, blurred(grainy), way)
    assert fake.warping_ratio < 0.1
    assert not fake.trusted and not of(blurred).trusted
    assert all(of(case).trusted for case in CASES if case is not blurred)


def test_a_pumping_brightness_is_flicker():
    assert of(pumping).flicker > 5
    assert all(of(case).flicker < 0.5 * of(pumping).flicker for case in CASES if case is not pumping)


def test_a_frozen_clip_does_not_move_as_its_source():
    frames, _ = shot()
    moved = np.hypot(*np.moveaxis(stability.estimated(frames).flow, -1, 0)).mean()
    assert of(frozen).flow_gap == pytest.approx(moved, rel=0.02)
    assert of(frozen).warping_long > 5
    assert of(frozen).difference > 1


def test_a_shuffled_clip_fails_everywhere():
    frames, way = shot()
    good = measure(frames, frames, way)
    assert of(shuffled).warping_ratio > 10
    assert of(shuffled).edges < good.edges - 0.1
    assert of(shuffled).flow_gap > 3 * of(posterised).flow_gap


def test_jitter_moves_edges():
    frames, way = shot("parts")  # the camera rests
    good = measure(frames, frames, way)
    worse = of(jittered, "parts")
    assert worse.edges < good.edges - 0.05
    assert worse.flow_gap > 0.8
    assert worse.warping_ratio > 3


def test_redrawing_every_frame_is_told_from_a_mapping_of_pixels():
    frames, way = shot()
    assert of(redrawn).warping > 100 * stability.warping_error(frames, way)
    assert of(redrawn).warping > 2 * of(posterised).warping
    assert of(redrawn).flicker < 0.3  # the noise has no mean, so this measure alone would not see it
    assert of(redrawn).edges < of(posterised).edges


def test_the_error_is_the_printed_formula():
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (3, 24, 30, 3), dtype=np.uint8)
    flow = np.zeros((2, 24, 30, 2), np.float32)
    flow[..., 0], flow[..., 1] = 2, -1
    hidden = rng.random((2, 24, 30)) < 0.3
    hidden[:, :1], hidden[:, :, -2:] = True, True
    total = 0.0
    for t in range(2):
        squares = [
            ((frames[t + 1, y - 1, x + 2] / 255 - frames[t, y, x] / 255) ** 2).mean()
            for y in range(24)
            for x in range(30)
            if not hidden[t, y, x]
        ]
        total += np.mean(squares) / 2
    assert stability.warping_error(frames, Motion(flow, hidden)) == pytest.approx(total, rel=1e-5)


def test_what_is_hidden_does_not_count():
    frames, way = shot()
    spoiled = frames.copy()
    spoiled[1:][way.hidden] = 0  # frame t+1 where frame t is hidden …
    covered = Motion(way.flow, np.ones_like(way.hidden))
    assert np.isnan(stability.warping_error(spoiled, covered))


@pytest.mark.parametrize("motion", ["pan", "zoom", "parts"])
def test_estimated_flow_ranks_as_exact_flow_does(motion):
    """What is found on real clips, where only the estimate is known, is what the truth would say."""
    frames, exact = shot(motion)
    guess = stability.estimated(frames)
    cases = (redrawn, jittered, shuffled, posterised)
    errors = [[stability.warping_error(case(frames), way) for case in cases] for way in (exact, guess)]
    assert np.corrcoef(np.log(errors))[0, 1] > 0.9
    seen = ~exact.hidden & ~guess.hidden
    assert np.hypot(*np.moveaxis(guess.flow - exact.flow, -1, 0))[seen].mean() < 0.4


def test_chained_motion_of_a_constant_shift_is_its_multiple():
    flow = np.zeros((5, 32, 32, 2), np.float32)
    flow[..., 0], flow[..., 1] = 1.5, -0.5
    hidden = np.stack([stability.outside(part) for part in flow])
    far = stability.chained(Motion(flow, hidden), 4)
    assert far.flow.shape == (2, 32, 32, 2)
    assert np.allclose(far.flow[0][~far.hidden[0]], (6, -2))
    y, x = np.indices((32, 32))
    assert far.hidden[0][(x + 6 > 31) | (y < 2)].all()
    assert not far.hidden[0][(x < 22) & (y > 6)].any()


def test_chained_exact_motion_explains_the_long_way():
    frames, way = shot()
    far = stability.chained(way, 8)
    assert stability.warping_error(frames, far) < 0.25 * stability.warping_error(frames, stability.still(far))


def test_clips_that_do_not_belong_together_are_refused():
    frames, way = shot()
    with pytest.raises(StudyError, match="one shape"):
        measure(frames, frames[:5], way)
    with pytest.raises(StudyError, match="is not of the clip"):
        measure(frames[:5], frames[:5], way)
    with pytest.raises(StudyError, match="24 pixels"):
        measure(frames[:, :9], frames[:, :9], Motion(way.flow[:, :9], way.hidden[:, :9]))
