"""Counted heads: the published networks come out as published."""

import pytest
import torch

from animestudy.models import heads
from animestudy.models.heads import NETWORKS, cost, with_head


@pytest.fixture(scope="module")
def table():
    return heads.costs()


PUBLISHED = {"VGG-16": 138_357_544, "GoogLeNet": 6_624_904, "ResNet-50": 25_557_032}  # torchvision's pages


@pytest.mark.parametrize("name", NETWORKS)
def test_the_published_head_gives_the_published_count(table, name):
    assert table[name][NETWORKS[name].head].parameters == PUBLISHED[name]


def test_heads_differ_by_what_they_add_up_to(table):
    for name, network in NETWORKS.items():
        connected = (network.maps * 49 + 1) * 4096 + 4097 * 4096 + 4097 * 1000
        average = (network.maps + 1) * 1000
        both = table[name]
        assert both["connected"].parameters - both["average"].parameters == connected - average
        work = network.maps * 49 * 4096 + 4096**2 + 4096 * 1000 - network.maps * 1000
        assert both["connected"].operations - both["average"].operations == work


def test_lenet_is_counted_by_hand(table):
    assert table["LeNet"]["connected"].parameters == 61_706
    assert table["LeNet"]["average"].parameters == 2_742
    convolutions = 28 * 28 * 6 * 25 + 10 * 10 * 16 * 150
    assert table["LeNet"]["connected"].operations == convolutions + 400 * 120 + 120 * 84 + 840
    assert table["LeNet"]["average"].operations == convolutions + 160


def test_shares_are_of_the_connected_network():
    both = {"connected": heads.Cost(200, 1000), "average": heads.Cost(50, 900)}
    assert heads.saved(both) == (0.75, pytest.approx(0.1))


def test_nothing_is_computed():
    network = with_head("ResNet-50", "connected")
    assert {p.device.type for p in network.parameters()} == {"meta"}
    assert cost(torch.nn.Conv2d(3, 8, 3, device="meta"), 10).operations == 64 * 8 * 27
