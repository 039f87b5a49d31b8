"""Manners of worker processes: deaf to Ctrl-C, which is for whoever started them, and gone with them."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

CTRL_C = {signal.SIGINT}


@contextmanager
def deaf() -> Iterator[None]:
    """Processes started in this block hear no Ctrl-C until they `settle`, and so print no traceback.

    They inherit the mask of this thread. Here it is not lost: one that comes in the meantime is raised at the
    end of the block, also when another thread, whose mask is open, took it.
    """
    came: list[int] = []
    main = threading.current_thread() is threading.main_thread()
    heard = signal.signal(signal.SIGINT, lambda number, _: came.append(number)) if main else None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, CTRL_C)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if main:
            signal.signal(signal.SIGINT, heard)
        if came:
            signal.raise_signal(signal.SIGINT)


def settle() -> None:
    """In a new process: leave Ctrl-C to the parent, and end with it, even if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, CTRL_C)  # for what this process may start in its turn
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


def close(pool: ProcessPoolExecutor) -> None:
    """End a pool, also one whose processes were ended in the middle of handing over a result.

    The pool would wait for the rest of that result for ever, because it keeps an end of the pipe open itself.
    """
    if results := pool._result_queue:
        results._writer.close()
    pool.shutdown(cancel_futures=True)
