"""In tiles as on the whole: every network, every operation, odd sizes; and what has to stay bounded."""

import cv2
import networks
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from animestudy.convert import engines, graph, tiles
from animestudy.data.tensors import to_images, to_tensor
from animestudy.errors import StudyError
from animestudy.models import generators
from animestudy.models.afgan import warped
from animestudy.models.generators import GENERATORS

TOLERANCE = 1e-4  # of [−1, 1]
SMALL = {"cartoongan": {"width": 8}, "ugatit": {"width": 8}}  # the tests take seconds


def picture(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def in_tiles(network, shown, tile, dtype=torch.float32):
    """What `tiles` makes of it, as 1×C×H×W floats; every place is made once."""
    canvas = graph.Canvas(shown, tile, torch.device("cpu"), dtype)
    parts = {}
    with torch.no_grad():
        tiles.run(network, canvas, lambda part, box: parts.setdefault(box, part))
    height, width = (max(box[axis][1] for box in parts) for axis in (0, 1))
    whole = torch.full((1, next(iter(parts.values())).shape[1], height, width), torch.nan, dtype=dtype)
    for box, part in parts.items():
        place = (..., slice(*box.rows), slice(*box.columns))
        assert whole[place].isnan().all()
        whole[place] = part
    return whole


def difference(network, shown, tile, dtype=torch.float32):
    network = network.eval().to(dtype)
    with torch.no_grad():
        whole = network(to_tensor(shown[None]).to(dtype))
    made = in_tiles(network, shown, tile, dtype)
    assert made.shape == whole.shape
    return float((made - whole).abs().max())


def randomised(name):
    """A network with weights that make all its parts matter."""
    torch.manual_seed(1)
    network = GENERATORS[name](**SMALL.get(name, {}))
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight)
        if isinstance(module, nn.GroupNorm) and module.affine:
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return network


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize(("height", "width", "tile"), [(97, 131, 50), (64, 150, 64), (70, 71, 33)])
def test_every_generator_at_odd_sizes(name, height, width, tile):
    """In double precision, in which the networks' own rounding does not hide a mistake."""
    assert difference(randomised(name), picture(height, width), tile, torch.float64) < 1e-9


@pytest.mark.parametrize("name", GENERATORS)
def test_the_precision_that_people_use(name):
    assert difference(randomised(name), picture(83, 62), 40) < TOLERANCE


@pytest.mark.parametrize("even", [0, 5])
def test_brush_outlines_light_and_grading(even):
    torch.manual_seed(0)
    network = GENERATORS["fsgan"](
        width=4,
        blocks=1,
        smoothing=2,
        shades=5,
        strokes=2,
        lift=1.2,
        vivid=1.4,
        cool=0.1,
        bright=1.5,
        even=even,
    )
    assert difference(network, picture(83, 62), 40, torch.float64) < 1e-9


def test_faces_looked_at_at_one_size_with_set_eyes_and_clear_skin():
    set_by_hand = {"glance": 40, "eyes": 0.5, "mouth": 0.3, "finder": 12}
    network, plain = (networks.afgan(**set_by_hand, clear=clear) for clear in (1.0, 0.0))
    shown = picture(83, 120)
    x = to_tensor(shown[None])
    with torch.no_grad():
        look, other = network(x, look=True), plain(x, look=True)
    assert look.flow.abs().max() > 0.1
    assert (look.moved - other.moved).abs().max() > 0.01
    assert difference(network, shown, 50, torch.float64) < 1e-9


def test_displacements_reach_as_far_as_they_say():
    class Moved(nn.Module):
        def __init__(self):
            super().__init__()
            self.flow = nn.Conv2d(3, 2, 3, padding=1)

        def forward(self, x):
            return warped(x, 9 * self.flow(x).tanh())

    torch.manual_seed(0)
    smooth = cv2.GaussianBlur(picture(83, 62), (0, 0), 2)
    assert difference(Moved(), smooth, 40, torch.float64) < 1e-9


