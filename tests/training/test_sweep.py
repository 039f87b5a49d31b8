"""Trainings side by side: the same bytes however many work, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from animestudy.errors import StudyError
from animestudy.training.sweep import sweep


def training(seed: int, pictures: np.ndarray) -> tuple[bytes, int, bool]:
    """A small training: the bytes of its weights, the threads it had, whether the pictures are shared."""
    torch.manual_seed(seed)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.Flatten(), torch.nn.LazyLinear(2))
    x = torch.from_numpy(np.array(pictures)).float() / 255
    network(x)
    optimizer = torch.optim.SGD(network.parameters(), 0.1)
    for _ in range(3):
        optimizer.zero_grad()
        network(x).square().mean().backward()
        optimizer.step()
    weights = b"".join(p.detach().numpy().tobytes() for p in network.parameters())
    return weights, torch.get_num_threads(), not (pictures.flags.owndata or pictures.flags.writeable)


def failing(k: int) -> int:
    """The second job fails."""
    if k == 1:
        raise StudyError("job 1 went wrong")
    return k


def test_one_and_two_workers_give_the_same_bytes_in_order():
    pictures = np.random.default_rng(0).integers(0, 256, (40, 3, 64, 64), np.uint8)
    pictures = np.concatenate([pictures] * 3)  # over a megabyte: large enough to be shared
    jobs = [{"seed": k, "pictures": pictures} for k in range(4)]
    one, two = (sweep(training, jobs, threads=1, workers=n) for n in (1, 2))
    assert one == two
    assert len({weights for weights, *_ in one}) == 4
    assert all(threads == 1 and shared for _, threads, shared in one)
    assert sweep(training, jobs[2:3], workers=2) == one[2:3]


def test_a_failure_is_raised_here():
    with pytest.raises(StudyError, match="job 1 went wrong"):
        sweep(failing, [{"k": k} for k in range(5)], workers=2)


def test_nothing_to_do():
    assert sweep(failing, []) == []


def test_backends_are_checked(monkeypatch):
    with pytest.raises(StudyError, match="choose processes or ray"):
        sweep(failing, [{"k": 0}], backend="threads")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(StudyError, match="ray is not installed"):
        sweep(failing, [{"k": 0}], backend="ray")


PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
from endless import wait
from animestudy.training.sweep import sweep
sweep(wait, [{{"folder": {folder!r}, "k": k}} for k in range(4)], workers=2)
"""
JOB = """
import os, pathlib, time
def wait(folder, k):
    pathlib.Path(folder, f"{k}.pid").write_text(str(os.getpid()))
    time.sleep(600)
"""


def test_stopping_leaves_no_worker_behind(tmp_path):
    """Ctrl-C reaches the parent alone here, as when a kernel is interrupted; a kill reaches nobody."""
    ways = (signal.SIGINT, signal.SIGKILL)
    parents = [begin(tmp_path / how.name) for how in ways]
    workers = []
    try:
        for how, parent in zip(ways, parents, strict=True):
            patiently(lambda name=how.name: len(list((tmp_path / name).glob("*.pid"))) == 2, "two jobs run")
            workers.append(psutil.Process(parent.pid).children(recursive=True))
        for how, parent, children in zip(ways, parents, workers, strict=True):
            parent.send_signal(how)
            assert parent.wait(60) != 0
            patiently(lambda those=children: not any(map(alive, those)), f"no worker after {how.name}")
    finally:
        for parent in parents:
            if parent.poll() is None:
                parent.kill()
            parent.wait()
        for child in (child for children in workers for child in children if alive(child)):
            child.kill()


def begin(folder: Path) -> subprocess.Popen:
    """A process of its own that sweeps over jobs without end."""
    folder.mkdir()
    (folder / "endless.py").write_text(JOB)
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(folder=str(folder))],
        env={**os.environ, "PYTHONPATH": str(folder)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # else "&" ignores it
    )


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def patiently(condition, what: str, seconds: float = 60) -> None:
    """Wait until the condition holds; the limit only keeps a broken test from hanging."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.1)
