"""Maps of a picture that are computed at any place on demand, from other maps: the graph behind `tiles`."""

import itertools
import math
import mmap
import os
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from animestudy.data.tensors import to_tensor
from animestudy.errors import StudyError

KEPT = 64  # bytes for each pixel of the picture, up to which a map that may be needed again is kept

Span = tuple[int, int]  # rows or columns, from … to before


class Box(NamedTuple):
    """A rectangle of places."""

    rows: Span
    columns: Span

    def joined(self, other: "Box") -> "Box":
        """The smallest box around both."""
        return Box(*((min(a[0], b[0]), max(a[1], b[1])) for a, b in zip(self, other, strict=True)))

    def within(self, outer: "Box") -> tuple[slice, slice]:
        """Where this box lies in a part that holds `outer`."""
        return tuple(slice(a - o, b - o) for (a, b), (o, _) in zip(self, outer, strict=True))


class Statistics(NamedTuple):
    """Of a whole map, for each channel (C, float64): mean, sum of squared deviations, maximum; places."""

    mean: Tensor
    squares: Tensor
    maximum: Tensor
    count: int


class Store:
    """A map in a temporary file; what is read or written does not stay in memory."""

    def __init__(self, shape: Sequence[int], dtype: torch.dtype) -> None:
        kind = torch.empty(0, dtype=dtype).numpy().dtype
        size = math.prod(shape) * kind.itemsize
        try:
            with tempfile.TemporaryFile(prefix="animestudy-") as file:
                if hasattr(os, "posix_fallocate"):  # a full disk is an error here, a crash later
                    os.posix_fallocate(file.fileno(), 0, size)
                file.truncate(size)
                self.map = mmap.mmap(file.fileno(), size)
        except OSError as error:
            words = f"{size / 1e9:.1f} GB for a large picture ({error.strerror}); set TMPDIR to a larger disk"
            raise StudyError(f"{tempfile.gettempdir()}: no room for {words}") from None
        self.array = np.frombuffer(self.map, kind).reshape(shape)

    def write(self, box: Box, part: Tensor) -> None:
        """Put 1×C×h×w in its place."""
        self.array[0, :, slice(*box.rows), slice(*box.columns)] = part[0].cpu().numpy()
        self.forget()

    def read(self, box: Box) -> Tensor:
        """1×C×h×w of that place."""
        part = torch.from_numpy(self.array[:, :, slice(*box.rows), slice(*box.columns)].copy())
        self.forget()
        return part

    def forget(self) -> None:
        """Give the pages back to the system, which has them in the file."""
        if hasattr(self.map, "madvise"):
            self.map.madvise(mmap.MADV_DONTNEED)


class Node:
    """A map that can be computed at any box from boxes of other maps.

    Args:
        shape: 1×C×H×W of the whole.
        parents: the maps that it is computed from.
        need: box → the box that is needed of every parent.
        compute: parts of the parents at those boxes, and the box → the part, 1×C×h×w.
        canvas: what all maps of one picture share.
    """

    numbers = itertools.count()

    def __init__(
        self,
        canvas: "Canvas",
        shape: Sequence[int],
        dtype: torch.dtype,
        parents: Sequence["Node"],
        need: Callable[[Box], Box],
        compute: Callable[[list[Tensor], Box], Tensor],
    ) -> None:
        self.canvas, self.shape, self.dtype = canvas, tuple(shape), dtype
        self.parents, self.need, self.compute = tuple(parents), need, compute
        self.number = next(Node.numbers)  # parents have smaller ones
        self.held: weakref.ref | None = None  # the network's own handle on this map
        self.source: Callable[[Box], Tensor] | None = None  # where it can be read instead of computed
        self.statistics: Statistics | None = None

    @property
    def bytes(self) -> float:
        """Of the whole map, for each pixel of the picture."""
        return math.prod(self.shape) * self.dtype.itemsize / self.canvas.pixels

    @property
    def lasting(self) -> bool:
        """Whether a sweep should keep it: the network may come back to it, and it is not large."""
        held = self.held is not None and self.held() is not None
        trivial = all(parent.source is self.canvas.read for parent in self.parents)
        return held and not trivial and self.bytes <= KEPT

    def kept(self, store: Store) -> None:
        """From now on it is read from a file; what it was computed from is not needed any more."""
        self.source, self.parents = store.read, ()
        self.need = self.compute = None

    def whole(self) -> Statistics:
        """Mean, squares and maximum over all places; computed once, with all tiles."""
        if self.statistics is None:
            gathered = Gathered(self.shape[1])
            sweep(self, gathered.add, store=self.source is None)
            self.statistics = gathered.statistics()
        return self.statistics


