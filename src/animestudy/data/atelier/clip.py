"""Clips with exact optical flow.

Every layer of a plan is painted once, finer than the frames, and cut out as a sheet of colour and cover. A
frame is the sheets laid over each other, each moved by an affine map of its own (a multiplane camera, as in
hand-drawn film). So the way of every pixel from one frame to the next is known, not estimated.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Literal, NamedTuple

import cv2
import numpy as np

from animestudy.data.atelier import canvas, photo, styles
from animestudy.data.atelier.camera import camera
from animestudy.data.atelier.frame import BODY, HEAD
from animestudy.data.atelier.paint import compose
from animestudy.data.atelier.site import LAYERS
from animestudy.data.atelier.spec import Plan, Shape, Subject
from animestudy.errors import StudyError

MOTIONS = ("pan", "zoom", "parts")
FINER = 2  # sheets are this much finer than frames
MARGIN = 0.13  # of a sheet, left on every side for the camera to move into
SMOOTH = 1.3  # blur of a sheet in its own pixels: frames must not hold detail that no pixel grid can carry
PURE = 0.88  # share of a pixel that must belong to one motion for its flow to be certain


class Clip(NamedTuple):
    """T frames of a moving picture, with what truly moved where."""

    frames: np.ndarray  # T×H×W×3 uint8
    flow: np.ndarray  # (T−1)×H×W×2 float32: pixels to the right and down, from frame t to frame t+1
    occluded: np.ndarray  # (T−1)×H×W bool: pixels of frame t that frame t+1 does not show, or not purely


class Sheet(NamedTuple):
    """One layer: its paint, and what moves it."""

    colour: np.ndarray  # n×n×3 float32, 0 … 255, multiplied by its cover
    cover: np.ndarray  # n×n float32, 0 … 1
    layer: int
    depth: float
    middle: tuple[float, float]  # of its shapes, unit square


def clip(subject: Subject, frames: int, size: int, motion: Literal["pan", "zoom", "parts"] = "parts") -> Clip:
    """`frames` pictures of `subject`, size×size pixels: a panning or zooming camera, or moving parts.

    Near layers move more than far ones. With ``parts`` the camera rests: clouds drift, boats rock, people
    walk, birds fly; a sitter moves before the backdrop. Raises `StudyError` for an unknown motion.
    """
    if motion not in MOTIONS:
        raise StudyError(f"motion {motion!r} is unknown; choose one of {', '.join(MOTIONS)}")
    if frames < 1:
        raise StudyError(f"a clip needs at least one frame, not {frames}")
    sheets = cut(subject, FINER * size)
    chance = subject.rng("motion").random(16)
    pictures, owners, maps = [], [], []
    for t in range(frames):
        time = t / max(frames - 1, 1)
        moved = (move(sheet, time, frames, motion, subject.kind, chance) for sheet in sheets)
        maps.append(np.array([view(place, size) for place in moved]))
    same = alike(np.array(maps))
    for t in range(frames):
        picture, share = lay(sheets, maps[t], size, same)
        pictures.append(np.clip(picture + 0.5, 0, 255).astype(np.uint8))
        owners.append(share)
    flow = np.zeros((frames - 1, size, size, 2), np.float32)
    occluded = np.zeros((frames - 1, size, size), bool)
    for t in range(frames - 1):
        flow[t], occluded[t] = follow(maps[t], maps[t + 1], owners[t], owners[t + 1], same)
    return Clip(np.array(pictures), flow, occluded)


# ---------------------------------------------------------------------------------------------- sheets


def cut(subject: Subject, side: int) -> list[Sheet]:
    """The layers of a subject as sheets of `side` pixels, far ones first.

    A sheet is cut from a picture of everything up to it, so that light, shadow and paper stay as they are.
    """
    plan = compose(subject, sealed=False)
    sheets, end = [], 0
    for layer, group in groupby(plan.shapes, key=lambda shape: shape.layer):
        shapes = tuple(group)
        end += len(shapes)
        if all(
            translucent(shape) for shape in shapes
        ):  # shadows of what moves, rays of light: no paint of their own
            sheets += [overlay(shape, side) for shape in shapes]
            continue
        cover = covers(shapes, side, 0.006 if subject.domain == "anime" else 0.003)
        if not sheets:  # nothing shows through the farthest layer
            cover = np.ones((side, side), np.float32)
        elif not cover.any():
            continue
        colour = develop(subject, replace(plan, shapes=plan.shapes[:end]), side)
        colour = cv2.GaussianBlur(colour, (0, 0), SMOOTH) * cover[..., None]
        depth = float(np.median([shape.depth for shape in shapes]))
        sheets.append(Sheet(colour, cover, layer, depth, middle(shapes)))
    return sheets


def translucent(shape: Shape) -> bool:
    """Whether what is behind a shape shows through it."""
    return shape.opacity < 0.7


def overlay(shape: Shape, side: int) -> Sheet:
    """A translucent shape as a sheet of its own colour."""
    cover = soft_cover(shape, side) * np.float32(shape.opacity)
    colour = np.float32(255) * cover[..., None] * np.array(shape.colour, np.float32)
    return Sheet(colour, cover, shape.layer, shape.depth, middle((shape,)))


def middle(shapes: tuple[Shape, ...]) -> tuple[float, float]:
    """The middle of the box around some shapes."""
    points = np.concatenate([shape.points for shape in shapes])
    x, y = (points.min(0) + points.max(0)) / 2
    return float(x), float(y)


def develop(subject: Subject, plan: Plan, side: int) -> np.ndarray:
    """The picture of `plan` without anything that belongs to the frame (noise, vignette), float32 0 … 255."""
    if subject.domain == "photo":
        settings = camera(subject.rng("photo"), photo.sitter(plan))
        light = canvas.reduce(photo.expose(plan, side, settings)[0], side)
        return photo.develop(light, settings, whole=False) * np.float32(255)
    return styles.STYLES[subject.style](plan, side, subject.rng("style"))[0].astype(np.float32)


def covers(shapes: tuple[Shape, ...], side: int, wider: float) -> np.ndarray:
    """How far shapes cover each pixel, side×side float32, `wider` picture sides beyond their outlines."""
    hard = np.zeros((side, side), np.uint8)
    bare = np.ones((side, side), np.float32)
    for shape in shapes:
        if not shape.closed:
            canvas.ribbon(hard, shape.points, shape.width, 255, side)
        elif photo.solid(shape):
            canvas.fill(hard, shape.points, 255, side)
        elif not translucent(shape):
            bare *= 1 - soft_cover(shape, side)
    width = 2 * round(wider * side) + 1
    hard = cv2.dilate(hard, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
    solid = cv2.GaussianBlur(hard.astype(np.float32) / 255, (0, 0), SMOOTH)
    return 1 - (1 - solid) * bare


def soft_cover(shape: Shape, side: int) -> np.ndarray:
    """How far a shape with a soft edge covers each pixel, side×side float32."""
    cover = np.zeros((side, side), np.uint8)
    if shape.closed:
        canvas.fill(cover, shape.points, 255, side)
    else:
        canvas.ribbon(cover, shape.points, shape.width, 255, side)
    return cv2.GaussianBlur(cover.astype(np.float32) / 255, (0, 0), SMOOTH + shape.blend * side)


# ---------------------------------------------------------------------------------------------- motion


class Beat(NamedTuple):
    """The moment of a clip that the motion of its parts depends on."""

    drift: float  # −0.5 … 0.5 over the clip, to the left or to the right
    wave: float  # −1 … 1, back and forth
    step: float  # 0 … 1, up and down with every step


# What moves when the camera rests: (degrees, shift to the right, shift down, centre of turning) by layer. The
# centre is None for the middle of the layer. Layers that are not named rest.
Turn = Callable[[Beat], tuple[float, float, float, tuple[float, float] | None]]
SCENE_PARTS: dict[int, Turn] = {
    LAYERS["clouds"]: lambda beat: (0.0, 0.12 * beat.drift, 0.0, None),
    LAYERS["birds"]: lambda beat: (0.0, -0.22 * beat.drift, 0.012 * beat.wave, None),
    LAYERS["boat"]: lambda beat: (2.5 * beat.wave, 0.14 * beat.drift, 0.006 * beat.wave, None),
    LAYERS["figure"]: lambda beat: (0.0, -0.10 * beat.drift, -0.008 * beat.step, None),
    LAYERS["near"]: lambda beat: (0.6 * beat.wave, 0.0, 0.0, (0.5, 1.1)),
}
PORTRAIT_PARTS: dict[int, Turn] = {
    BODY: lambda beat: (0.0, 0.05 * beat.drift, 0.003 * beat.wave, None),
    HEAD: lambda beat: (3.5 * beat.wave, 0.05 * beat.drift, 0.003 * beat.wave, (0.5, 0.8)),
}


def move(sheet: Sheet, time: float, frames: int, motion: str, kind: str, chance: np.ndarray) -> np.ndarray:
    """Where a sheet is at `time` (0 … 1): 2×3, from the unit square at rest to the unit square."""
    near = 1 - sheet.depth
    reach = min(1.0, frames / 24)  # a short clip does not race
    side = 1 if chance[0] < 0.5 else -1
    if motion == "pan":
        way = 0.9 * MARGIN * side * reach * (2 * time - 1) * (0.25 + 0.75 * near)
        return similarity(1.0, 0.0, (way, 0.3 * way * (chance[1] - 0.5)), (0.5, 0.5))
    if motion == "zoom":
        share = time if chance[2] < 0.6 else 1 - time
        grown = 1 + 0.22 * reach * share * (0.35 + 0.65 * near)
        return similarity(grown, 0.0, (0.0, 0.0), (0.45 + 0.1 * chance[3], 0.52))
    parts = SCENE_PARTS if kind == "scene" else PORTRAIT_PARTS
    if sheet.layer not in parts:
        return similarity(1.0, 0.0, (0.0, 0.0), (0.5, 0.5))
    beat = Beat(
        (time - 0.5) * side * reach,
        math.sin(2 * math.pi * (1.4 * reach * time + chance[4])),
        abs(math.sin(2 * math.pi * (3 * reach * time + chance[5]))),
    )
    degrees, right, down, centre = parts[sheet.layer](beat)
    return similarity(1.0, degrees, (right, down), centre or sheet.middle)


def similarity(
    grown: float, degrees: float, shift: tuple[float, float], centre: tuple[float, float]
) -> np.ndarray:
    """Scaling and clockwise turning about `centre`, then a shift: 2×3 in the unit square."""
    angle = math.radians(degrees)
    cos, sin = grown * math.cos(angle), grown * math.sin(angle)
    x, y = centre
    return np.array(
        [(cos, -sin, x - cos * x + sin * y + shift[0]), (sin, cos, y - sin * x - cos * y + shift[1])]
    )


def view(place: np.ndarray, size: int) -> np.ndarray:
    """A map of the unit square as one from sheet pixels to frame pixels (their centres at whole numbers)."""
    side, zoom = FINER * size, size / (1 - 2 * MARGIN)
    matrix = zoom * place[:, :2] / side
    offset = zoom * (place[:, :2] @ (0.5 / side, 0.5 / side) + place[:, 2] - MARGIN) - 0.5
    return np.column_stack([matrix, offset])


# ----------------------------------------------------------------------------------------- frames and flow


def alike(maps: np.ndarray) -> np.ndarray:
    """A number for each sheet, equal for sheets that move together all through the clip (T×K×2×3 → K)."""
    ways = np.round(np.moveaxis(maps, 1, 0).reshape(maps.shape[1], -1), 9)
    return np.unique(ways, axis=0, return_inverse=True)[1].reshape(-1)


def lay(sheets: list[Sheet], maps: np.ndarray, size: int, same: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One frame (size×size×3 float32) and each motion's share in every pixel (motions×size×size)."""
    picture = np.zeros((size, size, 3), np.float32)
    share = np.zeros((same.max() + 1, size, size), np.float32)
    for sheet, place, number in zip(sheets, maps, same, strict=True):
        how = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REPLICATE}
        cover = cv2.warpAffine(sheet.cover, place, (size, size), **how)
        colour = cv2.warpAffine(sheet.colour, place, (size, size), **how)
        picture = picture * (1 - cover)[..., None] + colour
        share *= 1 - cover
        share[number] += cover
    return picture, share


