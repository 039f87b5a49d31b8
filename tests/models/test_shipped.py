"""Weights that come with the clone: into the vault, out of it, and what lies in it."""

import hashlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from ruamel.yaml import YAML

from animestudy import cli
from animestudy.errors import StudyError
from animestudy.models import shipped, weights
from animestudy.models.weights import Classifier
from animestudy.paths import ROOT

FACTS = {**dict.fromkeys(shipped.FACTS, "words"), "kind": "classifier"}


@pytest.fixture
def study(tmp_path, monkeypatch):
    """An empty study with DVC's settings of this one, without git."""
    root = tmp_path / "study"
    (root / ".dvc").mkdir(parents=True)
    shutil.copy(ROOT / ".dvc/config", root / ".dvc")
    monkeypatch.setattr(shipped, "ROOT", root)
    return root


@pytest.fixture
def thin(tmp_path):
    """A file of untrained weights."""
    told = Classifier("style", ("cel", "ink"), 24, "separable", {"channels": [4], "strides": [1], "after": 1})
    torch.manual_seed(0)
    weights.save(tmp_path / "thin.pt", told, told.build().state_dict())
    return tmp_path / "thin.pt"


def cloned(study, target, monkeypatch):
    """What a clone has of it: neither the weights nor DVC's cache."""
    shutil.copytree(study, target, ignore=shutil.ignore_patterns("*.pt", "cache", "tmp"))
    monkeypatch.setattr(shipped, "ROOT", target)
    return target


def test_weights_come_out_of_the_vault_of_a_clone(study, thin, tmp_path, monkeypatch, capsys):
    shipped.ship("thin", thin, FACTS)
    pointer = YAML(typ="safe").load(study / "models/shipped/thin.pt.dvc")["outs"][0]
    assert pointer["remote"] == "vault" and pointer["size"] == thin.stat().st_size
    clone = cloned(study, tmp_path / "clone", monkeypatch)
    assert shipped.names() == shipped.names("classifier") == ["thin"] and not shipped.names("generator")
    assert not (clone / "models/shipped/thin.pt").exists()

    Image.fromarray(np.full((30, 40, 3), 90, np.uint8)).save(tmp_path / "a.png")
    assert cli.main(["classify", "--workers", "1", "--weights", "thin", str(tmp_path / "a.png")]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith(f"{tmp_path / 'a.png'}  ")
    assert (clone / "models/shipped/thin.pt").read_bytes() == thin.read_bytes()
    assert cli.main(["classify", "--weights", "thick", str(tmp_path / "a.png")]) == 2
    assert "nor weights that the study brings (thin)" in capsys.readouterr().err


def test_pointers_do_not_disturb_the_pipeline(study, thin, tmp_path, monkeypatch):
    shipped.ship("thin", thin, FACTS)
    clone = cloned(study, tmp_path / "clone", monkeypatch)
    (clone / ".dvc/config.local").write_text("[core]\n    no_scm = true\n")
    (clone / "dvc.yaml").write_text("stages:\n  one:\n    cmd: echo 1 > one\n    outs: [one]\n")
    dvc = [sys.executable, "-m", "dvc"]
    assert subprocess.run([*dvc, "repro"], cwd=clone, capture_output=True).returncode == 0
    assert (clone / "one").exists() and not (clone / "models/shipped/thin.pt").exists()
    before = sorted((clone / "vault").rglob("*"))
    subprocess.run([*dvc, "push"], cwd=clone, capture_output=True)  # whose default remote is not the vault
    assert sorted((clone / "vault").rglob("*")) == before


def test_an_older_file_is_replaced(study, thin):
    shipped.ship("thin", thin, FACTS)
    told = weights.load(thin)[1]
    weights.save(thin, told, told.build().state_dict())
    shipped.ship("thin", thin, {**FACTS, "accuracy": 0.5})
    assert shipped.path("thin").read_bytes() == thin.read_bytes()
    assert shipped.record("thin")["accuracy"] == 0.5


def test_a_file_that_another_version_left_is_not_taken_for_this_ones(study, thin):
    shipped.ship("thin", thin, FACTS)
    file = shipped.path("thin")
    file.unlink()  # it may be a link to DVC's cache
    file.write_bytes(b"weights of last week")
    assert shipped.path("thin").read_bytes() == thin.read_bytes()


def test_what_cannot_be_had_or_shipped_is_one_line(study, thin, tmp_path, monkeypatch):
    with pytest.raises(StudyError, match="thin: no such weights; the study brings none"):
        shipped.path("thin")
    with pytest.raises(StudyError, match="record lacks 'licence'"):
        shipped.ship("thin", thin, {**FACTS, "licence": ""})
    with pytest.raises(StudyError, match=r"gone\.pt: no such file"):
        shipped.ship("thin", tmp_path / "gone.pt", FACTS)
    (tmp_path / "heavy.pt").write_bytes(bytes(shipped.HEAVIEST))
    with pytest.raises(StudyError, match=r"5\.0 MB, but less than 5 MB"):
        shipped.ship("heavy", tmp_path / "heavy.pt", FACTS)
    assert not shipped.names()
    shipped.ship("thin", thin, FACTS)
    clone = cloned(study, tmp_path / "clone", monkeypatch)
    shutil.rmtree(clone / "vault")
    with pytest.raises(StudyError, match=r"thin\.pt\.dvc: cannot be taken from the vault") as told:
        shipped.path("thin")
    assert "\n" not in str(told.value)
    (clone / "models/shipped/thin.json").unlink()
    with pytest.raises(StudyError, match=r"thin\.json: cannot be read"):
        shipped.names("classifier")


def test_the_vault_holds_what_the_pointers_name_and_nothing_else():
    held, known = set(), (ROOT / "vault").rglob("*")
    for name in shipped.names():
        out = YAML(typ="safe").load(ROOT / shipped.FOLDER / f"{name}.pt.dvc")["outs"][0]
        code = out["md5"]
        file = ROOT / "vault/files/md5" / code[:2] / code[2:]
        assert out["remote"] == shipped.REMOTE and out["size"] < shipped.HEAVIEST, name
        assert hashlib.md5(file.read_bytes()).hexdigest() == code, name
        held.add(file)
        assert all(shipped.record(name)[fact] for fact in shipped.FACTS), name
        assert f"## {name}\n" in (ROOT / "models/README.md").read_text(encoding="utf-8"), name
    assert {path for path in known if path.is_file()} == held | {ROOT / "vault/README.md"}


def test_no_remote_is_the_default():
    assert "remote =" not in (ROOT / ".dvc/config").read_text()


@pytest.mark.parametrize("name", shipped.names("classifier"))
def test_classifiers_work_right_after_a_clone(name, tmp_path, capsys):
    Image.fromarray(np.full((190, 260, 3), 120, np.uint8)).save(tmp_path / "frame.png")
    words = ["classify", str(tmp_path / "frame.png"), "--weights", name, "--workers", "1"]
    assert cli.main([*words, "--cam", str(tmp_path / "cam")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert any(title in said[1] for title in weights.load(shipped.path(name))[1].classes)
    assert Image.open(tmp_path / "cam/frame.png").size == (260, 190)


@pytest.mark.parametrize("name", shipped.names("classifier"))
def test_the_card_says_what_was_recorded(name):
    card = (
        (ROOT / "models/README.md").read_text(encoding="utf-8").split(f"\n## {name}\n")[1].split("\n## ")[0]
    )
    for measures in shipped.record(name)["scores"].values():
        value = 100 * measures["accuracy"]["value"]
        assert f"{value:.1f} %" in card, measures
