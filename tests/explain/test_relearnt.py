"""Trainings on true and on shuffled labels, and their maps beside those of the network that is explained."""

import numpy as np
import pytest
from torch import Tensor, from_numpy, nn

from animestudy.explain import relearnt
from animestudy.explain.cases import Cases
from animestudy.explain.localisation import agreement, score
from animestudy.models.weights import Classifier
from animestudy.training.classifier import Labelled, Schedule, Task, experiment, normalised


def made(count: int, seed: int) -> Labelled:
    """Red pictures and blue ones, by turns."""
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 40, (count, 32, 32, 3)).astype(np.uint8)
    labels = np.arange(count) % 2
    pictures[labels == 0, 8:16, 8:16, 0] = 250
    pictures[labels == 1, 16:24, 8:16, 2] = 250
    return Labelled(pictures, labels, np.arange(count))


def tensor(pictures: np.ndarray) -> Tensor:
    """N×H×W×3 → N×3×H×W."""
    return from_numpy(pictures.copy()).permute(0, 3, 1, 2)


@pytest.fixture(scope="module")
def task():
    return Task(("red", "blue"), made(60, 0), made(10, 1), made(20, 2))


SMALL = Classifier(
    "style", ("red", "blue"), 32, "separable", {"channels": [8, 8, 8], "strides": [1, 2, 1], "module": "none"}
)


def test_shuffling_moves_training_labels_and_nothing_else(task):
    other = relearnt.shuffled(task, 3)
    assert sorted(other.train.labels) == sorted(task.train.labels)
    assert 0.2 < np.mean(other.train.labels == task.train.labels) < 0.8
    assert other.train.pictures is task.train.pictures and other.test is task.test and other.val is task.val
    np.testing.assert_array_equal(other.train.labels, relearnt.shuffled(task, 3).train.labels)
    assert (other.train.labels != relearnt.shuffled(task, 4).train.labels).any()


def test_both_kinds_of_training_differ_in_nothing_but_the_labels(task):
    jobs = relearnt.jobs(SMALL, task, 2, schedule=Schedule(epochs=1))
    assert [job["seed"] for job in jobs] == [1, 2, 1, 2]
    assert all(job["task"] is task for job in jobs[:2])
    assert [job["schedule"] for job in jobs] == [Schedule(epochs=1)] * 4
    for job, seed in zip(jobs[2:], (1, 2), strict=True):
        np.testing.assert_array_equal(job["task"].train.labels, relearnt.shuffled(task, seed).train.labels)


def test_labels_make_the_difference(task):
    schedule = Schedule(epochs=12, batch=20, rate=0.02)
    true, lost = (experiment(**job) for job in relearnt.jobs(SMALL, task, 1, schedule=schedule))
    assert true.metrics["accuracy"] > 0.9 > lost.metrics["accuracy"]
    network = relearnt.rebuilt(SMALL, true)
    assert not network.training
    mask = np.zeros((20, 32, 32), bool)
    mask[:, 8:24, 8:16] = True
    case = Cases(
        network=network,
        classes=task.classes,
        images=task.test.pictures,
        inputs=normalised(tensor(task.test.pictures)),
        rows=task.test.rows,
        labels=task.test.labels,
        probabilities=true.probabilities,
        masks={"cue": mask},
    )
    own = relearnt.compared(case, [network], "dsc2", "Grad-CAM")
    assert len(own) == 20 and set(own) == {"spearman", "ssim", "failed", "cue"}
    assert own["ssim"].min() == pytest.approx(1)
    heat = case.maps("dsc2")
    np.testing.assert_allclose(own["cue"], score(heat, mask)["excess"], atol=1e-6)
    other = relearnt.rebuilt(SMALL, lost)
    both = relearnt.compared(case, [network, other], "dsc2", "Grad-CAM")
    apart = agreement(heat, case.maps("dsc2", network=other))
    np.testing.assert_allclose(both["ssim"], (1 + apart["ssim"]) / 2, atol=1e-6)
    assert apart["ssim"].mean() < 0.9


def test_a_map_of_zeros_is_a_failure(task):
    class Silent(nn.Module):
        """Nothing speaks for any class."""

        def __init__(self):
            super().__init__()
            self.part = nn.Conv2d(3, 2, 1)
            nn.init.zeros_(self.part.weight)
            nn.init.ones_(self.part.bias)

        def forward(self, x):
            return -self.part(x).mean((2, 3))

    mask = np.zeros((20, 32, 32), bool)
    mask[:, :8] = True
    inputs = normalised(tensor(task.test.pictures))
    values = np.full((20, 2), 0.5, np.float32)
    case = Cases(
        Silent(),
        task.classes,
        task.test.pictures,
        inputs,
        task.test.rows,
        task.test.labels,
        values,
        {"cue": mask},
    )
    table = relearnt.compared(case, [Silent()], "part", "Grad-CAM")
    assert table["failed"].all() and (table["spearman"] == 0).all()
    np.testing.assert_allclose(table["cue"], -mask.mean())
