"""Manners of worker processes: deaf to Ctrl-C, which is for whoever started them, and gone with them."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deaf() -> Iterator[None]:
    """Processes started in this block ignore Ctrl-C from their first moment, and so print no traceback."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)


def settle() -> None:
    """In a new process: leave Ctrl-C to the parent, and end with it, even if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the parent's end, then end."""
    multiprocessing.parent_process().join()
    os._exit(1)


@contextmanager
def ended_on_error() -> Iterator[None]:
    """Processes started in this block end at once when it is left by an exception, Ctrl-C among them."""
    strangers = set(multiprocessing.active_children())
    try:
        yield
    except BaseException:
        for child in set(multiprocessing.active_children()) - strangers:
            child.terminate()
        raise
