"""Judged claims as the report shows them: rows, small plots of effects, and the answer in three sentences."""

from collections import Counter
from html import escape
from typing import Any

from animestudy.errors import StudyError

Facts = dict[str, Any]

SIDES = ("atelier", "real")
MARKS = {
    "supported": "✓",
    "contradicted": "✗",
    "not supported": "–",
    "inconclusive": "?",
    "not measured": "·",
}
REACH = 4.0  # of the plot, in smallest effects that matter, to either side
MOST = 50  # times the data, beyond which nobody would run it
WIDTH, HEIGHT = 168, 16  # of the plot, SVG units


def rows(claims: list[Facts], articles: list[Any]) -> list[Facts]:
    """The claims with what a template needs beside their numbers: links, marks, plots, words."""
    pages = {article.name: article for article in articles}
    return [
        {**claim, **_sides(claim), "link": _link(claim, pages), "short": short(claim["id"])}
        for claim in claims
    ]


def short(name: str) -> str:
    """A claim's id as a word or two."""
    return {"fsgan": "FSGAN", "grad-cam": "Grad-CAM"}.get(name, name.replace("-", " "))


def _sides(claim: Facts) -> Facts:
    return {
        side: {
            "verdict": claim[side]["verdict"],
            "mark": MARKS[claim[side]["verdict"]],
            "parts": [
                part
                | {"plot": plot(part), "number": worded(part), "mark": MARKS[part["verdict"]]}
                | {"open": undecided(part)}
                for part in claim[side]["parts"]
            ],
        }
        for side in SIDES
    }


def _link(claim: Facts, pages: dict[str, Any]) -> Facts | None:
    """Where a claim's numbers are shown; none where its notebook has no page in this report."""
    article = pages.get(claim["notebook"])
    if article is None:
        return None
    if claim["cell"] not in {cell.get("id") for cell in article.notebook.cells}:
        raise StudyError(f"claims.yaml: claim {claim['id']}: {article.name} has no cell {claim['cell']!r}")
    return {"href": f"{article.href}#cell-{claim['cell']}", "number": article.number, "title": article.title}


def worded(part: Facts) -> str:
    """The number with its interval and p."""
    if part["value"] is None:
        return "not defined in this run"
    unit = f" {part['unit']}" if part["unit"] else ""
    if part["low"] is None:
        return f"{number(part['value'])}{unit}, counted"
    p = part["adjusted"]
    chance = "" if p is None else ", p < 0.001" if p < 0.001 else f", p = {p:.2g}"
    return f"{number(part['value'])} [{number(part['low'])}, {number(part['high'])}]{unit}{chance}"


def undecided(part: Facts) -> str:
    """How far an inconclusive part is from a verdict: the data that would give one, if the estimate stays.

    An interval shrinks with the square root of the trainings and test pictures. It decides once it leaves out
    the null (where the estimate is large enough to matter) or the smallest effect that matters (where not).
    Holm's correction asks for more, so the factor is a least one.
    """
    if part["verdict"] != "inconclusive" or part["value"] is None or part["low"] is None:
        return ""
    sign = 1 if part["direction"] == "larger" else -1
    size = sign * (part["value"] - part["baseline"])
    below, above = sorted(sign * (part[end] - part["value"]) for end in ("low", "high"))
    enough = size >= part["smallest"] and size > 0
    reach, room = (-below, size) if enough else (above, part["smallest"] - size)
    if room <= 0 or (factor := (reach / room) ** 2) > MOST:
        return f"{part['label']}: too near the threshold for any affordable number of trainings and pictures"
    decided = "telling it from no effect" if enough else "ruling out an effect that matters"
    if factor <= 1:
        return f"{part['label']}: open only because of the correction for the number of comparisons"
    return f"{part['label']}: {decided} would take at least {factor:.1f} times the trainings and pictures"


def number(value: float) -> str:
    """About three digits, two decimals at most, with a true minus."""
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) >= 1 else f"{value:.2f}"
    return text.replace("-", "−")


