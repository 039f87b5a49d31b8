"""How much of "the best of the grid" is luck.

Of many configurations that are equally good one looks best, because every score is noisy. What the best of a
grid is ahead of the grid's mean has to be compared with what it would be ahead by chance alone.
"""

from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.integrate import quad


class Selection(NamedTuple):
    """The best of k configurations by their mean score over seeds; scores in the unit they came in."""

    best: int  # its row
    lead: float  # its mean over the mean of all
    luck: float  # the lead to be expected if all were equal


def expected_maximum(count: int) -> float:
    """Mean of the largest of `count` independent standard normal numbers."""

    def density(x: float) -> float:
        return x * count * stats.norm.pdf(x) * stats.norm.cdf(x) ** (count - 1)

    return float(quad(density, -8, 8)[0])


def best(table: np.ndarray) -> Selection:
    """Choose a row of `table` (configurations × seeds, two of each at least).

    The noise of a configuration's mean is the deviation between seeds within configurations, pooled. Of
    equal means the first row is chosen.
    """
    table = np.asarray(table, float)
    if table.ndim != 2 or min(table.shape) < 2 or not np.isfinite(table).all():
        raise ValueError(f"{table.shape}: finite scores of two configurations and two seeds are needed")
    count, seeds = table.shape
    means = table.mean(1)
    noise = np.sqrt(table.var(1, ddof=1).mean() / seeds)
    chosen = int(means.argmax())
    return Selection(chosen, float(means[chosen] - means.mean()), float(noise * expected_maximum(count)))
