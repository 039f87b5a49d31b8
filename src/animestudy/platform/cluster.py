"""Workers on a Ray cluster: Ray core actors, each with the generators in its memory.

A cluster of its own lives and dies with the server, is this machine and listens to its loopback alone; with
an address, a running one is joined, and its actors are spread over its machines. More workers than processors
wait until a machine joins. Ray sends pickles, so whoever may talk to a cluster may run anything on it: token
authentication is always on.
"""

import ctypes
import importlib.util
import os
import secrets
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from animestudy.errors import StudyError
from animestudy.platform.engines import PATIENCE, Lost, Worker
from animestudy.platform.generators import Converter

START = 120.0  # seconds until an actor is there
TOKEN = Path.home() / ".ray/auth_token"
_connecting = threading.Lock()


def installed() -> bool:
    """Whether Ray is there."""
    return importlib.util.find_spec("ray") is not None


def prepare(address: str) -> None:
    """What Ray reads from the environment when it is imported: no report of usage, no stranger."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token"}
    if not address:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = (
            "0"  # as there: one machine, its loopback, on Linux too
        )
    if os.environ.get("RAY_AUTH_TOKEN") or os.environ.get("RAY_AUTH_TOKEN_PATH") or TOKEN.exists():
        return
    if address:
        raise StudyError(
            "--engine ray --address: no token of the cluster; `ray get-auth-token --generate` makes one "
            "before `ray start`, and RAY_AUTH_TOKEN_PATH=FILE names another place than ~/.ray/auth_token"
        )
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def members(files: Callable[[], Mapping[str, bytes]], number: int, address: str = "") -> Sequence[Worker]:
    """`number` workers; Ray itself starts with the first of them."""
    prepare(address)
    if not installed():
        raise StudyError("--engine ray: Ray is missing; pip install 'animestudy[cluster]'")
    return [Actor(files, number, address) for _ in range(number)]


def connect(number: int, address: str) -> None:
    """Join the cluster at `address`, or start one on this machine; once."""
    import ray

    with _connecting:
        if ray.is_initialized():
            return
        begun: Future[None] = Future()
        threading.Thread(target=hold, args=[begun, number, address], daemon=True).start()
        begun.result()


def hold(begun: Future[None], number: int, address: str) -> None:
    """Start Ray and stay: the system ends a cluster's processes with the thread that started them."""
    import ray

    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # Ctrl-C is the server's
    own = {"num_cpus": number, "include_dashboard": False}
    try:
        with undisturbed(signal.SIGTERM):
            ray.init(
                address or "local", namespace="animestudy", log_to_driver=False, logging_level="error",
                **({} if address else own),
            )  # fmt: skip
    except BaseException as error:
        return begun.set_exception(error)
    begun.set_result(None)
    threading.Event().wait()


@contextmanager
def undisturbed(number: signal.Signals) -> Iterator[None]:
    """What this process does on a signal stays: Ray's own handler would abort a server that takes its time.

    Only the system knows of that handler, not Python, and `signal.signal` works in the main thread alone.
    """
    system, held = ctypes.CDLL(None), ctypes.create_string_buffer(512)  # a struct sigaction and more
    system.sigaction(number, None, held)
    try:
        yield
    finally:
        system.sigaction(number, held, None)


class Actor:
    """A worker of a cluster."""

    def __init__(self, files: Callable[[], Mapping[str, bytes]], number: int, address: str) -> None:
        self.files, self.number, self.address = files, number, address
        self.actor = None

    def start(self) -> None:
        import ray

        self.stop()
        try:
            connect(self.number, self.address)
            spread = {"num_cpus": 1, "max_restarts": 0, "scheduling_strategy": "SPREAD"}
            self.actor = ray.remote(Converter).options(**spread).remote(self.files())
            ray.get(self.actor.__ray_ready__.remote(), timeout=START)
        except (ray.exceptions.RayError, ConnectionError, RuntimeError) as error:
            self.stop()
            raise Lost(f"{type(error).__name__}: {str(error).splitlines()[0]}") from None

    def convert(self, model: str, chunks: Sequence[np.ndarray]) -> tuple[list[np.ndarray | str], float]:
        import ray

        if (actor := self.actor) is None:
            raise Lost("stopped")
        try:
            return ray.get(actor.convert.remote(model, chunks), timeout=PATIENCE)
        except ray.exceptions.RayError as error:
            raise Lost(type(error).__name__) from None

    def stop(self) -> None:
        import ray

        actor, self.actor = self.actor, None  # a node that is asked twice at once to end it may break
        if actor is not None and ray.is_initialized():
            ray.kill(actor)


def leave() -> None:
    """Leave the cluster; one of its own ends with that."""
    import ray

    if ray.is_initialized():
        ray.shutdown()
