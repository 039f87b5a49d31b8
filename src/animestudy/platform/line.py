"""The line in which chunks of frames wait for a worker: fair to jobs, and joined across them."""

import threading
from collections import deque
from concurrent.futures import Future
from typing import NamedTuple

import numpy as np

TOGETHER = 1_000_000  # pixels of chunks that go to a worker in one message


class Chunk(NamedTuple):
    """Frames of one job that go through one worker."""

    job: str
    model: str
    frames: np.ndarray  # n×H×W×3 uint8
    alone: bool  # never with other jobs: it may have brought a worker down
    future: Future

    @property
    def pixels(self) -> int:
        """Of all frames."""
        return self.frames[..., 0].size


class Line:
    """Jobs take turns, chunk by chunk, so that a picture does not wait for the end of a clip."""

    def __init__(self, workers: int) -> None:
        self.workers, self.closed = workers, False
        self.jobs: dict[str, deque[Chunk]] = {}  # the first one has its turn
        self.change = threading.Condition()

    def put(self, chunk: Chunk) -> None:
        """Wait behind the job's other chunks."""
        with self.change:
            if self.closed:
                chunk.future.cancel()
                return
            self.jobs.setdefault(chunk.job, deque()).append(chunk)
            self.change.notify()

    def take(self) -> list[Chunk]:
        """The next chunk, and others of the same model and size of frame if there are more than workers.

        Waits for one; nothing once the line is closed.
        """
        with self.change:
            self.change.wait_for(lambda: self.jobs or self.closed)
            if not self.jobs:
                return []
            share = -(-len(self) // self.workers)
            first = self.pop(next(iter(self.jobs)))
            taken, pixels = [first], first.pixels
            for job in [] if first.alone else list(self.jobs):
                chunk = self.jobs[job][0]
                fits = pixels + chunk.pixels <= TOGETHER and len(taken) < share and not chunk.alone
                if fits and (chunk.model, chunk.frames.shape[1:]) == (first.model, first.frames.shape[1:]):
                    taken.append(self.pop(job))
                    pixels += chunk.pixels
            return taken

    def pop(self, job: str) -> Chunk:
        """A job's next chunk; the job then is the last in turn."""
        waiting = self.jobs.pop(job)
        chunk = waiting.popleft()
        if waiting:
            self.jobs[job] = waiting
        return chunk

    def drop(self, job: str) -> None:
        """Forget what a job still wanted."""
        with self.change:
            for chunk in self.jobs.pop(job, ()):
                chunk.future.cancel()

    def close(self) -> None:
        """Let everybody go."""
        with self.change:
            self.closed = True
            for waiting in self.jobs.values():
                for chunk in waiting:
                    chunk.future.cancel()
            self.jobs.clear()
            self.change.notify_all()

    def __len__(self) -> int:
        return sum(map(len, self.jobs.values()))
