"""The local cue: how a state of mind guides the painter's hand along a line.

The paper reads resolve from straight, strong lines and harmony from smooth, winding, light ones; trembling,
broken and buoyant lines stand for the other states. `hand` turns a state into numbers, `trace` draws all
lines of a picture by them. Everything is in picture sides, so a drawing has the same lines at any size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from typing import NamedTuple

import numpy as np

from animestudy.data.atelier.spec import Hand
from animestudy.errors import StudyError

#          weight tremor wave straighten breaks taper overshoot bounce strength
HANDS = {
    "resolute": Hand(1.30, 0.05, 0.00, 0.90, 0.01, 0.10, 1.90, 0.05, 1.00),
    "tranquil": Hand(0.75, 0.02, 1.05, 0.00, 0.04, 0.65, 0.10, 0.15, 0.72),
    "anxious": Hand(0.72, 0.85, 0.25, 0.10, 0.12, 0.25, 0.70, 0.15, 0.85),
    "melancholic": Hand(1.40, 0.15, 0.45, 0.00, 0.36, 0.50, 0.00, 0.10, 0.84),
    "joyful": Hand(1.05, 0.05, 0.40, 0.00, 0.05, 0.80, 0.40, 0.85, 0.97),
}
# How much two hands of one state differ (standard deviations), and the range each number may take.
SPREAD = Hand(0.16, 0.11, 0.18, 0.13, 0.06, 0.12, 0.32, 0.14, 0.06)
LOW = Hand(0.45, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.45)
HIGH = Hand(2.0, 1.3, 1.8, 1.0, 0.55, 1.0, 3.0, 1.0, 1.0)
MEANS = {name: np.array(astuple(numbers)) for name, numbers in HANDS.items()}
RANGE = [np.array(astuple(numbers)) for numbers in (Hand(), SPREAD, LOW, HIGH)]
MIXTURE = 0.4  # the largest share of a second state in a hand: nobody is of one mind

SPACING = 0.011  # between the points of a traced line, in picture sides
LEAST = 0.0125  # width up to which thin lines are led like thicker ones
RESTLESS = 0.3  # tremor from which a hand draws a long line twice
MARGIN = 0.1  # around the picture, in which lines are still led
SHORTEST = 0.035  # strokes between two corners
CORNER = np.deg2rad(48)  # turning angle at which the brush is lifted


def hand(psychology: str, strength: float, rng: np.random.Generator) -> Hand:
    """How one painter in a state of mind draws: the state's hand, some of another's, and chance.

    `psychology` is one of `spec.PSYCHOLOGIES` or empty. `strength` 0 … 1 leads from the neutral hand to the
    full cue. The same numbers are drawn from `rng` in every case.
    """
    if psychology and psychology not in HANDS:
        raise StudyError(f"psychology {psychology!r} is unknown; choose one of {', '.join(HANDS)}")
    share, chance = MIXTURE * rng.random() ** 2, rng.standard_normal(len(fields(Hand)))
    other = tuple(HANDS)[rng.integers(len(HANDS))]
    if not psychology or strength == 0:
        return Hand()
    neutral, spread, low, high = RANGE
    full = MEANS[psychology] * (1 - share) + MEANS[other] * share + spread * chance
    return Hand(*(neutral + strength * (full - neutral)).clip(low, high).tolist())


class Line(NamedTuple):
    """A line before the hand draws it."""

    points: np.ndarray  # K×2
    width: float  # in picture sides
    closed: bool = False


class Stroke(NamedTuple):
    """One movement of the brush."""

    points: np.ndarray  # K×2
    width: np.ndarray  # K, in picture sides
    opacity: float  # 0 … 1


@dataclass(frozen=True)
class Trace:
    """All lines of a picture as the hand drew them: points one after another, and where each part begins."""

    path: np.ndarray  # M×2, the led line without lifts of the brush: edges of fills
    path_bounds: np.ndarray  # lines+1
    points: np.ndarray  # Q×2, the strokes
    width: np.ndarray  # Q
    bounds: np.ndarray  # S×2, first and one past the last point of each stroke
    opacity: np.ndarray  # S
    by_line: tuple[tuple[int, ...], ...]  # strokes of each line

    def outline(self, line: int) -> np.ndarray:
        """The whole line `line` as the hand led it, K×2 (for fills)."""
        return self.path[self.path_bounds[line] : self.path_bounds[line + 1]]

    def strokes(self, line: int) -> Iterator[Stroke]:
        """The strokes in which line `line` was drawn."""
        for k in self.by_line[line]:
            first, last = self.bounds[k]
            yield Stroke(self.points[first:last], self.width[first:last], float(self.opacity[k]))


def stroke(
    points: np.ndarray, hand: Hand, width: float, rng: np.random.Generator, closed: bool = False
) -> list[Stroke]:
    """One line (`points` K×2, `width` in picture sides) drawn by `hand`: the strokes it takes."""
    return list(trace([Line(points, width, closed)], hand, rng).strokes(0))


def trace(
    lines: Sequence[Line],
    hand: Hand,
    rng: np.random.Generator,
    numbers: Sequence[int] | None = None,
    spacing: float = SPACING,
) -> Trace:
    """Draw `lines` by `hand`. All lines are led at once, since a picture has hundreds.

    Short lines (eyes, leaves) are led with smaller deviations, else nothing of them would be left. Where
    some lines of a picture are left out, `numbers` are the places of the others among all, so that these are
    led alike; a small picture may do with points at a wider `spacing`, unless the hand trembles.
    """
    if not lines:
        none = np.zeros((0, 2))
        return Trace(none, np.zeros(1, int), none, np.zeros(0), np.zeros((0, 2), int), np.zeros(0), ())
    owner = list(range(len(lines)))
    if hand.tremor > RESTLESS:  # a second, lighter pass
        again = [k for k in owner if _extent(lines[k].points) > 0.14]
        lines = [*lines, *(lines[k]._replace(width=0.65 * lines[k].width) for k in again)]
        owner += again
    numbers = np.arange(len(set(owner))) if numbers is None else np.asarray(numbers)
    numbers = numbers[owner] + TABLE // 2 * (np.arange(len(owner)) >= len(numbers))
    chance = _Chance(rng, numbers)
    led = _sampled(lines, chance, spacing, hand.tremor > RESTLESS)
    if hand.straighten > 0.05:
        led = _straightened(led, hand.straighten)
    led = _displaced(led, hand, chance)
    points, width, bounds, line = _lifted(led, hand, chance)
    by_line: list[list[int]] = [[] for _ in range(len(set(owner)))]
    for k, which in enumerate(np.asarray(owner)[line].tolist()):
        by_line[which].append(k)
    variation = 1 - (0.1 + 0.5 * hand.breaks) * chance.of_strokes(line)
    second = line >= len(by_line)
    opacity = np.clip(hand.strength * variation * np.where(second, 0.7, 1), 0, 1)
    lines = tuple(map(tuple, by_line))
    return Trace(_pairs(led.points), led.bounds, _pairs(points), width, bounds, opacity, lines)


TABLE = 1024


class _Chance:
    """Random numbers of a picture's lines, drawn once and looked up by position along the line."""

    def __init__(self, rng: np.random.Generator, numbers: np.ndarray) -> None:
        self.table = rng.uniform(-1, 1, TABLE)
        self.positive = rng.random(TABLE)
        self.number = numbers
        self.line = rng.random((TABLE, 6))[numbers % TABLE]  # per line: start, phases, speeds

    def of_strokes(self, line: np.ndarray) -> np.ndarray:
        """A number 0 … 1 for each stroke, given the (rising) lines that they belong to."""
        within = np.arange(len(line)) - np.searchsorted(line, line)
        return self.positive[(37 * self.number[line] + within) % TABLE]

    def along(self, position: np.ndarray, seed: np.ndarray) -> np.ndarray:
        """Noise −1 … 1 with a knot at every whole `position`, in between straight."""
        knot = position.astype(np.int32)  # positions are not negative
        share = position - knot
        knot += (seed * TABLE).astype(np.int32)
        low, high = self.table[knot & (TABLE - 1)], self.table[(knot + 1) & (TABLE - 1)]
        return low + share * (high - low)


