"""What the server writes about itself: one JSON object a line, on stderr.

No name of a file, no token, no address: jobs by their ids, users by the first letters of a fingerprint.
"""

import json
import logging
import sys
import time
import traceback
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from prometheus_client import Counter

LOG = logging.getLogger("animestudy.platform")


class Lines(logging.Formatter):
    """A record as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        facts = {
            "time": f"{stamp}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            facts["trace"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(facts, ensure_ascii=False, default=str)


def begin() -> None:
    """Send the server's records, and those of uvicorn, to stderr."""
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(Lines())
    for name, level in (("animestudy.platform", logging.INFO), ("uvicorn.error", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [out], False
        logger.setLevel(level)


def say(event: str, level: int = logging.INFO, **facts: object) -> None:
    """Write a line."""
    LOG.log(level, event, extra={"facts": facts})


class Access:
    """ASGI middleware: one line and one count for each answer."""

    def __init__(self, app: ASGIApp, counted: "Counter") -> None:
        self.app, self.counted = app, counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            self.counted.labels(status or 499).inc()
            route = scope.get("route")
            say(
                "request",
                method=scope["method"],
                route=getattr(route, "path", ""),
                status=status or 499,
                seconds=round(time.perf_counter() - began, 4),
            )
