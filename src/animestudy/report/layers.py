"""Figures of what layers see and read: maps, a heat map of factors over layers, curves over depth."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from animestudy.explain.features import stretched
from animestudy.report.figures import FAINT, INK, PALETTE


def tinted(map_: np.ndarray, side: int) -> np.ndarray:
    """A map h×w from its least value (dark) to its greatest (bright): side×side×3 uint8, in square cells."""
    large = cv2.resize(np.float32(stretched(map_)), (side, side), interpolation=cv2.INTER_NEAREST)
    return np.round(255 * colormaps["cividis"](large)[..., :3]).astype(np.uint8)


def heat(skills: pd.DataFrame, sure: pd.DataFrame, groups: Mapping[str, str], references: int) -> Figure:
    """Skills in percent, factors in rows by group, sources in columns; the darkest stands for 50 and more.

    skills: factors×sources, 1 = no error; sure: the same shape, True where the number is to be bold;
    groups: factor → group; references: how many columns stand apart on the left.
    """
    rows, top = len(skills), 50
    names = [groups[factor] for factor in skills.index]
    figure, axes = plt.subplots(figsize=(7.5, 0.6 + 0.235 * rows))
    sns.heatmap(
        100 * skills,
        vmin=0,
        vmax=top,
        cmap=sns.light_palette(PALETTE[0], as_cmap=True),
        cbar_kws={"label": "skill (%)", "pad": 0.015, "aspect": 35, "extend": "max"},
        linewidths=0.6,
        xticklabels=1,
        yticklabels=[
            factor if name == "label" else f"{name}: {factor}"
            for factor, name in zip(skills.index, names, strict=True)
        ],
        ax=axes,
    )
    for (row, column), value in np.ndenumerate(100 * skills.to_numpy()):
        axes.text(
            column + 0.5,
            row + 0.5,
            f"{value:z.0f}".replace("-", "−"),
            ha="center",
            va="center",
            fontsize=8.5,
            color="white" if value > 0.7 * top else INK,
            fontweight="bold" if sure.iat[row, column] else "normal",
        )
    for row in (k for k in range(1, rows) if names[k] != names[k - 1]):
        axes.axhline(row, color=INK, lw=1.2)
    axes.axvline(references, color=INK, lw=1.2)
    axes.set(xlabel="", ylabel="")
    axes.tick_params(length=0, rotation=0)
    axes.xaxis.tick_top()
    return figure


Curve = tuple[np.ndarray, np.ndarray]  # L values, L×B resamples

LINES = {  # what a curve may be of, and how it is drawn
    "trained": dict(color=PALETTE[0], marker="o"),
    "trained, within one state of mind": dict(color=PALETTE[2], marker="s", ls=":"),
    "untrained": dict(color=FAINT, marker="o", ls="--"),
}


def curves(
    found: Mapping[str, Mapping[str, Mapping[str, Curve]]], layers: Mapping[str, Sequence[str]]
) -> Figure:
    """Mean skill of each group of factors from shallow to deep, a row a network, a panel a group.

    found: network → group → a name of `LINES` → the values of its layers and their resamples, which give the
    band of 95 %. layers: of each network, from shallow to deep. Groups with all three curves have one scale,
    and those with two.
    """
    groups = list(next(iter(found.values())))
    size = (7.5, 0.4 + 2.3 * len(found))
    figure, grid = plt.subplots(len(found), len(groups), figsize=size, squeeze=False)
    drawn_lines, tops = {}, dict.fromkeys((2, 3), 0.1)
    for lines in (lines for parts in found.values() for lines in parts.values()):
        tops[len(lines)] = max(tops[len(lines)], *(drawn.max() for _, drawn in lines.values()))
    for panels, (network, parts) in zip(grid, found.items(), strict=True):
        for axes, (group, lines) in zip(panels, parts.items(), strict=True):
            for name, (values, drawn) in lines.items():
                low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
                drawn_lines[name] = axes.plot(values, **LINES[name])[0]
                axes.fill_between(range(len(values)), low, high, color=LINES[name]["color"], alpha=0.15)
            axes.set_xticks(range(len(layers[network])), layers[network], rotation=60, ha="right", fontsize=8)
            axes.set(title=group, ylim=(-0.08 * tops[len(lines)], 1.05 * tops[len(lines)]))
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=""))
        panels[0].set_ylabel(f"{network} network\nskill (%)")
    figure.legend(drawn_lines.values(), drawn_lines, loc="outside lower center", ncols=len(drawn_lines))
    return figure
