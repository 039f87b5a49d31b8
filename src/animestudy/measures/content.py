"""Is what the photograph shows still there?"""

import numpy as np
import torch

from animestudy.data.tensors import to_tensor
from animestudy.losses.content import Features


@torch.inference_mode()
def layout(network: Features, pictures: np.ndarray, batch: int = 32) -> np.ndarray:
    """A network's deepest map without its mean over the places, which is the style's and the light's.

    N×H×W×3 uint8 → N×channels×places float32.
    """
    parts = []
    for start in range(0, len(pictures), batch):
        deepest = network(to_tensor(pictures[start : start + batch]).to(network.factor.device))[-1]
        flat = deepest.flatten(2).double()
        parts.append((flat - flat.mean(2, keepdim=True)).float().cpu().numpy())
    return np.concatenate(parts)


def likeness(layouts: np.ndarray, photographs: np.ndarray) -> np.ndarray:
    """Cosine between the two vectors of a place, averaged with the photograph's own length as the weight.

    N×channels×places twice → N: 1 for the same layout, about 0 for that of another photograph.
    """
    length, weight = (np.linalg.norm(part, axis=1).astype(float) for part in (layouts, photographs))
    cosine = (layouts * photographs).sum(1) / np.maximum(length * weight, 1e-8)
    return (cosine * weight).sum(1) / np.maximum(weight.sum(1), 1e-12)


def content_kept(network: Features, pictures: np.ndarray, photographs: np.ndarray) -> np.ndarray:
    """Likeness of each picture's layout to its photograph's: N×H×W×3 uint8 twice → N."""
    return likeness(*(layout(network, part) for part in (pictures, photographs)))
