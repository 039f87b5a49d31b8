"""Measures of sets: spectrum, diversity, memory, content."""

import cv2
import numpy as np
import pytest
from scipy.spatial.distance import pdist

from animestudy import spectrum
from animestudy.data.tensors import to_tensor
from animestudy.errors import StudyError
from animestudy.losses.content import Features, random_network
from animestudy.measures import neighbours, spectral
from animestudy.measures.content import content_kept, layout, likeness


def pictures(count, blur, seed=0, size=32):
    noise = np.random.default_rng(seed).normal(0, 1, (count, size, size, 3)).astype(np.float32)
    smooth = [cv2.GaussianBlur(one, (0, 0), blur) for one in noise]
    return np.clip([128 + 50 * one / one.std() for one in smooth], 0, 255).astype(np.uint8)


def test_spectral_distance_spread_over_pictures():
    one, other = pictures(6, 1.0), pictures(8, 1.6, 1)
    reference = spectral.profiles(other)
    tensors = [
        spectrum.radial_profile(spectrum.log_spectrum(spectrum.luma(to_tensor(part)))[:, 0], 32)
        for part in (one, other)
    ]
    values = spectral.spectral(one, reference)
    assert values.mean() == pytest.approx(float(spectrum.spectral_distance(*tensors)), rel=1e-4)
    assert spectral.distance(reference, reference) == 0


def test_a_pictures_share_is_its_influence_on_the_distance():
    one, reference = pictures(40, 1.0), spectral.profiles(pictures(40, 1.6, 1))
    values, own = spectral.spectral(one, reference), spectral.profiles(one)
    whole = spectral.distance(own, reference)
    without = np.array([spectral.distance(np.delete(own, i, 0), reference) for i in range(len(own))])
    np.testing.assert_allclose(values - whole, (len(own) - 1) * (whole - without), rtol=0.2, atol=0.02)


def test_spectra_of_two_sizes_are_refused():
    with pytest.raises(StudyError, match="one size"):
        spectral.spectral(pictures(3, 1.0), spectral.profiles(pictures(3, 1.0, size=24)))


def test_diversity_is_the_ratio_of_mean_distances():
    rng = np.random.default_rng(0)
    one, drawings = rng.normal(0, 0.5, (12, 4)), rng.normal(0, 1, (15, 4))
    values = neighbours.diversity(one, drawings)
    assert values.mean() == pytest.approx(pdist(one).mean() / pdist(drawings).mean())
    assert neighbours.diversity(np.ones((5, 4)), drawings) == pytest.approx(np.zeros(5))


def test_memory_tells_copies_from_new_drawings():
    rng = np.random.default_rng(0)
    training, unseen, fresh = rng.normal(0, 1, (3, 80, 3))
    copies = training[:30] + rng.normal(0, 0.01, (30, 3))
    assert neighbours.memory(copies, training, unseen).mean() > 0.95
    assert 0.35 < neighbours.memory(fresh, training, unseen).mean() < 0.65
    assert neighbours.memory(fresh + 20, training, unseen).mean() == 0
    assert neighbours.memory(unseen, training, unseen).mean() == pytest.approx(0.5)


def test_memory_is_the_share_of_farther_unseen_drawings():
    training, unseen = np.array([[0.0]]), np.array([[1.0], [2.0], [3.0], [4.0]])
    assert neighbours.memory(np.array([[0.5], [2.5], [3.0]]), training, unseen) == pytest.approx(
        [1.0, 0.5, 0.375]
    )


def test_content_is_the_layout():
    one = pictures(4, 3.0, size=48)
    network = Features(random_network(8), ("0", "3"))
    assert content_kept(network, one, one) == pytest.approx(np.ones(4))
    assert likeness(layout(network, one, batch=3), layout(network, one)) == pytest.approx(np.ones(4))
    lighter = np.clip(one.astype(int) // 2 + 90, 0, 255).astype(np.uint8)
    other = content_kept(network, one[[1, 2, 3, 0]], one)
    assert (content_kept(network, lighter, one) > 0.75).all() and (np.abs(other) < 0.5).all()


def test_content_of_the_places_asked_for():
    one = pictures(3, 2.0)
    other = one.copy()
    other[:, :, :8] = 255 - other[:, :, :8]
    left, far = np.zeros((2, 3, 32, 32), bool)
    left[:, :, :8], far[:, :, 20:] = True, True
    network = Features(random_network(), ("0",))
    assert content_kept(network, other, one, far).min() > 1 - 1e-6
    assert content_kept(network, other, one, left).max() < 0.5
    everywhere = content_kept(network, other, one, np.ones_like(left))
    np.testing.assert_allclose(everywhere, content_kept(network, other, one), atol=1e-6)
    nowhere = content_kept(network, other, one, np.zeros_like(left))
    assert not nowhere.any()
