"""Speed and memory of the translators: ``python benchmarks/translators.py`` writes the CSV of that name.

* *networks*: generators on a 256×256 picture, one thread. In each round every network has its turn, so that
  whatever else the machine does falls on all alike; seconds are the process's own (user and system), medians.
  Quote ratios of one run, not milliseconds. Bars: AnimeGANv2 takes at least 4 times as long as FSGAN at the
  width that the study trains, CartoonGAN 8 times.
* *engines*: that FSGAN by PyTorch, ONNX Runtime and OpenVINO (where installed), likewise.
* *large*: that FSGAN on one picture in a process of its own, whole and in tiles: largest resident memory of
  the whole process, libraries included, and its seconds. Bar: 4K in at most 1.5 GB.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from animestudy import pipeline
from animestudy.convert import engines
from animestudy.errors import StudyError
from animestudy.models import generators
from animestudy.models.cost import cost

HERE = Path(__file__).parent
SIDE = 256
REPEATS = 9
LARGE = {"1080p": (1080, 1920), "4K": (2160, 3840), "8K": (4320, 7680)}
REAL = pipeline.overridden("real")["scene"]["methods"]["fsgan"]["generator"]
FSGAN = {name: value for name, value in REAL.items() if name != "network"}  # as for real pictures
NETWORKS: dict[str, tuple[str, dict[str, float]]] = {
    "FSGAN": ("fsgan", FSGAN),
    "FSGAN, light not even": ("fsgan", FSGAN | {"even": 0}),
    "FSGAN, width 24": ("fsgan", FSGAN | {"width": 24}),
    "FSGAN, width 32": ("fsgan", FSGAN | {"width": 32}),
    "FSGAN of the default profile": ("fsgan", {"width": 16, "smoothing": 8}),
    "AFGAN": ("afgan", {}),
    "AnimeGANv2": ("animegan", {}),
    "CartoonGAN": ("cartoongan", {}),
    "U-GAT-IT-light": ("ugatit", {}),
}
WHOLE_UP_TO = 2_500_000  # pixels of a picture that is also converted in one piece


def own() -> float:
    """Seconds that this process has computed."""
    return time.process_time()


def rounds(tasks: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of every task, all of them in turn; a first round warms up."""
    seen: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(repeats + 1):
        for name, task in tasks.items():
            start = own()
            task()
            if turn:
                seen[name].append(own() - start)
    return {name: statistics.median(values) for name, values in seen.items()}


def networks(repeats: int) -> list[dict[str, object]]:
    """The study's generators and, at their published widths, their peers."""
    x, tasks, costs = torch.rand(1, 3, SIDE, SIDE) * 2 - 1, {}, {}
    for name, (kind, options) in NETWORKS.items():
        network = generators.GENERATORS[kind](**options).eval()
        tasks[name] = lambda network=network: network(x)
        with torch.device("meta"):
            costs[name] = cost(generators.GENERATORS[kind](**options), SIDE)
    with torch.inference_mode():
        seconds = rounds(tasks, repeats)
    return [
        {
            "part": "networks",
            "what": name,
            "parameters": costs[name].parameters,
            "operations": costs[name].operations,
            "milliseconds": 1e3 * value,
            "ratio": value / seconds["FSGAN"],
        }
        for name, value in seconds.items()
    ]


def saved(folder: str) -> Path:
    """FSGAN, untrained: speed does not depend on the weights."""
    torch.manual_seed(0)
    path = Path(folder) / "fsgan.pt"
    generators.save(path, "fsgan", FSGAN, generators.GENERATORS["fsgan"](**FSGAN))
    return path


def by_engine(repeats: int) -> list[dict[str, object]]:
    """The same generator by every engine that is installed."""
    picture = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 3), np.uint8)
    tasks = {}
    with tempfile.TemporaryDirectory() as folder:
        for engine in engines.ENGINES:
            try:
                work = engines.work(saved(folder), engines.Machine(engine, "cpu", threads=1))
            except StudyError as error:
                print(error, file=sys.stderr)
                continue
            tasks[engine] = lambda work=work: work(picture)
        seconds = rounds(tasks, repeats)
    return [
        {"part": "engines", "what": name, "milliseconds": 1e3 * value, "ratio": value / seconds["torch"]}
        for name, value in seconds.items()
    ]


def alone(size: str, tile: str) -> None:
    """In a process of its own: print the peak of its memory and its seconds for one picture."""
    torch.set_num_threads(1)
    height, width = LARGE[size]
    picture = np.empty((height, width, 3), np.uint8)  # made row by row: making it must not be the peak
    for row in range(height):
        for k in range(3):
            picture[row, :, k] = 127 + 100 * np.sin(row / (9 + k)) * np.cos(np.arange(width) / 17)
    with tempfile.TemporaryDirectory() as folder:
        work = engines.work(saved(folder), engines.Machine("torch", "cpu", tile))
        start = own()
        work(picture[None])
    print(json.dumps([peak(), own() - start]))


def peak() -> float:
    """Largest resident memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def large() -> list[dict[str, object]]:
    """Whole and in tiles."""
    rows = []
    for size, (height, width) in LARGE.items():
        for tile in ("off", "auto") if height * width <= WHOLE_UP_TO else ("auto",):
            words = [sys.executable, __file__, "--alone", size, tile]
            made = subprocess.run(words, capture_output=True, text=True, check=True)
            most, seconds = json.loads(made.stdout.splitlines()[-1])
            what = f"{size}, {'whole' if tile == 'off' else 'tiles'}"
            rows.append({"part": "large", "what": what, "milliseconds": 1e3 * seconds, "memory_mib": most})
    return rows


def main() -> None:
    """Measure everything and write the table."""
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--alone", nargs=2, metavar=("SIZE", "TILE"), help=argparse.SUPPRESS)
    top.add_argument("--repeats", type=int, default=REPEATS)
    args = top.parse_args()
    if args.alone:
        return alone(*args.alone)
    torch.set_num_threads(1)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    rows: list[dict[str, object]] = []
    for measure in (lambda: networks(args.repeats), lambda: by_engine(args.repeats), large):
        part = measure()
        print(pd.DataFrame(part).to_string(index=False), flush=True)
        rows += part
    pd.DataFrame(rows).round(3).to_csv(HERE / "translators.csv", index=False)


if __name__ == "__main__":
    main()