class Canvas:
    """The picture, and the grid of tiles in which everything is computed."""

    def __init__(
        self, picture: np.ndarray, tile: int, device: torch.device, dtype: torch.dtype = torch.float32
    ) -> None:
        self.device = device
        height, width = picture.shape[:2]
        self.pixels = height * width
        self.down, self.across = math.ceil(height / tile), math.ceil(width / tile)
        self.start = Node(self, (1, 3, height, width), dtype, (), None, None)
        self.read = lambda box: to_tensor(picture[None, slice(*box.rows), slice(*box.columns)]).to(dtype)
        self.start.source = self.read

    def tiles(self) -> Iterator[tuple[int, int]]:
        """Row and column of each tile."""
        return itertools.product(range(self.down), range(self.across))

    def box(self, node: Node, tile: tuple[int, int]) -> Box:
        """The share of a map that belongs to a tile: together they cover it, and never twice."""
        parts = zip(node.shape[2:], tile, (self.down, self.across), strict=True)
        return Box(*((size * k // n, size * (k + 1) // n) for size, k, n in parts))


class Gathered:
    """Statistics of a map that comes in parts (Chan, Golub & LeVeque 1979)."""

    def __init__(self, channels: int) -> None:
        self.count, self.mean, self.squares = 0, torch.zeros(channels, dtype=torch.float64), 0.0
        self.maximum = torch.full((channels,), -torch.inf, dtype=torch.float64)

    def add(self, part: Tensor, box: Box) -> None:
        """Take in 1×C×h×w."""
        variance, mean = torch.var_mean(part[0], (1, 2), correction=0)
        mean, count = mean.double().cpu(), part[0, 0].numel()
        if not count:
            return
        step, total = mean - self.mean, self.count + count
        self.squares = self.squares + variance.double().cpu() * count + step**2 * (self.count * count / total)
        self.mean, self.count = self.mean + step * (count / total), total
        self.maximum = torch.maximum(self.maximum, part[0].amax((1, 2)).double().cpu())

    def statistics(self) -> Statistics:
        """Of all parts."""
        return Statistics(self.mean, self.squares, self.maximum, self.count)


def sweep(target: Node, visit: Callable[[Tensor, Box], None], store: bool = False) -> None:
    """Compute a map tile by tile and show every tile to `visit`; keep it and what else lasts in files."""
    keep = {
        node: Store(node.shape, node.dtype)
        for node in ancestors(target)
        if node.lasting or (store and node is target)
    }
    for tile in target.canvas.tiles():
        boxes = {node: target.canvas.box(node, tile) for node in (*keep, target)}
        parts = evaluated({node: box for node, box in boxes.items() if not empty(box)})
        for node, file in keep.items():
            if node in parts:
                file.write(boxes[node], parts[node])
        if target in parts:
            visit(parts[target], boxes[target])
    for node, file in keep.items():
        node.kept(file)


def empty(box: Box) -> bool:
    """Whether it holds no place (a small map has fewer rows than there are tiles)."""
    return any(a >= b for a, b in box)


def ancestors(target: Node) -> set[Node]:
    """The maps that have to be computed for `target`, itself among them."""
    found, open_ = set(), [target]
    while open_:
        node = open_.pop()
        if node not in found and node.source is None:
            found.add(node)
            open_ += node.parents
    return found


def evaluated(wanted: Mapping[Node, Box]) -> dict[Node, Tensor]:
    """Parts of the wanted maps: first which boxes of all others they need, then everything once, in order."""
    boxes, queue = dict(wanted), []
    for node in wanted:
        heappush(queue, (-node.number, node))
    uses: dict[Node, int] = dict.fromkeys(wanted, 1)
    order: list[Node] = []
    while queue:
        node = heappop(queue)[1]
        order.append(node)
        if node.source is not None:
            continue
        box = node.need(boxes[node])
        for parent in node.parents:
            if parent in boxes:
                boxes[parent] = boxes[parent].joined(box)
            else:
                boxes[parent] = box
                heappush(queue, (-parent.number, parent))
            uses[parent] = uses.get(parent, 0) + 1
    parts: dict[Node, Tensor] = {}
    for node in reversed(order):
        if node.source is not None:
            parts[node] = node.source(boxes[node]).to(node.canvas.device)
            continue
        box = node.need(boxes[node])
        taken = [parts[parent][(..., *box.within(boxes[parent]))] for parent in node.parents]
        parts[node] = node.compute(taken, boxes[node])
        for parent in node.parents:
            uses[parent] -= 1
            if not uses[parent]:
                parts.pop(parent, None)
        del taken
    return {node: parts[node][(..., *box.within(boxes[node]))] for node, box in wanted.items()}
