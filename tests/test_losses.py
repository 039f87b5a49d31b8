"""Each loss term: its formula against NumPy, its zero, its gradient, and the dictionary that weighs them."""

from functools import partial

import cv2
import numpy as np
import pytest
import torch
from scipy.stats import wasserstein_distance

from animestudy import losses
from animestudy.errors import StudyError
from animestudy.losses import portrait
from animestudy.losses.adversarial import GAMES
from animestudy.losses.boundary import grey_drawings, grey_smooth_edges, smooth_edges
from animestudy.losses.colour import colour_distance, tone_distance, yuv
from animestudy.losses.colour_block import flattened, texture
from animestudy.losses.content import Features, feature_distance, features, random_network
from animestudy.losses.marks import brightness, lines, palette, sorted_distance
from animestudy.losses.style import gram, gram_distance, grey
from animestudy.losses.variation import total_variation
from animestudy.models.attention import Look
from animestudy.models.parts import PartNetwork, proportions

SIZE = (13, 18)


def pictures(*shape, seed=0):
    return torch.rand(shape or (2, 3, *SIZE), generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.fixture
def batch():
    fake = pictures(seed=1).requires_grad_()
    return whole(pictures(), pictures(seed=2), fake)


def whole(source, target, fake):
    """A batch with all that a term may look at; everything that is made depends on `fake`."""
    logits, mask = fake.mean((2, 3))[:, :2], torch.sigmoid(fake[:, :1])
    look = Look(fake, logits, mask=mask, flow=fake[:, :2], moved=fake)
    torch.manual_seed(0)
    guide = PartNetwork(4).eval().requires_grad_(False)
    return losses.Batch(source, target, fake, features("random"), look, look, fake, guide)


@pytest.mark.parametrize("name", losses.TERMS)
def test_every_term_reaches_every_generated_picture(name, batch):
    value = losses.TERMS[name](batch)
    assert value.shape == ()
    assert torch.isfinite(value)
    assert value > 0
    value.backward()
    assert torch.isfinite(batch.fake.grad).all()
    assert batch.fake.grad.abs().amax((1, 2, 3)).min() > 0


@pytest.mark.parametrize("name", ["content", "colour", "tone", "background"])
def test_terms_that_compare_with_the_photograph_are_zero_at_it(name, batch):
    batch.fake = batch.source
    assert losses.TERMS[name](batch) == 0


@pytest.mark.parametrize("name", losses.TERMS)
def test_terms_take_a_single_pixel(name):
    one = pictures(1, 3, 1, 1)
    batch = whole(one, one, one / 2)
    assert torch.isfinite(losses.TERMS[name](batch))


def test_background_counts_only_what_lies_outside_the_mask():
    x, mask = pictures(), torch.zeros(2, 1, *pictures().shape[-2:])
    mask[..., :8] = 1.0
    changed = x.clone()
    changed[..., :4] = 0.0  # the network of three layers sees 4 pixels further at most
    distance = partial(portrait.background, features("random", layers=["0"]), changed, x)
    assert distance(Look(changed, mask=mask)) == pytest.approx(0, abs=1e-6)
    assert distance(Look(changed, mask=1 - mask)) > 0.01
    content = losses.TERMS["content"](losses.Batch(x, x, changed, features("random", layers=["0"])))
    torch.testing.assert_close(distance(Look(changed, mask=0 * mask)), content)


def test_a_shift_of_the_whole_picture_does_not_bend_it():
    flow = torch.full((1, 2, 8, 8), 3.0)
    assert portrait.bend(Look(flow, flow=flow)) == 0
    flow[..., 4:] = 4.0  # one step of one pixel in each row and one channel of two: 1/7
    assert float(portrait.bend(Look(flow, flow=flow))) == pytest.approx(1 / 7)


def test_attention_in_plain_numpy():
    here, there = pictures(3, 2, 1, 1).flatten(1), pictures(3, 2, 1, 1, seed=3).flatten(1)
    value = portrait.attention(Look(here, here), Look(there, there))
    wanted = np.log1p(np.exp(-here.numpy())).mean() + np.log1p(np.exp(there.numpy())).mean()
    assert float(value) == pytest.approx(wanted, rel=1e-6)


def test_a_mask_on_the_face_costs_nothing():
    def guide(x):
        return 40 * x  # finds the face wherever the first channel is above 0

    source = pictures().sign()
    face = (source[:, :1] > 0).float()
    assert float(portrait.mask_cover(guide, source, Look(source, mask=face))) < 1e-5
    assert float(portrait.mask_cover(guide, source, Look(source, mask=1 - face))) > 5


def test_proportions_are_compared_in_the_mean():
    torch.manual_seed(0)
    guide = PartNetwork(4).eval()
    target = pictures(4, 3, 32, 32)
    assert portrait.proportion_gap(guide, Look(target, moved=target.flip(0)), target) < 1e-10
    assert portrait.proportion_gap(guide, Look(target, moved=-target), target) > 0


def test_proportions_do_not_depend_on_size_or_place():
    def face(scale, x, y):
        maps = torch.zeros(1, 3, 200, 200)
        for part, top, left, height, width in (
            (0, 0, 0, 40, 30),
            (1, 12, 4, 4, 8),
            (1, 12, 18, 4, 8),
            (2, 30, 10, 3, 10),
        ):
            rows, columns = (
                slice(o + scale * a, o + scale * (a + b)) for o, a, b in ((y, top, height), (x, left, width))
            )
            maps[:, part, rows, columns] = 1
        return maps

    one = proportions(face(2, 10, 20))
    torch.testing.assert_close(proportions(face(2, 70, 50)), one, rtol=0, atol=1e-3)
    torch.testing.assert_close(proportions(face(3, 40, 30)), one, rtol=0, atol=0.15)  # thin parts in pixels
    assert float(one[0, 0].exp()) == pytest.approx(64 / 1200, rel=0.01)  # eyes over face


def test_a_map_that_is_not_there_is_named():
    with pytest.raises(StudyError, match="'bend' needs a generator with flow"):
        portrait.bend(Look(pictures()))


def test_games_equal_their_formulas():
    d = pictures(2, 1, 3, 4) * 3
    p = 1 / (1 + np.exp(-d.numpy()))
    expected = {
        "lsgan": (((d.numpy() - 1) ** 2).mean(), (d.numpy() ** 2).mean(), ((d.numpy() - 1) ** 2).mean()),
        "hinge": (
            np.maximum(1 - d.numpy(), 0).mean(),
            np.maximum(1 + d.numpy(), 0).mean(),
            -d.numpy().mean(),
        ),
        "log": (-np.log(p).mean(), -np.log(1 - p).mean(), -np.log(p).mean()),
    }
    assert set(expected) == set(GAMES)
    for name, game in GAMES.items():
        got = [float(loss(d)) for loss in game]
        np.testing.assert_allclose(got, expected[name], rtol=1e-5)


@pytest.mark.parametrize("name", GAMES)
def test_the_generator_gains_where_the_discriminator_is_fooled(name):
    game = GAMES[name]
    high, low = torch.tensor([0.9]), torch.tensor([0.1])
    assert game.fool(high) < game.fool(low)
    assert game.fake(high) > game.fake(low)
    assert game.real(high) < game.real(low)


def test_yuv_equals_the_matrix_and_grey_has_no_chroma():
    x = pictures(1, 3, 2, 2)
    r, g, b = x[0].numpy()
    np.testing.assert_allclose(yuv(x)[0, 0], 0.299 * r + 0.587 * g + 0.114 * b, atol=1e-6)
    np.testing.assert_allclose(yuv(x)[0, 1], 0.492 * (b - yuv(x)[0, 0].numpy()), atol=2e-3)
    np.testing.assert_allclose(yuv(x)[0, 2], 0.877 * (r - yuv(x)[0, 0].numpy()), atol=2e-3)
    grey = pictures(1, 1, 4, 4).expand(-1, 3, -1, -1)
    assert yuv(grey)[:, 1:].abs().max() < 1e-4


def test_colour_distance_equals_numpy():
    a, b = pictures(), pictures(seed=3)
    d = (yuv(a) - yuv(b)).numpy()
    huber = np.where(np.abs(d) <= 1, d**2 / 2, np.abs(d) - 0.5)
    expected = np.abs(d[:, 0]).mean() + huber[:, 1].mean() + huber[:, 2].mean()
    np.testing.assert_allclose(float(colour_distance(a, b)), expected, rtol=1e-5)


def test_tone_ignores_texture_and_keeps_colour():
    flat = torch.zeros(1, 3, 36, 36)
    texture = flat.clone()
    texture[..., ::2, ::2] += 0.6
    texture[..., 1::2, 1::2] -= 0.6
    assert tone_distance(texture, flat) < 0.3 * colour_distance(texture, flat)
    torch.testing.assert_close(tone_distance(flat + 0.3, flat), torch.tensor(0.3))


def test_total_variation_equals_numpy():
    x = pictures()
    v = x.numpy()
    expected = np.abs(np.diff(v, axis=2)).mean() + np.abs(np.diff(v, axis=3)).mean()
    np.testing.assert_allclose(float(total_variation(x)), expected, rtol=1e-5)
    assert total_variation(torch.full((1, 3, 5, 5), 0.3)) == 0


def test_flattened_equals_numpy():
    x = pictures(1, 3, 9, 12)
    image, strength = x[0].numpy().astype(float), 0.06
    dy, dx = np.zeros((9, 12)), np.zeros((9, 12))
    dy[0, 0], dy[-1, 0], dx[0, 0], dx[0, -1] = -1, 1, -1, 1  # forward differences with wrap-around
    along = [np.fft.fft2(kernel) for kernel in (dy, dx)]
    s, coupling = image, 2 * strength
    while coupling < 1e3:
        steps = [np.real(np.fft.ifft2(np.fft.fft2(s) * k)) for k in along]
        kept = sum(step**2 for step in steps).sum(0) >= strength / coupling
        pull = sum(np.conj(k) * np.fft.fft2(step * kept) for k, step in zip(along, steps, strict=True))
        stiffness = sum(np.abs(k) ** 2 for k in along)
        s = np.real(np.fft.ifft2((np.fft.fft2(image) + coupling * pull) / (1 + coupling * stiffness)))
        coupling *= 2
    np.testing.assert_allclose(flattened(x, strength)[0], s, atol=2e-3)


def test_blocks_with_lines_cost_nothing_and_texture_does():
    blocks = torch.zeros(1, 3, 32, 32)
    blocks[..., 8:24, 4:20] = 0.8
    blocks[..., 8:24, 4:6] = -1.0
    assert texture(torch.full((1, 3, 8, 8), 0.3)) < 1e-6
    assert texture(blocks) < 1e-3
    rough = blocks + 0.1 * pictures(1, 3, 32, 32)
    assert texture(rough) > 0.03
    # what is taken away is the roughness, not the lines
    assert (flattened(rough) - blocks).abs().mean() < 0.5 * (rough - blocks).abs().mean()


def test_stronger_flattening_leaves_fewer_changes():
    x = pictures(1, 3, 24, 24).cumsum(-1) * 0.1

    def changes(picture):
        return (picture[..., 1:] - picture[..., :-1]).abs().amax(1).gt(0.02).float().mean()

    counts = [changes(x), *(changes(flattened(x, strength)) for strength in (0.01, 0.06, 0.3))]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 2 * counts[-1]


def test_smoothing_touches_edges_only():
    image = np.full((1, 48, 48, 3), 235, np.uint8)
    image[:, :, 20:23] = 10
    image[:, 5:9, 30:40] = 236  # too faint for an edge
    smooth = smooth_edges(image)
    assert smooth.shape == image.shape
    assert smooth.dtype == np.uint8
    np.testing.assert_array_equal(smooth[:, :, :14], image[:, :, :14])
    np.testing.assert_array_equal(smooth[:, :, 29:], image[:, :, 29:])
    sharpness = [
        np.abs(np.diff(cv2.cvtColor(i[0], cv2.COLOR_RGB2GRAY).astype(int))).max() for i in (image, smooth)
    ]
    assert sharpness[1] < 0.7 * sharpness[0]


def test_grey_negatives_have_no_colour_and_the_brightness_of_the_drawing():
    image = np.random.default_rng(0).integers(0, 256, (2, 20, 24, 3), np.uint8)
    dull = grey_drawings(image)
    assert (dull == dull[..., :1]).all()
    np.testing.assert_allclose(dull[..., 0], image @ [0.299, 0.587, 0.114], atol=1)
    np.testing.assert_array_equal(grey_smooth_edges(image), grey_drawings(smooth_edges(image)))


def test_gram_equals_numpy():
    f = pictures(2, 4, 5, 6)
    v = f.numpy().reshape(2, 4, 30)
    np.testing.assert_allclose(gram(f), np.einsum("nip,njp->nij", v, v) / 30, atol=1e-6)


def test_style_forgets_places_and_colours_and_sees_texture():
    network = features("random")
    x = pictures(2, 3, 32, 32)
    assert gram_distance(network(x), network(x)) == 0
    grain, flat = pictures(2, 3, 32, 32, seed=4), torch.zeros(2, 3, 32, 32)
    assert gram_distance(network(grain), network(x)) < 0.3 * gram_distance(network(flat), network(x))
    assert (grey(x) == grey(x)[:, :1]).all()
    torch.testing.assert_close(grey(grey(x)), grey(x))


def test_sorted_distance_is_the_wasserstein_distance_and_forgets_places():
    a, b = pictures(), pictures(seed=5) * 0.5 + 0.2
    expected = wasserstein_distance(a.flatten().numpy(), b.flatten().numpy())
    np.testing.assert_allclose(float(sorted_distance(a, b)), expected, rtol=1e-4)
    assert sorted_distance(a, a.flip(-1)) == 0
    fewer = b[:1, :, :9]
    expected = wasserstein_distance(a.flatten().numpy(), fewer.flatten().numpy())
    np.testing.assert_allclose(float(sorted_distance(a, fewer)), expected, atol=0.01)


def test_a_picture_without_lines_or_colour_lacks_them():
    drawing = torch.full((1, 3, 24, 24), 0.6)
    drawing[:, 0] = -0.2
    drawing[..., ::8] = -0.9
    smooth = torch.nn.functional.avg_pool2d(drawing, 9, 1, 4, count_include_pad=False)
    assert lines(smooth, drawing) > 10 * lines(drawing.flip(-1), drawing)
    assert palette(grey(drawing), drawing) > 10 * palette(drawing.flip(-1), drawing)
    assert palette(drawing - 0.3, drawing) > 0.1
    assert brightness(grey(drawing), drawing) < 1e-6, "colours are nothing to it"
    torch.testing.assert_close(brightness(grey(drawing) - 0.3, drawing), torch.tensor(0.3))


def test_features_are_those_of_the_network_and_frozen():
    network = random_network()
    x = pictures().requires_grad_()
    first, second = Features(random_network(), ["0", "4"])(x)
    # (x + 1)/2 normalised by mean and deviation 0.5 is x again
    torch.testing.assert_close(first, network[0](x))
    torch.testing.assert_close(second, network[4](network[3](network[2](network[1](network[0](x))))))
    assert not any(p.requires_grad for p in features("random").parameters())
    second.sum().backward()
    assert x.grad.abs().sum() > 0


def test_features_stop_behind_the_last_layer_and_stay_in_evaluation_mode():
    class Refuse(torch.nn.Module):
        def forward(self, x):
            raise AssertionError("ran too far")

    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), Refuse())
    chosen = Features(network, ["1"]).train()
    mean = network[1].running_mean.clone()
    chosen(pictures())
    assert torch.equal(mean, network[1].running_mean)


