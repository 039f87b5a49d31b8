"""The training loop on a toy that has an answer."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from animestudy.data import collection
from animestudy.errors import StudyError
from animestudy.models.weights import Classifier
from animestudy.training import classifier
from animestudy.training.classifier import Labelled, Schedule, Task, experiment

CLASSES = ("across", "along", "spots")
NETWORK = Classifier(
    "pattern", CLASSES, 24, "separable", {"channels": (8, 12, 16), "strides": (1, 2, 1), "after": 2}
)
SHORT = Schedule(epochs=1, batch=16)


def drawn(count: int, seed: int) -> Labelled:
    """Stripes across, stripes along and spots, in any colours: no single pixel tells them apart."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    y, x = np.mgrid[:24, :24]
    pictures = np.empty((count, 24, 24, 3), np.uint8)
    for picture, label in zip(pictures, labels, strict=True):
        wave, shift = rng.uniform(0.8, 1.6), rng.uniform(0, 6, 2)
        across, along = np.sin(wave * y + shift[0]), np.sin(wave * x + shift[1])
        pattern = (across, along, across * along)[label]
        picture[:] = (
            127 + rng.uniform(-90, 90, 3) * pattern[..., None] + rng.normal(0, 15, (24, 24, 3))
        ).clip(0, 255)
    return Labelled(pictures, labels, np.arange(count))


@pytest.fixture(scope="module")
def task() -> Task:
    return Task(CLASSES, drawn(240, 1), drawn(60, 2), drawn(120, 3))


@pytest.fixture(scope="module")
def trained(task):
    schedule = Schedule(epochs=8, batch=16, rate=5e-3)
    return experiment(
        classifier=NETWORK, task=task, schedule=schedule, seed=0, watch=True, augment="none", device="cpu"
    )


def test_learns_what_a_linear_probe_cannot(task, trained):
    probe = classifier.score(classifier.linear_probe(task), task.test.labels)
    assert trained.metrics["accuracy"] > 0.95 > 0.7 > probe["accuracy"]
    assert trained.metrics["macro_f1"] > 0.95
    assert task.majority == pytest.approx(1 / 3)


def test_history_falls_and_is_watched(trained):
    assert [h["epoch"] for h in trained.history] == list(range(1, 9))
    assert trained.history[-1]["loss"] < 0.7 * trained.history[0]["loss"]
    assert trained.history[-1]["val_accuracy"] > 0.9 > trained.history[0]["val_accuracy"]


def test_state_is_the_network_that_was_judged(task, trained):
    network = NETWORK.build()
    network.load_state_dict(trained.state)
    np.testing.assert_array_equal(classifier.predict(network, task.test.pictures), trained.probabilities)
    assert trained.predictions.shape == (120,)


def test_same_seed_same_bytes_and_another_seed_another_network(task):
    def weights(seed):
        result = experiment(classifier=NETWORK, task=task, schedule=SHORT, seed=seed, device="cpu")
        return b"".join(value.numpy().tobytes() for value in result.state.values())

    before = torch.random.get_rng_state()
    first = weights(0)
    torch.rand(5)  # whatever else draws from the global generator does not matter
    assert first == weights(0) != weights(1)
    torch.random.set_rng_state(before)


def test_watching_changes_nothing(task):
    states = [
        experiment(classifier=NETWORK, task=task, schedule=SHORT, seed=0, watch=watch, device="cpu").state
        for watch in (False, True)
    ]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_the_global_generator_is_left_alone(task):
    before = torch.random.get_rng_state()
    experiment(classifier=NETWORK, task=task, schedule=SHORT, seed=0, device="cpu")
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("augment", ["safe", "cutmix"])
def test_recipes_train(task, augment):
    result = experiment(classifier=NETWORK, task=task, schedule=SHORT, seed=0, augment=augment, device="cpu")
    assert math.isfinite(result.history[0]["loss"])


def test_half_precision_trains(task):
    schedule = Schedule(epochs=3, batch=16, rate=5e-3)
    options = {"classifier": NETWORK, "task": task, "schedule": schedule, "seed": 0, "device": "cpu"}
    full, half = (experiment(**options, precision=p) for p in ("32-true", "bf16-mixed"))
    assert half.history[-1]["loss"] == pytest.approx(full.history[-1]["loss"], rel=0.1)
    assert half.probabilities.dtype == np.float32


