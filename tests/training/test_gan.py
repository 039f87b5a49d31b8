"""Training on two folders of one's own: packing, going on after a break, errors in a line."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from animestudy import cli
from animestudy.errors import StudyError
from animestudy.models import generators, parts
from animestudy.training import gan, translator


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Two folders of pictures, and a root for collections."""
    rng = np.random.default_rng(0)
    for name in ("photos", "drawings"):
        (tmp_path / name).mkdir()
        for k in range(gan.FEWEST + 2):
            blocks = rng.integers(0, 256, (5, 6, 3), np.uint8).repeat(15, 0).repeat(15, 1)
            Image.fromarray(blocks).save(tmp_path / name / f"{k}.png")
    for module in ("animestudy.training.gan", "animestudy.data.sources", "animestudy.data.collection"):
        monkeypatch.setattr(f"{module}.inside", lambda path: tmp_path / path)
    (tmp_path / "models").mkdir()
    return tmp_path


def order(folders, **words):
    preset = {
        "photos": str(folders / "photos"),
        "anime": str(folders / "drawings"),
        "out": folders / "models" / "mine.pt",
        "size": 72,
        "settings": {"steps": 3, "crop": 64, "batch": 2},
        "generator": {"width": 4, "blocks": 1},
    }
    return gan.Order(**preset | words)


def test_two_folders_become_a_generator(folders):
    plan = gan.plan(order(folders))
    assert plan.photos.shape == (18, 72, 72, 3)
    assert "18 photographs, 18 drawings, 3 steps of 2 crops of 64 pixels" in str(plan)
    done = gan.train(plan)
    network, facts = generators.load(done.path)
    assert (facts["photos"], facts["steps"], facts["crop"]) == (18, 3, 64)
    picture = np.asarray(Image.open(folders / "photos" / "0.png"))
    assert generators.convert(network, picture).shape == picture.shape
    assert not plan.checkpoint.exists()
    assert f"--model {done.path}" in str(done)
    with pytest.raises(StudyError, match=r"mine\.pt: exists; choose another place"):
        gan.plan(order(folders))


def test_a_broken_run_goes_on_where_it_was_and_ends_alike(folders, monkeypatch):
    whole = gan.train(gan.plan(order(folders, out=folders / "models" / "whole.pt")))
    monkeypatch.setattr(gan, "EVERY", 1)
    real, calls = translator.advance, []

    def dies(*words, **options):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*words, **options)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(translator, "advance", dies)
        gan.train(gan.plan(order(folders)))
    plan = gan.plan(order(folders))
    assert plan.checkpoint.is_file()
    assert "used again" in str(plan)
    states = [generators.load(done.path)[0].state_dict() for done in (whole, gan.train(plan))]
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


def test_a_training_may_begin_from_weights(folders):
    first = gan.train(gan.plan(order(folders)))
    again = order(folders, out=folders / "models" / "more.pt", start=first.path)
    more = gan.train(gan.plan(again))
    one, two = (generators.load(done.path)[0].state_dict() for done in (first, more))
    moved = [float((two[name] - value).abs().max()) for name, value in one.items()]
    assert 0 < max(moved) < 0.05  # three steps of Adam, not another network
    with pytest.raises(StudyError, match="weights of another network"):
        gan.train(gan.plan(order(folders, out=folders / "models" / "x.pt", start=first.path, generator={})))


def test_portraits_are_guided_by_a_network_that_comes_with_the_weights(folders, monkeypatch):
    torch.manual_seed(3)
    made = parts.PartNetwork(8)
    monkeypatch.setattr(gan, "guide", lambda plan: made)
    portraits = order(folders, method="afgan", generator={"width": 4, "blocks": 1, "finder": 8})
    done = gan.train(gan.plan(portraits))
    network, _ = generators.load(done.path)
    assert torch.equal(network.guide.head.weight, made.head.weight)
    assert [path.name for path in done.path.parent.iterdir()] == ["mine.pt"]


def test_portraits_need_faces(folders):
    with pytest.raises(StudyError, match=r"a face is seen in . pictures; afgan needs 16 frontal faces"):
        gan.train(gan.plan(order(folders, method="afgan")))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"photos": "nowhere"}, "--photos nowhere: no such folder"),
        ({"method": "pix2pix"}, "--method pix2pix: one of fsgan, cartoongan, animegan, afgan, ugatit_light"),
        ({"out": Path("nowhere/a.pt")}, "nowhere: no such folder"),
        ({"settings": {"steps": 0}}, "train-gan: scene.steps = 0"),
        ({"size": 4}, "--size 4: 8 to 4096"),
    ],
)
def test_mistakes_are_named(folders, words, message):
    with pytest.raises(StudyError, match=message):
        gan.plan(order(folders, **words))


def test_too_few_pictures_and_unequal_sizes_are_named(folders):
    for k in range(4):
        (folders / "drawings" / f"{k}.png").unlink()
    with pytest.raises(StudyError, match="14 pictures to learn from; 16 are needed"):
        gan.plan(order(folders))
    gan.plan(order(folders, anime=str(folders / "photos"), out=folders / "models" / "other.pt"))
    with pytest.raises(StudyError, match="the photographs have 80 pixels a side, the drawings 72"):
        gan.plan(order(folders, anime="data/other-anime", size=80, force=True))


def test_the_command_line_says_what_it_did(folders, capsys, monkeypatch):
    monkeypatch.chdir(folders)
    words = "train-gan --profile default --photos photos --anime drawings --size 72 --crop 64 --batch 1"
    words += " --steps 2 --width 4"
    assert cli.main(words.split()) == 0
    said = capsys.readouterr().out
    assert "fsgan: 18 photographs, 18 drawings, 2 steps" in said
    assert "animestudy convert PICTURES" in said
    assert cli.main(words.split()) == 2
    assert "exists" in capsys.readouterr().err
