"""`animestudy serve`: everything together, until it is told to stop."""

import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from animestudy.cores import cores
from animestudy.errors import StudyError
from animestudy.platform import app, generators, guard, limits, logs
from animestudy.platform.actors import Manager
from animestudy.platform.engines import Crew, Process, Worker
from animestudy.platform.guard import LOOPBACK
from animestudy.platform.metrics import Metrics
from animestudy.platform.parts import Platform
from animestudy.platform.store import Store


@dataclass(frozen=True)
class Request:
    """The words of the command line."""

    host: str = "127.0.0.1"
    port: int = 8000
    engine: str = "local"
    data: Path = Path("scratch/platform")
    workers: int = 0  # 0: one a core
    address: str = ""  # of a Ray cluster
    names: Sequence[str] = ()  # by which browsers may call the server
    limit: Sequence[str] = ()  # NAME=NUMBER
    grace: float = 10.0  # seconds that jobs may take when the server stops


class Server(uvicorn.Server):
    """Uvicorn that lets open event streams end when it is told to stop."""

    platform: Platform

    def handle_exit(self, sig: int, frame: object) -> None:
        manager = self.platform.manager
        manager.closing = True
        for job in manager.jobs.values():
            manager.tell(job)
        self.force_exit = self.should_exit and sig == signal.SIGINT  # a second Ctrl-C does not wait
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = sockets[0].getsockname()[:2]
            print(f"http://{f'[{host}]' if ':' in host else host}:{port}/ (Ctrl-C stops it)", flush=True)


def run(request: Request) -> int:
    """Serve until stopped; returns 0."""
    guard.private()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    listening = bound(request.host, request.port)
    held = build(request)
    logs.begin()
    if request.host not in LOOPBACK:
        print(
            f"animestudy: {request.host} can be reached by others: put HTTPS in front of it (SECURITY.md)",
            file=sys.stderr,
        )
    server(held).run([listening])
    return 0


def server(held: Platform) -> Server:
    """Uvicorn with everything that it should not do switched off."""
    config = uvicorn.Config(
        app.create(held), log_config=None, access_log=False, server_header=False, date_header=False,
        timeout_keep_alive=15, timeout_graceful_shutdown=int(held.grace) + 1, lifespan="on", ws="none",
        h11_max_incomplete_event_size=32768, limit_concurrency=2000,
    )  # fmt: skip
    made = Server(config)
    made.platform = held
    return made


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there."""
    if not 0 <= port <= 65535:
        raise StudyError(f"--port {port}: 0 (any that is free) to 65535")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(found[0], socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(found[4])
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise StudyError(f"--host {host} --port {port}: {(error.strerror or str(error)).lower()}") from None
    return made


def build(request: Request) -> Platform:
    """The parts of a server, not yet started."""
    models, allowed = generators.available(), limits.changed(request.limit)
    number = request.workers or cores()
    if number < 1:
        raise StudyError(f"--workers {request.workers}: 1 or more")
    crew = Crew(crewed(request, models, number))
    store, metrics = Store(request.data), Metrics()
    return Platform(
        store=store,
        crew=crew,
        manager=Manager(store, crew, allowed, metrics),
        limits=allowed,
        models=tuple(models),
        sessions=guard.Sessions(request.data),
        metrics=metrics,
        rate=limits.Rate(allowed.per_minute),
        grace=request.grace,
        names=(*LOOPBACK, *(("*",) if request.host not in LOOPBACK else ()), request.host, *request.names),
    )


def crewed(request: Request, models: dict[str, str], number: int) -> Sequence[Worker]:
    """The workers of an engine."""

    def files() -> dict[str, bytes]:
        return generators.weights(models)

    if request.engine == "local":
        return [Process(files) for _ in range(number)]
    if request.engine == "ray":
        from animestudy.platform import cluster

        return cluster.members(files, number, request.address)
    raise StudyError(f"--engine {request.engine}: choose local or ray")
