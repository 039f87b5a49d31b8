"""A stage's deps are the import closure of its notebook: a changed file re-runs what it affects, no more."""

import json

import pytest
from ruamel.yaml import YAML

from animestudy.paths import ROOT
from animestudy.report.closure import closure, has_code
from animestudy.stats import verdicts

STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
NOTEBOOKS = [name for name, stage in STAGES.items() if stage["cmd"].startswith("${run} ")]


def words(stage):
    return stage["cmd"].split()


def files(dep):
    """The library files with code that a dependency covers: itself, or all below the folder."""
    path = ROOT / dep
    below = path.rglob("*.py") if path.is_dir() else [path]
    return {file.relative_to(ROOT).as_posix() for file in below if has_code(file)}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_deps_of_a_stage_are_its_import_closure(name):
    """A folder may stand for its files where the notebook imports all of them."""
    stage = STAGES[name]
    notebook = words(stage)[1]
    listed = set().union(*(files(dep) for dep in stage["deps"] if dep.startswith("src/")))
    needed = closure(ROOT / notebook, ROOT)
    assert notebook in stage["deps"]
    assert listed == needed, f"add {sorted(needed - listed)}, take out {sorted(listed - needed)}"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_stage_tracks_the_sections_that_it_receives(name):
    command = words(STAGES[name])
    after = command[command.index("--params") + 1 :]
    sections = after[: next((k for k, word in enumerate(after) if word.startswith("--")), len(after))]
    assert sorted(sections) == sorted(STAGES[name]["params"])


def test_the_claims_stage_reads_what_its_claims_stand_on():
    code = ROOT / "src/animestudy/report/claims.py"
    files = {
        part.file or f"metrics/{claim.notebook}"
        for claim in verdicts.read(ROOT / "claims.yaml")
        for part in claim.atelier
    }
    needed = {"claims.yaml", "reports/real", *(f"reports/{name}.json" for name in files)}
    needed |= {code.relative_to(ROOT).as_posix(), *closure(code, ROOT)}
    assert set(STAGES["claims"]["deps"]) == needed


def test_every_notebook_is_a_stage():
    run = {words(STAGES[name])[1] for name in NOTEBOOKS}
    assert run == {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}


def test_closure_follows_relative_lazy_and_nested_imports(tmp_path):
    package = tmp_path / "src" / "animestudy"
    (package / "deep").mkdir(parents=True)
    (package / "__init__.py").write_text('"""Only a docstring."""\n')
    (package / "deep" / "__init__.py").write_text("")
    (package / "a.py").write_text("def f():\n    from animestudy.deep import b\n")
    (package / "deep" / "b.py").write_text("from . import c\nimport os\n")
    (package / "deep" / "c.py").write_text("X = 1\n")
    (package / "unused.py").write_text("X = 1\n")
    cells = [{"cell_type": "code", "source": ["%matplotlib inline\n", "from animestudy import a\n", "!ls\n"]}]
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells}))
    found = closure(tmp_path / "n.ipynb", tmp_path)
    assert found == {f"src/animestudy/{name}.py" for name in ("a", "deep/b", "deep/c")}


def test_no_module_is_imported_by_its_name_in_a_string():
    """Such an import would escape the closure, and a change of the module would re-run nothing."""
    sources = {path: path.read_text() for path in (ROOT / "src").rglob("*.py")}
    assert not [
        path.name for path, text in sources.items() if "import_module(" in text or "__import__(" in text
    ]
