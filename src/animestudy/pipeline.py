"""Running the study: the default profile in place, any other in a workspace of its own, and the proof.

`dvc repro` in the checkout is the default profile. Another profile runs in ``build/PROFILE``, a copy of the
sources with its overrides written into params.yaml, so that it never touches the committed results; it
works from an archive without git as well, and the workspace keeps its results: a second call is up to date.
"""

import filecmp
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from animestudy import params
from animestudy.checksum import checksum
from animestudy.errors import StudyError
from animestudy.paths import ROOT
from animestudy.report.files import write_json

SOURCES = (
    "notebooks", "src", "profiles", "benchmarks", "reports/real", "models/shipped", "vault",
    "claims.yaml", "dvc.yaml", "params.yaml", "pyproject.toml", ".dvcignore",
)  # fmt: skip
INDEX = Path("reports/site/index.html")
PDF = Path("reports/supplement.pdf")
HEADLINE = Path("reports/headline.json")


def profiles() -> list[str]:
    """Names of the profiles, the default one first."""
    return ["default", *sorted(path.stem for path in (ROOT / "profiles").glob("*.txt"))]


def override(document: dict, assignment: str, where: str) -> None:
    """Apply one `section.key=value` to nested dicts; the value is YAML. The key has to exist."""
    key, equals, value = assignment.partition("=")
    *sections, name = key.strip().split(".")
    inner: object = document
    for section in sections:
        inner = inner.get(section) if isinstance(inner, dict) else None
    if not equals or not isinstance(inner, dict) or name not in inner:
        raise StudyError(f"{where}: {assignment!r} is not `section.key=value` with a key of params.yaml")
    try:
        inner[name] = YAML(typ="safe").load(value)
    except YAMLError:
        raise StudyError(f"{where}: {key} = {value!r} is not a YAML value") from None


def overridden(profile: str) -> dict:
    """params.yaml with the overrides of a profile, comments kept, validated."""
    if profile not in profiles():
        raise StudyError(f"no profile {profile!r}; there are {', '.join(profiles())}")
    params.read(ROOT / "params.yaml")
    document = YAML().load(ROOT / "params.yaml")
    source = ROOT / "profiles" / f"{profile}.txt"
    for number, line in enumerate(source.read_text().splitlines() if source.exists() else [], start=1):
        if words := line.partition("#")[0].strip():
            override(document, words, f"profiles/{source.name}, line {number}")
    params.validate(document, f"profiles/{source.name}")
    return document


def workspace(profile: str, name: str | None = None) -> Path:
    """The folder a profile runs in, its sources up to date; the default one runs in the checkout itself."""
    if profile == "default" and name is None:
        params.read(ROOT / "params.yaml")
        return ROOT
    document = overridden(profile)
    folder = ROOT / "build" / (name or profile)
    for source in SOURCES:
        target = folder / source
        if (ROOT / source).is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / source, target)
    YAML().dump(document, folder / "params.yaml")
    for card in (ROOT / "data").glob("[!.]*/card.json"):
        if card.parent.name not in document["data"]["arms"]:  # imported: every profile may use it
            lend(card.parent, folder / "data" / card.parent.name)
    for table in (ROOT / "data").glob("*.[ct]sv"):  # labels without pictures, likewise
        target = folder / "data" / table.name
        target.parent.mkdir(exist_ok=True)
        target.unlink(missing_ok=True)
        os.link(table, target)
    (folder / ".dvc").mkdir(exist_ok=True)
    (folder / ".dvc" / "config").write_text(
        "[core]\n    no_scm = true\n    analytics = false\n    check_update = false\n"
        "['remote \"vault\"']\n    url = ../vault\n"
    )
    return folder


def lend(collection: Path, target: Path) -> None:
    """Show an imported collection in a workspace without a second copy on disk."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(collection, target, copy_function=os.link)


def environment(folder: Path) -> dict[str, str]:
    """The environment of a command in a workspace: this interpreter's tools, the workspace's own library."""
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PYTHONPATH": str(folder / "src"),
    }


def dvc(folder: Path, *words: str) -> None:
    """Run dvc in a workspace; its exit status becomes ours."""
    if folder == ROOT and not (ROOT / ".git").exists():  # an archive: dvc insists on git unless told
        config = folder / ".dvc" / "config.local"
        if not config.exists():
            config.write_text("[core]\n    no_scm = true\n")
    try:
        status = subprocess.run(
            [sys.executable, "-m", "dvc", *words], cwd=folder, env=environment(folder)
        ).returncode
    except KeyboardInterrupt:
        status = 130
    if status:
        raise SystemExit(status)


def reproduce(profile: str = "default", stages: Sequence[str] = ()) -> Path:
    """Bring a profile's results (or only those of `stages` and what they need) up to date; their folder."""
    folder = workspace(profile)
    dvc(folder, "repro", *stages)
    if stages and folder != ROOT:
        pages(folder)
    return folder


