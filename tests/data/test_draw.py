"""`animestudy render`: what it draws, and what it refuses."""

import argparse

import numpy as np
import pytest
from PIL import Image

from animestudy import cli
from animestudy.data.atelier.paint import paint
from animestudy.data.atelier.spec import PSYCHOLOGIES, STYLES, Subject


def draw(*words):
    return cli.main(["render", *map(str, words)])


def test_the_picture_is_the_subjects(tmp_path, capsys):
    out = tmp_path / "one.png"
    assert (
        draw(
            "--style", "ink", "--psychology", "anxious", "--kind", "portrait", "--size", 64, "--seed", 7, out
        )
        == 0
    )
    assert capsys.readouterr().out.strip() == str(out)
    expected = paint(Subject(7, "portrait", "anime", "ink", "anxious", decoy=False), 64).image
    assert np.array_equal(np.asarray(Image.open(out)), expected)


def test_strengths_and_domain_are_passed_on(tmp_path):
    words = ["--domain", "photo", "--psychology", "joyful", "--size", 32, "--decoy"]
    assert draw(*words, "--local", 0.5, "--overall", 0, tmp_path / "p.png") == 0
    expected = paint(Subject(0, "scene", "photo", "", "joyful", 0.5, 0.0, True), 32).image
    assert np.array_equal(np.asarray(Image.open(tmp_path / "p.png")), expected)


def test_a_contact_sheet_of_seeds_is_a_full_rectangle(tmp_path):
    assert draw("--domain", "photo", "--count", 6, "--seed", 3, "--size", 16, tmp_path / "s.png") == 0
    sheet = np.asarray(Image.open(tmp_path / "s.png"))
    assert sheet.shape == (32, 48, 3)
    assert np.array_equal(sheet[:16, 16:32], paint(Subject(4, "scene", "photo", decoy=False), 16).image)
    assert draw("--domain", "photo", "--count", 5, "--size", 16, tmp_path / "five.jpg") == 0
    assert Image.open(tmp_path / "five.jpg").size == (80, 16)


def test_all_styles_and_states_make_a_table(tmp_path):
    assert draw("--style", "all", "--psychology", "all", "--size", 16, tmp_path / "all.png") == 0
    sheet = np.asarray(Image.open(tmp_path / "all.png"))
    assert sheet.shape == (80, 80, 3)
    third = paint(Subject(0, "scene", "anime", STYLES[1], PSYCHOLOGIES[3], decoy=False), 16).image
    assert np.array_equal(sheet[16:32, 48:64], third)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["picture.gif"], "has to end in one of .png"),
        (["nowhere/picture.png"], "no such folder"),
        (["old.png"], "exists; choose another name or pass --force"),
        (["--count", "0", "new.png"], "--count 0: 1 or more"),
        (["--seed", "-1", "new.png"], "--seed -1: 0 or more"),
        (["--local", "3", "new.png"], "--local 3: 0 to 2"),
        (["--overall", "-0.1", "new.png"], "--overall -0.1: 0 to 2"),
        (["--size", "5", "new.png"], "size 5 is out of range"),
        (["--count", "5000", "new.png"], "more than 64 million pixels"),
        (["--domain", "photo", "--style", "ink", "new.png"], "a photo has no style"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.png").write_bytes(b"kept")
    assert draw(*words) == 2
    error = capsys.readouterr().err
    assert error.startswith("animestudy: ") and message in error and error.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["old.png"]
    assert (tmp_path / "old.png").read_bytes() == b"kept"


def test_force_replaces(tmp_path):
    out = tmp_path / "old.png"
    out.write_bytes(b"old")
    assert draw("--size", 16, "--force", out) == 0
    assert Image.open(out).size == (16, 16)


def test_a_folder_that_cannot_be_written_is_said(tmp_path, capsys, monkeypatch):
    def refuse(*names):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", refuse)
    assert draw("--size", 16, tmp_path / "a.png") == 2
    assert "cannot be written (Permission denied)" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_words_name_every_style_and_state():
    verbs = next(a for a in cli.parser()._actions if isinstance(a, argparse._SubParsersAction))
    choices = {action.dest: action.choices for action in verbs.choices["render"]._actions}
    assert choices["style"] == (*STYLES, "all")
    assert choices["psychology"] == ("neutral", *PSYCHOLOGIES, "all")


def test_a_wrong_word_is_refused(tmp_path):
    with pytest.raises(SystemExit) as end:
        draw("--style", "inky", tmp_path / "a.png")
    assert end.value.code == 2
