"""What the runner shows while a notebook runs: the stage, its cells and the library's own bars.

Bars (`animestudy.progress`) arrive as lines of JSON through a named pipe, from the kernel and from its worker
processes. On a terminal they are repainted in place, one line a bar; elsewhere one line is printed every
`PATIENCE` seconds. Nothing of this reaches the notebook.
"""

import json
import os
import select
import shutil
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import TextIO

from animestudy.progress import PATIENCE

REPAINT = 0.2  # seconds
MOST = 8  # bars shown at once


class Terminal:
    """Paints while the block runs; `folder` holds the pipe, whose path is `pipe`."""

    def __init__(self, stage: str, cells: int, folder: Path, stream: TextIO | None = None) -> None:
        self.stage, self.cells, self.at = stage, cells, 0
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.bars: dict[str, str] = {}
        self.drawn = 0
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.pipe = folder / "progress"
        self.started = time.monotonic()

    def __enter__(self) -> "Terminal":
        os.mkfifo(self.pipe)
        # opened for writing too, so that the pipe never ends while no bar is open
        self.descriptor = os.open(self.pipe, os.O_RDWR | os.O_NONBLOCK)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.set()
        self.thread.join()
        os.close(self.descriptor)
        with self.lock:
            self._erase()
            self.stream.flush()

    @property
    def seconds(self) -> float:
        """Time since the start."""
        return time.monotonic() - self.started

    def say(self, text: str) -> None:
        """Print a line that stays."""
        with self.lock:
            self._erase()
            print(f"[{self.stage}] {text}", file=self.stream, flush=True)

    def cell(self, number: int) -> None:
        """Cell `number` (from 1) has started."""
        self.at = number

    def take(self, line: str) -> None:
        """One message of a bar."""
        try:
            message = json.loads(line)
            name, text, end = message["bar"], message["text"], message["end"]
        except (ValueError, TypeError, KeyError):
            return  # half a line of a process that was killed
        if end:
            self.bars.pop(name, None)
        else:
            self.bars[name] = text

    def lines(self) -> list[str]:
        """What is going on: the stage with its oldest bar, then the other bars."""
        self.bars = {name: text for name, text in self.bars.items() if _alive(name)}
        first, *others = list(self.bars.values()) or [""]
        hidden = [f"… and {len(others) - MOST} more"] if len(others) > MOST else []
        head = f"[{self.stage}] cell {self.at}/{self.cells} {first}".rstrip()
        return [head, *(f"  {text}" for text in others[:MOST] + hidden)]

    def _run(self) -> None:
        rest, wait = "", REPAINT if self.live else PATIENCE
        shown = time.monotonic()
        while not self.stop.is_set():
            if select.select([self.descriptor], [], [], REPAINT)[0]:
                *lines, rest = (rest + os.read(self.descriptor, 1 << 16).decode(errors="replace")).split("\n")
                for line in lines:
                    self.take(line)
                self.stop.wait(REPAINT / 4)  # let messages gather instead of waking up for each
            if time.monotonic() - shown >= wait:
                shown = time.monotonic()
                with self.lock:
                    self._paint()

    def _paint(self) -> None:
        if not self.live:
            print(" · ".join(line.strip() for line in self.lines())[:200], file=self.stream, flush=True)
            return
        width = shutil.get_terminal_size().columns - 1
        lines = [line[:width] for line in self.lines()]
        self._erase()
        self.stream.write("\n".join(lines))
        self.stream.flush()
        self.drawn = len(lines)

    def _erase(self) -> None:
        if self.drawn:
            up = f"\x1b[{self.drawn - 1}A" if self.drawn > 1 else ""
            self.stream.write(f"\r{up}\x1b[J")
            self.drawn = 0


def _alive(name: str) -> bool:
    """Whether the process of a bar still runs (a killed one could not say that its bar ended)."""
    try:
        os.kill(int(name.split(".")[0]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
