"""Deformation towards the painter and change around the face: fixed points, formulas, missing parts."""

import numpy as np
import pytest

from animestudy.losses.content import features
from animestudy.measures import deformation
from animestudy.measures.content import content_kept


def test_the_photograph_has_reached_nothing_and_the_painter_all():
    rng = np.random.default_rng(0)
    before, truth = rng.random(7), 1 + rng.random(7)
    assert not deformation.reached(before, before, truth).any()
    assert deformation.reached(truth, before, truth).mean() == pytest.approx(1)
    half = deformation.reached((before + truth) / 2, before, truth)
    assert half.mean() == pytest.approx(0.5)


def test_an_eye_that_is_gone_is_no_deformation_and_an_unknown_truth_no_value():
    before, truth = np.array([1.0, 1, 1]), np.array([3.0, 3, np.nan])
    share = deformation.reached(np.array([3.0, np.nan, 3]), before, truth)
    assert share[:2].tolist() == [1, 0]
    assert np.isnan(share[2])


def test_places_that_move_across_the_painters_way_have_not_moved():
    before = np.zeros((2, 1, 2))
    truth = np.array([[[1.0, 0]], [[1.0, 0]]])
    made = np.array([[[0.5, 9.0]], [[-1.0, 0]]])
    np.testing.assert_allclose(deformation.moved(made, before, truth), [0.5, -1])
    assert deformation.moved(truth, before, truth).mean() == 1
    assert not deformation.moved(np.full_like(made, np.nan), before, truth).any()


def test_only_the_places_asked_for_are_compared():
    rng = np.random.default_rng(1)
    photographs = rng.integers(0, 256, (3, 32, 32, 3), np.uint8)
    pictures = photographs.copy()
    pictures[:, :, :8] = 255 - pictures[:, :, :8]
    left = np.zeros((3, 32, 32), bool)
    left[:, :, :8] = True
    far = np.zeros_like(left)
    far[:, :, 20:] = True
    network = features("random", layers=["0"])
    assert deformation.recoloured(pictures, photographs, far).max() < 0.01
    assert deformation.recoloured(pictures, photographs, left).min() > 1
    assert deformation.kept(network, pictures, photographs, far).min() > 1 - 1e-6
    assert deformation.kept(network, pictures, photographs, left).max() < 0.5


def test_everywhere_is_the_content_of_the_whole():
    rng = np.random.default_rng(2)
    one, other = rng.integers(0, 256, (2, 3, 24, 24, 3), np.uint8)
    network = features("random")
    everywhere = np.ones((3, 24, 24), bool)
    np.testing.assert_allclose(
        deformation.kept(network, one, other, everywhere), content_kept(network, one, other), atol=1e-9
    )
