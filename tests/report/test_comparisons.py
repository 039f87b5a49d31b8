"""Figures that the classifier notebooks share."""

from matplotlib import colors

from animestudy.report import classifiers
from animestudy.stats.trends import Estimate


def test_gains_are_points_with_intervals():
    table = {"a": Estimate(1, -1, 2), "b": Estimate(-3, -4, -2)}
    axes = classifiers.gains(table, "accuracy over c").axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]
    assert [bar.get_segments()[0][:, 0].tolist() for bar in axes.collections] == [[-1, 2], [-4, -2]]
    assert axes.get_xlabel() == "accuracy over c"


def test_only_an_interval_without_zero_stands_out():
    table = {"sure": Estimate(2, 1, 3), "unsure": Estimate(1, -1, 3), "surely not": Estimate(-2, -3, -1)}
    bars = classifiers.gains(table, "").axes[0].collections
    colours = [colors.to_hex(bar.get_colors()[0]) for bar in bars]
    assert colours[0] == colours[2] != colours[1]
