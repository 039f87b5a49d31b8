"""The catalogue of networks: it is the default profile's, it can be counted, and every row was measured."""

import pandas as pd
import pytest
import torch

from animestudy import params
from animestudy.models import catalogue, weights
from animestudy.models.catalogue import CATALOGUE, heaviness
from animestudy.models.cost import cost
from animestudy.models.generators import GENERATORS
from animestudy.paths import ROOT


def test_thin_networks_are_those_of_the_default_profile():
    document = params.read()
    style, psychology = document.style, document.psychology
    assert {key: tuple(getattr(style, key)) for key in catalogue.STYLE} == catalogue.STYLE
    assert (style.size, psychology.size) == (catalogue.STYLE_SIDE, catalogue.PSYCHOLOGY_SIDE)
    assert tuple(psychology.channels) == catalogue.PSYCHOLOGY["channels"]
    assert psychology.stem == catalogue.PSYCHOLOGY["stem"]
    assert document.components.size == catalogue.LENET["size"]
    assert document.scene.methods["fsgan"].generator["width"] == catalogue.SCENE["fsgan"]["width"]


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_network_can_be_counted(name):
    entry = CATALOGUE[name]
    with torch.device("meta"):
        network = entry.network()
        part = cost(network, entry.side)
    assert part.parameters > 0 and part.operations > part.parameters / 10
    assert heaviness(network) >= 4 * part.parameters


def test_every_generator_is_there():
    assert {build.__name__ for build in GENERATORS.values()} <= set(CATALOGUE)


def test_heaviness_is_the_weight_of_the_file(tmp_path):
    told = weights.Classifier("style", ("a", "b"), 48, "separable")
    network = told.build()
    weights.save(tmp_path / "a.pt", told, network.state_dict())
    size = (tmp_path / "a.pt").stat().st_size
    assert heaviness(network) <= size < 1.5 * heaviness(network)


def test_the_networks_of_the_classifiers_were_measured():
    table = pd.read_csv(ROOT / "benchmarks" / "models.csv", index_col="network")
    drawn = {name for name, entry in CATALOGUE.items() if entry.use == "generator"}
    assert set(CATALOGUE) - drawn <= set(table.index) <= set(CATALOGUE), "run python benchmarks/models.py"
    assert (table[["latency_1_ms", "latency_32_ms", "memory_32_mib"]] > 0).all().all()
    assert table["machine"].nunique() == 1
