"""Maps of layers: what a hook must not lose, and which channels are chosen."""

import numpy as np
import pytest
import torch
from torch import nn

from animestudy.errors import StudyError
from animestudy.explain import features
from animestudy.models.weights import Classifier
from animestudy.training.classifier import normalised

SMALL = {"channels": [4, 6], "strides": [1, 2], "after": 1}
CLASSIFIER = Classifier("style", ("a", "b", "c"), 21, "separable", SMALL)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return CLASSIFIER.build().eval()


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (5, 21, 21, 3), dtype=np.uint8)


def test_outputs_are_those_of_the_layers_before_anything_changes_them_in_place():
    convolution = nn.Conv2d(3, 4, 3)
    network = nn.Sequential(convolution, nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(4 * 5 * 7, 2))
    x = torch.randn(2, 3, 7, 9)
    seen = features.outputs(network, x, ["1", "0"])
    assert list(seen) == ["1", "0"]
    assert seen["0"].min() < 0
    torch.testing.assert_close(seen["0"], convolution(x))
    torch.testing.assert_close(seen["1"], convolution(x).relu())
    assert not any(part._forward_hooks for part in network.modules())


def test_gradients_reach_the_input_and_later_layers_do_not_run(network):
    ran = []
    network.head.register_forward_hook(lambda *_: ran.append(True))
    x = torch.randn(1, 3, 21, 21, requires_grad=True)
    features.outputs(network, x, ["dsc1"])["dsc1"].sum().backward()
    assert x.grad.abs().sum() > 0 and not ran


@pytest.mark.parametrize(("name", "words"), [("dsc9", "its parts are stem, dsc1"), ("head", "no maps")])
def test_a_layer_without_maps_is_refused(network, name, words):
    with pytest.raises(StudyError, match=words):
        features.outputs(network, torch.zeros(1, 3, 21, 21), [name])
    assert not any(part._forward_hooks for part in network.modules())


def test_pooled_features_are_means_then_maxima(network, pictures, monkeypatch):
    monkeypatch.setattr(features, "BATCH", 2)
    found = features.pooled(network, pictures, ["stem", "dsc2"])
    with torch.no_grad():
        stem = network.stem(normalised(torch.from_numpy(pictures).permute(0, 3, 1, 2))).numpy()
    np.testing.assert_allclose(features.means(found["stem"]), stem.mean((2, 3)), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found["stem"][:, 4:], stem.max((2, 3)), rtol=1e-4, atol=1e-5)
    assert found["dsc2"].shape == (5, 12)
    one = features.maps(network, pictures[1], ["stem"])["stem"]
    np.testing.assert_allclose(one, stem[1], rtol=1e-4, atol=1e-5)


def test_an_untrained_network_repeats_and_normalises_what_it_sees(pictures):
    first, again, other = (features.untrained(CLASSIFIER, pictures, seed) for seed in (1, 1, 2))
    a, b, c = (features.pooled(network, pictures, ["dsc2"])["dsc2"] for network in (first, again, other))
    np.testing.assert_array_equal(a, b)
    assert not np.allclose(a, c)
    assert not first.training
    norm = first.stem.bn
    x = first.stem.conv(features.tensor(first, pictures))
    torch.testing.assert_close(norm.running_mean, x.mean((0, 2, 3)), rtol=1e-3, atol=1e-4)


def test_responding_channels_stand_out_in_their_own_scale():
    many = np.array([[0.0, 100, 5, 1], [2, 120, 5, 1], [4, 110, 5, 3]])
    # above the mean: 1 at deviation 1.6, 5 at 8.2, anything at none, 2.3 at 0.9
    assert features.responding(np.array([3.0, 115, 9, 4]), many, 4).tolist() == [3, 0, 1, 2]


def test_separating_channels_are_of_different_classes_first():
    labels = np.repeat([0, 1, 2], 4)
    rng = np.random.default_rng(0)
    noise = 0.01 * rng.standard_normal((12, 4))
    values = noise + np.stack([labels == 2, labels == 2, labels == 0, labels * 0], 1)
    values[:, 1] += noise[:, 0] * 5
    chosen = features.separating(values, labels, 3)
    assert set(chosen[:2]) == {(0, 2), (2, 0)}  # channel 1 shows class 2 as well, but with more noise
    assert len(features.separating(values, labels, 99)) == 4


def test_stretched_maps_fill_the_range():
    assert features.stretched(np.array([[2.0, 4], [3, 2]])).tolist() == [[0, 1], [0.5, 0]]
    assert features.stretched(np.full((2, 2), 7.0)).tolist() == [[0, 0], [0, 0]]
