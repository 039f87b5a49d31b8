"""What all anime styles share: shapes painted in order by one hand onto a few surfaces.

A style chooses its colours and lines by a `Look`; `paint` fills, shades and outlines every shape; the style
then finishes the surfaces (paper, pigment, screens) at the size of the picture.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.hand import SPACING, Line, Trace, trace
from animestudy.data.atelier.marks import GRID, marks
from animestudy.data.atelier.spec import MASKS, Plan, Shape

PIECE = 40  # segments of a stroke that are filled at once
COARSE = 8  # pixels of the surface between two points of a line, above which it is drawn finer
SHADOW = 128  # bit of `paint`'s fourth channel
SMALL = 0.012  # a shape below this size has no contour

# What a picture is too small to show is left out: in its own pixels, the least area on top (or extent, where
# shapes have no area) of what is painted at all, the least extents of shapes that are led by the hand and
# outlined, shaded, and given inner lines, and the least area on top of the latter two. Shapes that others
# hide are left out at every size. Chance is drawn for all, so what is shown does not depend on what is not.
SPECK = 0.4
LED, SHADED, LINED = 4.0, 8.0, 10.0
ROOM = 25.0
HAIRY = 1.5  # half the least width of a stroke, in pixels of the surface, that shows the hairs of the brush
COARSER = 2.5  # in small pictures, points of lines lie this much farther apart

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
    area: (
        np.ndarray
    )  # n, the share of the picture where it is on top, of the box if it is open or translucent
    owner: np.ndarray  # `on_top`


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
    """The shapes of a plan that are seen in the picture; decoys are stamped later and left out."""
    shapes = [shape for shape in plan.shapes if shape.mask != "decoy" and len(shape.points) > 1]
    count = np.array([len(shape.points) for shape in shapes])
    points = np.concatenate([shape.points for shape in shapes])
    first = np.cumsum(count) - count
    low, high = np.minimum.reduceat(points, first), np.maximum.reduceat(points, first)
    reach = np.array([shape.width for shape in shapes])[:, None]
    seen = ((low - reach < 1) & (high + reach > 0)).all(1)
    low, high = low.clip(0, 1), high.clip(0, 1)
    solid = np.array([shape.closed and shape.opacity >= 1 for shape in shapes])
    owner = on_top(canvas.fixed(points, GRID), first.tolist(), seen & solid)
    area = np.where(solid, np.bincount(owner.ravel(), minlength=len(shapes) + 1)[1:] / GRID**2, 0)
    area = np.where(solid, area, (high - low).max(1) ** 2)
    kept = np.flatnonzero(seen & (area > 0))
    number = np.zeros(len(shapes) + 1, np.int16)
    number[kept + 1] = np.arange(1, len(kept) + 1)
    low, high, shown = low[kept], high[kept], tuple(shapes[k] for k in kept)
    depth = np.array([shape.depth for shape in shown])
    return Outlines(shown, low, high, depth, (high - low).max(1), area[kept], number[owner])


def on_top(paths: np.ndarray, first: list[int], hiding: np.ndarray) -> np.ndarray:
    """GRID×GRID int16: 1 + number of the shape on top, of those that hide what is behind; else 0.

    `paths` are their outlines one after another, `first` is where each begins.
    """
    owner = np.zeros((GRID, GRID), np.int16)
    bounds = [*first, len(paths)]
    for k in np.flatnonzero(hiding).tolist():
        cv2.fillPoly(owner, [paths[bounds[k] : bounds[k + 1]]], k + 1, cv2.LINE_8, canvas.SHIFT)
    return owner


def paint(plan: Plan, look: Look, size: int, rng: np.random.Generator) -> Sheet:
    """Paint a plan for a picture of `size` pixels."""
    things = outlines(plan)
    side = canvas.working(size)
    ground = canvas.as_bytes(look.ground)
    # the four channels of a pixel are one number: filled and copied several times as fast
    blank = np.full((side, side), np.array((*ground, 0), np.uint8).view(np.uint32)[0])
    sheet = Sheet(blank.view(np.uint8).reshape(side, side, 4), np.zeros((side, side), np.uint8))
    parts, brush = _parts(things, plan, look, size, rng)
    light, (colours, seconds, rims) = _light(plan), _dyed(things, look)
    blends = _gradients(things, parts, brush, colours, seconds)
    for shape, part, colour, second, blend, rim, extent in zip(
        things.shapes, parts, colours, seconds, blends, rims, things.extent.tolist(), strict=True
    ):
        if part is None:
            continue
        label = MASKS.index(shape.mask) + 1 if shape.mask else 0
        colour = (*colour, label)
        if shape.closed:
            path = brush.path(part.contour)
            if shape.opacity >= 0.5:
                cv2.fillPoly(sheet.line, [path.points], 0, cv2.LINE_8, canvas.SHIFT)
            if second and blend is None:  # too low for a gradient to be seen
                colour = (*((a + b) // 2 for a, b in zip(colour[:3], second, strict=True)), label)
            _coat(sheet.paint, path, shape.opacity, colour, blend)
            if part.shaded and look.shade:
                _shade(sheet.paint, path, shape, look.shade, light)
            if look.gap and shape.outline > 0.5 and extent > 0.12:
                brush.reserve(sheet.paint, part.contour, (*ground, label), look.gap)
        else:
            brush.draw(sheet.paint, part.contour, colour)
        drawn = [(line, 0.8 * part.darkness) for line in part.inner]
        if part.outlined:
            drawn.append((part.contour, part.darkness))
        for line, darkness in drawn:
            if look.rim and shape.closed:
                brush.draw(sheet.paint, line, (*rim, label))
            brush.draw(sheet.line, line, darkness)
    return sheet


class _Part(NamedTuple):
    """What is drawn of a shape."""

    contour: int  # number of its line
    inner: range  # of lines
    darkness: float
    outlined: bool
    shaded: bool


def _parts(
    things: Outlines, plan: Plan, look: Look, size: int, rng: np.random.Generator
) -> tuple[list[_Part | None], "_Brush"]:
    """What is drawn of each shape (None: nothing) in a picture of `size` pixels, and the brush for it."""
    lines: list[Line] = []
    numbers: list[int] = []
    plain: list[np.ndarray] = []
    parts: list[_Part | None] = []
    near = (1 - look.fading * things.depth).tolist()
    large = ((things.extent / 0.35).clip(0.02, 1.3) ** look.growth).tolist()
    textures = marks(things.shapes, things.low, things.high, things.owner, rng, look.marks)
    extents, areas = (size * things.extent).tolist(), (size**2 * things.area).tolist()
    number = 0
    for shape, touches, close, factor, extent, area in zip(
        things.shapes, textures, near, large, extents, areas, strict=True
    ):
        begin, inner = number, [*shape.strokes, *touches]
        number += 1 + len(inner)
        if area < SPECK:
            parts.append(None)
            continue
        if extent < LINED or area < ROOM:
            inner = []
        width = look.line * (shape.outline or 1.0) * close * factor
        darkness = look.contour * (1 - 0.65 * look.fading * shape.depth)
        led = extent >= LED or not shape.closed
        outlined = led and shape.outline > 0 and extent > SMALL * size
        shaded = extent >= SHADED and area >= ROOM and shape.form != "flat" and shape.opacity > 0.5
        parts.append(
            _Part(
                len(lines) if led else ~len(plain),
                range(len(lines) + 1, len(lines) + 1 + len(inner)),
                darkness,
                outlined,
                shaded,
            )
        )
        outline = shape.points[:: canvas.dense(len(shape.points), extent)]
        if not led:
            plain.append(outline)
            continue
        wide = width if shape.closed else max(shape.width, 0.3 * look.line)
        lines += [Line(outline, wide, shape.closed), *(Line(one, width * look.inner) for one in inner)]
        numbers += range(begin, begin + 1 + len(inner))
    spacing = COARSER * SPACING if size <= 128 else SPACING
    return parts, _Brush(trace(lines, plan.hand, rng, numbers, spacing), plain, look, size, rng)


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
    """Draws the lines of a trace; all coordinates are converted to pixels at once.

    Lines with negative numbers are `plain` outlines that no hand led.
    """

    def __init__(
        self, traced: Trace, plain: list[np.ndarray], look: Look, size: int, rng: np.random.Generator
    ) -> None:
        side = canvas.working(size)
        self.finer = 1 if SPACING * side < COARSE else round(SPACING * side / COARSE) + 1
        if self.finer > 1:
            traced = _finer(traced, self.finer)
        self.traced, self.side, self.dry = traced, side, look.dry
        self.bounds, self.opacity = traced.bounds.tolist(), traced.opacity.tolist()
        self._convert([traced.path, *plain[::-1]], traced.path_bounds)
        points = traced.points.view(complex)[:, 0]
        index = np.arange(len(points))
        stroke = np.repeat(np.arange(len(traced.bounds)), np.diff(traced.bounds, axis=1)[:, 0])
        after = np.minimum(index + 1, traced.bounds[stroke, 1] - 1)
        before = np.maximum(index - 1, traced.bounds[stroke, 0])
        along = points[after] - points[before]
        dx, dy, width = along.real, along.imag, traced.width
        length = np.sqrt(dx * dx + dy * dy) + 1e-12
        angle, knots = rng.uniform(0.4, 1.1), rng.uniform(-1, 1, 256)
        self.streaks = rng.random((64, 3)).tolist()
        if look.nib:
            slanted = np.abs(dx * np.sin(angle) - dy * np.cos(angle)) / length
            width = width * (1 - look.nib + 1.6 * look.nib * slanted)
        if look.pressure:
            place = points.real + 1.7 * points.imag + 3
            width = width * (1 + look.pressure * np.interp((9 * place) % 255, np.arange(256), knots))
        # a line is never thinner than half a pixel of the surface, or it would vanish
        self.half = np.maximum(width, 0.7 / side) / 2
        reach = along * (1j * self.half / length)
        sides = np.concatenate([points + reach, points - reach]).view(float).reshape(-1, 2)
        sides, self.reach = canvas.fixed(sides, side), reach.view(float).reshape(-1, 2)
        # along one edge of a stroke, back along the other
        begin, end = traced.bounds[stroke].T
        self.rings = np.empty_like(sides)
        self.rings[begin + index] = sides[: len(points)]
        self.rings[2 * end - 1 + begin - index] = sides[len(points) :]
        self.pieces = self._pieces()

    def _convert(self, outlines: list[np.ndarray], bounds: np.ndarray) -> None:
        """Outlines in pixels, and their boxes."""
        ends = bounds[-1] + np.cumsum([len(points) for points in outlines[1:]], dtype=int)
        bounds = np.concatenate([bounds, ends])
        self.paths, side = canvas.fixed(np.concatenate(outlines), self.side), self.side
        low, high = (edge.reduceat(self.paths, bounds[:-1]) for edge in (np.minimum, np.maximum))
        frame = ((low >> canvas.SHIFT).clip(0, side), ((high >> canvas.SHIFT) + 2).clip(0, side))
        self.boxes = np.concatenate([low, high, *frame], 1).tolist()
        self.path_bounds = bounds.tolist()

    def _pieces(self) -> list[list[tuple[int, np.ndarray]]]:
        """For each line the polygons to fill, each with the stroke that it belongs to.

        One polygon for a long stroke would leave holes where it crosses itself (even-odd rule).
        """
        traced, most = self.traced, PIECE * self.finer
        low, high = (edge.reduceat(traced.points, traced.bounds[:, 0]) for edge in (np.minimum, np.maximum))
        seen = ((low < 1.01) & (high > -0.01)).all(1).tolist()
        pieces = []
        for strokes in traced.by_line:
            line = []
            for k in strokes:
                if seen[k]:
                    begin, end = self.bounds[k]
                    ring = self.rings[2 * begin : 2 * end]
                    line += (
                        [(k, ring)] if end - begin <= most + 1 else [(k, part) for part in cut(ring, most)]
                    )
            pieces.append(line)
        return pieces

    def path(self, line: int) -> _Path:
        """The led line as an outline."""
        left, top, right, bottom, x0, y0, x1, y1 = self.boxes[line]
        seen = (slice(y0, y1), slice(x0, x1)) if y1 > y0 and x1 > x0 else None
        first, last = (line, line + 1) if line >= 0 else (line - 1, line)
        points = self.paths[self.path_bounds[first] : self.path_bounds[last]]
        return _Path(points, top, bottom, right - left, seen)

    def draw(self, surface: np.ndarray, line: int, value: float | Paint) -> None:
        """Draw one line: with a paint on a surface of four channels, with a darkness 0 … 1 on one of one."""
        if isinstance(value, tuple):
            for _, ring in self.pieces[line]:
                cv2.fillPoly(surface, [ring], value, cv2.LINE_8, canvas.SHIFT)
            return
        for k, ring in self.pieces[line]:
            cv2.fillPoly(surface, [ring], 255 * value * self.opacity[k], cv2.LINE_AA, canvas.SHIFT)
        if self.dry:
            for k in dict.fromkeys(k for k, _ in self.pieces[line]):
                begin, end = self.bounds[k]
                if end - begin > 12 * self.finer:
                    self._dry(surface, k)

    def reserve(self, surface: np.ndarray, line: int, ground: Paint, width: float) -> None:
        """Leave the ground free along a line, `width` (in picture sides) wide."""
        thick = max(1, round(width * self.side))
        for _, ring in self.pieces[line]:
            half = len(ring) // 2
            middle = (ring[:half:2] + ring[: half - 1 : -2]) >> 1
            cv2.polylines(surface, [middle], False, ground, thick, cv2.LINE_8, canvas.SHIFT)

    def _dry(self, surface: np.ndarray, k: int) -> None:
        """Hairs of the brush that carry no ink any more, towards the end of a stroke."""
        begin, end = self.bounds[k]
        for hair in range(3):
            chance, across, share = self.streaks[(3 * k + hair) % 64]
            start = begin + int((end - begin) * (0.25 + 0.45 * share))
            wide = float(self.half[start]) * self.side
            if chance > self.dry or wide < HAIRY:
                continue
            middle = self.traced.points[start : end - 1] + (1.5 * across - 0.75) * self.reach[start : end - 1]
            hairline = canvas.fixed(middle, self.side)
            thick = max(1, round(0.2 * wide))
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


def cut(ring: np.ndarray, most: int) -> Iterator[np.ndarray]:
    """A stroke's polygon in pieces of `most` segments."""
    last = len(ring) // 2 - 1
    for start in range(0, last, most):
        stop = min(start + most, last)
        yield np.concatenate([ring[start : stop + 1], ring[2 * last + 1 - stop : 2 * last + 2 - start]])


