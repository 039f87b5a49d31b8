"""Where things are: every path of the study is given relative to ROOT."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def inside(path: str | Path) -> Path:
    """An input of the study: relative paths start at ROOT, absolute ones stay as they are."""
    return ROOT / path


def output(path: str | Path) -> Path:
    """Where an output goes, its folder made.

    A stage (the runner sets ``STUDY_STAGE``) writes to ``ROOT/path``. A notebook that somebody explores
    in JupyterLab writes to ``ROOT/scratch/path``, so that playing never touches the study's results.
    """
    target = (ROOT if "STUDY_STAGE" in os.environ else ROOT / "scratch") / path
    target.parent.mkdir(parents=True, exist_ok=True)
    return target
