"""Cards of the report's first page: the atelier's collections, the models with what was measured of them."""

import json
from pathlib import Path
from typing import Any

Facts = dict[str, Any]

# What the weights are for; numbers come from the stage's headline.
MODELS = (
    {
        "stage": "04_style",
        "file": "models/style.pt",
        "purpose": "Naming one of five drawing styles; depthwise-separable convolutions with a DKSE module",
        "data": "Drawn landscapes of the atelier, training split",
        "limits": "Pictures by anyone else: it answers one of its five styles to whatever it sees",
    },
    {
        "stage": "05_psychology",
        "file": "models/psychology.pt",
        "purpose": "Naming one of five planted states of mind; ResNet-50’s 16 blocks, recalibrated",
        "data": "The same, after a source task on the atelier’s portraits and photographs",
        "limits": "Judging people: it knows a painting program’s settings. It uses style as a hint of mood",
    },
    {
        "stage": "08_scene",
        "file": "models/fsgan.pt",
        "purpose": "Turning a photograph of a scene into a drawing (FSGAN)",
        "data": "Unpaired photographs and drawings of the atelier, training split",
        "limits": "Portraits, and passing results off as somebody’s work",
    },
    {
        "stage": "09_portrait",
        "file": "models/afgan.pt",
        "purpose": "Turning a portrait into a drawn one (AFGAN)",
        "data": "Unpaired portraits of the atelier, training split",
        "limits": "Identifying or judging anybody; faces at an angle or far away",
    },
)
KINDS = {
    "anime_scenes": "drawn scenes",
    "photo_scenes": "photographs of scenes",
    "anime_portraits": "drawn portraits",
    "photo_portraits": "photographs of portraits",
    "clips": "clips",
}


def models(names: list[str], numbers: dict[str, Any]) -> list[Facts]:
    """The models of the stages that have a page, each with its stage's headline numbers."""
    found = []
    for model in MODELS:
        if model["stage"] in names:
            entries = numbers.get(model["stage"], {}).items()
            measured = [
                f"{key}: {entry['value']:.3g}{' ' + entry['unit'] if entry['unit'] else ''}"
                for key, entry in entries
            ]
            found.append({**model, "measured": measured[:3]})
    return found


def arms(articles: list[Any]) -> list[Facts]:
    """The collections that the painter drew, as the pages of stage 01_data know them."""
    found = []
    for article in articles:
        given = article.study.get("parameters", {})
        if article.name.startswith("01_data-") and given.get("arm") in given.get("arms", {}):
            arm = given["arms"][given["arm"]]
            counts = [f"{arm[key]:,} {words}" for key, words in KINDS.items() if arm[key]]
            found.append({**arm, "name": given["arm"], "size": given["size"], "counts": ", ".join(counts)})
    return found


def compute(path: Path) -> Facts | None:
    """The minutes of the stages in the run that was last noted (`benchmarks/stages.py`)."""
    if not path.exists():
        return None
    noted = json.loads(path.read_text(encoding="utf-8"))
    rows = [{"stage": name, "minutes": f"{seconds / 60:.1f}"} for name, seconds in noted["seconds"].items()]
    total = f"{sum(noted['seconds'].values()) / 60:.0f}"
    return {"about": noted["about"], "stages": rows, "total": total}
