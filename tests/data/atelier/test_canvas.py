from itertools import pairwise

import numpy as np
import pytest

from animestudy.data.atelier import canvas

SQUARE = np.array([(0.2, 0.2), (0.7, 0.2), (0.7, 0.7), (0.2, 0.7)])


@pytest.mark.parametrize("size", [31, 32, 96, 257, 700])
def test_a_polygon_has_its_area_and_place_at_every_size(size):
    side = canvas.working(size)
    surface = np.zeros((side, side), np.uint8)
    canvas.fill(surface, SQUARE, 255, side)
    picture = canvas.reduce(surface, size) / 255
    assert picture.shape == (size, size)
    # OpenCV counts the pixels under the edge in full
    assert picture.mean() == pytest.approx(0.25, abs=2.5 / side)
    x, y = canvas.ramp(size)
    assert (picture * x).sum() / picture.sum() == pytest.approx(0.45, abs=1 / side)
    assert (picture * y).sum() / picture.sum() == pytest.approx(0.45, abs=1 / side)


def test_a_window_of_a_surface_is_filled_as_the_whole():
    whole = np.zeros((90, 90), np.uint8)
    canvas.fill(whole, SQUARE, 255, 90)
    (rows, columns), patch = canvas.coverage(SQUARE, 90)
    assert (whole[rows, columns] == patch).all()
    whole[rows, columns] = 0
    assert not whole.any()


def test_outside_of_the_picture_there_is_no_window():
    assert canvas.coverage(SQUARE + 3, 64) is None
    assert canvas.window(SQUARE - 2, 64) is None


def test_a_ribbon_is_as_wide_as_told():
    line = np.stack([np.linspace(0.1, 0.9, 40), np.full(40, 0.5)], 1)
    surface = np.zeros((600, 600), np.uint8)
    canvas.ribbon(surface, line, np.linspace(0.02, 0.10, 40), 255, 600)
    thickness = (surface > 127).sum(0) / 600
    assert thickness[150] == pytest.approx(0.035, abs=0.005)
    assert thickness[450] == pytest.approx(0.085, abs=0.005)


def test_a_ribbon_that_crosses_itself_has_no_holes():
    turn = np.linspace(0, 4 * np.pi, 120)
    loops = np.stack([0.2 + 0.6 * turn / turn.max() + 0.1 * np.sin(turn), 0.5 + 0.1 * np.cos(turn)], 1)
    drawn, over = np.zeros((400, 400), np.uint8), np.zeros((400, 400), np.uint8)
    canvas.ribbon(drawn, loops, 0.05, 255, 400)
    for first, second in pairwise(loops):
        canvas.ribbon(over, np.stack([first, second]), 0.04, 255, 400)
    assert (drawn[over > 127] > 127).mean() > 0.995


def test_noise_is_centred_and_the_same_at_every_size():
    fields = {size: canvas.noise(size, 6, np.random.default_rng(3), octaves=2) for size in (48, 96, 192)}
    for field in fields.values():
        assert abs(field.mean()) < 0.5
        assert 0.5 < field.std() < 1.6
    small = canvas.reduce(fields[192], 96)
    assert np.corrcoef(small.ravel(), fields[96].ravel())[0, 1] > 0.99


def test_labels_are_read_at_pixel_centres():
    surface = np.arange(36).reshape(6, 6)
    assert canvas.centres(surface, 2).tolist() == [[7, 10], [25, 28]]
