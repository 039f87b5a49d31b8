from dataclasses import replace
from itertools import combinations

import cv2
import numpy as np
import pytest

from animestudy.data.atelier import canvas
from animestudy.data.atelier.hand import hand
from animestudy.data.atelier.marks import GRID, MARKS, marks
from animestudy.data.atelier.spec import MASKS, PSYCHOLOGIES, STYLES, Hand, Mood, Plan, Shape
from animestudy.data.atelier.styles import STYLES as TABLE
from animestudy.data.atelier.styles import render
from animestudy.data.atelier.styles.screentone import screen
from animestudy.errors import StudyError


def disc(x, y, rx, ry=None, count=28):
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([x + rx * np.cos(turn), y + (ry or rx) * np.sin(turn)], 1)


def box(left, top, right, bottom):
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


SKY = Shape(
    "sky",
    box(-0.2, -0.2, 1.2, 0.6),
    (0.4, 0.6, 0.9),
    1.0,
    outline=0,
    second=(0.9, 0.95, 1.0),
    mask="background",
)
GROUND = Shape(
    "ground", box(-0.2, 0.55, 1.2, 1.2), (0.45, 0.62, 0.3), 0.4, texture="grass", mask="background"
)
HEAD = Shape("face", disc(0.45, 0.5, 0.25), (0.95, 0.8, 0.72), form="round", texture="skin", mask="face")
EYE = Shape("eye", disc(0.4, 0.48, 0.05), (0.2, 0.25, 0.4), mask="eyes")
MOUTH = Shape(
    "mouth",
    np.array([(0.38, 0.62), (0.45, 0.64), (0.52, 0.62)]),
    (0.5, 0.2, 0.2),
    closed=False,
    width=0.012,
    mask="mouth",
)
CHEEK = Shape("cheek", disc(0.55, 0.55, 0.05), (0.9, 0.5, 0.5), outline=0, opacity=0.3)
TREE = Shape(
    "foliage",
    disc(0.85, 0.4, 0.12),
    (0.2, 0.5, 0.25),
    0.3,
    form="round",
    texture="foliage",
    second=(0.1, 0.3, 0.15),
)
SEAL = Shape("seal", box(0.05, 0.05, 0.13, 0.13), (0.8, 0.1, 0.1), outline=0, mask="decoy")


def plan(*shapes, painter=None):
    return Plan(shapes or (SKY, GROUND, TREE, HEAD, CHEEK, EYE, MOUTH), Mood(), painter or Hand())


def draw(style, size=96, seed=0, **more):
    return render(plan(**more), style, size, np.random.default_rng(seed))


def test_the_table_has_the_five_styles_and_refuses_others():
    assert tuple(TABLE) == STYLES
    with pytest.raises(StudyError, match="cubism"):
        draw("cubism")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", [32, 61, 96, 200])
def test_any_size_gives_a_picture_and_all_masks(style, size):
    picture = draw(style, size)
    assert picture.image.shape == (size, size, 3)
    assert picture.image.dtype == np.uint8
    assert picture.image.std() > 10
    assert set(picture.masks) == set(MASKS)
    for mask in picture.masks.values():
        assert mask.shape == (size, size)
        assert mask.dtype == bool


@pytest.mark.parametrize("style", STYLES)
def test_the_same_subject_gives_the_same_bytes(style):
    one, two, other = draw(style), draw(style), draw(style, seed=1)
    assert (one.image == two.image).all()
    assert all((one.masks[name] == two.masks[name]).all() for name in MASKS)
    assert (one.image != other.image).mean() > 0.2


@pytest.mark.parametrize("style", STYLES)
def test_the_composition_does_not_depend_on_the_size(style):
    small, large = draw(style, 96), draw(style, 288)
    # screens are as coarse as the small picture needs: compare what is left without them
    blurred = [
        cv2.GaussianBlur(cv2.resize(p.image, (96, 96), interpolation=cv2.INTER_AREA), (0, 0), 3)
        for p in (small, large)
    ]
    assert np.corrcoef(blurred[0].ravel(), blurred[1].ravel())[0, 1] > 0.93
    for name in ("face", "eyes", "background"):
        shrunk = cv2.resize(large.masks[name].astype(np.uint8), (96, 96), interpolation=cv2.INTER_NEAREST) > 0
        both, either = (shrunk & small.masks[name]).sum(), (shrunk | small.masks[name]).sum()
        assert both > 0.85 * either


def test_styles_differ_in_more_than_colour():
    grey = {style: canvas.luma(draw(style).image.astype(np.float32)) for style in STYLES}
    for one, two in combinations(STYLES, 2):
        a, b = ((grey[s] - grey[s].mean()) / grey[s].std() for s in (one, two))
        assert np.abs(a - b).mean() > 0.15, (one, two)


@pytest.mark.parametrize("style", STYLES)
def test_the_topmost_shape_owns_the_pixel(style):
    masks = draw(style).masks
    assert masks["eyes"][46, 38]
    assert not masks["face"][46, 38]
    assert masks["face"][30, 50]
    assert masks["face"][53, 53]  # through the translucent cheek
    assert masks["background"][10, 60]
    assert not masks["background"][38, 81]  # the tree names no part
    area = np.pi * 0.25**2 - np.pi * 0.05**2
    # in gouache the brush runs over the edge by half its width
    assert masks["face"].mean() == pytest.approx(area, rel=0.12)
    assert (masks["face"] & masks["background"]).sum() == 0
    assert 0 < masks["mouth"].mean() < 0.01


