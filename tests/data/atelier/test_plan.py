"""The arm's list of pictures: balance, the planted association, splits, and independence of the counts."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from animestudy.data.atelier.plan import LEANING, clips, items, joint, stream, table
from animestudy.data.atelier.spec import PSYCHOLOGIES, STYLES
from animestudy.errors import StudyError
from animestudy.params import Arm, read, validate
from animestudy.stats.association import association, contingency, phi_squared


def arm(**changes):
    sizes = dict(anime_scenes=0, photo_scenes=0, anime_portraits=0, photo_portraits=0, pairs=0, clips=0)
    return Arm(**(dict(seed=1, association=0.25, local=1.0, overall=1.0, decoy=True) | sizes | changes))


@pytest.mark.parametrize("planted", [0.0, 0.25, 0.5, 1.0])
def test_the_population_has_the_planted_v_and_uniform_marginals(planted):
    table = joint(planted)
    assert np.sqrt(max(phi_squared(table), 0) / 4) == pytest.approx(planted, abs=1e-7)
    assert table.sum(0) == pytest.approx(np.full(5, 0.2)) and table.sum(1) == pytest.approx(np.full(5, 0.2))
    assert table.min() >= 0


def test_every_psychology_is_some_styles_leaning():
    assert sorted(LEANING) == sorted(STYLES)
    assert sorted(LEANING.values()) == sorted(PSYCHOLOGIES)


@pytest.mark.parametrize("planted", [0.0, 0.25])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_planted_v_is_recovered_from_the_labels(planted, seed):
    rows = table(items(arm(seed=seed, association=planted, anime_scenes=2400)))
    found = association(contingency(rows["style"], rows["psychology"]))
    assert found.low <= planted <= found.high
    assert found.high - found.low < 0.08


def test_labels_are_balanced():
    rows = table(items(arm(anime_scenes=1000)))
    assert set(rows["style"].value_counts()) == {200}
    psychologies = rows["psychology"].value_counts()
    assert len(psychologies) == 5
    assert psychologies.between(160, 240).all()  # a sample of 1000 at 20 %: more than three sigma each way


def test_every_style_has_the_same_share_of_each_split():
    rows = table(items(arm(anime_scenes=500)))
    counts = Counter(zip(rows["style"], rows["split"], strict=True))
    assert {counts[style, "train"] for style in STYLES} == {70}
    assert {counts[style, "val"] for style in STYLES} == {counts[style, "test"] for style in STYLES} == {15}


def test_item_k_does_not_depend_on_the_counts():
    few = items(arm(anime_scenes=7, photo_portraits=3, pairs=2))
    many = {
        item.name: item for item in items(arm(anime_scenes=333, photo_scenes=50, photo_portraits=9, pairs=5))
    }
    assert all(many[item.name] == item for item in few)


def test_streams_and_arms_share_no_geometry():
    everything = dict(anime_scenes=300, photo_scenes=300, anime_portraits=300, photo_portraits=300, pairs=50)
    first, second = items(arm(**everything)), items(arm(seed=2, **everything))
    seeds = [item.subject.seed for item in first if not item.pair] + [item.subject.seed for item in second]
    seeds += [item.subject.seed for item in first if item.pair and item.subject.domain == "anime"]
    second_pairs = [item.subject.seed for item in second if item.pair and item.subject.domain == "photo"]
    assert len(set(seeds)) == len(seeds) - len(second_pairs)


def test_partners_of_a_pair_differ_in_the_domain_alone_and_are_held_out():
    planned = [item for item in items(arm(anime_scenes=100, photo_scenes=100, pairs=20)) if item.pair]
    assert len(planned) == 2 * 2 * 20
    for painted, photo in zip(planned[::2], planned[1::2], strict=True):
        assert painted.pair == photo.pair and painted.group == photo.group
        assert replace(painted.subject, domain="photo", style="") == photo.subject
        assert painted.split == photo.split == "test"


def test_groups_stay_in_one_split():
    rows = table(items(arm(anime_scenes=200, photo_scenes=200, anime_portraits=200, pairs=30)))
    assert (rows.groupby("group")["split"].nunique() == 1).all()
    assert set(rows.loc[rows["pair"] != "", "split"]) == {"test"}


def test_a_photograph_has_no_painter():
    rows = table(items(arm(photo_scenes=10, anime_scenes=10, pairs=5)))
    photos = rows[rows["domain"] == "photo"]
    assert set(photos["style"]) == set(photos["psychology"]) == {""}
    assert "" not in set(rows.loc[rows["domain"] == "anime", ["style", "psychology"]].to_numpy().ravel())


def test_the_strengths_of_the_arm_reach_every_subject():
    settings = dict(local=0.5, overall=0.0, decoy=False)
    for item in stream(arm(**settings), "photo_scenes", 5, "scene", "photo"):
        assert {name: getattr(item.subject, name) for name in settings} == settings


def test_clips_cover_both_domains_and_kinds():
    subjects = clips(arm(clips=8))
    assert Counter((s.domain, s.kind) for s in subjects) == {
        ("photo", "scene"): 3, ("anime", "scene"): 3, ("photo", "portrait"): 1, ("anime", "portrait"): 1,
    }  # fmt: skip
    assert clips(arm(clips=3)) == subjects[:3]


def test_the_default_arms_hold_what_the_study_needs():
    arms = read().data.arms
    rows = table(items(arms["atelier"]))
    assert len(rows) == rows["file_name"].nunique()
    assert arms["atelier"].association > 0 and arms["atelier-independent"].association == 0


@pytest.mark.parametrize(
    ("arms", "words"),
    [
        ({"one": {}, "two": {}}, "params.yaml: data.arms: every arm needs a seed of its own"),
        ({"../one": {}}, "params.yaml: data.arms: '../one' names no collection; use a-z, 0-9, - and _"),
        ({"one": {"association": 1.5}}, "data.arms.one.association = 1.5: "),
        ({"one": {"pairs": -1}}, "data.arms.one.pairs = -1: "),
        ({}, "params.yaml: data.arms: "),
    ],
)
def test_wrong_arms_are_one_line(arms, words):
    document = read().model_dump()
    document["data"]["arms"] = {name: arm().model_dump() | changes for name, changes in arms.items()}
    with pytest.raises(StudyError) as error:
        validate(document)
    assert words in str(error.value) and "\n" not in str(error.value)
