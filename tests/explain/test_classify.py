"""`animestudy classify` and `train-style`: what a person gets for pictures of their own."""

import csv
import os

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from animestudy import cli
from animestudy.data import collection, decode
from animestudy.data.gather import gather
from animestudy.errors import StudyError
from animestudy.explain import classify, placed
from animestudy.explain.answers import answers
from animestudy.models import weights
from animestudy.models.weights import Classifier
from animestudy.training import comparison, origin, style

CLASSES = ("across", "along", "flat")
NETWORK = {"channels": [8, 12, 16], "strides": [1, 2, 1], "after": 2, "gate": "softmax"}
SETTINGS = ["--epochs", "1", "--seeds", "1", "--size", "24"]


def drawn(name, width=40, height=30, seed=0):
    """A striped or flat picture of odd colours."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    wave = {"across": np.sin(y + seed), "along": np.sin(x + seed), "flat": np.zeros((height, width))}[name]
    colour = rng.uniform(-90, 90, 3)
    return np.uint8((127 + colour * wave[..., None] + rng.normal(0, 10, (height, width, 3))).clip(0, 255))


@pytest.fixture
def pictures(tmp_path):
    """A folder with pictures of several shapes in two depths, and what lies beside pictures."""
    folder = tmp_path / "pictures"
    (folder / "deep").mkdir(parents=True)
    for k, (shape, suffix) in enumerate(
        zip([(40, 30), (64, 64), (30, 70), (33, 47), (90, 31)], "jppjw", strict=True)
    ):
        name = {"j": "jpg", "p": "png", "w": "webp"}[suffix]
        place = folder / ("deep" if k % 2 else ".")
        Image.fromarray(drawn(CLASSES[k % 3], *shape, seed=k)).save(place / f"{k}.{name}")
    (folder / "notes.txt").write_text("no picture and not named like one")
    (folder / ".hidden.png").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Untrained weights whose description says a collection of 32 pixels."""
    made = {"collection": "stripes", "pictures": 9, "form": {"size": 32, "crop": "upper", "enlarge": 3.0}}
    told = Classifier("style", CLASSES, 24, "separable", NETWORK, made)
    torch.manual_seed(1)
    path = tmp_path_factory.mktemp("weights") / "stripes.pt"
    weights.save(path, told, told.build().state_dict())
    return path


def run(*words):
    return cli.main(["classify", "--workers", "1", *map(str, words)])


def rows(path):
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_a_line_for_each_picture_and_a_table_of_all_classes(tmp_path, pictures, file, capsys):
    assert run(pictures, "--weights", file, "--csv", tmp_path / "t.csv") == 0
    said = capsys.readouterr()
    first, *lines = said.out.splitlines()
    for word in (*CLASSES, "24 px", "9 pictures of stripes", str(file)):
        assert word in first
    found = rows(tmp_path / "t.csv")
    assert list(found[0]) == ["file", "label", "probability", *CLASSES]
    assert len(lines) == len(found) == 5 and not said.err
    for line, row in zip(lines, found, strict=True):
        shares = {name: float(row[name]) for name in CLASSES}
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
        ranked = sorted(shares, key=shares.get, reverse=True)
        assert row["label"] == ranked[0] and float(row["probability"]) == shares[ranked[0]]
        assert line.split()[0] == row["file"] and os.path.isfile(row["file"])
        assert f"{ranked[0]} {shares[ranked[0]]:.0%} (then {ranked[1]} {shares[ranked[1]]:.0%})" in line
    assert [path.name for path in tmp_path.iterdir()].count("t.csv") == 1
    assert not list(tmp_path.glob(".*.part"))


def test_an_answer_is_the_networks_on_the_training_collections_square(pictures, file):
    """Plainly: decode at the collection's size, scale to the network's, one picture and its mirror image."""
    network, told = weights.load(file)
    found = gather([pictures])
    for answer in (one for part in answers(found, network, told, 32, 1) for one in part):
        square = decode.read(answer.found.path, decode.Form(32, "upper", enlarge=3.0)).pixels
        small = torch.tensor(square).permute(2, 0, 1)[None].float()
        small = torch.nn.functional.interpolate(small, (24, 24), mode="bilinear", antialias=True).round()
        mean, deviation = (
            torch.tensor(v)[:, None, None] * 255 for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
        )
        with torch.no_grad():
            both = [network((x - mean) / deviation).softmax(1)[0] for x in (small, small.flip(3))]
            expected = torch.stack(both).mean(0).numpy()
        np.testing.assert_allclose(answer.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 2, 3, 32])
