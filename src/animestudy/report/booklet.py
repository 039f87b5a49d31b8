"""The whole report as one page for paper, and as a PDF: what a journal would take as a supplement."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from animestudy.errors import StudyError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAIN = re.compile(r"<main[^>]*>(.*?)</main>", re.DOTALL)
REFERENCE = re.compile(r'\b(id|href|aria-labelledby)="([^"]*)"')
FOLDED = re.compile(r'<details(?! class="code"| class="notes")(?! open)')
SECONDS = 300


def chapters(pages: Mapping[str, str], names: Sequence[str]) -> list[tuple[str, str]]:
    """The main parts of these pages (file names), their ids and links made to work on one page.

    Folded tables and words are opened; folded code stays folded, and paper leaves it out.
    """
    return [(_anchor(name, ""), _alone(MAIN.search(pages[name])[1], name, names)) for name in names]


def _anchor(page: str, place: str) -> str:
    stem = page.removesuffix(".html")
    return f"{stem}--{place}" if place else stem


def _alone(html: str, own: str, names: Sequence[str]) -> str:
    def changed(found: re.Match) -> str:
        kind, value = found.groups()
        if kind != "href":
            return f'{kind}="{_anchor(own, value)}"'
        page, mark, place = value.partition("#")
        if page in names or (not page and mark):
            return f'href="#{_anchor(page or own, place)}"'
        return found[0]

    return FOLDED.sub("<details open", REFERENCE.sub(changed, html))


def pdf(page: Path, target: Path) -> None:
    """Print `page` into `target`, which appears whole or not at all."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise StudyError("no Chromium or Chrome found: install one (Debian: chromium) to make the PDF")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.part")
    with tempfile.TemporaryDirectory(prefix="print-") as profile:
        command = [
            browser, "--headless", "--disable-gpu", "--no-sandbox", f"--user-data-dir={profile}",
            "--no-pdf-header-footer", f"--print-to-pdf={draft}", page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise StudyError(f"{browser} did not print {page.name} within {SECONDS} s") from None
    if done.returncode or not draft.exists():
        words = " ".join(done.stderr.split())[-200:]
        raise StudyError(f"{browser} could not print {page.name}: {words or 'no reason was given'}")
    draft.replace(target)