class _Led(NamedTuple):
    points: np.ndarray  # M complex numbers, x + iy: several times as fast as M×2
    line: np.ndarray  # M, which line
    arc: np.ndarray  # M, way from the line's beginning
    corner: np.ndarray  # M bool
    bounds: np.ndarray  # lines+1
    length: np.ndarray  # lines
    width: np.ndarray  # lines
    closed: np.ndarray  # lines bool

    @property
    def room(self) -> np.ndarray:
        """How far each line may be led astray: about a line width, less for short lines."""
        return np.minimum(np.maximum(self.width, LEAST), self.length / 28)


def _pairs(points: np.ndarray) -> np.ndarray:
    """Complex numbers as points, N×2."""
    return points.view(float).reshape(-1, 2)


def _extent(points: np.ndarray) -> float:
    return float((np.max(points, axis=0) - np.min(points, axis=0)).max())


def _sampled(lines: Sequence[Line], chance: _Chance, spacing: float, dense: bool) -> _Led:
    """Points at equal distances; a closed line begins at a corner, or anywhere if it has none."""
    raw = np.concatenate([line.points for line in lines], dtype=float).view(complex)[:, 0]
    count = np.array([len(line.points) for line in lines])
    closed = np.array([line.closed for line in lines])
    width = np.array([line.width for line in lines], float)
    first = np.cumsum(count) - count
    which = np.repeat(np.arange(len(lines)), count)
    local = np.arange(len(raw)) - first[which]
    shut = closed[which]
    before = np.where(shut, (local - 1) % count[which], np.maximum(local - 1, 0)) + first[which]
    after = np.where(shut, (local + 1) % count[which], np.minimum(local + 1, count[which] - 1)) + first[which]
    corner = _turned(raw - raw[before], raw[after] - raw)
    at_corner = np.minimum.reduceat(np.where(corner, local, np.iinfo(int).max), first)
    anywhere = (chance.line[:, 0] * count).astype(int)
    start = np.where(closed, np.where(at_corner < count, at_corner, anywhere), 0)

    total = count + closed  # a closed line comes back to its beginning
    which = np.repeat(np.arange(len(lines)), total)
    local = np.arange(total.sum()) - (np.cumsum(total) - total)[which]
    order = (local + start[which]) % count[which] + first[which]
    points, corner = raw[order], corner[order]
    inside = which[1:] == which[:-1]
    step = np.where(inside, _length(points[1:] - points[:-1]), 0)
    length = np.bincount(which[:-1], step, len(lines))
    finest = 0.003 * (spacing / SPACING) ** 2
    if dense:  # a tremor needs a point for each of its knots
        spacing = min(spacing, 1.25 * SPACING)
    spacing = np.minimum(spacing, np.maximum(length / 12, finest))
    enter, leave = _seen(points[:-1], points[1:])
    whole = (enter <= 0) & (leave >= 1)
    pieces = np.rint((leave - enter).clip(0) * step / spacing[which[:-1]])
    pieces = np.where(inside, np.maximum(1, pieces + 2 * ~whole), 1).astype(int)
    segment = np.repeat(np.arange(len(pieces)), pieces)
    part = np.arange(len(segment)) - (np.cumsum(pieces) - pieces)[segment]
    # outside the picture a line needs no points but its own
    partly = enter[segment] + (leave - enter)[segment] * (part - 1) / np.maximum(pieces - 2, 1)[segment]
    share = np.where(whole[segment], part / pieces[segment], np.where(part == 0, 0, partly))
    # between two lines the "segment" is their last point alone
    share = np.where(inside[segment], share, 0.0)
    dense = points[segment] * (1 - share) + points[segment + 1] * share
    dense = np.concatenate([dense, points[-1:]])
    line = np.append(which[segment], which[-1])
    bounds = np.append(np.searchsorted(line, np.arange(len(lines))), len(line))
    step = np.where(line[1:] == line[:-1], _length(dense[1:] - dense[:-1]), 0)
    way = np.append(0, np.cumsum(step))
    arc = way - way[bounds[:-1]][line]
    # nobody lifts the brush for a hair's breadth: corners close behind another one are drawn through
    at = np.flatnonzero(np.append(corner[segment] & (part == 0), False))
    at = at[np.minimum(arc[at], np.diff(way[at], prepend=-1.0)) > SHORTEST]
    corner = np.zeros(len(line), bool)
    corner[at] = True
    return _Led(dense, line, arc, corner, bounds, length, width, closed)


