"""Tables of people's labels: read as published, refused by name where they are something else."""

import numpy as np
import pandas as pd
import pytest

from animestudy.data import ratings
from animestudy.errors import StudyError


@pytest.fixture
def emotions(tmp_path):
    """A function that writes a small file of WikiArt Emotions' layout, changed, and gives its path."""
    columns = [f"{shown}: {emotion}" for shown in ratings.SHOWN for emotion in ratings.EMOTIONS]

    def write(**changes):
        rows = pd.DataFrame(0.0, range(3), columns)
        rows["ImageOnly: fear"], rows["TitleOnly: trust"] = [0.5, 0.1, 0.2], [0.9, 0.8, 0.7]
        facts = {
            "ID": ["a", "b", "c"], "Style": ["Modern Art", "Modern Art ", "Renaissance Art"],
            "Category": ["Cubism", "Cubism", "High Renaissance"], "Artist": ["Ann O&#39;Hara", "Bo", "Cy"],
            "Title": ["x", "y", "z"], "Year": ["1900", "", "1500"], "Is painting": ["yes", "yes", "no"],
        } | changes  # fmt: skip
        table = pd.concat([pd.DataFrame(facts), rows], axis=1)
        file = tmp_path / "emotions.tsv"
        table.to_csv(file, sep="\t", index=False, lineterminator="\r\n")
        return file

    return write


@pytest.fixture
def cuc(tmp_path):
    def write(encoding="gb18030", **changes):
        facts = {
            "旧文件名": ["a.jpg", "b.jpg", "c.jpg"], "作者": ["齐白石", "佚名", "石鲁 "],
            "美感类型(相对多数）": ["3", "1", ""],
            "愉悦度评分": [4.5, 3, 2], "唤醒度评分": [3.5, 3, 2], "优势度评分": [2.5, 3, 2],
            **{name: [0.2, 0.2, 0.2] for name in ratings.CUC_SHARES},
        } | changes  # fmt: skip
        file = tmp_path / "cuc.csv"
        pd.DataFrame(facts).to_csv(file, index=False, encoding=encoding)
        return file

    return write


def test_emotions_are_those_of_the_picture_alone(emotions):
    table, shares = ratings.wikiart_emotions(emotions())
    assert table["painter"].tolist() == ["Ann O'Hara", "Bo"] and table["style"].unique().tolist() == [
        "Modern Art"
    ]
    assert shares.shape == (2, 20) and shares[:, ratings.EMOTIONS.index("fear")].tolist() == [0.5, 0.1]
    other = ratings.wikiart_emotions(emotions(), "TitleOnly")[1]
    assert (
        other[0, ratings.EMOTIONS.index("trust")] == 0.9 and shares[0, ratings.EMOTIONS.index("trust")] == 0
    )


def test_rows_without_style_or_painter_are_left_out(emotions):
    table, shares = ratings.wikiart_emotions(emotions(Style=["", "Modern Art", "Modern Art"]))
    assert table["painter"].tolist() == ["Bo"] and len(shares) == 1


def test_cuc_is_read_in_its_encoding(cuc):
    table = ratings.cuc2018(cuc())
    assert table["painter"].tolist() == ["齐白石", "石鲁"]  # the anonymous one is left out
    assert table["aesthetic"].tolist() == ["vitality", ""]
    assert table["pleasure"].tolist() == [4.5, 2] and np.allclose(table["majesty"], 0.2)


@pytest.mark.parametrize(
    ("read", "words"),
    [(ratings.wikiart_emotions, "not WikiArt Emotions' table"), (ratings.cuc2018, "not CUC 2018's table")],
)
def test_something_else_is_refused_by_name(read, words, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    for path, told in ((other, words), (tmp_path / "none.csv", "no such file"), (tmp_path, "not ")):
        with pytest.raises(StudyError) as error:
            read(path)
        assert told in str(error.value) and str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_wrong_encoding_number_or_class_is_one_line(cuc, emotions):
    with pytest.raises(StudyError, match="not in GB18030"):
        ratings.cuc2018(cuc(encoding="utf-16"))
    with pytest.raises(StudyError, match="'pleasure' of row 3 is not a number"):
        ratings.cuc2018(cuc(愉悦度评分=[4.5, "much", 2]))
    with pytest.raises(StudyError, match="holds '7'"):
        ratings.cuc2018(cuc(**{"美感类型(相对多数）": ["3", "7", "1"]}))
    broken = emotions()
    broken.write_bytes(broken.read_bytes().replace(b"0.5", b"x.5"))
    with pytest.raises(StudyError, match="'ImageOnly: fear' of row 2 is not a number"):
        ratings.wikiart_emotions(broken)
