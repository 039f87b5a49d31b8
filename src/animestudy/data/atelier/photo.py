"""The photo domain: the shapes of a plan as a camera would see them.

Deferred shading (Saito & Takahashi 1990): every shape is drawn once as a number into a map of owners; all
that belongs to a surface (colour, form, material, distance) is looked up for all pixels at once, and lit.
Soft and translucent shapes are laid in between by the same map; water mirrors what is already lit.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from animestudy.data.atelier import canvas
from animestudy.data.atelier.camera import Camera, camera, defocus, develop, noise, soften
from animestudy.data.atelier.materials import MATERIALS, NAMES, sample
from animestudy.data.atelier.spec import MASKS, Mood, Picture, Plan, Shape
from animestudy.data.atelier.styles import stamp

# What gives light of its own (or is so far that it is not lit by the scene's), and what lies on the ground.
SHINING = ("sky", "sun", "glow", "cloud", "lamp", "ray")
LYING = ("ground", "road", "water", "sand", "foam", "row", "shore", "paving", "marking", "lily", "bank")
# How a form bends away from the viewer across and down.
BEND = {"flat": (0.0, 0.0), "round": (0.86, 0.86), "vertical": (0.9, 0.0), "horizontal": (0.0, 0.75)}
SKIN = (0.62, 0.40)  # light goes into skin and comes out beside: softer than any form
SKIP = ("reflection",)  # the renderer makes its own
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Light:
    """Where the light comes from and what colour it has."""

    towards: np.ndarray  # unit vector: right, down, to the viewer
    direct: np.ndarray  # colour of the sun
    ambient: np.ndarray  # colour of the sky's light
    share: float  # of the direct light


def light_of(mood: Mood) -> Light:
    """A low sun is warm and its shadows are blue; contrast comes from the share of direct light."""
    towards = np.array([0.85 * mood.side, -0.30 - 0.60 * mood.sun, 0.62], np.float32)
    low = max(0.0, 1 - 2.2 * mood.sun)
    direct = np.array([1.0 + 0.10 * low, 1.0 - 0.03 * low, 0.95 - 0.20 * low], np.float32)
    ambient = np.array([0.92, 0.98, 1.10], np.float32)
    return Light(
        towards / np.linalg.norm(towards), direct, ambient, float(np.clip(0.64 * mood.contrast, 0.4, 0.85))
    )


def render(plan: Plan, size: int, rng: np.random.Generator) -> Picture:
    """Photograph `plan` at size×size pixels. `rng` chooses the camera and its noise."""
    settings = camera(rng, sitter(plan))
    light, owner = expose(plan, size, settings)
    image = develop(canvas.reduce(light, size), settings)
    picture = Picture(to_bytes(noise(image, settings, rng)), masks(plan, owner, size))
    for shape in plan.shapes:
        if shape.mask == "decoy":
            stamp(picture.image, picture.masks, shape)
    return picture


def sitter(plan: Plan) -> float | None:
    """The depth of the face that a portrait focuses on, None in a landscape."""
    return next((shape.depth for shape in plan.shapes if shape.mask == "face"), None)


def expose(plan: Plan, size: int, settings: Camera) -> tuple[np.ndarray, np.ndarray]:
    """The light that reaches the film (side×side×3 float32, linear), and the map of owners.

    `side` is a multiple of `size`.
    """
    side = size * (3 if size <= 48 else 2 if size <= 768 else 1)
    shapes = visible(plan)
    lines = lines_of(shapes, side)
    owner = owners(shapes, lines, side)
    view = owner.astype(np.intp)
    table = surfaces(shapes, lines)
    column = {name: values.take(view, mode="clip") for name, values in zip(COLUMNS, table, strict=True)}
    albedo = painted(shapes, column, view)
    x, y = canvas.ramp(side)
    grain, coarse = texture(column, x, y, plan.mood, side)
    tint = 1 + 0.45 * column["tint"] * grain + 0.22 * column["coarse"] * coarse
    albedo *= np.clip(tint, 0.25, 1.9) * grooves(shapes, lines, owner)
    lay_soft(albedo, shapes, lines, owner, plan.mood)
    lit = shade(albedo, column, column["bump"] * (grain + 0.5 * coarse), plan.mood)
    lit = mirror(lit, column, owner, shapes, plan.mood)
    lit = defocus(lit, column["depth"], settings)
    return soften(lit, settings.softness * side), owner


def to_bytes(image: np.ndarray) -> np.ndarray:
    """sRGB 0 … 1 as uint8, rounded."""
    return (np.clip(image, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)


# ---------------------------------------------------------------------------------------------- surfaces


def visible(plan: Plan) -> list[Shape]:
    """The shapes that stand before the camera: no drawn reflections, and seals are printed on afterwards."""
    return [shape for shape in plan.shapes if shape.name not in SKIP and shape.mask != "decoy"]


def solid(shape: Shape) -> bool:
    """Whether a shape hides what is behind it; the others are laid on softly."""
    return shape.opacity >= 0.98 and shape.blend == 0


@dataclass(frozen=True)
class Lines:
    """The outlines and inner lines of all shapes in one array, converted to pixels at once."""

    paths: list[np.ndarray]  # outline of each shape in OpenCV's fixed-point coordinates
    strokes: list[list[np.ndarray]]  # inner lines of each shape, likewise
    low: np.ndarray  # n×2, upper left corner of each outline
    high: np.ndarray  # n×2, lower right corner


def lines_of(shapes: list[Shape], side: int) -> Lines:
    """The lines of `shapes` on a surface of `side` pixels."""
    every = [line for shape in shapes for line in (shape.points, *shape.strokes)]
    ends = np.cumsum([len(line) for line in every])
    points = np.concatenate(every)
    starts = ends - [len(line) for line in every]
    first = np.cumsum([0, *(1 + len(shape.strokes) for shape in shapes[:-1])])
    low, high = np.minimum.reduceat(points, starts)[first], np.maximum.reduceat(points, starts)[first]
    pieces = iter(
        [piece[a:b] for piece in (canvas.fixed(points, side),) for a, b in zip(starts, ends, strict=True)]
    )
    paths, strokes = [], []
    for shape in shapes:
        paths.append(next(pieces))
        strokes.append([next(pieces) for _ in shape.strokes])
    return Lines(paths, strokes, low, high)


def owners(shapes: list[Shape], lines: Lines, side: int) -> np.ndarray:
    """side×side int32: 1 + number of the solid shape on top, 0 where there is none."""
    owner = np.zeros((side, side), np.int32)
    for k, shape in enumerate(shapes):
        if not solid(shape):
            continue
        if shape.closed:
            cv2.fillPoly(owner, [lines.paths[k]], k + 1, cv2.LINE_8, canvas.SHIFT)
        else:
            canvas.ribbon(owner, shape.points, max(shape.width, 0.8 / side), k + 1, side, smooth=False)
    return frayed(owner, shapes)


def frayed(owner: np.ndarray, shapes: list[Shape]) -> np.ndarray:
    """The map with the edges of foliage, grass and rock torn: looked up a little beside each pixel."""
    side = owner.shape[0]
    torn = np.array(
        [0, *(MATERIALS[s.texture].fray * (1 - 0.6 * s.depth) * side for s in shapes)], np.float32
    )
    reach = torn.take(owner)
    if not reach.any():
        return owner
    width = 2 * round(0.008 * side) + 1
    reach = cv2.blur(reach, (width, width))
    x, y = canvas.ramp(side)
    across, down = astray(side)
    column = np.clip(x * side + reach * across, 0, side - 1).astype(np.int32)
    row = np.clip(y * side + reach * down, 0, side - 1).astype(np.int32)
    beside = owner.ravel().take(row * side + column)
    # shapes are painted from far to near: an edge is torn if the nearer of its two sides is
    return np.where(torn.take(np.maximum(owner, beside)) > 0, beside, owner)


@lru_cache(maxsize=4)
def astray(side: int) -> tuple[np.ndarray, np.ndarray]:
    """How far torn edges lead astray at each pixel, across and down, deviation about 1."""
    x, y = canvas.ramp(side)
    leaves = np.full((side, side), NAMES.index("leaves"), np.float32)
    return (
        sample(side, leaves, 2.2 * x, 2.2 * y, False),
        sample(side, leaves, 2.2 * x + 0.37, 2.2 * y + 0.61, False),
    )


COLUMNS = (
    *("top", "height", "left", "width", "bend_x", "bend_y", "depth", "gloss", "shining", "lying"),
    *("tile", "across", "down", "bump", "tint", "coarse", "shift"),
)


def surfaces(shapes: list[Shape], lines: Lines) -> np.ndarray:
    """COLUMNS × (shapes + 1) float32: the properties of every surface; the first column is empty space."""
    rows = [(0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0)]
    span = np.maximum(lines.high - lines.low, 1e-6).tolist()
    for k, (shape, low, size) in enumerate(zip(shapes, lines.low.tolist(), span, strict=True)):
        material = MATERIALS[shape.texture]
        lying, shining = shape.name in LYING, shape.name in SHINING
        finer = 1 + 1.6 * shape.depth
        rows.append(
            (
                *(low[1], size[1], low[0], size[0]),
                *((0.0, 0.0) if lying else SKIN if shape.texture == "skin" else BEND[shape.form]),
                *(shape.depth, shape.gloss, shining, lying, NAMES.index(material.tile)),
                *(material.across * finer, material.down * finer),
                # light has no surface; level ground is trodden flat
                0.0 if shining else material.bump * (0.45 if lying else 1.0),
                0.0 if shining else material.tint,
                0.0 if shining else material.patches,
                (k * 0.618) % 1.0,
            )
        )
    return np.array(rows, np.float32).T.copy()


def colours(shapes: list[Shape]) -> tuple[np.ndarray, np.ndarray]:
    """Linear colours (gamma 2) at the upper and the lower end of every shape, (shapes + 1)×3 float32."""
    upper = [(0.7, 0.7, 0.7), *(shape.colour for shape in shapes)]
    lower = [(0.7, 0.7, 0.7), *(shape.second or shape.colour for shape in shapes)]
    return np.square(np.array(upper, np.float32)), np.square(np.array(lower, np.float32))


def linear(colour: tuple[float, float, float]) -> np.ndarray:
    """A colour as linear light (gamma 2), 3×1×1 float32."""
    return np.square(np.array(colour, np.float32))[:, None, None]


def painted(shapes: list[Shape], column: dict[str, np.ndarray], owner: np.ndarray) -> np.ndarray:
    """The bare colour of every pixel, 3×side×side float32 (planes are faster to work on), linear."""
    upper, lower = (np.ascontiguousarray(table.T) for table in colours(shapes))
    down = (canvas.ramp(len(owner))[1] - column["top"]) / column["height"]
    albedo = upper.take(owner, axis=1, mode="clip")
    albedo += np.clip(down, 0, 1) * (lower - upper).take(owner, axis=1, mode="clip")
    return albedo


def shade(albedo: np.ndarray, column: dict[str, np.ndarray], height: np.ndarray, mood: Mood) -> np.ndarray:
    """Linear light that reaches the camera from every pixel, side×side×3 float32.

    `albedo` is 3×side×side; `height` is the relief of the surfaces' grain.
    """
    side = albedo.shape[1]
    light = light_of(mood)
    x, y = canvas.ramp(side)
    across = (x - column["left"]) / column["width"]
    down = (y - column["top"]) / column["height"]
    # form: the bounding ellipse bends away from the viewer; material: the slope of its grain
    step = np.float32(side / 192 * 0.16)
    nx = column["bend_x"] * np.clip(2 * across - 1, -1, 1) - step * cv2.Sobel(
        height, cv2.CV_32F, 1, 0, scale=0.25
    )
    ny = column["bend_y"] * np.clip(2 * down - 1, -1, 1) - step * cv2.Sobel(
        height, cv2.CV_32F, 0, 1, scale=0.25
    )
    ny -= 0.75 * column["lying"]
    nz = np.sqrt(np.clip(1 - nx * nx - ny * ny, 0.08, 1))
    length = 1 / np.sqrt(nx * nx + ny * ny + nz * nz)
    facing = (nx * light.towards[0] + ny * light.towards[1] + nz * light.towards[2]) * length
    # light wraps a little around every form
    direct = np.clip(facing + np.float32(0.25), 0, None) / (light.towards[2] + 0.25)
    hidden = occlusion(column["depth"], mood, side)
    openness = (0.5 - 0.35 * ny * length) * 2 * (1 - 0.75 * hidden)
    direct *= 1 - 0.85 * hidden
    own = column["shining"]
    direct = own + (1 - own) * np.float32(light.share) * direct
    fill = (1 - own) * np.float32(1 - light.share) * openness
    lit = albedo * (direct * light.direct[:, None, None] + fill * light.ambient[:, None, None])
    gloss = column["gloss"]
    if gloss.any():
        half = light.towards + np.array([0, 0, 1], np.float32)
        half /= np.linalg.norm(half)
        shine = np.clip((nx * half[0] + ny * half[1] + nz * half[2]) * length, 0, 1)
        shine = np.square(np.square(shine * shine * shine))  # to the power of 24
        shine *= shine
        lit += (gloss * shine * 0.55 * (1 - column["lying"])) * light.direct[:, None, None]
    return cv2.merge(list(lit))


def texture(
    column: dict, x: np.ndarray, y: np.ndarray, mood: Mood, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """Fine grain and coarse patches of every surface, deviation about 1; level ground in perspective."""
    angle = math.radians(mood.tilt)
    level = 0.5 + (y - 0.5) * math.cos(angle) - (x - 0.5) * math.sin(angle) - mood.horizon
    lying = column["lying"]
    away = 1 / np.clip(level + 0.07, 0.07, None)
    u = lying * (x - 0.5) * away * 0.42 + (1 - lying) * x
    v = lying * away * 0.55 + (1 - lying) * y
    u, v = u * column["across"] + column["shift"] + 3, v * column["down"] + 7 * column["shift"] + 3
    smooth = side > 400
    grain = sample(side, column["tile"], u, v, smooth)
    # far ground is too fine to be seen
    grain *= 1 - lying * np.clip((away - 5) / 9, 0, 1)
    coarse = sample(side, np.zeros_like(u), 0.45 * u + 0.3, 0.45 * v, smooth)
    return grain, coarse


def occlusion(depth: np.ndarray, mood: Mood, side: int) -> np.ndarray:
    """How much nearer things around a pixel hide the light, 0 … 1 (depth-buffer unsharp mask, Luft 2006)."""
    # what is blurred so widely needs no more than half of the points
    whole, depth = depth, cv2.resize(depth, (side // 2, side // 2), interpolation=cv2.INTER_AREA)
    side //= 2
    hidden = np.zeros_like(depth)
    for reach, weight, shift in ((0.03, 2.2, 0.5), (0.10, 2.4, 1.0)):
        width = 2 * round(reach * side) + 1
        around = cv2.blur(cv2.blur(depth, (width, width)), (width, width))
        move = np.float32(
            ((1, 0, shift * reach * side * mood.side * 0.5), (0, 1, -shift * reach * side * 0.45))
        )
        # what stands towards the light counts more: its shadow falls here
        around = cv2.warpAffine(
            around,
            move,
            (side, side),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        hidden += np.float32(weight) * np.clip(depth - around - 0.01, 0, 0.3)
    hidden = np.clip(hidden, 0, 0.7) * (1 - 0.8 * depth)
    return cv2.resize(hidden, whole.shape, interpolation=cv2.INTER_LINEAR)


def grooves(shapes: list[Shape], lines: Lines, owner: np.ndarray) -> np.ndarray:
    """How much the inner lines of the surfaces (joints, bars, folds, strands) darken each pixel, a factor."""
    side = owner.shape[0]
    drawn = np.zeros_like(owner)
    extent = (lines.high - lines.low).max(1).tolist()
    for k, shape in enumerate(shapes):
        if shape.strokes and solid(shape):
            thick = max(1, round(side * min(0.0045, 0.018 * extent[k])))
            cv2.polylines(drawn, lines.strokes[k], False, k + 1, thick, cv2.LINE_8, canvas.SHIFT)
    dark = np.array([0, *(0.24 if shape.texture == "hair" else 0.42 for shape in shapes)], np.float32)
    mark = np.where(drawn == owner, dark.take(drawn), np.float32(0))
    if side > 96:
        mark = cv2.blur(mark, (2 * (side // 400) + 1,) * 2)
    return 1 - mark


def lay_soft(albedo: np.ndarray, shapes: list[Shape], lines: Lines, owner: np.ndarray, mood: Mood) -> None:
    """Lay on clouds, shadows, glow and blush where no later solid shape hides them, in place."""
    side = owner.shape[0]
    for k, shape in enumerate(shapes):
        if solid(shape):
            continue
        width = 2 * round(0.8 * shape.blend * side) + 1  # of the blur that makes its edge soft
        where = around(lines.low[k], lines.high[k], width + shape.width * side, side)
        if where is None or not (seen := owner[where] <= k).any():
            continue
        alpha = covering(shape, lines.paths[k], where, side)
        if shape.blend * side > 0.4:
            alpha = cv2.blur(cv2.blur(alpha, (width, width)), (width, width))
        rows = where[0]
        colour, second = linear(shape.colour), linear(shape.second or shape.colour)
        under = albedo[:, *where]
        if shape.texture == "cloud":
            cover, over = billow(shape, alpha * np.float32(1 / 255), where, side, mood, k)
            alpha = cover * (np.float32(shape.opacity) * seen)
        else:
            over = colour
            if shape.second is not None:
                low, high = lines.low[k, 1], lines.high[k, 1]
                share = ((np.arange(rows.start, rows.stop) + 0.5) / side - low) / max(high - low, 1e-6)
                share = np.clip(share, 0, 1).astype(np.float32)[:, None]
                over = colour + share * (second - colour)
            alpha = (alpha * seen) * np.float32(shape.opacity / 255)
        over = over - under
        over *= alpha
        under += over


def around(low: np.ndarray, high: np.ndarray, margin: float, side: int) -> canvas.Window | None:
    """The pixels of a box in the unit square with a margin in pixels; None outside the picture."""
    (left, top), (right, bottom) = low.tolist(), high.tolist()
    left, top = max(0, int(left * side - margin)), max(0, int(top * side - margin))
    right, bottom = min(side, int(right * side + margin) + 2), min(side, int(bottom * side + margin) + 2)
    return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None


def covering(shape: Shape, path: np.ndarray, where: canvas.Window, side: int) -> np.ndarray:
    """How far a filled shape or a stroke covers each pixel of a window, uint8."""
    rows, columns = where
    cover = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    if shape.closed:
        offset = (-columns.start << canvas.SHIFT, -rows.start << canvas.SHIFT)
        cv2.fillPoly(cover, [path], 255, cv2.LINE_AA, canvas.SHIFT, offset)
    else:
        canvas.ribbon(cover, shape.points, shape.width, 255, side, origin=(rows.start, columns.start))
    return cover


def billow(
    shape: Shape, alpha: np.ndarray, where: canvas.Window, side: int, mood: Mood, number: int
) -> tuple[np.ndarray, np.ndarray]:
    """A cloud: its edge frayed by noise, its heads lit from the sun's side, its base in shade."""
    rows, columns = where
    y, x = np.mgrid[rows, columns].astype(np.float32) / np.float32(side)
    low, span = shape.points.min(0), np.ptp(shape.points, axis=0)
    offset = (number * 0.37) % 1
    scale = np.float32(0.55 / max(0.15, float(span[0])) ** 0.6)
    zero = np.zeros_like(x)
    fray = sample(side, zero, x * scale + offset + 2, y * scale * 1.3 + 2, side > 400)
    fine = sample(side, zero, x * scale * 3.1 + 2, y * scale * 3.3 + offset + 2, side > 400)
    ragged = fray + 0.5 * fine
    width = 2 * round(0.045 * side * min(1.0, float(span[0]) * 2.2)) + 1
    body = cv2.blur(alpha, (width, width))
    cover = np.clip((body - 0.36 + 0.13 * ragged) * 3.2, 0, 1)
    cover = cover * cover * (3 - 2 * cover)
    tall = np.clip((y - low[1]) / max(float(span[1]), 1e-6), 0, 1)
    lean = cv2.Sobel(body, cv2.CV_32F, 1, 0, scale=0.125) * width
    sunny = np.clip(0.92 - 0.85 * tall - 0.5 * lean * np.float32(mood.side) + 0.16 * ragged, 0, 1.12)
    top, base = linear(shape.colour), linear(shape.second or shape.colour)
    return cover * 0.96, base + sunny * (top * 1.06 - base)


