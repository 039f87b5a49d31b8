"""A generator as ONNX: any size, the same drawings; and engines that say what they lack."""

import sys

import networks
import numpy as np
import pytest
import torch
from PIL import Image

from animestudy import cli
from animestudy.convert import engines, export
from animestudy.data.tensors import to_tensor
from animestudy.errors import StudyError
from animestudy.models import generators

pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A small FSGAN whose weights are not those of the identity."""
    return networks.fsgan(tmp_path_factory.mktemp("weights") / "small.pt", spread=0.1)


@pytest.fixture(scope="module")
def exported(model):
    target = model.with_suffix(".onnx")
    assert cli.main(["export", "--model", str(model), "--onnx", str(target)]) == 0
    return target


def picture(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("engine", ["onnx", "openvino"])
@pytest.mark.parametrize("size", [(41, 67), (128, 96), (200, 33)])
def test_any_size_gives_pytorchs_drawing(model, exported, size, engine):
    pytest.importorskip("onnxruntime" if engine == "onnx" else engine)
    wanted = engines.work(model, engines.Machine())(picture(*size)[None])
    made = engines.work(exported, engines.Machine(engine))(picture(*size)[None])
    assert made.shape == wanted.shape and made.dtype == np.uint8
    assert np.abs(made.astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("even", [0, 5])
def test_brush_outlines_light_and_grading_are_exported(tmp_path, even):
    options = {"width": 4, "blocks": 1, "smoothing": 2, "strokes": 2, "shades": 5}
    options |= {"lift": 1.4, "vivid": 2.0, "cool": 0.2, "bright": 1.5, "even": even}
    torch.manual_seed(0)
    made = generators.GENERATORS["fsgan"](**options).eval()
    generators.save(tmp_path / "brush.pt", "fsgan", options, made)
    assert export.compared(made, export.network(tmp_path / "brush.pt")) < export.TOLERANCE


def test_the_engine_is_chosen_on_the_command_line(exported, tmp_path):
    Image.fromarray(picture(40, 50)).save(tmp_path / "a.png")
    words = ["convert", str(tmp_path / "a.png"), "--model", str(exported), "--engine", "onnx"]
    assert cli.main([*words, "--out", str(tmp_path / "out")]) == 0
    assert Image.open(tmp_path / "out" / "a.png").size == (50, 40)
    assert cli.main([*words[:-2], "--out", str(tmp_path / "more")]) == 2


def test_nothing_is_overwritten_and_names_are_checked(exported, model, tmp_path):
    with pytest.raises(StudyError, match="exists"):
        export.write(str(model), exported)
    with pytest.raises(StudyError, match=r"end its name in .onnx"):
        export.write(str(model), tmp_path / "a.bin")
    with pytest.raises(StudyError, match="does not exist"):
        export.write(str(model), tmp_path / "none" / "a.onnx")


def test_an_export_that_differs_is_refused(model, exported):
    other = generators.load(model)[0]
    with torch.no_grad():
        other.light.bias.add_(0.5)
    with pytest.raises(StudyError, match="differs by"):
        export.compared(other, exported.read_bytes())


@pytest.mark.parametrize(("engine", "package"), [("onnx", "onnxruntime"), ("openvino", "openvino")])
def test_a_missing_engine_is_one_line(engine, package, exported, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(StudyError, match=rf"pip install 'animestudy\[{engine}\]'"):
        engines.work(exported, engines.Machine(engine))


@pytest.mark.parametrize("glance", [0, 40])
def test_a_network_that_looks_for_faces_makes_pytorchs_drawing(tmp_path, glance):
    """With `glance` it is given the picture at that size besides, which the engine makes."""
    options = networks.ALL_FACE | {"glance": glance, "eyes": 0.3, "clear": 1.0}
    made = networks.afgan(**options)
    file = tmp_path / "a.pt"
    generators.save(file, "afgan", options, made)
    content = export.network(file)
    assert export.compared(generators.load(file)[0], content) < export.TOLERANCE
    (tmp_path / "a.onnx").write_bytes(content)
    by_torch, by_onnx = (
        engines.work(file, engines.Machine()),
        engines.work(tmp_path / "a.onnx", engines.Machine("onnx")),
    )
    plain = networks.afgan(**options | {"clear": 0.0})
    for size in ((41, 67), (128, 96), (200, 33)):
        shown = picture(*size)[None]
        assert np.abs(by_onnx(shown).astype(int) - by_torch(shown)).max() <= 1
        with torch.no_grad():
            look, other = (network(to_tensor(shown), look=True) for network in (made, plain))
        assert look.flow.abs().max() > 0.02  # there is something to get wrong
        assert (look.moved - other.moved).abs().max() > 0.003
    if glance:
        assert max(export.sizes(made)[-1]) > 1.5 * glance  # the check sees a reduced picture


def test_what_an_exported_network_is_given():
    shown = to_tensor(picture(128, 96)[None]).numpy()
    got = engines.given(["picture", "view_40"], shown)
    assert list(got) == ["picture", "view_40"] and got["picture"] is shown
    wanted = shown[:, :, :126].reshape(1, 3, 42, 3, 32, 3).mean((3, 5))
    np.testing.assert_allclose(got["view_40"][:, :, :42], wanted, atol=1e-6)
    assert got["view_40"].shape == (1, 3, 43, 32)
    assert engines.given(["x"], shown)["x"] is shown
