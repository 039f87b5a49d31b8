"""Speed and memory of every network: ``python benchmarks/models.py`` writes ``benchmarks/models.csv``.

Latency is the median of `REPEATS` rounds; in each round every network has its turn, so that whatever else the
machine does falls on all of them alike. Quote ratios of one run, not milliseconds. Memory is what a process
of its own needs beyond torch and the weights for a batch of 32. The step is a training step (forward,
backward, AdamW) at `STEP_SIDE` pixels; its bar is 1.10 times that of the plain ResNet-50.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import timm
import torch
from torch import nn

from animestudy.models.cost import cost
from animestudy.models.dkse import separable_network
from animestudy.models.generators import FSGAN
from animestudy.models.lenet import lenet
from animestudy.models.mobilenet import mobilenet_v1
from animestudy.models.recalibration import recalibrate, resnet50

HERE = Path(__file__).parent
CLASSES = 5
REPEATS = 7
STEP_SIDE, STEP_BATCH = 96, 8
STUDY = {"channels": (8, 16, 32, 64), "stem": "slim"}  # the default profile's residual network
STYLE = {"channels": (16, 24, 32, 48, 64, 96, 128), "strides": (1, 2, 1, 2, 1, 2, 1)}


class Model(NamedTuple):
    """A network and the side of its pictures in pixels."""

    build: Callable[[], nn.Module]
    side: int
    step: bool = False  # whether its training step is timed


def recalibrated(modules: int, **options: object) -> nn.Module:
    """timm's own ResNet-50 with modules put in."""
    return recalibrate(timm.create_model("resnet50", num_classes=CLASSES), modules, **options)


MODELS = {
    "ResNet-50": Model(lambda: recalibrated(0), 224, True),
    "ResNet-50, 16 modules": Model(lambda: recalibrated(16), 224, True),
    "ResNet-50, 16 SE (this study's)": Model(lambda: recalibrated(16, shallow=False), 224, True),
    "seresnet50 (timm)": Model(lambda: timm.create_model("seresnet50", num_classes=CLASSES), 224, True),
    "thin ResNet-50": Model(lambda: resnet50(CLASSES, **STUDY), 48),
    "thin ResNet-50, 16 modules": Model(lambda: resnet50(CLASSES, modules=16, **STUDY), 48),
    "DKSE": Model(lambda: separable_network(CLASSES, **STYLE), 48),
    "DKSE, ordinary convolutions": Model(
        lambda: separable_network(CLASSES, convolution="ordinary", **STYLE), 48
    ),
    "MobileNetV1 ×0.25": Model(lambda: mobilenet_v1(CLASSES), 48),
    "MobileNetV1": Model(lambda: mobilenet_v1(CLASSES, width=1), 224),
    "LeNet": Model(lambda: lenet(10), 32),
    "FSGAN": Model(lambda: FSGAN(16), 256),
}


def pictures(model: Model, batch: int) -> torch.Tensor:
    """Random input."""
    return torch.randn(batch, 3, model.side, model.side)


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rounds(tasks: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of every task, all of them in turn; a first round warms up."""
    seen: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(repeats + 1):
        for name, task in tasks.items():
            seconds = timed(task)
            if turn:
                seen[name].append(seconds)
    return {name: statistics.median(values) for name, values in seen.items()}


def latency(batch: int, repeats: int) -> dict[str, float]:
    """Milliseconds for a batch."""
    tasks = {}
    with torch.inference_mode():
        for name, model in MODELS.items():
            network, x = model.build().eval(), pictures(model, batch)
            tasks[name] = lambda network=network, x=x: network(x)
        return {name: 1e3 * seconds for name, seconds in rounds(tasks, repeats).items()}


def steps(repeats: int) -> dict[str, float]:
    """Milliseconds for a training step."""
    tasks = {}
    for name, model in MODELS.items():
        if model.step:
            tasks[name] = step(model)
    return {name: 1e3 * seconds for name, seconds in rounds(tasks, repeats).items()}


def step(model: Model) -> Callable[[], object]:
    """A training step of that network."""
    network = model.build().train().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), fused=True)
    x = torch.randn(STEP_BATCH, 3, STEP_SIDE, STEP_SIDE).to(memory_format=torch.channels_last)
    y = torch.arange(STEP_BATCH) % CLASSES

    def once() -> None:
        nn.functional.cross_entropy(network(x), y).backward()
        optimiser.step()
        optimiser.zero_grad()

    return once


def peak(name: str) -> None:
    """In a process of its own: print the bytes that a batch of 32 needs beyond the weights."""
    model = MODELS[name]
    network = model.build().eval()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with torch.inference_mode():
        network(pictures(model, 32))
    print(json.dumps((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))


def memory(name: str) -> float:
    """MiB."""
    made = subprocess.run(
        [sys.executable, __file__, "--peak", name], capture_output=True, text=True, check=True
    )
    return float(made.stdout.splitlines()[-1])


def main() -> None:
    """Measure everything and write the table."""
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--peak", metavar="NAME", help=argparse.SUPPRESS)
    top.add_argument("--repeats", type=int, default=REPEATS)
    args = top.parse_args()
    if args.peak:
        return peak(args.peak)
    with torch.device("meta"):
        costs = {name: cost(model.build(), model.side) for name, model in MODELS.items()}
    table = pd.DataFrame(
        {
            "side": {name: model.side for name, model in MODELS.items()},
            "parameters": {name: part.parameters for name, part in costs.items()},
            "operations": {name: part.operations for name, part in costs.items()},
            "latency_1_ms": latency(1, args.repeats),
            "latency_32_ms": latency(32, args.repeats),
            "step_ms": steps(args.repeats),
            "memory_32_mib": {name: memory(name) for name in MODELS},
        }
    ).loc[list(MODELS)]
    table["step_over_plain"] = table["step_ms"] / table["step_ms"].iloc[0]
    table.rename_axis("network").round(3).to_csv(HERE / "models.csv")
    print(table.to_string())


if __name__ == "__main__":
    main()
