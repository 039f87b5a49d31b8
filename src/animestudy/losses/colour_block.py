"""The colour-block term: a drawing is made of flat areas with steps between them.

The paper names a "color block loss function" (section 4) and describes drawings by "block-like distribution"
and "color block sparsity"; it gives no formula. Here the drawing is compared with itself after its small
differences are gone and its large ones kept: L0 gradient minimisation (Xu, Lu, Xu & Jia 2011), with which
AnimeGANv3 smooths its targets too. Texture is many small differences, a line or a block's border a few large
ones, so flat areas with lines cost nothing.

Not the superpixels of White-box cartoonisation (Wang & Yu 2020): measured by the spread within the
photograph's superpixels, the atelier's own cel drawings are further from blocks (0.125) than the photographs
(0.091), because of their lines.
"""

import torch
from torch import Tensor

FIRST, LAST, FACTOR = 2.0, 1e3, 2.0  # the coupling grows from FIRST·strength to LAST


@torch.no_grad()
def flattened(x: Tensor, strength: float = 0.06) -> Tensor:
    """The picture with the fewest places of change that is still like `x`: N×C×H×W in [−1, 1] → the same.

    Minimises |s − x|² + strength · (number of pixels at which s changes) by half-quadratic splitting: in
    turn, differences below a threshold are set to 0, and the picture with the remaining ones is found exactly
    in the Fourier domain, while the threshold falls. `strength` 0.02 takes noise away, 0.06 texture, 0.15
    shading. No gradient: it makes targets.
    """
    with torch.autocast(x.device.type, enabled=False):
        x = x.float()
        height, width = x.shape[-2:]
        fy = torch.fft.fftfreq(height, device=x.device)[:, None]
        fx = torch.fft.rfftfreq(width, device=x.device)[None]
        stiffness = 4 - 2 * torch.cos(2 * torch.pi * fy) - 2 * torch.cos(2 * torch.pi * fx)
        spectrum, s, coupling = torch.fft.rfft2(x), x, FIRST * strength
        while coupling < LAST:
            down, across = s.roll(-1, -2) - s, s.roll(-1, -1) - s
            kept = (down.square() + across.square()).sum(1, keepdim=True) >= strength / coupling
            down, across = down * kept, across * kept
            pull = down.roll(1, -2) - down + across.roll(1, -1) - across
            total = spectrum + coupling * torch.fft.rfft2(pull)
            s = torch.fft.irfft2(total / (1 + coupling * stiffness), s=(height, width))
            coupling *= FACTOR
        return s


def texture(x: Tensor, strength: float = 0.06) -> Tensor:
    """Mean absolute distance of N×C×H×W in [−1, 1] from its flattened self, a scalar; 0 for flat blocks."""
    return (x - flattened(x, strength)).abs().mean()
