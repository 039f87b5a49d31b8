"""Claims as the report shows them: plots on one scale, numbers in words, an answer that follows."""

import re
from types import SimpleNamespace

import pytest

from animestudy.errors import StudyError
from animestudy.report import evidence


def part(**changes):
    facts = {
        "label": "new < old", "value": 1.5, "low": 0.5, "high": 2.5, "p": 0.003, "adjusted": 0.012,
        "unit": "points", "direction": "larger", "smallest": 1.0, "baseline": 0.0, "verdict": "supported",
    }  # fmt: skip
    return facts | changes


def claim(name="gain", atelier=(), real=()):
    sides = {
        side: {"verdict": parts[0]["verdict"] if parts else "not measured", "parts": list(parts)}
        for side, parts in (("atelier", atelier), ("real", real))
    }
    return {"id": name, "notebook": "04_style", "cell": "result", "unit": "points", **sides}


ARTICLE = SimpleNamespace(
    name="04_style", href="04_style.html", number="04", title="Style",
    notebook=SimpleNamespace(cells=[{"id": "result"}]),
)  # fmt: skip


def places(svg):
    return {name: float(re.search(rf'class="{name}" [^>]*?(?:cx|x1|x)="([-\d.]+)"', svg)[1])
            for name in ("zone", "zero", "bar", "dot") if f'class="{name}"' in svg}  # fmt: skip


def test_the_papers_direction_is_to_the_right():
    right = places(evidence.plot(part()))
    assert right["zero"] < right["bar"] < right["zone"] < right["dot"]
    mirrored = evidence.plot(part(direction="smaller", value=-1.5, low=-2.5, high=-0.5))
    assert mirrored == evidence.plot(part())
    shifted = evidence.plot(part(value=51.5, low=50.5, high=52.5, baseline=50.0))
    assert shifted == evidence.plot(part())


def test_all_claims_share_one_scale():
    large = evidence.plot(part(value=15, low=5, high=25, smallest=10))
    assert large == evidence.plot(part())


def test_what_lies_beyond_the_scale_ends_in_an_arrow():
    svg = evidence.plot(part(value=3.0, low=-9.0, high=9.0))
    assert svg.count('class="tip"') == 2 and 'class="dot"' in svg
    far = evidence.plot(part(value=30.0, low=20.0, high=40.0))
    assert 'class="dot"' not in far and 'class="tip"' in far
    for number in re.findall(r'(?:cx|x1|x2|x)="([-\d.]+)"', svg + far):
        assert 0 <= float(number) <= evidence.WIDTH


def test_margins_and_counted_numbers_have_a_plot_and_undefined_ones_none():
    margin = places(evidence.plot(part(smallest=0.0, baseline=-2.0, value=-1, low=-1.5, high=-0.5)))
    assert margin["zone"] == margin["zero"] < margin["dot"]
    counted = evidence.plot(part(value=2.0, low=None, high=None, p=None, adjusted=None))
    assert 'class="dot"' in counted
    assert evidence.plot(part(value=None, low=None, high=None)) == ""
    assert "new &lt; old: supported" in evidence.plot(part())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "1.5 [0.50, 2.5] points, p = 0.012"),
        ({"value": -1.464, "low": -6.75, "high": 4.04, "adjusted": 1.0}, "−1.46 [−6.75, 4.04] points, p = 1"),
        ({"value": 72.36, "low": 69.4, "high": 75.2, "adjusted": 0.0}, "72.4 [69.4, 75.2] points, p < 0.001"),
        ({"value": 97.14, "low": None, "unit": "%"}, "97.1 %, counted"),
        ({"value": 1.0, "low": None, "unit": ""}, "1, counted"),
        ({"value": None}, "not defined in this run"),
    ],
)  # fmt: skip
def test_numbers_in_words(changes, words):
    assert evidence.worded(part(**changes)) == words


def test_a_row_links_to_the_cell_or_says_that_there_is_none():
    (row,) = evidence.rows([claim(atelier=[part()])], [ARTICLE])
    assert row["link"]["href"] == "04_style.html#cell-result"
    assert row["atelier"]["mark"] == "✓" and row["real"]["mark"] == "·"
    assert evidence.rows([claim()], [])[0]["link"] is None
    with pytest.raises(StudyError, match="claim gain: 04_style has no cell 'other'"):
        evidence.rows([claim() | {"cell": "other"}], [ARTICLE])


def test_the_answer_follows_the_verdicts():
    v = part(value=0.26, low=0.2, high=0.3, unit="V")
    found = claim("relationship", [v, part(value=0.02, low=None)], [v])
    told = evidence.answer([found, claim("other", [part(verdict="inconclusive")])])
    assert len(told) == 3
    assert (
        "can be recovered through classifiers: V = 0.26 [0.20, 0.30]" in told[0]
        and "2 % false alarms" in told[0]
    )
    assert "style goes with the emotion" in told[1]
    assert (
        told[2]
        == "Of the paper’s 2 claims tested on pictures with a known answer, 1 supported, 1 inconclusive."
    )
    worse = claim("relationship", [v | {"verdict": "inconclusive"}], [v | {"verdict": "not supported"}])
    told = evidence.answer([worse])
    assert "leaves the claim inconclusive" in told[0] and "hardly related" in told[1]
    assert len(evidence.answer([claim("other")])) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"value": 2, "low": -2, "high": 6}, "from no effect would take at least 4.0 times"),
        (
            {"value": 0.5, "low": -0.5, "high": 1.5},
            "ruling out an effect that matters would take at least 4.0",
        ),
        ({"value": 0.9, "low": -1, "high": 3}, "too near the threshold"),
        ({"value": 2, "low": 0.5, "high": 3.5}, "only because of the correction"),
        ({"value": -2, "low": -3, "high": 2.5, "direction": "smaller"}, "at least 5.1 times"),
        ({"value": 50.5, "low": 49.5, "high": 51.5, "baseline": 50}, "at least 4.0 times"),
        ({"value": None}, ""),
        ({"verdict": "supported"}, ""),
    ],
)
def test_what_would_decide_an_open_part(changes, words):
    told = evidence.undecided(part(**{"verdict": "inconclusive"} | changes))
    assert words in told and bool(told) == bool(words)
