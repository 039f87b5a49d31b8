"""Landscapes: the same for both domains, at every size and on every call, with the parts they promise."""

from dataclasses import replace

import numpy as np
import pytest

from animestudy.data.atelier import canvas, scene
from animestudy.data.atelier.buildings import house
from animestudy.data.atelier.paint import compose, paint
from animestudy.data.atelier.people import person
from animestudy.data.atelier.scene import PLACES, build
from animestudy.data.atelier.seal import seal
from animestudy.data.atelier.site import PLAIN, SPECK, Site
from animestudy.data.atelier.spec import MASKS, PSYCHOLOGIES, Mood, Subject
from animestudy.data.atelier.trees import broadleaf, tree
from animestudy.errors import StudyError


def plans(count=40, **kind):
    return [build(Subject(seed, **kind)) for seed in range(count)]


def signature(plan):
    return [
        (s.name, s.points.tobytes(), s.colour, tuple(t.tobytes() for t in s.strokes)) for s in plan.shapes
    ]


def test_same_subject_same_plan():
    subject = Subject(3, psychology="anxious")
    first, second = build(subject), build(subject)
    assert signature(first) == signature(second)
    assert (first.mood, first.hand) == (second.mood, second.hand)


def test_partners_of_a_pair_share_every_shape():
    for seed in range(12):
        drawn = Subject(seed, style="ink", psychology="joyful")
        assert signature(build(drawn)) == signature(build(replace(drawn, domain="photo", style="")))


def test_no_global_strength_no_trace_of_the_state():
    for seed in (1, 8):
        same = [signature(build(Subject(seed, psychology=p, overall=0.0))) for p in PSYCHOLOGIES]
        assert all(one == same[0] for one in same)


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_a_landscape(place, monkeypatch):
    monkeypatch.setattr(scene, "PLACES", {place: PLACES[place]})
    for plan in plans(12, psychology="joyful"):
        names = {shape.name for shape in plan.shapes}
        assert "sky" in names and len(plan.shapes) > 20
        for shape in plan.shapes:
            assert np.isfinite(shape.points).all() and shape.points.shape[1] == 2, shape.name
            assert all(0 <= part <= 1 for part in (*shape.colour, *(shape.second or ()))), shape.name
            assert 0 <= shape.depth <= 1 and 0 < shape.opacity <= 1, shape.name
            assert shape.mask is None or shape.mask in MASKS
        depths = [shape.depth for shape in plan.shapes]
        assert min(depths) < 0.15 and max(depths) > 0.8  # foreground and background


def test_all_places_and_parts_occur():
    drawn = plans(60)
    names = {shape.name for plan in drawn for shape in plan.shapes}
    assert names >= {
        "sky",
        "cloud",
        "mountain",
        "water",
        "road",
        "roof",
        "window",
        "door",
        "trunk",
        "foliage",
    }
    assert names >= {"grass", "flower", "fence", "hull", "sail", "bird", "bridge", "head", "wire", "shadow"}
    masks = {shape.mask for plan in drawn for shape in plan.shapes}
    assert masks == {None, "background", "figure"}


def test_the_picture_is_covered():
    """Sky and ground reach beyond the edges, however the composition leans."""
    for plan in plans(24, psychology="anxious"):
        square = np.zeros((64, 64), np.uint8)
        for shape in plan.shapes:
            if shape.closed and shape.opacity == 1:
                canvas.fill(square, shape.points, 255, 64, smooth=False)
        assert (square == 255).all()


def test_the_composition_follows_the_mood(monkeypatch):
    def sky_share(horizon):
        monkeypatch.setattr(scene, "mood", lambda *_: Mood(horizon=horizon))
        return np.mean([build(Subject(seed)).shapes[0].points[:, 1].max() for seed in range(6)])

    monkeypatch.setattr(scene, "PLACES", {"field": PLACES["field"]})
    assert sky_share(0.7) - sky_share(0.4) == pytest.approx(0.3, abs=1e-6)

    def things(density):
        monkeypatch.setattr(scene, "mood", lambda *_: Mood(density=density))
        return np.mean([len(build(Subject(seed)).shapes) for seed in range(10)])

    monkeypatch.setattr(scene, "PLACES", {"village": PLACES["village"]})
    assert things(1.6) > 1.4 * things(0.5)


