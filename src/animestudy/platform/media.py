"""What a child of the sandbox does with one file: read it, have its frames converted, write the result.

Decoding, its rules and encoding are the library's (`convert.pictures`, `video.convert`); here are the limits
of the platform and words for people who see neither paths nor the command line.
"""

import dataclasses
import gc
import json
import os
import re
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import av
import cv2
import numpy as np

from animestudy import progress
from animestudy.convert import pictures
from animestudy.data import decode
from animestudy.errors import StudyError
from animestudy.platform import sandbox
from animestudy.platform.limits import ENDINGS
from animestudy.video import convert, reading

QUICK = {
    "image/png": {"compress_level": 1, "compress_type": 3}
}  # runs alone: a quarter of the time, 2 % more
# what the library's refusals of clips begin with → what their owner reads
WORDS: tuple[tuple[str, str], ...] = (
    (r"damaged after ([\d.]+) s", "The clip is damaged: only its first {0} seconds can be read."),
    (r"damaged", "The clip is damaged, or there is none in the file."),
    (r"[\d.]+ minutes are more|longer than", "The clip is longer than {seconds} seconds."),
    (r"(\d+×\d+) are", "The clip's frames have {0} pixels; at most {frame_pixels:,} are accepted."),
    (r"its frames have no size", "The clip's frames have no size that can be read, or are too large."),
    (r"no moving pictures", "There are no moving pictures in the file."),
    (r"its pictures are of a kind", "The clip's pictures are stored in a way that is not accepted."),
    (r"empty file", "The file is empty."),
    (r"not a clip", "The file is not a clip that is known here."),
)


def serve(pipe: Connection, order: dict) -> None:
    """Convert the file of an order and say how it went."""

    def say(kind: str, **facts: object) -> None:
        pipe.send_bytes(json.dumps({"say": kind, **facts}).encode())

    def work(frames: np.ndarray) -> np.ndarray:
        nonlocal hurried
        say("frames", shape=frames.shape[:3])
        pipe.send_bytes(frames.ravel())
        if not hurried:
            sandbox.hurry(sandbox.WRITE[order["kind"]])
            hurried = True
        return np.frombuffer(pipe.recv_bytes(frames.nbytes), np.uint8).reshape(frames.shape)

    hurried = False
    prepare(order)
    try:
        made = (picture if order["kind"] == "picture" else clip)(order, work, say)
    except MemoryError:
        return say("refused", words="The file needs too much memory.")
    except decode.Refused as error:
        return say("refused", words=of_picture(str(error), order))
    except StudyError as error:
        return say("refused", words=of_clip(str(error), order))
    say("done", name=made)


def warm() -> None:
    """Once, before children are forked: what decoders load at their first use, and quiet, on one thread."""
    av.logging.set_level(None)
    cv2.setNumThreads(1)
    touch()
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page that it shares


def touch() -> None:
    """In a child that waits: read and write, so that the pages which this changes are its own by then."""
    with tempfile.TemporaryDirectory() as folder:
        for ending in (".jpg", ".png", ".webp"):
            pictures.write(np.zeros((64, 64, 3), np.uint8), None, Path(folder, f"a{ending}"))
            pictures.read(Path(folder, f"a{ending}"))


def prepare(order: dict) -> None:
    """Work in the job's folder; bars of progress are for nobody."""
    os.chdir(order["folder"])
    os.environ |= {progress.VARIABLE: os.devnull, "TMPDIR": "."}
    tempfile.tempdir = None
    sandbox.hurry(sandbox.READ)


def picture(order: dict, work: Callable, say: Callable) -> str:
    """Convert a picture; the name of the file made."""
    source = pictures.read(Path("source"), order["pixels"] / 1e6)
    source = pictures.reduced(source, order["longest"])
    height, width = source.pixels.shape[:2]
    say("facts", width=width, height=height, frames=1)
    drawing = work(source.pixels[None])[0]
    name = f"made{ENDINGS[order['type']]}"
    pictures.write(drawing, source.alpha, Path(name), **QUICK.get(order["type"], {}))
    return name


def clip(order: dict, work: Callable, say: Callable) -> str:
    """Convert a clip; the name of the file made."""
    limits = reading.Limits(order["frame_pixels"] / 1e6, order["seconds_allowed"] / 60)
    form = "gif" if order["type"] == "image/gif" else "mp4"
    settings = convert.Settings(form, max_side=order["longest"], limits=limits)
    with reading.opened(Path("source"), limits) as opened:
        batch = min(sandbox.MOST, order["workers"] * convert.fitting(opened, settings))
        settings = dataclasses.replace(settings, batch=batch)
        say("facts", frames=convert.expected(opened, settings))
    told = False

    def told_work(frames: np.ndarray) -> np.ndarray:
        nonlocal told
        if not told:
            say("facts", width=frames.shape[2], height=frames.shape[1])
            told = True
        return work(frames)

    made = convert.convert(Path("source"), Path(f"made.{form}"), told_work, settings)
    say("facts", notes=made.notes)
    return f"made.{form}"


def of_picture(words: str, order: dict) -> str:
    """A refusal of `data.decode` for the picture's owner."""
    if " megapixels, more than " in words:
        size = words.split(" are ")[0]
        return f"The picture has {size} pixels; at most {order['pixels']:,} are accepted."
    if words.startswith("not enough memory"):
        return "The picture needs too much memory."
    if words.startswith("not a picture but "):
        return f"The file is {words.removeprefix('not a picture but ')}.".replace("`", "")
    if words.startswith("empty"):
        return "The file is empty."
    if "bit" in words or "mode" in words:
        return "The picture has an unusual kind of pixels: save it as RGB with 8 bits a channel."
    return "The picture is damaged."


def of_clip(words: str, order: dict) -> str:
    """A refusal of `video.reading` or `video.convert` for the clip's owner."""
    words = words.removeprefix("source: ")
    for pattern, said in WORDS:
        if found := re.match(pattern, words):
            return said.format(
                *found.groups(), seconds=order["seconds_allowed"], frame_pixels=order["frame_pixels"]
            )
    return "The clip cannot be converted."


warm()
