"""The HTML report: ``python -m animestudy.report.site 01_data 02_augmentation …``.

Renders the executed notebooks of these stages, in this order, into ``reports/site``; gathers their headline
numbers in ``reports/headline.json``. The pages need nothing but their own folder: no request leaves it, and
without JavaScript everything is readable. Rendering the same notebooks again gives the same bytes.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from animestudy.errors import StudyError
from animestudy.paths import ROOT

TITLE = "Painter’s Psychology and Anime Style"
INDEX = Path("site/index.html")  # below reports/


def parser() -> argparse.ArgumentParser:
    """The command's grammar."""
    top = argparse.ArgumentParser(prog="site", description="Render executed notebooks as the HTML report.")
    top.add_argument("stages", nargs="*", metavar="STAGE", help="stages in reading order, e.g. 01_data")
    top.add_argument("--where", action="store_true", help="only print the path of the report's first page")
    return top


def render(names: list[str], reports: Path, pipeline: Path) -> None:
    """Render the stages `names`, whose notebooks lie in `reports`, into its folder ``site``.

    The folder is replaced whole or not at all. `pipeline` is the dvc.yaml whose graph the first page shows.
    """
    from animestudy.report import article, assets, cards, evidence, graph, headline
    from animestudy.report.files import write_folder

    articles = [article.read(reports / f"{name}.ipynb") for name in names]
    numbers = headline.gather(names, reports)
    judged, stages = verdicts(reports / "claims.json"), graph.stages(pipeline)
    first = {
        "answer": evidence.answer(judged),
        "claims": evidence.rows(judged, articles),
        "arms": cards.arms(articles),
        "marks": evidence.MARKS,
        "models": [*cards.models(names, numbers), *cards.shipped(ROOT / "models/shipped")],
        "compute": cards.compute(assets.TEMPLATES / "compute.json"),
        "headlines": headlines(articles, numbers),
        "plate": plate(articles),
        "graph": graph.svg(stages, linked(stages, articles)),
    }
    site = {"title": TITLE, "articles": articles}
    files: dict[str, str | bytes] = {**assets.files(articles)}
    files |= article.set_pages(articles, site, first, assets.TEMPLATES)
    for item in articles:
        files |= item.files
    headline.write(numbers, reports / "headline.json")
    write_folder(reports / "site", files)


def linked(stages: dict[str, Any], articles: list[Any]) -> dict[str, tuple[str, str]]:
    """For each stage the address and title of its page, the first one where it has several."""
    found: dict[str, tuple[str, str]] = {}
    for article in articles:
        stem = article.name.partition("-")[0]
        for stage in stages:
            if stage in (article.name, stem, stem.partition("_")[2]):
                found.setdefault(stage, (article.href, article.title))
    return found


def verdicts(path: Path) -> list[dict[str, Any]]:
    """The judged claims; none where the stage `claims` has not run (the pages of single stages)."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["claims"]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError):
        raise StudyError(f"{path.name}: not the verdicts of this study; run the stage claims again") from None


def headlines(articles: list[Any], numbers: dict[str, Any]) -> list[dict[str, Any]]:
    """The headline numbers as the first page shows them."""
    return [
        {
            "article": article,
            "what": f"{key}: {entry['note']}" if entry["note"] else key,
            "value": number(entry["value"]),
            "unit": entry["unit"],
            "tolerance": number(entry["tolerance"]),
        }
        for article in articles
        for key, entry in numbers.get(article.name, {}).items()
    ]


def plate(articles: list[Any]) -> dict[str, Any] | None:
    """The picture beside the title: the first sheet of pictures, if there is one."""
    found = ({"article": a, "exhibit": e} for a in articles for e in a.exhibits if e.kind == "pictures")
    return next(found, None)


def number(value: float) -> str:
    """A number to four significant digits, with a true minus."""
    return f"{value:.4g}".replace("-", "−")


def main(words: list[str] | None = None) -> int:
    """Entry point."""
    args = parser().parse_args(words)
    reports = ROOT / "reports"
    if args.where:
        print(reports / INDEX)
        return 0
    try:
        if not args.stages:
            raise StudyError("name the stages to render, e.g. 01_data 05_psychology")
        render(args.stages, reports, ROOT / "dvc.yaml")
    except StudyError as error:
        print(f"site: {error}", file=sys.stderr)
        return 2
    print(f"[site] {len(args.stages)} pages → {(reports / INDEX).relative_to(ROOT)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
