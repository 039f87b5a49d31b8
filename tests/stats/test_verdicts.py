"""Verdicts from made numbers, and claims files that are wrong in every way that people get them wrong."""

import json
import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from animestudy.errors import StudyError
from animestudy.paths import ROOT
from animestudy.stats import verdicts
from animestudy.stats.verdicts import Effect

CLAIM = """
claims:
  - id: gain
    claim: The new module is better than the old.
    place: section 9
    hypothesis: The new module names more test pictures rightly.
    notebook: 04_style
    cell: result
    test: paired by seed, two-level bootstrap
    unit: points
    direction: larger
    smallest: 1
    atelier:
      - label: new − old
        measure: peers/old
"""


@pytest.fixture
def study(tmp_path):
    """A claims file and the numbers it needs; returns a function that judges them."""
    (tmp_path / "metrics").mkdir()
    file = tmp_path / "claims.yaml"

    def judge(text=CLAIM, numbers=None):
        file.write_text(text)
        book = {"peers": {"old": {"value": 3.0, "low": 2.0, "high": 4.0}}} if numbers is None else numbers
        (tmp_path / "metrics/04_style.json").write_text(json.dumps(book))
        return verdicts.judge(verdicts.read(file), tmp_path)

    return judge


@pytest.mark.parametrize(
    ("value", "low", "high", "word"),
    [
        (3, 2, 4, "supported"),
        (-3, -4, -2, "contradicted"),
        (0.5, 0.2, 0.8, "not supported"),  # there, but too small to matter
        (-0.5, -0.8, -0.2, "not supported"),
        (-2, -5, 0.4, "not supported"),
        (2, -1, 5, "inconclusive"),
        (0.8, 0.2, 1.4, "inconclusive"),
        (-2, -5, 1.4, "inconclusive"),
        (3, 3, 3, "supported"),  # every resample agreed
        (0, 0, 0, "not supported"),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_the_word_follows_from_effect_interval_and_threshold(value, low, high, word, sign):
    low, high = sorted((sign * low, sign * high))
    found = Effect(sign * value, low, high, verdicts.derived(sign * value, low, high))
    assert verdicts.verdict(found, found.p, 0, 1, "larger" if sign > 0 else "smaller") == word


def test_a_margin_moves_the_value_without_effect():
    found = Effect(-0.5, -1.5, 0.5, verdicts.derived(-0.5, -1.5, 0.5, -2))
    assert verdicts.verdict(found, found.p, -2, 0, "larger") == "supported"
    worse = Effect(-4, -5, -3, verdicts.derived(-4, -5, -3, -2))
    assert verdicts.verdict(worse, worse.p, -2, 0, "larger") == "contradicted"
    assert verdicts.verdict(Effect(-1, -3, 1, 0.3), 0.3, -2, 0, "larger") == "inconclusive"


def test_multiplicity_can_take_a_verdict_back():
    found = Effect(3, 0.5, 5.5, 0.02)
    assert verdicts.verdict(found, 0.02, 0, 1, "larger") == "supported"
    assert verdicts.verdict(found, 0.4, 0, 1, "larger") == "inconclusive"


@pytest.mark.parametrize(("value", "word"), [(80, "supported"), (10, "not supported"), (-90, "contradicted")])
def test_counted_numbers_are_compared_as_they_are(value, word):
    assert verdicts.verdict(Effect(value, None, None, None), None, 0, 75, "larger") == word


def test_an_undefined_number_is_inconclusive():
    assert verdicts.verdict(Effect(None, None, None, None), None, 0, 1, "larger") == "inconclusive"


def test_derived_p_is_that_of_a_normal_estimate():
    for value in (-3.0, 0.4, 2.2):
        half = stats.norm.ppf(0.975)
        p = verdicts.derived(value, value - half, value + half)
        assert p == pytest.approx(2 * stats.norm.sf(abs(value)), rel=1e-5)
    assert verdicts.derived(1, 0, 9) == pytest.approx(0.05, rel=1e-5)  # the bound on the null's side counts
    assert verdicts.derived(-1, -9, 0) == pytest.approx(0.05, rel=1e-5)
    assert verdicts.derived(0, -1, 1) == 1 and verdicts.derived(1, 1, 1) == 0


def test_derived_p_finds_nothing_where_nothing_is():
    draws = np.random.default_rng(0).normal(size=4000)
    p = [verdicts.derived(x, x - 1.96, x + 1.96) for x in draws]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.012)


def test_holm_leaves_counted_numbers_out():
    p = [0.01, None, 0.04, 0.03]
    adjusted = verdicts.holm(p)
    assert adjusted[1] is None
    assert [a for a in adjusted if a is not None] == pytest.approx(
        list(multipletests([0.01, 0.04, 0.03], method="holm")[1])
    )
    assert verdicts.holm([None]) == [None] and verdicts.holm([]) == []


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        (["supported", "supported"], "supported"),
        (["supported", "inconclusive"], "inconclusive"),
        (["inconclusive", "not supported"], "not supported"),
        (["supported", "not supported", "contradicted"], "contradicted"),
        ([], "not measured"),
    ],
)
def test_a_claim_holds_only_if_each_part_does(parts, word):
    assert verdicts.together(parts) == word


