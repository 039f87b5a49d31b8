"""A platform for the tests: a real server on a free port of the loopback, with workers of any kind."""

import contextlib
import io
import threading
import time
from fractions import Fraction

import av
import httpx
import numpy as np
from PIL import Image

from animestudy.platform import guard, limits, serve
from animestudy.platform.actors import Manager
from animestudy.platform.engines import Crew, Lost
from animestudy.platform.metrics import Metrics
from animestudy.platform.parts import Platform
from animestudy.platform.store import Store


class Negative:
    """A worker without a network: it gives negatives, waits at a gate, and dies when it is told to."""

    def __init__(self):
        self.gate = threading.Event()
        self.gate.set()
        self.deaths = 0  # times that it will die
        self.starts = 0
        self.seen = []  # sizes of the chunks of each message

    def start(self):
        self.starts += 1

    def convert(self, model, chunks):
        self.seen.append([chunk.shape for chunk in chunks])
        self.gate.wait(20)
        if self.deaths:
            self.deaths -= 1
            raise Lost("told to")
        return [255 - chunk for chunk in chunks], 0.0

    def stop(self):
        self.gate.set()


def parts(folder, members, allowed=None, models=("scene", "portrait")):
    """A platform that is not yet started."""
    allowed = allowed or limits.Limits()
    crew, store, metrics = Crew(members), Store(folder), Metrics()
    return Platform(
        store, crew, Manager(store, crew, allowed, metrics), allowed, tuple(models), guard.Sessions(folder),
        metrics, limits.Rate(allowed.per_minute), grace=5.0,
    )  # fmt: skip


@contextlib.contextmanager
def server(held):
    """Serve a platform; its address."""
    listening = serve.bound("127.0.0.1", 0)
    runner = serve.server(held)
    thread = threading.Thread(target=runner.run, args=[[listening]], daemon=True)
    thread.start()
    held.stop = lambda: runner.handle_exit(15, None)
    until(lambda: runner.started)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        held.stop()
        thread.join(30)
        assert not thread.is_alive()


def until(true, seconds=20.0):
    """Wait until something holds; its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := true():
            return value
        time.sleep(0.01)
    raise AssertionError("waited in vain")


class User(httpx.Client):
    """A browser, as far as it matters."""

    def __init__(self, address):
        super().__init__(base_url=address, timeout=30, headers={"origin": address})

    def __enter__(self):
        super().__enter__()
        assert self.get("/api/limits").status_code == 200  # which sets the cookie
        return self

    def send_file(self, content, name="a.png", model="scene", **words):
        return self.post("/api/jobs", files={"file": (name, content)}, data={"model": model}, **words)

    def submit(self, content, name="a.png", model="scene"):
        answer = self.send_file(content, name, model)
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    def job(self, id):
        return self.get(f"/api/jobs/{id}").json()

    def ended(self, id, seconds=40.0):
        return until(
            lambda: (job := self.job(id))["state"] in ("done", "failed", "cancelled") and job, seconds
        )


def pixels(height=40, width=56, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def encoded(image, form="PNG", **options):
    """A picture file's bytes."""
    memory = io.BytesIO()
    Image.fromarray(image).save(memory, form, **options)
    return memory.getvalue()


def film(count=12, height=48, width=64, form="mp4", **facts):
    """A clip file's bytes: a square that moves; `facts` are its container's metadata."""
    memory = io.BytesIO()
    codec, kind = ("libvpx-vp9", "webm") if form == "webm" else ("libx264", "mp4")
    with av.open(memory, "w", format=kind) as out:
        out.metadata.update(facts)
        stream = out.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for t in range(count):
            image = np.full((height, width, 3), 90, np.uint8)
            image[10:20, 2 * t : 2 * t + 10] = 220
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts, frame.time_base = t, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return memory.getvalue()


def moving(count=6, side=32):
    """An animated GIF's bytes."""
    memory = io.BytesIO()
    frames = [Image.fromarray(np.full((side, side, 3), 30 * t, np.uint8)) for t in range(count)]
    frames[0].save(memory, "GIF", save_all=True, append_images=frames[1:], duration=40)
    return memory.getvalue()
