"""A method from plain data: what belongs to it, what leaves with a term, and mistakes that are named."""

import pytest
import torch
from methods import METHOD, changed

from animestudy.errors import StudyError
from animestudy.models.parts import PartNetwork, load, save
from animestudy.training.method import build


def test_a_weight_of_zero_removes_the_term_and_what_it_needs():
    method = build(changed(losses__frequency=0.0, losses__boundary=0.0, losses__content=0.0, initial={}), 0)
    assert set(method.judges) == {"spatial"}
    assert method.negatives == ()
    assert method.features is None
    assert "content" not in method.losses


def test_removing_a_discriminator_removes_its_negatives():
    method = build(changed(losses__spatial=0.0), 0)
    assert set(method.judges) == {"frequency"}
    assert "boundary" not in method.losses


def test_balance_leaves_with_either_partner():
    wanted = {"frequency": {"against": "spatial", "ratio": 0.3}}
    for name in ("frequency", "spatial"):
        assert build(changed(balance=wanted, **{f"losses__{name}": 0.0}), 0).balance == {}
    with pytest.raises(StudyError, match="balance: 'spatail' is no loss term"):
        build(changed(balance={"frequency": {"against": "spatail", "ratio": 0.3}}), 0)


def test_a_cycle_needs_a_way_back():
    with pytest.raises(StudyError, match="'cycle' needs a way back"):
        build(changed(losses__cycle=1.0), 0)


def test_the_guide_is_the_one_of_the_file(tmp_path):
    torch.manual_seed(0)
    save(guide := tmp_path / "parts.pt", PartNetwork(12))
    document = METHOD | {"generator": {"network": "afgan", "width": 4, "blocks": 1}, "parts": str(guide)}
    method = build(document | {"losses": {"mask": 1.0}, "initial": {}}, 0)
    wanted = load(guide).state_dict()
    for network in (method.guide, method.generator.guide):
        assert all(torch.equal(value, wanted[key]) for key, value in network.state_dict().items())


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("losses__colr", 1.0, "losses: 'colr' is no loss term"),
        ("initial__spatial", 1.0, "initial: 'spatial' is no loss term"),
        ("losses__colour", -1.0, "colour has a weight below 0"),
        ("generator__network", "unet", "generator.network: 'unet' is not known"),
        ("generator__depth", 3, "generator: fsgan does not take these options"),
        ("discriminators__spatial__game", "chess", "discriminators.spatial.game: 'chess' is not known"),
        ("discriminators__spatial__network", "vit", "discriminators.spatial.network: 'vit' is not known"),
        ("discriminators__spatial__negatives", ["green"], "negatives: 'green' is no loss term"),
    ],
)
def test_mistakes_in_a_method_are_named(part, value, message):
    with pytest.raises(StudyError, match=message.replace(".", r"\.")):
        build(changed(**{part: value}), 0)
