"""AFGAN: the portrait generator of Wu & Chen 2022, section 4, "attention" and "fully convolutional".

The paper asks for a network that deforms the face strongly and keeps the background, is lighter than U-GAT-IT
and takes any size; it gives no layers. Here are two paths, and a soft mask that is learnt says where the
second one acts:

* *style*, everywhere: the scene network, `FSGAN`, draws what it is given, outlines where they are;
* *face*, inside the mask: attention (U-GAT-IT's class activation maps), residual blocks with AdaLIN, and a
  displacement field. The photograph is moved by it before it is drawn, as in WarpGAN (Shi, Deb & Jain 2019):
  an eye grows by being taken from a smaller one. WarpGAN learns control points; here the field is made of the
  `slopes` of the maps of face parts, and how much of each is learnt for each picture. (A free field of two
  numbers a pixel, tried first, found no face in a thousand pictures.) What cannot be had by moving, maps
  added to the scene network's draw.

γ and β of AdaLIN come from channel means through 1×1 work alone; no layer is fully connected to pixels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import handle_torch_function, has_torch_function

from animestudy.marks import blurred, guided
from animestudy.models.attention import Attention, Look
from animestudy.models.blocks import SLOPE, convolution, enlarge, separable
from animestudy.models.fsgan import FSGAN
from animestudy.models.normalisation import AdaLIN, standard
from animestudy.models.parts import PARTS, PartNetwork
from animestudy.spectrum import luma


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
    columns, rows = columns.clamp(min=0).clamp(max=width - 1), rows.clamp(min=0).clamp(max=height - 1)
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
SCALES = (3, 6)  # of the blur behind `slopes`, pixels
LIMITS = (0.7, 1.8)  # of the multiples of the slopes at these scales; beyond, the picture folds over
STRENGTH = 4.0  # of a displacement by the slope of an eye: about half of the way to its middle
QUICK = 50.0  # what all faces have in common of the multiples learns so many times as fast as weights
WHOLE = 48  # pixels around an eye in which its face lies
EYES, SOFTLY = 0.11, 0.004  # of the face's area that both eyes take at most (found by hand), and how sharply
MOUTH = 6.0  # pixels of a mouth that are one
AROUND = 3  # pixels around eyes and mouths that `cleared` leaves alone
SEEN = 12.0  # pixels of eyes at which half of it is done: without any, they may have been overlooked
REACH, TOLERANCE = 4, 0.03  # of its guided filter, pixels and variance


# how many pixels around a place it looks at
warped.reach = lambda x, flow: int(flow.abs().amax((2, 3)).max().ceil()) + 1


def slopes(maps: Tensor) -> list[tuple[Tensor, Tensor]]:
    """In which direction each part of the face lies, near it: N×P×H×W in [0, 1] → two such for each scale.

    Gradients of the maps blurred by each of `SCALES`, along x and along y, in pixels: towards the middle of
    the next eye, nothing far from it. A multiple of them as displacement makes the eye larger or smaller,
    wherever and however many there are.
    """
    found: list[tuple[Tensor, Tensor]] = []
    for sigma in SCALES:
        reach = 2 * sigma
        steps = torch.arange(-reach, reach + 1, device=maps.device, dtype=maps.dtype)
        taps = torch.exp(-steps.square() / (2 * sigma**2))
        taps, count = taps / taps.sum(), maps.shape[1]
        y = F.pad(maps, (reach,) * 4, mode="replicate")
        y = F.conv2d(y, taps.view(1, 1, 1, -1).expand(count, 1, 1, -1), groups=count)
        y = STRENGTH * sigma**2 * F.conv2d(y, taps.view(1, 1, -1, 1).expand(count, 1, -1, 1), groups=count)
        y = F.pad(y, (1, 1, 1, 1), mode="replicate")
        across = (y[..., 1:-1, 2:] - y[..., 1:-1, :-2]) / 2
        down = (y[..., 2:, 1:-1] - y[..., :-2, 1:-1]) / 2
        found.append((across, down))
    return found


def window(maps: Tensor, rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:
    """Sums over the window from … to (pixels down and right of each place): N×P×H×W → the same."""
    (top, bottom), (left, right), count = rows, columns, maps.shape[1]
    taps = torch.ones(max(bottom - top, right - left) + 1, dtype=maps.dtype, device=maps.device)
    taps = taps.expand(count, 1, 1, -1)
    y = F.pad(maps, (-left, right, -top, bottom))
    y = F.conv2d(y, taps[..., : right - left + 1], groups=count)
    return F.conv2d(y, taps.mT[:, :, : bottom - top + 1], groups=count)


def trusted(maps: Tensor) -> Tensor:
    """Maps of `PARTS` in which eyes and mouths are left where they can be such: N×3×H×W in [0, 1] → the same.

    The guide errs on faces that are small, dark, turned or covered. Eyes that stay as they are do not hurt a
    portrait; a cheek, a collar or the shadow above a cheekbone that is taken for an eye and enlarged does.
    So eyes have to lie in a face, above a mouth and not on it, and take no more of the face than eyes do.
    """
    face, eyes, mouth = (maps[:, k : k + 1] for k in range(len(PARTS)))
    aside = (-WHOLE, WHOLE)
    eye_area, face_area = (window(part, aside, aside) for part in (eyes, face))
    share = torch.sigmoid((EYES - eye_area / (face_area + 1)) / SOFTLY)
    below = (window(mouth, (6, WHOLE), aside) / MOUTH).square()
    on_mouth = window(mouth, (-4, 4), (-4, 4)) / MOUTH
    eyes = eyes * face * share * (below / (below + 1)) * torch.exp(-on_mouth)
    return torch.cat([face, eyes, mouth * face], 1)


def displacement(multiples: Tensor, maps: Tensor) -> Tensor:
    """Σ multiple · slope over scales and parts: N×scales×2×P and N×P×H×W → N×2×H×W, pixels right and down."""
    parts = [
        sum(
            (factor[..., None, None] * slope).sum(1, keepdim=True)
            for factor, slope in zip(own, axis, strict=True)
        )
        for own, axis in zip(multiples.permute(2, 1, 0, 3), zip(*slopes(maps), strict=True), strict=True)
    ]
    return torch.cat(parts, 1)


def cleared(x: Tensor, maps: Tensor) -> Tensor:
    """What skin lacks to be even: N×3×H×W and maps N×P×H×W of `PARTS` → N×3×H×W to be added.

    A drawn face is one colour but for eyes, mouth and a shadow. Wrinkles, pores and stubble, outlined, would
    make it an engraving. Guided by its own brightness (`guided`) the face keeps what stands out strongly, as
    brows and its outline do, and loses what does not; where no eyes are found, nothing.
    """
    face, eyes, parts = maps[:, :1], maps[:, 1:2], maps[:, 1:].sum(1, keepdim=True)
    around = window(parts, (-AROUND, AROUND), (-AROUND, AROUND)).clamp(max=1)
    seen = (window(eyes, (-WHOLE, WHOLE), (-WHOLE, WHOLE)) / SEEN).square()
    skin = blurred(face * (1 - around), 7) * (seen / (seen + 1))
    y = luma(x)
    even = torch.cat([guided(channel, y, REACH, TOLERANCE) for channel in x.split(1, 1)], 1)
    return skin * (even - x)


def reduced(x: Tensor, step: int) -> Tensor:
    """Means of `step`×`step` pixels: N×C×H×W → N×C×⌈H/step⌉×⌈W/step⌉; beyond the border the border."""
    if step == 1:
        return x
    channels, height, width = x.shape[1:]
    x = F.pad(x, (0, -width % step, 0, -height % step), mode="replicate")
    taps = torch.full((channels, 1, step, step), step**-2, dtype=x.dtype, device=x.device)
    return F.conv2d(x, taps, stride=step, groups=channels)


def viewed(x: Tensor, glance: int) -> Tensor:
    """What a face path looks at: the picture, or means that make its longer side about `glance` pixels."""
    return reduced(x, max(1, round(max(x.shape[-2:]) / glance)) if glance else 1)


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


class Face(nn.Module):
    """The face path: what is deformed, how, and what is drawn there besides.

    A small U-Net from one half to one eighth of the size and back to one quarter; at one eighth it sees the
    whole head at once. Beside the photograph it sees where the parts of the face are, as a frozen network
    finds them (`parts`): where an eye is need not be learnt from a game.
    """

    def __init__(self, width: int, blocks: int) -> None:
        super().__init__()
        wide = 4 * width
        self.first = convolution(3 + len(PARTS), width, 5, stride=2)
        self.quarter = nn.Sequential(
            separable(width, 2 * width, 2), convolution(2 * width, 2 * width, norm=True)
        )
        self.eighth = nn.Sequential(separable(2 * width, wide, 2), convolution(wide, wide, norm=True))
        self.attention = Attention(wide, slope=SLOPE)
        self.style = nn.Sequential(nn.Linear(wide, wide), nn.LeakyReLU(SLOPE))
        self.gamma, self.beta = nn.Linear(wide, wide), nn.Linear(wide, wide)
        self.body = nn.ModuleList(Adaptive(wide) for _ in range(blocks))
        self.back = convolution(wide + 2 * width, wide, norm=True)
        self.mask = nn.Conv2d(wide, 1, 1)
        self.flow = nn.Linear(wide, len(SCALES) * 2 * len(PARTS), bias=False)
        self.common = nn.Parameter(torch.zeros(len(SCALES) * 2 * len(PARTS)))
        self.more = nn.Conv2d(wide, wide, 1)
        with torch.no_grad():  # begin near the identity
            self.flow.weight.mul_(0.1)
            self.gamma.bias.fill_(1.0)
            self.more.weight.mul_(0.1)

    def fix(self, multiples: tuple[float, ...]) -> None:
        """Set the multiples of the slopes of `PARTS`, at every scale and along both axes, for good."""
        with torch.no_grad():
            self.flow.weight.zero_()
            self.common.copy_(torch.tensor(multiples).repeat(2 * len(SCALES)) / QUICK)
        for weight in (self.flow.weight, self.common):
            weight.requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Pictures and maps → logits, attention, mask, multiples of slopes (N×12), maps to add.

        Mask and multiples are still unbounded.
        """
        quarter = self.quarter(self.first(x))
        y, logits = self.attention(self.eighth(quarter))
        attention = y.sum(1, keepdim=True)
        style = self.style(y.mean((2, 3)))
        gamma, beta = self.gamma(style), self.beta(style)
        for block in self.body:
            y = block(y, gamma, beta)
        multiples = QUICK * self.common + self.flow(style)
        y = self.back(torch.cat([enlarge(y, quarter), quarter], 1))
        return logits, attention, self.mask(y), multiples, self.more(y)


