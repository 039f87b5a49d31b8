"""Limits that are said on the command line, and the rate of a user."""

import pytest

from animestudy.errors import StudyError
from animestudy.platform.limits import Limits, Rate, changed


def test_limits_are_changed_by_name():
    assert changed(["seconds=20", "open_jobs=2"]) == Limits(seconds=20, open_jobs=2)
    assert changed([]) == Limits()


@pytest.mark.parametrize(
    "word", ["second=20", "seconds=", "seconds=0", "seconds=-1", "seconds=1.5", "seconds"]
)
def test_a_limit_that_cannot_be_meant_is_one_line(word):
    with pytest.raises(StudyError, match="--limit"):
        changed([word])


def test_a_bucket_empties_and_fills_again_for_each_user_alone():
    now = 0.0
    rate = Rate(3, lambda: now)
    assert [rate.wait("a") for _ in range(3)] == [0, 0, 0]
    assert rate.wait("a") == pytest.approx(20)
    assert rate.wait("b") == 0
    now = 19.0
    assert rate.wait("a") == pytest.approx(1)
    now = 20.0
    assert rate.wait("a") == 0
    now = 1000.0
    rate.sweep()
    assert not rate.buckets
