"""Who converts frames: a crew of workers, each of which has loaded the generators once.

The crew is the same for both engines; they differ in what a worker is. Here it is a process of this machine
(`local`); `cluster.py` has the actor of a Ray cluster. A worker that is lost is replaced, and the jobs that
it had hear of it.
"""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from multiprocessing.connection import Connection
from typing import Protocol

import numpy as np

from animestudy import workers
from animestudy.platform import logs
from animestudy.platform.generators import Converter
from animestudy.platform.line import TOGETHER, Chunk, Line

PATIENCE = 300.0  # seconds that one message of frames may take
PAUSE = 1.0  # seconds before a worker that did not even start is started again, doubled up to a minute


class Lost(Exception):
    """A worker has died with what it was doing."""


class Failed(Exception):
    """A worker could not convert these frames."""


class Worker(Protocol):
    """What an engine provides. Only one thread uses it."""

    def start(self) -> None:
        """Be ready to convert; raises `Lost`. Also after it was lost."""

    def convert(self, model: str, chunks: Sequence[np.ndarray]) -> tuple[list[np.ndarray | str], float]:
        """As `Converter.convert`; raises `Lost`."""

    def stop(self) -> None:
        """End at once."""


class Crew:
    """Workers that take chunks from one line."""

    def __init__(self, members: Sequence[Worker]) -> None:
        self.line = Line(len(members))
        self.members = members
        self.ready = 0  # workers that can convert now
        self.lost = 0  # workers that had to be replaced
        self.batches = self.chunks = 0  # messages to workers, and what was in them
        self.seconds = 0.0  # that the networks took
        self.guard, self.closing = threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self.lead, args=[one], daemon=True) for one in members]

    def start(self) -> None:
        """Start the workers, without waiting for them."""
        for thread in self.threads:
            thread.start()

    def convert(self, job: str, model: str, frames: np.ndarray, alone: bool = False) -> np.ndarray:
        """Convert frames, n×H×W×3 uint8, spread over the workers; called from a job's own thread.

        Raises:
            Lost, Failed: nothing of the frames is to be had.
        """
        most = max(1, TOGETHER // max(1, frames[0, ..., 0].size))
        number = max(-(-len(frames) // most), min(len(frames), len(self.members)))
        futures = []
        for part in np.array_split(frames, number):
            futures.append(Future())
            self.line.put(Chunk(job, model, part, alone, futures[-1]))
        try:
            return np.concatenate([future.result() for future in futures])
        except BaseException:
            self.line.drop(job)
            raise

    def lead(self, worker: Worker) -> None:
        """One worker's life."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # Ctrl-C is the server's, not the worker's
        pause, on_duty = PAUSE, False
        while not self.line.closed:
            try:
                if not on_duty:
                    worker.start()
                    on_duty, pause = True, PAUSE
                    self.count(ready=1)
                chunks = self.line.take()
                if chunks:
                    self.answer(worker, chunks)
            except Lost as error:
                if self.line.closed:
                    break
                logs.say("worker lost", reason=str(error))
                self.count(ready=-on_duty, lost=1)
                if not on_duty:
                    self.closing.wait(pause)
                    pause = min(60.0, 2 * pause)
                on_duty = False
        worker.stop()

    def answer(self, worker: Worker, chunks: Sequence[Chunk]) -> None:
        """Convert chunks and tell those who wait for them."""
        wanted = [chunk for chunk in chunks if chunk.future.set_running_or_notify_cancel()]
        if not wanted:
            return
        self.count(batches=1, chunks=len(wanted))
        try:
            results, seconds = worker.convert(wanted[0].model, [chunk.frames for chunk in wanted])
        except Lost as error:
            for chunk in wanted:
                chunk.future.set_exception(error)
            raise
        self.count(seconds=seconds)
        for chunk, result in zip(wanted, results, strict=True):
            if isinstance(result, str):
                chunk.future.set_exception(Failed(result))
            else:
                chunk.future.set_result(result)

    def count(self, **changes: float) -> None:
        """Add to the counters."""
        with self.guard:
            for name, change in changes.items():
                setattr(self, name, getattr(self, name) + change)

    def drop(self, job: str) -> None:
        """Forget what a job still wanted."""
        self.line.drop(job)

    def stop(self) -> None:
        """End all workers, whatever they do."""
        self.closing.set()
        self.line.close()
        for worker in self.members:
            worker.stop()
        for thread in self.threads:
            if thread.ident:
                thread.join(10)


class Process:
    """A worker of this machine: a process that is started afresh, not forked, and dies with the server."""

    def __init__(self, files: Callable[[], Mapping[str, bytes]]) -> None:
        self.files = files
        self.process: multiprocessing.process.BaseProcess | None = None
        self.pipe: Connection | None = None

    def start(self) -> None:
        self.stop()
        context = multiprocessing.get_context("spawn")
        self.pipe, there = context.Pipe()
        self.process = context.Process(target=live, args=[there], daemon=True)
        self.process.start()
        there.close()
        self.ask(self.files(), 120.0)

    def convert(self, model: str, chunks: Sequence[np.ndarray]) -> tuple[list[np.ndarray | str], float]:
        return self.ask((model, chunks), PATIENCE)

    def ask(self, question: object, patience: float) -> object:
        """What the process answers."""
        try:
            self.pipe.send(question)
            if not self.pipe.poll(patience):
                raise Lost(f"no answer in {patience:g} s")
            return self.pipe.recv()
        except (EOFError, OSError) as error:
            self.process.join(1)
            raise Lost(f"process ended with {self.process.exitcode}") from error

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()


def live(pipe: Connection) -> None:
    """The life of a worker process: generators, then frames."""
    workers.settle()
    try:
        converter = Converter(pipe.recv())
        pipe.send(None)
        while True:
            pipe.send(converter.convert(*pipe.recv()))
    except (EOFError, OSError):
        return
