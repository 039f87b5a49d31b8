"""Variance components against known ones and against statsmodels; painters, not works, are redrawn."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from animestudy.stats import partition


def works(rng, painters=300, style=0.8, painter=0.7, rest=1.0, columns=1):
    """Values N×columns with painters nested in four styles, of 1 to 7 works each."""
    of_style = style * rng.normal(size=(4, columns))
    values, who, what = [], [], []
    for k in range(painters):
        own = of_style[k % 4] + painter * rng.normal(size=columns)
        number = rng.integers(1, 8)
        values.append(own + rest * rng.normal(size=(number, columns)))
        who += [f"p{k}"] * number
        what += [f"s{k % 4}"] * number
    return np.concatenate(values), who, what


def test_components_of_a_balanced_design_are_the_textbooks():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(6, 5)) + rng.normal(size=(6, 1))
    within = values.var(1, ddof=1).mean()
    between = values.mean(1).var(ddof=1)
    found = partition.components(partition.sums(values.ravel(), np.repeat(list("abcdef"), 5)))
    assert found == pytest.approx([0, max(between - within / 5, 0), within])


def test_components_agree_with_a_mixed_model():
    values, who, what = works(np.random.default_rng(1))
    model = MixedLM(values[:, 0], pd.get_dummies(pd.Series(what)).to_numpy(float), groups=who).fit()
    _, painter, rest = partition.components(partition.sums(values, who, what))
    assert painter == pytest.approx(model.cov_re.item(), rel=0.1)
    assert rest == pytest.approx(model.scale, rel=0.05)


def test_components_are_right_on_average_for_uneven_groups():
    rng = np.random.default_rng(2)
    found = np.mean([partition.components(partition.sums(*works(rng, 120))) for _ in range(200)], axis=0)
    assert found == pytest.approx([0.64, 0.49, 1.0], rel=0.12)


def test_weights_are_repetitions_of_groups():
    values, who, what = works(np.random.default_rng(3), 12, columns=3)
    found = partition.sums(values, who, what)
    times = np.array([2, 0, 1, 3, 1, 1, 0, 2, 1, 1, 1, 2])
    rows = [
        (value, f"{name}-{k}", kind)
        for value, name, kind in zip(values, who, what, strict=True)
        for k in range(times[sorted(set(who)).index(name)])
    ]
    again = partition.sums(np.array([row[0] for row in rows]), [r[1] for r in rows], [r[2] for r in rows])
    assert partition.components(found, times) == pytest.approx(partition.components(again))


def test_shares_add_up_and_cover_the_truth():
    truth, covered = 0.49 / 1.49, 0
    for seed in range(30):
        values, who, _ = works(np.random.default_rng(seed), 80, style=0)
        parts = partition.partition(partition.sums(values, who), draws=200)
        assert sum(part.value for part in parts) == pytest.approx(1) and parts.above.value == 0
        covered += parts.group.low <= truth <= parts.group.high
    assert covered >= 24


def test_p_of_groups():
    rng = np.random.default_rng(4)
    values, who, _ = works(rng, 60, style=0)
    assert partition.p_of_groups(values, who, 200) < 0.01
    assert partition.p_of_groups(rng.permutation(values), who, 200) > 0.05


def test_explained_is_omega_squared_and_near_zero_without_a_relation():
    rng = np.random.default_rng(5)
    labels = np.repeat(["a", "b", "c"], 200)
    values = rng.normal(size=600) + np.repeat([0.0, 1.0, 2.0], 200)
    groups = values.reshape(3, 200)
    between = 200 * ((groups.mean(1) - values.mean()) ** 2).sum()
    error = groups.var(1, ddof=1).mean()
    found = partition.explained(values, labels, 300)
    assert found.value == pytest.approx((between - 2 * error) / (values.var() * 600 + error))
    assert found.low < found.value < found.high
    none = partition.explained(rng.normal(size=(600, 2)), labels, 300)
    assert none.low <= 0 <= none.high and abs(none.value) < 0.02
