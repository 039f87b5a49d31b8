"""Between stored pictures and what the translators and spectra compute with."""

import numpy as np
import torch
from torch import Tensor


def to_tensor(images: np.ndarray) -> Tensor:
    """N×H×W×3 uint8 → N×3×H×W float32 in [−1, 1]."""
    return torch.tensor(images).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_images(x: Tensor) -> np.ndarray:
    """N×3×H×W in [−1, 1], on any device → N×H×W×3 uint8; what lies outside is cut off."""
    levels = ((x.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
    return levels.permute(0, 2, 3, 1).contiguous().cpu().numpy()
