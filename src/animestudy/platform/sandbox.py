"""Files of strangers are opened in children that serve one file each, with limits, and speak plain bytes.

A child is forked from a server process that has imported the decoders (multiprocessing's forkserver), so it
costs a few milliseconds; one is kept waiting. It begins with no environment, may take so much memory,
processor time and room on the disk, and ends with its file. It gets and gives JSON and raw pixels: nothing
that it sends is ever unpickled.
"""

import contextlib
import json
import multiprocessing
import os
import queue
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from animestudy.platform import logs

MEMORY = 1_200_000_000  # bytes beside what the imports have taken
FILES = 64  # open at once
MOST = 32  # frames in one message
READ = 8  # seconds, of the clock and of the processor, until a file has given its first pixels
QUIET = 60.0  # seconds without a word afterwards
WRITE = {"picture": 60, "clip": 900}  # seconds of processor time afterwards
BREATH = 0.05  # seconds in which a job that has just been read and written can end undisturbed
MODULE = "animestudy.platform.media"


class Refused(Exception):
    """The file cannot be converted; the message is for its owner."""


class Broken(Exception):
    """The child has died, or makes no sense."""


def context() -> multiprocessing.context.BaseContext:
    """Where children come from."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["__main__", MODULE])
    return made


def live(pipe: Connection, room: int) -> None:
    """The life of a child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.umask(0o077)
    confine(room)
    from animestudy.platform import media

    media.touch()
    with contextlib.suppress(EOFError, OSError):
        media.serve(pipe, json.loads(pipe.recv_bytes()))


def confine(room: int) -> None:
    """Limits that the kernel holds; each file may have `room` bytes."""
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: FILES,
        resource.RLIMIT_FSIZE: room,
    }
    status = Path("/proc/self/statm")
    if status.exists():
        limits[resource.RLIMIT_AS] = int(status.read_text().split()[0]) * resource.getpagesize() + MEMORY
    for which, number in limits.items():
        most = resource.getrlimit(which)[1]
        number = number if most == resource.RLIM_INFINITY else min(number, most)
        resource.setrlimit(which, (number, number))


def hurry(seconds: int) -> None:
    """From now on, the kernel ends this process after so many seconds of processor time."""
    spent = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent) + seconds + 1, most))


class Child:
    """A child, seen from the server."""

    def __init__(self, room: int) -> None:
        self.pipe, there = multiprocessing.Pipe()
        self.process = context().Process(target=live, args=[there, room], daemon=True)
        self.process.start()
        there.close()

    def converse(
        self,
        order: dict[str, object],
        convert: Callable[[np.ndarray], np.ndarray],
        heard: Callable[[dict], None],
    ) -> str:
        """Let it convert the file that `order` describes; the name of what it has made.

        convert: what is done to frames, n×H×W×3 uint8; heard: is told of facts that are not answered.

        Raises:
            Refused: in words for the owner.
            Broken: it has died or makes no sense.
        """
        quiet = READ
        try:
            self.pipe.send_bytes(json.dumps(order).encode())
            while True:
                said = self.listen(quiet)
                match said.get("say"):
                    case "frames":
                        quiet = QUIET
                        self.pipe.send_bytes(convert(self.frames(said, order)).ravel())
                    case "facts":
                        heard(said)
                    case "done":
                        return str(said["name"])
                    case "refused":
                        raise Refused(str(said["words"])[:300])
                    case _:
                        raise Broken("unknown message")
        except (EOFError, OSError, ValueError, KeyError, TypeError) as error:
            self.process.join(2)
            code = self.process.exitcode
            if code == -signal.SIGXCPU:
                raise Refused("The file takes too long to read.") from None
            raise Broken(f"child ended with {code} ({type(error).__name__})") from None

    def listen(self, quiet: float) -> dict:
        """The next message."""
        if not self.pipe.poll(quiet):
            raise Refused("The file takes too long to read.")
        said = json.loads(self.pipe.recv_bytes(65536))
        if not isinstance(said, dict):
            raise Broken("unknown message")
        return said

    def frames(self, said: dict, order: dict) -> np.ndarray:
        """The pixels that follow a message, believed in nothing."""
        shape = tuple(int(side) for side in said["shape"])
        count, height, width = shape
        most = order["pixels"] if order["kind"] == "picture" else MOST * order["frame_pixels"]
        if min(shape) < 1 or count * height * width > most + 4096:
            raise Broken("impossible size")
        content = self.pipe.recv_bytes(count * height * width * 3)
        return np.frombuffer(content, np.uint8).reshape(count, height, width, 3)

    def kill(self) -> None:
        """End it at once, from any thread."""
        with contextlib.suppress(ValueError):  # it was closed meanwhile
            self.process.kill()

    def close(self) -> None:
        """End it, and wait for that."""
        self.process.kill()
        self.process.join()
        self.pipe.close()
        self.process.close()


class Nursery:
    """Children that wait for work, so that nobody waits for a child, neither at its start nor at its end."""

    def __init__(self, room: int, ready: int = 2) -> None:
        self.room, self.ready = room, ready
        self.waiting: queue.Queue[Child | None] = queue.Queue()
        self.used: queue.Queue[Child | None] = queue.Queue()
        self.needed = threading.Event()  # the last one that waits is taken
        self.thread = threading.Thread(target=self.tend, daemon=True)

    def start(self) -> None:
        """Begin to raise children."""
        self.thread.start()

    def tend(self) -> None:
        """Raise a child for each that was used up, until there is None."""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # Ctrl-C is the server's
        for _ in range(self.ready):
            self.raise_one()
        while child := self.used.get():
            self.needed.wait(BREATH)
            self.needed.clear()
            self.raise_one()
            child.close()

    def raise_one(self) -> None:
        """One more that waits."""
        while True:
            try:
                return self.waiting.put(Child(self.room))
            except (OSError, EOFError) as error:  # no processes or descriptors left: the next job waits
                logs.say("no child", reason=type(error).__name__)
                time.sleep(1)

    @contextlib.contextmanager
    def child(self) -> Iterator[Child]:
        """A child for one file."""
        if self.waiting.qsize() <= 1:
            self.needed.set()
        child = self.waiting.get()
        if child is None:
            self.waiting.put(None)
            raise Broken("stopped")
        try:
            yield child
        finally:
            child.kill()
            self.used.put(child)

    def stop(self) -> None:
        """End those that wait, and let go who waits for one."""
        self.used.put(None)
        if self.thread.ident:
            self.thread.join(10)
        while not self.waiting.empty():
            if child := self.waiting.get():
                child.close()
        self.waiting.put(None)
