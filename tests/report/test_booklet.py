"""The whole report on one page: ids and links stay whole, and printing fails in one line."""

import re

import pytest

from animestudy.errors import StudyError
from animestudy.report import assets, booklet

PAGES = {
    "index.html": '<nav>bar</nav><main id="main"><h2 id="claims" aria-labelledby="claims">x</h2>'
    '<a href="05_mind.html#figure-1">f</a><a href="05_mind.html">p</a><a href="#claims">c</a>'
    '<a href="https://doi.org/x">d</a><details><summary>s</summary></details></main>',
    "05_mind.html": '<main><figure id="figure-1"></figure><details class="code" id="cell-a"></details>'
    '<a href="figures/a.png">big</a><a href="index.html#claims">back</a></main>',
}


def test_links_lead_to_places_on_the_page():
    made = dict(booklet.chapters(PAGES, list(PAGES)))
    text = "".join(f'<section id="{anchor}">{html}</section>' for anchor, html in made.items())
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    links = re.findall(r'href="#([^"]+)"', text)
    assert links == ["05_mind--figure-1", "05_mind", "index--claims", "index--claims"] and set(links) <= set(
        ids
    )
    assert 'href="https://doi.org/x"' in text and 'href="figures/a.png"' in text and "bar" not in text
    assert 'aria-labelledby="index--claims"' in text


def test_words_are_opened_and_code_stays_folded():
    made = dict(booklet.chapters(PAGES, list(PAGES)))
    assert "<details open>" in made["index"] and '<details class="code"' in made["05_mind"]


def test_without_a_browser_there_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(booklet.shutil, "which", lambda name: None)
    with pytest.raises(StudyError, match="no Chromium or Chrome found: install one"):
        booklet.pdf(tmp_path / "print.html", tmp_path / "x.pdf")


def test_a_browser_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    (tmp_path / "x.pdf").write_text("old")
    monkeypatch.setattr(booklet.shutil, "which", lambda name: "/bin/false")
    with pytest.raises(StudyError, match=r"could not print print\.html"):
        booklet.pdf(tmp_path / "print.html", tmp_path / "x.pdf")
    assert (tmp_path / "x.pdf").read_text() == "old" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(not any(map(booklet.shutil.which, booklet.BROWSERS)), reason="no Chromium here")
def test_a_page_is_printed(tmp_path):
    page = tmp_path / "my page.html"
    page.write_text("<p>Hello</p>")
    booklet.pdf(page, tmp_path / "out" / "x.pdf")
    assert (tmp_path / "out" / "x.pdf").read_bytes().startswith(b"%PDF")


def test_paper_shows_every_part_of_a_plot():
    """A class that print hides for the page's furniture must not be one of a plot's."""
    style = (assets.TEMPLATES / "style.css").read_text()
    printed = style[style.index("@media print") :]
    hidden = [rule for rule in re.findall(r"([^{}]+)\{([^{}]*)\}", printed) if "display: none" in rule[1]]
    names = {name.strip() for selectors, _ in hidden for name in selectors.split(",")}
    assert "header.bar" in names
    assert not names & {f".{part}" for part in ("effect", "zone", "zero", "bar", "dot", "tip")}
