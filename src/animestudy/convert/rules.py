"""What each operation of a network needs of its input, so that it can be done anywhere on a picture.

A network is given a `Lazy` in place of a picture. PyTorch hands every operation on it to a rule of `RULES`,
which makes a `graph.Node`. Arithmetic, activations and the like, which PyTorch tags as pointwise, need none.
"""

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils._pytree import tree_flatten, tree_map, tree_unflatten

from animestudy.convert.graph import Box, Node, Span, Statistics
from animestudy.errors import StudyError

aten = torch.ops.aten
Operation = Any  # of torch.ops.aten, in one of its forms


class Lazy(Tensor):
    """What a network is given in place of a picture; every operation on it makes a `Node`."""

    node: Node

    @staticmethod
    def __new__(cls: type, node: Node) -> "Lazy":
        lazy = Tensor._make_wrapper_subclass(
            cls, node.shape, dtype=node.dtype, device=node.canvas.device, requires_grad=False
        )
        lazy.node = node
        node.held = weakref.ref(lazy)
        return lazy

    @classmethod
    def __torch_function__(
        cls, func: Callable, types: object, args: tuple = (), kwargs: dict | None = None
    ) -> object:
        if hasattr(func, "reach"):
            return local(func, args, kwargs or {})
        with torch._C.DisableTorchFunctionSubclass():
            return func(*args, **(kwargs or {}))

    @classmethod
    def __torch_dispatch__(
        cls, func: Operation, types: object, args: tuple = (), kwargs: dict | None = None
    ) -> object:
        changed = None
        if func._schema.name.endswith("_"):  # in place: the same without, and the handle moves on
            changed = args[0]
            func = getattr(getattr(aten, func._schema.name[6:-1]), func._overloadname)
        rule = RULES.get(func.overloadpacket)
        if rule is None and torch.Tag.pointwise in func.tags:
            rule = pointwise
        if rule is None:
            raise refusal(func)
        made = rule(func, args, kwargs or {})
        if changed is not None:
            changed.node, made.node.held = made.node, weakref.ref(changed)
            return changed
        return made


class Untiled(StudyError):
    """A network does something that has no rule."""


def refusal(func: Operation, words: str = "") -> Untiled:
    """What to say of an operation that has no rule."""
    return Untiled(f"this generator cannot be run in tiles ({func}{words}); say --tile off")


def lazies(values: object) -> list[Lazy]:
    """The stand-ins among arguments."""
    return [value for value in tree_flatten(values)[0] if isinstance(value, Lazy)]


def like(func: Operation, args: object, kwargs: object) -> Tensor:
    """Shape and type of what an operation gives, without computing it."""

    def bare(value: object) -> object:
        if isinstance(value, Lazy):
            return torch.empty(value.node.shape, dtype=value.node.dtype, device="meta")
        return torch.empty_like(value, device="meta") if isinstance(value, Tensor) else value

    return func(*tree_map(bare, args), **tree_map(bare, kwargs))


def made(
    func: Operation,
    args: tuple,
    kwargs: dict,
    need: Callable[[Box], Box],
    compute: Callable[[list[Tensor], Box], Tensor],
) -> Lazy:
    """The stand-in for what `func` gives."""
    out, inputs = like(func, args, kwargs), [lazy.node for lazy in lazies((args, kwargs))]
    return Lazy(Node(inputs[0].canvas, out.shape, out.dtype, inputs, need, compute))


def pointwise(func: Operation, args: tuple, kwargs: dict) -> Lazy:
    """Each place from the same place: arithmetic, activations, joining and choosing channels."""
    flat, form = tree_flatten((args, kwargs))
    sizes = {tuple(value.node.shape[2:]) for value in flat if isinstance(value, Lazy)}
    plain = [v for v in flat if isinstance(v, Tensor) and not isinstance(v, Lazy) and v.numel() > 1]
    if len(sizes) > 1 or any(v.ndim > 1 and tuple(v.shape[-2:]) != (1, 1) for v in plain):
        raise refusal(func, " of other sizes")
    places = [k for k, value in enumerate(flat) if isinstance(value, Lazy)]
    rest = [None if isinstance(value, Lazy) else value for value in flat]

    def compute(parts: list[Tensor], box: Box) -> Tensor:
        filled = list(rest)
        for k, part in zip(places, parts, strict=True):
            filled[k] = part
        args, kwargs = tree_unflatten(filled, form)
        return func(*args, **kwargs)

    return made(func, args, kwargs, lambda box: box, compute)


