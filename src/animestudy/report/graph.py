"""The pipeline as a picture: dvc.yaml drawn as an inline SVG, every stage a link to its page."""

from html import escape
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

WIDTH, HEIGHT = 138, 32  # of a stage, SVG units
LANE = 12  # height that an edge takes where it passes a column
GAP = 12  # between the stages of a column
STEP = 196  # from one column to the next
EDGE = 4  # around the whole

Entries = dict[str, dict[str, Any]]
Node = tuple[str, str] | str  # a stage, or a lane of the edge (from, to)


def stages(file: Path) -> Entries:
    """The stages of a dvc.yaml, a matrix or foreach counted as one; empty where there is no file."""
    if not file.is_file():
        return {}
    document = YAML(typ="safe").load(file) or {}
    return {name: entry.get("do", entry) for name, entry in (document.get("stages") or {}).items()}


def needs(entries: Entries) -> dict[str, set[str]]:
    """For each stage the stages whose outputs it reads, those left out that it reads through another."""

    def paths(name: str, *kinds: str) -> list[str]:
        items = [item for kind in kinds for item in entries[name].get(kind) or []]
        return [next(iter(item)) if isinstance(item, dict) else item for item in items]

    def reads(name: str, other: str) -> bool:
        made = paths(other, "outs", "metrics", "plots")
        return any(_touch(out, dep) for out in made for dep in paths(name, "deps"))

    direct = {name: {other for other in entries if other != name and reads(name, other)} for name in entries}

    def sources(name: str) -> set[str]:
        return direct[name].union(*(sources(other) for other in direct[name]))

    return {name: near.difference(*(sources(other) for other in near)) for name, near in direct.items()}


def columns(near: dict[str, set[str]]) -> list[list[Node]]:
    """Stages by their longest way from a source, each column in an order that keeps edges short.

    An edge over several columns gets a lane in each that it passes.
    """

    def depth(name: str) -> int:
        return 1 + max(map(depth, near[name]), default=-1)

    placed = {name: depth(name) for name in near}
    result: list[list[Node]] = [[] for _ in range(1 + max(placed.values(), default=-1))]
    for name, column in placed.items():
        result[column].append(name)
        for source in sorted(near[name]):
            for between in range(placed[source] + 1, column):
                result[between].append((source, name))
    for k in range(1, len(result)):
        before = {node: i for i, node in enumerate(result[k - 1])}

        def weight(node: Node, before: dict[Node, int] = before) -> float:
            names = [node] if isinstance(node, tuple) else [(s, node) for s in near[node]]
            at = [before.get(edge, before.get(edge[0])) for edge in names]
            at = [i for i in at if i is not None]
            return sum(at) / len(at) if at else 0

        result[k].sort(key=weight)
    return result


def svg(entries: Entries, pages: dict[str, tuple[str, str]]) -> str:
    """The graph as SVG; stages named in `pages` (stage → address and title) link to their page."""
    near = needs(entries)
    grid = columns(near)
    tall = [sum(_height(node) + GAP for node in column) - GAP for column in grid]
    height = max(tall, default=0) + 2 * EDGE
    width = STEP * (len(grid) - 1) + WIDTH + 2 * EDGE
    centre: dict[tuple[int, Node], float] = {}
    for k, column in enumerate(grid):
        y = (height - tall[k]) / 2
        for node in column:
            centre[k, node] = y + _height(node) / 2
            y += _height(node) + GAP
    at = {node: (k, y) for (k, node), y in centre.items() if isinstance(node, str)}
    lines = []
    for name in near:
        for source in sorted(near[name]):
            way = [(at[source][0], at[source][1])]
            way += [(k, centre[k, (source, name)]) for k in range(at[source][0] + 1, at[name][0])]
            lines.append(f'<path d="{_curve([*way, at[name]])}"/>')
    boxes = [_box(name, k, y, pages.get(name)) for name, (k, y) in at.items()]
    words = f"{len(at)} stages: " + "; ".join(
        f"{name} reads {', '.join(sorted(near[name]))}" if near[name] else f"{name} reads no other stage"
        for name in at
    )
    return (
        f'<svg class="graph" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
        f' role="group" aria-label="{escape(words)}">\n<g class="edges">{"".join(lines)}</g>\n'
        + "\n".join(boxes)
        + "\n</svg>"
    )


def _touch(out: str, dep: str) -> bool:
    """Whether one path contains the other; of a templated path the fixed beginning counts."""
    out, dep = (path.partition("${")[0].rstrip("/") for path in (out, dep))
    return out == dep or out.startswith(f"{dep}/") or dep.startswith(f"{out}/")


def _height(node: Node) -> int:
    return HEIGHT if isinstance(node, str) else LANE


def _left(column: int) -> float:
    return EDGE + STEP * column


def _curve(way: list[tuple[int, float]]) -> str:
    """A smooth line through the right edge of the first stage, every lane, the left edge of the last."""
    (k, y), *rest = way
    d = f"M{_left(k) + WIDTH:g} {y:g}"
    for i, (to, down) in enumerate(rest):
        middle = _left(to) - (STEP - WIDTH) / 2
        d += f"C{middle:g} {y:g} {middle:g} {down:g} {_left(to):g} {down:g}"
        if i < len(rest) - 1:
            d += f"H{_left(to) + WIDTH:g}"
        y = down
    return d


def _box(name: str, column: int, y: float, page: tuple[str, str] | None) -> str:
    x, top = _left(column), y - HEIGHT / 2
    shape = (
        f'<rect x="{x:g}" y="{top:g}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>'
        f'<text x="{x + WIDTH / 2:g}" y="{y:g}">{escape(name)}</text>'
    )
    if page is None:
        return f'<g class="stage">{shape}</g>'
    href, title = page
    return f'<a class="stage" href="{href}"><title>{escape(title)}</title>{shape}</a>'
