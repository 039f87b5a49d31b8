"""The digits as a task: writers do not cross the splits, and LeNet learns them."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from animestudy.models.weights import Classifier
from animestudy.training.classifier import Schedule, experiment
from animestudy.training.digits import BORDERS, digits

FORM = "0123456789" * 2  # how the text that every writer copied begins


def test_splits_end_where_a_form_ends():
    labels = "".join(map(str, load_digits().target))
    for border in (0, *BORDERS):
        assert labels[border:].startswith(FORM)
    task = digits(16)
    rows = [part.rows for part in (task.train, task.val, task.test)]
    np.testing.assert_array_equal(np.concatenate(rows), np.arange(1797))
    for part in (task.train, task.val, task.test):
        assert "".join(map(str, part.labels)).startswith(FORM)
        assert set(part.labels) == set(range(10))


@pytest.mark.parametrize("size", [8, 21])
def test_pictures_are_the_digits_enlarged(size):
    task = digits(size)
    pictures = task.test.pictures
    assert pictures.shape == (len(task.test), size, size, 3) and pictures.dtype == np.uint8
    assert (pictures[..., 0] == pictures[..., 2]).all()
    known = load_digits().images[task.test.rows] * 255 / 16
    if size == 8:
        np.testing.assert_allclose(pictures[..., 0], known, atol=1)
    else:  # as bright as before, in the same places
        np.testing.assert_allclose(pictures.mean((1, 2, 3)), known.mean((1, 2)), rtol=0.15)


@pytest.mark.parametrize("pooling", ["mean", "stochastic"])
def test_lenet_learns_them(pooling):
    task = digits(16)
    network = Classifier("digit", task.classes, 16, "lenet", {"size": 16, "pooling": pooling})
    schedule = Schedule(epochs=2, batch=32, rate=0.004, smoothing=0)
    runs = [
        experiment(classifier=network, task=task, schedule=schedule, seed=1, augment="none", device="cpu")
        for _ in range(2)
    ]
    assert runs[0].metrics["accuracy"] > 0.5 > 3 * task.majority
    np.testing.assert_array_equal(runs[0].probabilities, runs[1].probabilities)  # lots of pooling included
