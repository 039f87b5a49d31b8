"""Arms differ in the recipe alone, and gains are paired."""

import numpy as np
import pytest
import torch

from animestudy.models.weights import Classifier
from animestudy.training import comparison
from animestudy.training.classifier import Labelled, Schedule, Task

SIDE = 16


def made(n, seed):
    """Two classes: bright above or bright below."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    pictures = rng.integers(0, 90, (n, SIDE, SIDE, 3), dtype=np.uint8)
    for i, label in enumerate(labels):
        pictures[i, SIDE // 2 * label :][: SIDE // 2] += 120
    return Labelled(pictures, labels.astype(np.int64), np.arange(n))


@pytest.fixture(scope="module")
def task():
    return Task(("above", "below"), made(48, 0), made(8, 1), made(20, 2))


@pytest.fixture(scope="module")
def compared(task):
    torch.set_num_threads(1)
    calls = []

    def serial(function, jobs, **options):
        calls.extend(jobs)
        return [function(**job) for job in jobs]

    network = Classifier(
        "place", task.classes, SIDE, "separable", {"channels": (4, 8, 8), "strides": (1, 2, 1)}
    )
    schedule = Schedule(epochs=3, batch=16, rate=0.01)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparison, "sweep", serial)
        arms = ["none", "safe", "cutmix"]
        result = comparison.compare(network, comparison.first(task, 32), schedule, arms, 2)
    return result, calls


def test_first_keeps_the_other_splits(task):
    few = comparison.first(task, 10)
    assert len(few.train) == 10 and few.val is task.val and few.test is task.test
    np.testing.assert_array_equal(few.train.rows, np.arange(10))


def test_arms_differ_in_the_recipe_alone(compared):
    result, calls = compared
    assert [(job["augment"], job["seed"]) for job in calls] == [
        ("none", 0), ("none", 1), ("safe", 0), ("safe", 1), ("cutmix", 0), ("cutmix", 1)
    ]  # fmt: skip
    assert len({len(job["task"].train) for job in calls}) == 1
    assert len({job["schedule"] for job in calls}) == 1
    scores = result.scores
    assert scores["arm"].tolist() == ["none", "none", "safe", "safe", "cutmix", "cutmix"]
    for arm, table in scores.groupby("arm"):
        np.testing.assert_allclose(result.right[arm].mean(1), table["accuracy"])
    assert scores.groupby("arm")["loss"].mean()["none"] < scores.groupby("arm")["loss"].mean()["cutmix"]


def test_gains_are_paired_differences_in_points(compared):
    result, _ = compared
    gain = result.gain("safe", "none")
    assert gain.value == pytest.approx(100 * (result.right["safe"] - result.right["none"]).mean())
    assert gain.low <= gain.value <= gain.high
    assert result.gain("none", "none") == (0, 0, 0)
    assert result.summary().loc["none", "accuracy"] == pytest.approx(100 * result.right["none"].mean())


def test_rows_are_arms_and_a_list_gives_each_seed_its_own(task, monkeypatch):
    jobs = []
    monkeypatch.setattr(
        comparison, "sweep", lambda _, given, **__: jobs.extend(given) or list(range(len(given)))
    )
    tasks = [task, comparison.first(task, 10)]
    arms = [{"augment": "none", "task": tasks}, {"augment": "safe", "task": task}]
    assert comparison.trained(arms, 2, description="", watch=True) == [[0, 1], [2, 3]]
    assert [job["task"] for job in jobs] == [*tasks, task, task]
    assert [job["seed"] for job in jobs] == [0, 1, 0, 1] and all(job["watch"] for job in jobs)
