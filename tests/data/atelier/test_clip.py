"""Clips: the flow is exact, what it cannot say is marked, and everything moves as asked."""

from functools import cache

import cv2
import numpy as np
import pytest

from animestudy.data.atelier.clip import MOTIONS, clip, similarity
from animestudy.data.atelier.spec import Subject
from animestudy.errors import StudyError

CASES = [
    ("scene", "photo", "", "pan"),
    ("scene", "anime", "cel", "zoom"),
    ("scene", "photo", "", "parts"),
    ("portrait", "anime", "watercolour", "parts"),
    ("portrait", "photo", "", "zoom"),
]


@cache
def shot(kind, domain, style, motion, frames=6, size=64):
    return clip(Subject(9, kind=kind, domain=domain, style=style, psychology="joyful"), frames, size, motion)


def pulled_back(frame, flow):
    """Frame t+1 resampled at where the pixels of frame t went."""
    size = len(flow)
    x, y = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    at = x + flow[..., 0], y + flow[..., 1]
    return cv2.remap(frame.astype(np.float32), *at, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)


def errors(moving, t):
    return np.abs(pulled_back(moving.frames[t + 1], moving.flow[t]) - moving.frames[t]).mean(2)


@pytest.mark.parametrize("case", CASES)
def test_shapes_and_types(case):
    moving = shot(*case)
    assert moving.frames.shape == (6, 64, 64, 3) and moving.frames.dtype == np.uint8
    assert moving.flow.shape == (5, 64, 64, 2) and moving.flow.dtype == np.float32
    assert moving.occluded.shape == (5, 64, 64) and moving.occluded.dtype == bool


@pytest.mark.parametrize("case", CASES)
def test_flow_leads_from_frame_to_frame(case):
    moving = shot(*case)
    assert np.abs(moving.flow).max() > 0.3
    for t in range(5):
        seen = ~moving.occluded[t]
        assert errors(moving, t)[seen].mean() < 1
        still = np.abs(moving.frames[t + 1].astype(float) - moving.frames[t]).mean(2)
        moved = seen & (np.hypot(*np.moveaxis(moving.flow[t], 2, 0)) > 0.3)
        if moved.sum() > 50:  # the flow explains most of what changed
            assert errors(moving, t)[moved].mean() < 0.6 * still[moved].mean()


@pytest.mark.parametrize("case", CASES)
def test_what_is_hidden_is_marked_and_little(case):
    moving = shot(*case)
    assert 0 < moving.occluded.mean() < 0.5
    inside = np.mean([errors(moving, t)[moving.occluded[t]].mean() for t in range(5)])
    outside = np.mean([errors(moving, t)[~moving.occluded[t]].mean() for t in range(5)])
    assert inside > outside


def test_pixels_that_leave_the_frame_are_marked():
    moving = shot("scene", "photo", "", "pan")
    x, y = np.meshgrid(np.arange(64), np.arange(64))
    for t in range(5):
        u, v = x + moving.flow[t, ..., 0], y + moving.flow[t, ..., 1]
        gone = (u < -0.5) | (u > 63.5) | (v < -0.5) | (v > 63.5)
        assert moving.occluded[t][gone].all()


def test_near_things_pan_faster():
    flow = shot("scene", "photo", "", "pan").flow[2]
    assert np.abs(flow[-8:, :, 0]).mean() > 1.5 * np.abs(flow[:8, :, 0]).mean()


def test_the_camera_rests_while_parts_move():
    moving = shot("scene", "photo", "", "parts")
    speed = np.hypot(*np.moveaxis(moving.flow, 3, 0))
    assert (speed == 0).mean() > 0.3 and (speed > 0.2).any()
    resting = (speed[0] == 0) & ~moving.occluded[0]
    difference = np.abs(moving.frames[1].astype(int) - moving.frames[0])[resting]
    assert difference.mean() < 0.05  # no noise that changes from frame to frame


def test_repeatable_and_odd_sizes():
    subject = Subject(9, domain="anime", style="ink", psychology="anxious")
    first, second = clip(subject, 3, 37, "pan"), clip(subject, 3, 37, "pan")
    assert first.frames.shape == (3, 37, 37, 3)
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_one_frame_is_a_clip():
    alone = clip(Subject(2, domain="photo"), 1, 32, "zoom")
    assert len(alone.frames) == 1 and len(alone.flow) == len(alone.occluded) == 0


def test_similarity_turns_about_its_centre():
    place = similarity(1.3, 25.0, (0.0, 0.0), (0.3, 0.6))
    np.testing.assert_allclose(place @ (0.3, 0.6, 1), (0.3, 0.6))
    assert np.linalg.det(place[:, :2]) == pytest.approx(1.69)


def test_mistakes_are_named():
    with pytest.raises(StudyError, match="spin"):
        clip(Subject(1, domain="photo"), 4, 32, "spin")
    with pytest.raises(StudyError, match="0"):
        clip(Subject(1, domain="photo"), 0, 32, "pan")
    assert set(MOTIONS) == {"pan", "zoom", "parts"}
