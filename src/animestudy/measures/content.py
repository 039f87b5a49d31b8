"""Is what the photograph shows still there?"""

import numpy as np
import torch
from torch.nn import functional

from animestudy.data.tensors import to_tensor
from animestudy.losses.content import Features


@torch.inference_mode()
def layout(
    network: Features, pictures: np.ndarray, where: np.ndarray | None = None, batch: int = 32
) -> np.ndarray:
    """A network's deepest map without its mean over the places, which is the style's and the light's.

    N×H×W×3 uint8 → N×channels×h×w float32. The mean is that over the places of `where` (N×H×W bool; all).
    """
    parts = []
    for start in range(0, len(pictures), batch):
        rows = slice(start, start + batch)
        deepest = network(to_tensor(pictures[rows]).to(network.factor.device))[-1].double().cpu().numpy()
        share = shares(None if where is None else where[rows], deepest.shape)
        mean = (deepest * share).sum((2, 3), keepdims=True) / np.maximum(
            share.sum((2, 3), keepdims=True), 1e-12
        )
        parts.append((deepest - mean).astype(np.float32))
    return np.concatenate(parts)


def shares(where: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """How much of each place of maps N×channels×h×w lies in `where` (N×H×W bool; all): N×1×h×w in [0, 1]."""
    if where is None:
        return np.ones((shape[0], 1, *shape[2:]))
    share = functional.interpolate(torch.tensor(where)[:, None].double(), size=shape[2:], mode="area")
    return share.numpy()


def likeness(layouts: np.ndarray, photographs: np.ndarray, where: np.ndarray | None = None) -> np.ndarray:
    """Cosine between the two vectors of a place, averaged with the photograph's own length as the weight.

    N×channels×h×w twice → N: 1 for the same layout, about 0 for that of another photograph. Places weigh by
    their share of `where` (N×H×W bool; all) as well.
    """
    length, weight = (
        np.linalg.norm(part, axis=1, keepdims=True).astype(float) for part in (layouts, photographs)
    )
    cosine = (layouts * photographs).sum(1, keepdims=True) / np.maximum(length * weight, 1e-8)
    weight *= shares(where, photographs.shape)
    return (cosine * weight).sum((1, 2, 3)) / np.maximum(weight.sum((1, 2, 3)), 1e-12)


def content_kept(
    network: Features, pictures: np.ndarray, photographs: np.ndarray, where: np.ndarray | None = None
) -> np.ndarray:
    """Likeness of each picture's layout to its photograph's: N×H×W×3 uint8 twice → N.

    where: the places that count, N×H×W bool; all without.
    """
    return likeness(*(layout(network, part, where) for part in (pictures, photographs)), where)
