"""Pooling layers (paper section 3.3, figure 2): max, mean and stochastic.

Stochastic pooling is Zeiler and Fergus 2013, "Stochastic pooling for regularization of deep convolutional
neural networks" (ICLR), equations 4–6. For the activations a_i ≥ 0 of one window R::

    p_i = a_i / Σ_(k∈R) a_k
    s   = a_l with l drawn from the multinomial distribution (p_1, …, p_|R|)      in training
    s   = Σ_(i∈R) p_i·a_i                                                         in evaluation

Where the source is silent: a window without any positive activation (all zero behind a ReLU) has no p; it
gets the uniform one, so that an all-zero window gives 0. Behind tanh activations may be negative; those get
p = 0 beside a positive one, as if they had passed a ReLU.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

Size = int | tuple[int, int]


class StochasticPool2d(nn.Module):
    """Stochastic pooling: B×C×H×W → B×C×h×w, h = ⌊(H − kernel)/stride⌋ + 1 as in `torch.nn.MaxPool2d`.

    kernel_size, stride: one number, or rows and columns; the stride is the kernel's size if not given.
    generator: of the draws, on the CPU; torch's global one if not given. The draws depend on it and on the
        device, not on what else uses the device's own generator.

    In training the gradient reaches the drawn activation alone, in evaluation all of the window.
    """

    def __init__(
        self, kernel_size: Size, stride: Size | None = None, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.kernel_size = _pair(kernel_size)
        self.stride = self.kernel_size if stride is None else _pair(stride)
        if min(*self.kernel_size, *self.stride) < 1:
            raise ValueError(f"kernel {self.kernel_size} and stride {self.stride}: sizes from 1 are expected")
        self.generator = generator

    def extra_repr(self) -> str:
        """What `print` shows."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}"

    def forward(self, x: Tensor) -> Tensor:
        """Draw one activation of each window (training) or weight them all (evaluation)."""
        if any(side < kernel for side, kernel in zip(x.shape[2:], self.kernel_size, strict=True)):
            raise ValueError(f"maps of {tuple(x.shape[2:])} are smaller than the kernel {self.kernel_size}")
        windows = x
        for axis, kernel, stride in zip((2, 3), self.kernel_size, self.stride, strict=True):
            windows = windows.unfold(axis, kernel, stride)
        windows = windows.flatten(-2)  # B×C×h×w×|R|
        if self.training:
            return windows.gather(-1, self.drawn(windows.detach()).unsqueeze(-1)).squeeze(-1)
        p = probabilities(windows)
        return (p * windows).sum(-1).to(x.dtype)

    def drawn(self, windows: Tensor) -> Tensor:
        """…×|R| → positions in R, drawn from `probabilities`: the first to arrive of |R| waiting times.

        A waiting time with rate p_i is the least of all with probability p_i.
        """
        seed = int(torch.randint(2**62, (), generator=self.generator))
        generator = torch.Generator(windows.device).manual_seed(seed)
        p = probabilities(windows)
        return (p / torch.empty_like(p).exponential_(generator=generator)).argmax(-1)


def probabilities(windows: Tensor) -> Tensor:
    """p of each activation of a window (last axis), in single precision at least; sums to 1."""
    weights = windows.to(torch.promote_types(windows.dtype, torch.float32)).clamp(min=0)
    weights = weights + (weights.sum(-1, keepdim=True) == 0)  # nothing to prefer: all alike
    return weights / weights.sum(-1, keepdim=True)


def _pair(size: Size) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[1])


# Each takes a kernel size and, if it differs from that, a stride.
POOLINGS: dict[str, Callable[..., nn.Module]] = {
    "max": nn.MaxPool2d,
    "mean": nn.AvgPool2d,
    "stochastic": StochasticPool2d,
}
