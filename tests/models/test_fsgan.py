"""FSGAN's palette and pen, and what it draws before any training."""

import pytest
import torch

from animestudy.errors import StudyError
from animestudy.models.blocks import UPSAMPLINGS, Enlarge
from animestudy.models.cost import cost
from animestudy.models.fsgan import FSGAN, Palette, Pen
from animestudy.spectrum import luma


def pictures(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def blocks(noise=0.0):
    """Dark left, bright right, a border at column 12."""
    x = torch.full((1, 3, 20, 24), -0.6)
    x[..., 12:] = 0.6
    return x + noise * pictures(1, 3, 20, 24)


def test_palette_begins_as_the_identity_and_turns_both_knobs():
    palette, x = Palette(), pictures(1, 3, 8, 8)
    torch.testing.assert_close(palette(x), x, atol=3e-3, rtol=0)
    with torch.no_grad():
        palette.knobs.copy_(torch.tensor([0.03, 0.0]))
    assert luma(palette(x)).mean() > luma(x).mean() + 0.02
    with torch.no_grad():
        palette.knobs.copy_(torch.tensor([0.0, -1.0]))
    dull = palette(x)
    assert (dull - dull.mean(1, keepdim=True)).abs().max() < 1e-3


def test_under_ink_some_of_the_paint_shows():
    paint, edge = torch.tensor([0.9, -0.9, -0.9]).view(1, 3, 1, 1), torch.full((1, 1, 1, 1), 1.0)
    red, green, _ = Pen(50.0, own=0.25)(paint, edge, 0 * edge).flatten()
    assert red > green + 0.4
    assert red < 0
    bare = Pen(50.0, own=0.25)(paint, -0.1 * edge, 99.0 + edge)
    torch.testing.assert_close(bare, paint)


def test_pen_inks_where_the_edge_is_and_presses_harder_when_told():
    pen, paint = Pen(50.0), torch.full((1, 3, 1, 2), 0.5)
    edge, none = torch.tensor([0.0, 0.2]).view(1, 1, 1, 2), torch.zeros(1, 1, 1, 2)
    light, dark = pen(paint, edge, none)[0, 0, 0]
    assert light > 0.4
    assert dark < -0.7
    assert pen(paint, edge, none + 9)[0, 0, 0, 0] < -0.7


def test_without_pen_or_shades_the_network_is_narrower_and_works():
    x = pictures(1, 3, 17, 19)
    for options in ({"pen": 0.0}, {"shades": 4}, {"smoothing": 0}, {"strokes": 1, "pen": 0.0}):
        network = FSGAN(width=4, blocks=1, **options)
        assert network(x).shape == x.shape
    assert not [name for name, _ in FSGAN(width=4, pen=0.0).named_parameters() if name.startswith("pen")]


@pytest.mark.parametrize("options", [{}, {"shades": 5}, {"strokes": 2, "pen": 110.0}])
def test_an_untrained_network_draws_lines_into_a_photograph(options):
    torch.manual_seed(0)
    x = blocks(0.05)
    with torch.no_grad():
        y = FSGAN(width=4, blocks=1, **options)(x)
    assert luma(y)[0, 0, 10, 11] < luma(x)[0, 0, 10, 11] - 0.05
    assert (y - x).abs()[..., 2:8].mean() < 0.15


@pytest.mark.parametrize("how", UPSAMPLINGS)
@pytest.mark.parametrize("size", [(17, 31), (32, 32), (5, 4)])
def test_every_upsampling_keeps_sizes(how, size):
    x = pictures(1, 3, *size)
    assert FSGAN(4, 1, upsampling=how)(x).shape == x.shape


def test_transposed_convolutions_are_learnt_and_chequer():
    """A constant map comes back constant from an interpolation, and uneven from a transposed convolution."""
    x, like = torch.ones(1, 4, 6, 6), torch.zeros(1, 1, 12, 12)
    spread = {how: Enlarge(4, how)(x, like)[..., 2:-2, 2:-2].std() for how in UPSAMPLINGS}
    assert spread["bilinear"] == spread["nearest"] == 0 < spread["transposed"]
    with pytest.raises(StudyError, match="cubic"):
        FSGAN(4, 1, upsampling="cubic")


def test_what_a_brush_costs_can_be_counted():
    with torch.device("meta"):
        plain, brush = (cost(FSGAN(width=4, blocks=1, strokes=k), 32) for k in (0, 2))
    assert brush.operations > plain.operations


def test_with_a_brush_paint_is_brightened_within_bounds_and_keeps_its_hue():
    bright, x = 1.4, torch.rand(1, 3, 24, 30) * 0.6 - 0.5
    painter = FSGAN(width=4, blocks=1, strokes=1, pen=0.0, bright=bright)
    with torch.no_grad():
        base, _ = painter.sketch(x)
        for push, factor in ((0.0, 1.0), (99.0, bright), (-99.0, 1 / bright)):
            painter.light.weight.zero_()
            painter.light.bias.fill_(push)
            torch.testing.assert_close(painter(x) + 1, factor * (base + 1), rtol=1e-3, atol=1e-4)


def test_an_even_light_leaves_no_rim_beside_a_dark_edge():
    rim = torch.zeros(1, 1, 24, 40)
    rim[..., 20:23] = 9.0  # told to brighten a strip on the bright side of a border
    x = torch.full((1, 3, 24, 40), -0.8)
    x[..., 20:] = 0.0
    paler = {}
    for even in (0, 8):
        painter = FSGAN(width=4, blocks=1, strokes=1, pen=0.0, bright=1.4, even=even)
        painter.light.register_forward_hook(lambda *_: rim)
        with torch.no_grad():
            drawn = painter(x)[0, :, 4:-4]
        paler[even] = (drawn[..., 21] - drawn[..., 32]).mean()
    assert paler[0] > 0.35
    assert paler[8] < 0.35 * paler[0]
