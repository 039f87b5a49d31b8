"""Verdicts: a claim's hypothesis held against the numbers that the notebooks recorded.

`claims.yaml` fixes, before the run that it judges, what each claim of the paper predicts, where the number
will stand, and the smallest effect that would matter. From effect, interval and threshold follows the word:

* **supported**: the effect goes the way the paper says, differs from the null after Holm's correction, and
  is at least the smallest effect that matters;
* **contradicted**: the same, the other way round;
* **not supported**: neither, and the interval rules out an effect that matters;
* **inconclusive**: the rest: the data allow an effect that matters as well as none.

A claim of several parts holds only if each part does; one contradicted part contradicts it.

Where a notebook recorded no p, it is derived from the 95 % interval: the bound nearer to the null lies 1.96
standard errors from the value, so z = 1.96 · (value − null) / (value − that bound), and p is two-sided.
Holm's family is all parts with a p, for the atelier and for real data apart. Counted numbers (parameters,
shapes) have no error: they are compared with the threshold as they are.
"""

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from animestudy.errors import StudyError

LEVEL = 0.05
Z = 1.959964  # of a 95 % interval
VERDICTS = ("supported", "contradicted", "not supported", "inconclusive")
VAGUE = ("tbd", "todo", "some", "several", "various", "etc", "maybe", "probably", "perhaps", "?")

Words = Annotated[str, Field(min_length=12)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]


class Part(BaseModel):
    """One number that a claim stands on."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    label: str = Field(min_length=2)  # what is compared with what
    file: str = ""  # below reports/, without .json; else metrics/ and the claim's notebook
    measure: str = Field(min_length=3)  # path of keys in that file, joined by /
    value: str = "value"  # key of the estimate beside low and high
    p: str = ""  # path of a recorded p; else it is derived from the interval
    scale: float = Field(1, gt=0)  # from the recorded unit to the part's
    unit: str | None = None  # where it differs from the claim's
    baseline: float = 0  # value without an effect, in the part's unit
    direction: Literal["larger", "smaller", ""] = ""  # where it differs from the claim's
    smallest: float | None = Field(None, ge=0)  # likewise


class Claim(BaseModel):
    """A claim of the paper and how it is decided."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: Name
    claim: Words  # the paper's words in paraphrase, as a sentence
    place: str = Field(min_length=3)  # where the paper says it
    hypothesis: Words
    notebook: str = Field(pattern=r"^\d\d_[a-z_]+$")
    cell: str = Field(min_length=2)  # id of the cell that shows it
    test: Words
    unit: str = Field(min_length=1)
    direction: Literal["larger", "smaller"]
    smallest: float = Field(ge=0)
    measured: bool = True
    atelier: list[Part] = []
    real: list[Part] = []

    @model_validator(mode="after")
    def decided(self) -> "Claim":
        """Nothing vague (but the paper): a threshold, a number to look at, no word that leaves it open."""
        for name in ("hypothesis", "test"):
            words = getattr(self, name).lower().replace(",", " ").replace(".", " ").split()
            if vague := sorted(set(words) & set(VAGUE)):
                raise ValueError(f"{name} is vague ({vague[0]!r}); say what, against what, by how much")
        if self.measured != bool(self.atelier or self.real):
            raise ValueError("no number decides it: give parts under atelier or real, or say measured: false")
        for part in (*self.atelier, *self.real):
            least = self.smallest if part.smallest is None else part.smallest
            if least == 0 and part.baseline == 0:
                raise ValueError(
                    f"{part.label!r} has no threshold: say the smallest effect that matters, "
                    "or a baseline other than 0 for a margin"
                )
        return self


