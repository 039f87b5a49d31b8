"""The actors of the paper's section 4: a manager takes requests, and a child of its own serves each.

`Manager` → `Job` (an id of its own, bound to its user) → a child of the sandbox that reads and writes the
file, and the crew of workers that converts its frames. A manager watches its jobs: one whose child or worker
died runs once more, alone; then it has failed, with its reason. All of it lives on the server's event loop;
the conversation with a child is blocking and has a thread.
"""

import asyncio
import dataclasses
import os
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from animestudy.platform import logs
from animestudy.platform.engines import Crew, Failed, Lost
from animestudy.platform.limits import ENDINGS, Limits
from animestudy.platform.metrics import Metrics
from animestudy.platform.sandbox import Broken, Child, Nursery, Refused
from animestudy.platform.store import ENDED, Row, Store

ATTEMPTS = 2  # of a job, if a process is lost under it
BEGUN = 4  # times that a job is begun in all, the server's own ends counted
TYPES = {ending: type for type, ending in ENDINGS.items()}  # of a result, by the ending of its file
GONE = "The conversion broke off twice: the file may be damaged."


class Job:
    """One request while it is open."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.frames: int | None = None  # expected
        self.done = 0  # frames
        self.began = 0.0
        self.guess: float | None = None  # seconds that a picture will take, by those before it
        self.child: Child | None = None
        self.stopped = ""  # why it should end: cancelled | requeued
        self.change = asyncio.Event()

    @property
    def progress(self) -> float:
        """0 … 1; what is left after the last frame is writing."""
        if self.row.state in ENDED:
            return 1.0 if self.row.state == "done" else 0.0
        if self.guess and self.row.state == "running":
            return min(0.95, (time.monotonic() - self.began) / self.guess)
        return min(0.99, self.done / self.frames) if self.frames else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Of a running job, once there is something to judge by."""
        if self.row.state != "running":
            return None
        spent, share = time.monotonic() - self.began, self.progress
        if self.guess:
            return round(max(0.0, self.guess - spent), 1)
        return round(spent / share - spent, 1) if share > 0 else None

    def stop(self, why: str) -> None:
        """End its child, and with that its conversation."""
        self.stopped = self.stopped or why
        if self.child is not None:
            self.child.kill()


