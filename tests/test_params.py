"""A wrong parameter is one clear line that names the key, the value and what is allowed."""

import copy
import re

import nbformat
import pytest
from ruamel.yaml import YAML

from animestudy import params
from animestudy.cli import main
from animestudy.errors import StudyError
from animestudy.paths import ROOT


@pytest.fixture
def document():
    return copy.deepcopy(YAML(typ="safe").load(ROOT / "params.yaml"))


def test_the_committed_file_is_valid():
    params.read()


def test_every_key_of_the_file_has_a_comment():
    lines = (ROOT / "params.yaml").read_text().splitlines()
    keys = [k for k, line in enumerate(lines) if re.match(r"  [a-z]", line)]
    bare = [
        lines[k].strip() for k in keys if "#" not in lines[k] and not lines[k - 1].strip().startswith("#")
    ]
    assert not bare, f"parameters without a comment: {bare}"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"threads": 0}, ["compute.threads", "0", "greater than or equal to 1"]),
        ({"threads": "two"}, ["compute.threads", "'two'", "integer"]),
        ({"threads": 1.5}, ["compute.threads", "1.5"]),
        ({"device": "tpu"}, ["compute.device", "'tpu'", "'auto', 'cpu' or 'cuda'"]),
        ({"thread": 1}, ["compute.thread ", "not a parameter"]),
    ],
)
def test_a_wrong_value_is_one_line(document, change, words):
    document["compute"] |= change
    with pytest.raises(StudyError) as error:
        params.validate(document)
    assert "\n" not in str(error.value)
    for word in ["params.yaml", *words]:
        assert word in str(error.value)


def test_a_missing_key_and_a_missing_section_are_named(document):
    del document["compute"]["threads"]
    with pytest.raises(StudyError, match=r"compute\.threads is missing"):
        params.validate(document)
    del document["compute"]
    with pytest.raises(StudyError, match="compute is missing"):
        params.validate(document)


def test_all_mistakes_are_named_at_once(document):
    document["compute"] |= {"threads": 0, "workers": -1}
    with pytest.raises(StudyError) as error:
        params.validate(document)
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.parametrize("text", ["[1, 2", "- a\n- b\n", "", "a: 1\na: 2\n"])
def test_a_file_that_is_no_mapping_is_one_line(tmp_path, text):
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(StudyError) as error:
        params.read(path)
    assert "\n" not in str(error.value) and "params.yaml" in str(error.value)


def test_the_command_says_what_is_wrong_and_exits_with_2(tmp_path, capsys):
    assert main(["check", str(tmp_path / "none.yaml")]) == 2
    assert capsys.readouterr().err == "animestudy: none.yaml: no such file\n"
    assert main(["check", str(ROOT / "params.yaml")]) == 0


@pytest.mark.parametrize(
    ("section", "change", "words"),
    [
        ("components", {"poolings": ["max", "median"]}, ["components.poolings.1", "'median'", "stochastic"]),
        ("components", {"heads": ["average", "average"]}, ["components.heads", "once"]),
        ("components", {"size": 8}, ["components.size", "8", "16"]),
        ("style", {"strides": [1, 2]}, ["style.strides", "7 strides are needed"]),
        ("style", {"after": 9}, ["style.after", "only 7 convolutions"]),
        ("style", {"kernels": [1, 4]}, ["style.kernels", "odd"]),
        ("psychology", {"channels": [8, 16]}, ["psychology.channels", "at least 4 items"]),
        ("ablation", {"counts": [0, 3, 1]}, ["ablation.counts", "have to rise"]),
        ("features", {"style_shown": ["dsc9"]}, ["features.style_shown", "dsc9", "probed"]),
        ("features", {"psychology_layers": ["layer1"] * 2}, ["features.psychology_layers", "once"]),
        ("ablation", {"counts": [0, 3, 17]}, ["ablation.counts.2", "17"]),
    ],
)
def test_networks_that_cannot_be_built_are_refused(document, section, change, words):
    document[section] |= change
    with pytest.raises(StudyError) as error:
        params.validate(document)
    assert "\n" not in str(error.value)
    for word in words:
        assert word in str(error.value)


STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
NOTEBOOKS = {name: stage for name, stage in STAGES.items() if "notebooks/" in stage["cmd"]}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_quick_defaults_of_a_notebook_are_valid(document, name):
    """Those of its parameters cell, with which it runs in JupyterLab."""
    stage = NOTEBOOKS[name]
    cells = nbformat.read(ROOT / stage["cmd"].split()[1], 4).cells
    quick: dict = {}
    exec(next(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])), quick)
    for section in stage["params"]:
        assert quick.keys() >= document[section].keys() - {"arms"}
        document[section] |= {key: quick[key] for key in document[section] if key in quick}
    params.validate(document, name)
