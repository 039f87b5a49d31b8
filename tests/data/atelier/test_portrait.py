"""Portraits: one sitter in two proportions, the same backdrop, masks that cover what they name."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from animestudy.data.atelier import beard, cuts, drawn, dress, eyes, face, hair, ornaments
from animestudy.data.atelier.backdrop import BACKDROPS, Ground
from animestudy.data.atelier.frame import head, rotation
from animestudy.data.atelier.mood import mood
from animestudy.data.atelier.paint import paint
from animestudy.data.atelier.portrait import build
from animestudy.data.atelier.sitter import STATES, express, sit
from animestudy.data.atelier.spec import MASKS, PSYCHOLOGIES, STYLES, Hand, Subject

PARTS = ("eyes", "brows", "nose", "mouth")


def subject(seed, domain="anime", **changes):
    style = "cel" if domain == "anime" else ""
    return Subject(seed, "portrait", domain, **({"style": style, "psychology": "tranquil"} | changes))


def pair(seed, **changes):
    return subject(seed, "anime", **changes), subject(seed, "photo", **changes)


def same(first, second):
    return len(first) == len(second) and all(
        a.name == b.name and np.array_equal(a.points, b.points) and a.colour == b.colour
        for a, b in zip(first, second, strict=True)
    )


@pytest.mark.parametrize("domain", ["anime", "photo"])
@pytest.mark.parametrize("seed", range(12))
def test_every_shape_can_be_painted(seed, domain):
    plan = build(subject(seed, domain, psychology=PSYCHOLOGIES[seed % 5]))
    layers = [shape.layer for shape in plan.shapes]
    assert set(layers) == {0, 1, 2}
    for shape in plan.shapes:
        for line in (shape.points, *shape.strokes):
            assert line.ndim == 2 and line.shape[1] == 2 and len(line) > 1
            assert np.isfinite(line).all() and np.abs(line - 0.5).max() < 3
        for colour in (shape.colour, shape.second or shape.colour):
            assert len(colour) == 3 and min(colour) >= 0 and max(colour) <= 1
        assert shape.mask is None or shape.mask in MASKS
        assert (shape.layer == 0) == (shape.mask == "background")
        assert shape.closed or shape.width > 0
    assert layers == sorted(layers[: layers.index(2)]) + layers[layers.index(2) :]  # the backdrop comes first


@pytest.mark.parametrize("seed", range(8))
def test_partners_share_the_backdrop_and_not_the_face(seed):
    shapes = [[s for s in build(partner).shapes] for partner in pair(seed)]
    behind = [[s for s in plan if s.mask == "background"] for plan in shapes]
    before = [[s for s in plan if s.mask == "face"] for plan in shapes]
    assert behind[0] and same(*behind)
    assert not same(*before)


def test_a_plan_depends_on_neither_style_nor_call():
    plans = [build(subject(5, style=style)) for style in (*STYLES, "cel")]
    assert all(same(plans[0].shapes, plan.shapes) for plan in plans)


def test_strengths_switch_their_cue_off():
    plans = [build(subject(7, psychology=state, overall=0.0)) for state in PSYCHOLOGIES]
    assert all(same(plans[0].shapes, plan.shapes) for plan in plans)
    assert len({plan.hand for plan in plans}) == 5
    plans = [build(subject(7, psychology=state, local=0.0)) for state in PSYCHOLOGIES]
    assert {plan.hand for plan in plans} == {Hand()}
    assert not same(plans[0].shapes, plans[1].shapes)


@pytest.fixture(scope="module")
def pictures():
    """Masks of a dozen pairs, (painted, photo)."""
    return [
        tuple(paint(partner, 96).masks for partner in pair(seed, decoy=False)) for seed in range(100, 112)
    ]


def test_parts_lie_in_the_face_and_do_not_overlap(pictures):
    for masks in (masks for both in pictures for masks in both):
        named = [masks[name] for name in ("background", "figure", "face", "hair", *PARTS)]
        assert np.sum(named, axis=0).max() == 1
        outline, _ = cv2.findContours(
            (masks["face"] | masks["hair"]).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        hull = np.zeros((96, 96), np.uint8)
        cv2.fillPoly(hull, [cv2.convexHull(np.concatenate(outline))], 1)
        for name in PARTS:
            assert not (masks[name] & (hull == 0)).any(), name


def test_every_part_shows_where_it_belongs(pictures):
    for masks in (masks for both in pictures for masks in both):
        assert masks["face"].mean() > 0.05 and masks["background"].mean() > 0.2
        assert masks["eyes"].sum() > 8 and masks["mouth"].sum() >= 2
        middle = {name: np.argwhere(masks[name]).mean(0) for name in ("eyes", "nose", "mouth")}
        assert middle["eyes"][0] < middle["nose"][0] < middle["mouth"][0]
        assert masks["background"][:4].any() and not masks["background"][-2:, 40:56].any()
    for name in (*PARTS, "hair", "figure"):
        shown = np.mean([masks[name].any() for both in pictures for masks in both])
        assert shown >= 0.8, name  # a fringe may hide the brows


def test_the_drawing_enlarges_the_eyes_and_shrinks_nose_and_mouth(pictures):
    eyes, mouths = (
        np.array([[masks[name].sum() for masks in both] for both in pictures]) for name in ("eyes", "mouth")
    )
    assert (eyes[:, 0] > 2 * eyes[:, 1]).all()
    assert np.median(mouths[:, 0] / mouths[:, 1]) < 0.9
    noses = np.array([[masks["nose"].sum() for masks in both] for both in pictures])
    assert (noses[:, 0] < 0.2 * noses[:, 1]).all()


def test_partners_show_the_same_background_pixels_away_from_the_sitter(pictures):
    for painted, photo in pictures:
        shared = painted["background"] & photo["background"]
        assert shared.sum() > 0.6 * max(painted["background"].sum(), photo["background"].sum())


def test_faces_tell_the_state_of_mind_but_not_always():
    faces = {
        state: [express(state, 1.0, np.random.default_rng(k)) for k in range(200)] for state in PSYCHOLOGIES
    }
    smile = {state: np.array([face.smile for face in faces[state]]) for state in PSYCHOLOGIES}
    frown = {state: np.array([face.frown for face in faces[state]]) for state in PSYCHOLOGIES}
    assert smile["joyful"].mean() > smile["tranquil"].mean() > smile["melancholic"].mean()
    assert frown["resolute"].mean() > 0 > frown["anxious"].mean()
    assert smile["melancholic"].max() > smile["tranquil"].min()  # they overlap
    assert set(STATES) == {"", *PSYCHOLOGIES}


def test_strength_zero_gives_everybody_the_same_face():
    assert len({express(state, 0.0, np.random.default_rng(4)) for state in PSYCHOLOGIES}) == 1


@pytest.mark.parametrize("domain", ["anime", "photo"])
def test_everything_a_sitter_may_wear_can_be_drawn(domain):
    one = subject(3, domain)
    lean = rotation(2.0, (0.5, 0.5))
    rng = np.random.default_rng(0)

    def tone(colour):
        return colour

    def drawn_with(**changes):
        sitter = replace(sit(one), **changes)
        h = head(one, sitter, lean)
        parts = drawn.PARTS if domain == "anime" else face.PARTS
        shapes = [
            *hair.behind(h, sitter, tone, rng),
            *dress.clothes(h, sitter, tone, tone),
            *face.skull(h, sitter, tone),
            *(s for part in (*parts, beard.beard, eyes.brows) for s in part(h, sitter, tone, -1.0)),
            *ornaments.glasses(h, sitter, tone),
            *hair.above(h, sitter, tone, rng),
            *ornaments.ornaments(h, sitter, tone),
        ]
        assert all(np.isfinite(shape.points).all() for shape in shapes)
        return {shape.name for shape in shapes}

    plainly = drawn_with(
        cut="crop", fringe="none", garment="vee", hat="", ribbon=False, glasses=False, beard=""
    )
    for cut in (*cuts.CUTS, "curly"):
        for fringe in ("full", "side", "middle", "none"):
            drawn_with(cut=cut, fringe=fringe)
    assert {"shirt", "tie"} <= drawn_with(garment="blazer") and "scarf" in drawn_with(garment="scarf")
    for garment in dress.NECKLINE:
        assert "clothes" in drawn_with(garment=garment)
    for hat in ornaments.HATS:
        assert "hat" in drawn_with(hat=hat) - plainly
    for growth, name in (("full", "beard"), ("moustache", "moustache"), ("stubble", "stubble")):
        assert name in drawn_with(beard=growth) - plainly
    assert "ribbon" in drawn_with(ribbon=True, hat="") and "glasses" in drawn_with(glasses=True)


@pytest.mark.parametrize("backdrop", BACKDROPS)
def test_a_backdrop_fills_the_picture_however_it_leans(backdrop):
    for degrees in (-7.0, 0.0, 7.0):
        ground = Ground(
            np.random.default_rng(1),
            mood("", 1.0, np.random.default_rng(1)),
            lambda c: c,
            rotation(degrees, (0.5, 0.5)),
        )
        backdrop(ground)
        covered = np.zeros((64, 64), np.uint8)
        for shape in ground.shapes:
            cv2.fillPoly(covered, [np.rint(shape.points * 64).astype(np.int32)], 1)
        assert covered.all()
        assert {shape.mask for shape in ground.shapes} == {"background"}
