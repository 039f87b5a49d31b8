"""The total variation term: neighbouring pixels alike (Rudin, Osher & Fatemi 1992)."""

from torch import Tensor


def total_variation(x: Tensor) -> Tensor:
    """Mean absolute difference of vertical neighbours plus that of horizontal ones, N×C×H×W → a scalar.

    A side of one pixel has no neighbours and adds 0.
    """
    down = (x[..., 1:, :] - x[..., :-1, :]).abs()
    across = (x[..., 1:] - x[..., :-1]).abs()
    return sum((part.mean() for part in (down, across) if part.numel()), start=x.sum() * 0)
