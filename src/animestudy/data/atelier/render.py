"""Draw a whole arm of the atelier into a collection, on all cores.

Processes write straight into memory-mapped arrays, so no picture is ever copied between them. A picture
depends on its subject alone; hence the bytes of a collection do not depend on the number of processes.
"""

import os
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from numpy.lib.format import open_memmap

from animestudy import progress
from animestudy.data.atelier.clip import MOTIONS, clip
from animestudy.data.atelier.paint import paint
from animestudy.data.atelier.plan import LEANING, Item, clips, items, joint, table
from animestudy.data.atelier.spec import MASKS, PSYCHOLOGIES, STYLES, Subject
from animestudy.data.collection import describe, new_folder
from animestudy.errors import StudyError
from animestudy.params import Arm

CHUNK = 16  # pictures that a process draws before it asks for more


def render(name: str, arm: Arm, out: Path, *, size: int, frames: int, workers: int = 0) -> None:
    """Write the collection of `arm` to the folder `out`, replacing what is there once all is drawn.

    Beside the files of every collection: ``clips.csv`` with the arrays ``clips.npy`` (n×T×H×W×3 uint8),
    ``flow.npy`` (n×(T−1)×H×W×2 float32, pixels right and down from a frame to the next) and
    ``occlusion.npy`` (n×(T−1)×H×W bool). `size` is the side of a picture in pixels, `frames` the length T of
    a clip, `workers` the number of processes (0: one for each core).
    """
    planned, moving = items(arm), clips(arm)
    if not planned:
        raise StudyError(f"data.arms.{name}: no pictures; set one of its counts above 0")
    with new_folder(out) as folder:
        create(folder, {"images": (len(planned), size, size, 3)}, np.uint8)
        create(folder, {"masks": (len(planned), size, size)}, np.uint16)
        share(draw, folder, planned, CHUNK, {"size": size}, workers, f"{name}: pictures")
        if moving:
            steps = (len(moving), frames - 1, size, size)
            create(folder, {"clips": (len(moving), frames, size, size, 3)}, np.uint8)
            create(folder, {"flow": (*steps, 2)}, np.float32)
            create(folder, {"occlusion": steps}, np.bool_)
            order = {"frames": frames, "size": size}
            share(film, folder, moving, 1, order, workers, f"{name}: clips")
            clip_table(moving).to_csv(folder / "clips.csv", index=False)
        describe(
            folder,
            table(planned),
            source="the atelier of this study: drawn, not collected",
            licence="MIT",
            arm=name,
            planted=arm.model_dump(),
            labels={"style": STYLES, "psychology": PSYCHOLOGIES, "leaning": LEANING},
            joint=joint(arm.association).round(6).tolist(),  # P(style, psychology)
            masks=list(MASKS),
        )


def create(folder: Path, arrays: dict[str, tuple[int, ...]], kind: type) -> None:
    """Empty arrays of the given shapes, each in a file of its own."""
    for name, shape in arrays.items():
        open_memmap(folder / f"{name}.npy", mode="w+", dtype=kind, shape=shape).flush()


def share(
    work: Callable[..., int],
    folder: Path,
    subjects: list[Any],
    chunk: int,
    options: dict[str, Any],
    workers: int,
    description: str,
) -> None:
    """``work(folder, first, part, parent, **options)`` for all parts of `subjects`, on several processes."""
    starts = range(0, len(subjects), chunk)
    calls = (
        joblib.delayed(work)(folder, start, subjects[start : start + chunk], os.getpid(), **options)
        for start in starts
    )
    workers = min(workers or joblib.cpu_count(), len(starts))
    with (
        progress.bar(total=len(subjects), description=description, unit="drawn") as bar,
        joblib.parallel_config("loky", n_jobs=workers, inner_max_num_threads=1),
        joblib.Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs") as pool,
        closing(pool(calls)) as finished,  # closing it ends what still runs
    ):
        for count in finished:
            bar.update(count)


def draw(folder: Path, first: int, part: list[Item], parent: int, size: int) -> int:
    """Draw some pictures into the rows from `first` on: the number drawn."""
    images, masks = (np.load(folder / f"{name}.npy", mmap_mode="r+") for name in ("images", "masks"))
    for row, item in enumerate(attended(part, parent), first):
        picture = paint(item.subject, size)
        images[row] = picture.image
        masks[row] = bits(picture.masks, size)
    return len(part)


def film(folder: Path, first: int, part: list[Subject], parent: int, frames: int, size: int) -> int:
    """Draw some clips into the rows from `first` on: the number drawn."""
    arrays = [np.load(folder / f"{name}.npy", mmap_mode="r+") for name in ("clips", "flow", "occlusion")]
    for row, subject in enumerate(attended(part, parent), first):
        for array, values in zip(arrays, clip(subject, frames, size, motion(row)), strict=True):
            array[row] = values
    return len(part)


def attended(part: Iterable[Any], parent: int) -> Iterable[Any]:
    """The items one by one, as long as somebody waits for them: a worker never outlives a killed parent."""
    for item in part:
        if parent not in (os.getpid(), os.getppid()):
            os._exit(1)
        yield item


def bits(masks: dict[str, np.ndarray], size: int) -> np.ndarray:
    """Masks (H×W bool each) as one H×W uint16: bit k stands for the mask `MASKS[k]`."""
    field = np.zeros((size, size), np.uint16)
    for k, name in enumerate(MASKS):
        if name in masks:
            field |= masks[name].astype(np.uint16) << k
    return field


def motion(k: int) -> str:
    """How clip k moves: the motions take turns, each in both domains."""
    return MOTIONS[k // 2 % len(MOTIONS)]


def clip_table(moving: list[Subject]) -> pd.DataFrame:
    """The rows of ``clips.csv``."""
    return pd.DataFrame(
        {
            "clip": f"clip-{k:03d}",
            "domain": subject.domain,
            "kind": subject.kind,
            "style": subject.style,
            "psychology": subject.psychology if subject.domain == "anime" else "",
            "motion": motion(k),
            "group": Item("", subject, "test").group,
        }
        for k, subject in enumerate(moving)
    )
