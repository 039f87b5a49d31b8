"""params.yaml as validated types: a wrong value is one clear line before anything runs.

One class a section; the fields of a section are the parameters that the stage's notebook receives.
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from animestudy.errors import StudyError
from animestudy.paths import ROOT


class Section(BaseModel):
    """A section of params.yaml: unknown keys are refused, types are not coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Compute(Section):
    """How the machine is used."""

    device: Literal["auto", "cpu", "cuda"]
    precision: Literal["32-true", "bf16-mixed"]
    threads: int = Field(ge=1)
    workers: int = Field(ge=0)
    backend: Literal["loky", "ray"]


class Params(Section):
    """The whole file."""

    compute: Compute


def explain(error: dict, document: dict, source: str) -> str:
    """One of pydantic's errors as a line: key, value and what is allowed."""
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"{source}: {where} is missing"
    if error["type"] == "extra_forbidden":
        return f"{source}: {where} is not a parameter; check its spelling"
    value = document
    for part in error["loc"]:
        value = value[part] if isinstance(value, (dict, list)) else value
    return f"{source}: {where} = {value!r}: {error['msg'][0].lower()}{error['msg'][1:]}"


def validate(document: object, source: str = "params.yaml") -> Params:
    """`document` (nested dicts, as read from YAML) as `Params`; raises `StudyError` naming every wrong key."""
    if not isinstance(document, dict):
        raise StudyError(f"{source}: a mapping of sections is expected")
    try:
        return Params.model_validate(document)
    except ValidationError as error:
        raise StudyError("\n".join(explain(item, document, source) for item in error.errors())) from None


def read(path: Path = ROOT / "params.yaml") -> Params:
    """Read and validate a parameter file."""
    try:
        document = YAML(typ="safe").load(path)
    except FileNotFoundError:
        raise StudyError(f"{path.name}: no such file") from None
    except YAMLError as error:
        raise StudyError(f"{path.name}: not valid YAML: {' '.join(str(error).split())}") from None
    return validate(document, path.name)
