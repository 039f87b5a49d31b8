"""The rendered report: complete, offline, deterministic, and alive in a browser."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import devtools
import nbformat
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from nbformat import v4

from animestudy.errors import StudyError
from animestudy.report import article, assets, figures, files, graph, site, typeset

NAMES = ["01_data", "05_mind"]
PIPELINE = """
vars: [{run: python}]
stages:
  01_data:
    cmd: x
    outs: [data/main, "reports/01_data.ipynb": {cache: false}]
  05_mind:
    cmd: x
    deps: [data/main/images.npy]
    outs: [models/mind, reports/05_mind.ipynb]
  06_sweep:
    matrix: {n: [1, 2]}
    cmd: x ${item.n}
    deps: [data/main, models/mind]
    outs: ["reports/06-${item.n}.ipynb"]
  site:
    cmd: x
    deps: [reports/01_data.ipynb, reports/05_mind.ipynb, reports]
    outs: [reports/site]
"""


PART = {
    "label": "new − old", "value": 1.5, "low": 0.5, "high": 2.5, "p": 0.01, "adjusted": 0.02,
    "unit": "points", "direction": "larger", "smallest": 1, "baseline": 0, "verdict": "supported",
}  # fmt: skip
CLAIMS = [
    {
        "id": "modules", "claim": "Its <lines> matter.", "place": "section 5; Doe", "hypothesis": "They do.",
        "notebook": "05_mind", "cell": "draw", "test": "paired by seed", "unit": "points",
        "direction": "larger", "smallest": 1, "measured": True,
        "atelier": {"verdict": "supported", "parts": [PART]},
        "real": {"verdict": "not measured", "parts": []},
    },
]  # fmt: skip


def captured(monkeypatch, draw) -> list:
    """What `draw` displays, as the outputs of a cell."""
    outputs = []

    def display(thing, raw=False, metadata=None):
        data = thing if raw else {"text/markdown": thing.data, "text/plain": "Markdown"}
        outputs.append(v4.new_output("display_data", data, metadata=metadata or {}))

    with monkeypatch.context() as patch:
        patch.setattr(figures, "display", display)
        draw()
    return outputs


def draw_all() -> None:
    figures.style()
    figure, axes = plt.subplots(figsize=(4, 2))
    axes.plot([1, 2, 4])
    figures.show(figure, "A *rising* line, $x^2$.", 'the "alternative" text')
    shades = [np.full((16, 16, 3), 20 * k, np.uint8) for k in range(6)]
    figures.grid(
        shades, columns=3, heads=list("abc"), rows=["one", "two"], caption="Six shades.", alt="six squares"
    )
    figures.table(pd.DataFrame({"name": ["x"], "value": [0.5]}), "A little table.")


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """A folder of executed notebooks: two that are asked for and a stale one."""
    folder = tmp_path_factory.mktemp("site") / "my reports"
    outputs = captured(pytest.MonkeyPatch(), draw_all)
    study = {
        "stage": "05_mind",
        "notebook": "notebooks/05_mind.ipynb",
        "command": "python -m animestudy.report.runner notebooks/05_mind.ipynb --as 05_mind --params mind",
        "sections": ["mind"],
        "parameters": {"epochs": 12, "widths": [16, 32], "arm": "main"},
        "inputs": {"data/main": "44136fa355b3"},
    }
    text = '# Does "it" show?\n\nOne question, really?\n\nThe painter\'s place: $$\\sqrt{\\chi^2 / n}$$\n'
    cells = [
        v4.new_markdown_cell(text, id="title"),
        v4.new_code_cell("epochs = 1", id="parameters", metadata={"tags": ["parameters"]}),
        v4.new_markdown_cell(
            "## Method & means\n\nUnmistakable words here.\n\n## Method & means\n\nAgain.", id="h"
        ),
        v4.new_code_cell("# Draw it\nprint('</script><b>')", id="draw", outputs=outputs),
        v4.new_code_cell("hidden", id="hidden", metadata={"tags": ["remove-cell"]}),
        v4.new_code_cell(
            "1", id="text", outputs=[v4.new_output("stream", name="stdout", text="</script><i>\n")]
        ),
    ]
    for name in (*NAMES, "05_mind-stale"):
        metadata = {"title": f"Page {name}", "study": study | {"stage": name}}
        files.write_text(
            folder / f"{name}.ipynb", nbformat.writes(v4.new_notebook(cells=cells, metadata=metadata))
        )
    entry = {"value": -0.71234, "tolerance": 0.04, "unit": "%", "note": "Accuracy of the mind"}
    files.write_json(folder / "headline/05_mind.json", {"accuracy": entry})
    files.write_json(folder / "headline/05_mind-stale.json", {"accuracy": entry})
    files.write_text(folder / "dvc.yaml", PIPELINE)
    files.write_json(folder / "claims.json", {"claims": CLAIMS})
    site.render(NAMES, folder, folder / "dvc.yaml")
    return folder


class Page(HTMLParser):
    """Tags of a page, and the ids it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags, self.ids, self.words = [], [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        if "id" in attrs:
            self.ids.append(attrs["id"])

    def handle_data(self, data):
        self.words.append(data)


def pages(reports) -> dict[str, Page]:
    return {path.name: Page(path) for path in sorted((reports / "site").glob("*.html"))}


def test_only_the_named_pages_and_everything_they_need(reports):
    listed = {
        str(path.relative_to(reports / "site")) for path in (reports / "site").rglob("*") if path.is_file()
    }
    assert listed == {
        "index.html",
        "checklist.html",
        "print.html",
        "01_data.html",
        "05_mind.html",
        *(f"assets/{name}" for name in ("search.js", "site.js", "style.css")),
        *(f"figures/{name}-{k}.png" for name in NAMES for k in (1, 2)),
    }
    assert json.loads((reports / "headline.json").read_text()).keys() == {"05_mind"}


def test_a_second_rendering_is_the_same_bytes(reports):
    def content():
        return {path: path.read_bytes() for path in reports.rglob("*") if path.is_file()}

    before = content()
    site.render(NAMES, reports, reports / "dvc.yaml")
    assert content() == before


def test_nothing_asks_for_another_host(reports):
    for path in (reports / "site").rglob("*"):
        if path.suffix in (".html", ".css", ".js"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(
                r"""(?:src(?:set)?\s*=|url\(|@import|fetch\(|import\()\s*["']?\s*(?:https?:)?//""", text
            )
    links = [attrs["href"] for page in pages(reports).values() for _, attrs in page.tags if "href" in attrs]
    assert {link for link in links if "://" in link} == {"https://doi.org/10.1155/2022/7761191"}
    assert {tag for page in pages(reports).values() for tag, _ in page.tags}.isdisjoint(
        {"iframe", "object", "embed"}
    )


def test_every_link_leads_somewhere(reports):
    all_pages = pages(reports)
    for name, page in all_pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for tag, attrs in page.tags:
            link = attrs.get("href") or attrs.get("src") or ""
            if not link or re.match(r"data:|https:", link):
                continue
            path, _, anchor = link.partition("#")
            target = path or name
            assert (reports / "site" / unquote(target)).is_file(), (name, tag, link)
            if anchor:
                assert unquote(anchor) in all_pages[target].ids, (name, link)


def test_pictures_have_words_and_sizes(reports):
    for name, page in pages(reports).items():
        for tag, attrs in page.tags:
            if tag == "img":
                assert "alt" in attrs and int(attrs["width"]) > 0 and int(attrs["height"]) > 0, name
    mind = (reports / "site/05_mind.html").read_text()
    assert 'alt="the &quot;alternative&quot; text"' in mind
    assert "<figcaption><b>Figure 1</b> A <em>rising</em> line, <math" in mind
    assert "<figcaption><b>Figure 2</b> Six shades.</figcaption>" in mind
    assert "<figcaption><b>Table 1</b> A little table.</figcaption>" in mind
    assert mind.count("A little table.") == 1  # the caption that JupyterLab shows is not repeated


def test_a_page_says_what_made_it(reports):
    words = " ".join(pages(reports)["05_mind.html"].words)
    for fact in (
        "runner notebooks/05_mind.ipynb --as 05_mind --params mind",
        "epochs",
        "12",
        "data/main",
        "44136fa355b3",
    ):
        assert fact in words


def test_text_is_set_with_care(reports):
    mind = (reports / "site/05_mind.html").read_text()
    assert "Does “it” show?" in mind and "painter’s" in mind
    assert "<math" in mind and "xmlns=" not in re.sub(r'rel="icon"[^>]*', "", mind) and "ns0:" not in mind
    assert 'id="method-means"' in mind and 'id="method-means-2"' in mind
    assert "&lt;/script&gt;&lt;i&gt;" in mind and "hidden" not in re.sub(r"\shidden|aria-hidden", "", mind)
    assert "<summary>Draw it</summary>" in mind and "Parameters, and their quick defaults" in mind


def test_the_first_page_shows_numbers_graph_and_figures(reports):
    index = (reports / "site/index.html").read_text()
    assert (
        "Accuracy of the mind" in index and "−0.7123 %" in index and "Does a painter’s state of mind" in index
    )
    assert index.count('class="card"') == 2 and "One question, really?" in index
    assert (
        '<a class="stage" href="05_mind.html">' in index and '<g class="stage">' in index
    )  # site has no page
    assert len(re.findall(r'<li><a href="0\w+\.html#figure-\d">', index)) == 4


def test_the_first_page_opens_with_the_verdicts(reports):
    index = (reports / "site/index.html").read_text()
    assert (
        index.index("1 supported")
        < index.index('id="claims"')
        < index.index('id="map"')
        < index.index('id="numbers"')
    )
    assert "Its &lt;lines&gt; matter." in index and "Section 5; Doe" in index
    assert '<a href="05_mind.html#cell-draw">' in index and "1.5 [0.50, 2.5] points, p = 0.02" in index
    assert 'class="verdict supported" href="#claim-modules"' in index  # in the map of the paper


def test_the_map_has_every_equation_and_figure_of_the_paper(reports):
    page = (reports / "site/index.html").read_text().replace("&nbsp;", " ")
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>', page)
    for place in [*(f"equation ({k})" for k in range(1, 9)), *(f"figure {k}" for k in range(1, 9))]:
        assert any(place in row for row in rows), place
    for section in (
        "Section 1",
        "Section 2",
        "3.1",
        "3.2",
        "3.3",
        "3.4",
        "Section 4",
        "5.1",
        "5.2",
        "Section 6",
    ):
        assert any(section in row for row in rows), section


def test_without_verdicts_the_pages_stand_alone(reports, tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.ipynb").write_bytes((reports / f"{name}.ipynb").read_bytes())
    site.render(NAMES, tmp_path, reports / "dvc.yaml")
    index = (tmp_path / "site/index.html").read_text()
    assert 'id="claims"' not in index and 'id="map"' in index and 'class="answer"' not in index
    (tmp_path / "claims.json").write_text("{}")
    with pytest.raises(StudyError, match=r"claims\.json: not the verdicts"):
        site.render(NAMES, tmp_path, reports / "dvc.yaml")


def test_a_claim_that_names_no_cell_fails_the_site(reports, tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.ipynb").write_bytes((reports / f"{name}.ipynb").read_bytes())
    files.write_json(tmp_path / "claims.json", {"claims": [CLAIMS[0] | {"cell": "gone"}]})
    with pytest.raises(StudyError, match="05_mind has no cell 'gone'"):
        site.render(NAMES, tmp_path, reports / "dvc.yaml")
    assert not (tmp_path / "site").exists()


def test_stages_are_linked_to_their_first_page(reports):
    pages = [article.read(reports / f"{name}.ipynb") for name in NAMES]
    found = site.linked({"data": {}, "mind": {}, "site": {}}, pages)
    assert found == {"data": ("01_data.html", "Page 01_data"), "mind": ("05_mind.html", "Page 05_mind")}


def test_the_graph_leaves_out_what_a_longer_way_says(reports):
    near = graph.needs(graph.stages(reports / "dvc.yaml"))
    assert near == {"01_data": set(), "05_mind": {"01_data"}, "06_sweep": {"05_mind"}, "site": {"06_sweep"}}
    assert graph.columns(near) == [["01_data"], ["05_mind"], ["06_sweep"], ["site"]]
    assert graph.stages(reports / "none.yaml") == {}


def test_long_edges_get_a_lane():
    near = {"a": set(), "b": {"a"}, "c": {"b"}, "d": {"c", "a"}}
    assert graph.columns(near) == [["a"], [("a", "d"), "b"], [("a", "d"), "c"], ["d"]] or graph.columns(
        near
    ) == [
        ["a"],
        ["b", ("a", "d")],
        ["c", ("a", "d")],
        ["d"],
    ]


def test_json_in_a_script_cannot_end_it():
    assert "</" not in assets.inline_json({"text": "</script>"})
    assert json.loads(assets.inline_json({"text": "</script>"})) == {"text": "</script>"}


@pytest.mark.parametrize(
    ("text", "typeset_text"),
    [
        ('the painter\'s "mood"', "the painter’s “mood”"),
        ("('so') ... it", "(‘so’) … it"),
        ("the '90s", "the ’90s"),
        ('" he said', "” he said"),
    ],
)
def test_quotes(text, typeset_text):
    assert typeset.quotes(text) == typeset_text


def test_a_formula_that_cannot_be_set_is_named(monkeypatch):
    def fail(tex, display):
        raise ValueError("no")

    monkeypatch.setattr(typeset, "convert", fail)
    with pytest.raises(StudyError, match=r"05_x\.ipynb: the formula 'x' cannot be set"):
        typeset.Typesetter("05_x.ipynb").typeset("$x$")


def test_a_missing_notebook_is_one_line_and_leaves_the_site(reports, capsys, monkeypatch):
    monkeypatch.setattr(site, "ROOT", reports.parent)
    (reports.parent / "reports").mkdir()
    assert site.main(["09_none"]) == 2
    assert capsys.readouterr().err == "site: 09_none.ipynb: not in reports/; run its stage first\n"
    assert site.main([]) == 2 and "name the stages" in capsys.readouterr().err
    assert site.main(["--where"]) == 0
    assert capsys.readouterr().out == f"{reports.parent / 'reports/site/index.html'}\n"


@pytest.mark.skipif(
    devtools.CHROMIUM is None, reason="no Chromium here: the report is not tried in a browser"
)
def test_in_a_browser_without_network(reports):
    index = reports / "site" / "index.html"
    with devtools.Browser() as browser:
        browser.open(index)
        assert browser.evaluate(
            "[...document.images].every((i) => i.loading === 'lazy' || i.naturalWidth > 0)"
        )
        browser.press("/", "/")
        browser.type("unmistak")
        hits = browser.evaluate(
            "[...document.querySelectorAll('#hits [role=option]')].map((e) => e.dataset.href)"
        )
        assert hits == ["01_data.html#method-means", "05_mind.html#method-means"]
        assert "Unmistak" in browser.evaluate("document.querySelector('#hits mark').textContent")
        browser.press("ArrowDown")
        browser.loaded = False
        browser.press("Enter", "\r")
        while not browser.loaded:
            browser.receive()
        assert browser.evaluate("location.href").endswith("/05_mind.html#method-means")

        background = "getComputedStyle(document.body).backgroundColor"
        browser.colours("light")
        light = browser.evaluate(background)
        browser.colours("dark")
        assert browser.evaluate(background) != light
        browser.evaluate("document.querySelector('.theme-toggle').click()")
        assert browser.evaluate(background) == light

        shown = "[...document.querySelectorAll('details.code')].map((d) => d.open)"
        assert set(browser.evaluate(shown)) == {False}
        browser.evaluate("document.querySelector('.code-toggle').click()")
        assert set(browser.evaluate(shown)) == {True}

        browser.call(
            "Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True
        )
        for name in ("index.html", "05_mind.html"):
            browser.open(reports / "site" / name)
            assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert browser.console == []
        assert {address.split(":")[0] for address in browser.requests} <= {"file", "data", "about"}
