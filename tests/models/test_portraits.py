"""Portrait networks: published sizes, displacement, mask, attention, and what their classifiers see."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from animestudy.errors import StudyError
from animestudy.models.afgan import (
    AFGAN,
    SCALES,
    cleared,
    displacement,
    reduced,
    slopes,
    trusted,
    warped,
    window,
)
from animestudy.models.attention import Attention, draw
from animestudy.models.fsgan import FSGAN
from animestudy.models.normalisation import LIN, AdaLIN, project
from animestudy.models.ugatit import UGATIT, AttentiveDiscriminator


def random(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def size(network):
    return sum(p.numel() for p in network.parameters())


def test_published_numbers_of_weights():
    with torch.device("meta"):
        assert size(UGATIT()) == 10_589_888
        assert size(AttentiveDiscriminator(layers=7)) == 53_130_176
        assert size(AttentiveDiscriminator(layers=5)) == 3_290_560


def test_afgan_is_light():
    with torch.device("meta"):
        assert size(AFGAN()) <= 3_000_000


@pytest.mark.parametrize("build", [AFGAN, UGATIT])
@pytest.mark.parametrize("shape", [(32, 32), (33, 47), (64, 35)])
def test_looking_gives_the_same_picture_with_maps_of_its_size(build, shape):
    network = build(width=4, blocks=1).eval()
    x = random(2, 3, *shape)
    seen = draw(network, x)
    assert torch.equal(seen.picture, network(x))
    assert seen.logits.shape == (2, 2)
    shrunk = 8 if build is AFGAN else 4
    assert seen.attention.shape == (2, 1, -(-shape[0] // shrunk), -(-shape[1] // shrunk))
    if build is AFGAN:
        assert seen.mask.shape == (2, 1, *shape)
        assert seen.flow.shape == (2, 2, *shape)
        assert (seen.mask >= 0).all()
        assert (seen.mask <= 1).all()


def test_a_generator_without_maps_only_draws():
    network = FSGAN(width=4, blocks=1).eval()
    seen = draw(network, x := random(1, 3, 16, 16))
    assert torch.equal(seen.picture, network(x))
    assert not any(part is not None for part in seen[1:])


def test_displacement_takes_each_place_from_where_it_points():
    x = random(1, 2, 6, 7)
    flow = torch.zeros(1, 2, 6, 7)
    assert torch.equal(warped(x, flow), x)
    flow[:, 0] = 2.0  # from two pixels to the right
    torch.testing.assert_close(warped(x, flow)[..., :-2], x[..., 2:])
    torch.testing.assert_close(warped(x, flow)[..., -2:], x[..., -1:].expand(1, 2, 6, 2))
    flow.zero_()[:, 1] = -0.5  # from half a pixel above
    torch.testing.assert_close(warped(x, flow)[:, :, 1:], (x[:, :, 1:] + x[:, :, :-1]) / 2)


def test_displacement_agrees_with_grid_sample():
    x, flow = random(2, 3, 9, 13), 4 * random(2, 2, 9, 13, seed=1)
    rows, columns = torch.meshgrid(torch.arange(9.0), torch.arange(13.0), indexing="ij")
    grid = torch.stack([(columns + flow[:, 0]) / 6 - 1, (rows + flow[:, 1]) / 4 - 1], -1)
    wanted = torch.nn.functional.grid_sample(x, grid, padding_mode="border", align_corners=True)
    torch.testing.assert_close(warped(x, flow), wanted, rtol=0, atol=1e-5)


def test_the_displacement_has_a_true_gradient():
    x, flow = random(1, 1, 5, 5).double().requires_grad_(), 0.3 + 0.2 * random(1, 2, 5, 5, seed=2).double()
    assert torch.autograd.gradcheck(warped, (x, flow.requires_grad_()))


def test_nothing_is_displaced_and_nothing_deep_is_drawn_outside_the_mask():
    """With the mask shut, attention and AdaLIN have no say: the style-only path is all there is."""
    network = AFGAN(width=4, blocks=1, smoothing=0).eval()
    with torch.no_grad():
        network.face.common.fill_(1.0)
        network.offset = 1e4
        x = random(1, 3, 32, 32)
        seen = draw(network, x)
        assert seen.mask.abs().max() == 0
        assert seen.flow.abs().max() == 0
        for weight in network.face.body.parameters():
            weight.add_(1.0)
        assert torch.equal(network(x), seen.picture)
        assert torch.equal(network.draw(x), seen.picture)
        network.offset = 0.0
        assert not torch.equal(network(x), seen.picture)


def test_the_mask_cannot_shut_or_open_as_a_whole():
    """Whatever its weights are, it chooses a place and not how much."""
    network = AFGAN(width=4, blocks=1)
    with torch.no_grad():
        for bias in (-50.0, 50.0):
            network.face.mask.bias.fill_(bias)
            mask = draw(network, random(1, 3, 48, 48)).mask
            assert 0.1 < mask.mean() < 0.5
            assert mask.max() > 0.9
            assert mask.min() < 0.1


def test_displacements_keep_within_reach_and_point_to_the_parts():
    """A face of one eye: magnified, every place beside it is taken from nearer to its middle."""
    maps = torch.zeros(1, 3, 40, 40)
    maps[:, 1, 18:22, 16:24] = 1.0
    field = slopes(maps)
    assert len(field) == len(SCALES)
    across, down = (axis[0, 1] for axis in field[0])
    assert (across[20, 12:17] > 0).all()
    assert (across[20, 23:28] < 0).all()
    assert (down[13:18, 20] > 0).all()
    assert not any(axis[:, 0].any() for pair in field for axis in pair)
    multiples = random(1, len(SCALES), 2, 3)
    whole = sum(
        multiples[0, k, :, j, None, None] * torch.stack([axis[0, j] for axis in pair])
        for k, pair in enumerate(field)
        for j in range(3)
    )
    torch.testing.assert_close(displacement(multiples, maps)[0], whole)
    network = AFGAN(width=4, blocks=1, reach=1.0, offset=-1e4)
    with torch.no_grad():
        network.face.common.fill_(9.0)
        network.guide.head.weight.mul_(1e3)
    flow = draw(network, random(1, 3, 40, 40)).flow
    assert 0.5 < flow.abs().max() <= 1.0


def test_a_face_is_looked_at_at_one_size():
    """With `glance` a picture three times as large is displaced three times as far."""
    small = random(1, 3, 40, 48)
    large = small.repeat_interleave(3, 2).repeat_interleave(3, 3)
    torch.testing.assert_close(reduced(large, 3), small)
    assert reduced(large[..., :-1, :-2], 3).shape == small.shape
    network = AFGAN(width=4, blocks=1, glance=48)
    with torch.no_grad():
        network.face.common.fill_(0.02)
        network.guide.head.weight.mul_(1e2)
    one, other = draw(network, small), draw(network, large)
    assert other.picture.shape == large.shape
    assert one.flow.abs().max() > 0.1
    torch.testing.assert_close(reduced(other.flow, 3), 3 * one.flow, atol=0.3, rtol=0.1)
    assert network(random(1, 3, 131, 67)).shape == (1, 3, 131, 67)


def drawn_face(side=100, eye=(0.08, 0.04), top=0.0, mouth=True):
    """Maps of a face of 60 pixels: ellipses where the guide's teacher has them; `top` moves the eyes down."""
    down, across = np.mgrid[:side, :side] + 0.5

    def ellipse(x, y, a, b):
        centre = 20 + 60 * np.array([x, y])
        return ((across - centre[0]) / (60 * a)) ** 2 + ((down - centre[1]) / (60 * b)) ** 2 <= 1

    eyes = ellipse(0.3, 0.36 + top, *eye) | ellipse(0.7, 0.36 + top, *eye)
    low = ellipse(0.5, 0.8, 0.16, 0.05) & mouth
    maps = np.stack([ellipse(0.5, 0.52, 0.42, 0.56), eyes, low])
    return torch.tensor(maps, dtype=torch.float32)[None]


