"""Scores of a map where the truth is known: does its mass lie on the pixels that carry the cue?

Unit of every score is the picture. Each has a value that a map without knowledge gets, and a worst value; an
all-zero map explains nothing and gets the worst (it is a failure, not a missing value). A picture whose mask
is empty or full has no truth to compare with: its scores are NaN.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import bootstrap, rankdata, spearmanr
from skimage.metrics import structural_similarity

from animestudy.errors import StudyError
from animestudy.stats.trends import Estimate


def score(heat: np.ndarray, masks: np.ndarray) -> pd.DataFrame:
    """One row a picture, for maps n×H×W ≥ 0 and masks n×H×W bool.

    ========  ====================================================  ==========  =====
    column    meaning                                               no insight  worst
    ========  ====================================================  ==========  =====
    area      share of the picture that the mask covers
    energy    share of the map's mass inside the mask               area        0
    excess    energy − area                                         0           −area
    auc       area under the ROC curve of pixel in mask against map 0.5         0
    hit       the map's maximum lies in the mask (ties: the share)  area        0
    failed    the map is all zero
    ========  ====================================================  ==========  =====
    """
    if heat.shape != masks.shape:
        raise StudyError(f"maps {heat.shape} and masks {masks.shape} must have one shape")
    if heat.size and not heat.min() >= 0:
        raise StudyError("maps must be finite and not below zero")
    table = pd.DataFrame([_score(one.astype(float), mask) for one, mask in zip(heat, masks, strict=True)])
    return table.astype({"failed": bool}) if len(table) else table


def _score(heat: np.ndarray, mask: np.ndarray) -> dict[str, float]:
    area = mask.mean()
    failed = heat.max() == 0
    if area in (0, 1):
        return dict(area=area, energy=np.nan, excess=np.nan, auc=np.nan, hit=np.nan, failed=failed)
    if failed:
        return dict(area=area, energy=0.0, excess=-area, auc=0.0, hit=0.0, failed=True)
    energy = heat[mask].sum() / heat.sum()
    return dict(
        area=area,
        energy=energy,
        excess=energy - area,
        auc=_auc(heat, mask),
        hit=mask[heat == heat.max()].mean(),
        failed=False,
    )


def excess(heat: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """The column of that name alone, for maps n×H×W ≥ 0 and masks n×H×W bool: n, much faster than `score`."""
    area = masks.mean((1, 2))
    mass = heat.sum((1, 2), dtype=float)
    inside = (heat * masks).sum((1, 2), dtype=float)
    energy = np.divide(inside, mass, out=np.zeros(len(heat)), where=mass > 0)
    return np.where((area > 0) & (area < 1), energy - area, np.nan)


def _auc(heat: np.ndarray, mask: np.ndarray) -> float:
    """Mann–Whitney: the chance that a pixel of the mask is hotter than one outside, ties counted half."""
    inside = int(mask.sum())
    ranks = rankdata(heat.ravel())[mask.ravel()].sum() - inside * (inside + 1) / 2
    return ranks / (inside * (mask.size - inside))


def scores(maps: Mapping[str, np.ndarray], masks: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Every set of maps scored against every set of masks: columns map, cue, picture and those of `score`."""
    parts = [
        score(heat, mask).assign(map=name, cue=cue, picture=np.arange(len(heat)))
        for name, heat in maps.items()
        for cue, mask in masks.items()
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["map", "cue", "picture", *table.columns.drop(["map", "cue", "picture"])]]


def interval(values: Sequence[float], seed: int = 0) -> Estimate:
    """Mean over pictures with its 95 % bootstrap interval (BCa); NaN are left out, two values are needed."""
    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        raise StudyError(f"an interval over pictures needs two of them, not {len(values)}")
    if np.ptp(values) == 0:
        return Estimate(values[0], values[0], values[0])
    found = bootstrap(
        (values,), np.mean, n_resamples=2000, rng=np.random.default_rng(seed)
    ).confidence_interval
    return Estimate(float(values.mean()), float(found.low), float(found.high))


def agreement(first: np.ndarray, second: np.ndarray) -> pd.DataFrame:
    """Spearman correlation and structural similarity of two sets of maps (n×H×W), a row a picture.

    A map without any variation agrees with nothing: its correlation counts as 0. Each map is scaled to its
    own maximum before the structural similarity.
    """
    rows = []
    for one, other in zip(first, second, strict=True):
        flat = np.ptp(one) == 0 or np.ptp(other) == 0
        one, other = (np.float64(heat / heat.max() if heat.max() > 0 else heat) for heat in (one, other))
        rank = 0.0 if flat else spearmanr(one.ravel(), other.ravel()).statistic
        rows.append({"spearman": rank, "ssim": structural_similarity(one, other, data_range=1.0)})
    return pd.DataFrame(rows)


def moved(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Share of a map's mass that has to move to make the other one: 0 alike … 1 in other places; n×H×W → n.

    The total variation distance of the two maps, each scaled to mass 1. A map that is zero everywhere has
    nothing to move and counts as 0.
    """
    mass = [heat.sum((1, 2), dtype=float) for heat in (first, second)]
    shares = [
        heat / np.where(total > 0, total, 1)[:, None, None]
        for heat, total in zip((first, second), mass, strict=True)
    ]
    found = 0.5 * np.abs(shares[0] - shares[1]).sum((1, 2))
    return np.where((mass[0] > 0) & (mass[1] > 0), found, 0.0)
