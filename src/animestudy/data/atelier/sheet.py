"""What all anime styles share: shapes painted in order by one hand onto a few surfaces.

A style chooses its colours and lines by a `Look`; `paint` fills, shades and outlines every shape; the style
then finishes the surfaces (paper, pigment, screens) at the size of the picture.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.hand import Line, Trace, trace
from animestudy.data.atelier.marks import marks
from animestudy.data.atelier.spec import MASKS, Plan, Shape

CUE = 48  # darkness (of 255) from which a pixel counts as part of a line
PIECE = 20  # segments of a stroke that are filled at once
SHADOW = 128  # bit of `paint`'s fourth channel

# Colours (n×3) and second colours (n×3, NaN where a shape has one colour) as the style mixes them.
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
    nib: float = 0.0  # how much the width depends on a stroke's direction, 0 … 1
    pressure: float = 0.0  # how much the width comes and goes along a stroke, 0 … 1
    dry: float = 0.0  # share of the long strokes that run dry, 0 … 1
    shade: float = 0.22  # depth of the shaded side, relative to a shape's size; 0 = none
    gap: float = 0.0  # width of the unpainted rim between fills
    ground: tuple[float, float, float] = (1.0, 1.0, 1.0)  # paper
    rim: float = 0.0  # contours are painted in the shape's own colour, lighter or darker by this; 0 = drawn


class Outlines(NamedTuple):
    """Numbers of the shapes of a plan that meet the picture (n shapes)."""

    shapes: tuple[Shape, ...]
    low: np.ndarray  # n×2, upper left corner of the bounding box
    high: np.ndarray  # n×2, lower right corner
    depth: np.ndarray  # n
    extent: np.ndarray  # n, the larger side of the bounding box, at most 1


class Sheet(NamedTuple):
    """Painted surfaces, side×side (a multiple of the picture's size), uint8."""

    paint: np.ndarray  # ×4: red, green, blue, and 1 + number of the part's mask (0 = none) with `SHADOW`
    line: np.ndarray  # 255 where a line is black

    @property
    def side(self) -> int:
        """Side of the surfaces in pixels."""
        return len(self.line)

    @property
    def shade(self) -> np.ndarray:
        """255 in shadow, else 0."""
        return np.where(self.paint[..., 3] & SHADOW, np.uint8(255), np.uint8(0))

    @property
    def owner(self) -> np.ndarray:
        """1 + number in MASKS of the part on top, 0 = none."""
        return self.paint[..., 3] & (SHADOW - 1)


def outlines(plan: Plan) -> Outlines:
    """The shapes of a plan that meet the picture; decoys are stamped later and left out."""
    shapes = [shape for shape in plan.shapes if shape.mask != "decoy" and len(shape.points) > 1]
    points = np.concatenate([np.asarray(shape.points, float) for shape in shapes])
    first = np.cumsum([0, *(len(shape.points) for shape in shapes)])[:-1]
    low, high = np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)
    reach = np.array([shape.width for shape in shapes])[:, None]
    seen = ((low - reach < 1) & (high + reach > 0)).all(1)
    kept = tuple(shape for shape, visible in zip(shapes, seen, strict=True) if visible)
    low, high = low[seen], high[seen]
    return Outlines(kept, low, high, np.array([s.depth for s in kept]), (high - low).max(1).clip(0, 1))


def paint(plan: Plan, look: Look, size: int, rng: np.random.Generator) -> Sheet:
    """Paint a plan for a picture of `size` pixels."""
    things = outlines(plan)
    side = canvas.working(size)
    sheet = Sheet(np.zeros((side, side, 4), np.uint8), np.zeros((side, side), np.uint8))
    sheet.paint[:] = (*canvas.as_bytes(look.ground), 0)
    lines, parts = _lines(things, look, rng)
    brush = _Brush(trace(lines, plan.hand, rng), look, side, rng)
    first, second, rims = _dyed(things, look)
    light = _light(plan)
    ground = canvas.as_bytes(look.ground)
    for shape, part, colour, other, rim, extent in zip(
        things.shapes, parts, first, second, rims, things.extent, strict=True
    ):
        path = brush.path(part.contour)
        label = MASKS.index(shape.mask) + 1 if shape.mask else 0
        if shape.closed:
            if shape.opacity >= 0.5:
                cv2.fillPoly(sheet.line, [path], 0, cv2.LINE_8, canvas.SHIFT)
            _coat(sheet.paint, path, shape, (*colour, label), (*other, label) if other else None)
            if look.shade and shape.form != "flat" and shape.opacity > 0.5:
                _shade(sheet.paint, path, shape, look.shade, light)
            if look.gap and shape.outline and extent > 0.06:
                wider = look.gap / lines[part.contour].width
                brush.draw(sheet.paint, part.contour, (*ground, label), wider)
        else:
            brush.draw(sheet.paint, part.contour, (*colour, label))
        for line in part.inner:
            if look.rim:
                brush.draw(sheet.paint, line, (*rim, label))
            brush.draw(sheet.line, line, 0.8 * part.darkness)
        if shape.outline > 0:
            if look.rim:
                brush.draw(sheet.paint, part.contour, (*rim, label))
            brush.draw(sheet.line, part.contour, part.darkness)
    return sheet


