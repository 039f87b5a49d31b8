"""Pictures that a user's own table names, fetched one by one: what `animestudy fetch` does.

What is there and intact is not fetched again, so the same command goes on where it was. A picture is written
beside its place, checked (its checksum, if the table has one; every pixel decoded) and then renamed.
"""

import csv
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from animestudy import progress
from animestudy.checksum import checksum
from animestudy.data import addresses, decode
from animestudy.data.addresses import Address
from animestudy.data.published import Set
from animestudy.data.receipt import printable
from animestudy.data.web import GIVE_UP, Failed, Visitor
from animestudy.errors import StudyError

LEDGER = "fetched.csv"
TRIES = 3  # of one picture, where the fault may pass
SHOWN = 40  # failures named on the terminal; the ledger has all
SUFFIX = {form: endings[0] for form, endings in decode.FORMATS.items()}


@dataclass(frozen=True)
class Request:
    """What is wanted. `about` is the public set that the table belongs to, if it is one."""

    table: Path
    out: Path
    about: Set | None = None
    columns: addresses.Columns = field(default_factory=addresses.Columns)
    rate: float = 1.0  # requests a second
    megabytes: float = 64.0  # of one picture
    megapixels: float = 100.0
    private: bool = False  # also from addresses of this machine and its network
    limit: int | None = None
    plan: bool = False  # say what would be fetched, and fetch nothing


@dataclass(frozen=True)
class Row:
    """A line of the ledger. `status`: fetched, there (from before) or failed, then `note` says why."""

    file_name: str
    url: str
    status: str
    note: str = ""
    bytes: int = 0
    sha256: str = ""


def run(request: Request) -> int:
    """Fetch, print what happened, return the exit status: 0 all there, 1 some failed."""
    if not 0 < request.rate <= 10:
        raise StudyError(f"--rate {request.rate:g}: more than 0, at most 10 requests a second expected")
    if min(request.megabytes, request.megapixels) <= 0 or (request.limit is not None and request.limit < 1):
        raise StudyError("--megabytes, --megapixels and --limit: more than 0 expected")
    wanted = addresses.read(request.table, request.columns)[: request.limit]
    print("\n".join(announced(request, wanted)), flush=True)
    if request.plan:
        return 0
    try:
        request.out.mkdir(parents=True, exist_ok=True)
        rows = fetch(request, wanted)
    except OSError as error:
        raise StudyError(f"{request.out}: {error.strerror or error}") from None
    print("\n".join(summary(request, rows, len(wanted))))
    return 0 if len(rows) == len(wanted) and all(row.status != "failed" for row in rows) else 1


def announced(request: Request, wanted: Sequence[Address]) -> list[str]:
    """From where, on what terms, how many and how long: said before the first request."""
    hosts = Counter(urlsplit(one.url).hostname or "?" for one in wanted)
    most = ", ".join(f"{host} ({count})" for host, count in hosts.most_common(4))
    more = f" and {len(hosts) - 4} more" if len(hosts) > 4 else ""
    about = request.about
    left = sum(located(request.out, one) is None for one in wanted)
    minutes = max(left / request.rate / 60, 1)
    return [
        f"{len(wanted)} pictures from {most}{more}, named by {request.table.name}",
        f"source: {about.origin if about else 'your own table'}",
        f"terms: {about.licence if about else 'not known here; rights stay with their owners'}",
        f"into {request.out}: {len(wanted) - left} are there, {left} to fetch, at most {request.rate:g} a "
        f"second: {minutes:.0f} minutes or more; the same command goes on after Ctrl-C",
    ]


def fetch(request: Request, wanted: Sequence[Address]) -> list[Row]:
    """Fetch what is not there; the ledger is written whatever happens."""
    visitor = Visitor(request.rate, request.megabytes, request.private)
    old, rows, strikes = ledger(request.out), [], 0
    try:
        with progress.bar(total=len(wanted), description="fetch", unit="pictures") as bar:
            for one in wanted:
                row, more = there(request, one, old), 0
                if row is None:
                    row, more = tried(request, one, visitor)
                    strikes = strikes + more if more else 0
                rows.append(row)
                bar.set_postfix(failed=sum(row.status == "failed" for row in rows))
                bar.update()
                if strikes >= GIVE_UP:
                    break
    finally:
        written(request.out / LEDGER, rows, old)
    return rows


