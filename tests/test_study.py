"""The pipeline end to end on the smoke profile: every stage runs, says nothing of this machine, and rests."""

import getpass
import json
import re
import shutil
import socket
import subprocess
import sys

import nbformat
import pytest
from ruamel.yaml import YAML

from animestudy import pipeline
from animestudy.paths import ROOT

NAME = "test"


def dvc(folder, *words):
    command = [sys.executable, "-m", "dvc", *words]
    return subprocess.run(
        command, cwd=folder, env=pipeline.environment(folder), capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def study():
    """A workspace in which the smoke profile has run from nothing."""
    shutil.rmtree(ROOT / "build" / NAME, ignore_errors=True)
    folder = pipeline.workspace("smoke", NAME)
    done = dvc(folder, "repro")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return folder


def outputs(folder, suffix):
    """The files of that suffix among the stages' outputs, the executed notebooks and the site included."""
    lock = YAML(typ="safe").load(folder / "dvc.lock")
    outs = [folder / out["path"] for stage in lock["stages"].values() for out in stage["outs"]]
    files = [file for out in outs for file in ([out] if out.is_file() else out.rglob("*"))]
    return [file for file in files if file.suffix == suffix]


def test_every_stage_left_its_notebook_its_page_and_its_numbers(study):
    stages = YAML(typ="safe").load(study / "dvc.lock")["stages"]
    pages = {path.stem for path in (study / "reports" / "site").glob("*.html")}
    executed = outputs(study, ".ipynb")
    assert len(executed) == len(stages) - 2  # all but claims and site
    for path in executed:
        assert path.stem in pages
        assert json.loads((study / "reports" / "metrics" / f"{path.stem}.json").read_text())
        cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        assert all(cell.execution_count for cell in cells if cell.source)
        assert not [out for cell in cells for out in cell.outputs if out.output_type == "error"]


def test_no_output_names_this_machine(study):
    names = [socket.gethostname(), getpass.getuser()]
    words = [str(ROOT), sys.prefix, "Traceback", *(name for name in names if len(name) > 4)]  # "vm" is a word
    for suffix in (".ipynb", ".html", ".json", ".csv"):
        for path in outputs(study, suffix):
            text = path.read_text(encoding="utf-8")
            found = [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)]
            assert not found, f"{path.relative_to(study)} names {found}"


def test_a_second_run_has_nothing_to_do(study):
    before = (study / "dvc.lock").read_bytes()
    assert "up to date" in dvc(study, "repro").stdout
    assert (study / "dvc.lock").read_bytes() == before


def test_a_comment_in_one_file_concerns_only_the_stages_that_import_it(study):
    changed = "src/animestudy/models/dkse.py"
    source = study / changed
    text = source.read_text()
    source.write_text(text + "\n# a remark\n")
    try:
        status = json.loads(dvc(study, "status", "--json").stdout)
    finally:
        source.write_text(text)
    stages = YAML(typ="safe").load(study / "dvc.lock")["stages"]
    importing = {
        name for name, stage in stages.items() if changed in [dep["path"] for dep in stage.get("deps", [])]
    }
    stale = {name.removeprefix("dvc.yaml:") for name in status if not name.endswith(".dvc")}  # weights
    assert importing and stale == importing


def test_executed_notebooks_stay_small(study):
    total = sum(path.stat().st_size for path in outputs(study, ".ipynb"))
    assert total < 12e6, f"{total / 1e6:.1f} MB of executed notebooks"
