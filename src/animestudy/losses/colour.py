"""The colour term: the drawing keeps the photograph's colours.

The paper reproaches CartoonGAN and AnimeGAN with "unstable color changes or overall color shifts"
(section 4). `colour_distance` is AnimeGAN's remedy (Chen et al. 2020): L1 on brightness, Huber on the two
chroma planes, pixel by pixel. That also keeps the photograph's texture, so `tone_distance` asks the same of
blurred pictures, as the colour loss of Ignatov et al. 2017 (DPED) does: a block has the right colour, its
inside is free.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

# ITU-R BT.601: Y, U, V of R, G, B
YUV = ((0.299, 0.587, 0.114), (-0.14713, -0.28886, 0.436), (0.615, -0.51499, -0.10001))


def yuv(x: Tensor) -> Tensor:
    """N×3×H×W RGB in [−1, 1] → Y in [−1, 1], U in ±0.87, V in ±1.23."""
    return torch.einsum("rc,nchw->nrhw", x.new_tensor(YUV), x)


def colour_distance(x: Tensor, reference: Tensor) -> Tensor:
    """L1 of Y plus Huber (δ = 1) of U and of V: a scalar, 0 for equal pictures."""
    one, other = yuv(x), yuv(reference)
    chroma = sum(F.huber_loss(one[:, k], other[:, k]) for k in (1, 2))
    return F.l1_loss(one[:, 0], other[:, 0]) + chroma


def tone_distance(x: Tensor, reference: Tensor, width: int = 9) -> Tensor:
    """L1 between the means over `width`×`width` windows (smaller where the picture is), a scalar.

    Not `colour_distance` of them: its Huber term is a square near 0, and drawings fade to grey.
    """
    width = min(width, *x.shape[-2:])
    mean = F.avg_pool2d(F.avg_pool2d(x - reference, (width, 1), stride=1), (1, width), stride=1)
    return mean.abs().mean()
