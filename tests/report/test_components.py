"""Figures of the building blocks show what the blocks compute."""

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib import pyplot as plt

from animestudy.models.lenet import lenet
from animestudy.report import components, figures


@pytest.fixture(autouse=True)
def _figures():
    figures.style()
    yield
    plt.close("all")


def words(axes):
    return [float(text.get_text()) for text in axes.texts]


def test_activations_show_the_formulas_and_no_line_through_a_pole():
    left, middle, right = components.activations().axes
    true, printed = left.lines
    x = true.get_xdata()
    np.testing.assert_allclose(true.get_ydata(), 1 / (1 + np.exp(-x)))
    assert np.isnan(printed.get_ydata()[x <= 0]).all() and np.isfinite(printed.get_ydata()[x > 1]).all()
    np.testing.assert_allclose(middle.lines[0].get_ydata(), np.tanh(x), atol=1e-12)
    branches = middle.lines[1].get_ydata()
    assert np.isfinite(branches[x > 1]).all() and np.isfinite(branches[np.abs(x + 2) < 0.5]).all()
    assert np.isnan(branches[np.abs(x) < 0.1]).all()
    assert [line.get_ydata().max() for line in right.lines] == pytest.approx([0.25, 1])


def test_poolings_show_what_the_modules_make():
    grid = np.array([[1, 0, 2, 3], [4, 6, 6, 8], [3, 1, 0, 0], [1, 2, 0, 4]])
    panels = components.poolings(grid).axes
    assert words(panels[0]) == grid.ravel().tolist()
    assert words(panels[1]) == [6, 8, 3, 4]
    assert words(panels[2]) == [2.75, 4.75, 1.75, 1]
    assert words(panels[4]) == pytest.approx([53 / 11, 113 / 19, 15 / 7, 4], rel=0.01)
    framed = [patch.get_xy() for patch in panels[0].patches if patch.get_width() < 1]
    drawn = [grid[round(y + 0.4), round(x + 0.4)] for x, y in framed]
    assert words(panels[3]) == drawn and 0 not in drawn


@pytest.mark.parametrize(("head", "rows"), [("connected", 8), ("average", 7)])
def test_layers_show_every_map(head, rows):
    network = lenet(size=20, head=head)
    picture = torch.rand(1, 3, 20, 20)
    said = components.responses(network, picture)
    assert said["output"].sum() == pytest.approx(1, abs=1e-5)
    with torch.no_grad():
        np.testing.assert_allclose(said["output"], network(picture)[0].softmax(0).numpy(), rtol=1e-4)
    assert said["c3"].shape == (16, 4, 4)
    figure = components.layers(said, tuple("0123456789"))
    assert len(figure.subfigs) == rows
    assert len(figure.subfigs[1].axes) == 6 and len(figure.subfigs[3].axes) == 16
    heights = [bar.get_height() for bar in figure.subfigs[-1].axes[0].patches]
    np.testing.assert_allclose(heights, 100 * said["output"])


def test_saturation_shows_means_in_percent():
    rows = [
        (name, scale, seed, 0.5 / scale + 0.1 * seed) for name in "ab" for scale in (1, 4) for seed in (0, 1)
    ]
    axes = components.saturation(pd.DataFrame(rows, columns=["activation", "scale", "seed", "slope"])).axes[0]
    thick = {line.get_label(): line.get_ydata().tolist() for line in axes.lines if line.get_label() in "ab"}
    assert thick == {name: pytest.approx([55, 17.5]) for name in "ab"}
