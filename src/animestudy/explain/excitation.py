"""Pictures that excite a channel: gradient ascent on the picture instead of the weights.

Erhan, Bengio, Courville and Vincent 2009 ("Visualizing higher-layer features of a deep network") climb on the
pixels, which ends in noise that no picture contains. As in Olah, Mordvintsev and Schubert 2017 ("Feature
visualization", distill.pub) the ascent is on the picture's Fourier coefficients, each scaled by one over its
frequency, in colours whose correlation is that of real pictures; the picture is shifted before every step, so
that nothing counts that hangs on single pixels, and a quadratic prior (L2) keeps it from black and white.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from animestudy.data.augment import seeded
from animestudy.explain.features import outputs
from animestudy.training.classifier import normalised

RATE = 0.08  # of Adam, on coefficients
STARTS = 24  # first pictures, from almost even to loud; each channel begins with the one that excites it most
LOUDNESS = (0.1, 1.0)  # standard deviation of their coefficients
PRIOR = 1.0  # weight of the mean square of the log-odds, in standard deviations of the channel
JITTER = 1 / 8  # of a picture's side: the largest shift
SHARE = 1e-3  # of the pictures' variance that every colour direction has at least


def colours(pictures: np.ndarray) -> tuple[Tensor, Tensor]:
    """Mean colour (3, as logits) and a 3×3 matrix that gives independent numbers the colours' correlation.

    pictures: N×S×S×3 uint8. The matrix is the symmetric root of the covariance of log-odds, scaled to a
    largest column of length 1.
    """
    levels = (torch.from_numpy(np.array(pictures)).reshape(-1, 3).double() + 0.5) / 256
    odds = levels.logit()
    values, vectors = torch.linalg.eigh(odds.T.cov())
    root = vectors * values.clamp_min(SHARE * values.max()).sqrt() @ vectors.T
    return odds.mean(0).float(), (root / root.norm(dim=0).max()).float()


class Canvas(nn.Module):
    """`count` pictures of `side` pixels as Fourier coefficients of independent colours, each louder."""

    def __init__(self, count: int, side: int, middle: Tensor, mixing: Tensor, seed: int) -> None:
        super().__init__()
        rows, columns = torch.fft.fftfreq(side), torch.fft.rfftfreq(side)
        frequency = torch.hypot(rows[:, None], columns[None, :])
        self.side = side
        scale = 1 / frequency.clamp_min(1 / side)
        self.register_buffer("scale", scale / (2 * scale.square().mean()).sqrt())  # to about 1 a pixel
        self.register_buffer("middle", middle[:, None, None])
        self.register_buffer("mixing", mixing)
        lots = torch.Generator().manual_seed(seed)
        noise = torch.randn((count, 3, *frequency.shape, 2), generator=lots)
        self.coefficients = nn.Parameter(noise * torch.linspace(*LOUDNESS, count)[:, None, None, None, None])

    def plain(self) -> Tensor:
        """The pictures in independent colours: count×3×side×side, any sign."""
        spectrum = torch.view_as_complex(self.coefficients) * self.scale
        return torch.fft.irfft2(spectrum, s=(self.side, self.side), norm="ortho")

    def shown(self, plain: Tensor) -> Tensor:
        """The same in red, green and blue, 0 … 1."""
        return torch.einsum("kc,nchw->nkhw", self.mixing, plain).add(self.middle).sigmoid()


def excite(
    network: nn.Module,
    layer: str,
    channels: Sequence[int],
    spread: Sequence[float],
    pictures: np.ndarray,
    *,
    steps: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """For each of the `channels` of a layer a picture that raises the mean of its map.

    spread: the standard deviation of each of these means over pictures: the unit in which the ascent counts,
        so that one strength of the prior fits every channel.
    pictures: N×S×S×3 uint8, from which the side and the colours are taken.
    Returns K×S×S×3 uint8, and the K means that the finished pictures reach. The network is left as it was.
    """
    middle, mixing = colours(pictures)
    side, device = pictures.shape[1], next(network.parameters()).device
    unit = torch.tensor(np.maximum(spread, 1e-6), dtype=torch.float32, device=device)
    picked = list(map(int, channels))

    def means(levels: Tensor) -> Tensor:
        return outputs(network, normalised(levels), [layer])[layer].mean((2, 3))[:, picked]

    reach = max(1, round(JITTER * side))
    trainable = [weight.requires_grad for weight in network.parameters()]
    network.requires_grad_(False)
    try:
        canvas = Canvas(STARTS, side, middle, mixing, seed).to(device)
        with torch.no_grad():
            best = means(255 * canvas.shown(canvas.plain())).argmax(0)
            canvas.coefficients = nn.Parameter(canvas.coefficients[best])
        optimiser = torch.optim.Adam(canvas.parameters(), lr=RATE)
        with seeded(seed):
            for _ in range(steps):
                plain = canvas.plain()
                shift = torch.randint(-reach, reach + 1, (2,)).tolist()
                gain = means(255 * canvas.shown(plain).roll(shift, (2, 3))).diagonal() / unit
                loss = PRIOR * len(picked) * plain.square().mean() - gain.sum()
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
        with torch.no_grad():
            levels = (255 * canvas.shown(canvas.plain())).round()
            reached = means(levels).diagonal()
    finally:
        for weight, wanted in zip(network.parameters(), trainable, strict=True):
            weight.requires_grad_(wanted)
    return levels.byte().permute(0, 2, 3, 1).cpu().numpy(), reached.cpu().numpy()