def test_a_claim_is_judged(study):
    (claim,) = study()
    assert claim["atelier"]["verdict"] == "supported" and claim["real"]["verdict"] == "not measured"
    (part,) = claim["atelier"]["parts"]
    assert part["adjusted"] == part["p"] < 1e-6 and part["smallest"] == 1


def test_scale_direction_and_recorded_p(study):
    text = CLAIM + "        scale: 100\n        direction: smaller\n        value: d\n        p: test/p\n"
    numbers = {"peers": {"old": {"d": -0.03, "low": -0.04, "high": -0.02}}, "test": {"p": 0.01}}
    part = study(text, numbers)[0]["atelier"]["parts"][0]
    assert (part["value"], part["low"], part["high"], part["p"]) == (-3, -4, -2, 0.01)
    assert part["verdict"] == "supported"


def test_the_family_of_the_atelier_is_not_that_of_real_data(study):
    text = CLAIM + CLAIM[CLAIM.index("    atelier") :].replace("atelier", "real")
    (claim,) = study(text)
    (atelier,), (real,) = claim["atelier"]["parts"], claim["real"]["parts"]
    assert atelier == real and real["adjusted"] == real["p"]


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({}, "metrics/04_style.json: no number at 'peers/old', on which a claim stands ('peers' is missing)"),
        ({"peers": {"new": 1}}, "('old' is missing)"),
        ({"peers": {"old": {"value": 1}}}, "'peers/old' has no high, low"),
        ({"peers": {"old": "much"}}, "holds 'much', which is not a number"),
    ],
)
def test_a_missing_number_names_its_path(study, numbers, words):
    with pytest.raises(StudyError) as error:
        study(CLAIM, numbers)
    assert words in str(error.value) and "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path):
    file = tmp_path / "claims.yaml"
    file.write_text(CLAIM)
    with pytest.raises(StudyError, match=r"metrics/04_style.json: no such file"):
        verdicts.judge(verdicts.read(file), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("    smallest: 1\n", "", "claim gain: smallest: field required"),
        ("smallest: 1", "smallest: 0", "claim gain: 'new − old' has no threshold"),
        ("smallest: 1", "smallest: much", "claim gain: smallest:"),
        ("direction: larger", "direction: better", "claim gain: direction:"),
        ("rightly.", "rightly, probably.", "claim gain: hypothesis is vague ('probably')"),
        ("paired by seed, two-level bootstrap", "yes", "claim gain: test:"),
        ("measure: peers/old", "mesure: peers/old", "claim gain: atelier: 0: measure"),
        ("        measure: peers/old\n", "", "claim gain: atelier: 0: measure: field required"),
        ("id: gain", "id: Gain!", "claim Gain!: id:"),
        ("    atelier:\n      - label: new − old\n        measure: peers/old\n", "", "no number decides it"),
        ("claims:\n", "claims: [\n", "claims.yaml: not YAML (line"),
        ("claims:\n", "verdicts:\n", "claims: field required"),
        (CLAIM, CLAIM + CLAIM.partition("claims:\n")[2], "two claims are called gain"),
        (CLAIM, "", "claims.yaml: "),
    ],
)
def test_a_wrong_claims_file_is_one_line(study, old, new, words):
    assert old in CLAIM
    with pytest.raises(StudyError) as error:
        study(CLAIM.replace(old, new))
    assert words in str(error.value) and str(error.value).startswith("claims.yaml: ")
    assert "\n" not in str(error.value)


def test_the_committed_claims_are_sound():
    claims = verdicts.read(ROOT / "claims.yaml")
    assert len(claims) >= 19
    for claim in claims:
        notebook = ROOT / "notebooks" / f"{claim.notebook}.ipynb"
        if claim.measured:
            cells = {cell["id"] for cell in json.loads(notebook.read_text())["cells"]}
            assert claim.cell in cells, f"{claim.id}: {claim.notebook} has no cell {claim.cell}"
        assert all(math.isfinite(part.baseline) for part in (*claim.atelier, *claim.real))
