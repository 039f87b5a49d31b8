"""Heat maps on pictures of any shape: the network sees a square of each, the reader wants the whole."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

from animestudy.data import decode, squares
from animestudy.data.gather import Found, placed
from animestudy.errors import StudyError
from animestudy.explain import cam
from animestudy.explain.answers import Answer
from animestudy.training.classifier import normalised

LONGEST = 1024  # pixels of the longer side, at most
PALE = 0.6  # share of white over what the network did not see


def targets(found: Sequence[Found], folder: Path, force: bool) -> dict[Path, Path]:
    """Picture → where its overlay goes, as PNG. Raises `StudyError` where it would replace something."""
    places = placed(found, folder, lambda one: Path(one.inner).with_suffix(".png"), "--cam")
    there = next((target for target in places.values() if target.exists() and not force), None)
    if there:
        raise StudyError(f"{there} exists; choose another folder for --cam, or pass --force")
    return places


def draw(
    read: Sequence[Answer], places: Mapping[Path, Path], network: nn.Module, layer: str, rule: str
) -> list[Path]:
    """Write the overlays of one batch; returns those on which no colour is seen (a map of zeros).

    rule: how the squares were cut, of `squares.RULES`.
    """
    device = next(network.parameters()).device
    inputs = torch.from_numpy(np.stack([answer.square for answer in read])).permute(0, 3, 1, 2).to(device)
    heats = cam.maps(network, normalised(inputs), [answer.best for answer in read], layer)
    for answer, heat in zip(read, heats, strict=True):
        path = answer.found.path
        save(overlay(whole(path, *answer.size), heat, rule), places[path])
    return [places[one.found.path] for one, heat in zip(read, heats, strict=True) if not heat.any()]


def save(image: np.ndarray, target: Path) -> None:
    """Write a PNG beside its place, then rename it."""
    draft = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(draft, "PNG")
        os.replace(draft, target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StudyError(f"{target}: cannot be written ({error.strerror or error})") from None


def whole(path: Path, width: int, height: int) -> np.ndarray:
    """The picture upright in its own shape, h×b×3 uint8 sRGB, its longer side at most `LONGEST`.

    width, height: of the upright picture, in pixels.
    """
    side = min(max(width, height), LONGEST)
    outcome = decode.read(path, decode.Form(side, "fit", enlarge=float("inf")))
    if outcome.pixels is None:
        raise StudyError(f"{path}: has changed while it was read ({outcome.note})")
    b, h = squares.fitting(outcome.width, outcome.height, side)
    left, top = (side - b) // 2, (side - h) // 2  # as `squares.padded` puts it
    return outcome.pixels[top : top + h, left : left + b]


def seen(width: int, height: int, rule: str) -> tuple[int, int, int, int]:
    """What the network's square shows of a picture: left, top, right, bottom in whole pixels.

    Beyond the picture's borders where the rule is `fit`, which pads.
    """
    if rule == "fit":
        side = max(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        return left, top, left + side, top + side
    left, top, right, bottom = (int(value + 0.5) for value in squares.RULES[rule](width, height))
    return left, top, right, bottom


def overlay(picture: np.ndarray, heat: np.ndarray, rule: str) -> np.ndarray:
    """A picture h×b×3 uint8 under the map of its square (S×S, ≥ 0): h×b×3 uint8.

    Bright is evidence, grey none; what the crop rule has cut off is pale.
    """
    height, width = picture.shape[:2]
    left, top, right, bottom = seen(width, height, rule)
    grown = cam.enlarge(heat[None], (bottom - top, right - left))[0]
    inside = np.s_[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    spread, cut = np.zeros((height, width), np.float32), np.ones((height, width), bool)
    spread[inside] = grown[max(-top, 0) :, max(-left, 0) :][: height - max(top, 0), : width - max(left, 0)]
    cut[inside] = False
    shown = cam.overlay(picture[None], spread[None])[0]
    shown[cut] = np.round((1 - PALE) * shown[cut] + PALE * 255).astype(np.uint8)
    return shown
