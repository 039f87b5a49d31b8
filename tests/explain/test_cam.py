"""Maps of models whose answer is known, the guards around the library, the references."""

import numpy as np
import pytest
import torch
from timm.models.resnet import Bottleneck, ResNet
from torch import nn

from animestudy.errors import StudyError
from animestudy.explain import cam
from animestudy.explain.localisation import score

METHODS = [name for name in cam.METHODS if name != "RandomCAM"]


class Colours(nn.Module):
    """Class k is how much of colour k there is; by construction its evidence lies on pixels of colour k."""

    def __init__(self, change=False):
        super().__init__()
        self.features = nn.Conv2d(3, 3, 1, bias=False)
        self.features.weight.data = torch.eye(3)[:, :, None, None].clone()
        self.after = nn.ReLU(inplace=change)
        self.head = nn.Linear(3, 3, bias=False)
        self.head.weight.data = torch.eye(3)

    def forward(self, x):
        return self.head(self.after(self.features(x)).mean((2, 3)))


def flags(n=4, height=33, width=41):
    """Pictures with a red and a blue box in known places: n×3×H×W, and the two masks."""
    pictures = torch.zeros(n, 3, height, width)
    red, blue = np.zeros((2, n, height, width), bool)
    for i in range(n):
        red[i, 3 + i : 12 + i, 4:15] = True
        blue[i, 20:30, 20 + i : 30 + i] = True
    pictures[:, 0] = torch.from_numpy(red).float()
    pictures[:, 2] = torch.from_numpy(blue).float()
    return pictures, red, blue


@pytest.mark.parametrize("method", METHODS)
def test_known_evidence_is_found_for_each_class(method):
    pictures, red, blue = flags()
    model = Colours()
    for k, (here, there) in {0: (red, blue), 2: (blue, red)}.items():
        heat = cam.maps(model, pictures, [k] * 4, "features", method)
        assert heat.shape == (4, 33, 41) and heat.dtype == np.float32
        assert (score(heat, here)["energy"] == 1).all()
        assert (score(heat, there)["energy"] == 0).all()
    green = cam.maps(model, pictures, [1] * 4, "features", method)
    assert score(green, red)["failed"].all()


def test_map_is_the_papers_formula():
    """Selvaraju et al. 2017, eq. 1 and 2, in plain NumPy; coarse, odd sizes, batches that do not divide."""
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(3, 5, 3, stride=4), nn.Tanh())
    model = nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 4))
    pictures, classes = torch.randn(7, 3, 37, 45), [0, 1, 2, 3, 2, 1, 0]
    heat = cam.maps(model, pictures, classes, "0", batch=3)
    activation = body(pictures).detach().numpy()
    weights = model[3].weight.detach().numpy()[classes]  # the gradient of a mean is a constant
    weights = weights / (activation.shape[2] * activation.shape[3])
    expected = np.maximum(np.einsum("nc,nchw->nhw", weights, activation), 0)
    np.testing.assert_allclose(heat, cam.enlarge(expected, (37, 45)), atol=1e-6)
    assert cam.grid(model, "0", pictures[0]) == activation.shape[2:]
    larger = cam.maps(model, pictures, classes, "0", size=(61, 50))
    np.testing.assert_allclose(larger, cam.enlarge(expected, (61, 50)), atol=1e-6)


def test_model_and_generators_stay_as_they_were():
    model = ResNet(Bottleneck, (1, 1, 1, 1), num_classes=3, channels=(4, 4, 8, 8), stem_width=8).train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    torch.manual_seed(3)
    np.random.seed(3)
    state = torch.get_rng_state(), np.random.get_state()[1].copy()
    pictures = torch.rand(2, 3, 63, 65, generator=torch.Generator().manual_seed(0))
    first = cam.maps(model, pictures, [0, 1], "layer3.0", "RandomCAM", seed=5)
    again = cam.maps(model, pictures, [0, 1], "layer3.0", "RandomCAM", seed=5)
    other = cam.maps(model, pictures, [0, 1], "layer3.0", "RandomCAM", seed=6)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert model.training and all(p.grad is None for p in model.parameters())
    assert not any(part._forward_hooks for part in model.modules())
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    assert torch.equal(state[0], torch.get_rng_state())
    np.testing.assert_array_equal(state[1], np.random.get_state()[1])


def test_a_layer_that_is_overwritten_is_refused():
    pictures, *_ = flags()
    with pytest.raises(StudyError, match="in place"):
        cam.maps(Colours(change=True), pictures - 0.5, [0] * 4, "features")


def test_wrong_names_are_one_clear_line():
    pictures, *_ = flags()
    with pytest.raises(StudyError, match="'layer9' is not in the model; its parts are features, after, head"):
        cam.maps(Colours(), pictures, [0] * 4, "layer9")
    with pytest.raises(StudyError, match="choose one of Grad-CAM"):
        cam.maps(Colours(), pictures, [0] * 4, "features", "gradcam")


def test_references():
    images = np.zeros((2, 41, 31, 3), np.uint8)
    images[:, :, 16:] = 200
    assert np.ptp(cam.uniform(images)) == 0
    middle = cam.centre(images)
    assert middle.shape == (2, 41, 31) and np.unravel_index(middle[0].argmax(), (41, 31)) == (20, 15)
    found = cam.edges(images)
    assert (found[:, :, 15:17] > 0).all() and found[:, :, :14].max() == 0 and found[:, :, 18:].max() == 0
    masks = np.zeros((1, 48, 48), bool)
    masks[:, 10:14, 20:24] = True
    coarse, fine = (score(cam.oracle(masks, cells), masks)["excess"][0] for cells in ((3, 3), (12, 12)))
    assert 0 < coarse < fine < 1


def test_randomisation_walks_from_the_output_down():
    body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    model = nn.Sequential()
    for name, part in {
        "stem": nn.Conv2d(3, 3, 1),
        "body": body,
        "flat": nn.Flatten(),
        "head": nn.Linear(144, 2),
    }.items():
        model.add_module(name, part)
    kept = {key: value.clone() for key, value in model.state_dict().items()}
    weights = {"stem": "stem.weight", "body": "body.0.weight", "head": "head.weight"}
    lost = []
    for name, copy in cam.randomised(model, seed=0):
        lost.append(name)
        state = copy.state_dict()
        assert {part for part, key in weights.items() if not torch.equal(state[key], kept[key])} == set(lost)
    assert lost == ["head", "body", "stem"]
    assert all(torch.equal(kept[key], value) for key, value in model.state_dict().items())
    first, second = ([copy.head.weight.clone() for _, copy in cam.randomised(model, 1)] for _ in range(2))
    assert torch.equal(first[0], second[0]) and torch.equal(first[0], first[2])


def test_overlay_leaves_cold_pixels_grey_and_marks_the_peak():
    images = np.full((2, 8, 8, 3), (200, 10, 10), np.uint8)
    heat = np.zeros((2, 8, 8), np.float32)
    heat[0, 2, 3] = 7.0
    shown = cam.overlay(images, heat)
    assert shown.dtype == np.uint8 and (np.ptp(shown[1], axis=-1) == 0).all()
    assert np.ptp(shown[0, 2, 3]) > 0 and (np.ptp(shown[0], axis=-1) > 0).sum() == 1
