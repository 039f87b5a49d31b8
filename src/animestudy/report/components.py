"""Figures of the building blocks of a convolutional network (paper figures 1 and 2, equations 2 and 3)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import nn

from animestudy.models import equations
from animestudy.models.pooling import POOLINGS, StochasticPool2d
from animestudy.report.figures import INK, PALETTE

LAYERS = {  # parts of LeNet that make a row, and what they are
    "grey": "input",
    "c1": "C1, convolution",
    "s2": "S2, pooling",
    "c3": "C3, convolution",
    "s4": "S4, pooling",
    "pool": "mean of each map",
    "c5": "C5, connected",
    "f6": "F6, connected",
    "output": "output",
}


def activations(reach: float = 4) -> Figure:
    """Equations (2) and (3) as printed beside the functions they name, and the derivatives, on ±`reach`."""
    x = np.linspace(-reach, reach, 801)
    figure, panels = plt.subplots(1, 3, figsize=(7.5, 2.9))
    pairs = (
        ("(2) sigmoid", equations.sigmoid, equations.printed_sigmoid, (-0.5, 2.5), "upper left"),
        ("(3) tanh", equations.tanh, equations.printed_tanh, (-5, 7), "lower left"),
    )
    for axes, (title, right, printed, bounds, corner) in zip(panels, pairs, strict=False):
        # a pole is no line: nothing is drawn outside the panel
        values = printed(x)
        drawn = np.where((values > bounds[0]) & (values < bounds[1]), values, np.nan)
        axes.plot(x, right(x), color=PALETTE[0], lw=2.2, label="as it is")
        axes.plot(x, drawn, color=PALETTE[1], ls="--", label="as printed")
        axes.set(title=title, ylim=bounds, xlabel="x")
        axes.legend(loc=corner, handlelength=1.2, framealpha=0)
    s, t = equations.sigmoid(x), equations.tanh(x)
    panels[2].plot(x, s * (1 - s), color=PALETTE[2], label="σ′ = σ(1 − σ)")
    panels[2].plot(x, 1 - t**2, color=PALETTE[5], ls="-.", label="tanh′ = 1 − tanh²")
    panels[2].set(title="derivatives", ylim=(0, 1.35), xlabel="x")
    panels[2].legend(loc="upper left", handlelength=1.2)
    return figure


def poolings(grid: np.ndarray, kernel: int = 2, seed: int = 0) -> Figure:
    """Figure 2 of the paper, with every kind of pooling: one map of numbers and what becomes of its windows.

    grid: H×W, not negative; windows of `kernel`×`kernel` do not overlap. What stochastic pooling draws is
    framed in the map.
    """
    x = torch.from_numpy(np.asarray(grid, np.float32))[None, None]
    lots = torch.Generator()
    random = StochasticPool2d(kernel, generator=lots.manual_seed(seed))
    windows = x.unfold(2, kernel, kernel).unfold(3, kernel, kernel).flatten(-2)
    picked = random.drawn(windows)[0, 0].numpy()
    lots.manual_seed(seed)  # the same draw again
    results = {name: POOLINGS[name](kernel)(x) for name in ("max", "mean")}
    results |= {"stochastic,\ntraining": random.train()(x), "stochastic,\nevaluation": random.eval()(x)}

    figure, panels = plt.subplots(1, 5, figsize=(7.5, 2.3), width_ratios=[2, 1, 1, 1, 1])
    top = float(x.max())
    rows, columns = (side // kernel for side in grid.shape)
    _numbers(panels[0], np.asarray(grid, float), top, "activations")
    for row in range(rows):
        for column in range(columns):
            corner = (column * kernel - 0.5, row * kernel - 0.5)
            panels[0].add_patch(Rectangle(corner, kernel, kernel, fill=False, ec=INK, lw=2))
            down, right = divmod(int(picked[row, column]), kernel)
            corner = (column * kernel + right - 0.4, row * kernel + down - 0.4)
            panels[0].add_patch(Rectangle(corner, 0.8, 0.8, fill=False, ec=PALETTE[1], lw=2))
    for axes, (name, result) in zip(panels[1:], results.items(), strict=True):
        _numbers(axes, result[0, 0].numpy(), top, name)
    return figure


def _numbers(axes: Axes, values: np.ndarray, top: float, title: str) -> None:
    axes.imshow(values, cmap="Blues", vmin=0, vmax=1.6 * top)  # no cell so dark that black is hard to read
    for (row, column), value in np.ndenumerate(values):
        axes.text(column, row, f"{value:.3g}", ha="center", va="center", color=INK)
    axes.set(xticks=[], yticks=[], title=title)
    axes.spines[:].set_visible(False)


@torch.inference_mode()
def responses(network: nn.Sequential, picture: torch.Tensor) -> dict[str, np.ndarray]:
    """What each part of a network says to one picture (1×3×H×W): m×h×w maps, or a vector of units.

    Parts that only change the shape are left out; the last part's logits are turned into probabilities.
    """
    said, x = {}, picture
    for name, part in network.eval().named_children():
        x = part(x)
        if not isinstance(part, nn.Flatten):
            said[name] = x[0].numpy()
    return said | {name: x[0].softmax(0).numpy()}


def layers(said: dict[str, np.ndarray], classes: Sequence[str]) -> Figure:
    """Figure 1 of the paper with a real network: the maps of each layer, a row a layer.

    said: of `responses` of a LeNet. Every layer has a scale of its own, from its least to its greatest
    value; the last row is a bar for each class.
    """
    rows = [name for name in LAYERS if name in said]
    figure = plt.figure(figsize=(7.5, 0.74 * len(rows) + 0.5))
    strips = figure.subfigures(len(rows), 1, height_ratios=[*([1] * (len(rows) - 1)), 1.9])
    for strip, name in zip(strips, rows, strict=True):
        values, left = said[name], 0.19
        shape = "×".join(str(side) for side in values.shape if side > 1)
        strip.text(0.005, 0.5, f"{LAYERS[name]}\n{shape}", va="center", fontsize=9, color=INK)
        if name == rows[-1]:
            axes = strip.add_axes((left + 0.04, 0.3, 0.6, 0.6))
            axes.bar(classes, 100 * values, color=PALETTE[0])
            axes.set(ylabel="probability\n(%)", ylim=(0, 100))
            axes.grid(axis="x", visible=False)
        elif values.ndim == 1:
            axes = strip.add_axes((left, 0.3, 0.79, 0.4))
            axes.imshow(values[None], aspect="auto", cmap="cividis")
            axes.set_axis_off()
        else:
            width = min(0.79 / len(values), 0.081)
            scale = {"vmin": values.min(), "vmax": values.max()}
            for k, one in enumerate(values):
                axes = strip.add_axes((left + k * width, 0.03, 0.9 * width, 0.94))
                axes.imshow(one, cmap="gray" if len(values) == 1 else "cividis", **scale)
                axes.set_axis_off()
    return figure


def saturation(table: pd.DataFrame) -> Figure:
    """Slope left to the neurons over the size of the first weights: mean over the seeds and each seed.

    table: columns activation, scale, seed, slope (a share).
    """
    figure, axes = plt.subplots(figsize=(7.5, 2.9))
    for colour, (name, part) in zip(PALETTE, table.groupby("activation", sort=False), strict=False):
        lines = 100 * part.pivot(index="scale", columns="seed", values="slope")
        axes.plot(lines, color=colour, lw=0.6, alpha=0.5)
        axes.plot(lines.mean(axis=1), color=colour, marker="o", label=name)
    axes.set_xscale("log", base=2)
    scales = sorted(table["scale"].unique())
    axes.set_xticks(scales, [f"{scale:g}" for scale in scales])
    axes.set(xlabel="size of the first weights (times torch's)", ylabel="slope left (%)", ylim=(0, 104))
    axes.legend()
    return figure
