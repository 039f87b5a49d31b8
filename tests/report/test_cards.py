"""Cards of models and collections: only what has a page, numbers from the headlines."""

from types import SimpleNamespace

from animestudy.models import shipped
from animestudy.paths import ROOT
from animestudy.report import assets, cards, files

ARM = {
    "seed": 2, "association": 0.0, "local": 1.0, "overall": 1.0, "decoy": True, "anime_scenes": 2400,
    "photo_scenes": 0, "anime_portraits": 0, "photo_portraits": 0, "pairs": 0, "clips": 8,
}  # fmt: skip


def test_models_of_stages_that_ran_with_their_numbers():
    numbers = {"04_style": {"accuracy": {"value": 88.643, "unit": "%", "note": "style, mean of seeds"}}}
    (model,) = cards.models(["03_components", "04_style"], numbers)
    assert model["file"] == "models/style.pt" and model["measured"] == ["accuracy: 88.6 %"]
    assert cards.models(["05_psychology"], {})[0]["measured"] == []


def test_arms_are_those_of_the_pages():
    study = {"parameters": {"arm": "plain", "arms": {"plain": ARM}, "size": 96}}
    pages = [SimpleNamespace(name="01_data-plain", study=study), SimpleNamespace(name="04_style", study={})]
    (arm,) = cards.arms(pages)
    assert arm["name"] == "plain" and arm["counts"] == "2,400 drawn scenes, 8 clips" and arm["size"] == 96


def test_minutes_of_the_noted_run(tmp_path):
    assert cards.compute(tmp_path / "none.json") is None
    files.write_json(tmp_path / "compute.json", {"about": "x", "seconds": {"a": 90, "b": 330}})
    noted = cards.compute(tmp_path / "compute.json")
    assert noted["stages"][0] == {"stage": "a", "minutes": "1.5"} and noted["total"] == "7"
    assert cards.compute(assets.TEMPLATES / "compute.json")["stages"]


def test_weights_that_come_with_the_study_have_a_card_each():
    found = {one["file"]: one for one in cards.shipped(ROOT / "models/shipped")}
    assert set(found) == set(shipped.names())
    for one in found.values():
        assert one["purpose"][0].isupper() and one["limits"] and one["data"] and one["measured"]
    assert "of unseen pictures rightly" in found["anime30"]["measured"][0]
