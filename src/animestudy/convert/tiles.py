"""Any generator on a picture that is too large for memory: tile by tile, with the result of the whole.

The network's own `forward` runs once, on a stand-in for the picture that computes nothing but notes for each
operation which places of its input a place of its output needs (`rules`). A tile of the output is then
computed from exactly those places, so borders, odd sizes and halvings come out as they do on the whole
picture, and no halo has to be guessed.

Normalisations ask for a mean over the whole picture. There all tiles stop (they go in lock-step): a *sweep*
computes the map tile by tile, adds up mean, variance and maximum of every channel over places that do not
overlap, and keeps the map in a temporary file, from which the next tiles go on. Maps that the network still
holds (skip connections) are kept by the same sweep where they are small; large ones are computed again.
Memory depends on the tile, not on the picture.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from animestudy.convert.graph import Box, Canvas, sweep
from animestudy.convert.rules import Lazy
from animestudy.data.tensors import to_images


@torch.no_grad()
def convert(generator: nn.Module, picture: np.ndarray, tile: int) -> np.ndarray:
    """`models.generators.convert` in tiles of about `tile` pixels a side: H×W×3 uint8 → the same."""
    device = next(generator.parameters()).device
    drawing = np.empty_like(picture)

    def put(part: Tensor, box: Box) -> None:
        drawing[slice(*box.rows), slice(*box.columns)] = to_images(part)[0]

    run(generator, Canvas(picture, tile, device), put)
    return drawing


def run(generator: nn.Module, canvas: Canvas, put: Callable[[Tensor, Box], None]) -> None:
    """Hand each finished tile, 1×3×h×w in [−1, 1], to `put`."""
    was_training = generator.training
    try:
        made = generator.eval()(Lazy(canvas.start))
        sweep(made.node, put)
    finally:
        generator.train(was_training)
