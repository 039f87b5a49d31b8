"""Bars of other processes are painted here, and nothing is left behind."""

import os
import subprocess
import sys

import pytest

from animestudy import progress
from animestudy.report import bars, terminal

CHILD = """
import time
from animestudy import progress
bar = progress.bar(total=3, description="epoch")
bar.update(2)
time.sleep(1)
"""


def test_a_bar_of_a_child_is_shown(capsys, monkeypatch):
    monkeypatch.delenv(progress.VARIABLE, raising=False)
    monkeypatch.setattr(terminal, "PATIENCE", 0.1)
    with bars.shown("training"):
        pipe = os.environ[progress.VARIABLE]
        subprocess.run([sys.executable, "-c", CHILD], check=True)
    said = capsys.readouterr().err
    assert "[training] epoch " in said and "cell" not in said
    assert progress.VARIABLE not in os.environ and not os.path.exists(pipe)


def test_a_runner_that_listens_goes_on(monkeypatch):
    monkeypatch.setenv(progress.VARIABLE, "/somewhere")
    with bars.shown("training"):
        assert os.environ[progress.VARIABLE] == "/somewhere"


def test_an_error_leaves_no_trace(monkeypatch):
    monkeypatch.delenv(progress.VARIABLE, raising=False)
    with pytest.raises(ValueError), bars.shown("training"):
        raise ValueError
    assert progress.VARIABLE not in os.environ
