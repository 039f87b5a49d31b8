"""What stages put on record, and the comparison of headline numbers."""

import json

import numpy as np
import pandas as pd
import pytest

from animestudy import paths
from animestudy.errors import StudyError
from animestudy.report import files, headline, record


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A study of its own, in which the stage 05_x runs."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(record, "_books", {})
    monkeypatch.setenv("STUDY_STAGE", "05_x")
    return tmp_path


def read(path):
    return json.loads(path.read_text())


def test_metrics_are_merged_sorted_and_rounded(root):
    record.metrics("b", {"z": 1 / 3, "a": [np.float32(0.1), np.int64(7), True], 5: {"deep": np.arange(2)}})
    record.metrics("a", {"n": np.bool_(False), "none": None, "nan": float("nan")})
    path = root / "reports/metrics/05_x.json"
    assert read(path) == {
        "a": {"n": False, "none": None, "nan": None},
        "b": {"z": 0.333333, "a": [0.1, 7, True], "5": {"deep": [0, 1]}},
    }
    assert path.read_text().index('"a"') < path.read_text().index('"b"')
    record.metrics("b", {"z": 1})
    assert read(path)["b"] == {"z": 1} and "a" in read(path)


def test_a_new_process_starts_from_nothing(root, monkeypatch):
    record.metrics("old", {"x": 1})
    monkeypatch.setattr(record, "_books", {})
    record.metrics("new", {"x": 1})
    assert list(read(root / "reports/metrics/05_x.json")) == ["new"]


def test_what_json_cannot_say_is_refused(root):
    with pytest.raises(TypeError, match="object"):
        record.metrics("x", {"y": object()})


def test_by_hand_nothing_reaches_the_results(root, monkeypatch):
    monkeypatch.delenv("STUDY_STAGE")
    record.metrics("x", {"y": 1})
    assert (root / "scratch/reports/metrics/scratch.json").exists() and not (root / "reports").exists()


def test_headline(root):
    record.headline("accuracy", np.float64(0.71234567), 0.04, "", "test accuracy")
    entry = {"note": "test accuracy", "tolerance": 0.04, "unit": "", "value": 0.712346}
    assert read(root / "reports/headline/05_x.json") == {"accuracy": entry}


@pytest.mark.parametrize(("value", "tolerance"), [(float("nan"), 1), ("1", 1), (1, -1), (1, float("inf"))])
def test_a_headline_is_a_number_with_a_tolerance(root, value, tolerance):
    with pytest.raises(StudyError, match="headline 'x'"):
        record.headline("x", value, tolerance)


def test_tables(root):
    frame = pd.DataFrame({"a": ["x", "y"], "b": [1 / 3, 2e-9]})
    record.table("plain", frame)
    record.table("named", frame.set_index("a"))
    assert (root / "reports/tables/05_x/plain.csv").read_text() == "a,b\nx,0.333333\ny,2e-09\n"
    assert (root / "reports/tables/05_x/named.csv").read_text() == "a,b\nx,0.333333\ny,2e-09\n"


def test_gathering_takes_only_the_named_stages(root):
    for stage in ("01_a", "02_stale"):
        files.write_json(root / f"headline/{stage}.json", {"k": {"value": 1, "tolerance": 0}})
    assert headline.gather(["03_none", "01_a"], root) == {"01_a": {"k": {"value": 1, "tolerance": 0}}}


def test_headlines_are_compared_within_the_committed_tolerance(tmp_path):
    def write(name, **values):
        entries = {key: {"value": value, "tolerance": 0.05} for key, value in values.items()}
        headline.write({"05_x": entries}, tmp_path / name)
        return tmp_path / name

    committed = write("committed", near=0.70, far=0.70, gone=1.0)
    assert headline.compare_headlines(committed, committed) == []
    assert headline.compare_headlines(write("new", near=0.75, far=0.7501, fresh=1.0), committed) == [
        "05_x: far: 0.7501 is not within 0.05 of the committed 0.7",
        "05_x: fresh: new; not among the committed numbers",
        "05_x: gone: committed, but this run has no such number",
    ]
    with pytest.raises(StudyError, match="missing"):
        headline.compare_headlines(tmp_path / "missing", committed)
