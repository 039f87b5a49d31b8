"""What an operation does to the cues: simple readers of hand-made features, trained on clean pictures.

Four families of features, each a handful of numbers that a person could measure with a ruler and a colour
fan. A reader (linear discriminant analysis) learns from one family what style or which state of mind a
picture shows; its loss of accuracy on altered pictures says how much of that cue the operation took. This is
a yardstick, not a model: it cannot adapt to the operation, as a network trained with it can.
"""

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
import pandas as pd
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from animestudy.data.augment import apply


def _grey(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _gradient(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return cv2.Sobel(grey, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(grey, cv2.CV_32F, 0, 1, scale=1 / 8)


def _direction(x: np.ndarray, y: np.ndarray, spread: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Structure tensor of a gradient over `spread` pixels: how well a direction holds, 0 … 1, and which.

    The direction comes as cosine and sine of its doubled angle, so that opposite ones are the same.
    """
    products = cv2.GaussianBlur(np.dstack([x * x, y * y, x * y]), (0, 0), spread)
    along, across = products[..., 0] - products[..., 1], 2 * products[..., 2]
    apart = np.sqrt(along * along + across * across)
    return (
        apart / (products[..., 0] + products[..., 1] + 1e-3),
        along / (apart + 1e-3),
        across / (apart + 1e-3),
    )


def line(picture: np.ndarray, mask: np.ndarray) -> list[float]:
    """How the lines of the cue are drawn, 12 numbers; NaN where too little of the mask is in the picture.

    Darkness, contrast to the surroundings, sharpness, width and its variation, pieces, how well direction
    holds over short and long ways (trembling, winding), preferred directions.
    """
    near = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    ring = near & ~mask
    if mask.sum() < 12 or ring.sum() < 12:
        return [np.nan] * 12
    grey = _grey(picture)
    inside, outside = np.median(grey[mask]), np.median(grey[ring])
    x, y = _gradient(grey)
    steep = np.sqrt(x * x + y * y)[near]
    drawn = (near & (grey < (inside + outside) / 2)).astype(np.uint8)  # read from the pixels, not the mask
    depth = cv2.distanceTransform(drawn, cv2.DIST_L2, 3)[drawn > 0] if drawn.any() else np.zeros(1)
    pieces = cv2.connectedComponents(drawn)[0] - 1
    (short, level, _), (long, _, _) = _direction(x, y, 1.0), _direction(x, y, 4.0)
    return [
        inside,
        outside - inside,
        steep.mean(),
        np.percentile(steep, 95),
        depth.mean(),
        depth.std(),
        pieces / mask.sum(),
        drawn.mean(),
        short[mask].mean(),
        long[mask].mean(),
        level[mask].mean(),
        np.square(level[mask]).mean(),
    ]


def palette(picture: np.ndarray, mask: np.ndarray) -> list[float]:
    """Which colours there are, wherever they stand, 18 numbers.

    Mean and spread in CIE Lab, quantiles of lightness and chroma, chroma-weighted hue.
    """
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB)
    mean, spread = cv2.meanStdDev(lab)
    light, a, b = lab.reshape(-1, 3).T.astype(np.float32, order="C")
    a, b = a - 128, b - 128
    chroma = np.sqrt(a * a + b * b)
    # hue h once and twice around the circle, weighted by chroma: Σ cos h, Σ sin h, Σ cos 2h, Σ sin 2h
    turns = [a, b, (a * a - b * b) / (chroma + 1e-6), 2 * a * b / (chroma + 1e-6)]
    hues = [turn.sum() / (chroma.sum() + 1e-6) for turn in turns]
    quantiles = [*np.percentile(light, (5, 25, 75, 95)), *np.percentile(chroma, (10, 50, 75, 95))]
    return [*mean.ravel(), *spread.ravel(), *quantiles, *hues]


def composition(picture: np.ndarray, mask: np.ndarray) -> list[float]:
    """Where things stand, whatever their colour, 45 numbers.

    Relative lightness and detail on a grid of 4×4, detail over the height, symmetry, lean, amount of detail.
    """
    grey = _grey(picture)
    grey = (grey - grey.mean()) / (grey.std() + 1)
    x, y = _gradient(grey)
    steep = np.sqrt(x * x + y * y)
    detail = steep / (steep.mean() + 1e-6)
    tiles = [cv2.resize(part, (4, 4), interpolation=cv2.INTER_AREA).ravel() for part in (grey, detail)]
    rows = cv2.resize(np.abs(y).mean(1, keepdims=True), (1, 10), interpolation=cv2.INTER_AREA).ravel()
    coherence, level, _ = _direction(x, y, 2.0)
    lean = 1 - np.square(level)  # 0 where a line is upright or level, 1 on a diagonal
    weight = coherence * steep
    mirror = np.mean(grey * grey[:, ::-1])
    return [
        *np.concatenate(tiles),
        *rows,
        mirror,
        (lean * weight).sum() / (weight.sum() + 1e-6),
        steep.mean(),
    ]


def surface(picture: np.ndarray, mask: np.ndarray) -> list[float]:
    """How areas are filled, 14 numbers: flat or washed, dots and hatching, grain, number of tones."""
    grey = _grey(picture)
    x, y = _gradient(grey)
    steep = np.sqrt(x * x + y * y)
    noise = np.abs(cv2.Laplacian(grey, cv2.CV_32F))
    means = [cv2.boxFilter(np.dstack([grey, grey * grey]), -1, (side, side)) for side in (3, 9)]
    local = [np.sqrt(np.maximum(mean[..., 1] - mean[..., 0] ** 2, 0)) for mean in means]
    fine = grey - means[1][..., 0]
    power = np.mean(fine * fine) + 1e-3
    repeats = [np.mean(fine[:, d:] * fine[:, :-d]) / power for d in (1, 2, 3, 4)]
    tones = np.count_nonzero(np.bincount(grey.astype(int).ravel() >> 3, minlength=32)) / 32
    shares = [np.mean(steep < limit) for limit in (1.0, 4.0)]
    spread = [np.log1p(np.percentile(part, (25, 75))) for part in local]
    return [*shares, *np.log1p(np.percentile(noise, (25, 50, 75))), *np.concatenate(spread), *repeats, tones]


FAMILIES: dict[str, Callable[[np.ndarray, np.ndarray], list[float]]] = {
    "line": line,
    "surface": surface,
    "palette": palette,
    "composition": composition,
}


def measure(pictures: np.ndarray, masks: np.ndarray, families: Sequence[str]) -> dict[str, np.ndarray]:
    """Features of n pictures (n×H×W×3 uint8) whose line cue lies in `masks` (n×H×W bool): family → n×d."""
    pairs = [(np.ascontiguousarray(picture), mask) for picture, mask in zip(pictures, masks, strict=True)]
    return {name: np.array([FAMILIES[name](*pair) for pair in pairs], float) for name in families}


def reader(features: np.ndarray, labels: np.ndarray) -> Pipeline:
    """A linear reader of one family (n×d, NaN allowed), fitted: ``.predict`` gives labels."""
    linear = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    fill = SimpleImputer(keep_empty_features=True)
    return make_pipeline(fill, StandardScaler(), linear).fit(features, labels)


Pictures = tuple[
    np.ndarray, np.ndarray, dict[str, np.ndarray]
]  # n×H×W×3 uint8, n×H×W bool, column → n labels
Readers = dict[tuple[str, str], Pipeline]  # (label column, family) → reader
Spread = Callable[[Callable[..., pd.DataFrame], list[dict[str, Any]]], list[pd.DataFrame]]


def damage(
    train: Pictures,
    test: Pictures,
    operations: Sequence[str],
    families: Sequence[str] = tuple(FAMILIES),
    seed: int = 0,
    spread: Spread | None = None,
) -> pd.DataFrame:
    """How often readers trained on clean pictures are right on altered ones.

    `train` and `test` are pictures, masks of their line cue, and label columns. One row for each operation
    (``clean`` first), label, family and test picture: ``operation``, ``label``, ``family``, ``picture``
    (0 … n−1), ``right``. Differences between operations are paired by picture. `spread` runs a function on
    jobs, as `training.sweep.sweep` does on all cores; without it one job follows the other.
    """
    pictures, masks, labels = train
    features = measure(pictures, masks, families)
    readers = {
        (label, family): reader(features[family], values)
        for label, values in labels.items()
        for family in families
    }
    jobs = [
        {"readers": readers, "test": test, "operation": name, "seed": seed} for name in ("clean", *operations)
    ]
    parts = spread(judge, jobs) if spread else [judge(**job) for job in jobs]
    return pd.concat(parts, ignore_index=True)


def judge(readers: Readers, test: Pictures, operation: str, seed: int) -> pd.DataFrame:
    """Whether each reader is right on each picture of `test` after `operation`; rows as in `damage`."""
    pictures, masks, labels = test
    batch = torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).contiguous()
    where = torch.from_numpy(np.array(masks))
    if operation != "clean":
        batch, where = apply(operation, batch, seed, where)
    families = sorted({family for _, family in readers})
    features = measure(batch.permute(0, 2, 3, 1).numpy(), where.numpy(), families)
    parts = [
        pd.DataFrame(
            {
                "operation": operation,
                "label": label,
                "family": family,
                "picture": np.arange(len(pictures)),
                "right": trained.predict(features[family]) == labels[label],
            }
        )
        for (label, family), trained in readers.items()
    ]
    return pd.concat(parts, ignore_index=True)


def drops(judged: pd.DataFrame, resamples: int = 2000, seed: int = 0) -> pd.DataFrame:
    """What each operation costs each reader, from the rows of `damage`, intervals over pictures (bootstrap).

    One row for each operation, label and family: accuracy ``clean`` and ``altered``, their difference
    ``drop``, and its 95 % percentile interval ``low`` … ``high``, paired by picture.
    """
    wide = judged.pivot(index="picture", columns=["operation", "label", "family"], values="right").astype(
        float
    )
    draws = np.random.default_rng(seed).integers(len(wide), size=(resamples, len(wide)))
    counts = np.stack([np.bincount(draw, minlength=len(wide)) for draw in draws]) / len(wide)
    rows = []
    for operation, label, family in wide.columns:
        if operation == "clean":
            continue
        clean, altered = wide["clean", label, family], wide[operation, label, family]
        low, high = np.percentile(counts @ (clean - altered).to_numpy(), (2.5, 97.5))
        rows.append(
            {
                "operation": operation,
                "label": label,
                "family": family,
                "clean": clean.mean(),
                "altered": altered.mean(),
                "drop": (clean - altered).mean(),
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(rows)