class _Part(NamedTuple):
    contour: int  # number of its line
    inner: range  # of lines
    darkness: float


def _lines(things: Outlines, look: Look, rng: np.random.Generator) -> tuple[list[Line], list[_Part]]:
    """All lines of the picture, and which of them belong to each shape."""
    lines: list[Line] = []
    parts: list[_Part] = []
    near = 1 - look.fading * things.depth
    large = (things.extent / 0.35).clip(0.02, 1.3) ** look.growth
    for shape, close, factor in zip(things.shapes, near, large, strict=True):
        width = look.line * (shape.outline or 1.0) * close * factor
        if shape.closed:
            contour = Line(shape.points, width, True)
        else:
            contour = Line(shape.points, max(shape.width, 0.3 * look.line))
        inner = [*shape.strokes, *(marks(shape, rng, look.marks) if look.marks else ())]
        begin = len(lines) + 1
        parts.append(_Part(begin - 1, range(begin, begin + len(inner)), look.contour * close))
        lines += [contour, *(Line(stroke, width * look.inner) for stroke in inner)]
    return lines, parts


def _dyed(things: Outlines, look: Look) -> tuple[list, list, list]:
    """Colours, second colours (or None) and colours of rims as OpenCV takes them."""
    first = np.array([shape.colour for shape in things.shapes], float)
    second = np.array([shape.second or (np.nan,) * 3 for shape in things.shapes], float)
    with np.errstate(invalid="ignore"):
        first, second = look.dye(things, first, second)
    rims = first + look.rim * np.where(canvas.luma(first) > 0.55, -1.0, 1.0)[:, None] * (1.0, 1.0, 0.8)
    bytes_of = [
        (np.nan_to_num(colours).clip(0, 1) * 255 + 0.5).astype(int).tolist()
        for colours in (first, second, rims)
    ]
    plain = np.isnan(second[:, 0])
    return (
        bytes_of[0],
        [None if one else two for one, two in zip(plain, bytes_of[1], strict=True)],
        bytes_of[2],
    )


def _light(plan: Plan) -> np.ndarray:
    """Unit vector towards the light, y down."""
    towards = np.array((plan.mood.side, -0.25 - 0.75 * plan.mood.sun))
    return towards / np.hypot(*towards)


