"""Fine-tuning SqueezeNet, and the baselines on its frozen features."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from torchvision.models import squeezenet1_0

from animestudy import cli
from animestudy.data import collection
from animestudy.errors import StudyError
from animestudy.models import weights
from animestudy.models.weights import Classifier
from animestudy.training import classifier, finetune, frozen, heads, style
from animestudy.training.classifier import Labelled, Schedule, Task

OPTIONS = {"width": 16, "kernels": [1, 3]}
TOLD = Classifier("style", ("across", "along"), 32, "squeezenet", OPTIONS)


def striped(count, seed):
    """Stripes that lie or stand."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    wave = 90 * np.sin(np.arange(32) * 1.5)
    pictures = np.stack([np.broadcast_to(wave if label else wave[:, None], (32, 32)) for label in labels])
    noisy = 127 + pictures[..., None] + rng.normal(0, 25, (count, 32, 32, 3))
    return Labelled(np.uint8(noisy.clip(0, 255)), labels, np.arange(count))


@pytest.fixture(scope="module")
def stripes():
    return Task(("across", "along"), striped(24, 0), striped(8, 1), striped(10, 2))


@pytest.fixture(scope="module")
def imagenet(tmp_path_factory):
    """A file like ImageNet's weights, in half precision, but untrained."""
    torch.manual_seed(3)
    path = tmp_path_factory.mktemp("imagenet") / "squeezenet.pt"
    torch.save({name: value.half() for name, value in squeezenet1_0().state_dict().items()}, path)
    return path


def run(task, start, **changes):
    options = {"schedule": Schedule(epochs=2, batch=8, rate=0.003), "seed": 0, "device": "cpu"}
    return finetune.experiment(classifier=TOLD, task=task, start=start, **{**options, **changes})


def test_the_first_layers_stay_and_the_others_move(stripes, imagenet):
    start = finetune.start_of(imagenet)
    result = run(stripes, start)
    for name, value in start.items():
        still = int(name.split(".")[1]) < finetune.STILL
        assert torch.equal(result.state[name].float(), value) == still, name
    assert [line["epoch"] for line in result.history] == [1, 2] and result.probabilities.shape == (10, 2)
    assert all(v.dtype == torch.float16 for v in result.state.values() if v.is_floating_point())


def test_the_trunk_rests_until_the_new_layers_say_something(stripes, imagenet):
    start = finetune.start_of(imagenet)
    rested = run(stripes, start, schedule=Schedule(epochs=finetune.REST, batch=8, rate=0.003))
    assert all(torch.equal(rested.state[name].float(), value) for name, value in start.items())
    torch.manual_seed(0)
    assert not torch.equal(rested.state["head.weight"].float(), TOLD.build().state_dict()["head.weight"])


def test_training_pictures_are_framed_anew_each_time(stripes, imagenet, monkeypatch):
    seen = []
    monkeypatch.setattr(finetune, "learn", lambda *words: seen.append(words[3]) or classifier.learn(*words))
    run(stripes, finetune.start_of(imagenet), augment="none")
    assert all(part.shape == (8, 3, 32, 32) and part.dtype == torch.uint8 for part in seen)
    shown = {part.numpy().tobytes() for batch in seen for part in batch}
    known = {picture.transpose(2, 0, 1).tobytes() for picture in stripes.train.pictures}
    assert len(shown) == 48 and not shown & known


def test_without_validation_pictures_none_are_watched(stripes, imagenet):
    whole = style.joined(stripes)
    assert len(whole.train) == 32 and len(whole.val) == 0 and whole.test is stripes.test
    assert np.array_equal(whole.train.pictures[24:], stripes.val.pictures) and whole.size == 32
    assert np.array_equal(whole.train.labels[24:], stripes.val.labels)
    result = run(whole, finetune.start_of(imagenet))
    assert all(set(line) == {"epoch", "loss", "minutes"} for line in result.history)


def test_what_is_judged_is_what_is_kept(stripes, imagenet, tmp_path):
    result = run(stripes, finetune.start_of(imagenet))
    weights.save(tmp_path / "a.pt", TOLD, result.state)
    again = classifier.predict(weights.load(tmp_path / "a.pt")[0], stripes.test.pictures)
    assert np.array_equal(again, result.probabilities)


