"""The notebooks as they lie in git: without outputs, with readable ids, with nothing of a machine."""

import json
import re
import runpy
from pathlib import Path
from unittest import mock

import nbformat
import pytest
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXECUTED = sorted((ROOT / "reports").glob("*.ipynb"))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_source_notebook_is_clean(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    nbformat.validate(nbformat.from_dict(notebook))
    assert set(notebook["metadata"]) == {"kernelspec", "title"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", cell["id"]), f"{cell['id']} is not a readable id"
        assert not re.fullmatch(r"[0-9a-f]{8}(-.*)?", cell["id"]), f"{cell['id']} is a random id"
        assert set(cell["metadata"]) <= {"tags"}
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None
    assert sum("parameters" in cell["metadata"].get("tags", []) for cell in notebook["cells"]) == 1
    first = notebook["cells"][0]
    assert first["cell_type"] == "markdown" and "".join(first["source"]).startswith("# ")


@pytest.mark.parametrize("path", EXECUTED, ids=lambda path: path.stem)
def test_an_executed_notebook_describes_its_pictures(path):
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            for kind in output.get("data", {}):
                if kind.startswith("image/"):
                    assert output.metadata.get("study", {}).get("caption"), (
                        f"{cell.id}: a picture without caption"
                    )
                    assert output.metadata[kind]["alt"], f"{cell.id}: a picture without alternative text"


def test_executed_notebooks_are_small():
    assert sum(path.stat().st_size for path in EXECUTED) < 12e6


def test_jupyterlab_saves_without_outputs():
    config = Config()
    with mock.patch("builtins.get_config", lambda: config, create=True):
        runpy.run_path(str(ROOT / "notebooks" / "jupyter_lab_config.py"))
    hook = config.FileContentsManager.pre_save_hook
    assert config.LabApp.news_url is None and "Never" in config.LabApp.check_for_updates_class
    cell = {
        "cell_type": "code",
        "id": "x",
        "source": "1",
        "outputs": [1],
        "execution_count": 3,
        "metadata": {"tags": ["a"], "execution": {"time": 1}},
    }
    text = {"cell_type": "markdown", "id": "y", "source": "", "metadata": {}}
    content = {
        "nbformat": 4,
        "cells": [cell, text],
        "metadata": {"title": "t", "language_info": {"version": "3.11.2"}},
    }
    hook({"type": "notebook", "content": content}, path="05_x.ipynb", contents_manager=None)
    assert cell["outputs"] == [] and cell["execution_count"] is None and cell["metadata"] == {"tags": ["a"]}
    assert content["metadata"] == {"title": "t"}
    hook({"type": "file", "content": "text"}, path="a.txt", contents_manager=None)
