from dataclasses import fields, replace

import numpy as np
import pytest

from animestudy.data.atelier.hand import HANDS, HIGH, LOW, Line, hand, stroke, trace
from animestudy.data.atelier.spec import PSYCHOLOGIES, Hand
from animestudy.errors import StudyError

NAMES = [field.name for field in fields(Hand)]
WIDTH = 0.012
PLAIN = Hand(taper=0.0)


def line(count=40):
    return np.stack([np.linspace(0.1, 0.9, count), np.full(count, 0.5)], 1)


def arc(count=60, share=1.0):
    turn = np.linspace(0, share * 2 * np.pi, count, endpoint=share < 1)
    return np.stack([0.5 + 0.3 * np.cos(turn), 0.5 + 0.3 * np.sin(turn)], 1)


SQUARE = np.array([(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)])


def drawn(points, painter, closed=False, seed=0):
    return stroke(points, painter, WIDTH, np.random.default_rng(seed), closed)


def length(strokes):
    return sum(np.hypot(*np.diff(s.points, axis=0).T).sum() for s in strokes)


def test_every_state_has_a_hand_and_an_unknown_one_is_refused():
    assert set(HANDS) == set(PSYCHOLOGIES)
    with pytest.raises(StudyError, match="angry"):
        hand("angry", 1.0, np.random.default_rng(0))


@pytest.mark.parametrize("psychology", ["", *PSYCHOLOGIES])
def test_strength_zero_is_neutral_and_uses_the_stream_alike(psychology):
    rng = np.random.default_rng(5)
    assert hand(psychology, 0.0, rng) == Hand()
    other = np.random.default_rng(5)
    hand("joyful", 1.0, other)
    assert rng.random() == other.random()


def test_hands_stay_in_range_and_repeat():
    for seed in range(60):
        for psychology in PSYCHOLOGIES:
            one = hand(psychology, 1.0, np.random.default_rng(seed))
            assert one == hand(psychology, 1.0, np.random.default_rng(seed))
            for name in NAMES:
                assert getattr(LOW, name) <= getattr(one, name) <= getattr(HIGH, name)


def test_states_differ_but_overlap():
    """The nearest mean names most hands, not all: the labels can be learned and not read off."""

    def table(seeds):
        hands = [[hand(p, 1.0, np.random.default_rng([s, k])) for s in seeds] for k, p in enumerate(HANDS)]
        return np.array([[[getattr(h, name) for name in NAMES] for h in row] for row in hands])

    known, new = table(range(200)), table(range(200, 400))
    scale = known.std((0, 1))
    means = known.mean(1) / scale
    distance = np.linalg.norm(new[:, :, None] / scale - means, axis=-1)
    right = (distance.argmin(-1) == np.arange(len(HANDS))[:, None]).mean()
    assert 0.70 < right < 0.99
    # strength lies between: half the cue, half the way
    half = np.mean([hand("anxious", 0.5, np.random.default_rng(s)).tremor for s in range(200)])
    full = np.mean([hand("anxious", 1.0, np.random.default_rng(s)).tremor for s in range(200)])
    assert half == pytest.approx(full / 2, rel=0.15)


def test_weight_is_width_and_strength_is_darkness():
    thin, thick = (np.concatenate([s.width for s in drawn(line(), replace(PLAIN, weight=w))]) for w in (1, 2))
    assert thick.mean() == pytest.approx(2 * thin.mean(), rel=0.05)
    assert thin.mean() == pytest.approx(WIDTH, rel=0.2)
    pale, dark = (drawn(line(), replace(PLAIN, strength=s))[0].opacity for s in (0.5, 1.0))
    assert pale == pytest.approx(dark / 2)


def roughness(strokes):
    """Deviation from straight (in line widths) and how fast it changes sides."""
    y = np.concatenate([s.points[1:-1, 1] for s in strokes])
    return np.std(y) / WIDTH, np.std(np.diff(y)) / max(np.std(y), 1e-9)


def test_tremor_is_fast_and_wave_is_slow():
    still = roughness(drawn(line(), PLAIN))
    trembling = roughness(drawn(line(), replace(PLAIN, tremor=0.28)))
    winding = roughness(drawn(line(), replace(PLAIN, wave=1.0)))
    assert still[0] < 0.05
    assert trembling[0] > 0.1
    assert winding[0] > 0.4
    assert trembling[1] > 2 * winding[1]


def test_a_restless_hand_draws_twice():
    assert length(drawn(line(), replace(PLAIN, tremor=0.9))) > 1.8 * length(drawn(line(), PLAIN))


