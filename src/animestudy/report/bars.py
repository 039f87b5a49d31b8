"""Bars of worker processes on this process's terminal, where no runner paints them."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from animestudy.progress import VARIABLE
from animestudy.report.terminal import Terminal


class Bars(Terminal):
    """A terminal without a notebook: bars, and no count of cells."""

    def lines(self) -> list[str]:
        """The first bar behind the name, then the others."""
        first, *others = super().lines()
        return [first.replace(f" cell {self.at}/{self.cells}", "", 1), *others]

    def _paint(self) -> None:
        if self.bars or self.live:
            super()._paint()


@contextmanager
def shown(name: str) -> Iterator[None]:
    """Within the block every bar (`animestudy.progress`) of this process and of its workers is painted.

    On a terminal they are repainted in place; elsewhere a line is printed now and then. Where a runner
    listens already, it goes on doing so.
    """
    if VARIABLE in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory() as folder, Bars(name, 0, Path(folder), sys.stderr) as terminal:
        os.environ[VARIABLE] = str(terminal.pipe)
        try:
            yield
        finally:
            del os.environ[VARIABLE]
