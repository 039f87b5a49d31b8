"""What the pages of the report share: the style sheet with its fonts, the script, the search index."""

import base64
import json
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).with_name("template")

LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,"
    "U+2212,U+2215,U+FEFF,U+FFFD"
)
GREEK = "U+0370-03FF"
# family, weight, slant, file, characters; both families under the SIL Open Font License
FONTS = (
    ("Source Serif 4", 400, "normal", "source-serif-4-latin-400-normal", LATIN),
    ("Source Serif 4", 400, "italic", "source-serif-4-latin-400-italic", LATIN),
    ("Source Serif 4", 600, "normal", "source-serif-4-latin-600-normal", LATIN),
    ("Source Serif 4", 400, "normal", "source-serif-4-greek-400-normal", GREEK),
    ("Source Sans 3", 400, "normal", "source-sans-3-latin-400-normal", LATIN),
    ("Source Sans 3", 600, "normal", "source-sans-3-latin-600-normal", LATIN),
)


def files(articles: list[Any]) -> dict[str, str]:
    """The shared files by their path in the site."""
    return {
        "assets/style.css": _text("style.css") + "".join(_face(*font) for font in FONTS),
        "assets/site.js": _text("site.js"),
        "assets/search.js": f"window.studyIndex = {inline_json(search_index(articles))};\n",
        "assets/OFL.txt": _text("fonts/OFL.txt"),
    }


def search_index(articles: list[Any]) -> list[dict[str, str]]:
    """One entry for each section of each article."""
    return [
        {
            "page": article.title,
            "href": f"{article.href}#{section.anchor}" if section.anchor else article.href,
            "title": section.title,
            "text": " ".join(section.words),
        }
        for article in articles
        for section in article.typesetter.sections
        if section.title or section.words
    ]


def inline_json(value: object) -> str:
    """JSON that may stand inside a script (a page opened from disk may not fetch a file)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _face(family: str, weight: int, slant: str, file: str, characters: str) -> str:
    """A font inside the style sheet: browsers refuse font files beside a page opened from disk."""
    data = base64.b64encode((TEMPLATES / "fonts" / f"{file}.woff2").read_bytes()).decode()
    return (
        f"@font-face{{font-family:'{family}';font-weight:{weight};font-style:{slant};font-display:swap;"
        f"unicode-range:{characters};src:url(data:font/woff2;base64,{data}) format('woff2')}}\n"
    )