class Claims(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    claims: list[Claim] = Field(min_length=1)

    @model_validator(mode="after")
    def distinct(self) -> "Claims":
        names = [claim.id for claim in self.claims]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two claims are called {twice[0]}")
        return self


class Effect(NamedTuple):
    """A part's number in the claim's unit; `p` is None where it is counted or undefined."""

    value: float | None
    low: float | None
    high: float | None
    p: float | None


def read(path: Path) -> list[Claim]:
    """The claims of a file; a mistake in it is one line."""
    try:
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{path.name}: no such file") from None
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise StudyError(f"{path.name}: not YAML" + (f" (line {mark.line + 1})" if mark else "")) from None
    try:
        return Claims.model_validate(document).claims
    except ValidationError as error:
        raise StudyError(f"{path.name}: {worded(error, document)}") from None


def worded(error: ValidationError, document: object) -> str:
    """The first fault in a line: the claim's id, the key, and what is expected."""
    first = error.errors()[0]
    place = list(first["loc"])
    if place[:1] == ["claims"] and len(place) > 1:
        one = document["claims"][place[1]]  # type: ignore[index]
        name = one.get("id") if isinstance(one, dict) else None
        place = [f"claim {name or place[1] + 1}", *place[2:]]
    words = first["msg"].removeprefix("Value error, ")
    words = words[0].lower() + words[1:]
    more = error.error_count() - 1
    return ": ".join(map(str, [*place, words])) + (f" (and {more} more)" if more else "")


def effect(part: Part, source: Path) -> Effect:
    """The number of `part` in the recorded file `source`; a missing one is an error that names the path."""
    where = f"{source.parent.name}/{source.name}"
    try:
        book = json.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{where}: no such file, but a claim stands on {part.measure!r} in it") from None
    found = looked_up(book, part.measure, where)
    if not isinstance(found, dict):
        return Effect(_number(found, part, where), None, None, None)
    lacking = {part.value, "low", "high"} - found.keys()
    if lacking:
        raise StudyError(f"{where}: {part.measure!r} has no {', '.join(sorted(lacking))}")
    value, low, high = (_number(found[key], part, where) for key in (part.value, "low", "high"))
    if value is None or low is None or high is None:
        return Effect(value, low, high, None)
    p = looked_up(book, part.p, where) if part.p else derived(value, low, high, part.baseline)
    return Effect(value, low, high, p)


def looked_up(book: object, path: str, where: str) -> Any:  # noqa: ANN401
    """What stands in nested dicts at the keys of `path`, which are joined by /."""
    found = book
    for key in path.split("/"):
        if not isinstance(found, dict) or key not in found:
            raise StudyError(f"{where}: no number at {path!r}, on which a claim stands ({key!r} is missing)")
        found = found[key]
    return found


def derived(value: float, low: float, high: float, null: float = 0) -> float:
    """Two-sided p from a 95 % interval, by the bound on the side of the null (see the module's head)."""
    distance = abs(value - null)
    reach = value - low if value > null else high - value
    if distance == 0:
        return 1.0
    if reach <= 0:
        return 0.0  # an interval of no width
    return math.erfc(Z * distance / reach / math.sqrt(2))


def holm(values: Sequence[float | None]) -> list[float | None]:
    """Holm's adjusted p over those that there are."""
    from statsmodels.stats.multitest import multipletests

    given = [p for p in values if p is not None]
    adjusted = iter(multipletests(given, method="holm")[1]) if given else iter(())
    return [None if p is None else float(next(adjusted)) for p in values]


def verdict(found: Effect, adjusted: float | None, null: float, smallest: float, direction: str) -> str:
    """The word for one part (see the module's head)."""
    sign = 1 if direction == "larger" else -1
    if found.value is None:
        return "inconclusive"
    size = sign * (found.value - null)
    if found.low is None or found.high is None:  # counted
        return "supported" if size >= smallest else "contradicted" if size <= -smallest else "not supported"
    if adjusted is not None and adjusted < LEVEL and abs(size) >= smallest and size != 0:
        return "supported" if size > 0 else "contradicted"
    most = sign * ((found.high if sign > 0 else found.low) - null)
    return "not supported" if most < smallest or most <= 0 else "inconclusive"


def together(words: Iterable[str]) -> str:
    """The verdict of a claim from those of its parts."""
    words = list(words)
    for word in ("contradicted", "not supported", "inconclusive"):
        if word in words:
            return word
    return "supported" if words else "not measured"


def judge(claims: Sequence[Claim], reports: Path) -> list[dict[str, Any]]:
    """Every claim with its numbers and verdicts, ready to be written as JSON; `reports` holds the numbers."""
    judged = [claim.model_dump(exclude={"atelier", "real"}) for claim in claims]
    for side in ("atelier", "real"):
        rows = [(k, part) for k, claim in enumerate(claims) for part in getattr(claim, side)]
        found = [effect(part, _file(claims[k], part, reports)) for k, part in rows]
        for entry in judged:
            entry[side] = {"parts": []}
        for (k, part), one, adjusted in zip(rows, found, holm([one.p for one in found]), strict=True):
            claim = claims[k]
            direction = part.direction or claim.direction
            smallest = claim.smallest if part.smallest is None else part.smallest
            word = verdict(one, adjusted, part.baseline, smallest, direction)
            facts = {"label": part.label, **one._asdict(), "adjusted": adjusted, "baseline": part.baseline}
            facts |= {"direction": direction, "smallest": smallest, "verdict": word}
            facts["unit"] = claim.unit if part.unit is None else part.unit
            judged[k][side]["parts"].append(facts)
        for entry in judged:
            entry[side]["verdict"] = together(part["verdict"] for part in entry[side]["parts"])
    return judged


def _file(claim: Claim, part: Part, reports: Path) -> Path:
    return reports / f"{part.file or f'metrics/{claim.notebook}'}.json"


def _number(found: object, part: Part, where: str) -> float | None:
    if found is None or isinstance(found, bool):
        return None if found is None else float(found)
    if not isinstance(found, (int, float)):
        raise StudyError(f"{where}: {part.measure!r} holds {found!r}, which is not a number")
    return part.scale * found
