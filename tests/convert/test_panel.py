"""The sheet of photographs and drawings."""

import numpy as np

from animestudy.convert import panel
from animestudy.data.samples import SAMPLES


def test_each_photograph_stands_above_its_drawing():
    seen = []

    def work(pictures):
        seen.append(pictures.shape)
        return 255 - pictures

    made = panel.sheet(work)
    assert len(seen) == len(SAMPLES) and all(max(shape) == panel.LONGEST for shape in seen)
    assert made.shape == (4 * panel.HEIGHT, 3 * panel.WIDTH, 3) and made.dtype == np.uint8
    for top in (0, 2 * panel.HEIGHT):
        photos, drawings = made[top : top + panel.HEIGHT], made[top + panel.HEIGHT : top + 2 * panel.HEIGHT]
        assert np.abs(photos.astype(int) + drawings - 255).max() <= 3  # rounded apart


def test_a_place_is_covered_whatever_the_shape():
    for height, width in ((640, 640), (640, 200), (200, 640), (330, 480)):
        assert panel.middle(np.zeros((height, width, 3), np.uint8)).shape == (panel.HEIGHT, panel.WIDTH, 3)


def test_a_face_stands_beside_its_drawings():
    made = panel.face([lambda pictures: 255 - pictures, lambda pictures: pictures])
    photo, negative, same = np.split(made, 3, axis=1)
    assert photo.shape == (panel.SIDE, panel.SIDE, 3)
    assert (photo == 255 - negative).all() and (photo == same).all()
