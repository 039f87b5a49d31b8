"""What all anime styles share: shapes painted in order by one hand onto a few surfaces.

A style chooses its colours and lines by a `Look`; `paint` fills, shades and outlines every shape; the style
then finishes the surfaces (paper, pigment, screens) at the size of the picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.hand import Line, Trace, trace
from animestudy.data.atelier.marks import marks
from animestudy.data.atelier.spec import MASKS, Plan, Shape

CUE = 44  # darkness (of 255) from which a pixel counts as part of a line
PIECE = 12  # segments of a stroke that are filled at once

# Colours (n×3), second colours (n×3, NaN where a shape has one colour) → the same, as the style mixes them.
Dye = Callable[["Outlines", np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Look:
    """The lines and fills of one picture in one style; lengths in picture sides."""

    dye: Dye
    line: float = 0.011  # width of a near, large shape's contour
    contour: float = 1.0  # darkness of contours, 0 … 1
    inner: float = 0.6  # width of lines inside a shape, relative to its contour
    marks: float = 1.0  # number of marks of a texture, factor
    fading: float = 0.6  # how much paler and thinner lines get with distance, 0 … 1
    growth: float = 0.35  # exponent by which large shapes get thicker lines than small ones
    shade: float = 0.22  # depth of the shaded side, relative to a shape's size; 0 = none
    gap: float = 0.0  # width of the unpainted rim between fills
    gap_colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    inset: float = 0.0  # how far a contour lies inside its shape, in line widths


@dataclass(frozen=True)
class Outlines:
    """Numbers of the shapes of a plan that meet the picture (n shapes)."""

    shapes: tuple[Shape, ...]
    low: np.ndarray  # n×2, upper left corner of the bounding box
    high: np.ndarray  # n×2, lower right corner
    depth: np.ndarray  # n

    @property
    def extent(self) -> np.ndarray:
        """The larger side of each bounding box, at most 1."""
        return (self.high - self.low).max(1).clip(0, 1)


@dataclass(frozen=True)
class Sheet:
    """Painted surfaces, side×side (a multiple of the picture's size)."""

    colour: np.ndarray  # ×3 uint8
    shade: np.ndarray  # uint8, 255 in shadow
    line: np.ndarray  # uint8, 255 where a line is black
    owner: np.ndarray  # uint8, 1 + number in MASKS of the part on top, 0 = none

    @property
    def side(self) -> int:
        """Side of the surfaces in pixels."""
        return len(self.line)


def outlines(plan: Plan) -> Outlines:
    """The shapes of a plan that meet the picture; decoys are stamped later and left out."""
    shapes = [shape for shape in plan.shapes if shape.mask != "decoy" and len(shape.points) > 1]
    points = np.concatenate([np.asarray(shape.points, float) for shape in shapes])
    first = np.cumsum([0, *(len(shape.points) for shape in shapes)])[:-1]
    low, high = np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)
    reach = np.array([shape.width for shape in shapes])[:, None]
    seen = ((low - reach < 1) & (high + reach > 0)).all(1)
    kept = tuple(shape for shape, visible in zip(shapes, seen, strict=True) if visible)
    return Outlines(kept, low[seen], high[seen], np.array([shape.depth for shape in kept]))


def paint(plan: Plan, look: Look, size: int, rng: np.random.Generator) -> Sheet:
    """Paint a plan for a picture of `size` pixels."""
    things = outlines(plan)
    side = canvas.working(size)
    sheet = Sheet(
        np.full((side, side, 3), canvas.as_bytes(look.gap_colour), np.uint8),
        *(np.zeros((side, side), np.uint8) for _ in range(3)),
    )
    lines, parts = _lines(things, look, rng)
    traced = trace(lines, plan.hand, rng)
    brush = _Brush(traced, side)
    first, second = _dyed(things, look)
    light = _light(plan)
    for k, shape in enumerate(things.shapes):
        contour, inner, darkness = parts[k]
        path = brush.path(contour)
        label = MASKS.index(shape.mask) + 1 if shape.mask else 0
        if shape.closed:
            _fill(sheet, path, shape, first[k], second[k], label)
            if look.shade and shape.form != "flat" and shape.opacity > 0.5:
                _shade(sheet, path, shape, look.shade, light)
            if look.gap and shape.outline and things.extent[k] > 0.06:
                brush.draw(
                    sheet.colour, contour, canvas.as_bytes(look.gap_colour), look.gap / lines[contour].width
                )
        else:
            brush.draw(sheet.colour, contour, first[k])
            if label:
                brush.draw(sheet.owner, contour, label)
        for line in inner:
            brush.draw(sheet.line, line, 0.8 * darkness)
        if shape.outline > 0:
            brush.draw(sheet.line, contour, darkness)
    return sheet