def test_starting_weights_are_taken(task, trained):
    still = Schedule(epochs=1, batch=16, rate=0.0)
    result = experiment(
        classifier=NETWORK, task=task, schedule=still, seed=9, start=trained.state, device="cpu"
    )
    assert torch.equal(result.state["head.weight"], trained.state["head.weight"])


def test_learning_rate_rises_and_falls_to_nothing():
    schedule = Schedule(rate=1.0, warmup=0.1)
    rates = [schedule.rate_at(step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1) and max(rates) == rates[10] == 1.0
    assert rates[:11] == sorted(rates[:11]) and rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def test_mirror_mirrors_some_pictures_and_nothing_else():
    batch = torch.randint(0, 256, (64, 3, 5, 7), dtype=torch.uint8)
    out = classifier.mirrored(batch, 3)
    turned = [torch.equal(a, b.flip(2)) for a, b in zip(out, batch, strict=True)]
    kept = [torch.equal(a, b) for a, b in zip(out, batch, strict=True)]
    assert all(a or b for a, b in zip(turned, kept, strict=True)) and 15 < sum(turned) < 49
    assert torch.equal(out, classifier.mirrored(batch, 3))


def test_resizing_averages_and_does_not_sample():
    fine = np.zeros((2, 64, 64, 3), np.uint8)
    fine[:, ::2] = 255  # lines one pixel wide: their mean is grey, a sample would be black or white
    small = classifier.resized(fine, 16)
    assert small.shape == (2, 16, 16, 3) and abs(small[:, 2:-2].astype(int) - 127).max() < 8
    assert classifier.resized(fine, 64) is fine


def test_lookup_knows_what_goes_together():
    part = [Labelled(np.zeros((n, 4, 4, 3), np.uint8), np.array(y), np.array(rows)) for n, y, rows in (
        (5, [0, 0, 1, 2, 2], [0, 1, 2, 3, 4]), (1, [0], [5]), (3, [0, 2, 1], [6, 7, 8])
    )]  # fmt: skip
    task = Task(CLASSES, *part)
    names = ["cel", "cel", "cel", "ink", "ink", "cel", "cel", "ink", "other"]
    assert classifier.lookup(task, names).tolist() == [0, 2, 0]


def test_task_from_a_collection(tmp_path):
    table = pd.DataFrame(
        {
            "file_name": [f"{k}.png" for k in range(12)],
            "domain": "anime",
            "kind": ["scene"] * 10 + ["portrait"] * 2,
            "style": ["ink", "cel", ""] * 4,
            "psychology": "",
            "group": [str(k) for k in range(12)],
            "split": ["train"] * 6 + ["val"] * 3 + ["test"] * 3,
        }
    )
    with collection.new_folder(tmp_path / "c") as folder:
        np.save(
            folder / "images.npy",
            np.arange(12, dtype=np.uint8)[:, None, None, None].repeat(8, 1).repeat(8, 2).repeat(3, 3),
        )
        collection.describe(folder, table)
    packed = collection.load(tmp_path / "c")
    task = classifier.task(packed, "style", 4)
    assert task.classes == ("cel", "ink") and task.size == 4
    assert all(type(name) is str for name in task.classes)  # NumPy's would make weight files unreadable
    assert task.train.labels.tolist() == [1, 0, 1, 0] and task.train.rows.tolist() == [0, 1, 3, 4]
    assert task.train.pictures[:, 0, 0, 0].tolist() == [0, 1, 3, 4]
    assert classifier.task(packed, "style", 4, kind="scene").test.rows.tolist() == [9]
    own = np.where(np.arange(12) % 2, "odd", "even")
    assert classifier.task(packed, own, 4).test.labels.tolist() == [1, 0, 1]
    with pytest.raises(StudyError, match="psychology has 0 classes"):
        classifier.task(packed, "psychology", 4)
    with pytest.raises(StudyError, match="no pictures with a style in split val"):
        classifier.task(packed, "style", 4, split=["train", "test"])
