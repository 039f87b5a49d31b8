"""One executed notebook as an article: figures taken out into files, the rest set by the template."""

import base64
import io
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from nbconvert import TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode
from PIL import Image
from traitlets.config import Config

from animestudy.errors import StudyError
from animestudy.report import booklet
from animestudy.report.pictures import encode
from animestudy.report.typeset import Section, Typesetter, plain

Facts = dict[str, Any]
SUFFIX = {"image/png": "png", "image/jpeg": "jpg"}
THUMBNAIL = (480, 320)  # CSS pixels, of a sheet of pictures on the first page


@dataclass(frozen=True)
class Exhibit:
    """A figure of an article, as other pages show it."""

    kind: str  # "plot", or "pictures" for a sheet
    anchor: str
    label: str  # "Figure 3"
    caption: str  # HTML
    alt: str
    picture: str  # path relative to the site
    width: int
    height: int


@dataclass
class Article:
    """A notebook ready to be set."""

    name: str  # the stage: also the page's file name
    notebook: NotebookNode
    title: str
    question: str  # HTML: the first paragraph
    typesetter: Typesetter
    exhibits: list[Exhibit] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)  # path relative to the site → content
    tables: int = 0  # met so far

    @property
    def number(self) -> str:
        """The digits in front: 05."""
        return re.match(r"\d*", self.name)[0]

    @property
    def href(self) -> str:
        return f"{self.name}.html"

    @property
    def lead(self) -> Exhibit | None:
        """The figure that stands for the article: its first pictures, or else its first plot."""
        pictures = (exhibit for exhibit in self.exhibits if exhibit.kind == "pictures")
        return next(pictures, self.exhibits[0] if self.exhibits else None)

    @property
    def contents(self) -> list[Section]:
        """Second-level headings, for the table of contents."""
        return [section for section in self.typesetter.sections if section.level == 2 and section.anchor]

    @property
    def study(self) -> dict[str, Any]:
        """What made it, as the runner wrote it down."""
        return self.notebook.metadata.get("study", {})


