"""The stage `claims`: ``python -m animestudy.report.claims`` writes ``reports/claims.json``.

It reads claims.yaml and the numbers that the notebooks recorded. A claims file that is wrong, or a number
that is missing, ends it with one line and status 2; nothing is written then.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from animestudy.errors import StudyError
from animestudy.paths import ROOT
from animestudy.report.files import write_json
from animestudy.report.record import plain
from animestudy.stats import verdicts


def write(claims: Path, reports: Path) -> Counter:
    """Judge the claims of a file by the numbers below `reports`; how often each verdict was given."""
    judged = verdicts.judge(verdicts.read(claims), reports)
    write_json(reports / "claims.json", plain({"claims": judged, "rules": rules()}))
    return Counter(claim["atelier"]["verdict"] for claim in judged)


def rules() -> dict[str, Any]:
    """What the reader has to know of how the verdicts were made."""
    return {"level": verdicts.LEVEL, "correction": "Holm"}


def main(words: Sequence[str] | None = None) -> int:
    """Entry point."""
    if sys.argv[1:] if words is None else words:
        print("claims: takes no arguments; the claims are in claims.yaml", file=sys.stderr)
        return 2
    try:
        counts = write(ROOT / "claims.yaml", ROOT / "reports")
    except StudyError as error:
        print(f"claims: {error}", file=sys.stderr)
        return 2
    told = ", ".join(f"{count} {word}" for word, count in counts.most_common())
    print(f"[claims] {told} → reports/claims.json", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
