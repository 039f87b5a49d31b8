"""Public sets with label files of their own: small made files of the same layout, imported by the command."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from animestudy import cli
from animestudy.data import collection, published, ratings
from animestudy.errors import StudyError


def picture(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(cells).resize((64, 64)).save(path)


def rows(name, path):
    return dict(published.SETS[name].rows(path))


@pytest.fixture
def histogram(tmp_path):
    file = tmp_path / "histogram.csv"
    first, tie = [0, 5, 1, 0, 0, 0, 0, 0, 0], [2, 2, 0, 0, 0, 0, 0, 0, 0]
    pd.DataFrame(
        {
            "art_style": ["Color_Field_Painting", "Realism", "Realism"],
            "painting": ["mark-rothko_no-8", "ilya-repin_a", "ilya-repin_b"],
            "emotion_histogram": [str(first), str(tie), str(first)],
        }
    ).to_csv(file, index=False)
    return file


def imported(folder, tmp_path, *words):
    out = tmp_path / "made"
    status = cli.main(["import", str(folder), "--out", str(out), "--size", "32", *map(str, words)])
    return status, collection.load(out).table if out.exists() else None


def test_artemis_histograms(histogram):
    found = rows("artemis", histogram)
    first = found["Color_Field_Painting/mark-rothko_no-8"]
    assert first == {"style": "Color Field Painting", "psychology": "awe", "group": "mark-rothko"}
    assert found["Realism/ilya-repin_a"]["psychology"] == ""  # two emotions are first


def test_artgan_lists(tmp_path):
    file = tmp_path / "style_train.csv"
    file.write_text("Impressionism/claude-monet_water-lilies.jpg,12\nUkiyo_e/hokusai_wave.v2.jpg,26\n")
    found = rows("artgan", file)
    assert found["Ukiyo_e/hokusai_wave.v2"] == {"style": "Ukiyo e", "group": "hokusai"}
    file.write_text("lilies.jpg,12\n")
    with pytest.raises(StudyError, match=r"line 1: 'lilies\.jpg' is not Style/picture"):
        rows("artgan", file)


def test_kaokore_labels(tmp_path):
    file = tmp_path / "labels.csv"
    file.write_text("image,gender,status,set\n00000001.jpg,1,3,dev\n")
    assert rows("kaokore", file)["00000001"] == {
        "style": "commoner", "split": "val", "gender": "female", "status": "commoner"
    }  # fmt: skip
    file.write_text("image,gender,status,set\n00000001.jpg,1,7,dev\n")
    with pytest.raises(StudyError, match=r"line 2: status = '7'"):
        rows("kaokore", file)


def test_wikiart_emotions(tmp_path):
    columns = [f"{shown}: {emotion}" for shown in ratings.SHOWN for emotion in ratings.EMOTIONS]
    table = pd.DataFrame(0.0, range(2), columns)
    table["ImageOnly: fear"], table["ImageOnly: love"] = [0.5, 0.4], [0.1, 0.4]
    facts = {"ID": ["57a", "57b"], "Style": "Modern Art", "Category": "Cubism", "Artist": "Bo", "Title": "t"}
    file = tmp_path / "emotions.tsv"
    pd.DataFrame({**facts, "Year": "1900", "Is painting": "yes"}).join(table).to_csv(
        file, sep="\t", index=False
    )
    found = rows("wikiart-emotions", file)
    assert found["57a"] == {
        "style": "Modern Art", "psychology": "fear", "group": "Bo", "category": "Cubism", "title": "t"
    }  # fmt: skip
    assert found["57b"]["psychology"] == ""


def test_cuc2018(tmp_path):
    facts = {
        "旧文件名": ["1.4_s163n.jpg"], "作者": ["齐白石"], "美感类型(相对多数）": [3], "愉悦度评分": [4.5],
        "唤醒度评分": [3], "优势度评分": [2], **{name: [0.2] for name in ratings.CUC_SHARES},
    }  # fmt: skip
    file = tmp_path / "cuc.csv"
    pd.DataFrame(facts).to_csv(file, index=False, encoding="gb18030")
    assert rows("cuc2018", file)["1.4_s163n"] == {
        "style": "vitality", "group": "齐白石", "pleasure": "4.5", "arousal": "3", "dominance": "2"
    }  # fmt: skip


def test_an_import_joins_pictures_and_labels(histogram, tmp_path, capsys):
    folder = tmp_path / "wikiart"
    for k, name in enumerate(
        ("Color_Field_Painting/mark-rothko_no-8", "Realism/ilya-repin_a", "Realism/other")
    ):
        picture(folder / f"{name}.jpg", k)
    status, table = imported(folder, tmp_path, "--as", "artemis", "--labels", histogram)
    assert status == 0 and len(table) == 2 and set(table["domain"]) == {"anime"}
    row = table[table["style"] == "Color Field Painting"].iloc[0]
    assert (row["psychology"], row["group"]) == ("awe", "mark-rothko")
    told = capsys.readouterr().out
    assert "Realism/other.jpg" in told or "not in histogram.csv" in told
    assert "artemis: labels by their form" in told
    card = json.loads((tmp_path / "made/card.json").read_text())
    assert card["source"] == "artemis" and "non-commercial" in card["licence"]


def test_kaokore_becomes_a_collection_with_its_own_split(tmp_path):
    lines = [f"{k:08d}.jpg,{k % 2},{k % 4},{('train', 'dev', 'test')[k % 3]}" for k in range(12)]
    (tmp_path / "labels.csv").write_text("\n".join(["image,gender,status,set", *lines]) + "\n")
    for k in range(12):
        picture(tmp_path / "images_256" / f"{k:08d}.jpg", k)
    words = ("--as", "kaokore", "--labels", tmp_path / "labels.csv")
    status, made = imported(tmp_path / "images_256", tmp_path, *words)
    assert status == 0 and len(made) == 12 and set(made["kind"]) == {"portrait"}
    assert dict(made["split"].value_counts()) == {"train": 4, "val": 4, "test": 4}
    assert set(made["style"]) == {"noble", "warrior", "incarnation", "commoner"}


def test_cuc2018_becomes_a_collection_with_painters_as_groups(tmp_path):
    painters = ["齐白石", " 石涛", "佚名", "石涛"]
    facts = {
        "旧文件名": [f"1.{k}_s.jpg" for k in range(4)], "作者": painters, "美感类型(相对多数）": [3, 1, 2, 1],
        "愉悦度评分": 4.5, "唤醒度评分": 3, "优势度评分": 2, **dict.fromkeys(ratings.CUC_SHARES, 0.2),
    }  # fmt: skip
    pd.DataFrame(facts).to_csv(tmp_path / "cuc.csv", index=False, encoding="gb18030")
    for k in range(4):
        picture(tmp_path / "pictures" / f"1.{k}_s.jpg", k)
    status, made = imported(
        tmp_path / "pictures", tmp_path, "--as", "cuc2018", "--labels", tmp_path / "cuc.csv"
    )
    assert status == 0 and sorted(made["group"]) == ["石涛", "石涛", "齐白石"]  # the unsigned one is left out
    assert made["split"][made["group"] == "石涛"].nunique() == 1 and set(made["pleasure"]) == {"4.5"}


def test_painters_never_cross_splits(histogram, tmp_path):
    table = pd.read_csv(histogram)
    names = [f"painter{k % 8}_work{k}" for k in range(40)]
    pd.DataFrame(
        {"art_style": "Realism", "painting": names, "emotion_histogram": table["emotion_histogram"].iloc[0]}
    ).to_csv(histogram, index=False)
    for k, name in enumerate(names):
        picture(tmp_path / "w" / f"{name}.jpg", k)  # without folders of styles: the end of a path is enough
    (histogram.parent / "flat.csv").write_text(histogram.read_text().replace("Realism,", ","))
    status, made = imported(
        tmp_path / "w", tmp_path, "--as", "artemis", "--labels", histogram.parent / "flat.csv"
    )
    assert status == 2 and made is None  # a path has to end as the row says
    status, made = imported(
        tmp_path, tmp_path.parent / "out", "--as", "artgan", "--labels", artgan_of(names, tmp_path)
    )
    assert status == 0 and made.groupby("group")["split"].nunique().max() == 1
    assert made["group"].nunique() == 8 and set(made["split"]) == {"train", "val", "test"}


def artgan_of(names, folder):
    file = folder / "list.csv"
    file.write_text("".join(f"w/{name}.jpg,1\n" for name in names))
    return file


def test_animegan_folders(tmp_path):
    for film in ("Hayao", "Paprika"):
        for kind in ("style", "smooth"):
            for k in range(3):
                picture(tmp_path / "dataset" / film / kind / f"{k}.jpg", len(film) * 10 + len(kind) * 3 + k)
    status, table = imported(tmp_path / "dataset", tmp_path, "--as", "animegan")
    assert status == 0 and len(table) == 6 and set(table["style"]) == {"Hayao", "Paprika"}
    assert (table["film"] == table["style"]).all()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--as", "kaokore"), "name its label file with --labels"),
        (("--labels", "x.csv"), "say with --as which set"),
        (("--as", "artemis", "--labels", "gone.csv"), "gone.csv: no such file"),
    ],
)
def test_a_call_that_lacks_something_is_one_line(words, told, tmp_path, capsys):
    picture(tmp_path / "p" / "a.jpg", 1)
    status, made = imported(tmp_path / "p", tmp_path, *words)
    error = capsys.readouterr().err
    assert status == 2 and made is None and told in error and error.count("\n") == 1


def test_pictures_that_are_not_there_are_told_where_to_get(histogram, tmp_path, capsys):
    picture(tmp_path / "p" / "a.jpg", 1)
    assert imported(tmp_path / "p", tmp_path, "--as", "artemis", "--labels", histogram)[0] == 2
    error = capsys.readouterr().err
    assert "none of its 1 files is a picture of histogram.csv (3 rows)" in error
    assert "cs-chan/ArtGAN" in error and "non-commercial" in error


def test_every_set_says_where_and_on_what_terms():
    choices = next(
        a
        for a in cli.parser()._subparsers._group_actions[0].choices["import"]._actions
        if a.dest == "published"
    )
    assert set(choices.choices) == set(published.SETS)
    for name, one in published.SETS.items():
        assert one.name == name and len(one.origin) > 20 and len(one.licence) > 10


def test_wrong_tables_are_one_line(tmp_path):
    file = tmp_path / "x.csv"
    for text, words in (
        ("a,b\n1,2\n", "no column 'art_style'"),
        ("art_style,painting,emotion_histogram\nA,b\n", "line 2: 2 columns, not 3"),
        ("art_style,painting,emotion_histogram\nA,b,much\n", "not a list of 9 counts"),
    ):
        file.write_text(text)
        with pytest.raises(StudyError, match=words):
            rows("artemis", Path(file))
