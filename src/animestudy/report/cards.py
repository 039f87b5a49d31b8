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


def shipped(folder: Path) -> list[Facts]:
    """The weights that come with the study, from their records (`models/README.md` has their full cards)."""
    records = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))
    }
    return [
        {
            "file": name,
            "purpose": capital(record["what"]),
            "data": capital(taught(record)),
            "measured": scored(record),
            "limits": capital(record["limits"]),
        }
        for name, record in records.items()
    ]


def taught(record: Facts) -> str:
    """What weights have learnt from, in a few words."""
    data = record["data"]
    if isinstance(data, str):
        return data.partition(";")[0]
    return f"{data['pictures']['train']:,} real pictures of {len(record['classes'])} classes"


def scored(record: Facts) -> list[str]:
    """How good weights are: a classifier's accuracy, a generator's distance from drawings."""
    if scores := record.get("scores"):
        last = [100 * scores[list(scores)[-1]]["accuracy"][key] for key in ("value", "low", "high")]
        return ["{:.1f} % [{:.1f}, {:.1f}] of unseen pictures rightly".format(*last)]
    if distance := record.get("kid_x100"):
        before, after = distance["photographs"][0], distance["trained"][0]
        return [
            f"KID ×100 to unseen drawings {after:g} (photographs {before:g}, floor {distance['floor']:g})"
        ]
    return []


def capital(words: str) -> str:
    """A sentence's first letter."""
    return words[:1].upper() + words[1:]


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
