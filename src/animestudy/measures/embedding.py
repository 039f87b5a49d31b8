"""Pictures as vectors, in which sets of pictures can be compared."""

import numpy as np
import torch

from animestudy.data.tensors import to_tensor
from animestudy.losses.content import Features


@torch.inference_mode()
def embed(network: Features, pictures: np.ndarray, batch: int = 32) -> np.ndarray:
    """Mean and standard deviation over the places of every channel: N×H×W×3 uint8 → N×D float64.

    The two moments of a network's maps tell styles apart and forget where things stand (Huang & Belongie
    2017), so pictures of different scenes are comparable.
    """
    device = network.factor.device
    parts = []
    for start in range(0, len(pictures), batch):
        maps = network(to_tensor(pictures[start : start + batch]).to(device))
        moments = [value for part in maps for value in spread(part.flatten(2))]
        parts.append(torch.cat(moments, 1).double().cpu().numpy())
    return np.concatenate(parts)


def spread(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation of N×C×P over P: two passes, several times as fast as `std`."""
    mean = x.mean(2, keepdim=True)
    return mean[..., 0], (x - mean).square_().mean(2).sqrt()


class Scale:
    """Divides each channel by its root mean square over a reference set, so that none rules a distance."""

    def __init__(self, reference: np.ndarray) -> None:
        size = np.sqrt((reference**2).mean(0))
        self.factor = 1 / np.where(size > 1e-9 * max(size.max(), 1e-9), size, np.inf)

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """N×D features in units of the reference; a channel that is silent there becomes 0."""
        return features * self.factor
