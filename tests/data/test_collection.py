"""The collection contract: round trip, damage told in one line, atomic replacement, clean splits."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from animestudy.checksum import checksum
from animestudy.data import collection
from animestudy.errors import StudyError


def write(folder, table, size=8, masks=None, **facts):
    images = np.random.default_rng(0).integers(0, 256, (len(table), size, size, 3), np.uint8)
    np.save(folder / "images.npy", images)
    if masks is not None:
        np.save(folder / "masks.npy", masks)
    collection.describe(folder, table, **facts)
    return images


def rows(count=6):
    return pd.DataFrame(
        {
            "file_name": [f"{n:03}.png" for n in range(count)],
            "domain": ["anime", "photo"] * (count // 2),
            "kind": "scene",
            "style": ["ink", "cel", ""] * (count // 3),
            "group": [f"g{n // 2}" for n in range(count)],
            "split": ["train", "train", "train", "train", "val", "test"][:count],
            "pair": ["NA", "", "1.0", "=2", "ü,\n", 'q"'][:count],
        }
    )


@pytest.fixture
def packed(tmp_path):
    with collection.new_folder(tmp_path / "set") as folder:
        write(folder, rows(), source="made here", licence="none")
    return tmp_path / "set"


def test_round_trip_keeps_every_cell_and_pixel(tmp_path):
    with collection.new_folder(tmp_path / "set") as folder:
        images = write(folder, rows(), source="made here", licence="none")
    opened = collection.load(tmp_path / "set")
    assert list(opened.table.columns) == [*collection.COLUMNS, "pair"]
    assert opened.table["pair"].tolist() == rows()["pair"].tolist()  # "NA" and 1.0 stay what they were
    assert (opened.table["psychology"] == "").all()
    np.testing.assert_array_equal(opened.images, images)
    assert isinstance(opened.images, np.memmap) and opened.size == 8 and len(opened) == 6
    assert opened.card["counts"]["style"] == {"cel": 2, "ink": 2}
    assert opened.card["groups"] == 3
    assert opened.card["sha256"]["images.npy"] == checksum(tmp_path / "set" / "images.npy")


def test_describing_twice_gives_the_same_bytes(tmp_path):
    for name in "ab":
        with collection.new_folder(tmp_path / name) as folder:
            write(folder, rows(), licence="ü")
    for file in ("card.json", "metadata.csv", "images.npy"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_where_selects_rows_and_refuses_unknown_words(packed):
    opened = collection.load(packed)
    assert opened.where(domain="anime").tolist() == [0, 2, 4]
    assert opened.where(domain="anime", split=["val", "test"]).tolist() == [4]
    assert opened.where(style="nothing").tolist() == []
    with pytest.raises(StudyError, match=r"split = 'tets'.*train or val or test"):
        opened.where(split="tets")
    with pytest.raises(StudyError, match="no column 'artist'"):
        opened.where(artist="x")
    assert opened.classes("style") == ["cel", "ink"]
    with pytest.raises(StudyError, match="no column 'artist'"):
        opened.classes("artist")


def test_a_mask_is_its_bit(tmp_path):
    bits = np.arange(6 * 8 * 8).reshape(6, 8, 8).astype(np.uint16)
    with collection.new_folder(tmp_path / "set") as folder:
        images = np.zeros((6, 8, 8, 3), np.uint8)
        np.save(folder / "images.npy", images)
        np.save(folder / "masks.npy", bits)
        collection.describe(folder, rows(), masks=["line", "decoy", "face"])
    opened = collection.load(tmp_path / "set")
    np.testing.assert_array_equal(opened.mask("decoy"), bits & 2 > 0)
    np.testing.assert_array_equal(opened.mask("face", [4, 1]), bits[[4, 1]] & 4 > 0)
    with pytest.raises(StudyError, match=r"no mask 'eyes'; it has \['line', 'decoy', 'face'\]"):
        opened.mask("eyes")


def test_masks_must_fit_pictures_and_names(tmp_path):
    with pytest.raises(ValueError, match="names 9 masks"), collection.new_folder(tmp_path / "set") as folder:
        np.save(folder / "images.npy", np.zeros((6, 8, 8, 3), np.uint8))
        np.save(folder / "masks.npy", np.zeros((6, 8, 8), np.uint8))
        collection.describe(folder, rows(), masks=list("abcdefghi"))
    assert not list(tmp_path.iterdir())


def test_a_collection_without_masks_says_so(packed):
    with pytest.raises(StudyError, match="no mask 'line'"):
        collection.load(packed).mask("line")


def spoil_rows(folder):
    table = pd.read_csv(folder / "metadata.csv", dtype=str, keep_default_na=False)
    table.iloc[:-1].to_csv(folder / "metadata.csv", index=False)


def spoil_split(folder):
    table = pd.read_csv(folder / "metadata.csv", dtype=str, keep_default_na=False)
    table.assign(split="dev").to_csv(folder / "metadata.csv", index=False)


def spoil_column(folder):
    table = pd.read_csv(folder / "metadata.csv", dtype=str, keep_default_na=False)
    table.drop(columns="group").to_csv(folder / "metadata.csv", index=False)


def cut(folder):
    path = folder / "images.npy"
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_rows, "5 rows in metadata.csv but 6 pictures"),
        (spoil_split, "split = 'dev'"),
        (spoil_column, r"lacks the columns \['group'\]"),
        (cut, "damaged"),
        (lambda folder: (folder / "images.npy").write_bytes(b""), "damaged"),
        (lambda folder: (folder / "images.npy").unlink(), "damaged"),
        (lambda folder: np.save(folder / "images.npy", np.zeros((6, 8, 8, 3))), "not N×S×S×3 uint8"),
        (lambda folder: np.save(folder / "images.npy", np.zeros((6, 8, 9, 3), np.uint8)), "not N×S×S×3"),
        (lambda folder: np.save(folder / "masks.npy", np.zeros((6, 4, 4), np.uint8)), "masks.npy is uint8"),
        (lambda folder: (folder / "card.json").write_text("{"), "damaged"),
        (lambda folder: (folder / "card.json").write_text("[]"), "no mapping"),
        (lambda folder: (folder / "metadata.csv").write_bytes(b"\xff\xfe\x00"), "damaged"),
        (lambda folder: (folder / "metadata.csv").write_bytes(b""), "damaged"),
    ],
)
def test_damage_is_one_line_that_names_the_collection(packed, spoil, words):
    spoil(packed)
    with pytest.raises(StudyError, match=words) as caught:
        collection.load(packed)
    assert str(packed) in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_collection_says_how_to_make_one(tmp_path):
    with pytest.raises(StudyError, match="animestudy import"):
        collection.load(tmp_path / "none")


def test_a_failed_block_leaves_the_old_collection(packed):
    before = (packed / "card.json").read_bytes()
    with pytest.raises(KeyboardInterrupt), collection.new_folder(packed) as folder:
        (folder / "images.npy").write_bytes(b"half")
        raise KeyboardInterrupt
    assert (packed / "card.json").read_bytes() == before
    assert [path.name for path in packed.parent.iterdir()] == ["set"]


def test_replacing_needs_leave_and_a_collection(packed):
    with pytest.raises(StudyError, match="--force"), collection.new_folder(packed, replace=False):
        pass
    other = packed.parent / "photos"
    other.mkdir()
    (other / "mine.jpg").write_bytes(b"dear")
    with (
        pytest.raises(StudyError, match="no collection, so it is not replaced"),
        collection.new_folder(other),
    ):
        pass
    assert (other / "mine.jpg").read_bytes() == b"dear"
    with collection.new_folder(packed) as folder:
        write(folder, rows(), source="second")
    assert collection.load(packed).card["source"] == "second"
    assert sorted(path.name for path in packed.parent.iterdir()) == ["photos", "set"]


def test_what_a_killed_process_left_is_swept(tmp_path):
    code = (
        "import os, pathlib, sys\n"
        "from animestudy.data import collection\n"
        "with collection.new_folder(pathlib.Path(sys.argv[1])) as folder:\n"
        "    (folder / 'images.npy').write_bytes(b'half')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path / "set"]).returncode == -9
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".set.partial-")
    with collection.new_folder(tmp_path / "set") as folder:
        assert not left.exists()
        with collection.new_folder(tmp_path / "set"):  # one that lives is left alone
            assert folder.exists()
        write(folder, rows())
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_collection_that_a_killed_process_set_aside_comes_back(packed):
    aside = packed.with_name(".set.partial-abc-old")
    os.replace(packed, aside)
    collection.sweep(packed)
    assert len(collection.load(packed)) == 6 and not aside.exists()


def test_a_growing_array_is_what_numpy_reads(tmp_path):
    items = np.random.default_rng(1).integers(0, 256, (1234, 5, 5, 3), np.uint8)
    with collection.growing_array(tmp_path / "a.npy", (5, 5, 3)) as append:
        for item in items:
            append(item)
        with pytest.raises(ValueError, match="among uint8"):
            append(items[0, :4])
        with pytest.raises(ValueError, match="among uint8"):
            append(items[0].astype(float))
    np.save(tmp_path / "b.npy", items)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy", mmap_mode="r"), items)
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def crowd(count=3000, labels=10, seed=0):
    """Labels and groups of 1 to 8 pictures, some of them of several labels."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(count), rng.integers(1, 9, count))[:count]
    strata = np.where(rng.random(count) < 0.9, groups % labels, rng.integers(0, labels, count))
    return [f"g{group}" for group in groups], [f"s{stratum}" for stratum in strata]


