"""What the platform costs beside its network, and how it takes what is thrown at it.

``python benchmarks/platform_overhead.py`` starts `animestudy serve` with the weights that come with the study
and one worker, and writes benchmarks/platform_overhead.json:

* start: until the page answers, and until the worker has the network in its memory;
* overhead: a 256×256 photograph from POST to the last byte of its result, its end heard by server-sent
  events, over the same network called in this process on one thread, in turns;
* memory of the server and of all its processes.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import httpx
import numpy as np
from PIL import Image
from skimage import data

HERE = Path(__file__).parent
LIMITS = ("per_minute=100000", "stored_bytes=100000000000")


@contextmanager
def served(folder: str, *words: str) -> Iterator[tuple[str, subprocess.Popen, float]]:
    """A server; its address, its process, and the seconds until its page answered."""
    began = time.perf_counter()
    limits = [word for limit in LIMITS for word in ("--limit", limit)]
    process = subprocess.Popen(
        [sys.executable, "-m", "animestudy.cli", "serve", "--port", "0", "--data", folder, *limits, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        address = process.stdout.readline().split()[0].rstrip("/")
        httpx.get(f"{address}/api/limits").raise_for_status()
        yield address, process, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def encoded(picture: np.ndarray, form: str) -> bytes:
    """A picture file."""
    memory = io.BytesIO()
    Image.fromarray(picture).save(memory, form, **({"quality": 95} if form == "JPEG" else {}))
    return memory.getvalue()


def request(user: httpx.Client, content: bytes) -> float:
    """Seconds from POST to the last byte of the result."""
    began = time.perf_counter()
    answer = user.post("/api/jobs", files={"file": ("a", content)}, data={"model": "scene"})
    answer.raise_for_status()
    job = answer.json()
    with user.stream("GET", f"/api/jobs/{job['id']}/events") as news:
        for line in news.iter_lines():
            if line.startswith("data: "):
                job = json.loads(line[6:])
    assert job["state"] == "done", job
    assert len(user.get(job["result"]["url"]).content) == job["result"]["bytes"]
    spent = time.perf_counter() - began
    user.delete(f"/api/jobs/{job['id']}").raise_for_status()
    return spent


def memory(pid: int) -> dict[str, float]:
    """Proportional share of memory, in MB, of a process and of all below it."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout
    parents = {int(one): int(two) for one, two in map(str.split, listed.splitlines())}
    family = [pid]
    for one in family:
        family += [child for child, parent in parents.items() if parent == one]

    def share(one: int) -> float:
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            return 0.0
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000

    return {"server": share(pid), "all processes": sum(map(share, family))}


def main() -> None:
    """Measure, print, write."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--count", type=int, default=60, help="requests of each kind (60)")
    words.add_argument("--engine", default="local")
    args = words.parse_args()

    import torch

    from animestudy.convert import engines, generator

    torch.set_num_threads(1)
    bare = engines.work(generator.found("scene"), engines.Machine())
    picture = np.asarray(Image.fromarray(data.astronaut()).resize((256, 256)))
    told: dict[str, object] = {"count": args.count, "engine": args.engine}
    with (
        tempfile.TemporaryDirectory() as folder,
        served(folder, "--workers", "1", "--engine", args.engine) as (address, process, started),
        httpx.Client(base_url=address, timeout=60) as user,
    ):
        began = time.perf_counter()
        while not user.get("/api/health").json()["ready"]:
            time.sleep(0.02)
        told["start"] = {"page": started, "worker": started + time.perf_counter() - began}
        user.headers["origin"] = address
        for form in ("JPEG", "PNG"):
            content = encoded(picture, form)
            pairs = []
            for k in range(args.count + 5):
                began = time.perf_counter()
                bare(picture[None])
                alone = time.perf_counter() - began
                whole = request(user, content)
                if k >= 5:  # the first ones warm caches
                    pairs.append((alone, whole))
            over = sorted(1000 * (whole - alone) for alone, whole in pairs)
            told[form] = {
                "network_ms": 1000 * statistics.median(alone for alone, _ in pairs),
                "request_ms": 1000 * statistics.median(whole for _, whole in pairs),
                "overhead_ms": statistics.median(over),
                "overhead_ms_quartiles": [over[len(over) // 4], over[3 * len(over) // 4]],
            }
        told["memory_mb"] = memory(process.pid)
    text = json.dumps(told, indent=2, default=float)
    name = "platform_overhead" + ("" if args.engine == "local" else f"_{args.engine}")
    (HERE / f"{name}.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