class AFGAN(nn.Module):
    """See above. Call it with ``look=True`` for the mask, the displacements and the attention as well.

    Args:
        width: channels at full size; 2× and 4× of it further down. 1.7 M parameters at 32.
        blocks: residual blocks with AdaLIN.
        reach: largest displacement along each axis, in pixels of the training's scale.
        offset: the mask covers what stands out by so many standard deviations of its map. A mask whose area
            is free shuts within a few steps, because everything in it is costly at first; this one can only
            choose where it lies.
        glance: longer side in pixels at which the face path looks at a picture (larger ones are reduced for
            it by a whole factor), so that a face is found and deformed alike in a small and in a large
            photograph; 0 for the picture's own size.
        eyes, mouth: multiples of their slopes, instead of learnt ones where one is not 0: above 0 larger,
            where the guide is to be `trusted`. Of unpaired real faces the proportions of drawings are too
            uncertain to be learnt from (tried).
        clear: how far skin is made even before it is drawn, see `cleared`; 0 for as it is, 1 for all the way.
        finder: width of the network that finds the parts of the face; its weights are brought, not learnt
            here (`training.parts` makes them).
        drawing: options of the style path, an `FSGAN`.
    """

    looks = True

    def __init__(
        self,
        width: int = 32,
        blocks: int = 4,
        reach: float = 8.0,
        offset: float = 0.6,
        glance: int = 0,
        eyes: float = 0.0,
        mouth: float = 0.0,
        clear: float = 0.0,
        finder: int = 12,
        **drawing: float,
    ) -> None:
        super().__init__()
        self.reach, self.offset, self.glance, self.clear = reach, offset, glance, clear
        self.guide = PartNetwork(finder).eval().requires_grad_(False)
        self.face = Face(width, blocks)
        self.wary = bool(eyes or mouth)  # multiples that are learnt take the guide's errors into account
        if self.wary:
            self.face.fix((0.0, eyes, mouth))
        self.draw = FSGAN(width, **{"blocks": 1} | drawing)

    def train(self, mode: bool = True) -> "AFGAN":
        """The guide stays in evaluation mode, so that a picture does not depend on its batch."""
        super().train(mode)
        self.guide.eval()
        return self

    def forward(self, x: Tensor, look: bool = False, view: Tensor | None = None) -> Tensor | Look:
        """`view`: what `viewed` makes of `x`; an exported network, which has fixed steps, is given it."""
        x = x.clamp(-1, 1)
        seen = viewed(x, self.glance) if view is None else view
        maps = torch.sigmoid(self.guide(seen))
        logits, attention, mask, flow, more = self.face(torch.cat([seen, 2 * maps - 1], 1))
        mask = torch.sigmoid(SHARPNESS * (standard(mask, (1, 2, 3)) - self.offset))
        limits = x.new_tensor(LIMITS)[:, None, None]
        flow = limits * torch.tanh(flow.unflatten(1, (len(SCALES), 2, len(PARTS))) / limits)
        flow = displacement(flow, trusted(maps) if self.wary else maps)
        # what wants displacements must not move the mask: while they are wrong it would only shut it
        flow = enlarge(mask.detach(), seen) * self.reach * torch.tanh(flow / self.reach)
        if self.glance:  # in pixels of the picture again
            down, across = (whole / part for whole, part in zip(x.shape[2:], seen.shape[2:], strict=True))
            across, down = across * flow[:, :1], down * flow[:, 1:]
            flow = enlarge(torch.cat([across, down], 1), x)
        if self.clear:
            x = x + self.clear * enlarge(cleared(seen, maps), x)
        moved = warped(x, flow)
        y = self.draw(moved, mask * more)
        return Look(y, logits, attention, enlarge(mask, x), flow, moved) if look else y