class Manager:
    """All open jobs, and who waits for news of them."""

    def __init__(self, store: Store, crew: Crew, limits: Limits, metrics: Metrics) -> None:
        self.store, self.crew, self.limits, self.metrics = store, crew, limits, metrics
        self.at_once = len(crew.members) + 2  # jobs that run: some read and write while others convert
        self.nursery = Nursery(room=max(limits.clip_bytes, 100_000_000) * 5)
        self.threads = ThreadPoolExecutor(self.at_once, "job")
        self.jobs: dict[str, Job] = {}  # open ones, in the order in which they came
        self.tasks: set[asyncio.Task] = set()
        self.pace: dict[str, float] = {}  # model → seconds for a pixel of a picture
        self.closing = False

    def start(self) -> None:
        """Take up what an earlier server has left, and begin."""
        self.loop = asyncio.get_running_loop()
        for row in self.store.recover(BEGUN):
            self.jobs[row.id] = Job(row)
        if self.jobs:
            logs.say("jobs taken up", count=len(self.jobs))
        self.nursery.start()
        self.crew.start()
        self.pump()

    def submit(self, row: Row) -> Job:
        """A new job, its source in place."""
        self.store.add(row)
        job = self.jobs[row.id] = Job(row)
        logs.say("job", job=row.id, user=row.user[:8], kind=row.kind, model=row.model, bytes=row.size)
        self.pump()
        return job

    def pump(self) -> None:
        """Begin jobs while there is room: next is the oldest of the user who has the fewest running."""
        while not self.closing:
            running = [job.row.user for job in self.jobs.values() if job.row.state == "running"]
            waiting = [job for job in self.jobs.values() if job.row.state == "queued" and not job.stopped]
            if not waiting or len(running) >= self.at_once:
                return
            job = min(waiting, key=lambda one: running.count(one.row.user))
            self.set(job, state="running", attempts=job.row.attempts + 1)
            task = self.loop.create_task(self.run(job))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def run(self, job: Job) -> None:
        """A job's life, from its beginning to a final state or back into the queue."""
        job.began, values = time.monotonic(), {"state": "failed", "error": GONE}
        try:
            for attempt in range(1, ATTEMPTS + 1):
                if attempt > 1:
                    self.set(job, attempts=job.row.attempts + 1)
                job.done = 0
                try:
                    values = await asyncio.wait_for(
                        self.loop.run_in_executor(self.threads, self.attempt, job, attempt > 1),
                        self.limits.attempt_s,
                    )
                    break
                except (Lost, Broken) as error:
                    if job.stopped:
                        break
                    logs.say("attempt lost", job=job.row.id, attempt=attempt, reason=str(error))
        except Refused as error:
            values = {"state": "failed", "error": str(error)}
        except Failed as error:
            logs.say("frames failed", job=job.row.id, reason=str(error))
            values = {"state": "failed", "error": "The network could not convert this file."}
        except TimeoutError:
            job.stop("late")
            values = {"state": "failed", "error": "The conversion took too long."}
        except (CancelledError, asyncio.CancelledError):  # its chunks were dropped: it was stopped
            pass
        except Exception:
            logs.LOG.exception("job")
            values = {"state": "failed", "error": "Something went wrong here; try again."}
        finally:
            self.end(job, values)

    def attempt(self, job: Job, alone: bool) -> dict[str, object]:
        """Convert a job's file, in a thread; the columns that say what came out."""
        row, folder = job.row, self.store.place(job.row.id).absolute()
        order = {
            "folder": str(folder), "kind": row.kind, "type": row.type, "workers": len(self.crew.members),
            "longest": self.limits.longest if row.kind == "picture" else self.limits.clip_longest,
            "pixels": self.limits.pixels,
            "frame_pixels": self.limits.frame_pixels, "seconds_allowed": self.limits.seconds,
        }  # fmt: skip

        def convert(frames: np.ndarray) -> np.ndarray:
            made = self.crew.convert(row.id, row.model, frames, alone)
            self.loop.call_soon_threadsafe(self.heard, job, {"converted": len(frames)})
            return made

        def heard(facts: dict) -> None:
            self.loop.call_soon_threadsafe(self.heard, job, facts)

        with self.nursery.child() as job.child:
            if job.stopped:
                raise Broken("stopped")
            try:
                name = job.child.converse(order, convert, heard)
            finally:
                self.crew.drop(row.id)
        return self.kept(folder, name)

    def kept(self, folder: Path, name: str) -> dict[str, object]:
        """Take what the child has made for the result."""
        made = folder / Path(name).name
        if made.suffix not in TYPES or made.is_symlink() or not made.is_file():
            raise Broken("no result")
        os.replace(made, folder / "result")
        size = (folder / "result").stat().st_size
        return {"state": "done", "type": TYPES[made.suffix], "bytes": size}

    def heard(self, job: Job, facts: dict) -> None:
        """News of a running job."""
        if "converted" in facts:
            job.done += facts["converted"]
            if job.row.kind == "picture":
                return  # its end is near, and news enough
        if isinstance(facts.get("frames"), int):
            job.frames = max(1, facts["frames"])
        if isinstance(facts.get("width"), int) and isinstance(facts.get("height"), int):
            job.row = dataclasses.replace(job.row, width=facts["width"], height=facts["height"])
            if job.row.kind == "picture" and job.row.model in self.pace:
                job.guess = 0.05 + self.pace[job.row.model] * facts["width"] * facts["height"]
        self.tell(job)

    def end(self, job: Job, values: dict[str, object]) -> None:
        """Write down what became of a job; of one that was cancelled meanwhile, only tidy up."""
        if job.row.state in ENDED:
            self.store.clean(job.row.id, ())
            return
        if job.stopped == "requeued":
            self.set(job, state="queued", attempts=max(0, job.row.attempts - 1))
            return
        now = time.time()
        if job.stopped == "cancelled":
            values = {"state": "cancelled", "error": None}
        size = {"width": job.row.width, "height": job.row.height}
        self.set(job, **values, **size, ended=now, expires=now + self.limits.expires_after_s)
        self.jobs.pop(job.row.id, None)
        self.store.clean(job.row.id, ("result",) if job.row.state == "done" else ())
        spent = time.monotonic() - job.began if job.began else 0.0
        self.metrics.ended(job.row, spent)
        if job.row.state == "done" and job.row.kind == "picture":
            last = spent / max(1, job.row.width * job.row.height)
            self.pace[job.row.model] = 0.7 * self.pace.get(job.row.model, last) + 0.3 * last
        logs.say(
            "job ended", job=job.row.id, state=job.row.state, seconds=round(spent, 3), reason=job.row.error
        )
        self.pump()

    def cancel(self, id: str) -> None:
        """End an open job at once; a worker that has frames of it ends with these."""
        job = self.jobs[id]
        job.stop("cancelled")
        self.crew.drop(id)
        self.end(job, {})

    def set(self, job: Job, **values: object) -> None:
        """Change a job, in the table and here."""
        self.store.change(job.row.id, **values)
        job.row = dataclasses.replace(job.row, **values)
        self.tell(job)

    def tell(self, job: Job) -> None:
        """Wake who waits for news."""
        job.change.set()
        job.change = asyncio.Event()

    async def close(self, grace: float) -> None:
        """Give running jobs some seconds to end; the others wait for the next server."""
        self.closing = True
        for job in self.jobs.values():
            self.tell(job)
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=grace)
        left = [job for job in self.jobs.values() if job.row.state == "running"]
        for job in left:
            job.stop("requeued")
        self.crew.stop()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=10)
        self.nursery.stop()
        self.threads.shutdown(wait=False, cancel_futures=True)
        logs.say("stopped", requeued=len(left), waiting=len(self.jobs))
