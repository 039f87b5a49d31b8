"""A made network whose evidence is known, judged and made to forget."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from animestudy.data import collection
from animestudy.errors import StudyError
from animestudy.explain.cases import cases, forget, judge, leaning
from animestudy.models.weights import Classifier
from animestudy.training.classifier import DEVIATION, MEAN

SIDE = 32


class Redness(nn.Module):
    """Two classes: how much red there is, how much blue; both by the pixel."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU())
        # undoes the normalisation, then keeps what exceeds half a grey scale
        weight = torch.zeros(2, 3, 1, 1)
        weight[0, 0], weight[1, 2] = DEVIATION[0].item(), DEVIATION[2].item()
        self.features[0].weight.data = weight
        self.features[0].bias.data = torch.tensor([MEAN[0].item() - 128, MEAN[2].item() - 128])
        self.head = nn.Linear(2, 2, bias=False)
        self.head.weight.data = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])

    def forward(self, x):
        return self.head(self.features(x).mean((2, 3)) * 0.1)


@pytest.fixture
def pictures(tmp_path):
    """Twelve grey pictures, a red or blue box (the cue) and a green one (the decoy); the fifth label lies."""
    images = np.full((12, SIDE, SIDE, 3), 90, np.uint8)
    masks = np.zeros((12, SIDE, SIDE), np.uint8)
    names = ["red", "blue"] * 6
    for i in range(12):
        cue = np.s_[i, 2 + i : 9 + i, 5:12]
        decoy = np.s_[i, 20:26, 20:28]
        images[cue] = (250, 20, 20) if names[i] == "red" else (20, 20, 250)
        images[decoy] = (20, 250, 20)
        masks[cue] |= 1
        masks[decoy] |= 2
    names[4] = "blue"
    rows = [
        dict(file_name=f"{i}.png", domain="anime", kind="scene", style=name, group=str(i), split="test")
        for i, name in enumerate(names)
    ]
    rows[11] |= {"style": "ochre"}
    folder = tmp_path / "made"
    folder.mkdir()
    np.save(folder / "images.npy", images)
    np.save(folder / "masks.npy", masks)
    collection.describe(folder, pd.DataFrame(rows), source="made", masks=["line", "decoy"])
    return collection.load(folder)


@pytest.fixture
def made(pictures):
    description = Classifier("style", ("red", "blue"), SIDE, "separable")
    cues = {"cue": "line", "decoy": "decoy"}
    return cases(Redness().eval(), description, pictures, cues, 100, split="test")


def test_cases_hold_what_is_known_and_what_is_said(made):
    assert len(made.labels) == 11  # ochre is no class of this network
    assert made.labels.tolist() == [0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0]
    assert np.flatnonzero(~made.right).tolist() == [4]
    assert made.masks["cue"].sum((1, 2)).tolist() == [49] * 11
    assert made.surest(right=False) == [4]
    right = made.surest(right=True)
    assert [made.labels[k] for k in right] == [0, 1] and made.right[right].all()


def test_judged_maps_lie_where_the_network_looks(made):
    table = judge(made, ["features"], "features", "Grad-CAM", seed=0)
    assert set(table["map"]) == {"features", "HiResCAM", "RandomCAM", "uniform", "centre", "edges", "oracle"}
    assert set(table["cue"]) == {"cue", "decoy"} and len(table) == 7 * 2 * 11
    mean = table.groupby(["map", "cue", "picture"])["energy"].mean().unstack("picture")
    right = np.flatnonzero(made.right)
    np.testing.assert_allclose(mean.loc[("features", "cue"), right], 1)
    assert (mean.loc[("features", "decoy"), right] == 0).all()
    assert mean.loc[("features", "cue"), 4] == 0  # nothing speaks for the label that lies
    np.testing.assert_allclose(mean.loc[("oracle", "cue")], 1)
    np.testing.assert_allclose(mean.loc[("uniform", "cue")], 49 / SIDE**2)


def test_leaning_is_the_excess_on_every_part_that_is_shown(made):
    made.masks["decoy"][:3] = False
    table = leaning(made, "features", "Grad-CAM")
    judged = judge(made, ["features"], "features", "Grad-CAM", seed=0).set_index(["cue", "map", "picture"])
    names = {"network": "features"}
    for row in table.itertuples():
        expected = judged.loc[(row.part, names.get(row.map, row.map), row.picture), "excess"]
        assert row.excess == pytest.approx(expected, abs=1e-6)
    assert set(table["map"]) == {"network", "centre", "edges", "oracle"}
    assert set(table.loc[table["part"] == "decoy", "picture"]) == set(range(3, 11))


def test_maps_of_a_network_that_forgot_disagree(made):
    steps, others = forget(made, "features", "Grad-CAM", slice(0, 4), seed=1)
    assert steps.index.unique("part").tolist() == ["head", "features"]
    assert len(steps) == 8 and len(others) == 4
    assert steps.loc["features", "spearman"].mean() < 0.9
    assert others["spearman"].max() < 0.9
    pd.testing.assert_frame_equal(steps, forget(made, "features", "Grad-CAM", slice(0, 4), seed=1)[0])


def test_a_collection_without_such_labels_is_refused(pictures):
    description = Classifier("style", ("ink", "cel"), SIDE, "separable")
    with pytest.raises(StudyError, match="made: no picture with a style that the classifier knows"):
        cases(Redness(), description, pictures, {}, 10)