def test_an_interrupted_training_ends_as_if_it_had_not_been(stripes, imagenet, tmp_path, monkeypatch):
    start, keep = finetune.start_of(imagenet), tmp_path / "keep.part"
    whole = run(stripes, start, augment="cutmix")
    judged = finetune.judged

    def interrupted(*arguments):
        if keep.exists():  # in the second epoch
            raise KeyboardInterrupt
        return judged(*arguments)

    monkeypatch.setattr(finetune, "judged", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(stripes, start, augment="cutmix", keep=keep)
    monkeypatch.undo()
    other = run(stripes, start, augment="cutmix", keep=keep, seed=1)  # not that training: from the beginning
    assert len(other.history) == 2 and not keep.exists()

    monkeypatch.setattr(finetune, "judged", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(stripes, start, augment="cutmix", keep=keep)
    monkeypatch.undo()
    again = run(stripes, start, augment="cutmix", keep=keep)
    assert all(torch.equal(again.state[name], value) for name, value in whole.state.items())
    assert [line["loss"] for line in again.history] == [line["loss"] for line in whole.history]
    assert not keep.exists()


def test_a_start_without_a_trunk_is_refused(tmp_path):
    torch.save({"conv1.weight": torch.zeros(2)}, tmp_path / "other.pt")
    with pytest.raises(StudyError, match=r"other\.pt: holds no SqueezeNet"):
        finetune.start_of(tmp_path / "other.pt")
    with pytest.raises(StudyError, match="no such file"):
        style.begin(str(tmp_path / "gone.pt"))


def test_mirror_images_count_alike(stripes):
    torch.manual_seed(0)
    network = TOLD.build().eval()
    pictures = stripes.test.pictures
    one, other = (finetune.mirrored_too(network, part) for part in (pictures, pictures[:, :, ::-1]))
    np.testing.assert_allclose(one, other, atol=1e-6)
    np.testing.assert_allclose(one.sum(1), 1, atol=1e-5)
    larger = classifier.resized(pictures, 37)
    expected = (one + finetune.mirrored_too(network, larger)) / 2
    np.testing.assert_allclose(finetune.several(network, TOLD, pictures), expected, atol=1e-6)
    small = Classifier("style", TOLD.classes, 32, "separable", {})
    np.testing.assert_array_equal(finetune.several(network, small, pictures), one)


def test_frozen_features_are_mean_maximum_and_deviation_of_the_trunks_maps(stripes, imagenet):
    probabilities = frozen.frozen_probe(stripes, str(imagenet), side=64)
    assert np.mean(probabilities.argmax(1) == stripes.test.labels) > 0.8  # even untrained maps tell stripes
    same = frozen.trunk_probe(stripes, finetune.start_of(imagenet), 64)
    np.testing.assert_allclose(same, probabilities, atol=1e-6)
    x = torch.rand(2, 3, 5, 4)
    parts = frozen.pooled([x])[0, :3], frozen.pooled([x])[0, 3:6], frozen.pooled([x])[0, 6:]
    flat = x[0].numpy().reshape(3, -1)
    for part, plain in zip(parts, (flat.mean(1), flat.max(1), flat.std(1)), strict=True):
        np.testing.assert_allclose(part.numpy(), plain, atol=1e-6)


@pytest.mark.parametrize("module", ["none", "dkse", "se"])
def test_a_module_is_compared_on_the_trunks_maps(stripes, imagenet, module):
    seen = heads.frozen_maps(stripes, str(imagenet), 64)
    assert [part.shape for part in seen] == [(24, 512, 3, 3), (24, 512, 3, 3), (10, 512, 3, 3)]
    fixed = {"module": module, "options": {}, "seen": seen, "labels": stripes.train.labels, "classes": 2}
    fixed |= {"schedule": Schedule(epochs=12, batch=8, rate=0.01), "width": 8}
    one, same, other = (heads.experiment(**fixed, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(one, same) and one.shape == other.shape == (10,)
    assert np.mean(one == stripes.test.labels) > 0.6


def test_a_users_collection_is_learnt_from_a_start(tmp_path, imagenet, monkeypatch, capsys):
    monkeypatch.setattr(style, "sweep", lambda function, jobs, **_: [function(**job) for job in jobs])
    parts = striped(20, 0), striped(8, 1), striped(8, 2)
    table = pd.DataFrame({"file_name": [f"{k}.png" for k in range(36)], "domain": "anime", "kind": "scene"})
    table["style"] = [("across", "along")[label] for part in parts for label in part.labels]
    table["split"] = ["train"] * 20 + ["val"] * 8 + ["test"] * 8
    with collection.new_folder(tmp_path / "stripes") as folder:
        np.save(folder / "images.npy", np.concatenate([part.pictures for part in parts]))
        collection.describe(folder, table, licence="nobody's")
    out = tmp_path / "stripes.pt"
    words = ["train-style", str(tmp_path / "stripes"), "--start", str(imagenet), "--out", str(out)]
    assert cli.main([*words, "--epochs", "1", "--size", "32", "--batch", "8"]) == 0
    said = capsys.readouterr().out
    for method in ("frozen features", "the network, 1 seed", "mirror image and larger view counted too"):
        assert method in said
    told = weights.load(out)[1]
    assert (told.network, told.size, told.classes) == ("squeezenet", 32, ("across", "along"))
    record = json.loads(out.with_suffix(".json").read_text())
    assert record["data"]["licence"] == "nobody's" and record["data"]["pictures"]["train"] == 20
    assert (
        record["settings"]["epochs"] == 1 and record["kind"] == "classifier" and len(record["history"]) == 1
    )
    assert record["each_seed"][0]["accuracy"] == record["scores"]["the network, 1 seed"]["accuracy"]["value"]
    again = [*words, "--epochs", "1", "--size", "32", "--batch", "8", "--force", "--start", str(out)]
    assert cli.main([*again, "--whole"]) == 0  # weights of the study are a start as well
    assert "28 to train, 0 to validate, 8 to test" in capsys.readouterr().out
    record = json.loads(out.with_suffix(".json").read_text())
    assert record["data"]["pictures"] == {"train": 28, "val": 0, "test": 8}
    assert sorted(path.name for path in tmp_path.glob(".*")) == []
