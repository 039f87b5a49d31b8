"""One environment, said three times: pyproject.toml, requirements.lock and environment.yml agree."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from ruamel.yaml import YAML

from animestudy.paths import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = [
    line for name in ("dev", "onnx", "platform") for line in PROJECT["optional-dependencies"][name]
]  # locked
CONDA = YAML(typ="safe").load(ROOT / "environment.yml")


def locked():
    """Name → versions that the lock pins (more than one where Pythons differ)."""
    pins = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", LOCK, re.MULTILINE):
        pins.setdefault(canonicalize_name(name), []).append(Version(version))
    return pins


@pytest.mark.parametrize("line", [*PROJECT["dependencies"], *EXTRAS])
def test_the_lock_satisfies_what_the_project_asks_for(line):
    requirement = Requirement(line)
    versions = locked()[canonicalize_name(requirement.name)]
    assert all(requirement.specifier.contains(version, prereleases=True) for version in versions)


def test_every_pin_has_a_hash_and_no_host_is_named():
    pins = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(pins) > 100
    assert not [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin]
    assert "://" not in LOCK and "--index" not in LOCK and "--find-links" not in LOCK


def test_conda_installs_the_lock_with_the_reference_python():
    pip = next(entry["pip"] for entry in CONDA["dependencies"] if isinstance(entry, dict))
    assert pip == ["-r requirements.lock"]
    python = next(entry for entry in CONDA["dependencies"] if str(entry).startswith("python="))
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python.split("=")[1])
    assert {"git", "make", "pip"} <= {entry for entry in CONDA["dependencies"] if isinstance(entry, str)}


def test_torch_and_torchvision_are_pinned_as_the_pair_that_works_together():
    pinned = {Requirement(line).name: str(Requirement(line).specifier) for line in PROJECT["dependencies"]}
    assert pinned["torch"].startswith("==") and pinned["torchvision"].startswith("==")
    import torch
    import torchvision

    boxes, scores = torch.tensor([[0.0, 0, 1, 1], [0, 0, 1, 1]]), torch.tensor([0.5, 0.9])
    assert torchvision.ops.nms(boxes, scores, 0.5).tolist() == [1]  # the operators that a mixed pair lacks


def test_every_citation_of_the_version_agrees():
    citation = YAML(typ="safe").load(ROOT / "CITATION.cff")
    assert citation["version"] == PROJECT["version"]
