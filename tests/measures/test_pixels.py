"""Measures of pairs of pictures on made cases."""

import cv2
import numpy as np
import pytest
from skimage.color import rgb2lab

from animestudy.measures import colour, edges, fidelity


def box(left=20, side=24, size=64):
    picture = np.full((size, size, 3), 230, np.uint8)
    picture[20 : 20 + side, left : left + side] = 30
    return picture


def test_edges_within_the_tolerance_match_and_beyond_it_do_not():
    assert edges.f_score(box(), box()) == 1
    assert edges.f_score(box(), box(21), 1.5) == 1
    far = edges.f_score(box(), box(26), 1.5)
    assert 0.3 < far < 0.8  # the upper and lower side still meet
    assert edges.f_score(box(), box(26), 6.5) == 1


def test_edge_f_is_the_harmonic_mean_of_precision_and_recall():
    more = box()
    more[4:8, 4:60] = 30  # a line that the other picture does not have
    one, other = edges.edges(box()), edges.edges(more)
    recall = edges.matched(other, one, 1.5)
    assert edges.matched(one, other, 1.5) == 1 and recall < 1
    assert edges.f_score(more, box()) == pytest.approx(2 * recall / (1 + recall))
    assert edges.f_score(more, box()) == pytest.approx(edges.f_score(box(), more))


def test_matching_counts_pixels_near_the_other_edges_by_brute_force():
    rng = np.random.default_rng(0)
    one, other = rng.random((2, 20, 20)) < 0.06
    far = np.linalg.norm(np.argwhere(one)[:, None] - np.argwhere(other)[None], axis=2).min(1)
    assert edges.matched(one, other, 2.3) == pytest.approx((far <= 2.3).mean())


def test_pictures_without_edges():
    flat = np.full((32, 32, 3), 90, np.uint8)
    assert edges.f_score(flat, flat) == 1
    assert edges.f_score(flat, box(4, 16, 32)) == edges.f_score(box(4, 16, 32), flat) == 0


def test_colour_shift_is_ciede2000_of_areas():
    grey, lighter = np.full((1, 24, 24, 3), 120, np.uint8), np.full((1, 24, 24, 3), 132, np.uint8)
    low, high = (rgb2lab(part[0])[0, 0, 0] for part in (grey, lighter))
    middle = ((low + high) / 2 - 50) ** 2
    expected = (high - low) / (1 + 0.015 * middle / np.sqrt(20 + middle))  # Sharma et al. 2005, for greys
    assert colour.colour_shift(lighter, grey)[0] == pytest.approx(expected, rel=1e-4)
    assert colour.colour_shift(grey, grey)[0] == 0


def test_colour_shift_forgives_lines_and_texture_and_not_colour():
    rng = np.random.default_rng(0)
    area = np.full((1, 64, 64, 3), (150, 110, 80), np.uint8)
    textured = np.clip(area + rng.normal(0, 8, (1, 64, 64, 1)), 0, 255).astype(np.uint8)
    tinted = area.copy()
    tinted[..., 2] += 25
    assert colour.colour_shift(textured, area)[0] < 1 < 4 < colour.colour_shift(tinted, area)[0]


def test_colour_shift_of_the_places_asked_for():
    one = np.random.default_rng(1).integers(0, 256, (2, 32, 32, 3), np.uint8)
    other = one.copy()
    other[:, :, :8] = 255 - other[:, :, :8]
    left, far = np.zeros((2, 2, 32, 32), bool)
    left[:, :, :8], far[:, :, 20:] = True, True
    assert colour.colour_shift(other, one, far, sigma=2).max() < 0.01
    assert colour.colour_shift(other, one, left, sigma=2).min() > 1


def test_dots_are_blurred_in_linear_light():
    dots = np.zeros((1, 64, 64, 3), np.uint8)
    dots[:, ::2, ::2] = dots[:, 1::2, 1::2] = 255
    half = np.full((1, 64, 64, 3), 188, np.uint8)  # half the light of white in sRGB
    assert colour.colour_shift(dots, half)[0] < 0.5 < colour.colour_shift(half - 60, half)[0]


def test_fidelity_is_psnr_and_ssim():
    picture = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 256, (32, 40, 3), np.uint8), (0, 0), 2)
    noisy = np.clip(picture.astype(int) + 10, 0, 255).astype(np.uint8)
    assert fidelity.psnr([noisy], [picture])[0] == pytest.approx(20 * np.log10(255 / 10))
    assert fidelity.psnr([picture], [picture])[0] == fidelity.CEILING
    assert fidelity.ssim([picture], [picture])[0] == 1 > fidelity.ssim([noisy], [picture])[0]
