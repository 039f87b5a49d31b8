"""Spectra against plain NumPy, known signals and symmetries."""

import numpy as np
import pytest
import torch

from animestudy import spectrum as sp
from animestudy.errors import StudyError


def noise(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def wave(height, width, fy, fx):
    y, x = np.mgrid[:height, :width]
    signal = np.cos(2 * np.pi * (fy * y + fx * x) + 0.3)
    return torch.as_tensor(signal, dtype=torch.float32).expand(1, 3, -1, -1)


@pytest.mark.parametrize("size", [(16, 16), (15, 17), (9, 12)])
@pytest.mark.parametrize("kind", ["hann", "none"])
def test_parseval(size, kind):
    x = noise(2, 1, *size)
    tapered = (x - x.mean((2, 3), keepdim=True)) * sp.window(*size, kind)
    total = (sp.power(x, kind) * sp.multiplicity(*size)).sum((2, 3))
    torch.testing.assert_close(total, tapered.square().sum((2, 3)), rtol=1e-5, atol=0)


@pytest.mark.parametrize("size", [32, 33])
def test_log_spectrum_equals_numpy(size):
    x = noise(1, 1, size, size)
    plain = x.numpy()[0, 0] - x.numpy().mean()
    taper = np.outer(np.hanning(size + 2)[1:-1], np.hanning(size + 2)[1:-1])
    magnitude = np.abs(np.fft.fft2(plain * taper / np.sqrt((taper**2).mean()), norm="ortho"))
    expected = 0.5 * np.log(magnitude[:, : size // 2 + 1] ** 2 + 4e-6)
    np.testing.assert_allclose(sp.log_spectrum(x)[0, 0], expected, atol=2e-4)


@pytest.mark.parametrize("size", [48, 49, 64, 65])
@pytest.mark.parametrize("cycles", [(0, 5), (5, 0), (6, 8), (-6, 8), (0, 1)])
def test_a_sinusoid_lands_in_its_ring(size, cycles):
    fy, fx = cycles[0] / size, cycles[1] / size
    energy = sp.power(sp.luma(wave(size, size, fy, fx)), "none")[0, 0]
    bins = size // 2
    profile = sp.radial_profile(energy, size)
    assert profile.shape == (bins,)
    assert profile.argmax() == round(np.hypot(fy, fx) * 2 * bins) - 1
    assert profile.max() > 100 * profile.sort().values[-2]


def test_rings_mean_the_same_frequency_at_every_size():
    frequency = 0.21
    for size in (64, 97, 128):
        energy = sp.power(sp.luma(wave(size, size, 0.0, frequency)))[0, 0]
        profile = sp.radial_profile(energy, size, bins=32)
        assert abs(sp.ring_frequencies(32)[profile.argmax()] - frequency) <= 1 / 64


@pytest.mark.parametrize("size", [40, 41])
def test_a_quarter_turn_leaves_the_profile_and_shifts_the_sectors(size):
    x = noise(3, 1, size, size).cumsum(-1)
    turned = x.rot90(1, (2, 3))
    for kind in ("hann", "none"):
        a, b = sp.log_spectrum(x, kind), sp.log_spectrum(turned, kind)
        torch.testing.assert_close(sp.radial_profile(a, size), sp.radial_profile(b, size), rtol=0, atol=1e-4)
        one, two = sp.angular_profile(a, size), sp.angular_profile(b, size)
        torch.testing.assert_close(one, two.roll(9, -1), rtol=0, atol=1e-4)


def test_without_half_plane_weights_the_turn_would_change_the_profile():
    x = noise(1, 1, 16, 16).cumsum(-1)
    ones = torch.ones(16, 9)
    ring = sp.rings(16, 16, 8)
    plain = [sp.mean_over(sp.log_spectrum(p), ring, ones, 8) for p in (x, x.rot90(1, (2, 3)))]
    assert (plain[0] - plain[1]).abs().max() > 1e-3


def test_orientation_of_the_sectors():
    stripes = sp.power(sp.luma(wave(64, 64, 0, 0.2)))[0, 0]  # bright and dark columns
    assert sp.angular_profile(stripes, 64).argmax() == 0
    assert sp.angular_profile(sp.power(sp.luma(wave(64, 64, 0.2, 0)))[0, 0], 64).argmax() == 9


@pytest.mark.parametrize("size", [(8, 8), (9, 9), (6, 11), (7, 10), (5, 2), (5, 1)])
def test_full_plane_is_the_whole_transform(size):
    x = noise(2, 1, *size)
    plane = sp.full_plane(sp.power(x, "none"), size[1])
    whole = torch.fft.fftshift(torch.fft.fft2(x - x.mean((2, 3), keepdim=True), norm="ortho"), dim=(2, 3))
    torch.testing.assert_close(plane, whole.abs().square(), rtol=1e-4, atol=1e-6)


def test_gradient_reaches_the_picture():
    x = noise(2, 3, 24, 25).requires_grad_()
    sp.radial_profile(sp.log_spectrum(sp.luma(x)), 25).sum().backward()
    assert torch.isfinite(x.grad).all()
    assert x.grad.abs().amax((1, 2, 3)).min() > 0


def test_gradient_equals_finite_differences():
    def profile(x):
        return sp.radial_profile(0.5 * torch.log(spectrum_double(x) + 1e-6), 8)

    def spectrum_double(x):  # `power` is float32 by design; the check wants float64
        f = torch.fft.rfft2((x - x.mean()) * sp.window(8, 8).double(), norm="ortho")
        return f.real.square() + f.imag.square()

    x = noise(8, 8).double().requires_grad_()
    assert torch.autograd.gradcheck(profile, (x,), atol=1e-4)


def test_a_constant_picture_has_a_finite_gradient():
    x = torch.full((1, 3, 16, 16), 0.25, requires_grad=True)
    profile = sp.radial_profile(sp.log_spectrum(sp.luma(x)), 16)
    profile.sum().backward()
    assert torch.isfinite(profile).all()
    assert torch.isfinite(x.grad).all()
    for name, value in sp.statistics(x.detach()).items():
        assert torch.isfinite(value).all(), name


def test_float32_under_autocast():
    x = noise(1, 3, 16, 16)
    with torch.autocast("cpu", torch.bfloat16):
        assert sp.log_spectrum(sp.luma(x)).dtype == torch.float32
        assert torch.isfinite(sp.log_spectrum(x.bfloat16())).all()


def test_brightness_does_not_matter():
    x = noise(1, 1, 32, 32) / 4
    torch.testing.assert_close(sp.log_spectrum(x), sp.log_spectrum(x + 0.5), rtol=0, atol=2e-3)


def test_slope_of_a_power_law():
    for wanted in (-1.0, -2.0, -3.0):
        f = torch.as_tensor(sp.ring_frequencies(48), dtype=torch.float32)
        torch.testing.assert_close(sp.slope(f.log() * wanted / 2), torch.tensor(wanted), rtol=0, atol=1e-4)


def test_statistics_of_white_noise():
    s = sp.statistics(noise(64, 1, 64, 64).expand(-1, 3, -1, -1))
    mean = {name: value.mean().item() for name, value in s.items()}
    assert set(s) == set(sp.STATISTICS)
    assert all(value.shape == (64,) for value in s.values())
    assert abs(mean["slope"]) < 0.05
    assert abs(mean["concentration"] - 0.5) < 0.02  # Gini of an exponential distribution
    assert abs(mean["axis_ratio"] - 1) < 0.05
    assert mean["angular_entropy"] > 0.98
    assert abs(10 ** mean["high_power"] - (0.5**2 - 0.25**2) / 0.5**2) < 0.03


def test_statistics_notice_what_they_name():
    base = sp.statistics(noise(8, 1, 64, 64).expand(-1, 3, -1, -1))
    blocks = torch.zeros(8, 3, 64, 64)
    blocks[:, :, 20:44, 16:50] = 1.0
    drawn = sp.statistics(blocks)
    for name in ("concentration", "axis_ratio"):
        assert drawn[name].mean() > base[name].mean() + 0.1, name
    assert drawn["slope"].mean() < base["slope"].mean() - 1
    assert drawn["angular_entropy"].mean() < base["angular_entropy"].mean() - 0.1


def test_gini_equals_the_pairwise_formula():
    v = noise(12).abs()
    w = torch.tensor([1.0, 2.0] * 6)
    expanded = torch.repeat_interleave(v, w.long())
    pairs = (expanded[:, None] - expanded[None]).abs().mean() / (2 * expanded.mean())
    torch.testing.assert_close(sp.gini(v, w), pairs)


def test_standardiser_keeps_absolute_power():
    reference = noise(50, 8) * 3 + 1
    fixed = sp.Standardiser((8,)).fit(reference)
    torch.testing.assert_close(fixed(reference).std(0), torch.ones(8), rtol=0, atol=1e-4)
    assert (fixed(reference + 1) > fixed(reference)).float().mean() > 0.99
    assert fixed(reference * 1e6).abs().max() == 6
    assert set(fixed.state_dict()) == {"mean", "deviation"}


def test_spectral_distance_in_decibels():
    profile = noise(5, 10)
    assert sp.spectral_distance(profile, profile) == 0
    louder = profile + np.log(2)  # twice the amplitude
    torch.testing.assert_close(sp.spectral_distance(profile, louder), torch.tensor(6.0206), rtol=0, atol=1e-3)


def test_too_many_rings_and_unknown_window_are_clear():
    with pytest.raises(StudyError, match="too small for 20 rings"):
        sp.radial_profile(sp.log_spectrum(noise(1, 1, 16, 16)), 16, bins=20)
    with pytest.raises(StudyError, match="hamming"):
        sp.window(4, 4, "hamming")
