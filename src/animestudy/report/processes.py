"""Ending a kernel with everything it started.

jupyter_client starts a kernel in a session of its own, so Ctrl-C on the terminal does not reach it, and
killing the kernel alone would leave its worker processes behind. All of them share the kernel's session
number, also after the kernel has gone, so the session is what is ended.
"""

import os
import signal
from collections.abc import Iterable
from contextlib import suppress

import psutil
from jupyter_client import AsyncKernelManager


def children() -> set[int]:
    """The sessions that children of this process lead (a kernel's number is its session's)."""
    return {child.pid for child in psutil.Process().children() if _session(child.pid) == child.pid}


def end(sessions: Iterable[int], patience: float = 1.0) -> None:
    """End every process of the sessions: asked first, killed after `patience` seconds.

    Resource trackers (of multiprocessing and joblib) are left to end by themselves, which they do at once
    when their last client has gone: they then remove the shared memory that killed workers leave.
    """
    sessions = set(sessions)
    workers = [process for process in _members(sessions) if not _is_tracker(process)]
    for sign in (signal.SIGTERM, signal.SIGKILL):
        _send(workers, sign)
        _, workers = psutil.wait_procs(workers, timeout=patience)
    trackers = _members(sessions)
    _, trackers = psutil.wait_procs(trackers, timeout=patience)
    _send(trackers, signal.SIGKILL)


def _members(sessions: set[int]) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _session(process.pid) in sessions]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _is_tracker(process: psutil.Process) -> bool:
    try:
        return any("resource_tracker" in word for word in process.cmdline())
    except psutil.Error:
        return False


def _send(processes: Iterable[psutil.Process], sign: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(sign)


class StageKernelManager(AsyncKernelManager):
    """Starts a kernel as usual, and ends it with all its processes."""

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        """Without ceremony: whatever the kernel had to say has been said."""
        if self.provisioner is not None and self.provisioner.pid:
            end({self.provisioner.pid})
        await super().shutdown_kernel(now=True, restart=restart)