def _lines(
    things: Outlines, look: Look, rng: np.random.Generator
) -> tuple[list[Line], list[tuple[int, list[int], float]]]:
    """All lines of the picture, and for every shape its contour, its inner lines and their darkness."""
    lines: list[Line] = []
    parts: list[tuple[int, list[int], float]] = []
    near = 1 - look.fading * things.depth
    large = (things.extent / 0.35).clip(0.02, 1.3) ** look.growth
    for k, shape in enumerate(things.shapes):
        weight = shape.outline if shape.outline > 0 else 1.0
        width = look.line * weight * near[k] * large[k]
        contour = (
            Line(shape.points, width, True)
            if shape.closed
            else Line(shape.points, max(shape.width, 0.3 * look.line))
        )
        inner = [Line(stroke, width * look.inner) for stroke in shape.strokes]
        if look.marks:
            inner += [Line(mark, width * look.inner) for mark in marks(shape, rng, look.marks)]
        parts.append(
            (len(lines), list(range(len(lines) + 1, len(lines) + 1 + len(inner))), look.contour * near[k])
        )
        lines += [contour, *inner]
    return lines, parts


def _dyed(things: Outlines, look: Look) -> tuple[list[tuple[int, ...]], list[tuple[int, ...] | None]]:
    first = np.array([shape.colour for shape in things.shapes], float)
    second = np.array([shape.second or (np.nan,) * 3 for shape in things.shapes], float)
    first, second = look.dye(things, first, second)
    return (
        [canvas.as_bytes(colour) for colour in first],
        [None if np.isnan(colour[0]) else canvas.as_bytes(colour) for colour in second],
    )


def _light(plan: Plan) -> np.ndarray:
    """Unit vector towards the light, y down."""
    towards = np.array((plan.mood.side, -0.25 - 0.75 * plan.mood.sun))
    return towards / np.hypot(*towards)


class _Brush:
    """Draws the strokes of a trace; all coordinates are converted to pixels at once."""

    def __init__(self, traced: Trace, side: int) -> None:
        self.traced = traced
        self.paths = canvas.fixed(traced.path, side)
        index = np.arange(len(traced.points))
        stroke = np.repeat(np.arange(len(traced.bounds)), np.diff(traced.bounds, axis=1)[:, 0])
        after = np.minimum(index + 1, traced.bounds[stroke, 1] - 1)
        before = np.maximum(index - 1, traced.bounds[stroke, 0])
        along = traced.points[after] - traced.points[before]
        across = np.stack([-along[:, 1], along[:, 0]], 1) / np.hypot(*along.T).clip(1e-12)[:, None]
        # a line is never thinner than half a pixel of the surface, or it would vanish
        self.reach = across * np.maximum(traced.width, 0.7 / side)[:, None] / 2
        self.side = side
        self.edges: dict[float, tuple[np.ndarray, np.ndarray]] = {}
        self.bounds = traced.bounds.tolist()

    def path(self, line: int) -> np.ndarray:
        """The led line in OpenCV's coordinates."""
        return self.paths[self.traced.path_bounds[line] : self.traced.path_bounds[line + 1]]

    def draw(
        self, surface: np.ndarray, line: int, value: float | tuple[int, ...], wider: float = 1.0
    ) -> None:
        """Draw one line; a number is a darkness 0 … 1 that the strokes' opacity scales, a tuple a colour."""
        left, right = self._edges(wider)
        for k in self.traced.by_line[line]:
            begin, end = self.bounds[k]
            paint = value if isinstance(value, tuple | int) else 255 * value * self.traced.opacity[k]
            for start in range(begin, end - 1, PIECE):
                stop = min(start + PIECE + 1, end)
                piece = np.concatenate([left[start:stop], right[start:stop][::-1]])
                cv2.fillPoly(surface, [piece], paint, cv2.LINE_AA, canvas.SHIFT)

    def _edges(self, wider: float) -> tuple[np.ndarray, np.ndarray]:
        if wider not in self.edges:
            reach = wider * self.reach
            self.edges[wider] = (
                canvas.fixed(self.traced.points + reach, self.side),
                canvas.fixed(self.traced.points - reach, self.side),
            )
        return self.edges[wider]


