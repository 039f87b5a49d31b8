"""Profiles, workspaces and the byte comparison, without running a stage."""

import hashlib
import json
import shutil

import pytest
from ruamel.yaml import YAML

from animestudy import pipeline
from animestudy.errors import StudyError
from animestudy.paths import ROOT
from animestudy.report import runner, site


@pytest.fixture
def study(tmp_path, monkeypatch):
    """A checkout of its own that tests may change."""
    for source in pipeline.SOURCES:
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / source)
        else:
            shutil.copyfile(ROOT / source, tmp_path / source)
    monkeypatch.setattr(pipeline, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize("profile", pipeline.profiles())
def test_every_committed_profile_is_valid(profile):
    pipeline.overridden(profile)


def test_an_override_keeps_types_and_comments(study):
    (study / "profiles" / "tiny.txt").write_text("# faster\ncompute.workers=1 # one\n\ncompute.device=cpu\n")
    folder = pipeline.workspace("tiny")
    assert folder == study / "build" / "tiny"
    written = YAML(typ="safe").load(folder / "params.yaml")
    assert written["compute"]["workers"] == 1 and written["compute"]["device"] == "cpu"
    assert "# Every knob" in (folder / "params.yaml").read_text()
    assert YAML(typ="safe").load(study / "params.yaml")["compute"]["workers"] == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("compute.worker=1", "tiny.txt, line 1: 'compute.worker=1'"),
        ("nothing.at.all=1", "line 1"),
        ("compute.threads", "line 1"),
        ("compute.threads=[1", "not a YAML value"),
        ("compute.threads=zero", "compute.threads = 'zero'"),
    ],
)
def test_a_wrong_override_is_one_line_and_builds_nothing(study, line, words):
    (study / "profiles" / "tiny.txt").write_text(line + "\n")
    with pytest.raises(StudyError) as error:
        pipeline.workspace("tiny")
    assert words in str(error.value) and "\n" not in str(error.value)
    assert not (study / "build").exists()


def test_an_unknown_profile_names_those_there_are():
    with pytest.raises(StudyError, match="no profile 'tinny'; there are default, full, real, smoke"):
        pipeline.overridden("tinny")


def test_a_workspace_follows_the_sources_and_keeps_its_results(study):
    folder = pipeline.workspace("smoke")
    result = folder / "reports" / "x.json"
    result.parent.mkdir(exist_ok=True)
    result.write_text("1")
    (study / "src" / "animestudy" / "fresh.py").write_text("X = 1\n")
    pipeline.workspace("smoke")
    assert (folder / "src" / "animestudy" / "fresh.py").exists() and result.read_text() == "1"
    (study / "src" / "animestudy" / "fresh.py").unlink()
    pipeline.workspace("smoke")
    assert not (folder / "src" / "animestudy" / "fresh.py").exists()


def test_some_stages_alone_have_pages_too(study, monkeypatch):
    rendered = []
    monkeypatch.setattr(pipeline, "dvc", lambda folder, *words: None)
    monkeypatch.setattr(site, "render", lambda names, reports, plan: rendered.append(names))
    made = pipeline.workspace("smoke") / "reports" / "07_spectrum.ipynb"
    made.parent.mkdir(exist_ok=True)
    made.write_text("{}")
    pipeline.reproduce("smoke", ["spectrum"])
    assert rendered == [["07_spectrum"]]
    pipeline.reproduce("smoke")  # the whole pipeline has a stage for it
    assert len(rendered) == 1


def test_differences_are_found_to_the_byte(tmp_path):
    lock = {"stages": {"a": {"outs": [{"path": "one.json"}, {"path": "site"}]}}}
    for name in ("a", "b"):
        (tmp_path / name / "site").mkdir(parents=True)
        YAML().dump(lock, tmp_path / name / "dvc.lock")
        (tmp_path / name / "one.json").write_text("same")
        (tmp_path / name / "site" / "page.html").write_text("same")
    assert pipeline.differences(tmp_path / "a", tmp_path / "b") == []
    (tmp_path / "b" / "one.json").write_text("Same")
    (tmp_path / "b" / "site" / "more.html").write_text("")
    assert pipeline.differences(tmp_path / "a", tmp_path / "b") == [
        "one.json",
        "site/more.html (in one run only)",
    ]


