"""explore.ipynb runs from the first cell to the last: live with widgets, and as a still picture without."""

import nbformat
import pytest
from nbclient import NotebookClient

from animestudy.paths import ROOT

WATCH = """
import numpy as np

seen, plain = [], explorer.view
explorer.view = lambda pixels, *rest: seen.append(pixels) or plain(pixels, *rest)
knobs["local"].value = 0.0
knobs["style"].value = "cel"
knobs["picture"].value = "missing.png"
knobs["picture"].value = ""
print(len(seen), [bool(np.any(one != two)) for one, two in zip(seen, seen[1:])])
"""


def executed(before="", after=""):
    """The cells of the notebook, run as JupyterLab runs them, with a cell of ours at either end."""
    notebook = nbformat.read(ROOT / "notebooks/explore.ipynb", as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace("size = 192", "size = 64")
            assert "size = 64" in cell.source
    new = nbformat.v4.new_code_cell
    notebook.cells = [new(before, id="before"), *notebook.cells, new(after, id="after")]
    resources = {"metadata": {"path": str(ROOT / "notebooks")}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    return {cell.id: cell.get("outputs", []) for cell in notebook.cells}


def kinds(outputs):
    return {kind for output in outputs for kind in output.get("data", {})}


def test_the_picture_follows_the_knobs():
    pytest.importorskip("ipywidgets")
    outputs = executed(after=WATCH)
    assert "application/vnd.jupyter.widget-view+json" in kinds(outputs["look"])
    (told,) = [output["text"] for output in outputs["after"] if output["output_type"] == "stream"]
    assert told.splitlines()[-1] == "3 [True, False]"  # lines gone, another style, that one again


def test_without_widgets_there_is_a_still_picture():
    outputs = executed(before='import sys; sys.modules["ipywidgets"] = None')
    assert "image/png" in kinds(outputs["look"])
    assert "widget-view" not in " ".join(kinds(outputs["look"]))