def local(func: Callable, args: tuple, kwargs: dict) -> Lazy:
    """A function of a network's own that takes each place from places within `func.reach(…)` pixels.

    Its arguments are maps of one size and plain numbers; at a border of the picture it does what is right.
    """
    node, reach = args[0].node, func.reach(*args, **kwargs)
    inputs, rest = lazies(args), args[len(lazies(args)) :]

    def need(box: Box) -> Box:
        return Box(
            *(fitted((a - reach, b + reach), size) for (a, b), size in zip(box, node.shape[2:], strict=True))
        )

    def compute(parts: list[Tensor], box: Box) -> Tensor:
        return func(*parts, *rest, **kwargs)[(..., *box.within(need(box)))]

    return Lazy(Node(node.canvas, node.shape, node.dtype, [x.node for x in inputs], need, compute))


def same(func: Operation, args: tuple, kwargs: dict) -> Lazy:
    """Copies, and views that change nothing."""
    out = like(func, args, kwargs)
    node = args[0].node
    if tuple(out.shape) != node.shape or out.dtype != node.dtype:
        raise refusal(func)
    return made(func, args, kwargs, lambda box: box, lambda parts, box: parts[0])


def zeros(func: Operation, args: tuple, kwargs: dict) -> Lazy:
    """A map of zeros or ones of the size of another."""

    def compute(parts: list[Tensor], box: Box) -> Tensor:
        return func(parts[0])

    return made(func, args[:1], {}, lambda box: box, compute)


def full(func: Operation, args: tuple, kwargs: dict) -> Tensor:
    """A tensor of a given shape and value; of the map it only takes the kind."""
    like, *rest = args
    return func(like.new_tensor(0.0), *rest, **kwargs)


def parted(func: Operation, args: tuple, kwargs: dict) -> list[Lazy]:
    """Some channels after the others."""
    x, size, dim = (*args, *kwargs.values(), 0)[:3]
    if dim != 1:
        raise refusal(func, " of places")
    return [x[:, start : start + size] for start in range(0, x.shape[1], size)]


def fitted(span: Span, size: int) -> Span:
    """The part of a span that lies in 0 … size, at least one place."""
    low = min(max(span[0], 0), size - 1)
    return low, max(min(span[1], size), low + 1)


def gap(wanted: Span, got: Span) -> Span:
    """How many places lack at either end (below 0: how many are too many)."""
    return got[0] - wanted[0], wanted[1] - got[1]


