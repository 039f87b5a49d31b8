"""One clip into another, picture by picture: decoding, converting and encoding side by side.

A thread decodes ahead and one encodes behind, each through a queue of two batches, so that the converter
never waits for a file, and memory does not depend on the length of the clip.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from animestudy import progress
from animestudy.errors import StudyError
from animestudy.video.reading import LIMITS, Batch, Clip, Cut, Limits, batches, is_clip, opened
from animestudy.video.writing import FORMS, Sink, writing

__all__ = ["FORMS", "Converted", "Limits", "Settings", "convert", "is_clip"]

ROOM = 2  # batches that wait before the converter, and behind it
PIXELS = 1_000_000  # of a batch, where no number of frames is given
MOST = 16  # frames of a batch
GAP = 4  # white pixels between the source and its conversion

Work = Callable[[np.ndarray], np.ndarray]  # n×H×W×3 uint8 → n×H'×W'×3 uint8, the same size at every call
T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """What is wanted of a conversion."""

    form: str = "mp4"  # one of FORMS
    start: float = 0.0  # seconds
    end: float = float("inf")
    every: int = 1  # each n-th frame, shown until the next
    max_side: int = 0  # longer side in pixels, 0: as it is
    side_by_side: bool = False  # the source on the left
    batch: int = 0  # frames at a time, 0: as fit
    quality: int | None = None  # constant rate factor of the encoder, None: the format's own
    sound: bool = True
    limits: Limits = LIMITS


class Converted(NamedTuple):
    """What came out."""

    frames: int
    seconds: float  # spent
    width: int
    height: int
    notes: list[str]  # what was not kept

    @property
    def rate(self) -> float:
        """Frames a second."""
        return self.frames / max(self.seconds, 1e-9)


def convert(source: Path, target: Path, work: Work, settings: Settings | None = None) -> Converted:
    """Write the clip `source`, its pictures changed by `work`, to `target`.

    Time stamps, rotation, proportions and sound are kept. Progress is shown with frames a second and the time
    left. `target` appears at the end, whole; if anything goes wrong, nothing is left behind.

    Raises:
        StudyError: in one line, a clip that cannot be used or a target that cannot be written.
    """
    settings = settings or Settings()
    check(settings)
    cut = Cut(settings.start, settings.end, settings.every, settings.max_side)
    with opened(source, settings.limits) as clip:
        if not settings.sound:
            clip.sound = None
        number = settings.batch or fitting(clip, settings)
        with (
            progress.bar(total=expected(clip, settings), description=source.name, unit="frames") as bar,
            writing(target, settings.form) as sink,
            ahead(batches(clip, cut, number), ROOM) as read,
            behind(writer(sink, clip, settings), ROOM) as write,
        ):
            started, done, shape = time.perf_counter(), 0, (0, 0)
            for batch in read:
                if len(batch.frames):
                    pictures = joined(batch.frames, work(batch.frames), settings.side_by_side)
                    batch, shape = batch._replace(frames=pictures), pictures.shape[1:3]
                write(batch)
                done += len(batch.frames)
                spent = time.perf_counter() - started
                bar.set_postfix({"frames/s": done / spent}, refresh=False)
                bar.update(len(batch.frames))
    silent = [f"no sound in a {settings.form}"] if clip.sound and not FORMS[settings.form].sound else []
    return Converted(done, time.perf_counter() - started, shape[1], shape[0], [*clip.notes, *silent])


def check(settings: Settings) -> None:
    """Refuse words that cannot be meant."""
    refusals = {
        f"--format {settings.form}: choose {', '.join(FORMS)}": settings.form not in FORMS,
        f"--every {settings.every}: 1 or more": settings.every < 1,
        f"--max-side {settings.max_side}: 16 pixels or more": settings.max_side and settings.max_side < 16,
        f"--start {settings.start:g}: 0 seconds or more": not settings.start >= 0,
        f"--end {settings.end:g}: has to come after --start {settings.start:g}": not settings.end
        > settings.start,
        f"--batch {settings.batch}: 1 or more": settings.batch < 0,
        f"--minutes {settings.limits.minutes:g}: more than 0": not settings.limits.minutes > 0,
        f"--frame-megapixels {settings.limits.megapixels:g}: more than 0": not settings.limits.megapixels > 0,
    }
    for words, wrong in refusals.items():
        if wrong:
            raise StudyError(words)


def fitting(clip: Clip, settings: Settings) -> int:
    """Frames of a batch so that it has about `PIXELS`."""
    context = clip.video.codec_context
    factor = min(1.0, settings.max_side / max(context.width, context.height)) if settings.max_side else 1.0
    return max(1, min(MOST, int(PIXELS / (context.width * context.height * factor**2))))


def expected(clip: Clip, settings: Settings) -> int | None:
    """About how many frames will come, None where the header does not say."""
    if clip.seconds is None and settings.end == float("inf"):
        return None
    end = min(settings.end, clip.seconds if clip.seconds is not None else float("inf"))
    return max(1, round((end - settings.start) * float(clip.rate) / settings.every))


def joined(before: np.ndarray, after: np.ndarray, both: bool) -> np.ndarray:
    """The conversion, or with `both` the source, a gap, and the conversion."""
    if not both:
        return after
    if before.shape != after.shape:
        raise StudyError("--side-by-side: this converter changes the size of pictures")
    gap = np.full((*before.shape[:2], GAP, 3), 255, np.uint8)
    return np.concatenate([before, gap, after], axis=2)


def writer(sink: Sink, clip: Clip, settings: Settings) -> Callable[[Batch], None]:
    """A function that adds a batch to the output, which it sets up at the first one."""
    early: list = []  # sound that came before any picture

    def write(batch: Batch) -> None:
        if sink.video is None:
            if not len(batch.frames):
                early.extend(batch.sound)
                return
            height, width = batch.frames.shape[1:3]
            sink.begin(height, width, clip.rate / settings.every, clip.time_base, settings.quality)
            if clip.sound is not None:
                sink.listen(clip.sound)
            sink.packets(early)
        sink.packets(batch.sound)
        for k, (image, stamp) in enumerate(zip(batch.frames, batch.times, strict=True)):
            following = batch.times[k + 1] - stamp if k + 1 < len(batch.times) else batch.last
            sink.picture(image, stamp, clip.time_base, following)

    return write


@contextmanager
def ahead(items: Iterable[T], room: int) -> Iterator[Iterator[T]]:
    """`items`, made by a thread that is up to `room` of them ahead; what it raises is raised here."""
    waiting: queue.Queue = queue.Queue(room)
    stop = threading.Event()

    def hand(thing: tuple[str, object]) -> bool:
        while not stop.is_set():
            try:
                waiting.put(thing, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def run() -> None:
        try:
            for item in items:
                if not hand(("item", item)):
                    return
            hand(("end", None))
        except BaseException as error:
            hand(("error", error))

    def taken() -> Iterator[T]:
        while True:
            kind, thing = waiting.get()
            if kind == "error":
                raise thing
            if kind == "end":
                return
            yield thing

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        stop.set()
        thread.join()


@contextmanager
def behind(work: Callable[[T], None], room: int) -> Iterator[Callable[[T], None]]:
    """A function that hands items to a thread that does `work` on them, up to `room` of them behind.

    At the end of the block all are done; what `work` raises is raised there or at the next call.
    """
    waiting: queue.Queue = queue.Queue(room)
    failed: list[BaseException] = []

    def run() -> None:
        while (thing := waiting.get()) is not None:
            if failed:
                continue  # so that nobody waits for room
            try:
                work(thing[0])
            except BaseException as error:
                failed.append(error)

    def hand(item: T) -> None:
        if failed:
            raise failed[0]
        waiting.put((item,))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield hand
    except BaseException:
        failed.append(RuntimeError("given up"))
        raise
    finally:
        waiting.put(None)
        thread.join()
    if failed:
        raise failed[0]
