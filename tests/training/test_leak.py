"""Two orders of augmenting and splitting."""

import numpy as np
import pytest

from animestudy.errors import StudyError
from animestudy.training.classifier import Labelled, Task
from animestudy.training.leak import orders

SIDE, PICTURES, COPIES = 16, 20, 4


@pytest.fixture(scope="module")
def task():
    rng = np.random.default_rng(0)

    def part(count, first):
        pictures = rng.integers(0, 256, (count, SIDE, SIDE, 3), np.uint8)
        return Labelled(pictures, np.arange(count) % 2, first + np.arange(count))

    return Task(("a", "b"), part(30, 0), part(6, 100), part(10, 200))


@pytest.fixture(scope="module")
def both(task):
    return orders(task, PICTURES, COPIES, "safe", seed=3)


def test_both_orders_train_and_test_on_as_many(both):
    assert len(both.leaky.train) == len(both.valid.train) == 60
    assert both.own == 20 and len(both.leaky.test) == len(both.valid.test) == 30


def test_only_the_leaky_order_shares_pictures(both):
    shared = {
        name: set(made.train.rows) & set(made.test.rows[: both.own])
        for name, made in (("leaky", both.leaky), ("valid", both.valid))
    }
    assert shared["leaky"] and not shared["valid"]


def test_fresh_pictures_follow_untouched(both, task):
    for made in (both.leaky, both.valid):
        np.testing.assert_array_equal(made.test.pictures[both.own :], task.test.pictures)
        np.testing.assert_array_equal(made.test.rows[both.own :], task.test.rows)


def test_labels_stay_with_their_pictures(both, task):
    for made in (both.leaky, both.valid):
        for part in (made.train, made.val):
            np.testing.assert_array_equal(part.labels, task.train.labels[part.rows])


def test_copies_are_copies(task):
    plain = orders(task, PICTURES, COPIES, "none", seed=0).valid.train
    np.testing.assert_array_equal(plain.pictures, task.train.pictures[plain.rows])


def test_too_many_pictures_are_refused(task):
    with pytest.raises(StudyError, match="31 pictures are wanted, the training split has 30"):
        orders(task, 31, COPIES, "safe", seed=0)