def plot(part: Facts) -> str:
    """Effect and interval on one scale for all claims: 0 is no effect, 1 the smallest that matters.

    The direction that the paper claims is to the right. What lies beyond the scale ends in an arrow.
    """
    if part["value"] is None:
        return ""
    sign = 1 if part["direction"] == "larger" else -1
    unit = part["smallest"] or abs(part["baseline"])
    value, low, high = (
        sign * ((part["value"] if part[key] is None else part[key]) - part["baseline"]) / unit
        for key in ("value", "low", "high")
    )
    low, high = min(low, high), max(low, high)
    needed = 1.0 if part["smallest"] else 0.0
    middle, y = WIDTH / 2, HEIGHT / 2

    def x(effect: float) -> float:
        return round(middle + max(-REACH, min(REACH, effect)) * (WIDTH / 2 - 8) / REACH, 1)

    words = f"{part['label']}: {part['verdict']}"
    shapes = [
        f'<rect class="zone" x="{x(needed)}" y="0" width="{round(WIDTH - x(needed), 1)}" height="{HEIGHT}"/>',
        f'<line class="zero" x1="{middle}" x2="{middle}" y1="0" y2="{HEIGHT}"/>',
        f'<line class="bar" x1="{x(low)}" x2="{x(high)}" y1="{y}" y2="{y}"/>',
    ]
    for end, way in ((low, -1), (high, 1)):
        if way * end > REACH:
            tip = x(end) + 5 * way
            shapes.append(f'<path class="tip" d="M{tip} {y}l{-5 * way} -3.5v7z"/>')
    if abs(value) <= REACH:
        shapes.append(f'<circle class="dot" cx="{x(value)}" cy="{y}" r="3.4"/>')
    else:
        way = 1 if value > 0 else -1
        shapes.append(f'<path class="tip" d="M{x(value) + 6 * way} {y}l{-8 * way} -5v10z"/>')
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    about = f'class="effect {part["verdict"].replace(" ", "-")}" role="img" aria-label="{escape(words)}"'
    return f"<svg {about} {size}>{''.join(shapes)}</svg>"


def answer(claims: list[Facts]) -> list[str]:
    """The study's answer in three sentences, computed."""
    named = {claim["id"]: claim for claim in claims}
    if not claims:
        return []
    relationship = named.get("relationship")
    return [part for part in (_relation(relationship), _people(relationship), _rest(claims)) if part]


def _relation(claim: Facts | None) -> str:
    if claim is None or not claim["atelier"]["parts"]:
        return ""
    first, *others = claim["atelier"]["parts"]
    found = f"V = {number(first['value'])} [{number(first['low'])}, {number(first['high'])}]"
    known = bool(others) and others[0]["value"] is not None
    alarms = f" ({100 * others[0]['value']:.0f} % false alarms)" if known else ""
    return {
        "supported": "Where a painter’s state of mind and style are made to go together, their association "
        "can be "
        f"recovered through classifiers: {found}, after correction for the classifiers’ errors{alarms}.",
    }.get(
        claim["atelier"]["verdict"],
        f"Through classifiers the association of state of mind and style is recovered as {found}{alarms}, "
        "which "
        f"leaves the claim {claim['atelier']['verdict']} on the atelier.",
    )


def _people(claim: Facts | None) -> str:
    if claim is None or not claim["real"]["parts"]:
        return ""
    first = claim["real"]["parts"][0]
    found = f"V = {number(first['value'])} [{number(first['low'])}, {number(first['high'])}]"
    how = {
        "supported": "style goes with the emotion that paintings evoke in viewers",
        "contradicted": "style and the emotion that paintings evoke in viewers are related the other way",
        "not supported": "style and the emotion that paintings evoke in viewers are hardly related",
    }.get(first["verdict"], "whether style goes with the emotion that paintings evoke in viewers stays open")
    return f"In people’s words about real paintings {how} ({found}); of the painter’s mind that says nothing."


def _rest(claims: list[Facts]) -> str:
    counts = Counter(claim["atelier"]["verdict"] for claim in claims)
    total = sum(counts.values())
    order = ("supported", "contradicted", "not supported", "inconclusive", "not measured")
    told = ", ".join(f"{counts[word]} {word}" for word in order if counts[word])
    return f"Of the paper’s {total} claims tested on pictures with a known answer, {told}."
