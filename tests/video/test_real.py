"""Real pictures in motion: the motion explains what changes, and hides what it should."""

import numpy as np
import pytest

from animestudy.video import real, stability


@pytest.mark.parametrize("name", ["china", "astronaut"])
def test_a_camera_move_is_explained_by_its_motion(name):
    shot = real.camera_move(name, 6, 96, 64)
    assert shot.frames.shape == (6, 64, 96, 3) and shot.motion.flow.shape == (5, 64, 96, 2)
    short = stability.warping_error(shot.frames, shot.motion)
    assert short < 0.05 * stability.warping_error(shot.frames, stability.still(shot.motion))
    assert 0 < shot.motion.hidden.mean() < 0.3
    assert np.abs(shot.motion.flow).max() > 0.5


def test_its_grain_is_new_in_every_frame():
    clean, noisy = (real.camera_move("china", 3, 64, 48, grain) for grain in (0.0, 3.0))
    noise = noisy.frames.astype(float) - clean.frames
    assert noise.std() == pytest.approx(3, abs=0.3)
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.1


def test_a_step_past_the_motorcycle_is_explained_by_its_disparities():
    shot = real.stereo_step(320)
    assert shot.frames.shape[0] == 2 and max(shot.frames.shape[1:3]) == 320
    short = stability.warping_error(shot.frames, shot.motion)
    assert short < 0.25 * stability.warping_error(shot.frames, stability.still(shot.motion))
    assert 0.05 < shot.motion.hidden.mean() < 0.5


def test_what_lies_behind_something_nearer_is_hidden():
    shift = np.zeros((3, 20), np.float32)
    shift[:, 10:14] = 4.0  # a near bar moves four pixels to the left, over what stands at 6 to 9
    hidden = real.covered(shift, np.ones_like(shift, bool))
    assert hidden[:, 7:9].all()
    assert not hidden[:, 10:14].any() and not hidden[:, 0:4].any() and not hidden[:, 15:].any()
