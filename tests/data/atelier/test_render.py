"""A rendered arm: bytes that depend on neither workers nor counts, labels that pixels tell only in part."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from animestudy.checksum import checksum
from animestudy.data import collection
from animestudy.data.atelier.clip import MOTIONS, clip
from animestudy.data.atelier.paint import paint
from animestudy.data.atelier.plan import clips, items
from animestudy.data.atelier.render import bits, motion, render
from animestudy.data.atelier.spec import MASKS
from animestudy.errors import StudyError
from animestudy.params import Arm

SIZE = 48


def arm(**counts):
    sizes = dict(anime_scenes=0, photo_scenes=0, anime_portraits=0, photo_portraits=0, pairs=0, clips=0)
    return Arm(seed=9, association=0.25, local=1.0, overall=1.0, decoy=True, **(sizes | counts))


MIXED = arm(anime_scenes=8, photo_scenes=5, anime_portraits=6, photo_portraits=5, pairs=3, clips=2)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The same arm drawn by one and by two processes."""
    folder = tmp_path_factory.mktemp("atelier")
    for workers in (1, 2):
        render("main", MIXED, folder / f"by{workers}", size=SIZE, frames=3, workers=workers)
    return folder


def test_the_bytes_do_not_depend_on_the_number_of_processes(drawn):
    names = sorted(path.name for path in (drawn / "by1").iterdir())
    arrays = {f"{name}.npy" for name in ("images", "masks", "clips", "flow", "occlusion")}
    assert set(names) == arrays | {"metadata.csv", "clips.csv", "card.json"}
    for name in names:
        assert (drawn / "by1" / name).read_bytes() == (drawn / "by2" / name).read_bytes(), name


def test_it_is_a_collection_with_its_card(drawn):
    found = collection.load(drawn / "by2")
    assert len(found) == 8 + 5 + 6 + 5 + 2 * 2 * 3 and found.size == SIZE
    assert found.card["masks"] == list(MASKS) and found.card["planted"]["association"] == 0.25
    assert np.sum(found.card["joint"]) == pytest.approx(1)
    assert found.card["sha256"]["images.npy"] == checksum(drawn / "by2" / "images.npy")
    assert len(found.where(domain="anime", kind="scene")) == 8 + 3


def test_rows_hold_the_pictures_of_the_plan(drawn):
    found = collection.load(drawn / "by2")
    planned = items(MIXED)
    for row in (0, 9, 14, 20, 24, len(planned) - 1):
        picture = paint(planned[row].subject, SIZE)
        assert np.array_equal(found.images[row], picture.image)
        assert found.table["file_name"][row] == f"{planned[row].name}.png"
        for name, mask in picture.masks.items():
            assert np.array_equal(found.mask(name, [row])[0], mask)


def test_an_item_does_not_depend_on_how_many_are_drawn(drawn, tmp_path):
    render("main", arm(anime_scenes=3, photo_portraits=2), tmp_path / "few", size=SIZE, frames=2, workers=1)
    few, many = collection.load(tmp_path / "few"), collection.load(drawn / "by1")
    place = {name: row for row, name in enumerate(many.table["file_name"])}
    for row, name in enumerate(few.table["file_name"]):
        assert np.array_equal(few.images[row], many.images[place[name]])
        assert few.table.loc[row].equals(many.table.loc[place[name]].rename(row))


def test_clips_come_with_their_flow(drawn):
    frames, flow, hidden = (np.load(drawn / "by2" / f"{name}.npy") for name in ("clips", "flow", "occlusion"))
    assert frames.shape == (2, 3, SIZE, SIZE, 3) and frames.dtype == np.uint8
    assert flow.shape == (2, 2, SIZE, SIZE, 2) and hidden.shape == (2, 2, SIZE, SIZE) and hidden.dtype == bool
    for k, subject in enumerate(clips(MIXED)):
        expected = clip(subject, 3, SIZE, motion(k))
        assert all(
            np.array_equal(a, b) for a, b in zip((frames[k], flow[k], hidden[k]), expected, strict=True)
        )
    rows = pd.read_csv(drawn / "by2" / "clips.csv", keep_default_na=False)
    assert rows["domain"].tolist() == ["photo", "anime"]
    assert {motion(k) for k in range(2 * len(MOTIONS))} == set(MOTIONS)


def test_masks_survive_the_bit_field():
    rng = np.random.default_rng(0)
    masks = {name: rng.random((5, 5)) < 0.5 for name in MASKS}
    field = bits(masks, 5)
    assert all(np.array_equal(field >> k & 1 == 1, masks[name]) for k, name in enumerate(MASKS))


def test_a_failed_or_empty_arm_leaves_what_was_there(drawn, tmp_path, monkeypatch):
    out = tmp_path / "kept"
    render("main", arm(photo_scenes=1), out, size=32, frames=2, workers=1)
    before = (out / "card.json").read_text()
    with pytest.raises(StudyError, match=r"data\.arms\.empty: no pictures"):
        render("empty", arm(), out, size=32, frames=2)

    def fail(*args, **kwargs):
        raise RuntimeError("broken brush")

    monkeypatch.setattr("animestudy.data.atelier.render.paint", fail)
    with pytest.raises(RuntimeError, match="broken brush"):
        render("main", arm(photo_scenes=1), out, size=32, frames=2, workers=1)
    assert (out / "card.json").read_text() == before
    assert json.loads(before)["pictures"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_linear_probe_on_pixels_finds_the_labels_neither_trivial_nor_hopeless(tmp_path):
    plain = arm(anime_scenes=150).model_copy(update={"association": 0.0})
    render("probe", plain, tmp_path / "probe", size=32, frames=2)
    found = collection.load(tmp_path / "probe")
    # 8×8 colours, and how strongly each channel varies within the 4×4 pixels behind each
    blocks = found.images.reshape(150, 8, 4, 8, 4, 3).astype(float)
    pixels = np.concatenate([blocks.mean((2, 4)).reshape(150, -1), blocks.std((2, 4)).reshape(150, -1)], 1)
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=500))
    score = {
        label: cross_val_score(probe, pixels, found.table[label], cv=StratifiedKFold(5)).mean()
        for label in ("style", "psychology")
    }
    assert 0.4 < score["style"] < 0.99, score
    assert 0.25 < score["psychology"] < 0.85, score
