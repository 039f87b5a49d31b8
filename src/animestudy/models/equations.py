"""Equations 1–3 of the paper in plain NumPy: as they are, and as printed where that can be evaluated.

===  ====================================  =====================================================
eq.  printed                               implemented
===  ====================================  =====================================================
(1)  A_i^l = Σ_(i=1)^(m^l) A_j^l ⊗ b_i^l   A_i^l = f(Σ_(j=1)^(m^(l−1)) A_j^(l−1) ⊗ k_ij^l + b_i^l)
(2)  Sigmoid(x) = Σ 1/√(e^x − 1)           σ(x) = 1/(1 + e^−x)
(3)  2·Sigmoid(2x) − √(e^x + e^−x)/(e^x−1)  tanh x = 2σ(2x) − 1
===  ====================================  =====================================================

Why so. (1): as printed a layer is computed from itself, the running index i is also the map asked for, and
there is no kernel; the text says that one kernel convolves all input maps to give one output map. (2): the
text says between 0 and 1, σ' = σ(1 − σ), steepest at the origin; the printed form exists for x > 0 only,
starts at infinity and falls. (3): the text says between −1 and 1, a deformation of the sigmoid; the printed
form has no value at 0 and leaves that range. Its Sigmoid is taken as the true one.

⊗ is the sum of products without mirroring the kernel, as in every deep learning library.
"""

import numpy as np


def convolution(maps: np.ndarray, kernels: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Equation (1) before f: m'×H×W input maps, m×m'×k×k kernels, m biases → m×(H−k+1)×(W−k+1)."""
    windows = np.lib.stride_tricks.sliding_window_view(maps, kernels.shape[2:], axis=(1, 2))
    return np.einsum("jyxab,ijab->iyx", windows, kernels) + bias[:, None, None]


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Equation (2): σ(x) = 1/(1 + e^−x), written so that no power overflows."""
    power = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, power) / (1 + power)


def tanh(x: np.ndarray) -> np.ndarray:
    """Equation (3): tanh x = 2σ(2x) − 1."""
    return 2 * sigmoid(2 * np.asarray(x)) - 1


def printed_sigmoid(x: np.ndarray) -> np.ndarray:
    """Equation (2) as printed, its sum having one term: 1/√(e^x − 1); not a number for x ≤ 0."""
    below = np.expm1(x)
    return 1 / np.sqrt(np.where(below > 0, below, np.nan))


def printed_tanh(x: np.ndarray) -> np.ndarray:
    """Equation (3) as printed: 2σ(2x) − √(e^x + e^−x)/(e^x − 1); not a number at 0."""
    below = np.expm1(x)
    return 2 * sigmoid(2 * np.asarray(x)) - np.sqrt(2 * np.cosh(x)) / np.where(below == 0, np.nan, below)
