"""Note what each stage took: ``make repro 2>&1 | tee LOG; python benchmarks/stages.py LOG "two CPU cores"``.

The runner ends each stage with a line ``[05_psychology] done in 01:20 → …``. The report's first page shows
the minutes; they are no result (no two runs agree), so they stand beside its templates, not below reports/. A
stage that did not run keeps the time that was noted before.
"""

import argparse
import json
import re
from pathlib import Path

from animestudy.paths import ROOT
from animestudy.report.files import write_json

LINE = re.compile(r"^\[([\w.-]+)\] done in (\d+):(\d\d) ", re.MULTILINE)
TARGET = ROOT / "src/animestudy/report/template/compute.json"


def main() -> None:
    """Entry point."""
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("log", type=Path, help="what make repro said")
    words.add_argument("machine", help="in words, e.g. 'two CPU cores, no GPU'")
    args = words.parse_args()
    text = args.log.read_text(encoding="utf-8", errors="replace").replace("\r", "\n")
    seconds = {name: 60 * int(minutes) + int(rest) for name, minutes, rest in LINE.findall(text)}
    about = f"Wall-clock time of each stage when it last ran in the default profile, on {args.machine}."
    known = json.loads(TARGET.read_text()) if TARGET.is_file() else {"seconds": {}}
    write_json(TARGET, {"about": about, "seconds": dict(sorted((known["seconds"] | seconds).items()))})


if __name__ == "__main__":
    main()
