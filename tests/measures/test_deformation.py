"""Deformation towards the painter: fixed points, formulas, missing parts."""

import numpy as np
import pytest

from animestudy.measures import deformation


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
