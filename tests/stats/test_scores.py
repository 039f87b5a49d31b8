"""Scores and their intervals."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score

from animestudy.stats import scores


@pytest.fixture
def judged():
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 4, 200)
    predictions = np.where(rng.random((5, 200)) < 0.6, labels, rng.integers(0, 4, (5, 200)))
    return labels, predictions


def test_values_are_the_usual_ones(judged):
    labels, predictions = judged
    assert scores.accuracy(labels, predictions).value == pytest.approx((predictions == labels).mean())
    usual = np.mean([f1_score(labels, row, average="macro") for row in predictions])
    assert scores.macro_f1(labels, predictions).value == pytest.approx(usual)


def test_macro_f1_interval_is_a_plain_bootstrap(judged):
    labels, predictions = judged
    rng = np.random.default_rng(1)
    drawn = []
    for _ in range(400):
        rows, columns = rng.integers(0, 5, 5), rng.integers(0, 200, 200)
        part = [f1_score(labels[columns], predictions[r][columns], average="macro") for r in rows]
        drawn.append(np.mean(part))
    estimate = scores.macro_f1(labels, predictions)
    assert estimate[1:] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.012)


def test_a_method_without_seeds_has_an_interval_over_pictures(judged):
    labels, predictions = judged
    for score in (scores.accuracy, scores.macro_f1):
        estimate = score(labels, predictions[0])
        assert estimate.low < estimate.value < estimate.high


def test_confusion(judged):
    labels, predictions = judged
    shares = scores.confusion(labels, predictions, 4)
    counts = sum(confusion_matrix(labels, row) for row in predictions)
    np.testing.assert_allclose(shares, counts / counts.sum(1, keepdims=True))
    assert scores.confusion(labels, predictions, 6)[5].sum() == 0


def test_gain_is_paired(judged):
    labels, predictions = judged
    worse = np.where(np.arange(200) < 20, 5, predictions)
    gain = scores.gain(labels, predictions, worse)
    lost = (predictions[:, :20] == labels[:20]).sum() / predictions.size
    assert gain.value == pytest.approx(lost) and gain.low > 0
    assert scores.gain(labels, predictions, labels).value == pytest.approx((predictions == labels).mean() - 1)