def read(path: Path) -> Article:
    """Read an executed notebook and set its Markdown and outputs as HTML, in reading order."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise StudyError(f"{path.name}: not in {path.parent.name}/; run its stage first") from None
    typesetter = Typesetter(path.name)
    article = Article(path.stem, notebook, "", "", typesetter)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.html = typesetter.typeset(cell.source)
        elif cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _study(output).get("kind") != "caption"]
            for output in cell.outputs:
                if output.output_type in ("display_data", "execute_result"):
                    output.html = _output(article, output)
    first = next((cell.html for cell in notebook.cells if cell.cell_type == "markdown"), "")
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", first, re.DOTALL)
    article.title = notebook.metadata.get("title") or (plain(heading[1]) if heading else path.stem)
    if variant := path.stem.partition("-")[2]:  # one notebook, run more than once
        article.title += f": {variant}"
    paragraph = re.search(r"<p>(?:<strong>Question\.</strong>\s*)?(.*?)</p>", first, re.DOTALL)
    article.question = paragraph[1] if paragraph else ""
    return article


def set_pages(articles: list[Article], site: Facts, home: Facts, templates: Path) -> dict[str, str]:
    """All pages as HTML, by file name: the first page from `home`, then one for each article.

    `site` is what every page knows of the whole.
    """
    settings = Config()
    settings.TagRemovePreprocessor.enabled = True
    settings.TagRemovePreprocessor.remove_cell_tags = {"remove-cell"}
    # not HTMLExporter: it parses and prints every finished page again, in seconds
    exporter = TemplateExporter(
        config=settings,
        extra_template_basedirs=[str(templates.parent)],
        template_name=templates.name,
        template_extension=".html.j2",
        file_extension=".html",
    )
    exporter.register_filter("highlight_code", Highlight2HTML(pygments_lexer="ipython3"))

    def whole(template: str) -> str:
        return exporter.environment.get_template(template).render(site=site, **home)

    pages = {"index.html": whole("home.html.j2"), "checklist.html": whole("checklist.html.j2")}
    for k, article in enumerate(articles):
        resources = {
            "site": site,
            "article": article,
            "previous": articles[k - 1] if k else None,
            "next": articles[k + 1] if k + 1 < len(articles) else None,
        }
        pages[article.href], _ = exporter.from_notebook_node(article.notebook, resources)
    printed = exporter.environment.get_template("print.html.j2")
    pages["print.html"] = printed.render(site=site, chapters=booklet.chapters(pages, list(pages)))
    return pages


def _study(output: NotebookNode) -> dict[str, Any]:
    return output.get("metadata", {}).get("study", {})


def _output(article: Article, output: NotebookNode) -> str:
    """One display output as HTML."""
    data, study = output.data, _study(output)
    caption = article.typesetter.inline(study["caption"]) if "caption" in study else ""
    for kind in SUFFIX:
        if kind in data:
            facts = output.metadata.get(kind, {})
            return _figure(article, kind, base64.b64decode(data[kind]), facts, caption)
    if "text/html" in data and study.get("kind") == "figure":
        return _sheet(article, data["text/html"], caption)
    if "text/html" in data:
        return _table(article, data["text/html"], caption)
    if "text/markdown" in data:
        return article.typesetter.typeset(data["text/markdown"])
    if "image/svg+xml" in data:
        return f"<figure>{data['image/svg+xml']}</figure>\n"
    return f'<pre class="result">{escape(data.get("text/plain", ""))}</pre>\n'


def _figure(article: Article, kind: str, content: bytes, facts: dict[str, Any], caption: str) -> str:
    number = len(article.exhibits) + 1
    path = f"figures/{article.name}-{number}.{SUFFIX[kind]}"
    article.files[path] = content
    width, height = Image.open(io.BytesIO(content)).size
    exhibit = Exhibit(
        "plot",
        f"figure-{number}",
        f"Figure {number}",
        caption,
        facts.get("alt", ""),
        path,
        facts.get("width", width),
        facts.get("height", height),
    )
    article.exhibits.append(exhibit)
    image = (
        f'<a class="paper" href="{path}"><img src="{path}" width="{exhibit.width}" height="{exhibit.height}"'
        f' alt="{escape(exhibit.alt)}"></a>'
    )
    return _captioned(exhibit.anchor, "plot", image, exhibit.label, caption)


def _sheet(article: Article, html: str, caption: str) -> str:
    number = len(article.exhibits) + 1
    label = re.search(r'aria-label="([^"]*)"', html)
    kind, content, size = thumbnail(html)
    path = f"figures/{article.name}-{number}.{SUFFIX[kind]}"
    article.files[path] = content
    alt = label[1] if label else ""
    article.exhibits.append(
        Exhibit("pictures", f"figure-{number}", f"Figure {number}", caption, alt, path, *size)
    )
    html = f'<div class="scroll">{html}</div>'
    return _captioned(f"figure-{number}", "pictures", html, f"Figure {number}", caption)


def _table(article: Article, html: str, caption: str) -> str:
    article.typesetter.note(html)
    if not caption:
        return f'<div class="scroll">{html}</div>\n'
    article.tables += 1
    anchor, label = f"table-{article.tables}", f"Table {article.tables}"
    return _captioned(anchor, "table", f'<div class="scroll">{html}</div>', label, caption)


def _captioned(anchor: str, kind: str, content: str, label: str, caption: str) -> str:
    words = f"<figcaption><b>{label}</b> {caption}</figcaption>" if caption else ""
    return f'<figure id="{anchor}" class="{kind}">\n{content}\n{words}</figure>\n'


def thumbnail(html: str) -> tuple[str, bytes, tuple[int, int]]:
    """The first pictures of a sheet (of a film its still) side by side: media type, file, CSS pixels."""
    sources = re.findall(r'(?:src|poster)="data:image/\w+;base64,([^"]+)"', html)
    rows = [len(re.findall("<img|<video", row)) for row in html.split("</tr>")]
    columns = max(rows, default=1) or 1
    pictures = [Image.open(io.BytesIO(base64.b64decode(source))).convert("RGB") for source in sources]
    width, height = pictures[0].size
    across = min(columns, max(1, THUMBNAIL[0] // width))
    down = min(-(-len(pictures) // columns), max(1, THUMBNAIL[1] // height))
    sheet = Image.new("RGB", (across * width, down * height), "white")
    for k, picture in enumerate(pictures):
        row, column = divmod(k, columns)
        if row < down and column < across:
            sheet.paste(picture, (column * width, row * height))
    kind, content = encode(sheet)
    return kind, content, sheet.size
