"""The global cue: planted directions, overlap, and no trace of a state at strength 0."""

from dataclasses import fields
from functools import cache

import numpy as np
import pytest

from animestudy.data.atelier.mood import SPREAD, colour, mood, tone
from animestudy.data.atelier.spec import PSYCHOLOGIES, Mood
from animestudy.errors import StudyError


@cache
def many(psychology, strength=1.0, count=400):
    return [mood(psychology, strength, np.random.default_rng([5, k])) for k in range(count)]


def mean(psychology, name, strength=1.0):
    return np.mean([getattr(one, name) for one in many(psychology, strength)])


@pytest.mark.parametrize("psychology", PSYCHOLOGIES)
def test_no_strength_no_trace(psychology):
    for seed in range(50):
        neutral = mood("", 1.0, np.random.default_rng(seed))
        assert mood(psychology, 0.0, np.random.default_rng(seed)) == neutral


def test_states_differ_as_planted():
    assert mean("joyful", "warmth") - mean("melancholic", "warmth") > 0.6
    assert mean("joyful", "brightness") - mean("melancholic", "brightness") > 0.12
    assert mean("joyful", "saturation") - mean("melancholic", "saturation") > 0.4
    assert mean("resolute", "horizon") - mean("anxious", "horizon") > 0.12
    assert mean("resolute", "symmetry") - mean("tranquil", "symmetry") > 0.3
    assert mean("anxious", "density") - mean("tranquil", "density") > 0.4
    lean = {p: np.mean([abs(one.tilt) for one in many(p)]) for p in PSYCHOLOGIES}
    assert max(lean, key=lean.get) == "anxious"


def test_states_overlap():
    """No single number tells two states apart without error."""
    for name in SPREAD:
        ranges = [np.quantile([getattr(one, name) for one in many(p)], (0.02, 0.98)) for p in PSYCHOLOGIES]
        assert max(low for low, _ in ranges) < min(high for _, high in ranges), name


def test_strength_scales_the_cue():
    weak, full = (mean("melancholic", "warmth", s) - mean("", "warmth") for s in (0.5, 1.0))
    assert full < weak < 0
    assert weak == pytest.approx(full / 2, rel=0.2)


def test_values_stay_in_range():
    for one in many("anxious", 3.0) + many("joyful", 3.0):
        for name, (_, low, high) in SPREAD.items():
            assert low <= getattr(one, name) <= high
    assert set(SPREAD) == {field.name for field in fields(Mood)}


def test_light_and_lean_come_from_both_sides():
    drawn = many("anxious", count=200)
    for name in ("side", "tilt"):
        assert 60 < sum(getattr(one, name) > 0 for one in drawn) < 140


def test_unknown_state_is_named():
    with pytest.raises(StudyError, match="furious"):
        mood("furious", 1.0, np.random.default_rng(0))


def test_neutral_mood_keeps_colours():
    base = np.random.default_rng(1).random((7, 5, 3))
    np.testing.assert_allclose(tone(Mood(), base), base)


def test_one_colour_equals_the_array_formula():
    rng = np.random.default_rng(2)
    for one in many("joyful", count=20):
        base = rng.random(3)
        np.testing.assert_allclose(colour(one, base), tone(one, base), atol=1e-9)


def test_tone_does_what_it_says():
    grey = np.array((0.5, 0.5, 0.5))
    red, _, blue = tone(Mood(warmth=1.0), grey)
    assert red > 0.58 and blue < 0.42
    assert tone(Mood(brightness=0.2), grey).mean() == pytest.approx(0.7)
    assert np.ptp(tone(Mood(saturation=0.0), np.array((0.9, 0.2, 0.4)))) == pytest.approx(0)
    assert tone(Mood(contrast=1.5), np.array((0.8, 0.8, 0.8)))[0] == pytest.approx(0.95)
