"""Figures and tables that the classifier notebooks share."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from animestudy.report.figures import FAINT, PALETTE
from animestudy.stats import scores, trends

READABLE = 12  # classes up to which a confusion matrix has numbers and room for names


def table(labels: np.ndarray, predictions: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """A row for each method: accuracy and macro-F1 in percent with their 95 % intervals.

    labels: N; predictions: by method, seeds×N, or N for a method without seeds.
    """
    rows = {
        name: {
            "accuracy, % [95 %]": f"{scores.accuracy(labels, made).scaled(100):.1f}",
            "macro-F1, % [95 %]": f"{scores.macro_f1(labels, made).scaled(100):.1f}",
            "seeds": str(len(made)) if made.ndim == 2 else "–",
        }
        for name, made in predictions.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def confusion(labels: np.ndarray, predictions: np.ndarray, classes: Sequence[str]) -> Figure:
    """Percent of each true class (rows) that is called what (columns), mean over seeds."""
    shares = 100 * scores.confusion(labels, predictions, len(classes))
    few = len(classes) <= READABLE
    side = 1.4 + 0.58 * len(classes) if few else 6.6
    figure, axes = plt.subplots(figsize=(side + (1.7 if few else 0.9), side))
    sns.heatmap(
        pd.DataFrame(shares, classes, classes),
        annot=few,
        fmt=".0f",
        vmin=0,
        vmax=100,
        cmap=sns.light_palette(PALETTE[0], as_cmap=True),
        square=True,
        linewidths=1 if few else 0,
        xticklabels=1,
        yticklabels=1,
        cbar_kws={"label": "share of the true class (%)", "shrink": 0.8},
        ax=axes,
    )
    axes.set(xlabel="predicted", ylabel="true")
    axes.tick_params(length=0, rotation=0, labelsize=None if few else 7)
    plt.setp(axes.get_xticklabels(), rotation=40 if few else 90, ha="right", rotation_mode="anchor")
    return figure


def mistakes(
    labels: np.ndarray, predictions: np.ndarray, classes: Sequence[str], count: int = 3
) -> list[str]:
    """The commonest wrong answers, as words: ``ink called cel (12 %)``; percent of the true class."""
    shares = scores.confusion(labels, predictions, len(classes))
    np.fill_diagonal(shares, 0)
    order = np.argsort(-shares, axis=None, kind="stable")[:count]
    places = [np.unravel_index(k, shares.shape) for k in order]
    return [f"{classes[i]} called {classes[j]} ({shares[i, j]:.0%})" for i, j in places if shares[i, j] > 0]


def curves(histories: Mapping[str, Sequence[Sequence[Mapping[str, float]]]]) -> Figure:
    """Loss and validation accuracy over the epochs: a thin line for each seed, a thick one for their mean.

    histories: by method, the `Result.history` of each seed, watched.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.5, 3))
    thin, thick = {"lw": 0.6, "alpha": 0.5, "marker": "."}, {"lw": 2, "marker": "o"}
    for colour, (name, runs) in zip(PALETTE, histories.items(), strict=False):
        tables = [pd.DataFrame(run).set_index("epoch") for run in runs]
        middle = sum(tables) / len(tables)
        for one in tables:
            left.plot(one["loss"], color=colour, **thin)
            right.plot(100 * one["val_accuracy"], color=colour, **thin)
        left.plot(middle["loss"], color=colour, **thick, label=f"{name}, training")
        left.plot(middle["val_loss"], color=colour, ls="--", **thick, label=f"{name}, validation")
        right.plot(100 * middle["val_accuracy"], color=colour, **thick, label=name)
    left.set(xlabel="epoch", ylabel="cross-entropy (nats)", title="loss")
    right.set(xlabel="epoch", ylabel="accuracy (%)", title="validation accuracy")
    for axes in (left, right):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.legend()
    if len(histories) > 1:
        right.legend()
    return figure


def over_counts(counts: Sequence[int], accuracy: np.ndarray, parameters: Sequence[int]) -> Figure:
    """Accuracy over the number of modules, and the same over the number of parameters it costs.

    counts: k numbers of modules; accuracy: seeds×k in percent; parameters: k.
    """
    figure, panels = plt.subplots(1, 2, figsize=(7.5, 3.4), sharey=True)
    means = [trends.mean(column) for column in accuracy.T]
    middle = np.array([m.value for m in means])
    reach = [[m.value - m.low for m in means], [m.high - m.value for m in means]]
    for axes, x in zip(panels, (counts, parameters), strict=True):
        axes.plot(x, accuracy.T, color=FAINT, lw=0.7, alpha=0.7)
        axes.errorbar(x, middle, reach, color=PALETTE[0], marker="o", lw=2, capsize=3)
    panels[0].set(xlabel="recalibrated modules N", ylabel="test accuracy (%)", xticks=counts)
    panels[1].set(xlabel="parameters (millions, logarithmic)", xscale="log")
    ticks = np.geomspace(parameters[0], parameters[-1], 4)
    panels[1].set_xticks(ticks, [f"{tick / 1e6:.3g}" for tick in ticks])
    panels[1].minorticks_off()
    for count, x, y in zip(counts, parameters, middle, strict=True):
        note = {"xytext": (3, 5), "textcoords": "offset points", "fontsize": 8.5}
        panels[1].annotate(f"{count}", (x, y), **note)
    return figure


def search(scores: pd.DataFrame, chosen: tuple[str, ...]) -> Figure:
    """Validation accuracy over kernels, places and ratios: a heat map for each ratio, the choice framed.

    scores: columns kernels, place, ratio, accuracy (percent, one row a choice); chosen: one of those triples.
    """
    ratios = list(dict.fromkeys(scores["ratio"]))
    figure, panels = plt.subplots(1, len(ratios), figsize=(7.5, 2.9), squeeze=False, sharey=True)
    low, high = scores["accuracy"].min(), scores["accuracy"].max()
    for axes, ratio in zip(panels[0], ratios, strict=True):
        part = scores[scores["ratio"] == ratio]
        table = part.pivot(index="kernels", columns="place", values="accuracy")
        table = table.loc[list(dict.fromkeys(part["kernels"]))]
        sns.heatmap(
            table, annot=True, fmt=".1f", vmin=low, vmax=high, cmap="Blues", cbar=ratio == ratios[-1], ax=axes
        )
        axes.set(title=f"r = {ratio}", xlabel="behind convolution", ylabel="")
        axes.tick_params(length=0, rotation=0)
        if ratio == chosen[2]:
            at = (list(table.columns).index(chosen[1]), list(table.index).index(chosen[0]))
            axes.add_patch(plt.Rectangle(at, 1, 1, fill=False, ec=PALETTE[1], lw=3, clip_on=False))
    panels[0, 0].set_ylabel("kernels")
    panels[0, -1].collections[0].colorbar.set_label("validation accuracy (%)")
    return figure


def gains(estimates: Mapping[str, trends.Estimate], label: str) -> Figure:
    """Differences with their intervals, a row each, the first on top; the line at 0 is no difference."""
    figure, axes = plt.subplots(figsize=(7.5, 0.7 + 0.38 * len(estimates)))
    for row, one in enumerate(estimates.values()):
        sure = one.low > 0 or one.high < 0
        reach = [[one.value - one.low], [one.high - one.value]]
        axes.errorbar(one.value, row, xerr=reach, color=PALETTE[0] if sure else FAINT, marker="o", capsize=3)
    axes.axvline(0, color="black", lw=1)
    axes.set(xlabel=label, yticks=range(len(estimates)))
    axes.set_yticklabels(list(estimates))
    axes.invert_yaxis()
    return figure
