"""Marks of drawings, taken by hand: diffusion, lines, shades, saturation."""

import numpy as np
import pytest
import torch

from animestudy.marks import (
    AROUND,
    blurred,
    boxed,
    darker,
    diffused,
    graded,
    guided,
    outlines,
    painted,
    saturation,
    shaded,
)
from animestudy.spectrum import luma


def pictures(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def blocks(noise=0.0):
    """Dark left, bright right, a border at column 12."""
    x = torch.full((1, 3, 20, 24), -0.6)
    x[..., 12:] = 0.6
    return x + noise * pictures(1, 3, 20, 24)


def test_diffusion_equals_numpy():
    x = pictures(1, 2, 6, 7)
    a, step, rate = x[0].numpy().astype(float), 0.2, 0.24
    for k in range(3):
        d = [np.diff(a, axis=axis) for axis in (1, 2)]
        if k % 2 == 0:
            g = [np.exp(-(part**2).sum(0) / step**2) for part in d]
        change = np.zeros_like(a)
        change[:, :-1] += d[0] * g[0]
        change[:, 1:] -= d[0] * g[0]
        change[:, :, :-1] += d[1] * g[1]
        change[:, :, 1:] -= d[1] * g[1]
        a = a + rate * change
    np.testing.assert_allclose(diffused(x, 3)[0], a, atol=1e-5)


def test_diffusion_keeps_the_mean_and_borders_and_takes_noise_away():
    clean, rough = blocks(), blocks(0.1)
    smooth = diffused(rough, 24)
    torch.testing.assert_close(smooth.mean((2, 3)), rough.mean((2, 3)))
    assert (smooth - clean).abs().mean() < 0.3 * (rough - clean).abs().mean()
    assert (smooth[..., 12] - smooth[..., 11]).min() > 1.1
    assert torch.equal(diffused(rough, 0), rough)


def test_blur_keeps_flat_pictures_and_its_width():
    flat = torch.full((1, 2, 5, 4), 0.3)
    for width in (3, 7, 13):
        torch.testing.assert_close(blurred(flat, width), flat)
        point = torch.zeros(1, 1, 15, 15)
        point[..., 7, 7] = 1
        seen = blurred(point, width)[0, 0] > 0
        assert seen.sum() == width**2


def test_a_brush_equals_numpy_where_borders_are_far():
    x = pictures(1, 3, 17, 17)
    taps = np.array([1, 6, 15, 20, 15, 6, 1]) / 64
    window = np.outer(taps, taps)
    a, colours, weights = x[0].numpy().astype(float), [], []
    for down, across in AROUND:
        part = a[:, 8 + down - 3 : 8 + down + 4, 8 + across - 3 : 8 + across + 4]
        mean = (part * window).sum((1, 2))
        spread = ((part**2) * window).sum() - (mean**2).sum()
        colours.append(mean)
        weights.append((1 + spread / 4e-3) ** -4)
    np.testing.assert_allclose(painted(x)[0, :, 8, 8], np.average(colours, 0, weights), rtol=1e-3, atol=1e-3)


def test_a_brush_keeps_borders_and_takes_texture_away_in_any_precision():
    clean, rough = blocks(), blocks(0.2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        smooth = painted(rough)
    assert smooth.dtype == torch.float32
    assert (smooth - clean).abs().mean() < 0.4 * (rough - clean).abs().mean()
    assert (smooth[..., 12] - smooth[..., 11]).min() > 1.0
    torch.testing.assert_close(painted(torch.full((1, 3, 3, 2), 0.3)), torch.full((1, 3, 3, 2), 0.3))


def test_the_guided_filter_equals_numpy():
    x, guide = pictures(1, 1, 9, 11), pictures(1, 1, 9, 11, seed=1)
    a, g = (np.pad(part[0, 0].numpy().astype(float), 4, "edge") for part in (x, guide))
    inside, reach = a.shape, 2

    def mean(z, k, j):
        return z[k - reach : k + reach + 1, j - reach : j + reach + 1].mean()

    lines = {}
    for k in range(2, inside[0] - 2):
        for j in range(2, inside[1] - 2):
            slope = (mean(a * g, k, j) - mean(a, k, j) * mean(g, k, j)) / (
                mean(g * g, k, j) - mean(g, k, j) ** 2 + 0.02
            )
            lines[k, j] = slope, mean(a, k, j) - slope * mean(g, k, j)
    k, j = 8, 9  # far enough from a border that its padding does not matter
    around = [lines[k + down, j + across] for down in range(-2, 3) for across in range(-2, 3)]
    slope, level = np.mean(around, 0)
    assert float(guided(x, guide, reach)[0, 0, k - 4, j - 4]) == pytest.approx(
        slope * g[k, j] + level, abs=1e-5
    )


def test_the_guided_filter_evens_areas_and_keeps_what_follows_the_guide():
    guide = luma(blocks())
    step, rough = guide * 0.5, guide * 0.5 + 0.3 * pictures(1, 1, 20, 24)
    torch.testing.assert_close(guided(step, guide, 4), step, atol=0.03, rtol=0)
    assert (guided(rough, guide, 4) - step).abs().mean() < 0.25 * (rough - step).abs().mean()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = guided(rough.bfloat16(), guide.bfloat16(), 4)
    assert half.dtype == torch.float32
    flat = torch.full((1, 1, 3, 2), 0.3)
    torch.testing.assert_close(guided(flat, flat, 8), flat)
    torch.testing.assert_close(boxed(flat, 8), flat)


def test_outlines_go_on_over_gaps_and_leave_specks_and_texture_alone():
    line = torch.full((1, 3, 41, 41), 0.8)
    line[..., 20, :] = -0.8
    line[..., 20, 18:22] = 0.8  # a gap
    dark, bright = outlines(line)
    assert dark[0, 0, 20, 20] > 0.05 > bright[0, 0, 20, 20]
    speck = torch.full((1, 3, 41, 41), 0.8)
    speck[..., 20, 20] = -0.8
    assert outlines(speck)[0].max() < 0.5 * dark.max()
    texture = 0.8 * pictures(1, 3, 41, 41).sign()
    assert outlines(texture)[0][..., 20, 20].abs() < dark.max()
    assert outlines(-line)[1][0, 0, 20, 20] > 0.05


def test_lines_lie_in_dark_lines_and_on_the_dark_side_of_borders():
    edge = darker(blocks())[0, 0]
    assert edge[10, 10] > 0.05
    assert edge[10, 13] < -0.05
    assert edge[10, [2, 21]].abs().max() < 1e-4
    line = torch.full((1, 3, 11, 11), 0.8)
    line[..., 5, :] = -0.8
    assert darker(line)[0, 0, 5, 5] == darker(line).max() > 0.1


def test_shades_are_continuous_keep_hue_and_are_few():
    ramp = torch.linspace(-1, 1, 2001).expand(1, 3, 1, -1)
    toned = luma(shaded(ramp, 4)).flatten()
    assert toned.diff().abs().max() < 0.01
    assert (toned.diff() > -1e-5).all()
    flat = (toned.diff().abs() < 2 * 0.001 / 4).float().mean()  # a quarter of the ramp's slope
    assert 0.3 < flat < 0.7
    torch.testing.assert_close(toned[[0, -1]], torch.tensor([-1.0, 1.0]), atol=1e-3, rtol=0)
    colour = (pictures(1, 3, 6, 6) * 0.5).requires_grad_()
    before, after = (colour + 1) / 2, (shaded(colour, 4) + 1) / 2
    torch.testing.assert_close(after / after.sum(1, keepdim=True), before / before.sum(1, keepdim=True))
    after.sum().backward()
    assert torch.isfinite(colour.grad).all()


def test_grey_is_not_saturated_and_pure_colours_are():
    x = torch.tensor([[0.3, 0.3, 0.3], [1, -1, -1], [0.5, 0.0, 0.2]]).view(3, 3, 1, 1)
    torch.testing.assert_close(saturation(x).flatten(), torch.tensor([0.0, 2.0, 0.5]))


def test_grading_lifts_middle_tones_enlivens_greys_and_cools_shadows():
    x = pictures(2, 3, 9, 9)
    torch.testing.assert_close(graded(x, 1.0, 1.0, 0.0), x, atol=3e-3, rtol=0)
    assert luma(graded(x, 1.3, 1.0, 0.0)).mean() > luma(x).mean() + 0.05
    pale, strong = (torch.tensor(c).view(1, 3, 1, 1) for c in ([0.1, 0.0, -0.1], [0.9, -0.9, -0.9]))
    assert saturation(graded(pale, 1.0, 1.5, 0.0)) > 1.3 * saturation(pale)
    assert saturation(graded(strong, 1.0, 1.5, 0.0)) < 1.1 * saturation(strong)
    red, _, blue = graded(torch.full((1, 3, 1, 1), -0.8), 1.0, 1.0, 0.2).flatten()
    assert blue > red + 0.1
    red, _, blue = graded(torch.full((1, 3, 1, 1), 0.7), 1.0, 1.0, 0.2).flatten()
    assert red > blue
