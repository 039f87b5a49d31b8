"""Gram transfer moves towards the drawing's textures, each frame by itself; fixed statistics stay fixed."""

import numpy as np
import pytest
import torch
from films import pictures

from animestudy.data.tensors import to_tensor
from animestudy.errors import StudyError
from animestudy.losses.content import features
from animestudy.losses.style import gram
from animestudy.models.fsgan import FSGAN
from animestudy.models.generators import convert
from animestudy.video import norms
from animestudy.video.gram import Transfer, style_distance, transfer

FRAMES = pictures(4, 32, 40)
DRAWING = 255 - pictures(1, 32, 32, seed=5)[0] // 2


@pytest.mark.parametrize("start", ["frame", "noise", "same noise"])
def test_textures_come_nearer_to_the_drawing(start):
    seen, result = (
        features("random"),
        transfer(FRAMES, DRAWING, Transfer(start=start, steps=50, rate=0.1, content=0)),
    )
    with torch.inference_mode():
        aim = [gram(part) for part in seen(to_tensor(DRAWING[None]))]
        before = style_distance(seen(to_tensor(FRAMES)), aim)
        after = style_distance(seen(to_tensor(result)), aim)
    assert after < 0.5 * before


def test_a_frame_does_not_know_of_the_others():
    how = Transfer(steps=6)
    together = transfer(FRAMES, DRAWING, how)
    alone = np.concatenate([transfer(FRAMES[k : k + 1], DRAWING, how) for k in range(len(FRAMES))])
    # Adam divides by the gradient's size, so that rounding shows where a pixel has hardly any
    assert np.abs(together.astype(int) - alone).mean() < 1
    assert together.shape == FRAMES.shape and together.dtype == np.uint8


def test_noise_is_drawn_afresh_or_kept():
    still = np.repeat(FRAMES[:1], 3, 0)
    fresh = transfer(still, DRAWING, Transfer(steps=4, start="noise"))
    kept = transfer(still, DRAWING, Transfer(steps=4, start="same noise"))
    assert (fresh[0] != fresh[1]).any()
    assert (kept[0] == kept[1]).all()
    assert (transfer(still, DRAWING, Transfer(steps=4, start="noise")) == fresh).all()


def test_fixed_statistics_make_a_place_independent_of_far_ones():
    torch.manual_seed(0)
    generator = FSGAN(4, 2, smoothing=0).eval()
    with torch.no_grad():  # untrained heads hardly show what the body does
        for head in (generator.hue, generator.light):
            head.weight.mul_(10)
    frames = np.repeat(pictures(1, 96, 96), 2, 0)
    frames[1, :, 80:] = 255 - frames[1, :, 80:]  # the right edge changes
    free = np.stack([convert(generator, frame) for frame in frames]).astype(int)
    with norms.fixed(generator, frames):
        held = np.stack([convert(generator, frame) for frame in frames]).astype(int)
    assert np.abs(free[1, :, :24] - free[0, :, :24]).max() > 0
    assert np.abs(held[1, :, :24] - held[0, :, :24]).max() == 0
    after = np.stack([convert(generator, frame) for frame in frames])
    assert (after == free).all()  # outside the block all is as before


def test_of_equal_frames_the_shots_statistics_are_each_frames_own():
    torch.manual_seed(0)
    generator, frames = FSGAN(4, 2).eval(), np.repeat(pictures(1, 40, 40), 3, 0)
    free = convert(generator, frames[0])
    with norms.fixed(generator, frames):
        assert np.abs(convert(generator, frames[0]).astype(int) - free).max() <= 1


def test_without_such_layers_it_is_refused():
    with pytest.raises(StudyError, match="Conv2d"), norms.fixed(torch.nn.Conv2d(3, 3, 1), FRAMES):
        pass
