"""Figures, picture grids and tables as they enter a notebook."""

import base64
import io
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from animestudy.errors import StudyError
from animestudy.report import figures, pictures, tables


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, as (bundle, metadata), captions left out."""
    outputs = []

    def display(bundle, raw=False, metadata=None):
        if raw:
            outputs.append((bundle, metadata))

    monkeypatch.setattr(figures, "display", display)
    return outputs


def line():
    figure, axes = plt.subplots()
    axes.plot([0, 1, 4])
    return figure


def picture(data: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_figure_carries_caption_and_alternative_text(shown):
    figures.style()
    figures.show(line(), "A *line*.", "a rising line")
    ((bundle, metadata),) = shown
    assert metadata["study"] == {"kind": "figure", "caption": "A *line*."}
    facts = metadata["image/png"]
    assert facts["alt"] == "a rising line"
    image = picture(bundle["image/png"])
    assert (
        image.size == (2 * facts["width"], 2 * facts["height"])
        and image.convert("RGB").getpixel((0, 0)) == (255,) * 3
    )
    assert len(bundle["image/png"]) < 60_000 and plt.get_fignums() == []


def test_a_figure_is_the_same_bytes_every_time(shown):
    figures.style()
    for _ in range(2):
        figures.show(line(), "c", "a")
    assert shown[0] == shown[1]


@pytest.mark.parametrize(("caption", "alt"), [("", "alt"), ("caption", " ")])
def test_words_are_required(shown, caption, alt):
    with pytest.raises(StudyError, match="needs its"):
        figures.show(line(), caption, alt)
    with pytest.raises(StudyError, match="needs its"):
        figures.grid([np.zeros((4, 4), bool)], caption=caption, alt=alt)


def test_colours_belong_to_names():
    assert figures.colours(["ink", "cel"])["ink"] == figures.colours(["ink"])["ink"]
    assert figures.colours(["b", "a"]) == figures.colours(["a", "b"])
    many = figures.colours([f"title {k}" for k in range(30)])
    assert len(set(many.values())) == 30


def test_few_colours_are_kept_exactly():
    image = Image.fromarray(np.random.default_rng(0).choice([0, 90, 255], (40, 40, 3)).astype(np.uint8))
    kind, data = pictures.encode(image)
    assert kind == "image/png" and np.array_equal(Image.open(io.BytesIO(data)).convert("RGB"), image)


def test_a_photograph_becomes_small_and_stays_near():
    y, x = np.mgrid[:96, :96]
    photo = np.stack([128 + 120 * np.sin(x / 9), 128 + 120 * np.cos(y / 7), (x * y) % 256], 2).astype(
        np.uint8
    )
    _, data = pictures.encode(Image.fromarray(photo))
    difference = np.abs(np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), int) - photo)
    assert len(data) < photo.size / 2 and difference.mean() < 8


def test_a_grid_enlarges_by_whole_pixels(shown):
    images = [np.full((96, 96, 3), shade, np.uint8) for shade in (0, 80, 160, 240)]
    figures.grid(
        images, ["<a>", "b", "c", "d"], 2, heads=["left", "right"], rows=["1", "2"], caption="c", alt='x "y"'
    )
    ((bundle, _),) = shown
    html = bundle["text/html"]
    assert set(re.findall(r'width="(\d+)"', html)) == {str(96 * 3)}
    assert html.count("<img") == 4 and 'alt="&lt;a&gt;"' in html and 'aria-label="x &quot;y&quot;"' in html
    assert re.findall(r'scope="(\w+)">(\w+)<', html) == [
        ("col", "left"),
        ("col", "right"),
        ("row", "1"),
        ("row", "2"),
    ]


@pytest.mark.parametrize("image", [np.eye(5) > 0, np.eye(5), (np.eye(5) * 255).astype(np.uint8)])
def test_grids_take_masks_and_greys(image):
    assert np.array_equal(pictures.rgb(image)[..., 1], np.eye(5) * 255)


@pytest.mark.parametrize(
    "image", [np.full((4, 4), 2.0), np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4), int)]
)
def test_what_is_no_picture_is_refused(image):
    with pytest.raises(StudyError):
        pictures.rgb(image)


def test_grids_refuse_what_does_not_fit(shown):
    square = np.zeros((8, 8), bool)
    with pytest.raises(StudyError, match="one size"):
        figures.grid([square, np.zeros((9, 8), bool)], caption="c", alt="a")
    with pytest.raises(StudyError, match="3 titles for 2"):
        figures.grid([square] * 2, ["a", "b", "c"], caption="c", alt="a")


@pytest.mark.parametrize(
    ("count", "width", "columns"), [(4, 96, 4), (7, 96, 7), (8, 96, 4), (15, 96, 5), (2, 900, 1)]
)
def test_columns_that_fit(count, width, columns):
    assert pictures.columns_that_fit(count, width) == columns


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        ([0.5, 0.123456], ["0.500", "0.123"]),
        ([12.0, -1.25], ["12.0", "−1.2"]),
        ([1234.5], ["1234"]),
        ([float("nan"), 1.0], ["–", "1.00"]),
        ([1e-9], ["1.00e−09"]),
        ([0.0], ["0.00"]),
    ],
)
def test_floats_of_a_column_share_their_decimals(values, cells):
    assert tables.column(pd.Series(values)) == cells


def test_tables_escape_head_and_fold(shown):
    frame = pd.DataFrame({"name": ["<b>"] * 13, "n": range(13)})
    figures.table(frame.set_index("name"), "caption")
    figures.table(frame.head(12), "caption")
    long, short = (bundle["text/html"] for bundle, _ in shown)
    assert (
        '<th scope="row">&lt;b&gt;</th><td class="num">0</td>' in long
        and "<summary>13 rows</summary>" in long
    )
    assert "details" not in short and 'scope="row"' not in short