def _fill(
    sheet: Sheet,
    path: np.ndarray,
    shape: Shape,
    colour: tuple[int, ...],
    second: tuple[int, ...] | None,
    label: int,
) -> None:
    """Lay a shape over what is there: its colour, and its claim on the pixels."""
    covers = shape.opacity >= 0.5
    if covers:
        cv2.fillPoly(sheet.line, [path], 0, cv2.LINE_AA, canvas.SHIFT)
        cv2.fillPoly(sheet.shade, [path], 0, cv2.LINE_8, canvas.SHIFT)
    if covers or label:
        cv2.fillPoly(sheet.owner, [path], label, cv2.LINE_8, canvas.SHIFT)
    if second is None and shape.opacity >= 1:
        cv2.fillPoly(sheet.colour, [path], colour, cv2.LINE_AA, canvas.SHIFT)
        return
    where = _window(path, sheet.side)
    if where is None:
        return
    rows, columns = where
    under = sheet.colour[rows, columns]
    cover = _cover(path, where)
    if second is None:
        over = np.full_like(under, colour)
    else:
        top, bottom = path[:, 1].min() / 16, path[:, 1].max() / 16
        share = ((np.arange(rows.start, rows.stop) - top) / max(bottom - top, 1)).clip(0, 1)[:, None, None]
        ramp = (1 - share) * np.array(colour) + share * np.array(second)
        over = np.broadcast_to(ramp.astype(np.uint8), under.shape)
    if shape.opacity >= 1:
        np.copyto(under, over, where=cover[..., None] > 127)
    else:
        weight = cover.astype(np.float32) * np.float32(shape.opacity / 255)
        under[:] = cv2.blendLinear(
            np.ascontiguousarray(over), np.ascontiguousarray(under), weight, 1 - weight
        )


def _shade(sheet: Sheet, path: np.ndarray, shape: Shape, reach: float, light: np.ndarray) -> None:
    """The side away from the light: the shape without itself moved towards the light."""
    where = _window(path, sheet.side)
    if where is None:
        return
    span = np.minimum(np.ptp(path, axis=0), sheet.side << canvas.SHIFT)
    limit = 0.07 * (sheet.side << canvas.SHIFT)
    if shape.form == "vertical":
        move = np.array((np.sign(light[0]) * 1.5 * span[0], 0))
    elif shape.form == "horizontal":
        move = np.array((0, -1.5 * span[1]))
    else:
        move = light * min(span)
    moved = path + np.rint((reach * move).clip(-limit, limit)).astype(np.int32)
    dark = cv2.subtract(_cover(path, where), _cover(moved, where))
    part = sheet.shade[where]
    np.maximum(part, dark, out=part)


def _window(path: np.ndarray, side: int) -> canvas.Window | None:
    low = (path.min(0) >> canvas.SHIFT).clip(0, side)
    high = ((path.max(0) >> canvas.SHIFT) + 2).clip(0, side)
    if (high <= low).any():
        return None
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def _cover(path: np.ndarray, where: canvas.Window) -> np.ndarray:
    rows, columns = where
    patch = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    origin = np.array((columns.start, rows.start), np.int32) << canvas.SHIFT
    cv2.fillPoly(patch, [path - origin], 255, cv2.LINE_AA, canvas.SHIFT)
    return patch
