"""Discriminators: odd sizes, gradients to the picture and to every weight, spectral norms."""

import numpy as np
import pytest
import torch

from animestudy import spectrum
from animestudy.errors import StudyError
from animestudy.models.discriminators import DISCRIMINATORS, PatchDiscriminator

OPTIONS = {
    "attentive": {"width": 4, "layers": 4},
    "patch": {"width": 4},
    "radial": {"bins": 8, "width": 16},
    "map": {"side": 16, "width": 4},
}
FREE = {"attention.mix"}  # layers that are not spectrally normalised, as published


def pictures(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def small(name):
    torch.manual_seed(0)
    return DISCRIMINATORS[name](**OPTIONS[name])


def test_every_network_is_tested():
    assert set(OPTIONS) == set(DISCRIMINATORS)


@pytest.mark.parametrize("name", DISCRIMINATORS)
@pytest.mark.parametrize("size", [(16, 16), (17, 23), (33, 16)])
def test_odd_sizes_and_gradients(name, size):
    network, x = small(name), pictures(2, 3, *size).requires_grad_()
    logits = network(x)
    logits = logits[0] if isinstance(logits, tuple) else logits
    assert logits.shape[:2] == (2, 1)
    logits.mean().backward()
    assert torch.isfinite(x.grad).all()
    assert x.grad.abs().amax((1, 2, 3)).min() > 0
    for key, weight in network.named_parameters():
        assert torch.isfinite(weight.grad).all(), key


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_weights_have_spectral_norm_one(name):
    network, x = small(name), pictures(2, 3, 24, 24)
    for _ in range(100):  # power iterations
        network(x)
    layers = [
        m
        for key, m in network.named_modules()
        if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))
        and key not in FREE
        and not key.startswith("guide")
    ]
    assert layers
    for layer in layers:
        largest = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2)
        torch.testing.assert_close(largest, torch.tensor(1.0), rtol=0, atol=0.02)


def test_patch_logits_see_what_the_docstring_says():
    for halvings, view in ((2, 29), (3, 61)):
        torch.manual_seed(0)
        x = pictures(1, 3, 96, 96).requires_grad_()
        network = PatchDiscriminator(4, halvings, detail=0)
        for k, layer in enumerate(network.body):  # its statistics reach over the whole picture
            if isinstance(layer, torch.nn.GroupNorm):
                network.body[k] = torch.nn.Identity()
        logits = network(x)
        logits[0, 0, logits.shape[2] // 2, logits.shape[3] // 2].backward()
        seen = x.grad.abs().sum((0, 1)) > 0
        assert seen.any(0).sum() == seen.any(1).sum() == view


def test_radial_profile_is_that_of_the_library_and_size_free():
    network = small("radial")
    x = pictures(3, 3, 40, 40)
    expected = spectrum.radial_profile(spectrum.log_spectrum(spectrum.luma(x))[:, 0], 40, 8)
    torch.testing.assert_close(network.profile(x), expected)
    assert network(pictures(1, 3, 64, 50)).shape == (1, 1)


def test_map_sees_orientation_which_radial_does_not():
    """Waves across and along: the same profile, another map."""
    wave = torch.sin(torch.arange(32) * 0.9).expand(1, 3, 32, 32).contiguous()
    for name, differs in (("map", True), ("radial", False)):
        network = small(name).eval()
        change = (network(wave) - network(wave.transpose(-1, -2))).abs()
        assert (change > 1e-3).all() == differs, name


def test_map_is_standardised_per_frequency_and_looks_at_the_middle():
    network, x = small("map"), pictures(40, 3, 16, 16) * 0.3
    network.fit(x)
    z = network.standardise(network.map(x))
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-4)
    outer = torch.nn.functional.pad(x, (5, 6, 2, 3), value=0.7)
    torch.testing.assert_close(network.map(outer), network.map(x))
    with pytest.raises(StudyError, match="12×16 picture is too small for a spectrum of side 16"):
        network(pictures(1, 3, 12, 16))


def test_radial_judges_the_spectrum_alone():
    network, x = small("radial"), pictures(2, 3, 32, 32)
    for same in (x.flip(-1), x.flip(-2), x.rot90(1, (2, 3)), x + 0.01):
        torch.testing.assert_close(network.eval()(same), network(x), rtol=0, atol=1e-3)


def test_fit_standardises_the_reference():
    network, x = small("radial"), pictures(40, 3, 16, 16) * 0.3
    network.fit(x)
    z = network.standardise(network.profile(x))
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(z.std(0), 1, atol=1e-4)


def test_radial_is_float32_under_autocast():
    network = small("radial")
    with torch.autocast("cpu", torch.bfloat16):
        assert network.profile(pictures(1, 3, 16, 16)).dtype == torch.float32


def test_too_small_pictures_are_named():
    with pytest.raises(StudyError, match="12×16 picture is too small for 8 rings"):
        small("radial")(pictures(1, 3, 12, 16))


def test_a_judge_of_brightness_does_not_see_colours():
    torch.manual_seed(0)
    judge, x = PatchDiscriminator(4, colours=1), torch.rand(1, 3, 24, 24) - 0.5
    tinted = x + torch.tensor([0.587, -0.299, 0.0]).view(1, 3, 1, 1)  # of the same luma
    torch.testing.assert_close(judge(tinted), judge(x), atol=1e-4, rtol=1e-3)
    assert not torch.allclose(judge(x + 0.3 * x.sign()), judge(x), atol=1e-3)