def _seen(start: np.ndarray, stop: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From where to where (0 … 1) segments lie near the picture; 1, 1 if nowhere (Liang & Barsky 1984)."""
    enter, leave = np.zeros(len(start)), np.ones(len(start))
    for begin, end in ((start.real, stop.real), (start.imag, stop.imag)):
        way = end - begin
        way[np.abs(way) < 1e-12] = 1e-12
        first, second = (-MARGIN - begin) / way, (1 + MARGIN - begin) / way
        enter = np.maximum(enter, np.minimum(first, second))
        leave = np.minimum(leave, np.maximum(first, second))
    enter, leave = np.minimum(enter, 1), np.maximum(leave, 0)
    nowhere = enter >= leave
    return np.where(nowhere, 1.0, enter), np.where(nowhere, 1.0, leave)


def _length(steps: np.ndarray) -> np.ndarray:
    """Lengths of complex numbers; several times as fast as np.abs."""
    return np.sqrt(steps.real**2 + steps.imag**2)


def _turned(into: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Where the direction changes by more than `CORNER`."""
    return (into * out.conj()).real < np.cos(CORNER) * _length(into) * _length(out)


def _straightened(led: _Led, amount: float) -> _Led:
    """Curves become a few chords (Ramer 1972, Douglas & Peucker 1973); their joints are corners."""
    long = np.flatnonzero(led.length[led.line] > 0.06)  # what is shorter is one touch of the brush
    points, line, arc, corner = led.points[long], led.line[long], led.arc[long], led.corner[long]
    end = np.append(line[1:] != line[:-1], True)
    joint = corner | end | np.append(True, end[:-1])
    allowed = np.minimum(0.028, 0.034 * led.length)[line]
    x, y = points.real.copy(), points.imag.copy()
    for _ in range(5):
        at = np.flatnonzero(joint)
        span = np.cumsum(joint) - 1
        before, after = at[span], at[np.minimum(span + ~end, len(at) - 1)]
        x0, y0 = x[before], y[before]
        dx, dy = x[after] - x0, y[after] - y0
        share = (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy + 1e-12)).clip(0, 1)
        distance = (x - x0 - share * dx) ** 2 + (y - y0 - share * dy) ** 2
        farthest = np.maximum.reduceat(distance, at)[span]
        new = (distance == farthest) & (distance > allowed**2)
        if not new.any():
            break
        joint |= new
    share = (arc - arc[before]) / (arc[after] - arc[before]).clip(1e-12)
    straight = x0 + share * dx + 1j * (y0 + share * dy)
    led.points[long] += amount * (straight - points)
    if amount > 0.4:
        led.corner[long] |= joint & ~end & (arc > 0)
    return led