def mirror(lit: np.ndarray, column: dict, owner: np.ndarray, shapes: list[Shape], mood: Mood) -> np.ndarray:
    """Water reflects what stands in it and behind it, with ripples, most at a grazing view (Schlick 1994).

    What stands in the water or at its edge is mirrored at its foot, all that is farther at the far bank.
    """
    wet = [k + 1 for k, shape in enumerate(shapes) if shape.texture == "water" and solid(shape)]
    if not wet:
        return lit
    side, depth = owner.shape[0], column["depth"]
    cos, sin = math.cos(math.radians(mood.tilt)), math.sin(math.radians(mood.tilt))
    dry = np.where(column["lying"] > 0, -1, np.arange(side, dtype=np.int32)[:, None])
    foot = np.maximum.accumulate(dry, axis=0)
    for k in wet:
        rows, columns = np.nonzero(owner == k)
        if not len(rows):
            continue
        x, y = ((at + 0.5).astype(np.float32) / side - 0.5 for at in (columns, rows))
        # upright coordinates: the composition may lean
        across, down = x * cos + y * sin, y * cos - x * sin
        line = float(((shapes[k - 1].points - 0.5) @ (-sin, cos)).min())
        below = np.clip(down - line, 0, None)
        away = 1 / (below + 0.05)
        u, v = across * away * 0.30 + 5, away * 0.55 + 5
        tile = np.full(len(x), NAMES.index("waves"), np.float32)
        wave = sample(side, tile, u, v, side > 400)
        wave = wave + 0.5 * sample(side, tile, 2.3 * u + 0.4, 2.1 * v, side > 400)
        calm = np.clip(below * 4, 0.10, 1)
        source, shift = line - below * 0.92 - 0.004 + wave * 0.011 * calm, across + wave * 0.003 * calm
        far_column = pixel(shift * cos - source * sin + 0.5, side)
        far_row = pixel(shift * sin + source * cos + 0.5, side)
        seen = lit[far_row, far_column]
        water = owner[far_row, far_column] == k
        seen[water] = lit[rows, columns][water]
        # things in the water: straight above their own foot
        near_column = pixel(x + 0.5 + wave * 0.003 * calm, side)
        base = foot[rows, near_column]
        near_row = base - np.rint(0.92 * (rows - base) - side * 0.011 * wave * calm).astype(np.int32)
        inside = (base >= 0) & (near_row >= 0) & (near_row <= base)
        near_row = np.clip(near_row, 0, side - 1)
        of, at = depth[near_row, near_column], depth[base, near_column]
        inside &= (of > 0.12) & (of < 0.62) & (np.abs(of - at) < 0.08) & (dry[near_row, near_column] >= 0)
        seen[inside] = lit[near_row, near_column][inside]
        grazing = (0.80 - 0.42 * np.clip(below * 2.2, 0, 1))[:, None]
        body = lit[rows, columns] * 0.75
        glint = np.clip(wave - 1.6, 0, 1.5) * 0.10
        lit[rows, columns] = body + grazing * (seen * 0.94 - body) + glint[:, None]
    return lit


def pixel(place: np.ndarray, side: int) -> np.ndarray:
    """The pixel of a surface at a place of the unit square, the edge for what lies beyond."""
    return np.clip((place * side).astype(np.int32), 0, side - 1)


# ------------------------------------------------------------------------------------------------- masks


def masks(plan: Plan, owner: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """The parts of MASKS that are on top at the centre of each pixel, size×size bool.

    A part without an edge (a nose) is where a soft shape that bears its name covers what is behind.
    """
    shapes = visible(plan)
    label = np.array([-1, *(MASKS.index(s.mask) if s.mask else -1 for s in shapes)])
    top = canvas.centres(owner, size)
    seen = label[top]
    for k, shape in enumerate(shapes):
        if shape.mask and not solid(shape) and shape.opacity >= 0.5:
            inside = np.zeros((size, size), np.uint8)
            canvas.fill(inside, shape.points, 1, size, smooth=False)
            seen[(inside > 0) & (top <= k)] = label[k + 1]
    return {name: seen == k for k, name in enumerate(MASKS)}