def test_straighten_makes_chords_of_curves():
    curved, straight = drawn(arc(), PLAIN, True), drawn(arc(), replace(PLAIN, straighten=1.0), True)
    assert len(curved) == 1
    assert 4 <= len(straight) <= 12
    for chord in straight:
        inner = chord.points[1:-1]
        ends = inner[-1] - inner[0]
        away = inner - inner[0]
        off = np.abs(ends[0] * away[:, 1] - ends[1] * away[:, 0]) / np.hypot(*ends)
        assert off.max() < 1e-3
    # and leaves corners where they are
    sides = drawn(SQUARE, replace(PLAIN, straighten=1.0), True)
    assert len(sides) == 4
    assert length(sides) == pytest.approx(2.4, rel=0.01)


def test_breaks_open_that_share_of_the_line():
    whole = length(drawn(line(), PLAIN))
    left = [length(drawn(line(), replace(PLAIN, breaks=0.4), seed=s)) / whole for s in range(40)]
    assert np.mean(left) == pytest.approx(0.6, abs=0.1)


def test_broken_strokes_sag():
    strokes = drawn(line(), replace(PLAIN, breaks=0.4))
    assert len(strokes) > 1
    assert all(s.points[-2, 1] > s.points[1, 1] for s in strokes if len(s.points) > 8)


def test_taper_thins_both_ends():
    (blunt,), (pointed,) = drawn(line(), PLAIN), drawn(line(), replace(PLAIN, taper=0.9))
    middle = len(pointed.width) // 2
    for end in (0, -1):
        assert pointed.width[end] < 0.5 * pointed.width[middle]
        assert blunt.width[end] > 0.7 * blunt.width[middle]


def test_overshoot_runs_past_corners_only():
    inside, past = drawn(SQUARE, PLAIN, True), drawn(SQUARE, replace(PLAIN, overshoot=3.0), True)
    extent = max(np.abs(s.points - 0.5).max() for s in inside) - 0.3
    beyond = max(np.abs(s.points - 0.5).max() for s in past) - 0.3
    assert extent < 0.5 * WIDTH
    assert beyond > 1.5 * WIDTH
    assert length(drawn(line(), replace(PLAIN, overshoot=3.0))) == pytest.approx(0.8, rel=0.02)


def test_bounce_swells_the_width_and_bulges_outwards():
    (even,), (swelling,) = drawn(line(), PLAIN), drawn(line(), replace(PLAIN, bounce=1.0))
    assert np.std(swelling.width) > 3 * np.std(even.width)
    assert swelling.points[:, 1].mean() < 0.5  # an open line springs up
    for outline in (SQUARE, SQUARE[::-1]):
        sides = drawn(outline, replace(PLAIN, bounce=1.0), True)
        assert max(np.abs(s.points - 0.5).max() for s in sides) > 0.3 + WIDTH


def test_all_lines_at_once_are_told_apart():
    lines = [Line(line(), WIDTH), Line(arc(), WIDTH, True), Line(SQUARE * 0.1, WIDTH, True)]
    traced = trace(lines, HANDS["joyful"], np.random.default_rng(2))
    for number, one in enumerate(lines):
        away = np.linalg.norm(traced.outline(number)[:, None] - one.points, axis=-1).min(1)
        assert away.max() < 0.35  # the square's sides have no points between corners
        for s in traced.strokes(number):
            middle = s.points.mean(0)
            assert (one.points.min(0) - 0.05 <= middle).all()
            assert (middle <= one.points.max(0) + 0.05).all()
            assert len(s.points) == len(s.width)
            assert (s.width > 0).all()
            assert 0 <= s.opacity <= 1


def test_a_closed_line_meets_its_beginning():
    for psychology in PSYCHOLOGIES:
        outline = trace([Line(arc(), WIDTH, True)], HANDS[psychology], np.random.default_rng(4)).outline(0)
        assert np.linalg.norm(outline[0] - outline[-1]) < 0.05 * WIDTH


def test_short_lines_are_led_more_closely():
    painter = replace(HANDS["anxious"], tremor=0.29)
    off = []
    for size in (1.0, 0.05):
        outline = trace([Line(line() * size, WIDTH)], painter, np.random.default_rng(1)).outline(0)
        off.append(np.abs(outline[:, 1] - 0.5 * size).max())
    assert off[1] < 0.4 * off[0]


def test_lines_far_outside_cost_no_points_and_no_lines_are_no_error():
    far = np.array([(-40.0, 0.5), (41.0, 0.5)])
    traced = trace([Line(far, WIDTH)], Hand(), np.random.default_rng(0))
    assert len(traced.path) < 200
    empty = trace([], Hand(), np.random.default_rng(0))
    assert len(empty.points) == 0
    assert empty.by_line == ()