def _displaced(led: _Led, hand: Hand, chance: _Chance) -> _Led:
    """Winding, trembling and swelling out between corners, all across the line."""
    line, number, room = led.line, chance.line, led.room[led.line]
    away = np.zeros(len(line))
    if hand.wave:
        turn = np.minimum(0.26 + 0.16 * number[:, 1], led.length / 1.4)[line]
        away += hand.wave * _sine(led.arc / turn + number[:, 2][line])
        away += 0.45 * hand.wave * _sine(led.arc / (0.43 * turn) + number[:, 3][line])
    if hand.tremor:
        knot = np.maximum(1.5 * led.width, 0.014)[line]
        away += 1.5 * hand.tremor * chance.along(led.arc / knot, number[:, 4][line])
    away *= room
    # a closed line has to meet its beginning again
    end = np.minimum(led.arc, led.length[line] - led.arc) / (3 * room + 1e-9)
    away = np.where(led.closed[line], away * np.clip(end, 0, 1), away)
    if hand.bounce:
        away += 1.6 * hand.bounce * room * _bulge(led)
    return led._replace(points=led.points + _across(led) * away)


def _sine(turns: np.ndarray) -> np.ndarray:
    """Sine of an angle in whole turns (in single precision: several times as fast)."""
    return np.sin((2 * np.pi * (turns - np.floor(turns))).astype(np.float32))


