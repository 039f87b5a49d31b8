"""What all anime styles share: shapes painted in order by one hand onto a few surfaces.

A style chooses its colours and lines by a `Look`; `paint` fills, shades and outlines every shape; the style
then finishes the surfaces (paper, pigment, screens) at the size of the picture.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.hand import SPACING, Line, Trace, trace
from animestudy.data.atelier.marks import marks
from animestudy.data.atelier.spec import MASKS, Plan, Shape

PIECE = 40  # segments of a stroke that are filled at once
COARSE = 8  # pixels of the surface between two points of a line, above which it is drawn finer
SHADOW = 128  # bit of `paint`'s fourth channel
SMALL = 0.012  # a shape below this size has no contour

# Colours (n×3) and second colours (n×3, NaN where a shape has one colour) as the style mixes them.
Dye = Callable[["Outlines", np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
Paint = tuple[int, int, int, int]  # red, green, blue, label


@dataclass(frozen=True)
class Look:
    """The lines and fills of one picture in one style; lengths in picture sides."""

    dye: Dye
    line: float = 0.011  # width of a near, large shape's contour
    contour: float = 1.0  # darkness of contours, 0 … 1
    inner: float = 0.6  # width of lines inside a shape, relative to its contour
    marks: float = 1.0  # number of marks of a texture, factor
    fading: float = 0.6  # how much thinner, and somewhat paler, lines get with distance, 0 … 1
    growth: float = 0.5  # exponent by which large shapes get thicker lines than small ones
    nib: float = 0.0  # how much the width depends on a stroke's direction, 0 … 1
    pressure: float = 0.0  # how much the width comes and goes along a stroke, 0 … 1
    dry: float = 0.0  # share of the long strokes that run dry, 0 … 1
    shade: float = 0.22  # depth of the shaded side, relative to a shape's size; 0 = none
    gap: float = 0.0  # width of the unpainted rim between large fills
    ground: tuple[float, float, float] = (1.0, 1.0, 1.0)  # paper
    rim: float = 0.0  # contours are painted in the shape's own colour, lighter or darker by this; 0 = drawn


class Outlines(NamedTuple):
    """Numbers of the shapes of a plan that meet the picture (n shapes)."""

    shapes: tuple[Shape, ...]
    low: np.ndarray  # n×2, upper left corner of the visible bounding box
    high: np.ndarray  # n×2, lower right corner
    depth: np.ndarray  # n
    extent: np.ndarray  # n, the larger side of the bounding box


class Drawing(NamedTuple):
    """A finished drawing: what a style makes of a sheet."""

    image: np.ndarray  # size×size×3 uint8
    line: np.ndarray  # size×size float32, how dark the hand's lines were drawn, 0 … 1
    owner: np.ndarray  # side×side uint8, see `Sheet.owner`


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
    def features(self) -> np.ndarray:
        """255 on the features of a face, where no wash may run, else 0."""
        owner = self.owner
        inside = (owner >= 1 + MASKS.index("eyes")) & (owner <= 1 + MASKS.index("mouth"))
        return np.where(inside, np.uint8(255), np.uint8(0))

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
    low, high = low[seen].clip(0, 1), high[seen].clip(0, 1)
    return Outlines(kept, low, high, np.array([shape.depth for shape in kept]), (high - low).max(1))


def paint(plan: Plan, look: Look, size: int, rng: np.random.Generator) -> Sheet:
    """Paint a plan for a picture of `size` pixels."""
    things = outlines(plan)
    side = canvas.working(size)
    sheet = Sheet(np.zeros((side, side, 4), np.uint8), np.zeros((side, side), np.uint8))
    ground = canvas.as_bytes(look.ground)
    sheet.paint[:] = (*ground, 0)
    lines, parts = _lines(things, look, rng)
    brush = _Brush(trace(lines, plan.hand, rng), look, side, rng)
    light = _light(plan)
    for shape, part, colour, second, rim, extent in zip(
        things.shapes, parts, *_dyed(things, look), things.extent.tolist(), strict=True
    ):
        label = MASKS.index(shape.mask) + 1 if shape.mask else 0
        colour = (*colour, label)
        if shape.closed:
            path = brush.path(part.contour)
            if shape.opacity >= 0.5:
                cv2.fillPoly(sheet.line, [path.points], 0, cv2.LINE_8, canvas.SHIFT)
            _coat(sheet.paint, path, shape.opacity, colour, (*second, label) if second else None)
            if look.shade and shape.form != "flat" and shape.opacity > 0.5 and extent * size > 3:
                _shade(sheet.paint, path, shape, look.shade, light)
            if look.gap and shape.outline > 0.5 and extent > 0.12:
                brush.reserve(sheet.paint, part.contour, (*ground, label), look.gap)
        else:
            brush.draw(sheet.paint, part.contour, colour)
        # what the picture is too small to show is left out; the numbers drawn for it are not
        drawn = [(line, 0.8 * part.darkness) for line in part.inner] if extent * size > 5 else []
        if shape.outline > 0 and extent > SMALL and extent * size > 1.5:
            drawn.append((part.contour, part.darkness))
        for line, darkness in drawn:
            if look.rim and shape.closed:
                brush.draw(sheet.paint, line, (*rim, label))
            brush.draw(sheet.line, line, darkness)
    return sheet


class _Part(NamedTuple):
    contour: int  # number of its line
    inner: range  # of lines
    darkness: float


def _lines(things: Outlines, look: Look, rng: np.random.Generator) -> tuple[list[Line], list[_Part]]:
    """All lines of the picture, and which of them belong to each shape."""
    lines: list[Line] = []
    parts: list[_Part] = []
    near = (1 - look.fading * things.depth).tolist()
    large = ((things.extent / 0.35).clip(0.02, 1.3) ** look.growth).tolist()
    textures = marks(things.shapes, things.low, things.high, rng, look.marks)
    for shape, touches, close, factor in zip(things.shapes, textures, near, large, strict=True):
        width = look.line * (shape.outline or 1.0) * close * factor
        if shape.closed:
            contour = Line(shape.points, width, True)
        else:
            contour = Line(shape.points, max(shape.width, 0.3 * look.line))
        inner = [*shape.strokes, *touches]
        begin = len(lines) + 1
        darkness = look.contour * (1 - 0.65 * look.fading * shape.depth)
        parts.append(_Part(begin - 1, range(begin, begin + len(inner)), darkness))
        lines += [contour, *(Line(stroke, width * look.inner) for stroke in inner)]
    return lines, parts


def _dyed(things: Outlines, look: Look) -> tuple[list, list, list]:
    """Colours, second colours (or None) and colours of rims as OpenCV takes them."""
    first = np.array([shape.colour for shape in things.shapes], float)
    second = np.array([shape.second or (np.nan,) * 3 for shape in things.shapes], float)
    with np.errstate(invalid="ignore"):
        first, second = look.dye(things, first, second)
    step = look.rim * (things.extent / 0.25).clip(0.35, 1)
    skin = np.array([shape.texture == "skin" for shape in things.shapes])
    step = np.where(skin, 0.5 * step, step)
    rims = first + (step * np.where(canvas.luma(first) > 0.55, -1.0, 1.0))[:, None] * (1.0, 1.0, 0.8)
    tables = [
        (np.nan_to_num(colours).clip(0, 1) * 255 + 0.5).astype(int).tolist()
        for colours in (first, second, rims)
    ]
    one = np.isnan(second[:, 0]).tolist()
    return tables[0], [None if plain else two for plain, two in zip(one, tables[1], strict=True)], tables[2]


def _light(plan: Plan) -> tuple[float, float]:
    """Unit vector towards the light, y down."""
    x, y = plan.mood.side, -0.25 - 0.75 * plan.mood.sun
    length = (x * x + y * y) ** 0.5
    return x / length, y / length


class _Path(NamedTuple):
    """An outline in OpenCV's coordinates, its height there, and the part of the surface that it spans."""

    points: np.ndarray
    top: int
    bottom: int
    width: int
    window: canvas.Window | None