def test_neighbours_and_batches_do_not_matter(pictures, file, batch):
    network, told = weights.load(file)
    found = gather([pictures])
    forwards = {a.found.path: a.probabilities for p in answers(found, network, told, 32, 1) for a in p}
    backwards = {
        a.found.path: a.probabilities for p in answers(found[::-1], network, told, batch, 1) for a in p
    }
    assert list(backwards) == list(forwards)[::-1]
    for path, expected in forwards.items():
        np.testing.assert_allclose(backwards[path], expected, atol=1e-6)


def test_bad_files_are_named_and_the_others_classified(tmp_path, pictures, file, capsys):
    (pictures / "0.jpg").write_bytes((pictures / "0.jpg").read_bytes()[:300])
    (pictures / "empty.png").write_bytes(b"")
    (pictures / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 40)
    Image.new("1", (30_000, 4_000)).save(pictures / "huge.png")
    text = pictures / "notes.txt"
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    words = [pictures, text, pipe, tmp_path / "gone.png", "--weights", file, "--csv", tmp_path / "t.csv"]
    assert run(*words) == 1
    lines = capsys.readouterr().err.splitlines()
    for name, reason in {
        "0.jpg": "damaged",
        "empty.png": "empty file",
        "phone.heic": "HEIC",
        "huge.png": "120 megapixels",
        "notes.txt": "text",
        "pipe.png": "pipe",
        "gone.png": "no such file",
    }.items():
        assert [line for line in lines if f"{name}:" in line and reason in line], name
    assert len(lines) == 7
    assert len(rows(tmp_path / "t.csv")) == 4


def test_nothing_readable_is_a_failure_and_leaves_no_table(tmp_path, file, capsys):
    (tmp_path / "void").mkdir()
    assert run(tmp_path / "void", "--weights", file, "--csv", tmp_path / "t.csv") == 1
    assert "void: no picture in this folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["void"]


def test_mistakes_in_the_words_are_one_line(tmp_path, pictures, file, capsys, monkeypatch):
    (tmp_path / "old.csv").write_text("kept")
    (tmp_path / "noise.pt").write_bytes(b"noise")
    monkeypatch.setattr(classify, "inside", lambda path: tmp_path / path)  # a checkout without weights
    for words, reason in (
        ([], "--task style or --task psychology"),
        (["--task", "style"], r"models/style.pt: not there yet; `make repro` trains it"),
        (["--task", "psychology"], "--weights FILE"),
        (["--task", "psychology", "--weights", file], "tells style apart, not psychology"),
        (["--weights", tmp_path / "gone.pt"], "gone.pt: no such file"),
        (["--weights", tmp_path / "noise.pt"], "noise.pt: not the weights"),
        (["--weights", file, "--csv", tmp_path / "old.csv"], "old.csv: exists"),
        (["--weights", file, "--csv", tmp_path / "no" / "t.csv"], "make it first"),
        (["--weights", file, "--csv", pictures], "is a folder"),
        (["--weights", file, "--csv", pictures / "2.jpg", "--force"], "named like a picture"),
        (["--weights", file, "--csv", pictures / "notes.txt", "--force"], "one of the pictures"),
        (["--weights", file, "--cam", pictures], "holds the pictures"),
        (["--weights", file, "--cam", tmp_path], "holds the pictures"),
        (["--weights", file, "--cam", tmp_path / "old.csv"], "is no folder"),
        (
            ["--weights", file, "--cam", tmp_path / "c", "--layer", "dsc9"],
            "its blocks are stem, dsc1, dsc2, module",
        ),
        (["--weights", file, "--layer", "dsc1"], "needs --cam"),
        (["--weights", file, "--batch", "0"], "--batch 0"),
        (["--weights", file, "--workers", "-1"], "--workers -1"),
    ):
        assert run(pictures, pictures / "notes.txt", *words) == 2, words
        said = capsys.readouterr()
        assert reason in said.err and said.err.count("\n") == 1 and not said.out, said.err
    assert (tmp_path / "old.csv").read_text() == "kept"
    for words in (["--task", "colour", pictures], ["--task", "style"]):
        with pytest.raises(SystemExit) as end:
            run(*words)
        assert end.value.code == 2


