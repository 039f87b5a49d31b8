"""Decoding side by side: what the pool of processes promises beyond the results."""

import multiprocessing
import os
import struct
import sys
import threading
import time
from pathlib import Path

from animestudy.data import pool

BEGUN = "begun"


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
    closing = threading.Thread(target=pool.close, args=[crew], daemon=True)
    closing.start()
    closing.join(20)
    assert not closing.is_alive()
