"""JupyterLab as the study opens it: notebooks are saved without their outputs.

Outputs stay on the screen, the file on disk stays the one that git and DVC know. (A git filter would instead
make the file in the tree differ from the one in git: its stage would be out of date in every other clone.)
"""

from pathlib import Path
from typing import Any


def without_outputs(model: dict[str, Any], **_: object) -> None:
    """Drop from a notebook about to be saved what running it has added."""
    if model["type"] != "notebook" or model["content"]["nbformat"] != 4:
        return
    for cell in model["content"]["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
            for key in ("execution", "scrolled", "collapsed"):
                cell["metadata"].pop(key, None)
    metadata = model["content"]["metadata"]
    for key in set(metadata) - {"kernelspec", "title"}:
        del metadata[key]


c = get_config()  # noqa: F821 (JupyterLab provides it)
c.FileContentsManager.pre_save_hook = without_outputs
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"  # it would ask a registry at each start
c.LabApp.news_url = None
c.LabApp.app_settings_dir = str(Path(__file__).with_name("jupyter_lab_settings"))  # no question about news