def test_a_table_is_replaced_only_when_told(tmp_path, pictures, file):
    table = tmp_path / "t.csv"
    assert run(pictures, "--weights", file, "--csv", table) == 0
    before = table.read_bytes()
    assert run(pictures, "--weights", file, "--csv", table) == 2
    table.write_text("old")
    assert run(pictures, "--weights", file, "--csv", table, "--force") == 0
    assert table.read_bytes() == before


def test_overlays_have_the_pictures_own_shape_and_name(tmp_path, pictures, file, capsys):
    out = tmp_path / "cam"
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying, shown upright
    Image.fromarray(drawn("flat", 2000, 1000)).save(pictures / "large.jpg", exif=exif)
    words = [pictures, "--weights", file, "--cam", out, "--layer", "dsc2"]
    assert run(*words) == 0
    shapes = {str(path.relative_to(out)): Image.open(path).size for path in out.rglob("*.png")}
    assert shapes == {
        "0.png": (40, 30), "deep/1.png": (64, 64), "2.png": (30, 70), "deep/3.png": (33, 47),
        "4.png": (90, 31), "large.png": (512, 1024),
    }  # fmt: skip
    assert run(*words) == 2 and "exists" in capsys.readouterr().err
    assert run(*words, "--force") == 0


def test_overlays_below_the_pictures_are_not_classified_the_next_time(tmp_path, pictures, file, capsys):
    words = [pictures, "--weights", file, "--cam", pictures / "cam", "--layer", "dsc2", "--force"]
    for _ in range(2):
        assert run(*words) == 0
        assert len(capsys.readouterr().out.splitlines()) == 6


def test_names_of_overlays_never_collide(tmp_path, file):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in ("a.png", "a.bmp", "b.png"):
            Image.fromarray(drawn("flat", 40, 40)).save(tmp_path / folder / name)
    found = gather([tmp_path / "one", tmp_path / "two", tmp_path / "one" / "b.png"])
    targets = placed.targets(found, tmp_path / "cam", force=False)
    names = {str(target.relative_to(tmp_path / "cam")) for target in targets.values()}
    assert names == {f"{f}/{n}" for f in ("one", "two") for n in ("a.png.png", "a.bmp.png", "b.png")}
    twins = gather([tmp_path / "one" / "b.png", tmp_path / "two" / "b.png"])
    with pytest.raises(StudyError, match="would have one name in"):
        placed.targets(twins, tmp_path / "cam", force=False)
    with pytest.raises(StudyError, match="is one of the inputs"):
        placed.targets(gather([tmp_path / "one" / "b.png"]), tmp_path / "one", force=True)


@pytest.mark.parametrize(
    ("rule", "shape", "box"),
    [
        ("upper", (40, 60), (0, 4, 40, 44)),
        ("center", (60, 41), (10, 0, 51, 41)),
        ("squeeze", (90, 30), (25, 0, 65, 30)),
        ("stretch", (50, 20), (0, 0, 50, 20)),
        ("fit", (50, 20), (0, 0, 50, 20)),
    ],
)
def test_evidence_lies_where_the_network_saw_it(rule, shape, box):
    """Evidence in the square's upper left quarter is coloured there in the picture; cut parts are pale."""
    width, height = shape
    picture = np.full((height, width, 3), 100, np.uint8)
    heat = np.zeros((24, 24), np.float32)
    heat[:12, :12] = 1
    out = placed.overlay(picture, heat, rule).astype(int)
    left, top, right, bottom = placed.seen(width, height, rule)
    coloured = np.ptp(out, axis=2) > 20
    rule_middle = ((left + right) / 2, (top + bottom) / 2)
    y, x = np.nonzero(coloured)
    assert x.max() <= rule_middle[0] + 2 and y.max() <= rule_middle[1] + 2
    assert abs(x.min() - max(left, 0)) <= 1 and abs(y.min() - max(top, 0)) <= 1
    pale = (out == 193).all(2)  # 0.4·100 + 0.6·255
    inside = np.zeros((height, width), bool)
    inside[box[1] : box[3], box[0] : box[2]] = True
    assert np.array_equal(pale, ~inside)


