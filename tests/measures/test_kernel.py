"""KID against its definition, and on sets whose distance is known."""

import numpy as np
import pytest
import torch

from animestudy.losses.content import Features, random_network
from animestudy.measures import kernel
from animestudy.measures.embedding import Scale, embed


def cloud(count, shift=0.0, seed=0, width=6):
    return np.random.default_rng(seed).normal(shift, 1, (count, width))


def by_loops(one, other):
    k = lambda x, y: (x @ y / len(x) + 1) ** 3  # noqa: E731
    n, m = len(one), len(other)
    own = sum(k(one[i], one[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    theirs = sum(k(other[i], other[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return own + theirs - 2 * sum(k(x, y) for x in one for y in other) / (n * m)


def test_mmd_is_the_formula():
    one, other = cloud(5), cloud(7, 0.4, 1)
    assert kernel.mmd(one, other) == pytest.approx(by_loops(one, other), rel=1e-12)
    assert kernel.contributions(one, other).mean() == pytest.approx(by_loops(one, other), rel=1e-10)


def test_contributions_are_jackknife_pseudo_values():
    one, other = cloud(6), cloud(7, 0.4, 1)
    n, whole = len(one), kernel.mmd(one, other)
    pseudo = [n * whole - (n - 1) * kernel.mmd(np.delete(one, i, 0), other) for i in range(n)]
    np.testing.assert_allclose(kernel.contributions(one, other), pseudo)


def test_no_distance_between_draws_of_one_source_and_a_clear_one_between_two():
    same = [kernel.mmd(cloud(40, seed=2 * k), cloud(40, seed=2 * k + 1)) for k in range(30)]
    apart = [kernel.mmd(cloud(40, seed=2 * k), cloud(40, 1.0, 2 * k + 1)) for k in range(5)]
    assert abs(np.mean(same)) < 2.5 * np.std(same) / np.sqrt(30)  # unbiased: also below 0
    assert min(same) < 0 < min(apart) and min(apart) > max(same)


def test_interval_holds_the_truth_and_is_not_pulled_up_by_repeated_pictures():
    truth = kernel.mmd(cloud(3000, 0.5, 98), cloud(3000, 0.0, 99))
    found = [kernel.kid(cloud(40, 0.5, 2 * k), cloud(60, 0.0, 2 * k + 1)) for k in range(20)]
    assert sum(one.low <= 100 * truth <= one.high for one in found) >= 16
    none = kernel.kid(cloud(50, seed=1), cloud(50, seed=2))
    assert none.low < 0 < none.high


def test_floor_is_what_halves_reach():
    features = cloud(60)
    assert 0 < kernel.floor(features) < kernel.kid(features, cloud(60, 1.0, 5)).value


def test_too_few_pictures():
    with pytest.raises(ValueError, match="two of each"):
        kernel.mmd(cloud(1), cloud(5))
    with pytest.raises(ValueError, match="three"):
        kernel.contributions(cloud(2), cloud(5))


def test_embedding_is_mean_and_deviation_of_each_channel():
    pictures = np.random.default_rng(0).integers(0, 256, (3, 17, 23, 3), np.uint8)
    network = Features(random_network(4), ("0", "3"))
    maps = network(torch.from_numpy(pictures).permute(0, 3, 1, 2) / 127.5 - 1)
    rows = embed(network, pictures, batch=2)
    assert rows.shape == (3, 16)
    np.testing.assert_allclose(rows[:, :4], maps[0].mean((2, 3)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(rows[:, 12:], maps[1].std((2, 3), correction=0), rtol=1e-4, atol=1e-5)


def test_scale_makes_channels_equal_and_silences_silent_ones():
    reference = cloud(50) * [1, 10, 100, 1, 1, 0] + [0, 0, 0, 5, 0, 0]
    scaled = Scale(reference)(reference)
    np.testing.assert_allclose((scaled[:, :5] ** 2).mean(0), 1)
    assert not scaled[:, 5].any()