def test_a_network_that_cannot_be_tiled_is_run_whole_unless_tiles_are_asked_for(
    tmp_path, monkeypatch, capsys
):
    class Rolled(nn.Conv2d):
        def forward(self, x):
            return super().forward(x.roll(1, 2))

    monkeypatch.setitem(GENERATORS, "rolled", lambda: Rolled(3, 3, 3, padding=1))
    generators.save(tmp_path / "a.pt", "rolled", {}, GENERATORS["rolled"]())
    monkeypatch.setattr(engines, "WHOLE", 1000)
    monkeypatch.setattr(engines, "TILE", 32)
    shown = picture(40, 48)[None]
    auto = engines.work(tmp_path / "a.pt", engines.Machine())(shown)
    assert "cannot be run in tiles" in capsys.readouterr().err
    np.testing.assert_array_equal(auto, engines.work(tmp_path / "a.pt", engines.Machine(tile="off"))(shown))
    with pytest.raises(StudyError, match="--tile off"):
        engines.work(tmp_path / "a.pt", engines.Machine(tile="32"))(shown)


def test_the_drawing_is_that_of_the_whole():
    network, shown = randomised("fsgan"), picture(90, 61)
    with torch.no_grad():
        whole = to_images(network.eval()(to_tensor(shown[None])))[0]
    made = tiles.convert(network, shown, 40)
    assert np.abs(made.astype(int) - whole).max() <= 1 and (made == whole).mean() > 0.999
    assert made.dtype == np.uint8 and made.shape == shown.shape


class Made(nn.Module):
    """A network from a function of the picture and of a convolution."""

    def __init__(self, body, **options):
        super().__init__()
        torch.manual_seed(0)
        options = {"in_channels": 3, "out_channels": 4, "kernel_size": 3} | options
        kind = nn.ConvTranspose2d if options.pop("transposed", False) else nn.Conv2d
        self.layer, self.body = kind(**options), body

    def forward(self, x):
        return self.body(self.layer, x)


