"""What the platform costs beside its network, and how it takes what is thrown at it.

``python benchmarks/platform_overhead.py`` starts `animestudy serve` with the weights that come with the study
and one worker, and writes benchmarks/platform_overhead.json:

* start: until the page answers, and until the worker has the network in its memory;
* overhead: a 256×256 photograph from POST to the last byte of its result, its end heard by server-sent
  events, less the time that the network itself took in its worker (by `/api/metrics`; in another process the
  same network takes up to a fifth more or less, whichever process it is);
* memory of the server and of all its processes.

The committed numbers are of ``chrt -r 5 python benchmarks/platform_overhead.py``: beside other work, waiting
for a processor would be most of the overhead.
"""

import argparse
import http.client
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import psutil
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
        urllib.request.urlopen(address).close()
        yield address, process, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def encoded(picture: np.ndarray, form: str) -> bytes:
    """A picture file."""
    memory = io.BytesIO()
    Image.fromarray(picture).save(memory, form, **({"quality": 95} if form == "JPEG" else {}))
    return memory.getvalue()


class User:
    """A client that costs little itself."""

    def __init__(self, address: str) -> None:
        self.line = http.client.HTTPConnection(address.removeprefix("http://"))
        self.headers = {"Origin": address}
        self.line.request("GET", "/api/limits")
        answer = self.line.getresponse()
        self.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]
        answer.read()

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        """What the server answers."""
        extra = {"Content-Type": kind} if kind else {}
        self.line.request(method, path, body, self.headers | extra)
        answer = self.line.getresponse()
        assert answer.status < 300, answer.status
        return answer.read()

    def form(self, content: bytes) -> bytes:
        """A form of a file and a model."""
        head = '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nscene\r\n'
        head += '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        return head.encode() + content + b"\r\n--b--\r\n"


def request(user: User, content: bytes) -> float:
    """Seconds from POST to the last byte of the result."""
    body = user.form(content)
    began = time.perf_counter()
    job = json.loads(user.ask("POST", "/api/jobs", body, "multipart/form-data; boundary=b"))
    news = user.ask("GET", f"/api/jobs/{job['id']}/events")  # ends with the job
    job = json.loads(news.split(b"data: ")[-1])
    assert job["state"] == "done", job
    assert len(user.ask("GET", job["result"]["url"])) == job["result"]["bytes"]
    spent = time.perf_counter() - began
    user.ask("DELETE", f"/api/jobs/{job['id']}")
    return spent


def memory(pid: int) -> dict[str, float]:
    """Proportional share of memory, in MB, of a process and of it with all below it."""
    server = psutil.Process(pid)
    shares = [one.memory_full_info().pss / 1e6 for one in (server, *server.children(recursive=True))]
    return {"server": shares[0], "all processes": sum(shares)}


def network(user: User) -> float:
    """Seconds that the network has taken so far."""
    text = user.ask("GET", "/api/metrics").decode()
    return float(re.search(r"^animestudy_network_seconds (\S+)", text, re.MULTILINE)[1])


def measured(user: User, content: bytes, count: int) -> dict[str, object]:
    """Requests one after the other, in milliseconds."""
    whole, alone = [], []
    for _ in range(count + 5):
        before = network(user)
        whole.append(1000 * request(user, content))
        alone.append(1000 * (network(user) - before))
    whole, alone = np.array(whole[5:]), np.array(alone[5:])  # the first ones warm caches
    least, low, middle, high = np.quantile(whole - alone, [0, 0.25, 0.5, 0.75])
    return {
        "request": round(float(np.median(whole)), 1),
        "network": round(float(np.median(alone)), 1),
        "overhead": round(float(middle), 1),
        "quartiles": [round(float(low), 1), round(float(high), 1)],
        "least": round(float(least), 1),
    }


def main() -> None:
    """Measure, print, write."""
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--count", type=int, default=100, help="requests of each kind (100)")
    words.add_argument("--engine", default="local")
    args = words.parse_args()
    picture = np.asarray(Image.fromarray(data.astronaut()).resize((256, 256)))
    told: dict[str, object] = {"count": args.count, "engine": args.engine}
    with (
        tempfile.TemporaryDirectory() as folder,
        served(folder, "--workers", "1", "--engine", args.engine) as (address, process, started),
    ):
        user = User(address)
        began = time.perf_counter()
        while not json.loads(user.ask("GET", "/api/health"))["ready"]:
            time.sleep(0.02)
        ready = started + time.perf_counter() - began
        told["start_s"] = {"page": round(started, 2), "worker": round(ready, 2)}
        told["milliseconds"] = {
            form: measured(user, encoded(picture, form), args.count) for form in ("JPEG", "PNG")
        }
        told["memory_mb"] = {name: round(value) for name, value in memory(process.pid).items()}
    text = json.dumps(told, indent=2)
    name = "platform_overhead" + ("" if args.engine == "local" else f"_{args.engine}")
    (HERE / f"{name}.json").write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    main()