def test_features_undo_the_networks_normalisation():
    chosen = Features(torch.nn.Sequential(torch.nn.Identity()), ["0"], (0.4, 0.5, 0.6), (0.2, 0.25, 0.5))
    x = pictures()
    expected = ((x + 1) / 2 - torch.tensor([0.4, 0.5, 0.6]).view(3, 1, 1)) / torch.tensor(
        [0.2, 0.25, 0.5]
    ).view(3, 1, 1)
    torch.testing.assert_close(chosen(x)[0], expected)


def test_feature_distance_does_not_depend_on_the_networks_scale():
    a, b = [pictures()], [pictures(seed=5)]
    torch.testing.assert_close(feature_distance(a, b), feature_distance([a[0] * 7], [b[0] * 7]))


def test_content_networks_that_are_not_there(tmp_path):
    with pytest.raises(StudyError, match=r"content\.network: 'vgg'"):
        features("vgg")
    with pytest.raises(StudyError, match=r"content\.weights: no file 'nothing\.pt'"):
        features("squeezenet", "nothing.pt")
    (tmp_path / "broken.pt").write_bytes(b"no archive")
    with pytest.raises(StudyError, match="not a file of weights"):
        features("squeezenet", str(tmp_path / "broken.pt"))
    torch.save({"a": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(StudyError, match="does not fit SqueezeNet"):
        features("squeezenet", str(tmp_path / "other.pt"))
    with pytest.raises(StudyError, match="no layer 'conv9'"):
        features("random", layers=["conv9"])


def test_squeezenet_from_a_half_precision_file(tmp_path):
    from torchvision.models import squeezenet1_0

    state = {name: value.half() for name, value in squeezenet1_0().state_dict().items()}
    torch.save(state, tmp_path / "squeeze.pt")
    x = pictures(1, 3, 9, 33).requires_grad_()  # smaller than the network can take: enlarged
    maps = features("squeezenet", str(tmp_path / "squeeze.pt"))(x)
    assert [m.shape[1] for m in maps] == [128, 256]
    sum(m.mean() for m in maps).backward()
    assert x.grad.abs().sum() > 0


def test_a_classifier_of_the_study(tmp_path):
    from animestudy.models.weights import Classifier, save

    x = pictures(1, 3, 40, 40)
    for name, options in (("separable", {}), ("resnet50", {"channels": [4, 8, 16, 32], "stem": "slim"})):
        classifier = Classifier("style", ("a", "b"), 64, name, options)
        save(tmp_path / f"{name}.pt", classifier, classifier.build().state_dict())
        maps = features("study", str(tmp_path / f"{name}.pt"))(x)
        assert len(maps) == 2
        assert maps[0].shape[-1] == 2 * maps[1].shape[-1]
    with pytest.raises(StudyError, match=r"gone\.pt"):
        features("study", str(tmp_path / "gone.pt"))


def test_total_is_the_weighted_sum():
    terms = {"a": torch.tensor(2.0), "b": torch.tensor(3.0)}
    assert losses.total(terms, {"a": 0.5, "b": 2.0}) == 7.0


@pytest.mark.parametrize(
    ("terms", "weights", "word"),
    [({"a": 1}, {"a": 1, "colr": 2}, "colr"), ({"a": 1, "b": 1}, {"a": 1}, "b")],
)
def test_a_name_without_its_partner_is_an_error(terms, weights, word):
    with pytest.raises(StudyError, match=f"'{word}'"):
        losses.total({name: torch.tensor(1.0) for name in terms}, weights)