@pytest.mark.parametrize("style", STYLES)
def test_the_line_cue_lies_on_the_strokes_and_nowhere_else(style):
    square = Shape("wall", box(0.25, 0.25, 0.75, 0.75), (0.8, 0.5, 0.3))
    picture = render(
        plan(replace(SKY, points=box(-1, -1, 2, 2)), square), style, 120, np.random.default_rng(3)
    )
    x, y = (np.abs(axis - 0.5) for axis in canvas.ramp(120))
    distance = np.abs(np.maximum(x, y) - 0.25)  # from the square's outline
    cue = picture.masks["line_cue"]
    assert not cue[distance > 0.035].any()
    assert cue[(distance < 0.006)].mean() > 0.8
    bare = render(plan(SKY, replace(square, outline=0)), style, 120, np.random.default_rng(3))
    assert not bare.masks["line_cue"].any()
    # the lines change exactly there: the same picture without them differs on the cue, hardly elsewhere
    without = render(
        plan(replace(SKY, points=box(-1, -1, 2, 2)), replace(square, outline=1e-9)),
        style,
        120,
        np.random.default_rng(3),
    )
    change = np.abs(picture.image.astype(int) - without.image).sum(-1)
    assert change[cue].mean() > 30
    assert change[distance > 0.06].mean() < 3


@pytest.mark.parametrize("style", STYLES)
def test_what_is_painted_over_has_no_line_left(style):
    cover = Shape("curtain", box(0.1, 0.1, 0.9, 0.9), (0.6, 0.3, 0.3), outline=0)
    masks = draw(style).masks
    hidden = render(plan(SKY, GROUND, TREE, HEAD, EYE, cover), style, 96, np.random.default_rng(0)).masks
    assert masks["line_cue"][12:84, 12:84].any()
    assert not hidden["line_cue"][12:84, 12:84].any()


@pytest.mark.parametrize("style", STYLES)
def test_psychology_shows_in_every_style_and_not_at_strength_zero(style):
    def of(psychology, strength):
        return draw(style, painter=hand(psychology, strength, np.random.default_rng(8)))

    pictures = [of(p, 0.0) for p in PSYCHOLOGIES]
    assert all((p.image == pictures[0].image).all() for p in pictures)
    pictures = [of(p, 1.0) for p in PSYCHOLOGIES]
    for one, two in combinations(pictures, 2):
        assert (one.masks["line_cue"] != two.masks["line_cue"]).mean() > 0.02
        assert np.abs(one.image.astype(int) - two.image).mean() > 1.5


def test_the_decoy_is_the_same_in_every_style_and_state():
    stamps = []
    for style in STYLES:
        for psychology in ("resolute", "anxious"):
            painter = hand(psychology, 1.0, np.random.default_rng(8))
            picture = render(
                plan(SKY, GROUND, HEAD, SEAL, painter=painter), style, 96, np.random.default_rng(0)
            )
            inside = picture.masks["decoy"]
            assert inside.mean() == pytest.approx(0.08**2, rel=0.35)
            assert not any((picture.masks[name] & inside).any() for name in MASKS if name != "decoy")
            stamps.append(picture.image[6:11, 6:11])
    assert all((stamp == stamps[0]).all() for stamp in stamps)
    assert not draw("cel").masks["decoy"].any()


def test_a_screen_prints_the_share_that_it_is_asked_for():
    for kind in ("dots", "lines"):
        thresholds = screen(288, 12, kind, 45)
        for tone in (0.1, 0.25, 0.5, 0.8):
            assert (255 * tone > thresholds).mean() == pytest.approx(tone, abs=0.03)
    # at 96 pixels the dots are still dots
    printed = canvas.reduce(np.where(screen(288, 12, "dots", 45) < 64, np.uint8(255), np.uint8(0)), 96)
    assert printed.std() > 70


@pytest.mark.parametrize("texture", MARKS)
def test_marks_lie_inside_their_shape(texture):
    points = disc(0.5, 0.5, 0.4, 0.3)
    shape = Shape("thing", points, (0, 0, 0), texture=texture)
    shapes = (
        shape,
        replace(shape, closed=False),
        replace(shape, points=0.07 * points),
        replace(shape, texture="none"),
    )
    low, high = (np.array([edge(s.points, axis=0) for s in shapes]) for edge in (np.min, np.max))
    owner = np.zeros((GRID, GRID), np.int16)
    for k, one in reversed(list(enumerate(shapes))):
        if one.closed:
            canvas.fill(owner, one.points, k + 1, GRID, smooth=False)
    drawn, *none = marks(shapes, low, high, owner, np.random.default_rng(1))
    assert drawn
    assert none == [[], [], []]
    ends = np.concatenate([mark[[0, -1]] for mark in drawn]) - 0.5
    assert (np.hypot(ends[:, 0] / 0.4, ends[:, 1] / 0.3) < 1.05).all()