def test_a_split_never_divides_a_group_and_balances_the_strata():
    groups, strata = crowd()
    split = collection.split_groups(groups, strata, (0.6, 0.1, 0.3), seed=3)
    assert pd.Series(split).groupby(groups).nunique().max() == 1
    shares = pd.crosstab(strata, split, normalize="index")[list(collection.SPLITS)]
    np.testing.assert_allclose(shares, np.tile([0.6, 0.1, 0.3], (10, 1)), atol=0.02)


def test_single_pictures_are_split_to_the_picture():
    strata = np.repeat(["a", "b", "c"], [200, 40, 20])
    split = collection.split_groups([str(n) for n in range(260)], strata)
    counts = pd.crosstab(strata, split)[list(collection.SPLITS)]
    np.testing.assert_array_equal(counts, [[140, 30, 30], [28, 6, 6], [14, 3, 3]])


def test_a_split_follows_its_seed_and_not_the_order_of_the_rows():
    groups, strata = crowd(400)
    split = collection.split_groups(groups, strata, seed=1)
    order = np.random.default_rng(9).permutation(400)
    again = collection.split_groups([groups[k] for k in order], [strata[k] for k in order], seed=1)
    np.testing.assert_array_equal(again, split[order])
    assert (collection.split_groups(groups, strata, seed=2) != split).any()


def test_empty_groups_stand_alone():
    split = collection.split_groups([""] * 100, ["a"] * 100)
    assert pd.Series(split).value_counts().to_dict() == {"train": 70, "val": 15, "test": 15}


def test_a_share_of_nothing_gets_nothing():
    split = collection.split_groups([str(n) for n in range(50)], ["a"] * 50, (0.8, 0.0, 0.2))
    assert pd.Series(split).value_counts().to_dict() == {"train": 40, "test": 10}
    assert len(collection.split_groups([], [])) == 0


@pytest.mark.parametrize("fractions", [(0.5, 0.5), (0.9, 0.2, -0.1), (0.7, 0.2, 0.2)])
def test_fractions_must_be_shares(fractions):
    with pytest.raises(StudyError, match="fractions"):
        collection.split_groups(["a"], ["b"], fractions)


def test_the_card_is_readable_json(packed):
    card = json.loads((packed / "card.json").read_text(encoding="utf-8"))
    assert card["pictures"] == 6 and card["size"] == [8, 8] and card["licence"] == "none"
