"""The line before the workers: whose turn it is, and what goes together."""

import threading
from concurrent.futures import Future

import numpy as np

from animestudy.platform.line import TOGETHER, Chunk, Line


def chunk(job, side=8, count=1, model="scene", alone=False):
    return Chunk(job, model, np.zeros((count, side, side, 3), np.uint8), alone, Future())


def filled(*chunks, workers=1):
    line = Line(workers)
    for one in chunks:
        line.put(one)
    return line


def taken(line):
    return [one.job for one in line.take()]


def test_jobs_take_turns():
    line = filled(*(chunk(job, side=1000 + k) for k, job in enumerate("aaabbc")))  # no two of one size
    assert [taken(line)[0] for _ in range(6)] == ["a", "b", "c", "a", "b", "a"]


def test_chunks_of_one_size_go_together_across_jobs():
    line = filled(chunk("a"), chunk("b"), chunk("c", side=9), chunk("d", model="portrait"), chunk("e"))
    assert taken(line) == ["a", "b", "e"]
    assert taken(line) == ["c"] and taken(line) == ["d"]


def test_what_several_workers_can_share_is_not_given_to_one():
    line = filled(*map(chunk, "abcd"), workers=2)
    assert (taken(line), taken(line), taken(line)) == (["a", "b"], ["c"], ["d"])


def test_a_message_has_a_size():
    side = int((TOGETHER / 2) ** 0.5)
    line = filled(*(chunk(job, side) for job in "abc"))
    assert (taken(line), taken(line)) == (["a", "b"], ["c"])


def test_a_suspect_goes_alone():
    assert taken(filled(chunk("a", alone=True), chunk("b"))) == ["a"]
    assert taken(filled(chunk("b"), chunk("a", alone=True))) == ["b"]


def test_a_dropped_job_is_not_converted_and_a_closed_line_lets_everybody_go():
    line = filled(chunk("a"), chunk("b"))
    line.drop("a")
    assert taken(line) == ["b"]
    heard = []
    thread = threading.Thread(target=lambda: heard.append(line.take()))
    thread.start()
    line.close()
    thread.join(5)
    assert heard == [[]]
    late = chunk("c")
    line.put(late)
    assert late.future.cancelled()
