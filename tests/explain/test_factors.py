"""The factors that probes look for are those that the painter worked by."""

from types import SimpleNamespace

import numpy as np
import pytest

from animestudy.data.atelier import paint, plan, scene
from animestudy.data.atelier.places import PLACES
from animestudy.errors import StudyError
from animestudy.explain import factors
from animestudy.params import Arm

ARM = Arm(
    seed=5, association=0.25, local=1.0, overall=1.0, decoy=True,
    anime_scenes=30, photo_scenes=2, anime_portraits=2, photo_portraits=0, pairs=1, clips=0,
)  # fmt: skip


def collection(arm, **card):
    table = plan.table(plan.items(arm))
    return SimpleNamespace(
        table=table, card={"planted": arm.model_dump(), **card}, path=SimpleNamespace(name="made")
    )


def test_facts_are_those_of_the_composed_plan(monkeypatch):
    visited = []
    spied = {
        name: lambda site, name=name, build=build: (visited.append(name), build(site))
        for name, build in PLACES.items()
    }
    monkeypatch.setattr(scene, "PLACES", spied)
    for item in plan.items(ARM)[:6]:
        composed, found = paint.compose(item.subject, sealed=False), factors.facts(item.subject)
        assert found["place"] == visited[-1]
        assert found["straightness"] == composed.hand.straighten
        assert found["lean"] == abs(composed.mood.tilt)
        for group, holder in (
            ("line", composed.hand),
            ("colour", composed.mood),
            ("composition", composed.mood),
        ):
            for name in set(factors.GROUPS[group]) - {"straightness", "lean", "place"}:
                assert found[name] == getattr(holder, name), name
    assert set(found) == set(factors.GROUP)


def test_known_factors_are_of_the_rows_asked_for():
    made = collection(ARM)
    rows = np.array([7, 3, 21])
    known = factors.known(made, rows)
    assert known["style"].tolist() == made.table["style"].iloc[rows].tolist()
    assert known["psychology"].tolist() == made.table["psychology"].iloc[rows].tolist()
    assert known["tremor"][1] == factors.facts(plan.items(ARM)[3].subject)["tremor"]


def test_factors_that_never_vary_are_left_out():
    known = factors.known(collection(ARM.model_copy(update={"local": 0.0})), np.arange(20))
    assert "weight" not in known and "warmth" in known


def test_other_collections_and_pictures_are_refused():
    made = collection(ARM)
    with pytest.raises(StudyError, match="made: row 30 is no drawn landscape"):
        factors.known(made, np.array([0, 30]))
    with pytest.raises(StudyError, match="another version"):
        factors.known(collection(ARM, planted=replace_seed(ARM)), np.array([0]))
    del made.card["planted"]
    with pytest.raises(StudyError, match="not drawn by the atelier"):
        factors.known(made, np.array([0]))


def replace_seed(arm):
    return arm.model_dump() | {"seed": arm.seed + 1}