def _bulge(led: _Led) -> np.ndarray:
    """0 at corners and ends, 1 half-way between them; the sign points out of a closed line, else up."""
    begins = led.corner | (led.arc == 0)
    first = np.flatnonzero(begins)
    span = np.cumsum(begins) - 1
    length = np.append(first[1:], len(led.points)) - first
    share = (np.arange(len(led.points)) - first[span]) / length[span]
    x, y = led.points.real, led.points.imag
    after = np.minimum(np.arange(len(x)) + 1, led.bounds[1:][led.line] - 1)
    twice_area = np.bincount(led.line, x * y[after] - x[after] * y, len(led.length))
    heading = x[led.bounds[1:] - 1] - x[led.bounds[:-1]]
    # the normal of `_across` points left of the way on screen, y down
    out = np.where(led.closed, -np.sign(twice_area), -np.sign(heading))
    return out[led.line] * _sine(0.5 * share)


def _across(led: _Led) -> np.ndarray:
    index = np.arange(len(led.points))
    after = led.points[np.minimum(index + 1, led.bounds[1:][led.line] - 1)]
    before = led.points[np.maximum(index - 1, led.bounds[:-1][led.line])]
    along = after - before
    return 1j * along / (_length(along) + 1e-12)


def _lifted(led: _Led, hand: Hand, chance: _Chance) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Strokes: the brush is lifted at corners and gaps, runs past corners, sags, swells and tapers.

    Returns points Q (complex), widths Q, bounds S×2, line of each stroke S.
    """
    line = led.line
    period = (0.16 + 0.10 * chance.line[:, 5])[line]
    place = led.arc / period + chance.line[:, 1][line]
    cell = place.astype(np.int32)
    chosen = (cell + (37 * chance.number)[line]) & (TABLE - 1)
    share = hand.breaks * (0.2 + 1.6 * chance.positive[chosen])
    where = (place - cell) - (1 - share) * chance.positive[chosen - 1]
    open_ = (where >= 0) & (where < share) & (led.length[line] > 0.08)
    edge = np.append(True, line[1:] != line[:-1])
    kept = ~open_
    begins = kept & (edge | ~np.append(False, kept[:-1]))
    ends = kept & (np.append(edge[1:], True) | ~np.append(kept[1:], False))
    corners = np.flatnonzero(led.corner & kept)
    first = np.sort(np.concatenate([np.flatnonzero(begins), corners]))
    last = np.sort(np.concatenate([np.flatnonzero(ends), corners]))
    whole = last > first
    first, last = first[whole], last[whole]

    count = last - first + 3  # one more point at each end, to run past it
    bounds = np.cumsum(count)
    bounds = np.stack([bounds - count, bounds], 1)
    stroke = np.repeat(np.arange(len(count)), count)
    local = np.arange(len(stroke)) - bounds[stroke, 0]
    source = np.clip(local - 1, 0, (last - first)[stroke]) + first[stroke]
    points, arc = led.points[source].copy(), led.arc[source] - led.arc[first][stroke]
    length = (led.arc[last] - led.arc[first])[stroke]
    which = line[first]
    room, width = led.room[which], led.width[which] * hand.weight

    beyond = hand.overshoot * room * (0.5 + 0.7 * chance.of_strokes(which))
    for at, inner, corner in (
        (bounds[:, 0], bounds[:, 0] + 2, first),
        (bounds[:, 1] - 1, bounds[:, 1] - 3, last),
    ):
        outward = points[at] - points[inner]
        outward /= _length(outward) + 1e-12
        reach = np.where(led.corner[corner] | led.closed[which], beyond, 0) + 0.02 * room
        points[at] += outward * reach

    # the line gives way towards a break
    points.imag += 2.2 * hand.breaks * room[stroke] * (arc / length.clip(1e-9)) ** 2

    run = np.minimum(0.35 * length, 0.06 + 0.1 * hand.taper)
    thin = np.clip(np.minimum(arc, length - arc) / run.clip(1e-9), 0, 1)
    ends_thin = 1 - hand.taper * (1 - thin * (2 - thin)) * np.clip(length / (8 * width[stroke]), 0.2, 1)
    beat = (0.17 + 0.09 * chance.line[:, 3])[which][stroke]
    swell = 1 + 0.62 * hand.bounce * _sine(arc / beat + chance.line[:, 4][which][stroke])
    uneven = 1 + 0.12 * chance.along(led.arc[source] / 0.05, chance.line[:, 2][line[source]])
    return points, width[stroke] * ends_thin * swell * uneven, bounds, which