OPERATIONS = {
    "zero padding": Made(lambda f, x: f(x), padding=1),
    "no padding": Made(lambda f, x: f(x), kernel_size=5),
    "stride": Made(lambda f, x: f(x), stride=2, padding=1),
    "stride and dilation": Made(lambda f, x: f(x), stride=3, padding=4, dilation=2, kernel_size=5),
    "groups": Made(lambda f, x: f(x), out_channels=6, groups=3, padding=1),
    "reflection": Made(lambda f, x: f(x), kernel_size=7, padding=3, padding_mode="reflect"),
    "replication": Made(lambda f, x: f(x), kernel_size=7, padding=3, padding_mode="replicate"),
    "transposed": Made(lambda f, x: f(x), transposed=True, stride=2, padding=1),
    "transposed, output padding": Made(
        lambda f, x: f(x), transposed=True, stride=2, padding=1, output_padding=1
    ),
    "transposed, wide": Made(lambda f, x: f(x), transposed=True, kernel_size=4, stride=2, padding=1),
    "bilinear": Made(
        lambda f, x: F.interpolate(f(x), size=x.shape[-2:], mode="bilinear"), stride=2, padding=1
    ),
    "bilinear by a factor": Made(lambda f, x: F.interpolate(f(x), scale_factor=2, mode="bilinear")),
    "bilinear, smaller": Made(lambda f, x: F.interpolate(f(x), size=(17, 23), mode="bilinear")),
    "nearest": Made(lambda f, x: F.interpolate(f(x), size=x.shape[-2:]), stride=4),
    "nearest by a factor": Made(lambda f, x: F.interpolate(f(x), scale_factor=3)),
    "constant padding and cutting": Made(
        lambda f, x: F.pad(F.pad(f(x), (2, 0, 0, 3), value=2.0), (-1, 5, -4, 0))
    ),
    "differences": Made(
        lambda f, x: F.pad(f(x).diff(dim=-1), (0, 1)) + F.pad(f(x).diff(dim=2), (0, 0, 1, 0))
    ),
    "rows and columns": Made(lambda f, x: f(x)[:, 1:3, 4:-3, -20:]),
    "channels": Made(lambda f, x: torch.cat([f(x)[:, :2], x[:, 1:, 1:-1, 1:-1]], 1).sum(1, keepdim=True)),
    "group norm": Made(lambda f, x: F.group_norm(f(x), 2, torch.arange(1.0, 5), torch.arange(4.0))),
    "instance norm": Made(lambda f, x: F.instance_norm(f(x)), padding=1),
    "batch norm": Made(lambda f, x: F.batch_norm(f(x), torch.arange(4.0), torch.arange(1.0, 5))),
    "mean over places": Made(lambda f, x: f(x) - f(x).mean((2, 3), keepdim=True)),
    "maximum": Made(lambda f, x: f(x) / f(x).amax((2, 3))[..., None, None]),
    "moments": Made(
        lambda f, x: (lambda y, v: (y - v[1]) / v[0])(
            f(x), torch.var_mean(f(x), (1, 2, 3), correction=0, keepdim=True)
        )
    ),
    "in place": Made(lambda f, x: F.relu(f(x), inplace=True).mul_(2).add_(1)),
    "shuffling": Made(lambda f, x: F.pixel_shuffle(f(x), 2)),
    "zeros": Made(lambda f, x: torch.zeros_like(f(x)) + torch.ones_like(x[:, :1, 1:-1, 1:-1])),
    "clamp, sigmoid, mixing": Made(
        lambda f, x: torch.lerp(f(x).clamp(-0.2, 0.5), f(x).sigmoid(), f(x).tanh())
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("tile", [13, 32])
def test_every_operation(name, tile):
    assert difference(OPERATIONS[name], picture(43, 58), tile) < 1e-5


def test_tiles_smaller_than_a_map():
    """Maps of a quarter of the size have fewer rows than there are tiles."""
    network = Made(
        lambda f, x: F.interpolate(f(x).tanh() - f(x).mean((2, 3), keepdim=True), size=x.shape[-2:]), stride=8
    )
    assert difference(network, picture(41, 33), 4) < 1e-5


def test_maps_that_are_needed_again_are_computed_once():
    calls = []

    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Conv2d(3, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1)

        def forward(self, x):
            y = self.first(x).tanh()
            for _ in range(4):
                y = y + F.instance_norm(self.second(y))
            return y

    network, shown = Counting(), picture(60, 60)
    original = F.conv2d

    def counted(part, weight, *rest):
        calls.append(weight is network.first.weight)
        return original(part, weight, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(F, "conv2d", counted)
        in_tiles(network, shown, 30)
    # each layer's forward also goes through conv2d once, to make the note
    assert sum(calls) - 1 <= 2 * 4 and len(calls) - 5 <= 4 * (1 + 4) + 2 * 4


def test_operations_without_a_rule_are_named():
    network = Made(lambda f, x: f(x).roll(1, 2))
    with pytest.raises(StudyError, match=r"cannot be run in tiles .*roll.*--tile off"):
        in_tiles(network, picture(40, 40), 20)
    with pytest.raises(StudyError, match="cannot be run in tiles"):
        in_tiles(Made(lambda f, x: f(x) + torch.rand(38, 38)), picture(40, 40), 20)


def test_no_room_on_the_disk_is_one_line(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(graph.os, "posix_fallocate", full)
    with pytest.raises(StudyError, match=r"no room for .*TMPDIR"):
        in_tiles(randomised("fsgan"), picture(64, 64), 32)


def test_statistics_of_parts_are_those_of_the_whole():
    x = torch.randn(1, 3, 20, 30, dtype=torch.float32) * 3 + 100
    gathered = graph.Gathered(3)
    for rows in ((0, 7), (7, 8), (8, 20)):
        gathered.add(x[:, :, slice(*rows)], graph.Box(rows, (0, 30)))
    whole = gathered.statistics()
    np.testing.assert_allclose(whole.mean, x.double().mean((0, 2, 3)), rtol=1e-7)
    np.testing.assert_allclose(
        whole.squares / whole.count, x.double().var((0, 2, 3), correction=0), rtol=1e-5
    )
    np.testing.assert_array_equal(whole.maximum, x.double().amax((0, 2, 3)))