def test_skin_becomes_even_and_nothing_else_changes():
    maps = drawn_face()
    face, parts = maps[0, 0] > 0.5, maps[0, 1:].amax(0) > 0.5
    skin = F.max_pool2d((~face | parts)[None].float(), 13, 1, 6)[0] == 0  # well inside
    far = F.max_pool2d(face[None].float(), 7, 1, 3)[0] == 0
    grain = 0.1 * random(3, *face.shape).sign()
    shown = grain + torch.where(parts, -0.8, 0.4)
    made = shown + cleared(shown[None], maps)[0]
    assert (made[:, skin].std(1) < shown[:, skin].std(1) / 2).all()
    assert torch.equal(made[:, far], shown[:, far])
    assert (made - shown)[:, parts].abs().max() < 0.05
    # eyes that are overlooked would be lost
    blind = maps * torch.tensor([1.0, 0.0, 1.0]).view(1, 3, 1, 1)
    for nothing in (0 * maps, blind):
        assert torch.equal(cleared(shown[None], nothing), torch.zeros_like(shown)[None])


def test_how_far_skin_is_cleared_is_an_option():
    class Sees(torch.nn.Module):
        def forward(self, x):
            return torch.logit(drawn_face(), eps=1e-6)

    shown = random(1, 3, 100, 100)
    still = {"width": 4, "blocks": 1, "offset": 1e4}  # nothing is displaced
    added = []
    for share in (0.0, 0.5, 1.0):
        network = AFGAN(**still, clear=share).eval()
        network.guide = Sees()
        added.append(draw(network, shown).moved - shown)
    assert not added[0].any() and added[2].abs().max() > 0.1
    torch.testing.assert_close(2 * added[1], added[2])


def kept(maps):
    """The share of the eyes that is left."""
    return float(trusted(maps)[:, 1].sum() / maps[:, 1].sum())