def there(request: Request, one: Address, old: dict[str, Row]) -> Row | None:
    """The row of a picture that is there and intact; None if it has to be fetched."""
    path = located(request.out, one)
    if path is None:
        return None
    name, total = path.relative_to(request.out).as_posix(), checksum(path)
    known = old.get(name)
    if known and known.url == one.url and known.sha256:
        intact = total == known.sha256
    else:
        intact = decoded(path, request.megapixels).status == "packed"
    if not intact or (one.checksum and checksum(path, addresses.SUMS[len(one.checksum)]) != one.checksum):
        return None
    return Row(name, one.url, "there", "", path.stat().st_size, total)


def located(out: Path, one: Address) -> Path | None:
    """The file of an earlier run."""
    places = (out / addresses.named(one.name, suffix) for suffix in SUFFIX.values())
    return next((place for place in places if place.is_file()), None)


def tried(request: Request, one: Address, visitor: Visitor) -> tuple[Row, int]:
    """One picture, with patience where a fault may pass, and its strikes."""
    wait, fault = 0.0, Failed("")
    for left in reversed(range(TRIES)):
        try:
            return kept(request, one, visitor, wait), 0
        except Failed as error:
            fault = error
            if not error.passing or not left:
                break
            wait = max(error.wait, 2.0 ** (TRIES - left))
    return Row(one.name, one.url, "failed", str(fault)), fault.strikes


def kept(request: Request, one: Address, visitor: Visitor, wait: float) -> Row:
    """Fetch a picture beside its place, check it, and give it its name."""
    target = request.out / one.name
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    try:
        visitor.receive(one.url, partial, wait)
        if one.checksum and checksum(partial, kind := addresses.SUMS[len(one.checksum)]) != one.checksum:
            raise Failed(f"its {kind.upper()} is not the one in the table")
        found = decoded(partial, request.megapixels)
        if found.status != "packed":
            raise Failed(found.note)
        name = addresses.named(one.name, SUFFIX[found.format])
        row = Row(name, one.url, "fetched", "", partial.stat().st_size, checksum(partial))
        os.replace(partial, request.out / name)
        return row
    finally:
        partial.unlink(missing_ok=True)


def decoded(path: Path, megapixels: float) -> decode.Outcome:
    """Whether the whole file can be decoded, by the importer's own reader."""
    return decode.read(path, decode.Form(size=8, enlarge=float("inf"), megapixels=megapixels))


def ledger(out: Path) -> dict[str, Row]:
    """What earlier runs have noted, by file name; nothing where it cannot be read."""
    try:
        with (out / LEDGER).open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
        return {line["file_name"]: Row(**line | {"bytes": int(line["bytes"])}) for line in lines}
    except (OSError, UnicodeError, csv.Error, KeyError, TypeError, ValueError):
        return {}  # then every file is decoded to see whether it is intact


def written(path: Path, rows: Sequence[Row], old: dict[str, Row]) -> None:
    """The ledger, beside and then renamed; what this run has not come to keeps its line."""
    urls = {row.url for row in rows}
    lines = {name: row for name, row in old.items() if row.url not in urls}
    lines |= {row.file_name: row for row in rows}
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*Row.__dataclass_fields__], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(lines[name]) for name in sorted(lines))
    os.replace(partial, path)


def summary(request: Request, rows: Sequence[Row], count: int) -> list[str]:
    """What happened, in words: failures by name, then the next step."""
    states = Counter(row.status for row in rows)
    lines = [f"{states['fetched']} fetched, {states['there']} were there, {states['failed']} failed"]
    bad = [row for row in rows if row.status == "failed"]
    wide = min(40, max((len(row.file_name) for row in bad), default=0))
    lines += [f"  {row.file_name:{wide}}  {row.note}  {row.url}" for row in bad[:SHOWN]]
    lines += [f"  … and {len(bad) - SHOWN} more"] if len(bad) > SHOWN else []
    if len(rows) < count:
        lines.append(
            f"stopped: no server answers now, or one asks for a pause; the same command goes on with the "
            f"{count - len(rows)} that are left"
        )
    elif bad:
        lines.append("the same command tries these again")
    lines.append(f"every picture with its address and SHA-256: {request.out / LEDGER}")
    if request.about:
        name = request.about.name
        lines.append(f"next: animestudy import {request.out} --as {name} --labels FILE --out data/NAME")
    return [printable(line) for line in lines]
