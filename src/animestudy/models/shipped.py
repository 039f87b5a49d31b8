"""Weights that come with the study: small files in a DVC remote that is a folder of the repository, `vault`.

Each is ``models/shipped/NAME.pt``, which git does not hold, with three things that git does: the pointer
``NAME.pt.dvc``, the record ``NAME.json`` of how it was made, and a card in ``models/README.md``. The file is
taken from the vault when it is first asked for: nothing has to be run or downloaded after a clone.
"""

import argparse
import json
import logging
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from animestudy.checksum import checksum
from animestudy.errors import StudyError
from animestudy.paths import ROOT

if TYPE_CHECKING:
    from dvc.repo import Repo

FOLDER = Path("models/shipped")
REMOTE = "vault"  # of .dvc/config
HEAVIEST = 5_000_000  # bytes: every clone carries all of them, in every version
FACTS = {  # of a record; whatever else was measured stands beside them
    "kind": "classifier or generator",
    "what": "what the weights do, in a line",
    "data": "what they were trained on",
    "licence": "on what terms they may be used",
    "limits": "what they cannot do",
    "command": "what made them",
}


def names(kind: str = "") -> list[str]:
    """The weights that come with the study, of one kind (classifier, generator) or all, sorted."""
    known = sorted(path.name.removesuffix(".pt.dvc") for path in (ROOT / FOLDER).glob("*.pt.dvc"))
    return [name for name in known if not kind or record(name)["kind"] == kind]


def record(name: str) -> dict[str, Any]:
    """How the weights `name` were made, and how good they are."""
    try:
        return json.loads((ROOT / FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StudyError(f"{FOLDER}/{name}.json: cannot be read ({error}); `git checkout` it") from None


def path(name: str) -> Path:
    """The file of the weights `name`; where it is missing, or is not the one meant, the vault's is taken."""
    file = ROOT / FOLDER / f"{name}.pt"
    if name not in (there := names()):
        raise StudyError(f"{name}: no such weights; the study brings {', '.join(there) or 'none'}")
    pointer = f"{FOLDER}/{name}.pt.dvc"
    if file.is_file() and checksum(file, "md5") in (ROOT / pointer).read_text():
        return file
    from dvc.exceptions import DvcException

    try:
        with repository() as repo:
            repo.pull(targets=[str(ROOT / pointer)], force=True)  # in place of an older version's
    except (DvcException, OSError) as error:
        words = " ".join(str(error).split())
        raise StudyError(f"{pointer}: cannot be taken from the vault ({words})") from error
    return file


def ship(name: str, weights: Path, facts: Mapping[str, Any]) -> Path:
    """Put weights and their record into the vault under `name` (in place of an older file); the pointer.

    facts: the record, with `FACTS` at least.
    """
    if missing := [fact for fact in FACTS if not facts.get(fact)]:
        raise StudyError(f"{name}: the record lacks {missing[0]!r}: {FACTS[missing[0]]}")
    if not weights.is_file():
        raise StudyError(f"{weights}: no such file")
    if (size := weights.stat().st_size) >= HEAVIEST:
        raise StudyError(f"{weights}: {size / 1e6:.1f} MB, but less than {HEAVIEST / 1e6:g} MB are shipped")
    from ruamel.yaml import YAML

    file = ROOT / FOLDER / f"{name}.pt"
    file.parent.mkdir(parents=True, exist_ok=True)
    if weights.resolve() != file.resolve():
        file.unlink(missing_ok=True)
        shutil.copyfile(weights, file)
    with repository() as repo:
        repo.add(str(file))
    pointer = Path(f"{file}.dvc")
    document = YAML().load(pointer)
    document["outs"][0]["remote"] = REMOTE  # the remote is nobody's default, so `dvc push` never fills it
    YAML().dump(document, pointer)
    with repository() as repo:  # which reads the pointer anew
        repo.push(targets=[str(pointer)])
    file.with_suffix(".json").write_text(
        json.dumps(dict(facts), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return pointer


@contextmanager
def repository() -> "Iterator[Repo]":
    """The study as DVC sees it, in a clone as in an archive; it waits for a process that holds the lock."""
    from dvc.repo import Repo

    loggers = [logging.getLogger(name) for name in ("dvc", "dvc_data", "dvc_objects")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)  # what goes wrong is an exception as well
    try:
        with Repo(str(ROOT), config={"core": {"no_scm": True}}, _wait_for_lock=True) as repo:
            yield repo
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def main() -> int:
    """``python -m animestudy.models.shipped NAME WEIGHTS RECORD``: ship a file."""
    words = argparse.ArgumentParser(prog="shipped", description="Put weights into the vault.")
    words.add_argument("name", metavar="NAME")
    words.add_argument("weights", metavar="WEIGHTS", type=Path)
    words.add_argument("record", metavar="RECORD", type=Path, help="JSON with " + ", ".join(FACTS))
    words.add_argument("facts", metavar="FACT=WORDS", nargs="*", help="what the record does not say itself")
    args = words.parse_args()
    try:
        facts = json.loads(args.record.read_text(encoding="utf-8"))
        facts |= dict(fact.split("=", 1) for fact in args.facts)
        pointer = ship(args.name, args.weights, facts)
    except (StudyError, OSError, ValueError) as error:
        print(f"shipped: {error}", file=sys.stderr)
        return 2
    print(f"{pointer.relative_to(ROOT)}: commit it with {args.name}.json and the vault")
    return 0


if __name__ == "__main__":
    sys.exit(main())
