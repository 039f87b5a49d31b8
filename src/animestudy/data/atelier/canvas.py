"""From the unit square to pixels: antialiased fills, lines of varying width and noise, at any size.

Every renderer draws on a surface that is a few times finer than the picture and reduces it at the end.
Coordinates are those of `spec.Shape`: x to the right, y down, the picture is [0, 1]². Random numbers are
drawn in the unit square, never per pixel, so that a subject looks the same at 32 and at 2048 pixels.
OpenCV's own threads are off: pictures are rendered in many processes side by side.
"""

import cv2
import numpy as np

cv2.setNumThreads(1)

SHIFT = 4  # OpenCV takes coordinates in 1/16 pixel
PIECE = 8  # segments of a ribbon that are filled at once

Window = tuple[slice, slice]  # rows, columns


def working(size: int) -> int:
    """Side of the surface on which a picture of `size` pixels is drawn: a whole multiple of `size`."""
    return size * (4 if size <= 48 else 3 if size <= 640 else 2)


def reduce(surface: np.ndarray, size: int) -> np.ndarray:
    """The finished picture: `surface` averaged over areas to size×size."""
    if surface.shape[0] == size:
        return surface
    return cv2.resize(surface, (size, size), interpolation=cv2.INTER_AREA)


def centres(surface: np.ndarray, size: int) -> np.ndarray:
    """The surface's value nearest to the centre of every pixel of a size×size picture (for labels)."""
    step = surface.shape[0] // size
    return surface[step // 2 :: step, step // 2 :: step]


def fixed(points: np.ndarray, side: int, origin: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Points (K×2, unit square) in OpenCV's fixed-point coordinates, relative to the window at `origin`.

    `origin` is (row, column). The centre of the first pixel lies at 0.5/side in the unit square.
    """
    step = 1 << SHIFT
    scaled = np.asarray(points, float) * (side * step)
    # one number is taken from all several times as fast as two from each pair
    scaled -= step / 2 if origin == (0, 0) else np.array((origin[1] + 0.5, origin[0] + 0.5)) * step
    np.minimum(np.maximum(scaled, -1e6 * step, out=scaled), 1e6 * step, out=scaled)
    return np.rint(scaled, out=scaled).astype(np.int32)


def dense(count: int, extent: float) -> int:
    """Of the `count` points of an outline every how manyth is enough, given the pixels that it spans."""
    return max(1, int(count / max(2.4 * extent, 6.0)))


def window(points: np.ndarray, side: int, margin: float = 0.0) -> Window | None:
    """Rows and columns that `points` span, `margin` pixels more on each side; None if outside the picture."""
    low = np.floor(points.min(0) * side - margin - 2).astype(int).clip(0, side)
    high = np.ceil(points.max(0) * side + margin + 2).astype(int).clip(0, side)
    if (high <= low).any():
        return None
    return slice(low[1], high[1]), slice(low[0], high[0])


def fill(
    surface: np.ndarray,
    points: np.ndarray,
    value: float | tuple[float, ...],
    side: int,
    *,
    smooth: bool = True,
    origin: tuple[int, int] = (0, 0),
) -> None:
    """Paint the polygon `points` (K×2, unit square) with `value` into `surface`, in place.

    `surface` is H×W or H×W×C uint8, a whole picture of `side` pixels or the part of it at `origin`.
    With `smooth` the edge is antialiased; without, each pixel is in or out (labels).
    """
    line = cv2.LINE_AA if smooth else cv2.LINE_8
    cv2.fillPoly(surface, [fixed(points, side, origin)], value, line, SHIFT)


def coverage(points: np.ndarray, side: int, margin: float = 0.0) -> tuple[Window, np.ndarray] | None:
    """How far a polygon covers each pixel: window and h×w uint8 (0 … 255); None if outside the picture."""
    where = window(points, side, margin)
    if where is None:
        return None
    rows, columns = where
    patch = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    fill(patch, points, 255, side, origin=(rows.start, columns.start))
    return where, patch


def ribbon(
    surface: np.ndarray,
    points: np.ndarray,
    width: np.ndarray | float,
    value: float | tuple[float, ...],
    side: int,
    *,
    smooth: bool = True,
    origin: tuple[int, int] = (0, 0),
) -> None:
    """Paint a line of varying width with round ends into `surface`, in place.

    `points` K×2 and `width` K (or one number) are in picture sides; the rest is as in `fill`.
    """
    points = np.asarray(points, float)
    if len(points) < 2:
        return
    line = cv2.LINE_AA if smooth else cv2.LINE_8
    half = np.broadcast_to(np.asarray(width, float), len(points))[:, None] / 2
    normal = normals(points)
    left, right = fixed(points + normal * half, side, origin), fixed(points - normal * half, side, origin)
    # One polygon for the whole ribbon would leave holes where it crosses itself (even-odd rule).
    for start in range(0, len(points) - 1, PIECE):
        stop = min(start + PIECE + 1, len(points))
        piece = np.concatenate([left[start:stop], right[start:stop][::-1]])
        cv2.fillPoly(surface, [piece], value, line, SHIFT)
    for end in (0, -1):
        radius = int(half[end, 0] * side * (1 << SHIFT))
        if radius > 1 << (SHIFT - 1):
            centre = fixed(points[end][None], side, origin)[0].tolist()
            cv2.circle(surface, centre, radius, value, -1, line, SHIFT)


def normals(points: np.ndarray) -> np.ndarray:
    """Unit vectors across an open line, K×2."""
    along = np.gradient(points, axis=0)
    length = np.hypot(along[:, 0], along[:, 1]).clip(1e-12)[:, None]
    return np.stack([-along[:, 1], along[:, 0]], 1) / length


def noise(
    size: int,
    cells: int | tuple[int, int],
    rng: np.random.Generator,
    octaves: int = 1,
    gain: float = 0.5,
) -> np.ndarray:
    """Smooth value noise, size×size float32 of mean about 0 and standard deviation about 1.

    `cells` is the number of lattice cells along (x, y) in the first octave, doubled in each further one,
    whose amplitude falls by `gain`. The lattice does not depend on `size`; cells finer than a pixel
    average out.
    """
    across, down = (cells, cells) if isinstance(cells, int) else cells
    total = np.zeros((size, size), np.float32)
    amplitude, power = 1.0, 0.0
    for _ in range(octaves):
        lattice = rng.random((down + 1, across + 1), np.float32)
        finer = across > size or down > size
        method = cv2.INTER_AREA if finer else cv2.INTER_CUBIC
        total += np.float32(amplitude) * (cv2.resize(lattice, (size, size), interpolation=method) - 0.5)
        power += amplitude**2
        amplitude, across, down = amplitude * gain, across * 2, down * 2
    # a cubically interpolated uniform lattice has a standard deviation of about 0.25
    return total * np.float32(4 / np.sqrt(power))


def ramp(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit coordinates (x, y) of the pixel centres, each size×size float32."""
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size
    return np.broadcast_to(axis, (size, size)), np.broadcast_to(axis[:, None], (size, size))


def as_bytes(colour: tuple[float, ...] | np.ndarray) -> tuple[int, ...]:
    """A colour 0 … 1 as OpenCV takes it, 0 … 255."""
    return tuple(round(255 * min(1.0, max(0.0, float(part)))) for part in colour)


def luma(colour: tuple[float, ...] | np.ndarray) -> np.ndarray:
    """Brightness of sRGB values along the last axis (ITU-R BT.601), in the range of the colours."""
    red, green, blue = np.moveaxis(np.asarray(colour), -1, 0)
    return 0.299 * red + 0.587 * green + 0.114 * blue
