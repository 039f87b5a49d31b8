"""Methods side by side: what is an arm, the same whatever the number of workers, what comes back."""

import copy

import numpy as np
import pytest
import torch

from animestudy import params
from animestudy.errors import StudyError
from animestudy.losses import NEGATIVES
from animestudy.training import scenes
from animestudy.training.method import build

SMALL = {
    "generator": {"network": "fsgan", "width": 4, "blocks": 1},
    "discriminators": {
        "spatial": {"network": "patch", "game": "lsgan", "negatives": ["boundary"], "width": 4},
        "frequency": {"network": "radial", "game": "hinge", "bins": 8, "width": 8},
    },
    "losses": {"spatial": 1.0, "boundary": 0.5, "frequency": 0.1, "content": 1.0},
    "initial": {"content": 1.0},
    "first_phase": 0.3,
    "generator_rate": 1e-3,
    "content": {"network": "random", "weights": "", "layers": []},
}
PEER = {
    "generator": {"network": "animegan", "width": 4},
    "discriminators": {
        "spatial": {"network": "patch", "game": "log", "negatives": ["grey", "grey_boundary"], "width": 4},
    },
    "losses": {"spatial": 1.0, "grey": 1.0, "grey_boundary": 0.5, "style": 1.0},
    "initial": {"content": 1.0},
    "first_phase": 0.6,
    "generator_rate": 2e-3,
    "content": {"network": "random", "weights": "", "layers": []},
}
SPECTRAL = {"map": {"network": "map", "game": "hinge", "side": 16, "width": 4}}
COMMON = {"steps": 3, "batch": 2, "crop": 17, "discriminator_rate": 1e-3, "log_every": 1}


def pictures(count=4, side=20):
    rng = np.random.default_rng(0)
    part = [rng.integers(0, 256, (n, side, side, 3), np.uint8) for n in (count, count, 3, 1)]
    return scenes.Pictures(*part)


def test_arms_differ_from_the_first_method_in_one_thing():
    methods = {"fsgan": SMALL, "animegan": PEER}
    before = copy.deepcopy(methods)
    found = scenes.arms(methods, ["boundary", "content"], SPECTRAL)
    assert list(found) == [
        "fsgan",
        "animegan",
        "fsgan without boundary",
        "fsgan without content",
        "fsgan with map",
    ]
    assert found["fsgan without boundary"]["losses"] == SMALL["losses"] | {"boundary": 0.0}
    assert found["fsgan without content"]["initial"] == {}
    assert found["fsgan with map"]["discriminators"]["frequency"] == SPECTRAL["map"]
    assert methods == before
    with pytest.raises(StudyError, match="fsgan has no loss 'colour'"):
        scenes.arms(methods, ["colour"], {})


def test_every_arm_is_trained_from_every_seed_alike_on_one_and_two_workers():
    documents = scenes.arms({"fsgan": SMALL, "animegan": PEER}, ["frequency"], SPECTRAL)
    one, two = (scenes.compare(documents, pictures(), COMMON, 2, workers=n) for n in (1, 2))
    assert [(o.arm, o.seed) for o in one] == [(arm, seed) for seed in (0, 1) for arm in documents]
    for a, b in zip(one, two, strict=True):
        assert np.array_equal(a.drawings, b.drawings)
        assert all(torch.equal(a.weights[name], b.weights[name]) for name in a.weights)
        assert a.drawings.shape == (3, 20, 20, 3)
        assert list(a.stages) == [1, 2, 3]
        assert np.array_equal(a.history["step"], [1, 2, 3])
    assert [list(o.history["phase"]).count("initial") for o in one[:2]] == [1, 2]
    assert not np.array_equal(one[0].drawings, one[4].drawings)
    again = scenes.drawn(scenes.generator_of(SMALL, one[0]), pictures().unseen, batch=2)
    assert np.abs(again.astype(int) - one[0].drawings).max() <= 1


def test_arms_may_have_their_own_numbers_of_seeds():
    documents = {"fsgan": SMALL, "animegan": PEER}
    some = scenes.compare(documents, pictures(), COMMON, {"fsgan": 2, "animegan": 1}, workers=2)
    assert [(o.arm, o.seed) for o in some] == [("fsgan", 0), ("animegan", 0), ("fsgan", 1)]


def test_steps_are_shared_by_the_two_phases():
    parted = scenes.schedule(PEER, **COMMON)
    assert (parted.initial_steps, parted.steps, parted.crop, parted.generator_rate) == (2, 1, 17, 2e-3)
    assert scenes.schedule(PEER | {"first_phase": 0.99}, **COMMON).steps == 1
    assert scenes.schedule(PEER | {"first_phase": 0.0}, **COMMON).initial_steps == 0


def test_costs_name_the_published_sizes():
    table = scenes.costs({"fsgan": SMALL, "animegan": PEER}, side=32)
    assert table.loc["animegan", "parameters, full width"] == 2_143_552
    assert (table["parameters"] < table["parameters, full width"]).all()
    assert (table["GMAC"] > 0).all()


def test_pulls_are_means_over_the_game():
    methods = {"fsgan": SMALL}
    (outcome,) = scenes.compare(methods, pictures(), COMMON, 1, workers=1)
    pulls = scenes.pulls(outcome.history)
    assert set(pulls.index) == {"spatial", "frequency", "content"}
    expected = outcome.history.loc[outcome.history["phase"] == "game", "gradient: spatial"].mean()
    assert pulls["spatial"] == pytest.approx(expected)


def test_every_arm_in_params_yaml_can_be_built():
    scene = params.read().model_dump()["scene"]
    for name, document in scenes.arms(scene["methods"], scene["removed"], scene["spectral_arms"]).items():
        method = build(document, 0)
        weights = {key for key, value in document["losses"].items() if value}
        judges = [words for judge, words in document["discriminators"].items() if judge in weights]
        shown = {negative for words in judges for negative in words.get("negatives", ())}
        assert set(method.losses) == weights - (NEGATIVES.keys() - shown), name
        parted = scenes.schedule(document, steps=scene["steps"], batch=1, crop=64, discriminator_rate=1e-3)
        assert 1 < parted.steps < scene["steps"]
