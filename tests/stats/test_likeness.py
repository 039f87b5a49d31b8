"""Likeness of representations: right for equal and for unrelated ones, blind to rotation and scale."""

import numpy as np
import pytest

from animestudy.stats import likeness


def plain_cka(one, other):
    one, other = one - one.mean(0), other - other.mean(0)
    cross = np.linalg.norm(one.T @ other) ** 2
    return cross / (np.linalg.norm(one.T @ one) * np.linalg.norm(other.T @ other))


def test_unrelated_noise_is_not_alike():
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 200, 512))
    assert plain_cka(one, other) > 0.6  # the trap
    assert abs(likeness.debiased_cka(one, other)) < 0.03
    assert abs(likeness.held_out_cca(one, other)) < 0.25


def test_rotation_and_scale_change_nothing():
    rng = np.random.default_rng(1)
    one = rng.normal(size=(150, 12)) * np.arange(1, 13)
    turned = 3 * one @ np.linalg.qr(rng.normal(size=(12, 12)))[0] + 5
    assert likeness.debiased_cka(one, turned) == pytest.approx(1)
    assert likeness.held_out_cca(one, turned, components=12) == pytest.approx(1, abs=1e-6)


def test_it_is_symmetric_and_between():
    rng = np.random.default_rng(2)
    common = rng.normal(size=(300, 4))
    one, other = (np.hstack([common, rng.normal(size=(300, 8))]) for _ in range(2))
    value = likeness.debiased_cka(one, other)
    assert 0.1 < value < 0.9 and value == pytest.approx(likeness.debiased_cka(other, one))
    assert likeness.held_out_cca(one, other, components=12, pairs=4) > 0.8


def test_debiased_means_right_on_average():
    rng = np.random.default_rng(3)
    values = [likeness.debiased_cka(*rng.normal(size=(2, 40, 60))) for _ in range(200)]
    assert abs(np.mean(values)) < 0.01
