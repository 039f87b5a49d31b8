"""Probes read what is there, nothing where nothing is, and are judged on other pictures."""

import numpy as np
import pytest

from animestudy.errors import StudyError
from animestudy.explain import probes


@pytest.fixture
def made():
    """200 pictures: a number that feature 0 shows with noise, one that nothing shows, three categories."""
    rng = np.random.default_rng(0)
    features = rng.standard_normal((200, 5))
    return features, {
        "shown": 3 * features[:, 0] + rng.standard_normal(200),
        "hidden": rng.standard_normal(200),
        "category": np.array(["a", "b", "c"])[np.digitize(features[:, 1], [-0.5, 0.5])],
    }


def test_losses_are_squared_errors_and_wrong_answers(made):
    features, factors = made
    found = probes.losses(features, factors, 5, 0)
    assert found.shape == (3, 200)
    assert found[0].mean() == pytest.approx(0.1, abs=0.04)  # noise of variance 1 under a signal of 9
    assert found[1].mean() == pytest.approx(1, abs=0.15)
    assert set(found[2]) <= {0, 1} and 0 < found[2].mean() < 0.35


def test_blind_answers_are_the_mean_and_the_commonest_category_of_the_other_folds():
    words = np.array(["a"] * 6 + ["b"] * 3)
    numbers = np.arange(9.0)
    wrong, squares = probes.losses(np.empty((9, 0)), {"w": words, "n": numbers}, 9, 0)
    assert wrong.tolist() == [0] * 6 + [1] * 3
    scaled = (numbers - 4) / numbers.std()
    by_hand = [(x - (scaled.sum() - x) / 8) ** 2 for x in scaled]
    np.testing.assert_allclose(squares, by_hand)


def test_skills_are_one_minus_the_ratio_of_errors_and_gains_are_paired(made):
    features, factors = made
    sources = {"none": np.zeros((200, 2)), "noise": features[:, 2:], "all": features}
    read = probes.readings(sources, factors, 5, 0)
    blind = probes.losses(np.empty((200, 0)), factors, 5, 0).mean(1)
    expected = 1 - probes.losses(features, factors, 5, 0).mean(1) / blind
    np.testing.assert_allclose(read.skills[2], expected)
    assert read.skills[2, 0] > 0.8 and abs(read.skills[2, 1]) < 0.1 and read.skills[2, 2] > 0.4
    found = read.estimate("all", "shown")
    assert found.low < found.value < found.high and found.high - found.low < 0.2
    gain = read.gain("all", "noise", "shown", "category")
    assert gain.value == pytest.approx((read.skills[2] - read.skills[1])[[0, 2]].mean()) and gain.low > 0
    same = read.gain("all", "all", "shown")
    assert same == (0, 0, 0)


def test_the_best_layer_comes_first_and_equals_follow(made):
    features, factors = made
    twin = features + 1e-6
    read = probes.readings({"noise": features[:, 2:], "all": features, "twin": twin}, factors, 5, 0)
    assert set(read.best(["noise", "all", "twin"], "shown")) == {"all", "twin"}
    assert "noise" in read.best(["noise", "all"], "hidden")


def test_earlier_compares_the_peaks():
    drawn = np.zeros((3, 2, 4))  # layers × factors × resamples
    drawn[[0, 0, 1, 2], 0, range(4)] = 1
    drawn[[1, 0, 0, 2], 1, range(4)] = 1
    read = probes.Readings(("a", "b", "c"), ("x", "y"), drawn.mean(2), drawn)
    assert read.earlier(["a", "b", "c"], ["x"], ["y"]) == 0.5  # earlier, equal, later, equal
    assert read.earlier(["a", "b"], ["x"], ["y"]) == pytest.approx((1 + 0.5 + 0 + 0.5) / 4)


def test_what_is_within_a_label_is_not_read_from_the_label():
    rng = np.random.default_rng(1)
    labels = rng.choice(["u", "v"], 300)
    factors = {"planted": 2.0 * (labels == "u") + rng.standard_normal(300), "label": labels}
    told = {"told": probes.columns(labels)}
    assert probes.readings(told, factors, 5, 0).skills[0, 0] > 0.3
    left = probes.apart(factors, labels)
    assert abs(left["planted"][labels == "u"].mean()) < 1e-12
    assert (left["label"] == labels).all()
    assert probes.readings(told, left, 5, 0).skills[0, 0] < 0.02


def test_thumbnails_are_block_means():
    pictures = np.random.default_rng(0).integers(0, 256, (2, 13, 13, 3), dtype=np.uint8)
    small = probes.thumbnails(pictures, 4)
    assert small.shape == (2, 48)
    np.testing.assert_allclose(small[1, :3], pictures[1, :3, :3].mean((0, 1)), rtol=1e-6)
    with pytest.raises(StudyError, match="13 pixels"):
        probes.thumbnails(pictures, 14)


@pytest.mark.parametrize("folds", [1, 9])
def test_too_few_pictures_or_folds_are_refused(folds):
    with pytest.raises(StudyError, match="8 pictures cannot be parted"):
        probes.losses(np.zeros((8, 1)), {"n": np.arange(8.0)}, folds, 0)
