"""AFGAN: the portrait generator of Wu & Chen 2022, section 4, "attention" and "fully convolutional".

The paper asks for a network that deforms the face strongly and keeps the background, is lighter than U-GAT-IT
and takes any size; it gives no layers. Here one encoder feeds two paths, and a soft mask that is learnt says
where each of them acts:

* *style*, everywhere: shallow maps go straight to the decoder, so that outlines stay where they are;
* *face*, inside the mask: attention (U-GAT-IT's class activation maps), residual blocks with AdaLIN, and a
  displacement field. The encoder's maps and the photograph itself are moved by it before they are drawn, as
  in WarpGAN (Shi, Deb & Jain 2019): an eye grows by being taken from a smaller one.

γ and β of AdaLIN come from channel means through 1×1 work alone; no layer is fully connected to pixels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import handle_torch_function, has_torch_function

from animestudy.models.attention import Attention, Look
from animestudy.models.blocks import SLOPE, convolution, enlarge, separable
from animestudy.models.fsgan import RANGE, diffused
from animestudy.models.normalisation import AdaLIN, standard


def warped(x: Tensor, flow: Tensor) -> Tensor:
    """Take each place of N×C×H×W from where `flow` (N×2×H×W, pixels right and down) points, bilinearly.

    Beyond the border the border itself is taken. Four gathers instead of `grid_sample`, whose gradient does
    not repeat on a GPU.
    """
    if has_torch_function((x, flow)):  # a stand-in for a large picture that is converted in tiles
        return handle_torch_function(warped, (x, flow), x, flow)
    channels, height, width = x.shape[1:]
    columns = torch.arange(width, device=x.device, dtype=flow.dtype) + flow[:, 0]
    rows = torch.arange(height, device=x.device, dtype=flow.dtype)[:, None] + flow[:, 1]
    columns, rows = columns.clamp(0, width - 1), rows.clamp(0, height - 1)
    left, top = columns.detach().floor(), rows.detach().floor()
    right, bottom = (left + 1).clamp(max=width - 1), (top + 1).clamp(max=height - 1)
    across, down = (columns - left)[:, None], (rows - top)[:, None]
    flat = x.flatten(2)

    def at(row: Tensor, column: Tensor) -> Tensor:
        index = (row * width + column).long().flatten(1)[:, None].expand(-1, channels, -1)
        return flat.gather(2, index).unflatten(2, (height, width))

    above = at(top, left).lerp(at(top, right), across.to(x.dtype))
    below = at(bottom, left).lerp(at(bottom, right), across.to(x.dtype))
    return above.lerp(below, down.to(x.dtype))


SHARPNESS = 4.0  # of the mask's edge


# how many pixels around a place it looks at
warped.reach = lambda x, flow: int(flow.abs().amax((2, 3)).max().ceil()) + 1


class Adaptive(nn.Module):
    """x + AdaLIN(conv(act(AdaLIN(conv(x))))), γ and β from outside."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = (
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False, padding_mode="replicate") for _ in range(2)
        )
        self.first_norm, self.second_norm = AdaLIN(channels), AdaLIN(channels)

    def forward(self, x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
        y = F.leaky_relu(self.first_norm(self.first(x), gamma, beta), SLOPE)
        return x + self.second_norm(self.second(y), gamma, beta)


class AFGAN(nn.Module):
    """See above. Call it with ``look=True`` for the mask, the displacements and the attention as well.

    Args:
        width: channels at full size; 2× and 4× of it at one half and one quarter.
        blocks: residual blocks with AdaLIN.
        smoothing: steps of diffusion that flatten the photograph's areas, as in FSGAN; 0 for none.
        reach: largest displacement along each axis, in pixels of the training's scale.
        offset: the mask covers what stands out by so many standard deviations of its map. A mask whose area
            is free shuts within a few steps, because everything in it is costly at first; this one can only
            choose where it lies.
    """

    looks = True

    def __init__(
        self, width: int = 32, blocks: int = 4, smoothing: int = 8, reach: float = 12.0, offset: float = 0.6
    ) -> None:
        super().__init__()
        self.smoothing, self.reach, self.offset = smoothing, reach, offset
        wide = 4 * width
        self.stem = convolution(3, width, kernel=5)
        self.shrink_half = nn.Sequential(separable(width, 2 * width, 2), separable(2 * width, 2 * width))
        self.shrink_quarter = nn.Sequential(separable(2 * width, wide, 2), separable(wide, wide))
        self.attention = Attention(wide, slope=SLOPE)
        self.style = nn.Sequential(nn.Linear(wide, wide), nn.LeakyReLU(SLOPE))
        self.gamma, self.beta = nn.Linear(wide, wide), nn.Linear(wide, wide)
        self.body = nn.ModuleList(Adaptive(wide) for _ in range(blocks))
        self.mask = nn.Conv2d(wide, 1, 1)
        self.flow = nn.Conv2d(wide, 2, 3, 1, 1, padding_mode="replicate")
        self.shallow = convolution(wide, wide, kernel=1)
        self.grow_half = separable(wide, 2 * width)
        self.blend_half = separable(2 * width, 2 * width)
        self.grow_full = separable(2 * width, width)
        self.blend_full = convolution(width, width)
        self.head = nn.Conv2d(width, 3, 5, 1, 2, padding_mode="replicate")
        with torch.no_grad():  # begin near the identity
            for layer in (self.head, self.flow):
                layer.weight.mul_(0.1)
                layer.bias.zero_()
            self.gamma.bias.fill_(1.0)

    def forward(self, x: Tensor, look: bool = False) -> Tensor | Look:
        x = x.clamp(-1, 1)
        base = diffused(x, self.smoothing)
        full = self.stem(base)
        half = self.shrink_half(full)
        quarter = self.shrink_quarter(half)
        y, logits = self.attention(quarter)
        attention = y.sum(1, keepdim=True) if look else None
        style = self.style(y.mean((2, 3)))
        gamma, beta = self.gamma(style), self.beta(style)
        for block in self.body:
            y = block(y, gamma, beta)
        # where, and from where; in pixels of full size
        mask = torch.sigmoid(SHARPNESS * (standard(self.mask(y), (1, 2, 3)) - self.offset))
        flow = mask * self.reach * torch.tanh(self.flow(y))
        y = self.shallow(quarter) + mask * y
        flow_full, flow_half = enlarge(flow, full), enlarge(flow, half) / 2
        moved = warped(torch.cat([base, full], 1), flow_full)
        base, full = moved[:, :3], moved[:, 3:]
        y = self.blend_half(self.grow_half(enlarge(y, half)) + warped(half, flow_half))
        y = self.blend_full(self.grow_full(enlarge(y, full)) + full)
        y = torch.tanh(torch.atanh(RANGE * base) + self.head(y))
        return Look(y, logits, attention, enlarge(mask, x), flow_full) if look else y
