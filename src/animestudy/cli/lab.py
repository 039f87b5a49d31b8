"""`animestudy lab`: open the notebooks in JupyterLab, the data drawn first."""

import argparse
import sys


def grammar(verb: argparse.ArgumentParser) -> None:
    """It has no arguments."""


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    import subprocess

    from animestudy import pipeline
    from animestudy.paths import ROOT

    pipeline.reproduce(stages=("data",))
    words = [sys.executable, "-m", "jupyterlab", "--config", "notebooks/jupyter_lab_config.py", "notebooks"]
    return subprocess.run(words, cwd=ROOT, env=pipeline.environment(ROOT)).returncode
