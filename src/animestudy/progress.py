"""Progress bars that reach the terminal and never the notebook.

A kernel's stderr is captured into its notebook, so a bar written there would end up in the executed copy
and differ on every run. The runner therefore opens a pipe, names it in ``STUDY_PROGRESS`` and paints what
arrives there on its own terminal. Bars of worker processes take the same way, since they inherit the
variable. Without it (the command line, a notebook explored by hand) a bar goes to stderr.
"""

import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress

from tqdm import tqdm

VARIABLE = "STUDY_PROGRESS"
PATIENCE = 10.0  # seconds between two lines where nobody watches a terminal
_number = itertools.count(1)


class Bar(tqdm):
    """A tqdm that says one calm line, ``epoch 7/12 loss 0.41 eta 00:31``, and knows where to say it."""

    monitor_interval = 0  # no watcher thread: bars live in forked and spawned workers too

    def __init__(self, *args: object, **options: object) -> None:
        self.name = f"{os.getpid()}.{next(_number)}"
        self.pipe = _open_pipe()
        self.shown = time.time()  # when it was last painted
        live = self.pipe is not None or _repaints(sys.stderr)
        self.lines = not live  # print whole lines instead of repainting one
        options |= {
            "file": sys.stderr if self.pipe is None else _Nowhere(),
            "mininterval": 0.2 if live else PATIENCE,
            "miniters": 0,
            "maxinterval": float("inf"),
            "dynamic_ncols": live,
            "delay": 0 if live else 1e-9,  # a line only when there is something to say
        }
        super().__init__(*args, **options)

    @staticmethod
    def format_meter(
        n: float, total: float | None, elapsed: float, prefix: str = "", unit: str = "it", **facts: object
    ) -> str:
        rate = facts.get("rate") or (n / elapsed if elapsed > 0 else None)
        count = f"{n:g}" if total is None else f"{n:g}/{total:g}"
        if total is not None and n >= total:
            spent = f"took {tqdm.format_interval(elapsed)}"
        elif total is not None and rate:
            spent = f"eta {tqdm.format_interval((total - n) / rate)}"
        else:
            spent = tqdm.format_interval(elapsed)
        noun = unit if unit != "it" else ""
        words = (prefix.removesuffix(": "), count, noun, str(facts.get("postfix") or ""), spent)
        line = " ".join(word for word in words if word)
        width = facts.get("ncols")
        return line[:width] if width and width > 0 else line

    def set_postfix(self, ordered_dict: dict | None = None, refresh: bool = True, **values: object) -> None:
        """Facts shown behind the count: ``bar.set_postfix(loss=0.41)``."""
        facts = {**(ordered_dict or {}), **values}
        self.postfix = " ".join(
            f"{key} {self.format_num(value) if isinstance(value, (int, float)) else value}"
            for key, value in facts.items()
        )
        if refresh and time.time() - self.shown >= self.mininterval:
            self.refresh()

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        self.shown = time.time()
        if self.pipe is not None:
            self._send(str(self))
        elif self.lines:
            self.fp.write(f"{self}\n")
            self.fp.flush()
        else:
            super().display(msg, pos)

    def close(self) -> None:
        """End the bar (again is harmless)."""
        if self.disable:
            return
        if self.pipe is not None:
            self._send("", end=True)
            os.close(self.pipe)
        elif not self.lines:
            return super().close()
        elif self.pos == 0 or time.time() - self.start_t >= PATIENCE:
            self.display()  # of short inner bars nobody wants to read
        self.disable = True
        self._decr_instances(self)

    def _send(self, text: str, end: bool = False) -> None:
        # shorter than PIPE_BUF, so that lines of several processes never mix
        line = json.dumps({"bar": self.name, "text": text[:400], "end": end}) + "\n"
        with suppress(OSError):  # full, or its reader has gone: progress must never stop the work
            os.write(self.pipe, line.encode())


Bar.set_lock(threading.RLock())  # tqdm's own is a semaphore shared among processes, which nobody here needs


class _Nowhere:
    """What tqdm gets as its file when a pipe carries the text."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass


def _open_pipe() -> int | None:
    """The runner's pipe, opened to append; None where there is no runner."""
    path = os.environ.get(VARIABLE)
    if not path:
        return None
    try:
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK)
    except OSError:  # the runner has gone; stderr would be the notebook
        return os.open(os.devnull, os.O_WRONLY)


def _repaints(stream: object) -> bool:
    """Whether a line can be painted again: on a terminal, and in JupyterLab's output area."""
    return bool(getattr(stream, "isatty", bool)()) or type(stream).__name__ == "OutStream"


def bar(
    iterable: Iterable | None = None, *, total: float | None = None, description: str = "", unit: str = "it"
) -> tqdm:
    """A progress bar, used as tqdm is: iterate over it, or ``with bar(total=n) as b: b.update()``.

    `description` is a word such as "epoch"; `unit` names what is counted. Facts go in by
    ``set_postfix(loss=…)``. Works in worker processes.
    """
    return Bar(iterable, total=total, desc=description or None, unit=unit, leave=False)
