"""FSGAN, the scene generator of Wu & Chen 2022, and the features of drawings that it starts from."""

from functools import partial

import torch
from torch import Tensor, nn

from animestudy.marks import SOFT, darker, diffused, graded, guided, outlines, painted, shaded
from animestudy.models.blocks import Enlarge, InvertedResidual, convolution, enlarge, separable
from animestudy.spectrum import luma

RANGE = 0.98  # of the photograph before atanh, whose slope is infinite at 1; 2.5 grey levels at the ends
QUICK = 10.0  # the few global knobs learn so many times as fast as other weights
OWN = 0.25  # of its own colour that paint keeps under the ink of an outline
HELD = 110.0, 3.0  # slope and threshold with which outlines hold the photograph's detail


class Palette(nn.Module):
    """Two knobs that colourists turn first: brightness of the middle tones and saturation; learnt.

    Begins as the identity. N×3×H×W in [−1, 1] → the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self.knobs = nn.Parameter(torch.zeros(2))

    def forward(self, x: Tensor) -> Tensor:
        lift, saturation = torch.exp(QUICK * self.knobs)
        x = ((x + 1) / 2).clamp(1e-3, 1) ** (1 / lift)
        y = luma(x)
        return 2 * (y + saturation * (x - y)).clamp(0, 1) - 1


class Pen(nn.Module):
    """Ink on a painting, where `edge` is high; slope, threshold and colour of the ink are learnt.

    Args:
        slope: of the ink in `edge` at the beginning.
        threshold: of `edge`, in units of 1/slope, at which there is half the ink.
        own: share of its own colour that the paint keeps under full ink. Where it is not 0, areas without an
            edge stay bare: else a game learns to lay a veil of thin ink on everything.
    """

    def __init__(self, slope: float, threshold: float = 3.0, own: float = 0.0) -> None:
        super().__init__()
        self.slope, self.threshold, self.own = slope, threshold, own
        self.change = nn.Parameter(torch.zeros(2))
        self.colour = nn.Parameter(torch.full((1, 3, 1, 1), -0.8 / QUICK))

    def forward(self, paint: Tensor, edge: Tensor, more: Tensor) -> Tensor:
        """`paint` N×3×H×W, `edge` and `more` (learnt, in logits) N×1×H×W → N×3×H×W."""
        slope = self.slope * torch.exp(QUICK * self.change[0])
        ink = torch.sigmoid(slope * edge - self.threshold + QUICK * self.change[1] + more)
        if self.own:
            ink = ink * torch.tanh(slope * edge / 2).clamp_min(0)
        return paint + (1 - self.own) * ink * ((QUICK * self.colour).clamp(-1, 1) - paint)


class FSGAN(nn.Module):
    """The scene generator of Wu & Chen 2022, section 4: light, fully convolutional, any input size.

    The paper gives no layers. The body follows AnimeGANv2 (Chen et al. 2020) in outline: two halvings,
    inverted residuals at a quarter of the size, two bilinear enlargements each followed by convolutions
    ("bilinear interpolation … in the upsampling", section 5.2), so that no checkerboard can arise. It differs
    in six ways, all for a network that is light and learns in few steps:

    * convolutions are depthwise separable, and the encoder's maps are added back on the way up, so that lines
      stay where they are in the photograph;
    * layer normalisation stands in the body alone. At full size it hides how strong a texture is from the
      layers that have to take it away (White-box cartoonisation has none there either);
    * what is learnt is the change from photograph to drawing, not the drawing: colours are right from the
      first step ("adequate preservation of the original image information", section 5.2);
    * the change is made to a photograph whose areas `diffused` has smoothed, as White-box cartoonisation
      smooths its output with a guided filter. This takes no weights. The network does not see the texture
      that is gone: if it did, it would put it back, the cheapest way to please a discriminator that asks for
      fine detail; so it has to draw lines;
    * a line is ink over paint, and where it may lie is no secret: a `Pen` inks the dark side of borders
      (`darker`), the network says where to press harder and where not at all. Drawing lines from nothing is
      what a light network learns last;
    * colours change at half the size and brightness at full size, as in every picture and video code: a game
      on few pictures otherwise leaves coloured specks along lines.

    Args:
        width: channels at full size; 2× and 4× of it at one half and one quarter. At 16 the network has
            0.09 M parameters, at 32 it has 0.35 M.
        blocks: inverted residuals.
        smoothing: steps of diffusion, 0 for none.
        pen: slope of the ink at the beginning, 0 for no pen.
        shades: steps of brightness, see `shaded`; 0 for none.
        strokes: passes of a brush (`painted`); 0 for none. With a brush areas are painted in strokes instead
            of diffused, the pen follows `outlines`, which also keep the photograph's own detail, in bright
            lines too, and colours are `graded` by `lift`, `vivid` and `cool` and not learnt:
            for real photographs, which have texture everywhere, against real drawings, which show skin and
            hair more than grass and sky, whose tint would be learnt.
        bright: with a brush, the largest factor by which the network may brighten or darken what is painted.
        even: pixels around within which that factor is the same all over an area (`guided`); 0 for no such
            bond. Without it the game learns the pale rims that sharpened drawings have beside dark lines.
        upsampling: bilinear, nearest, or transposed for learnt enlargements, which the paper does without.
    """

    def __init__(
        self,
        width: int = 16,
        blocks: int = 4,
        smoothing: int = 16,
        pen: float = 50.0,
        shades: int = 0,
        strokes: int = 0,
        lift: float = 1.0,
        vivid: float = 1.0,
        cool: float = 0.0,
        bright: float = 1.15,
        even: int = 0,
        upsampling: str = "bilinear",
    ) -> None:
        super().__init__()
        self.smoothing, self.shades, self.strokes = smoothing, shades, strokes
        self.bright, self.even = bright, even
        self.palette = partial(graded, lift=lift, vivid=vivid, cool=cool) if strokes else Palette()
        self.pen = Pen(pen, own=OWN if strokes else 0.0) if pen else None
        self.stem = convolution(5 if strokes else 4, width, kernel=5)
        self.shrink_half = nn.Sequential(separable(width, 2 * width, 2), separable(2 * width, 2 * width))
        self.shrink_quarter = nn.Sequential(
            separable(2 * width, 4 * width, 2), separable(4 * width, 4 * width)
        )
        self.body = nn.Sequential(*(InvertedResidual(4 * width) for _ in range(blocks)))
        self.up_half, self.up_full, self.up_hue = (Enlarge(n, upsampling) for n in (4 * width, 2 * width, 3))
        self.grow_half = separable(4 * width, 2 * width)
        self.blend_half = separable(2 * width, 2 * width)
        self.grow_full = separable(2 * width, width)
        self.blend_full = convolution(width, width)
        self.hue = None if strokes else nn.Conv2d(2 * width, 3, 3, 1, 1, padding_mode="replicate")
        self.light = nn.Conv2d(width, 2 if pen else 1, 5, 1, 2, padding_mode="replicate")
        with torch.no_grad():  # begin near the identity
            for head in filter(None, (self.hue, self.light)):
                head.weight.mul_(0.1)
                head.bias.zero_()

    def forward(self, x: Tensor, more: Tensor | None = None) -> Tensor:
        """`more`: maps, N×4·width×h×w, that another network adds to the body's at one quarter (AFGAN)."""
        base, edges = self.sketch(x.clamp(-1, 1))
        full = self.stem(torch.cat([base, *(4 * edge for edge in edges)], 1))
        half = self.shrink_half(full)
        y = self.body(self.shrink_quarter(half))
        y = y if more is None else y + (more if more.shape[-2:] == y.shape[-2:] else enlarge(more, y))
        y = self.blend_half(self.grow_half(self.up_half(y, half)) + half)
        light = self.light(self.blend_full(self.grow_full(self.up_full(y, full)) + full))
        base = self.palette(base)
        if self.shades:
            base = shaded(base, self.shades, SOFT / 2 if self.strokes else SOFT)
        if self.hue is None:  # a factor, else light would take the colour out of what it brightens
            turn = torch.tanh(light[:, :1])
            turn = guided(turn, luma(base), self.even) if self.even else turn
            paint = (self.bright**turn * (base + 1)).clamp(max=2.0) - 1
        else:  # within tanh, so that the drawing stays in range however large the change is
            hue = self.up_hue(self.hue(y), full)
            paint = torch.tanh(torch.atanh(RANGE * base) + hue + light[:, :1])
        return paint if self.pen is None else self.pen(paint, edges[0], QUICK * light[:, 1:])

    def sketch(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """What is taken by hand from a photograph: its smoothed areas, and where lines may lie."""
        base = diffused(x, self.smoothing)
        if not self.strokes:
            return base, (darker(base),)
        edges, detail = outlines(x), base
        for _ in range(self.strokes):
            base = painted(base)
        slope, threshold = HELD
        held = torch.sigmoid(slope * torch.maximum(*edges) - threshold)
        return base.lerp(detail, held), edges