def follow(
    here: np.ndarray, there: np.ndarray, share: np.ndarray, later: np.ndarray, same: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Flow (size×size×2) from one frame to the next, and where it is uncertain (size×size bool).

    `here` and `there` are the maps of all sheets in the two frames (K×2×3), `share` and `later` the motions'
    shares of every pixel. A pixel is certain if it belongs to one motion alone, and so does the place where
    it goes, with the pixels around it that interpolation uses.
    """
    size = share.shape[1]
    top = share.argmax(0)
    x, y = np.meshgrid(np.arange(size, dtype=float), np.arange(size, dtype=float))
    flow = np.zeros((size, size, 2), np.float32)
    certain = np.zeros((size, size), bool)
    around = np.ones((3, 3), np.uint8)
    for number in range(len(share)):
        sheet = int(np.flatnonzero(same == number)[0])
        full = [np.vstack([place[sheet], (0, 0, 1)]) for place in (here, there)]
        step = full[1] @ np.linalg.inv(full[0])
        u, v = (step[k, 0] * x + step[k, 1] * y + step[k, 2] for k in (0, 1))
        own = top == number
        flow[own] = np.stack([u - x, v - y], 2)[own]
        # the frame has no neighbours beyond its edge
        pure = cv2.erode(
            (later[number] >= PURE).astype(np.uint8), around, borderType=cv2.BORDER_CONSTANT, borderValue=0
        )
        column, row = np.rint(u).astype(int), np.rint(v).astype(int)
        inside = (column >= 0) & (column < size) & (row >= 0) & (row < size)
        reached = np.zeros((size, size), bool)
        reached[inside] = pure[row[inside], column[inside]] > 0
        certain |= own & (share[number] >= PURE) & reached
    return flow, ~certain
