"""The generators of the platform, as the page calls them, and what a worker does with one."""

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from animestudy.convert import engines, generator
from animestudy.errors import StudyError

# name on the page → the first of these that is there: weights of the study, or the pipeline's own
NAMES: Mapping[str, tuple[str, ...]] = {"scene": generator.FIRST, "portrait": ("portrait", "afgan")}


def available() -> dict[str, str]:
    """Name on the page → name for `convert.generator.found`."""
    known = set(generator.known())
    chosen = {name: next((word for word in words if word in known), "") for name, words in NAMES.items()}
    if not any(chosen.values()):
        raise StudyError(f"no generator is there yet: {generator.advice()}")
    return {name: word for name, word in chosen.items() if word}


def weights(models: Mapping[str, str]) -> dict[str, bytes]:
    """The files of generators, whole: a worker may be on another machine."""
    return {
        name: (Path(word) if Path(word).is_file() else generator.found(word)).read_bytes()
        for name, word in models.items()
    }


class Converter:
    """Generators in memory. On one thread, so that results do not depend on the number of workers."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        import cv2
        import torch

        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        self.work = {}
        for name, content in files.items():
            with tempfile.NamedTemporaryFile(suffix=".pt") as file:
                file.write(content)
                file.flush()
                self.work[name] = engines.work(Path(file.name), engines.Machine())

    def convert(self, model: str, chunks: Sequence[np.ndarray]) -> tuple[list[np.ndarray | str], float]:
        """Each chunk, n×H×W×3 uint8, converted (or what went wrong with it), and the seconds spent."""
        began = time.perf_counter()
        return [self.one(model, chunk) for chunk in chunks], time.perf_counter() - began

    def one(self, model: str, frames: np.ndarray) -> np.ndarray | str:
        """One chunk."""
        try:
            return self.work[model](frames)
        except MemoryError:
            return "memory"
        except Exception as error:  # said to the log of the server, and the worker stays
            return f"{type(error).__name__}: {error}"