def _coat(surface: np.ndarray, path: _Path, opacity: float, colour: Paint, blend: np.ndarray | None) -> None:
    """Lay a shape's colour (or `blend`, one for each row of its window) and label over what is there."""
    if blend is None and opacity >= 1:
        cv2.fillPoly(surface, [path.points], colour, cv2.LINE_8, canvas.SHIFT)
        return
    if path.window is None:
        return
    if opacity >= 1:
        # the four channels of a pixel are one number; every row has its own
        inside = _cover(path.points, path.window, 1).view(bool)
        np.copyto(surface.view(np.uint32)[path.window][..., 0], blend.view(np.uint32), where=inside)
        return
    under = surface[path.window]
    over = np.empty(under.shape, np.uint8)
    over[:] = colour if blend is None else blend[:, None]
    label = under[..., 3].copy()
    over = cv2.addWeighted(over, opacity, under, 1 - opacity, 0)
    over[..., 3] = colour[3] if opacity >= 0.5 or colour[3] else label
    cv2.copyTo(over, _cover(path.points, path.window), under)


def _gradients(
    things: Outlines, parts: list[_Part | None], brush: _Brush, colours: list, seconds: list
) -> list[np.ndarray | None]:
    """For each shape with a second colour that is high enough to show, its paint row by row, rows×4."""
    found: list[np.ndarray | None] = [None] * len(parts)
    chosen, spans, ends = [], [], []
    for k, (part, second) in enumerate(zip(parts, seconds, strict=True)):
        if part is None or second is None or not things.shapes[k].closed:
            continue
        _, top, _, bottom, _, y0, _, y1 = brush.boxes[part.contour]
        if bottom - top >= 16 << canvas.SHIFT and y1 > y0:
            mask = things.shapes[k].mask
            label = MASKS.index(mask) + 1 if mask else 0
            chosen.append(k)
            spans.append((top, bottom - top, y0, y1 - y0))
            ends.append((*colours[k], label, *second, label))
    if not chosen:
        return found
    (top, height, start, count), ends = np.array(spans).T, np.array(ends, np.float32)
    stop = np.cumsum(count)
    which = np.repeat(np.arange(len(chosen)), count)
    row = np.arange(len(which)) - (stop - count - start)[which]
    share = (((row << canvas.SHIFT) - top[which]) / height[which]).clip(0, 1).astype(np.float32)
    first, step = ends[:, :4] + np.float32(0.5), ends[:, 4:] - ends[:, :4]
    rows = (first[which] + share[:, None] * step[which]).astype(np.uint8)
    for k, begin, end in zip(chosen, (stop - count).tolist(), stop.tolist(), strict=True):
        found[k] = rows[begin:end]
    return found


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
    x, y = (round(min(limit, max(-limit, reach * part))) for part in (x, y))
    dark = _cover(path.points, path.window, SHADOW)
    _cover(path.points, path.window, 0, dark, (x, y))
    label = surface[path.window][..., 3]
    label |= dark


def _cover(
    points: np.ndarray,
    where: canvas.Window,
    value: int = 255,
    patch: np.ndarray | None = None,
    moved: tuple[int, int] = (0, 0),
) -> np.ndarray:
    """`value` inside an outline, for the pixels of a window."""
    rows, columns = where
    if patch is None:
        patch = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    offset = (moved[0] - (columns.start << canvas.SHIFT), moved[1] - (rows.start << canvas.SHIFT))
    cv2.fillPoly(patch, [points], value, cv2.LINE_8, canvas.SHIFT, offset)
    return patch