def convolution(func: Operation, args: tuple, kwargs: dict) -> Lazy:
    """Strided, dilated, grouped or transposed, padded with zeros."""
    x, weight, bias, stride, padding, dilation, transposed, _, groups = args
    sizes, reach = x.node.shape[2:], [(k - 1) * d for k, d in zip(weight.shape[2:], dilation, strict=True)]

    def wanted(box: Box) -> list[Span]:
        rules = zip(box, stride, padding, reach, strict=True)
        if transposed:  # output place = input place · stride − padding + place in the kernel
            return [(-((r - a - p) // s), (b - 1 + p) // s + 1) for (a, b), s, p, r in rules]
        return [(a * s - p, (b - 1) * s - p + r + 1) for (a, b), s, p, r in rules]

    def need(box: Box) -> Box:
        return Box(*(fitted(span, size) for span, size in zip(wanted(box), sizes, strict=True)))

    def compute(parts: list[Tensor], box: Box) -> Tensor:
        (top, bottom), (left, right) = (gap(a, b) for a, b in zip(wanted(box), need(box), strict=True))
        part = parts[0]
        if any((top, bottom, left, right)):
            part = F.pad(part, (left, right, top, bottom))
        if not transposed:
            return F.conv2d(part, weight, bias, stride, 0, dilation, groups)
        y = F.conv_transpose2d(part, weight, bias, stride, 0, 0, groups, dilation)
        first = [span[0] * s - p for span, s, p in zip(wanted(box), stride, padding, strict=True)]
        ends = Box(*((f, f + size) for f, size in zip(first, y.shape[2:], strict=True)))
        return y[(..., *box.within(ends))]

    return made(func, args, kwargs, need, compute)


def placed(index: Callable[[Span, int], Tensor]) -> Callable[[Callable, tuple, dict, list], Lazy]:
    """An operation that takes each row and column of its output from one of its input."""

    def rule(func: Operation, args: tuple, kwargs: dict, before: Sequence[int]) -> Lazy:
        sizes = args[0].node.shape[2:]

        def places(box: Box) -> list[Tensor]:
            return [index(span, size, b) for span, size, b in zip(box, sizes, before, strict=True)]

        def need(box: Box) -> Box:
            return Box(*((int(part.min()), int(part.max()) + 1) for part in places(box)))

        def compute(parts: list[Tensor], box: Box) -> Tensor:
            part = parts[0]
            for axis, (where, (first, last)) in enumerate(zip(places(box), need(box), strict=True), 2):
                if len(where) != last - first or not bool((where.diff() == 1).all()):
                    part = part.index_select(axis, (where - first).to(part.device))
            return part

        return made(func, args, kwargs, need, compute)

    return rule


replicated = placed(lambda span, size, before: (torch.arange(*span) - before).clamp(0, size - 1))
mirrored = placed(
    lambda span, size, before: size - 1 - (size - 1 - (torch.arange(*span) - before).abs()).abs()
)


def border(rule: Callable) -> Callable:
    """Padding left, right, top, bottom by places of the picture."""
    return lambda func, args, kwargs: rule(func, args, kwargs, (args[1][2], args[1][0]))


def constant(func: Operation, args: tuple, kwargs: dict) -> Lazy:
    """Padding by a constant; below 0 it cuts off."""
    x, pad = args[0], [*args[1], 0, 0, 0, 0]
    value = args[2] if len(args) > 2 else kwargs.get("value", 0)
    if any(pad[4:]):
        raise refusal(func, " of channels")
    sizes, before = x.node.shape[2:], (pad[2], pad[0])

    def wanted(box: Box) -> list[Span]:
        return [(a - b, c - b) for (a, c), b in zip(box, before, strict=True)]

    def need(box: Box) -> Box:
        return Box(*(fitted(span, size) for span, size in zip(wanted(box), sizes, strict=True)))

    def compute(parts: list[Tensor], box: Box) -> Tensor:
        spans = wanted(box)
        if any(b <= 0 or a >= size for (a, b), size in zip(spans, sizes, strict=True)):
            height, width = (b - a for a, b in box)
            return parts[0].new_full((*parts[0].shape[:2], height, width), value)
        (top, bottom), (left, right) = (gap(a, b) for a, b in zip(spans, need(box), strict=True))
        return F.pad(parts[0], (left, right, top, bottom), value=value)

    return made(func, args, kwargs, need, compute)


def cut(func: Operation, args: tuple, kwargs: dict) -> Lazy:
    """x[:, …], x[:, :, a:b], x[…, a:b]."""
    x, axis, start, _, step = (*args, *(0, None, None, 1)[len(args) - 1 :])
    axis %= 4
    if axis < 2:
        return pointwise(func, args, kwargs)
    if step != 1:
        raise refusal(func, " in steps")
    size = x.node.shape[axis]
    start = min(max((start or 0) + (size if (start or 0) < 0 else 0), 0), size)

    def need(box: Box) -> Box:
        spans = list(box)
        spans[axis - 2] = tuple(value + start for value in spans[axis - 2])
        return Box(*spans)

    return made(func, args, kwargs, need, lambda parts, box: parts[0])


def shuffled(func: Operation, args: tuple, kwargs: dict) -> Lazy:
    """Places of a larger map from channels of a smaller one."""
    factor = args[1]

    def need(box: Box) -> Box:
        return Box(*((a // factor, (b - 1) // factor + 1) for a, b in box))

    def compute(parts: list[Tensor], box: Box) -> Tensor:
        offsets = (a % factor for a, _ in box)
        spans = (slice(k, k + b - a) for k, (a, b) in zip(offsets, box, strict=True))
        return F.pixel_shuffle(parts[0], factor)[(..., *spans)]

    return made(func, args, kwargs, need, compute)


def scales(args: tuple, given: Sequence[float | None]) -> list[np.floating]:
    """Input places for each output place down and across, in the precision in which PyTorch counts them."""
    node, kind = args[0].node, np.float64 if args[0].node.dtype == torch.float64 else np.float32
    return [
        kind(1 / factor) if factor else kind(size) / kind(out)
        for size, out, factor in zip(node.shape[2:], args[1], given, strict=True)
    ]


def nearest(func: Operation, args: tuple, kwargs: dict) -> Lazy:
    """Enlargement by the nearest place."""

    def places(span: Span, size: int, factor: np.floating) -> Tensor:
        return torch.from_numpy((np.arange(*span, dtype=factor.dtype) * factor).astype(int)).clamp_(
            max=size - 1
        )

    return placed(places)(func, args, kwargs, scales(args, (*args[2:], None, None)[:2]))


def bilinear(func: Operation, args: tuple, kwargs: dict) -> Lazy:
    """Enlargement between places, corners not aligned."""
    if args[2]:
        raise refusal(func, ", aligned corners")
    sizes, factors = args[0].node.shape[2:], scales(args, (*args[3:], None, None)[:2])

    def source(span: Span, size: int, factor: np.floating) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        kind = factor.dtype.type
        exact = factor * (np.arange(*span, dtype=kind) + kind(0.5)) - kind(0.5)
        exact = np.maximum(exact, kind(0))
        low = np.minimum(exact.astype(int), size - 1)
        return low, np.minimum(low + 1, size - 1), np.clip(exact - low.astype(kind), 0, 1)

    def need(box: Box) -> Box:
        spans = []
        for span, size, factor in zip(box, sizes, factors, strict=True):
            low, high, _ = source(span, size, factor)
            spans.append((int(low[0]), int(high[-1]) + 1))
        return Box(*spans)

    def compute(parts: list[Tensor], box: Box) -> Tensor:
        part = parts[0]
        rules = list(zip(box, sizes, factors, need(box), strict=True))
        for axis in (3, 2):
            span, size, factor, (first, _) = rules[axis - 2]
            low, high, share = source(span, size, factor)
            low, high = (torch.from_numpy(k - first).to(part.device) for k in (low, high))
            weight = torch.from_numpy(share).to(part)
            weight = weight[:, None] if axis == 2 else weight
            part = part.index_select(axis, low).lerp_(part.index_select(axis, high), weight)
        return part

    return made(func, args, kwargs, need, compute)


def affine(x: Lazy, scale: Tensor, shift: Tensor) -> Lazy:
    """x · scale + shift, each for a channel (C, float64)."""
    node = x.node
    scale, shift = (value.to(node.canvas.device, node.dtype)[:, None, None] for value in (scale, shift))

    def compute(parts: list[Tensor], box: Box) -> Tensor:
        return torch.addcmul(shift, parts[0], scale)

    return Lazy(Node(node.canvas, node.shape, node.dtype, [node], lambda box: box, compute))


def normalised(x: Lazy, weight: Tensor | None, bias: Tensor | None, groups: int, eps: float) -> Lazy:
    """(x − mean) / deviation · weight + bias, over groups of channels of the whole picture."""
    whole = x.node.whole()
    members = len(whole.mean) // groups
    mean, variance = (value.repeat_interleave(members) for value in pooled(whole, groups))
    scale = (variance + eps).rsqrt() * (1 if weight is None else weight.double().cpu())
    return affine(x, scale, (0 if bias is None else bias.double().cpu()) - mean * scale)


def pooled(whole: Statistics, groups: int) -> tuple[Tensor, Tensor]:
    """Mean and variance over groups of neighbouring channels."""
    means = whole.mean.view(groups, -1)
    mean = means.mean(1)
    between = (means - mean[:, None]).square().mean(1)
    return mean, between + whole.squares.view(groups, -1).mean(1) / whole.count


def group_norm(func: Operation, args: tuple, kwargs: dict) -> tuple[Lazy, None, None]:
    """GroupNorm."""
    x, weight, bias, *_, groups, eps = args
    return normalised(x, weight, bias, groups, eps), None, None


def batch_norm(func: Operation, args: tuple, kwargs: dict) -> tuple[Lazy, None, None]:
    """BatchNorm with learnt statistics, and InstanceNorm, which is one without."""
    x, weight, bias, mean, variance, training, _, eps = args
    if training:
        return normalised(x, weight, bias, x.node.shape[1], eps), None, None
    scale = (variance.double() + eps).rsqrt() * (1 if weight is None else weight.double())
    return affine(x, scale, (0 if bias is None else bias.double()) - mean.double() * scale), None, None


def axes_of(args: tuple, kwargs: dict) -> tuple[set[int], bool]:
    """Over which axes is reduced, and whether they stay."""
    axes = args[1] if len(args) > 1 else kwargs.get("dim")
    axes = {0, 1, 2, 3} if axes is None else {a % 4 for a in ([axes] if isinstance(axes, int) else axes)}
    return axes, bool(args[2] if len(args) > 2 else kwargs.get("keepdim", False))


def reduced(pick: Callable[[Statistics, set[int]], tuple[Tensor, ...]]) -> Callable:
    """A mean, sum or maximum: of channels at each place, or over the whole picture."""

    def rule(func: Operation, args: tuple, kwargs: dict) -> object:
        axes, keep = axes_of(args, kwargs)
        if axes == {1} and keep:
            return pointwise(func, args, kwargs)
        if not {2, 3} <= axes:
            raise refusal(func, f" of {axes}")
        node = args[0].node
        found = pick(node.whole(), axes)
        shape = like(func, args, kwargs)
        shapes = shape if isinstance(shape, tuple) else (shape,)
        results = tuple(
            value.to(node.canvas.device, node.dtype).reshape(form.shape)
            for value, form in zip(found, shapes, strict=True)
        )
        return results if isinstance(shape, tuple) else results[0]

    return rule


def mean_of(whole: Statistics, axes: set[int]) -> tuple[Tensor]:
    """Over places, perhaps over channels as well."""
    return (whole.mean.mean() if 1 in axes else whole.mean,)


def sum_of(whole: Statistics, axes: set[int]) -> tuple[Tensor]:
    """Likewise."""
    return (whole.count * (whole.mean.sum() if 1 in axes else whole.mean),)


def maximum_of(whole: Statistics, axes: set[int]) -> tuple[Tensor]:
    """Likewise."""
    return (whole.maximum.max() if 1 in axes else whole.maximum,)


def moments_of(func: Operation, args: tuple, kwargs: dict) -> object:
    """Variance and mean at once."""
    correction = kwargs.get("correction", 1)
    correction = 1 if correction is None else correction

    def pick(whole: Statistics, axes: set[int]) -> tuple[Tensor, Tensor]:
        groups = 1 if 1 in axes else len(whole.mean)
        mean, variance = pooled(whole, groups)
        count = whole.count * (len(whole.mean) // groups)
        return variance * (count / (count - correction)), mean

    return reduced(pick)(func, args[:2], kwargs)


RULES: dict[Any, Callable] = {
    aten.convolution: convolution,
    aten.replication_pad2d: border(replicated),
    aten.reflection_pad2d: border(mirrored),
    aten.constant_pad_nd: constant,
    aten.slice: cut,
    aten.split: parted,
    aten.cat: pointwise,
    aten.pixel_shuffle: shuffled,
    aten.upsample_nearest2d: nearest,
    aten.upsample_bilinear2d: bilinear,
    aten.native_group_norm: group_norm,
    aten.native_batch_norm: batch_norm,
    aten.mean: reduced(mean_of),
    aten.sum: reduced(sum_of),
    aten.amax: reduced(maximum_of),
    aten.var_mean: moments_of,
    aten.new_full: full,
    aten.zeros_like: zeros,
    aten.ones_like: zeros,
    **dict.fromkeys((aten.view, aten.reshape, aten.alias, aten.detach, aten.clone, aten.expand), same),
}