def pages(folder: Path) -> None:
    """Render the report of a workspace in which only some stages have run: a page for each of those."""
    from animestudy.report import site

    pipeline = folder / "dvc.yaml"
    words = YAML(typ="safe").load(pipeline)["stages"]["site"]["cmd"].split()
    done = [word for word in words if (folder / "reports" / f"{word}.ipynb").exists()]
    site.render(done, folder / "reports", pipeline)


def keep(profile: str, stages: Sequence[str]) -> list[Path]:
    """Put the numbers that stages of a profile on real data recorded into ``reports/real``, for the claims.

    Each file says which command made it and the SHA-256 of the collections and tables that went in.
    """
    folder = ROOT / "build" / profile
    plan = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    kept = []
    for stage in stages:
        words = str(plan.get(stage, {}).get("cmd", "")).split()
        if "--as" not in words:
            raise StudyError(f"{stage}: no stage of dvc.yaml that records numbers")
        name = words[words.index("--as") + 1]
        executed, numbers = folder / f"reports/{name}.ipynb", folder / f"reports/metrics/{name}.json"
        if not (executed.exists() and numbers.exists()):
            raise StudyError(f"{stage}: not run; say animestudy repro --profile {profile} {stage} first")
        study = json.loads(executed.read_text(encoding="utf-8"))["metadata"]["study"]
        inputs = {name: sha for name, sha in study["inputs"].items() if not name.startswith("reports/real/")}
        made = {"command": f"animestudy repro --profile {profile} {stage}", "inputs": inputs}
        for value in study["parameters"].values():
            if isinstance(value, str) and value.startswith("data/") and (folder / value).is_file():
                made["inputs"][value] = checksum(folder / value)[:12]
        target = ROOT / "reports" / "real" / f"{name}.json"
        write_json(target, {"made by": made, **json.loads(numbers.read_text(encoding="utf-8"))})
        kept.append(target)
    return kept


def differences(one: Path, other: Path) -> list[str]:
    """The outputs of two workspaces that are not the same bytes, by their paths."""
    lock = YAML(typ="safe").load(one / "dvc.lock")
    outs = [out["path"] for stage in lock["stages"].values() for out in stage.get("outs", [])]
    files = {
        path.relative_to(folder)
        for folder in (one, other)
        for out in outs
        for path in ([folder / out] if (folder / out).is_file() else sorted((folder / out).rglob("*")))
        if path.is_file()
    }
    _, different, missing = filecmp.cmpfiles(one, other, sorted(map(str, files)), shallow=False)
    return sorted([*different, *(f"{path} (in one run only)" for path in missing)])


def verify(accept: bool = False) -> list[str]:
    """Run the smoke profile twice from nothing and compare; what differs, a line each.

    `accept` writes the headline numbers to ``profiles/smoke.json``, as the ones to be held, if both runs gave
    the same bytes; else they are compared with those in it, each within its own tolerance.
    """
    from animestudy.report.headline import compare_headlines

    committed = ROOT / "profiles" / "smoke.json"
    if not (accept or committed.exists()):
        raise StudyError(
            f"{committed.relative_to(ROOT)}: no such file; `animestudy verify --accept` writes it"
        )
    for name in ("verify-1", "verify-2"):
        shutil.rmtree(ROOT / "build" / name, ignore_errors=True)
    runs = [workspace("smoke", name) for name in ("verify-1", "verify-2")]  # both now: sources may change
    for number, folder in enumerate(runs, start=1):
        print(f"verify: run {number} of 2, in build/{folder.name}", flush=True)
        dvc(folder, "repro")
    lines = [f"not the same bytes in both runs: {path}" for path in differences(*runs)]
    if not accept:
        return lines + compare_headlines(runs[0] / HEADLINE, committed)
    if not lines:
        shutil.copyfile(runs[0] / HEADLINE, committed)
    return lines
