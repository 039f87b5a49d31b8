"""Generators: any size in, the same size out, light, with a gradient in every weight."""

import numpy as np
import pytest
import torch

from animestudy.errors import StudyError
from animestudy.models.cost import cost
from animestudy.models.generators import GENERATORS, convert, load, save

SIZES = [(1, 1), (1, 7), (2, 3), (5, 4), (17, 31), (32, 32), (63, 65)]
SMALL = {  # options of a narrow network of each kind
    **{name: {"width": 4, "blocks": 1} for name in ("afgan", "fsgan", "ugatit", "cartoongan")},
    "animegan": {"width": 4},
}
PUBLISHED = {"cartoongan": 11_120_195, "animegan": 2_143_552}  # parameters, counted in the authors' networks


def small(name):
    torch.manual_seed(0)
    return GENERATORS[name](**SMALL[name])


def test_every_network_is_tested():
    assert set(SMALL) == set(GENERATORS)


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("size", SIZES)
def test_any_size_keeps_its_size_and_range(name, size):
    x = torch.rand(2, 3, *size, generator=torch.Generator().manual_seed(1)) * 2 - 1
    y = small(name)(x)
    assert y.shape == x.shape
    assert torch.isfinite(y).all()
    assert y.abs().max() <= 1


@pytest.mark.parametrize("name", GENERATORS)
def test_every_weight_has_a_finite_gradient(name):
    network = small(name)
    x = torch.rand(1, 3, 17, 19, generator=torch.Generator().manual_seed(1)) * 2 - 1
    network(x).square().mean().backward()
    for key, weight in network.named_parameters():
        if not weight.requires_grad:  # a guide that is brought, not learnt
            continue
        assert weight.grad is not None, key
        assert torch.isfinite(weight.grad).all(), key
        assert weight.grad.abs().max() > 0, key


@pytest.mark.parametrize("name", PUBLISHED)
def test_peers_have_the_published_size_at_their_full_width(name):
    with torch.device("meta"):
        assert sum(p.numel() for p in GENERATORS[name]().parameters()) == PUBLISHED[name]


def test_fsgan_is_light_at_its_full_width():
    with torch.device("meta"):
        parameters, operations = cost(GENERATORS["fsgan"](), 256)
    assert parameters <= 1_000_000
    assert operations <= 8_000_000_000


@pytest.mark.parametrize("name", GENERATORS)
def test_a_picture_does_not_depend_on_its_neighbours_in_the_batch(name):
    network = small(name)
    x = torch.rand(3, 3, 12, 12, generator=torch.Generator().manual_seed(1))
    # a displacement of pixels makes rounding larger where neighbours differ as much as here
    torch.testing.assert_close(network(x)[1:2], network(x[1:2]), rtol=0, atol=5e-4)


@pytest.mark.parametrize("name", GENERATORS)
def test_the_whole_picture_is_within_reach_of_the_input(name):
    """Borders included: each pixel of the drawing hangs on the photograph's pixel in the same place."""
    network = small(name)
    x = torch.rand(1, 3, 9, 9, generator=torch.Generator().manual_seed(1), requires_grad=True)
    for place in [(0, 0), (8, 8), (4, 4), (0, 8)]:
        (grad,) = torch.autograd.grad(network(x)[0, :, place[0], place[1]].sum(), x)
        assert grad[0, :, place[0], place[1]].abs().sum() > 0


def test_convert_takes_and_gives_bytes():
    image = np.random.default_rng(0).integers(0, 256, (21, 34, 3), np.uint8)
    network = small("fsgan").train()
    drawn = convert(network, image)
    assert drawn.shape == image.shape
    assert drawn.dtype == np.uint8
    assert network.training
    with torch.no_grad():
        y = network(torch.tensor(image).permute(2, 0, 1)[None] / 127.5 - 1)[0].permute(1, 2, 0)
    np.testing.assert_allclose(drawn, (y.numpy() + 1) * 127.5, atol=0.51)


def test_convert_of_the_identity_is_the_picture():
    class Identity(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.unused = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x):
            return x

    image = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    image.setflags(write=False)  # as the memory-mapped pictures of a collection are
    np.testing.assert_array_equal(convert(Identity(), image), image)


@pytest.mark.parametrize("name", GENERATORS)
def test_a_saved_generator_comes_back_whole(name, tmp_path):
    network, path = small(name), tmp_path / "a" / "g.pt"
    save(path, name, SMALL[name], network, style=["cel"], crop=64)
    again, facts = load(path)
    assert facts == {"style": ["cel"], "crop": 64}
    assert not again.training
    x = torch.rand(1, 3, 9, 11, generator=torch.Generator().manual_seed(1))
    assert torch.equal(again(x), network.eval()(x))
    first = path.read_bytes()
    save(path, name, SMALL[name], network, style=["cel"], crop=64)
    assert path.read_bytes() == first


def test_files_that_hold_no_generator(tmp_path):
    with pytest.raises(StudyError, match=r"gone\.pt: no such file"):
        load(tmp_path / "gone.pt")
    (tmp_path / "text.pt").write_text("hello")
    with pytest.raises(StudyError, match=r"text\.pt: not a file of weights"):
        load(tmp_path / "text.pt")
    torch.save({"state": {}}, tmp_path / "other.pt")
    with pytest.raises(StudyError, match=r"other\.pt: not a generator"):
        load(tmp_path / "other.pt")
