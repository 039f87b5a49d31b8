"""Stochastic pooling against its definition in plain NumPy (Zeiler and Fergus 2013, equations 4–6)."""

import copy

import numpy as np
import pytest
import torch

from animestudy.models.pooling import POOLINGS, StochasticPool2d


@pytest.fixture(autouse=True)
def _seed():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        yield


def windows(x: np.ndarray, kernel: tuple[int, int], stride: tuple[int, int]) -> np.ndarray:
    """H×W → h×w×|R|, one window after the other."""
    rows = range(0, x.shape[0] - kernel[0] + 1, stride[0])
    columns = range(0, x.shape[1] - kernel[1] + 1, stride[1])
    return np.array([[x[i : i + kernel[0], j : j + kernel[1]].ravel() for j in columns] for i in rows])


def shares(window: np.ndarray) -> np.ndarray:
    positive = np.maximum(window, 0)
    if positive.sum() == 0:
        return np.full(len(window), 1 / len(window))
    return positive / positive.sum()


SHAPES = [((2, 2), (2, 2)), ((3, 3), (2, 2)), ((2, 3), (1, 2)), ((3, 2), (4, 3)), ((1, 1), (1, 1))]


@pytest.mark.parametrize(("kernel", "stride"), SHAPES)
@pytest.mark.parametrize("kind", ["behind relu", "behind tanh"])
def test_evaluation_is_the_weighted_mean(kernel, stride, kind):
    x = torch.randn(2, 3, 9, 11)
    x = x.relu() if kind == "behind relu" else x.tanh()
    x[0, 0, :4, :4] = 0  # windows without anything
    made = StochasticPool2d(kernel, stride).eval()(x)
    for b in range(2):
        for c in range(3):
            parts = windows(x[b, c].double().numpy(), kernel, stride)
            expected = np.array([[(shares(part) * part).sum() for part in row] for row in parts])
            np.testing.assert_allclose(made[b, c].numpy(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("kernel", "stride"), SHAPES)
def test_shape_is_that_of_max_pooling(kernel, stride):
    x = torch.rand(2, 3, 9, 11)
    shape = POOLINGS["max"](kernel, stride)(x).shape
    for training in (True, False):
        assert StochasticPool2d(kernel, stride).train(training)(x).shape == shape


def test_training_draws_with_the_probabilities_of_the_definition():
    window = np.array([0.0, 1.0, 2.0, 5.0, 0.5, 1.5])
    count = 40_000
    x = torch.from_numpy(window.reshape(1, 1, 2, 3)).float().expand(1, count, 2, 3)
    drawn = StochasticPool2d((2, 3), generator=torch.Generator().manual_seed(0)).train()(x)
    values, times = np.unique(drawn.numpy(), return_counts=True)
    np.testing.assert_array_equal(values, np.sort(window[1:]))  # all but the zero, which has p = 0
    p = np.array([shares(window)[window == value][0] for value in values])
    error = np.sqrt(p * (1 - p) / count)
    assert (np.abs(times / count - p) < 4 * error).all()


def test_an_empty_window_is_zero_and_chooses_evenly():
    pool = StochasticPool2d(2)
    zero = torch.zeros(1, 8000, 2, 2)
    assert not pool.train()(zero).any() and not pool.eval()(zero).any()
    times = np.bincount(pool.drawn(zero.flatten(-2)).ravel().numpy(), minlength=4)
    assert (np.abs(times / 8000 - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 8000)).all()


def test_gradient_reaches_the_drawn_activation_alone_in_training():
    x = torch.rand(2, 3, 7, 9, requires_grad=True)
    made = StochasticPool2d(2).train()(x)
    made.sum().backward()
    inside = windows(np.arange(63).reshape(7, 9), (2, 2), (2, 2)).reshape(-1, 4)
    gradient = x.grad.flatten(2).numpy()[:, :, inside]  # B×C×windows×4
    assert (gradient.sum(-1) == 1).all() and (gradient.max(-1) == 1).all()
    chosen = x.detach().flatten(2).numpy()[:, :, inside][gradient == 1]
    np.testing.assert_array_equal(chosen, made.detach().flatten().numpy())


def test_gradient_reaches_all_in_evaluation_and_is_right():
    x = torch.rand(1, 2, 5, 7, dtype=torch.float64, requires_grad=True)
    pool = StochasticPool2d((2, 3), (2, 2)).eval()
    assert torch.autograd.gradcheck(pool, (x,))
    pool(x).sum().backward()
    assert (x.grad[..., :4, :] != 0).all()
    empty = torch.zeros(1, 1, 2, 2, requires_grad=True)
    pool(torch.nn.functional.pad(empty, (0, 1))).sum().backward()
    assert torch.isfinite(empty.grad).all()


def test_overlapping_windows_add_their_gradients():
    x = torch.ones(1, 1, 3, 3, requires_grad=True)
    StochasticPool2d(2, 1).train()(x).sum().backward()
    assert x.grad.sum() == 4


def test_draws_repeat_with_their_generator_and_with_the_global_seed():
    x = torch.rand(2, 3, 8, 8)
    one, two = (StochasticPool2d(2, generator=torch.Generator().manual_seed(7)).train() for _ in range(2))
    first = one(x)
    before = torch.get_rng_state()
    assert torch.equal(first, two(x)) and not torch.equal(first, one(x))
    assert torch.equal(before, torch.get_rng_state())  # an own generator leaves the global one alone
    seeded = []
    for _ in range(2):
        torch.manual_seed(5)
        seeded.append(StochasticPool2d(2).train()(x))
    assert torch.equal(*seeded)


def test_order_in_memory_does_not_matter():
    x = torch.rand(2, 3, 8, 10)
    made = []
    for memory in (torch.contiguous_format, torch.channels_last):
        torch.manual_seed(1)
        made.append(StochasticPool2d(2).train()(x.contiguous(memory_format=memory)))
    assert torch.equal(*made)


def test_half_precision_keeps_type_and_value():
    x = torch.rand(2, 3, 9, 11)
    pool = StochasticPool2d(3, 2)
    half = pool.eval()(x.bfloat16())
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), pool(x), rtol=0.02, atol=0.01)
    x = x.bfloat16().requires_grad_()
    made = pool.train()(x)
    assert made.dtype == torch.bfloat16
    made.sum().backward()
    assert x.grad.dtype == torch.bfloat16 and (x.grad.sum((2, 3)) > 0).all()


def test_great_and_tiny_activations_stay_finite():
    for scale in (1e-30, 1e30):
        x = (torch.rand(1, 1, 4, 4) * scale).requires_grad_()
        for training in (True, False):
            made = StochasticPool2d(2).train(training)(x)
            made.sum().backward()
            assert torch.isfinite(made).all() and torch.isfinite(x.grad).all() and (made > 0).all()


def test_a_copy_pools_alike():
    x = torch.rand(1, 2, 6, 6)
    pool = StochasticPool2d(2, 3).eval()
    assert torch.equal(copy.deepcopy(pool)(x), pool(x)) and "stride=(3, 3)" in repr(pool)


def test_mistakes_are_refused():
    with pytest.raises(ValueError, match="from 1"):
        StochasticPool2d(0)
    with pytest.raises(ValueError, match="smaller than the kernel"):
        StochasticPool2d(3)(torch.rand(1, 1, 2, 5))