def standing(draw, height, tilt=0.0):
    """The shapes of one thing, `height` tall, with its foot in the middle of the picture."""
    site = Site(Mood(tilt=tilt), np.random.default_rng(4), "summer", 0.0, distance=0.5, layer="middle")
    draw(site.stand(0.5, 0.5, height))
    return site.shapes()


@pytest.mark.parametrize("draw", [broadleaf, house, person])
def test_far_things_are_drawn_with_less_in_them(draw):
    def amount(height):
        shapes = standing(draw, height)
        return len(shapes), sum(len(line) for s in shapes for line in (s.points, *s.strokes))

    near, far, speck = (amount(height) for height in (0.4, 0.9 * PLAIN, 0.9 * SPECK))
    assert near[0] > far[0] >= speck[0] and near[1] > 1.5 * far[1]
    kept = {shape.name for shape in standing(draw, 0.9 * PLAIN)}
    tops = [
        (0.5 - min(s.points[:, 1].min() for s in standing(draw, height) if s.name in kept)) / height
        for height in (0.4, 0.9 * PLAIN)
    ]
    assert tops[0] == pytest.approx(tops[1], abs=0.12)  # as tall as near by


def test_what_is_tiny_casts_no_shadow():
    cast = {
        height: any(shape.name == "shadow" for shape in standing(lambda site: tree(site, "poplar"), height))
        for height in (1.1 * SPECK, 0.9 * SPECK)
    }
    assert list(cast.values()) == [True, False]


def test_a_leaning_picture_turns_about_its_middle():
    turn = np.deg2rad(10)
    matrix = np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))])
    for straight, leaning in zip(standing(house, 0.3), standing(house, 0.3, 10.0), strict=True):
        for line, turned in zip(
            (straight.points, *straight.strokes), (leaning.points, *leaning.strokes), strict=True
        ):
            np.testing.assert_allclose((line - 0.5) @ matrix + 0.5, turned, atol=1e-12)


def test_pictures_of_a_pair_show_the_same_parts():
    """Background and figures of photograph and drawing agree (intersection over union).

    With a neutral hand: a hand of a state bends the outlines, which is the local cue and not the geometry.
    """
    for name, least in (("background", 0.9), ("figure", 0.75)):
        over, under = 0, 0
        for seed in range(10):
            drawn = Subject(seed, style="cel", psychology="tranquil", local=0.0)
            a, b = (paint(s, 96).masks[name] for s in (drawn, replace(drawn, domain="photo", style="")))
            over, under = over + (a & b).sum(), under + (a | b).sum()
        assert under > 0 and over / under > least, name


def test_seal_is_drawn_for_half_and_never_without_leave():
    sealed = [bool(seal(Subject(seed))) for seed in range(200)]
    assert 75 < sum(sealed) < 125
    seed = sealed.index(True)
    assert not seal(Subject(seed, decoy=False))
    printed = [[s.points.tobytes() for s in seal(Subject(seed, psychology=p))] for p in PSYCHOLOGIES]
    assert all(one == printed[0] for one in printed)
    assert {s.mask for s in compose(Subject(seed)).shapes} >= {"decoy"}
    for domain, style in (("photo", ""), ("anime", "gouache")):
        picture = paint(Subject(seed, domain=domain, style=style), 96)
        assert 15 < picture.masks["decoy"].sum() < 150


@pytest.mark.parametrize(
    "subject, size, word",
    [
        (Subject(1, kind="still life"), 96, "still life"),
        (Subject(1, domain="film"), 96, "film"),
        (Subject(1, style="cubist"), 96, "cubist"),
        (Subject(1, style="cel"), 4, "4"),
    ],
)
def test_mistakes_are_named(subject, size, word):
    with pytest.raises(StudyError, match=word):
        paint(subject, size)
