"""Speed and memory of every network: ``python benchmarks/models.py`` writes ``benchmarks/models.csv``.

Every network has its turn in each round and one thread, whose own processor time counts: what else the
machine does falls on all of them alike. Latency is the median of the rounds; quote ratios of one run, not
milliseconds. Memory is what a process of its own needs beyond torch and the weights for a batch of 32. The
step is a training step (forward, backward, AdamW) of the full networks at their own size; the bars for 16
modules are 1.10 times the plain ResNet-50 and timm's seresnet50; `--steps` measures these alone anew.
`14_models` shows the table.
"""

import argparse
import datetime
import os
import platform
import resource
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import pandas as pd
import torch
from torch import nn

from animestudy.models.catalogue import CATALOGUE, CLASSES, Entry

HERE = Path(__file__).parent
ROUNDS = {1: 5, 32: 2}  # by pictures in a batch
STEP_ROUNDS, STEP_BATCH = 9, 8
PLAIN = "ResNet-50"
STEPS = (PLAIN, "ResNet-50, 16 modules", "ResNet-50, 16 SE", "timm's seresnet50")


def pictures(entry: Entry, batch: int) -> torch.Tensor:
    """Random input."""
    return torch.randn(batch, 3, entry.side, entry.side)


def timed(work: Callable[[], object]) -> float:
    """Seconds of this process's own time."""
    start = time.process_time()
    work()
    return time.process_time() - start


def rounds(tasks: dict[str, Callable[[], object]], count: int) -> pd.DataFrame:
    """Milliseconds, a row a round and a column a task, all of them in turn; a first round warms up."""
    seen = [{name: 1e3 * timed(task) for name, task in tasks.items()} for _ in range(count + 1)]
    return pd.DataFrame(seen[1:])


@torch.inference_mode()
def latency(batch: int, count: int) -> pd.DataFrame:
    """Milliseconds for a batch."""
    tasks = {}
    for name, entry in CATALOGUE.items():
        network, x = entry.network().eval(), pictures(entry, batch)
        tasks[name] = lambda network=network, x=x: network(x)
    return rounds(tasks, count)


def step(entry: Entry) -> Callable[[], object]:
    """A training step of that network."""
    network = entry.network().train().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), fused=True)
    x = pictures(entry, STEP_BATCH).to(memory_format=torch.channels_last)
    y = torch.arange(STEP_BATCH) % CLASSES

    def once() -> None:
        nn.functional.cross_entropy(network(x), y).backward()
        optimiser.step()
        optimiser.zero_grad()

    return once


def training() -> pd.DataFrame:
    """Milliseconds for a training step, and as multiples of the plain network's: medians over the rounds."""
    seen = rounds({name: step(CATALOGUE[name]) for name in STEPS}, STEP_ROUNDS)
    return pd.DataFrame(
        {"step_ms": seen.median(), "step_over_plain": seen.div(seen[PLAIN], axis=0).median()}
    ).round(3)


@torch.inference_mode()
def peak(name: str, answer: SimpleQueue) -> None:
    """In a process of its own: the MiB that a batch of 32 needs beyond the weights."""
    entry = CATALOGUE[name]
    network, x = entry.network().eval(), pictures(entry, 32)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    network(x)
    answer.put((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


def memory(name: str) -> float:
    """MiB. Call it while this process is small: a fork begins with its parent's peak."""
    context = get_context("fork")
    answer = context.SimpleQueue()
    process = context.Process(target=peak, args=(name, answer))
    process.start()
    process.join()
    return answer.get()


def machine() -> str:
    """The processor and the software, in words."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    kind = names[0] if names else platform.machine()
    return f"one thread of {kind} ({os.cpu_count()} cores), torch {torch.__version__.split('+')[0]}"


def measured() -> pd.DataFrame:
    """Everything, a row a network; memory first (see `memory`)."""
    columns: dict[str, object] = {"memory_32_mib": {name: memory(name) for name in CATALOGUE}}
    columns |= {f"latency_{batch}_ms": latency(batch, count).median() for batch, count in ROUNDS.items()}
    return pd.DataFrame(columns).loc[list(CATALOGUE)].join(training()).round(3).rename_axis("network")


def main() -> None:
    """Measure everything and write the table."""
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--steps", action="store_true", help="only the training steps, into the old table")
    args = top.parse_args()
    torch.set_num_threads(1)
    file = HERE / "models.csv"
    if args.steps:
        table = pd.read_csv(file, index_col="network")
        table.update(training())
    else:
        table = measured()
    table.assign(machine=machine(), date=datetime.date.today().isoformat()).to_csv(file)
    print(table.to_string())


if __name__ == "__main__":
    main()
