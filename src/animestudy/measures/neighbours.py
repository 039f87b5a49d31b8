"""Diversity and memory, from distances in feature space (n×D each).

A generator may collapse to a few pictures, or give back drawings of the training set; neither shows in a
distance between sets.
"""

import numpy as np
from scipy.spatial.distance import cdist, pdist


def spread(features: np.ndarray) -> float:
    """Mean distance of two different pictures of the set."""
    return float(pdist(features).mean())


def diversity(features: np.ndarray, drawings: np.ndarray) -> np.ndarray:
    """What each picture adds to the set's spread in units of the drawings': n values (n ≥ 3).

    Their mean is spread(features) / spread(drawings): 1 as varied as drawings are, 0 all alike. They are the
    jackknife's pseudo-values, as in `kernel.contributions`.
    """
    n = len(features)
    distance = cdist(features, features)
    row, total = distance.sum(1), distance.sum()
    return (total / (n - 1) - (total - 2 * row) / (n - 2)) / spread(drawings)


def memory(features: np.ndarray, training: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    """How often an unseen drawing is farther from the training drawings than this picture is: n in 0 … 1.

    Distance to the nearest one. The mean is the test of Meehan, Chaudhuri & Dasgupta 2020 for copied data:
    near 1 the set repeats its training drawings, 1/2 is what unseen drawings have, less says that the
    pictures are something else than drawings. Ties count one half.
    """
    own, theirs = (cdist(part, training).min(1) for part in (features, unseen))
    theirs = np.sort(theirs)
    farther = len(theirs) - np.searchsorted(theirs, own, "right")
    ties = len(theirs) - farther - np.searchsorted(theirs, own, "left")
    return (farther + ties / 2) / len(theirs)
