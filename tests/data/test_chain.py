"""Both domains through one chain, drawing without pairs, and the bundled photographs."""

import numpy as np
import pandas as pd
import pytest

from animestudy.data import collection
from animestudy.data.chain import draw, pairs, same_chain
from animestudy.data.samples import SAMPLES, photograph
from animestudy.errors import StudyError


def pictures(count=3, size=24):
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), np.uint8)


def test_nothing_to_do_changes_nothing():
    np.testing.assert_array_equal(same_chain(pictures(), 24, 0), pictures())


def test_scaling_takes_means_over_areas():
    small = same_chain(pictures(), 12, 0)
    means = pictures().reshape(3, 12, 2, 12, 2, 3).mean((2, 4))
    np.testing.assert_allclose(small, means, atol=0.51)


def test_worse_jpeg_is_further_away():
    error = [np.abs(same_chain(pictures(), 24, q).astype(int) - pictures()).mean() for q in (95, 60, 20)]
    assert 0 < error[0] < error[1] < error[2]


@pytest.mark.parametrize("shape", [(2, 10, 10, 3), (2, 24, 20, 3)])
def test_pictures_are_never_enlarged_and_must_be_square(shape):
    with pytest.raises(StudyError, match=f"{shape[1]}×{shape[2]} pixels"):
        same_chain(np.zeros(shape, np.uint8), 12, 90)


@pytest.fixture
def small(tmp_path):
    table = pd.DataFrame(
        {
            "file_name": [f"{k}.png" for k in range(12)],
            "domain": ["photo", "anime"] * 6,
            "kind": "scene",
            "style": ["", "cel"] * 4 + ["", "ink"] * 2,
            "group": [str(k // 2) for k in range(12)],
            "split": ["train"] * 6 + ["test"] * 6,
            "pair": [""] * 6 + ["b", "b", "a", "a", "c", ""],
        }
    )
    with collection.new_folder(tmp_path / "small") as folder:
        np.save(folder / "images.npy", pictures(12, 8))
        collection.describe(folder, table, source="test")
    return collection.load(tmp_path / "small")


def test_draw_leaves_pairs_out_and_repeats(small):
    assert set(draw(small, 99, 0, domain="photo")) == {0, 2, 4}
    assert len(draw(small, 2, 0, domain="photo")) == 2
    np.testing.assert_array_equal(draw(small, 2, 5, domain="photo"), draw(small, 2, 5, domain="photo"))
    with pytest.raises(StudyError, match="small: fewer than two pictures with domain photo, kind portrait"):
        draw(small, 2, 0, domain="photo", kind="portrait")


def test_pairs_correspond(small):
    photos, drawings = pairs(small, kind="scene")
    assert list(photos) == [8, 6]
    assert list(drawings) == [9, 7]
    for style, found in (("ink", [8]), ("cel", [6])):
        assert list(pairs(small, [style], kind="scene")[0]) == found
    plain = collection.Collection(small.path, small.table.drop(columns="pair"), small.images, None, {})
    assert [len(part) for part in pairs(plain)] == [0, 0]


@pytest.mark.parametrize("name", SAMPLES)
def test_bundled_photographs_need_no_download(name, monkeypatch):
    import socket

    monkeypatch.setattr(socket, "socket", None)
    image = photograph(name, 60)
    assert image.dtype == np.uint8
    assert max(image.shape[:2]) == 60
    assert image.shape[2] == 3
    assert image.std() > 20
    assert SAMPLES[name].credit
