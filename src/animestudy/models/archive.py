"""Tensors and plain values on disk: whole or not at all, and the same bytes for the same values."""

import io
import os
from pathlib import Path
from typing import Any

import torch

from animestudy.errors import StudyError


def save(path: Path, value: object) -> None:
    """torch.save beside `path`, then renamed: a reader finds the old file or the new one, never a part."""
    memory = io.BytesIO()  # saved to a path, the archive would carry that path's name
    torch.save(value, memory)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(memory.getbuffer())
    os.replace(beside, path)


def load(path: Path) -> Any:  # noqa: ANN401
    """What `save` wrote; only tensors and plain values are read, never code."""
    if not path.is_file():
        raise StudyError(f"{path}: no such file")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise StudyError(f"{path}: not a file of weights ({type(error).__name__})") from error