def test_a_window_sums_what_lies_in_it():
    maps = random(2, 3, 20, 17).double()
    got = window(maps, (2, 5), (-3, 1))
    assert got.shape == maps.shape
    torch.testing.assert_close(got[..., 6, 9], maps[..., 8:12, 6:11].sum((2, 3)))
    torch.testing.assert_close(got[..., 17, 0], maps[..., 19:, :2].sum((2, 3)))
    assert not got[..., 18:, :].any()


def test_eyes_that_can_be_eyes_are_trusted_at_many_sizes_and_anywhere():
    maps = drawn_face()
    assert kept(maps) > 0.95
    for side in (45, 75, 160):
        scaled = torch.nn.functional.interpolate(maps, size=(side, side), mode="area")
        assert kept(scaled) > 0.8
    beside = torch.cat([maps, drawn_face(eye=(0.2, 0.2))], 3)  # another's bad eyes do not count
    assert kept(beside[..., :100]) > 0.95
    torch.testing.assert_close(trusted(beside)[:, 1, :, :50], trusted(maps)[:, 1, :, :50], atol=0.01, rtol=0)
    both = trusted(torch.cat([maps, drawn_face(mouth=False)]))
    torch.testing.assert_close(both[:1], trusted(maps))  # nor what else is in a batch


@pytest.mark.parametrize(
    "wrong",
    [
        {"eye": (0.16, 0.16)},  # shadows
        {"mouth": False},  # a collar, a covered face
        {"top": 0.44},  # the mouth itself
        {"top": -0.5},  # hair
    ],
)
def test_what_cannot_be_eyes_is_not_enlarged(wrong):
    assert kept(drawn_face(**wrong)) < 0.15


def test_trust_has_a_gradient_and_asks_only_where_multiples_are_set():
    maps = drawn_face(side=70).double().clamp(0.1, 0.9)[..., ::7, ::7].requires_grad_()
    assert torch.autograd.gradcheck(trusted, maps)
    assert AFGAN(width=4, blocks=1, eyes=0.2).wary and not AFGAN(width=4, blocks=1).wary


def test_the_guide_stays_as_it_is():
    network = AFGAN(width=4, blocks=1).train()
    assert not any(p.requires_grad for p in network.guide.parameters())
    state = {key: value.clone() for key, value in network.guide.state_dict().items()}
    network(random(2, 3, 32, 32)).mean().backward()
    assert all(torch.equal(value, state[key]) for key, value in network.guide.state_dict().items())


def test_no_layer_is_tied_to_a_number_of_pixels():
    """Far from its borders a plain picture is drawn alike at every size."""
    network = AFGAN(width=4, blocks=1, smoothing=0).eval()
    one, other = (network(torch.full((1, 3, side, side), 0.3)) for side in (96, 160))
    torch.testing.assert_close(one[..., 48, 48], other[..., 80, 80], rtol=0, atol=2e-3)


def test_normalisations_in_plain_numpy():
    x = random(2, 3, 4, 5).numpy()
    layer, instance = (
        (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + 1e-5)
        for axes in ((1, 2, 3), (2, 3))
    )
    norm = AdaLIN(3)
    gamma, beta = random(2, 3, seed=1), random(2, 3, seed=2)
    wanted = gamma.numpy()[..., None, None] * (0.9 * instance + 0.1 * layer) + beta.numpy()[..., None, None]
    got = norm(torch.tensor(x), gamma, beta).detach().numpy()
    np.testing.assert_allclose(got, wanted, atol=1e-5)
    np.testing.assert_allclose(LIN(3)(torch.tensor(x)).detach().numpy(), layer, atol=1e-5)


def test_rho_is_put_back_into_its_bounds():
    network = torch.nn.Sequential(torch.nn.Identity(), LIN(3))
    with torch.no_grad():
        network[1].mixed.rho.copy_(torch.tensor([-0.5, 0.4, 1.7]).view(1, 3, 1, 1))
    project(network)
    torch.testing.assert_close(network[1].mixed.rho.flatten(), torch.tensor([0.0, 0.4, 1.0]))


def test_attention_weights_channels_by_their_classifiers():
    part = Attention(2)
    x = random(1, 2, 3, 3)
    with torch.no_grad():
        part.mix.weight.zero_()
        part.mix.weight[0, 0] = 1.0  # let the first channel, weighted by the classifier of means, through
        part.mix.bias.zero_()
        y, logits = part(x)
    scale = part.mean.weight[0, 0]
    torch.testing.assert_close(y[0, 0], torch.relu(scale * x[0, 0]))
    torch.testing.assert_close(logits[:, 0], x.mean((2, 3)) @ part.mean.weight[0])
    torch.testing.assert_close(logits[:, 1], x.amax((2, 3)) @ part.most.weight[0])


def test_a_discriminator_says_what_size_it_needs():
    judge = AttentiveDiscriminator(width=4, layers=5)
    assert [part.shape for part in judge(random(2, 3, 24, 24))] == [(2, 1, 1, 1), (2, 2)]
    with pytest.raises(StudyError, match="layers needs pictures of 24 pixels a side, not 23"):
        judge(random(1, 3, 23, 40))
    with pytest.raises(StudyError, match="at least 4"):
        AttentiveDiscriminator(layers=3)
