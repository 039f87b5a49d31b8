"""Manners of worker processes."""

import multiprocessing
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from animestudy import workers
from animestudy.data import pool

BEGUN = "begun"


@pytest.fixture(autouse=True)
def hears_ctrl_c():
    """As a command in the foreground does; one that a shell starts with "&" ignores it."""
    was = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, was)


def half_a_result(place: Path) -> None:
    """In a process of the pool: write the head of a result and no more."""
    writer = sys._getframe(1).f_locals["result_queue"]._writer
    os.write(writer.fileno(), struct.pack("!i", 1000) + b"x")
    (place / BEGUN).touch()
    time.sleep(600)


def test_a_process_that_is_ended_in_the_middle_of_a_result_holds_nobody_up(tmp_path):
    crew = pool.crew(1)
    crew.submit(half_a_result, tmp_path)
    deadline = time.monotonic() + 60
    while not (tmp_path / BEGUN).exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    for child in multiprocessing.active_children():
        child.terminate()
    closing = threading.Thread(target=workers.close, args=[crew], daemon=True)
    closing.start()
    closing.join(20)
    assert not closing.is_alive()


def test_ctrl_c_while_a_process_starts_is_heard_afterwards_and_here_alone():
    reached = []
    with pytest.raises(KeyboardInterrupt), workers.deaf():
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        os.kill(child.pid, signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        reached.append("the end of the block")
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(1)
    finally:
        child.kill()
        child.wait()
    assert reached
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_another_thread_leaves_the_handler_as_it_is():
    seen = []

    def run() -> None:
        with workers.deaf():
            seen.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))
        seen.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [True, False]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
