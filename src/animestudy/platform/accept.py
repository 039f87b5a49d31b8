"""A submission becomes a job, or is declined before, while or after its file comes in."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from animestudy.platform import intake
from animestudy.platform.actors import Job
from animestudy.platform.intake import Declined
from animestudy.platform.parts import Platform
from animestudy.platform.store import Row

LINGER = 4_000_000  # bytes of a declined upload that are still read, so that the answer is


async def submission(held: Platform, request: Request) -> Job:
    """The job of a request; `Declined` where there is none, and then nothing is left of it."""
    user, body = request.state.user, request.stream()
    try:
        early(held, user, request.headers.get("content-length", "0"))
        held.uploads[user] += 1
        try:
            return held.manager.submit(await stored(held, user, request, body))
        finally:
            held.uploads[user] -= 1
            if not held.uploads[user]:
                del held.uploads[user]
    except ClientDisconnect:
        raise Declined(400, "The upload broke off.") from None
    except Declined:
        await linger(body)
        raise


async def stored(held: Platform, user: str, request: Request, body: AsyncIterator[bytes]) -> Row:
    """The file in a folder of its own, and the row that describes it."""
    id = held.store.room()
    try:
        kind, source = request.headers.get("content-type", ""), held.store.place(id) / "source"
        got = await intake.receive(kind, body, source, held.limits, held.models)
        later(held, user, got.size)
    except BaseException:
        shutil.rmtree(held.store.place(id), ignore_errors=True)
        raise
    return Row(
        id=id, user=user, name=got.name, kind=got.kind, model=got.model, created=time.time(),
        type=got.type, size=got.size,
    )  # fmt: skip


def early(held: Platform, user: str, length: str) -> None:
    """Decline what can be told before a byte of the file is read."""
    most = max(held.limits.clip_bytes, held.limits.picture_bytes)
    if length.isdigit() and int(length) > most + intake.AROUND:
        raise Declined(413, f"The file is too large: at most {most / 1e6:g} MB.")
    later(held, user, 0)
    if wait := held.rate.wait(user):
        words = f"At most {held.limits.per_minute} jobs a minute: wait a moment."
        raise Declined(429, words, wait=int(wait) + 1)


def later(held: Platform, user: str, size: int) -> None:
    """Decline what the other jobs leave no room for."""
    if held.manager.closing:
        raise Declined(503, "The server is stopping: try again in a minute.", wait=60)
    open_jobs = sum(job.row.user == user for job in held.manager.jobs.values())
    coming = held.uploads[user] if not size else 0  # afterwards it is one of these itself
    if open_jobs + coming >= held.limits.open_jobs:
        words = f"At most {held.limits.open_jobs} jobs at once: wait until one has ended."
        raise Declined(429, words, wait=5)
    if len(held.manager.jobs) >= held.limits.queue:
        raise Declined(429, "Too many people are waiting: try again in a minute.", wait=60)
    if held.store.stored(user) + size > held.limits.stored_bytes:
        raise Declined(429, "Your results fill your share of the disk: delete some of them.", wait=60)


async def linger(body: AsyncIterator[bytes]) -> None:
    """Read some more of a declined upload: a client that still sends would not see the answer."""
    left = LINGER
    try:
        async with asyncio.timeout(2):
            async for data in body:
                left -= len(data)
                if left < 0:
                    return
    except (TimeoutError, ClientDisconnect, RuntimeError):
        return
