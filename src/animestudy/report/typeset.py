"""Markdown of the notebooks as HTML: mathematics as MathML (no script needed), typographic quotes, headings
with stable anchors, and the text of every section for the search."""

import re
from dataclasses import dataclass, field
from html import unescape

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from animestudy.errors import StudyError

RESERVED = {"main", "made", "hits"}  # ids that the templates use
TAG = re.compile(r"<[^>]+>")
HEADING = re.compile(r"<h[1-6].*?</h[1-6]>", re.DOTALL)


@dataclass
class Section:
    """A heading with the text that follows it, for the table of contents and the search."""

    level: int
    anchor: str  # "" above the first heading
    title: str  # plain text
    words: list[str] = field(default_factory=list)

    def add(self, html: str) -> None:
        """Note the text of a piece of HTML."""
        if text := plain(html):
            self.words.append(text)


class Typesetter(IPythonRenderer):
    """Renders the Markdown of one page, in order; `sections` grows with it."""

    def __init__(self, source: str) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.source = source  # named in errors
        self.sections = [Section(1, "", "")]
        self.markdown = MarkdownWithMath(renderer=self)

    def typeset(self, source: str) -> str:
        """A piece of Markdown as HTML, its text added to the section that is open."""
        open_section = len(self.sections) - 1
        html = self.markdown.render(source)
        for section, part in zip(self.sections[open_section:], HEADING.split(html), strict=False):
            section.add(part)
        return html

    def inline(self, source: str) -> str:
        """A caption: Markdown without the paragraph around it."""
        return re.sub(r"^<p>(.*)</p>\s*$", r"\1", self.typeset(source).strip(), flags=re.DOTALL)

    def note(self, html: str) -> None:
        """Add the text of `html` to the section that is open."""
        self.sections[-1].add(html)

    def heading(self, text: str, level: int, **_: object) -> str:
        title = plain(text)
        base = re.sub(r"[^\w]+", "-", title.lower()).strip("-") or "section"
        taken = RESERVED | {section.anchor for section in self.sections}
        anchor = next(a for a in (base, *(f"{base}-{k}" for k in range(2, 999))) if a not in taken)
        self.sections.append(Section(level, anchor, title))
        link = (
            f' <a class="anchor" href="#{anchor}" aria-label="Link to this section">#</a>'
            if level > 1
            else ""
        )
        return f'<h{level} id="{anchor}">{text}{link}</h{level}>\n'

    def text(self, text: str) -> str:
        return super().text(quotes(text))

    def table(self, text: str) -> str:
        return f'<div class="scroll"><table>\n{text}</table></div>\n'

    def inline_math(self, body: str) -> str:
        return self.mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return f'<div class="formula">{self.mathml(body, "block")}</div>\n'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def mathml(self, tex: str, display: str) -> str:
        """TeX as MathML; it carries its TeX as the accessible name's fallback."""
        try:
            html = convert(tex.strip(), display=display)
        except Exception as error:  # latex2mathml raises many kinds
            raise StudyError(f"{self.source}: the formula {tex.strip()!r} cannot be set ({error})") from None
        return html.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "", 1)


def plain(html: str) -> str:
    """The words of a piece of HTML on one line."""
    return " ".join(unescape(TAG.sub("", html)).split())


def quotes(text: str) -> str:
    """Straight quotes as typographic ones, three points as an ellipsis."""
    text = re.sub(r"(?<=\w)'|'(?=\d\ds\b)", "’", text)
    text = re.sub(r"(^|[\s(\[{—–-])'(?=\S)", r"\1‘", text).replace("'", "’")
    text = re.sub(r'(^|[\s(\[{—–-])"(?=\w)', r"\1“", text).replace('"', "”")
    return text.replace("...", "…")