class _Brush:
    """Draws the lines of a trace; all coordinates are converted to pixels at once."""

    def __init__(self, traced: Trace, look: Look, side: int, rng: np.random.Generator) -> None:
        self.finer = 1 if SPACING * side < COARSE else round(SPACING * side / COARSE) + 1
        if self.finer > 1:
            traced = _finer(traced, self.finer)
        self.traced, self.side, self.dry = traced, side, look.dry
        self.paths = canvas.fixed(traced.path, side)
        first = traced.path_bounds[:-1]
        low = np.minimum.reduceat(self.paths, first)
        high = np.maximum.reduceat(self.paths, first)
        frame = np.concatenate(
            [(low >> canvas.SHIFT).clip(0, side), ((high >> canvas.SHIFT) + 2).clip(0, side)], 1
        )
        self.boxes = np.concatenate([low, high, frame], 1).tolist()
        self.path_bounds, self.bounds = traced.path_bounds.tolist(), traced.bounds.tolist()
        self.opacity = traced.opacity.tolist()
        index = np.arange(len(traced.points))
        stroke = np.repeat(np.arange(len(traced.bounds)), np.diff(traced.bounds, axis=1)[:, 0])
        after = np.minimum(index + 1, traced.bounds[stroke, 1] - 1)
        before = np.maximum(index - 1, traced.bounds[stroke, 0])
        dx, dy = (traced.points[after] - traced.points[before]).T
        across = np.stack([-dy, dx], 1) / (np.hypot(dx, dy) + 1e-12)[:, None]
        width = traced.width
        angle, knots = rng.uniform(0.4, 1.1), rng.uniform(-1, 1, 256)
        self.streaks = rng.random((64, 3))
        if look.nib:
            slanted = np.abs(across @ (np.cos(angle), np.sin(angle)))
            width = width * (1 - look.nib + 1.6 * look.nib * slanted)
        if look.pressure:
            along = traced.points[:, 0] + 1.7 * traced.points[:, 1] + 3
            width = width * (1 + look.pressure * np.interp((9 * along) % 255, np.arange(256), knots))
        # a line is never thinner than half a pixel of the surface, or it would vanish
        self.reach = across * (np.maximum(width, 0.7 / side) / 2)[:, None]
        self.left = canvas.fixed(traced.points + self.reach, side)
        self.right = canvas.fixed(traced.points - self.reach, side)
        low = np.minimum.reduceat(traced.points, traced.bounds[:, 0])
        high = np.maximum.reduceat(traced.points, traced.bounds[:, 0])
        seen = ((low < 1.01) & (high > -0.01)).all(1).tolist()
        self.strokes = [[k for k in strokes if seen[k]] for strokes in traced.by_line]

    def path(self, line: int) -> _Path:
        """The led line as an outline."""
        left, top, right, bottom, x0, y0, x1, y1 = self.boxes[line]
        seen = (slice(y0, y1), slice(x0, x1)) if y1 > y0 and x1 > x0 else None
        points = self.paths[self.path_bounds[line] : self.path_bounds[line + 1]]
        return _Path(points, top, bottom, right - left, seen)

    def draw(self, surface: np.ndarray, line: int, value: float | Paint) -> None:
        """Draw one line: with a paint on a surface of four channels, with a darkness 0 … 1 on one of one."""
        paints = isinstance(value, tuple)
        method = cv2.LINE_8 if paints else cv2.LINE_AA
        for k in self.strokes[line]:
            begin, end = self.bounds[k]
            colour = value if paints else 255 * value * self.opacity[k]
            for start in range(begin, end - 1, PIECE * self.finer):
                stop = min(start + PIECE * self.finer + 1, end)
                piece = np.concatenate((self.left[start:stop], self.right[start:stop][::-1]))
                cv2.fillPoly(surface, [piece], colour, method, canvas.SHIFT)
            if self.dry and not paints and end - begin > 12 * self.finer:
                self._dry(surface, k)

    def reserve(self, surface: np.ndarray, line: int, ground: Paint, width: float) -> None:
        """Leave the ground free along a line, `width` (in picture sides) wide."""
        thick = max(1, round(width * self.side))
        for k in self.strokes[line]:
            begin, end = self.bounds[k]
            middle = (self.left[begin:end] + self.right[begin:end]) >> 1
            cv2.polylines(surface, [middle], False, ground, thick, cv2.LINE_8, canvas.SHIFT)

    def _dry(self, surface: np.ndarray, k: int) -> None:
        """Hairs of the brush that carry no ink any more, towards the end of a stroke."""
        begin, end = self.bounds[k]
        for hair in range(3):
            chance, across, share = self.streaks[(3 * k + hair) % 64]
            if chance > self.dry:
                continue
            start = begin + int((end - begin) * (0.25 + 0.45 * share))
            middle = self.traced.points[start : end - 1] + (1.5 * across - 0.75) * self.reach[start : end - 1]
            thick = max(1, round(0.16 * float(np.abs(self.reach[start]).sum()) * self.side))
            hairline = canvas.fixed(middle, self.side)
            cv2.polylines(surface, [hairline], False, 0, thick, cv2.LINE_AA, canvas.SHIFT)