def test_many_pictures_come_in_order_from_several_batches(tmp_path, file, capsys):
    for k in range(9):
        Image.fromarray(drawn("along", 32, 32, k)).save(tmp_path / f"{k}.png")
    assert run(tmp_path, "--weights", file, "--batch", 4) == 0
    said = capsys.readouterr()
    assert [line.split()[0][-5:] for line in said.out.splitlines()[1:]] == [f"{k}.png" for k in range(9)]
    assert "9/9 pictures" in said.err


def test_weights_without_an_origin_take_the_default_square():
    told = Classifier("style", CLASSES, 24, "separable", NETWORK)
    assert origin.form(told) == decode.Form(24) and "trained at 24 px" in origin.said(told)


@pytest.fixture
def packed(tmp_path, monkeypatch):
    """A tiny imported collection `stripes`, and the study's root in a folder of its own."""

    def make(per_class=10, label="style", names=CLASSES):
        labels = [name for name in names for _ in range(per_class)]
        table = pd.DataFrame({"file_name": [f"{k}.png" for k in range(len(labels))], "domain": "anime"})
        table["kind"] = "scene"
        table[label] = labels
        table["split"] = [("train", "train", "train", "val", "test")[k % 5] for k in range(len(labels))]
        images = np.stack([drawn(name or "flat", 32, 32, k) for k, name in enumerate(labels)])
        with collection.new_folder(tmp_path / "stripes") as folder:
            np.save(folder / "images.npy", images)
            form = {
                "size": 32,
                "crop": "center",
                "jpeg": 80,
                "aspect": None,
                "enlarge": 4.0,
                "megapixels": 100.0,
            }
            collection.describe(folder, table, made={"form": form})
        return tmp_path / "stripes"

    return make


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """One training needs no process of its own (`tests/training/test_sweep.py` has the others)."""
    monkeypatch.setattr(comparison, "sweep", lambda function, jobs, **_: [function(**job) for job in jobs])


def train(*words):
    return cli.main(["train-style", *map(str, words)])


def test_trained_weights_classify(tmp_path, packed, pictures, capsys):
    source, out = packed(), tmp_path / "stripes.pt"
    assert train(source, *SETTINGS, "--out", out) == 0
    said = capsys.readouterr().out
    methods = ("majority class", "linear probe on pixels", "the network, 1 seed")
    counts = "18 to train, 6 to validate, 6 to test"
    for word in ("3 classes (across, along, flat)", counts, "macro-F1", f"--weights {out}", *methods):
        assert word in said
    told = weights.load(out)[1]
    assert told.classes == CLASSES and told.size == 24 and told.task == "style"
    assert told.origin["collection"] == "stripes" and told.origin["pictures"] == 18
    assert origin.form(told) == decode.Form(32, "center", jpeg=80, enlarge=4.0)
    assert run(pictures, "--weights", out, "--task", "style", "--csv", tmp_path / "t.csv") == 0
    assert {row["label"] for row in rows(tmp_path / "t.csv")} <= set(CLASSES)
    assert train(source, *SETTINGS, "--out", out) == 2
    assert "exists" in capsys.readouterr().err


def test_what_cannot_be_learnt_is_refused_in_one_line(tmp_path, packed, capsys):
    def refused(*words):
        assert train(*words) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        return error

    assert "no collection there" in refused("data/no-such-collection")
    source = packed()
    assert "folder" in refused(source, "--out", tmp_path / "no" / "w.pt")
    assert "style.epochs = 0" in refused(source, "--epochs", 0)
    assert "--seeds 0" in refused(source, "--seeds", 0)
    assert "no picture of kind portrait, but of scene" in refused(source, "--kind", "portrait")
    assert "no column 'mood'" in refused(source, "--label", "mood")
    assert "no picture has a psychology" in refused(source, "--label", "psychology")
    assert "one style, flat" in refused(packed(10, names=("flat",)))
    assert "no picture has a style" in refused(packed(10, label="psychology"))


def test_too_few_pictures_of_a_class_are_named(packed):
    with pytest.raises(
        StudyError, match=r"split train, 4 of each style are needed: across \(3\), along \(3\), flat \(2\)"
    ):
        style.plan(style.Order(str(packed(4))))
