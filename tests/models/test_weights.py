"""Weights on disk and from one network to another."""

import pytest
import torch

from animestudy.errors import StudyError
from animestudy.models import weights
from animestudy.models.recalibration import resnet50
from animestudy.models.weights import Classifier

THIN = {"channels": (4, 4, 4, 4), "stem": "slim"}
PICTURES = torch.rand(2, 3, 40, 40)


def test_a_file_is_all_that_is_needed(tmp_path):
    for name, options in (("separable", {"gate": "sigmoid"}), ("resnet50", {**THIN, "modules": 2})):
        classifier = Classifier("style", ("cel", "ink"), 40, name, options)
        network = classifier.build().eval()
        weights.save(tmp_path / "a.pt", classifier, network.state_dict())
        again, told = weights.load(tmp_path / "a.pt")
        assert told == classifier
        with torch.no_grad():
            assert torch.equal(again(PICTURES), network(PICTURES))
    assert [path.name for path in tmp_path.iterdir()] == ["a.pt"]


def test_same_weights_give_the_same_bytes(tmp_path):
    classifier = Classifier("style", ("cel", "ink"), 40, "resnet50", THIN)
    state = classifier.build().state_dict()
    for folder in ("one", "two"):
        weights.save(tmp_path / folder / "a.pt", classifier, state)
    assert (tmp_path / "one/a.pt").read_bytes() == (tmp_path / "two/a.pt").read_bytes()


def test_bad_files_are_named(tmp_path):
    with pytest.raises(StudyError, match=r"gone\.pt: no such file"):
        weights.load(tmp_path / "gone.pt")
    (tmp_path / "noise.pt").write_bytes(b"not a zip")
    torch.save({"some": "thing"}, tmp_path / "other.pt")
    for name in ("noise.pt", "other.pt"):
        with pytest.raises(StudyError, match=f"{name}: not the weights"):
            weights.load(tmp_path / name)


def test_weights_pass_between_counts_of_modules_and_tasks():
    source = Classifier("source", ("a", "b", "c"), 40, "resnet50", THIN).build()
    target = Classifier("psychology", ("x", "y"), 40, "resnet50", {**THIN, "modules": 16}).build()
    new = weights.load_matching(target, source.state_dict())
    assert all(name.split(".")[-2] in ("fc", "lift") or ".gate." in name for name in new)
    assert {"fc.weight", "fc.bias", "layer1.0.lift.weight"} <= set(new)
    assert torch.equal(target.layer4[2].conv3.weight, source.layer4[2].conv3.weight)
    with pytest.raises(StudyError, match="share no tensor"):
        weights.load_matching(target, {"elsewhere": torch.zeros(1)})


@pytest.mark.parametrize(("have", "want"), [(3, 16), (16, 3), (16, 0)])
def test_weights_load_across_any_two_counts(have, want):
    nets = [Classifier("x", ("a", "b"), 40, "resnet50", {**THIN, "modules": n}).build() for n in (have, want)]
    states = [network.state_dict() for network in nets]
    new = weights.load_matching(nets[1], states[0])
    shared = set(states[0]) & set(states[1])
    assert set(new) == set(states[1]) - shared
    assert all(torch.equal(nets[1].state_dict()[name], states[0][name]) for name in shared)
    assert len(shared) >= len(resnet50(2, **THIN).state_dict())
