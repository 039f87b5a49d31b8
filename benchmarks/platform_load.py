"""Fifty users of the platform at once, for two minutes; writes ``benchmarks/platform_load.csv``.

Each user submits a picture that no other one has ever sent: black and white squares that spell the user, the
turn and a random number. The drawing that comes back has to spell the same; another user's job has to be
unknown under every address. Memory is that of the server and all its processes, shared pages counted once.
Server and users share the machine's cores, so the times are those of a busy machine.
"""

import argparse
import asyncio
import io
import json
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import psutil
from PIL import Image

HERE = Path(__file__).parent
CELLS, CELL = 6, 16  # squares a side, pixels a square
BITS = {"user": 6, "turn": 8, "number": 20}  # what the squares between a black and a white one spell
PACE = 2.2  # seconds between two submissions of a user; 30 a minute are allowed
MIB = 2**20


def picture(*values: int) -> bytes:
    """A PNG whose squares spell the values of `BITS`."""
    word = "".join(f"{value:0{width}b}" for value, width in zip(values, BITS.values(), strict=True))
    squares = np.array([int(bit) for bit in f"0{word}1"], np.uint8).reshape(CELLS, CELLS)
    grey = (30 + 195 * squares).repeat(CELL, 0).repeat(CELL, 1)
    file = io.BytesIO()
    Image.fromarray(np.stack([grey] * 3, 2)).save(file, "PNG")
    return file.getvalue()


def spelt(content: bytes) -> tuple[int, ...]:
    """The values that a drawing's squares spell."""
    grey = np.asarray(Image.open(io.BytesIO(content)).convert("L"), float)
    inner = grey.reshape(CELLS, CELL, CELLS, CELL)[:, 4:-4, :, 4:-4].mean((1, 3)).ravel()
    word = "".join("01"[bit] for bit in (inner > (inner[0] + inner[-1]) / 2).astype(int))[1:-1]
    values, place = [], 0
    for width in BITS.values():
        values.append(int(word[place : place + width], 2))
        place += width
    return tuple(values)


class Crowd:
    """What has happened to all users."""

    def __init__(self) -> None:
        self.seconds: list[float] = []  # from submission to drawing
        self.faults: Counter[str] = Counter()
        self.strangers = 0  # tries at another user's job
        self.latest: dict[int, str] = {}  # user → id of the latest job


async def user(number: int, address: str, until: float, crowd: Crowd) -> None:
    """One visitor: submits, listens, fetches, looks, tries a door that should be shut, deletes."""
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:
        await asyncio.sleep(PACE * number / 50)
        await client.get("/")
        turn = 0
        while time.monotonic() < until:
            begun = time.monotonic()
            try:
                await request(client, number, turn, crowd)
                crowd.seconds.append(time.monotonic() - begun)
            except (httpx.HTTPError, ValueError, KeyError) as error:
                crowd.faults[f"{type(error).__name__}: {error}"[:120]] += 1
            turn += 1
            await asyncio.sleep(max(0, begun + PACE - time.monotonic()))


async def request(client: httpx.AsyncClient, number: int, turn: int, crowd: Crowd) -> None:
    """One job from submission to deletion."""
    values = (number, turn % 256, secrets.randbits(BITS["number"]))
    form = {"files": {"file": (f"{number}.png", picture(*values))}, "data": {"model": "scene"}}
    job = (await client.post("/api/jobs", **form)).raise_for_status().json()
    crowd.latest[number] = job["id"]
    async with client.stream("GET", f"/api/jobs/{job['id']}/events") as news:
        async for line in news.aiter_lines():
            if line.startswith("data:"):
                job = json.loads(line.removeprefix("data:"))
    if job["state"] != "done":
        raise ValueError(f"{job['state']}: {job['error']}")
    answer = (await client.get(job["result"]["url"])).raise_for_status()
    if (found := spelt(answer.content)) != values:
        raise ValueError("a drawing of " + ("somebody else" if found[0] != number else "something else"))
    if other := [id for name, id in crowd.latest.items() if name != number]:
        path = f"/api/jobs/{secrets.choice(other)}{secrets.choice(['', '/result', '/events'])}"
        crowd.strangers += 1
        if (await client.get(path)).status_code != 404:
            raise ValueError("another user's job was shown")
    if turn % 2:
        (await client.delete(f"/api/jobs/{job['id']}")).raise_for_status()


async def weigh(process: psutil.Process, until: float) -> list[float]:
    """MiB of the server and its processes, each second."""
    found = []
    while time.monotonic() < until:
        total = 0
        for one in (process, *process.children(recursive=True)):
            try:
                total += one.memory_full_info().pss
            except psutil.Error:  # it has just ended
                continue
        found.append(total / MIB)
        await asyncio.sleep(1)
    return found


async def visit(address: str, process: psutil.Process, users: int, seconds: int) -> dict[str, float]:
    """Let the users in; the rows of the table."""
    crowd, until = Crowd(), time.monotonic() + seconds
    visitors = [user(number, address, until, crowd) for number in range(users)]
    weights, *_ = await asyncio.gather(weigh(process, until), *visitors)
    for words, count in crowd.faults.most_common():
        print(f"{count} × {words}", file=sys.stderr)
    quarter = len(weights) // 4  # the first one warms up
    early, late = weights[quarter : 2 * quarter], weights[-quarter:]
    return {
        "users at once": users,
        "seconds": seconds,
        "drawings, each with its own user's squares": len(crowd.seconds),
        "errors": sum(crowd.faults.values()),
        "tries at another user's job, all refused": crowd.strangers,
        "median seconds from submission to drawing": statistics.median(crowd.seconds),
        "95th percentile of them": float(np.percentile(crowd.seconds, 95)),
        "memory in the second quarter, MiB": statistics.median(early),
        "memory in the last quarter, MiB": statistics.median(late),
        "peak memory, MiB": max(weights),
    }


def main() -> int:
    """Start a server, let the users in, write the table; 1 if anything went wrong for one of them."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--users", type=int, default=50)
    words.add_argument("--seconds", type=int, default=120)
    words.add_argument("--engine", choices=("local", "ray"), default="local")
    args = words.parse_args()
    with tempfile.TemporaryDirectory() as data:
        serve = [sys.executable, "-m", "animestudy.cli", "serve", "--port", "0", "--data", data]
        serve += ["--engine", args.engine]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            try:
                address = next(
                    found[0] for line in process.stdout if (found := re.search(r"http://[\w.:]+", line))
                )
                found = asyncio.run(visit(address, psutil.Process(process.pid), args.users, args.seconds))
            finally:
                process.terminate()
    table = pd.Series(found, name="value").rename_axis("measure").round(3)
    table.to_csv(HERE / "platform_load.csv")
    print(table.to_string())
    return int(found["errors"] > 0)


if __name__ == "__main__":
    sys.exit(main())