class _Brush:
    """Draws the strokes of a trace; all coordinates are converted to pixels at once."""

    def __init__(self, traced: Trace, look: Look, side: int, rng: np.random.Generator) -> None:
        self.traced, self.side, self.dry = traced, side, look.dry
        self.paths = canvas.fixed(traced.path, side)
        self.path_bounds, self.bounds = traced.path_bounds.tolist(), traced.bounds.tolist()
        index = np.arange(len(traced.points))
        stroke = np.repeat(np.arange(len(traced.bounds)), np.diff(traced.bounds, axis=1)[:, 0])
        after = np.minimum(index + 1, traced.bounds[stroke, 1] - 1)
        before = np.maximum(index - 1, traced.bounds[stroke, 0])
        along = traced.points[after] - traced.points[before]
        across = np.stack([-along[:, 1], along[:, 0]], 1) / np.hypot(*along.T).clip(1e-12)[:, None]
        width = traced.width
        angle, knots = rng.uniform(0.4, 1.1), rng.uniform(-1, 1, 256)
        if look.nib:
            slanted = np.abs(across @ (np.cos(angle), np.sin(angle)))
            width = width * (1 - look.nib + 1.6 * look.nib * slanted)
        if look.pressure:
            width = width * (1 + look.pressure * np.interp((index / 9) % 255, np.arange(256), knots))
        # a line is never thinner than half a pixel of the surface, or it would vanish
        self.reach = across * np.maximum(width, 0.7 / side)[:, None] / 2
        self.edges: dict[float, tuple[np.ndarray, np.ndarray]] = {}
        self.streaks = rng.random((64, 3))

    def path(self, line: int) -> np.ndarray:
        """The led line in OpenCV's coordinates."""
        return self.paths[self.path_bounds[line] : self.path_bounds[line + 1]]

    def draw(
        self, surface: np.ndarray, line: int, value: float | tuple[int, ...], wider: float = 1.0
    ) -> None:
        """Draw one line; a number is a darkness 0 … 1 that the strokes' opacity scales, a tuple a colour."""
        left, right = self._edges(wider)
        for k in self.traced.by_line[line]:
            begin, end = self.bounds[k]
            colour = value if isinstance(value, tuple) else 255 * value * self.traced.opacity[k]
            for start in range(begin, end - 1, PIECE):
                stop = min(start + PIECE + 1, end)
                piece = np.concatenate([left[start:stop], right[start:stop][::-1]])
                cv2.fillPoly(
                    surface, [piece], colour, cv2.LINE_AA if surface.ndim == 2 else cv2.LINE_8, canvas.SHIFT
                )
            if self.dry and surface.ndim == 2 and end - begin > 12:
                self._streaks(surface, k)

    def _streaks(self, surface: np.ndarray, k: int) -> None:
        """Hairs of the brush that carry no ink any more, towards the end of a stroke."""
        begin, end = self.bounds[k]
        for hair in range(3):
            chance, across, share = self.streaks[(3 * k + hair) % 64]
            if chance > self.dry:
                continue
            start = begin + int((end - begin) * (0.25 + 0.45 * share))
            middle = self.traced.points[start : end - 1] + (1.5 * across - 0.75) * self.reach[start : end - 1]
            thick = max(1, round(0.16 * float(np.abs(self.reach[start]).sum()) * self.side))
            cv2.polylines(
                surface, [canvas.fixed(middle, self.side)], False, 0, thick, cv2.LINE_AA, canvas.SHIFT
            )

    def _edges(self, wider: float) -> tuple[np.ndarray, np.ndarray]:
        if wider not in self.edges:
            reach = wider * self.reach
            self.edges[wider] = (
                canvas.fixed(self.traced.points + reach, self.side),
                canvas.fixed(self.traced.points - reach, self.side),
            )
        return self.edges[wider]


def _coat(
    surface: np.ndarray,
    path: np.ndarray,
    shape: Shape,
    colour: tuple[int, ...],
    second: tuple[int, ...] | None,
) -> None:
    """Lay a shape's colour and label over what is there."""
    if second is None and shape.opacity >= 1:
        cv2.fillPoly(surface, [path], colour, cv2.LINE_8, canvas.SHIFT)
        return
    where = _window(path, len(surface))
    if where is None:
        return
    under = surface[where]
    over = np.empty(under.shape, np.uint8)
    if second is None:
        over[:] = colour
    else:
        top, bottom = path[:, 1].min() / 16, path[:, 1].max() / 16
        share = ((np.arange(where[0].start, where[0].stop) - top) / max(bottom - top, 1)).clip(0, 1)[:, None]
        over[:] = ((1 - share) * colour + share * second + 0.5).astype(np.uint8)[:, None]
    if shape.opacity < 1:
        label = under[..., 3].copy()
        over = cv2.addWeighted(over, shape.opacity, under, 1 - shape.opacity, 0)
        over[..., 3] = colour[3] if shape.opacity >= 0.5 or colour[3] else label
    cv2.copyTo(over, _cover(path, where), under)


def _shade(surface: np.ndarray, path: np.ndarray, shape: Shape, reach: float, light: np.ndarray) -> None:
    """The side away from the light: the shape without itself moved towards the light."""
    side = len(surface)
    where = _window(path, side)
    if where is None:
        return
    span = np.minimum(np.ptp(path, axis=0), side << canvas.SHIFT)
    if shape.form == "vertical":
        move = np.array((np.sign(light[0]) * 1.5 * span[0], 0))
    elif shape.form == "horizontal":
        move = np.array((0, -1.5 * span[1]))
    else:
        move = light * min(span)
    if shape.texture == "skin":
        reach = 0.6 * reach
    limit = 0.07 * (side << canvas.SHIFT)
    moved = path + np.rint((reach * move).clip(-limit, limit)).astype(np.int32)
    dark = cv2.subtract(_cover(path, where), _cover(moved, where))
    label = surface[where][..., 3]
    label |= dark & SHADOW


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
    cv2.fillPoly(patch, [path - origin], 255, cv2.LINE_8, canvas.SHIFT)
    return patch
