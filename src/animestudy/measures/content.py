"""Is what the photograph shows still there?"""

import numpy as np
import torch
from torch.nn import functional

from animestudy.data.tensors import to_tensor
from animestudy.losses.content import Features


@torch.inference_mode()
def content_kept(
    network: Features, pictures: np.ndarray, photographs: np.ndarray, batch: int = 32
) -> np.ndarray:
    """Likeness of each picture to its photograph in a network's deepest map: N×H×W×3 uint8 twice → N.

    Cosine between the two vectors of a place, each without the mean over the picture's places (which is the
    style's and the light's), averaged over places with the photograph's own length as the weight: 1 for the
    same layout, about 0 for that of another photograph.
    """
    device, parts = network.factor.device, []
    for start in range(0, len(pictures), batch):
        one, other = (
            network(to_tensor(part[start : start + batch]).to(device))[-1].flatten(2).double()
            for part in (pictures, photographs)
        )
        one, other = (part - part.mean(2, keepdim=True) for part in (one, other))
        weight = other.norm(dim=1)
        likeness = (functional.cosine_similarity(one, other, dim=1) * weight).sum(1)
        parts.append((likeness / weight.sum(1).clamp_min(1e-12)).cpu().numpy())
    return np.concatenate(parts)