def _finer(traced: Trace, times: int) -> Trace:
    """The trace with `times` as many points on a smooth curve through its own, for large pictures."""

    def refined(points: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Cubic Hermite curves; where points lie far apart the line is straight."""
        index = np.arange(len(points))
        part = np.searchsorted(first, index, "right") - 1
        after = points[np.minimum(index + 1, last[part] - 1)]
        before = points[np.maximum(index - 1, first[part])]
        near = np.maximum(np.abs(after - points), np.abs(points - before))[:, :2].max(1) < 2 * SPACING
        slope = (after - before) / 2 * near[:, None]
        slope_after = slope[np.minimum(index + 1, last[part] - 1)]
        t = np.linspace(0, 1, times, endpoint=False)[:, None, None]
        curve = (1 + 2 * t) * (1 - t) ** 2 * points + t * (1 - t) ** 2 * slope
        curve = curve + t**2 * (3 - 2 * t) * after - t**2 * (1 - t) * slope_after
        return curve.transpose(1, 0, 2).reshape(-1, points.shape[1])

    path = refined(traced.path, traced.path_bounds[:-1], traced.path_bounds[1:])
    strokes = np.concatenate([traced.points, traced.width[:, None]], 1)
    strokes = refined(strokes, traced.bounds[:, 0], traced.bounds[:, 1])
    return replace(
        traced,
        path=path,
        path_bounds=times * traced.path_bounds,
        points=strokes[:, :2],
        width=strokes[:, 2],
        bounds=times * traced.bounds,
    )


def _coat(surface: np.ndarray, path: _Path, opacity: float, colour: Paint, second: Paint | None) -> None:
    """Lay a shape's colour and label over what is there."""
    if second and path.bottom - path.top < 16 << canvas.SHIFT:  # too low for a gradient to be seen
        colour, second = tuple((a + b) // 2 for a, b in zip(colour, second, strict=True)), None
    if second is None and opacity >= 1:
        cv2.fillPoly(surface, [path.points], colour, cv2.LINE_8, canvas.SHIFT)
        return
    if path.window is None:
        return
    under = surface[path.window]
    over = np.empty(under.shape, np.uint8)
    if second is None:
        over[:] = colour
    else:
        rows = np.arange(path.window[0].start, path.window[0].stop, dtype=np.float32) * (1 << canvas.SHIFT)
        share = (rows - path.top) / max(path.bottom - path.top, 1)
        share = np.minimum(np.maximum(share, 0), 1)[:, None]
        first = np.array(colour, np.float32)
        over[:] = (first + share * (np.array(second, np.float32) - first) + np.float32(0.5)).astype(np.uint8)[
            :, None
        ]
    if opacity < 1:
        label = under[..., 3].copy()
        over = cv2.addWeighted(over, opacity, under, 1 - opacity, 0)
        over[..., 3] = colour[3] if opacity >= 0.5 or colour[3] else label
    cv2.copyTo(over, _cover(path.points, path.window), under)


def _shade(surface: np.ndarray, path: _Path, shape: Shape, reach: float, light: tuple[float, float]) -> None:
    """The side away from the light: the shape without itself moved towards the light."""
    if path.window is None:
        return
    side = len(surface) << canvas.SHIFT
    wide, high = min(path.width, side), min(path.bottom - path.top, side)
    if shape.form == "vertical":
        x, y = (1.5 * wide if light[0] > 0 else -1.5 * wide), 0.0
    elif shape.form == "horizontal":
        x, y = 0.0, -1.5 * high
    else:
        x, y = light[0] * min(wide, high), light[1] * min(wide, high)
    if shape.texture == "skin":
        reach = 0.6 * reach
    limit = 0.07 * side
    moved = path.points + np.array(
        [round(min(limit, max(-limit, reach * part))) for part in (x, y)], np.int32
    )
    dark = cv2.subtract(_cover(path.points, path.window), _cover(moved, path.window))
    label = surface[path.window][..., 3]
    label |= dark & SHADOW


def _cover(points: np.ndarray, where: canvas.Window) -> np.ndarray:
    """255 inside an outline, for the pixels of a window."""
    rows, columns = where
    patch = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    offset = (-columns.start << canvas.SHIFT, -rows.start << canvas.SHIFT)
    cv2.fillPoly(patch, [points + np.array(offset, np.int32)], 255, cv2.LINE_8, canvas.SHIFT)
    return patch
