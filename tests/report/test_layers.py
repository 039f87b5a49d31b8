"""Figures of what layers see and read."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from animestudy.report import figures, layers


@pytest.fixture(autouse=True)
def _figures():
    figures.style()
    yield
    plt.close("all")


def test_a_map_is_shown_in_square_cells_from_dark_to_bright():
    shown = layers.tinted(np.array([[0.0, 5], [5, 10]]), 9)
    assert shown.shape == (9, 9, 3) and shown.dtype == np.uint8
    assert shown[0, 0].sum() < shown[0, 8].sum() < shown[8, 8].sum()
    assert (layers.tinted(np.full((2, 3), 4.0), 6) == shown[0, 0]).all()


def test_the_heat_map_shows_every_number_and_which_are_sure():
    skills = pd.DataFrame([[0.5, 0.123], [-0.002, -0.04]], ["style", "tremor"], ["pixels", "layer1"])
    sure = pd.DataFrame([[False, True], [False, False]], skills.index, skills.columns)
    axes = layers.heat(skills, sure, {"style": "label", "tremor": "line"}, 1).axes[0]
    assert [text.get_text() for text in axes.texts] == ["50", "12", "0", "−4"]
    assert [text.get_fontweight() for text in axes.texts] == ["normal", "bold", "normal", "normal"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["style", "line: tremor"]


def test_curves_have_a_panel_for_each_network_and_group():
    curve = (np.array([0.1, 0.3]), np.array([[0.0, 0.1, 0.2], [0.2, 0.3, 0.4]]))
    two = {"trained": curve, "untrained": curve}
    three = two | {"trained, within one state of mind": curve}
    found = {"one": {"style": two, "line": three}, "other": {"style": two, "line": three}}
    figure = layers.curves(found, {"one": ["a", "b"], "other": ["c", "d"]})
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["style", "line"] * 2
    assert [len(axes.lines) for axes in figure.axes] == [2, 3, 2, 3]
    np.testing.assert_allclose(figure.axes[0].lines[0].get_ydata(), [0.1, 0.3])
    assert [label.get_text() for label in figure.axes[3].get_xticklabels()] == ["c", "d"]
    assert len(figure.legends[0].texts) == 3
