"""One picture as the study sees it: for any side, with any number of networks."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from animestudy.data.augment import seeded
from animestudy.models.weights import Classifier
from animestudy.report import explorer, figures

STYLE = Classifier(
    "style", ("cel", "ink", "own"), 32, "separable",
    {"channels": [8] * 7, "strides": [1, 2, 1, 2, 1, 2, 1], "kernels": [1, 5], "after": 3},
)  # fmt: skip
MIND = Classifier(
    "psychology", ("anxious", "joyful"), 32, "resnet50", {"channels": [8, 8, 8, 8], "stem": "slim"}
)


@pytest.fixture(scope="module")
def networks():
    with seeded(0):
        return {about.task: (about.build().eval(), about) for about in (STYLE, MIND)}


@pytest.mark.parametrize("side", [33, 96])
def test_answers_and_evidence(networks, side):
    pixels = np.random.default_rng(side).integers(0, 256, (side, side, 3), np.uint8)
    for task, (chances, heat) in explorer.told(pixels, networks).items():
        assert chances.shape == (len(networks[task][1].classes),) and chances.sum() == pytest.approx(
            1, abs=1e-5
        )
        assert heat.shape == (side, side) and (heat >= 0).all()


def test_the_view_has_a_row_for_each_network(networks):
    figures.style()
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for chosen in ({}, {"style": networks["style"]}, networks):
        figure = explorer.view(pixels, chosen, "mine")
        assert len(figure.axes) == 2 + 2 * len(chosen) and figure.axes[0].get_title("left") == "mine"
        figure.canvas.draw()
        plt.close(figure)
