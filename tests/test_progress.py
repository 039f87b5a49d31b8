"""Progress bars: where their text goes, and that they never disturb the work."""

import json
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from animestudy import progress


@pytest.fixture
def pipe(tmp_path: Path, monkeypatch):
    """A file in the place of the runner's pipe; calling it gives the messages that arrived."""
    path = tmp_path / "progress"
    path.touch()
    monkeypatch.setenv(progress.VARIABLE, str(path))
    return lambda: [json.loads(line) for line in path.read_text().splitlines()]


def test_messages_go_to_the_pipe_and_nowhere_else(pipe, capsys):
    for epoch in (bar := progress.bar(range(4), description="epoch")):
        bar.set_postfix(loss=0.123456, best="yes", k=epoch)
        bar.refresh()
    messages = pipe()
    assert messages[0]["text"].startswith("epoch 0/4 ")
    assert any("loss 0.123 best yes k 3" in message["text"] for message in messages)
    assert messages[-1]["end"] and not any(message["end"] for message in messages[:-1])
    assert capsys.readouterr() == ("", "")


def test_the_count_never_runs_ahead(pipe):
    for _ in (bar := progress.bar(range(5), description="epoch")):
        time.sleep(0.25)  # longer than the pause between two messages
        bar.set_postfix(loss=1)
    counts = [int(m["text"].split()[1].split("/")[0]) for m in pipe() if not m["end"]]
    assert counts == sorted(counts) and max(counts) <= 5


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"n": 3, "total": 12, "elapsed": 30.0, "prefix": "epoch: "}, "epoch 3/12 eta 01:30"),
        ({"n": 12, "total": 12, "elapsed": 42.0, "prefix": "epoch: "}, "epoch 12/12 took 00:42"),
        ({"n": 5, "total": None, "elapsed": 7.0, "unit": "pictures"}, "5 pictures 00:07"),
        ({"n": 0, "total": 9, "elapsed": 0.0, "postfix": "loss 0.4"}, "0/9 loss 0.4 00:00"),
        ({"n": 3, "total": 12, "elapsed": 30.0, "ncols": 6}, "3/12 e"),
    ],
)
def test_the_line(facts, text):
    assert progress.Bar.format_meter(**facts) == text


def test_without_a_terminal_a_line_comes_only_now_and_then(monkeypatch, capsys):
    monkeypatch.delenv(progress.VARIABLE, raising=False)
    with progress.bar(total=1000, description="render", unit="pictures") as bar:
        for _ in range(1000):
            bar.set_postfix(loss=1)
            bar.update()
    out, err = capsys.readouterr()
    assert (
        out == "" and len(err.splitlines()) == 1 and err.startswith("render 1000/1000 pictures loss 1 took")
    )


def test_a_pipe_whose_reader_has_gone_is_silent(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv(progress.VARIABLE, str(tmp_path / "gone" / "progress"))
    assert list(progress.bar(range(3))) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")


def test_a_full_pipe_does_not_stop_the_work(monkeypatch, tmp_path):
    path = tmp_path / "progress"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # never read
    monkeypatch.setenv(progress.VARIABLE, str(path))
    with progress.bar(total=5000) as bar:
        for _ in range(5000):
            bar.refresh()
    os.close(reader)


def _work(_: int) -> int:
    for _ in progress.bar(range(2), description="worker"):
        pass
    return os.getpid()


def test_worker_processes_report_too(pipe):
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        pids = set(pool.map(_work, range(2)))
    assert {int(message["bar"].split(".")[0]) for message in pipe()} == pids
    assert os.getpid() not in pids
