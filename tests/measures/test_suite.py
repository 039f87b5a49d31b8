"""The tidy table, its estimates, and what the classifiers say."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from animestudy.errors import StudyError
from animestudy.measures import kernel, suite
from animestudy.measures.recognition import Recogniser
from animestudy.models.weights import Classifier, save
from animestudy.stats.trends import two_level


def pictures(count, seed, shift=0):
    noise = np.random.default_rng(seed).integers(0, 160, (count, 24, 24, 3))
    return (noise + shift).astype(np.uint8)


@pytest.fixture
def classifier(tmp_path):
    told = Classifier("style", ("cel", "ink", "gouache"), 32, "lenet")
    torch.manual_seed(0)
    save(tmp_path / "style.pt", told, told.build().state_dict())
    return Recogniser(tmp_path / "style.pt")


@pytest.fixture
def yardstick(classifier):
    return suite.Yardstick(
        pictures(5, 0),
        pictures(8, 1, 40),
        pictures(9, 2, 40),
        truth=pictures(5, 3, 40),
        style=classifier,
        styles=["cel", "ink"],
        label=classifier,
    )


def test_every_measure_stands_in_the_table_for_every_picture(yardstick):
    after = [pictures(5, 4, 20), pictures(5, 5, 20)]
    table = suite.measures({"photograph": [yardstick.photographs], "fsgan": after}, yardstick)
    assert list(table) == ["method", "seed", "measure", "picture", "value"]
    assert set(table["measure"]) == set(suite.MEASURES)
    assert len(table) == (1 + 2) * 5 * len(suite.MEASURES) and np.isfinite(table["value"]).all()
    kid = 100 * kernel.mmd(yardstick.embed(after[1]), yardstick.unseen)
    assert suite.values(table, "fsgan", "kid")[1].mean() == pytest.approx(kid)
    assert not suite.values(table, "photograph", "colour").any()


def test_what_is_missing_is_left_out():
    few = suite.Yardstick(pictures(4, 0), pictures(5, 1), pictures(6, 2))
    table = suite.measures({"a": [pictures(4, 3)]}, few)
    assert set(table["measure"]) == {"kid", "spectral", "content", "colour", "diversity", "memory"}
    assert set(few.floors()) == {"kid", "spectral", "diversity", "memory"}


def test_the_painter_may_have_drawn_only_the_first_photographs(yardstick):
    fewer = replace(yardstick, truth=yardstick.truth[:3])
    after = {"fsgan": [pictures(5, 4, 20)]}
    all_of_them, some = (suite.measures(after, one) for one in (yardstick, fewer))
    for measure in suite.MEASURES:
        whole, part = (suite.values(table, "fsgan", measure)[0] for table in (all_of_them, some))
        known = 3 if measure in ("psnr", "ssim", "edges", "label") else 5
        np.testing.assert_array_equal(part, whole[:known])


def test_sets_measured_side_by_side_give_the_same_table(yardstick, capsys):
    after = {"a": [pictures(5, 4, 20), pictures(5, 5, 20)], "b": [pictures(5, 6, 20)]}
    here = suite.measures(after, yardstick)
    pd.testing.assert_frame_equal(here, suite.measures(after, yardstick, threads=1, workers=2))
    assert capsys.readouterr().err.count("measures 3/3 sets") == 2


def test_estimates_resample_seeds_and_pictures(yardstick):
    table = suite.measures({"a": [pictures(5, 4), pictures(5, 5)], "b": [pictures(5, 6)]}, yardstick)
    found = suite.estimates(table).set_index(["method", "measure"])
    part = suite.values(table, "a", "psnr")
    row = found.loc["a", "psnr"]
    assert tuple(row[["value", "low", "high"]]) == pytest.approx(two_level(part))
    assert row["sd"] == pytest.approx(part.mean(1).std(ddof=1)) and (row["seeds"], row["pictures"]) == (2, 5)
    assert np.isnan(found.loc["b", "psnr"]["sd"])
    assert suite.shown(table, ["b", "a"]).shape == (2, len(suite.MEASURES))


def test_gain_is_paired(yardstick):
    table = suite.measures({"a": [pictures(5, 4), pictures(5, 5)], "b": [pictures(5, 6)]}, yardstick)
    first, second = suite.values(table, "a", "psnr"), suite.values(table, "b", "psnr")
    assert suite.gain(table, "psnr", "a", "b") == pytest.approx(two_level(first - second))
    assert suite.gain(table, "psnr", "a", "a").value == 0
    more = suite.measures(
        {"a": [pictures(5, k) for k in (4, 5)], "b": [pictures(5, k) for k in (6, 7, 8)]}, yardstick
    )
    first, second = (suite.values(more, name, "psnr") for name in "ab")
    assert suite.gain(more, "psnr", "a", "b") == pytest.approx(two_level(first - second[:2]))
    with pytest.raises(ValueError, match="'c'"):
        suite.gain(table, "psnr", "c", "a")


def test_wrong_number_of_pictures(yardstick):
    with pytest.raises(ValueError, match="a: 4 of 5"):
        suite.measures({"a": [pictures(4, 0)]}, yardstick)


def test_recogniser_sums_target_styles_and_refuses_unknown_ones(classifier):
    shown = pictures(4, 0)
    shares = classifier.probabilities(shown)
    np.testing.assert_allclose(classifier.of(shown, ["gouache", "cel"]), shares[:, 0] + shares[:, 2])
    assert classifier.agrees(shown, shown).all()
    with pytest.raises(StudyError, match="'oil'"):
        classifier.of(shown, ["oil"])


def test_recogniser_is_read_again_in_another_process(classifier):
    shown = pictures(3, 0)
    again = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(again.probabilities(shown), classifier.probabilities(shown))
