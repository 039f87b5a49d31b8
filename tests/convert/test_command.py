"""`animestudy convert`: what a person gets for files, folders and patterns, and what is never done."""

from pathlib import Path

import networks
import numpy as np
import pytest
from PIL import Image

from animestudy import cli
from animestudy.convert import command, generator
from animestudy.errors import StudyError
from animestudy.models import generators, shipped


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A small untrained generator that changes something."""
    return networks.fsgan(tmp_path_factory.mktemp("weights") / "small.pt")


def drawn(width, height, seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


@pytest.fixture
def folder(tmp_path):
    """Pictures in two depths, and what is none."""
    where = tmp_path / "in"
    (where / "deep").mkdir(parents=True)
    drawn(40, 30).save(where / "a.png")
    drawn(33, 57, 1).save(where / "deep" / "b.jpg")
    drawn(3, 2, 2).save(where / "tiny.bmp")
    (where / "notes.txt").write_text("not named like a picture")
    return where


def run(*words):
    return cli.main(["convert", *map(str, words)])


def test_a_folder_becomes_a_folder_of_the_same_names_sizes_and_formats(folder, tmp_path, model, capsys):
    out = tmp_path / "out"
    assert run(folder, "--out", out, "--model", model) == 0
    assert "3 converted" in capsys.readouterr().out
    made = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert made == {"a.png", "deep/b.jpg", "tiny.bmp"}
    for name in made:
        with Image.open(folder / name) as before, Image.open(out / name) as after:
            assert (after.size, after.format, after.mode) == (before.size, before.format, "RGB")
    wanted = generators.convert(generators.load(model)[0], np.asarray(Image.open(folder / "a.png")))
    np.testing.assert_array_equal(np.asarray(Image.open(out / "a.png")), wanted)


def test_nothing_is_overwritten_unless_told(folder, tmp_path, model, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.png").write_text("mine")
    assert run(folder, "--out", out, "--model", model) == 1
    said = capsys.readouterr()
    assert "1 left as they are" in said.err and "--force" in said.err and "2 converted" in said.out
    assert (out / "a.png").read_text() == "mine"
    assert run(folder, "--out", out, "--model", model, "--force") == 0
    assert Image.open(out / "a.png").size == (40, 30)


def test_bad_files_are_named_and_the_others_converted(folder, tmp_path, model, capsys):
    (folder / "bad.jpg").write_bytes(b"\xff\xd8\xff no more")
    assert run(folder, tmp_path / "gone.png", "--out", tmp_path / "out", "--model", model) == 1
    said = capsys.readouterr()
    assert "bad.jpg: damaged" in said.err and "gone.png: cannot be read" in said.err
    assert "3 converted" in said.out and not (tmp_path / "out" / "in" / "bad.jpg").exists()


def test_patterns_that_the_shell_left(folder, tmp_path, model, capsys):
    assert run(f"{folder}/**/*.jpg", "--out", tmp_path / "out", "--model", model) == 0
    assert run(f"{folder}/*.gif", "--out", tmp_path / "out", "--model", model) == 2
    assert "*.gif: nothing is named like this" in capsys.readouterr().err


def test_format_is_chosen_and_names_stay_apart(folder, tmp_path, model):
    drawn(20, 20).save(folder / "a.jpg")
    assert run(folder, "--out", tmp_path / "out", "--model", model, "--format", "webp") == 0
    names = {path.name for path in (tmp_path / "out").rglob("*.webp")}
    assert names == {"a.png.webp", "a.jpg.webp", "b.webp", "tiny.webp"}


def test_the_inputs_are_never_the_outputs(folder, tmp_path, model, capsys):
    before = (folder / "a.png").read_bytes()
    assert run(folder / "a.png", "--out", folder, "--model", model, "--force") == 2
    assert "one of the inputs" in capsys.readouterr().err
    assert (folder / "a.png").read_bytes() == before
    assert run(folder, "--out", folder / "out", "--model", model) == 0
    assert run(folder, "--out", folder / "out", "--model", model, "--force") == 0  # not its own results
    assert not (folder / "out" / "out").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tile", "7"], "--tile 7"),
        (["--tile", "many"], "--tile many"),
        (["--engine", "onnx", "--tile", "64"], "whole pictures"),
        (["--megapixels", "0"], "--megapixels"),
        (["--model", "none.pt"], "--model none.pt"),
        (["--every", "0"], "--every 0"),
    ],
)
def test_mistakes_are_one_line(folder, tmp_path, capsys, words, said, model):
    words = words if "--model" in words else [*words, "--model", model]
    assert run(folder, "--out", tmp_path / "out", *words) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_out_must_be_a_folder(folder, tmp_path, model, capsys):
    assert run(folder, "--out", folder / "notes.txt", "--model", model) == 2
    assert "is no folder" in capsys.readouterr().err


def test_transparency_and_tiles(tmp_path, model):
    picture = np.dstack([np.asarray(drawn(70, 90)), np.full((90, 70), 255, np.uint8)])
    picture[:, 30:, 3] = 60
    Image.fromarray(picture).save(tmp_path / "a.png")
    for name, words in {"whole": ["--tile", "off"], "tiles": ["--tile", "32"]}.items():
        assert run(tmp_path / "a.png", "--out", tmp_path / name, "--model", model, *words) == 0
    whole, tiles = (np.asarray(Image.open(tmp_path / name / "a.png")) for name in ("whole", "tiles"))
    np.testing.assert_array_equal(whole[..., 3], picture[..., 3])
    assert np.abs(whole.astype(int) - tiles).max() <= 1


def test_clips_keep_their_frames_and_size(tmp_path, model):
    import av

    source = tmp_path / "clip.mp4"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for k in range(5):
            frame = av.VideoFrame.from_ndarray(np.asarray(drawn(64, 48, k)), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    drawn(20, 30).save(tmp_path / "a.png")
    assert run(source, tmp_path / "a.png", "--out", tmp_path / "out", "--model", model, "--side-by-side") == 0
    assert Image.open(tmp_path / "out" / "a.png").size == (44, 30)
    with av.open(str(tmp_path / "out" / "clip.mp4")) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    assert len(frames) == 5 and frames[0].shape == (48, 132, 3)
    assert run(source, "--out", tmp_path / "gif", "--model", model, "--format", "gif", "--every", "2") == 0
    with Image.open(tmp_path / "gif" / "clip.gif") as moving:
        assert moving.n_frames == 3


def test_without_a_generator_one_line_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setattr(shipped, "names", lambda kind="": [])
    monkeypatch.setattr(generator, "inside", lambda path: tmp_path / path)
    with pytest.raises(StudyError, match="no generator is there yet: `make repro` trains models/fsgan"):
        generator.found()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "fsgan.pt").write_bytes(b"")
    assert generator.found() == generator.found("fsgan") == tmp_path / "models" / "fsgan.pt"
    with pytest.raises(StudyError, match="--model scene: there are fsgan; "):
        generator.found("scene")


def test_the_weights_that_the_study_brings_come_first(monkeypatch, tmp_path):
    monkeypatch.setattr(
        shipped, "names", lambda kind="": ["portrait", "scene"] if kind == "generator" else []
    )
    monkeypatch.setattr(shipped, "path", lambda name: tmp_path / f"{name}.pt")
    assert generator.found() == tmp_path / "scene.pt"
    assert generator.found("portrait") == tmp_path / "portrait.pt"


def test_several_folders_keep_their_names(folder, tmp_path, model):
    other = tmp_path / "other"
    other.mkdir()
    drawn(20, 20).save(other / "a.png")
    request = command.Request([str(folder), str(other)], tmp_path / "out", str(model))
    assert command.run(request) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"in", "other"}


def test_the_first_name_in_the_help_is_the_one_that_is_taken(monkeypatch):
    monkeypatch.setattr(generator.shipped, "names", lambda kind: ["portrait", "scene"])
    monkeypatch.setattr(generator.shipped, "path", lambda name: Path(f"{name}.pt"))
    assert next(iter(generator.known())) == generator.found().stem == "scene"
