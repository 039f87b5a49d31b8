"""Decode many files side by side, results in the order of the files, whatever the number of processes.

A decoder that brings its process down costs one picture, not the import; Ctrl-C ends all processes at
once; and no process outlives the one that started it, even if that is killed.
"""

import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from animestudy.cores import cores
from animestudy.data import decode
from animestudy.workers import close, deaf, ended_on_error, settle

START = "spawn"  # a fork would copy whatever threads and locks the caller has
CHUNK = 8  # files a process gets at a time
AHEAD = 4  # chunks for each process that are handed out before their results are fetched


def outcomes(paths: Sequence[Path], form: decode.Form, workers: int = 0) -> Iterator[decode.Outcome]:
    """What became of each path, in order. `workers` processes (0: one for each core; 1: this one)."""
    left = deque(paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK))
    workers = min(workers or cores(), len(left))
    if workers <= 1:
        yield from (decode.read(path, form) for path in paths)
        return
    pool, running = crew(workers), deque()
    try:
        with ended_on_error():
            while left or running:
                while left and len(running) < AHEAD * workers:
                    running.append((left[0], given(pool, left.popleft(), form)))
                chunk, future = running.popleft()
                try:
                    yield from future.result()
                except BrokenProcessPool:
                    yield from singly(chunk, form)
                    pool.shutdown()
                    pool = crew(workers)
                    running = deque((other, given(pool, other, form)) for other, _ in running)
    finally:
        close(pool)


def crew(workers: int) -> ProcessPoolExecutor:
    """A pool whose processes start when they get their first chunk."""
    context = multiprocessing.get_context(START)
    return ProcessPoolExecutor(workers, mp_context=context, initializer=settle)


def given(pool: ProcessPoolExecutor, chunk: Sequence[Path], form: decode.Form) -> Future:
    """A chunk handed to the pool; that the pool is broken is told by the future only."""
    try:
        with deaf():
            return pool.submit(decode.read_all, chunk, form)
    except BrokenProcessPool as error:
        future = Future()
        future.set_exception(error)
        return future


def singly(chunk: Sequence[Path], form: decode.Form) -> Iterator[decode.Outcome]:
    """The chunk file by file, to find the one that brings the process down."""
    pool = crew(1)
    for path in chunk:
        try:
            yield from given(pool, [path], form).result()
        except BrokenProcessPool:
            yield decode.Outcome("refused", "its decoder crashed or ran out of memory")
            pool.shutdown()
            pool = crew(1)
    pool.shutdown()
