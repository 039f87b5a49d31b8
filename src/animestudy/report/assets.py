"""What the pages of the report share: the style sheet, the script, the search index."""

import json
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).with_name("template")


def files(articles: list[Any]) -> dict[str, str]:
    """The shared files by their path in the site."""
    return {
        "assets/style.css": _text("style.css"),
        "assets/site.js": _text("site.js"),
        "assets/search.js": f"window.studyIndex = {inline_json(search_index(articles))};\n",
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