@pytest.fixture
def two_runs(study, monkeypatch):
    """`verify` with runs of a moment: what the second one writes can be chosen."""

    def runs(second="{}"):
        def dvc(folder, *_):
            YAML().dump({"stages": {"a": {"outs": [{"path": str(pipeline.HEADLINE)}]}}}, folder / "dvc.lock")
            (folder / "reports").mkdir(exist_ok=True)
            (folder / pipeline.HEADLINE).write_text("{}" if folder.name == "verify-1" else second)

        monkeypatch.setattr(pipeline, "dvc", dvc)

    (study / "profiles" / "smoke.json").unlink(missing_ok=True)
    runs()
    return runs


def test_verify_needs_numbers_to_hold_before_it_runs(study, two_runs):
    with pytest.raises(StudyError, match=r"^profiles/smoke.json: no such file; `animestudy verify --accept`"):
        pipeline.verify()
    assert not (study / "build").exists()
    assert pipeline.verify(accept=True) == []
    assert pipeline.verify() == []


def test_numbers_of_runs_that_differ_are_not_accepted(study, two_runs):
    two_runs(second='{"a": {}}')
    assert pipeline.verify(accept=True) == ["not the same bytes in both runs: reports/headline.json"]
    assert not (study / "profiles" / "smoke.json").exists()


def recorded(study, name, **parameters):
    """Leave behind what a stage of the profile `real` leaves behind."""
    folder = study / "build" / "real"
    facts = {"study": {"inputs": {"data/x": "0123456789ab"}, "parameters": parameters}}
    for path, content in (
        (f"{name}.ipynb", {"metadata": facts}),
        (f"metrics/{name}.json", {"v": {"value": 1.0}}),
    ):
        target = folder / "reports" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(content))
    return folder


def test_numbers_on_real_data_are_kept_with_what_made_them(study):
    folder = recorded(study, "12_relationship", wikiart="data/t.tsv", seed=3, cuc="")
    (folder / "data").mkdir()
    (folder / "data" / "t.tsv").write_text("x")
    (path,) = pipeline.keep("real", ["relationship"])
    assert path == study / "reports/real/12_relationship.json"
    kept = json.loads(path.read_text())
    assert kept["v"] == {"value": 1.0}
    assert kept["made by"] == {
        "command": "animestudy repro --profile real relationship",
        "inputs": {"data/x": "0123456789ab", "data/t.tsv": hashlib.sha256(b"x").hexdigest()[:12]},
    }


@pytest.mark.parametrize(
    ("stage", "words"), [("site", "no stage"), ("none", "no stage"), ("style", "not run")]
)
def test_only_what_has_run_is_kept(study, stage, words):
    with pytest.raises(StudyError, match=words):
        pipeline.keep("real", [stage])


def test_tables_of_labels_are_lent_to_every_profile(study):
    (study / "data").mkdir()
    (study / "data" / "labels.tsv").write_text("x")
    folder = pipeline.workspace("smoke")
    assert (folder / "data" / "labels.tsv").read_text() == "x"
    (study / "data" / "labels.tsv").unlink()
    (study / "data" / "labels.tsv").write_text("y")
    assert (pipeline.workspace("smoke") / "data" / "labels.tsv").read_text() == "y"


def test_a_workspace_has_every_dependency_that_no_stage_makes(study):
    folder = pipeline.workspace("smoke")
    document = YAML(typ="safe").load(folder / "params.yaml")
    stages = YAML(typ="safe").load(folder / "dvc.yaml")["stages"].values()
    lists = [stage.get(key, []) for stage in stages for key in ("outs", "metrics")]
    outs = [next(iter(out)) if isinstance(out, dict) else out for part in lists for out in part]
    made = tuple(out.replace("${item.arm}", arm) for out in outs for arm in document["data"]["arms"])
    deps = {runner.filled(dep, document) for stage in stages for dep in stage["deps"]}
    assert not [dep for dep in deps if not (folder / dep).exists() and not dep.startswith(made)]
