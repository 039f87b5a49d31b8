"""One trainer for every translator; a *method* (`training.method`) is data.

Each step: draw photographs x and drawings y; G(x) once; the discriminators learn on detached pictures; then
the generator learns against the frozen discriminators.

A method with a generator `back` plays both ways, as CycleGAN and U-GAT-IT do: the way back from drawings to
photographs has the same losses and a twin of every discriminator, and all of it learns in the same step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from animestudy import progress
from animestudy.errors import StudyError
from animestudy.losses import CYCLE, SAME, TERMS, Batch, total
from animestudy.models import archive
from animestudy.models.attention import draw
from animestudy.models.normalisation import project
from animestudy.training import machine
from animestudy.training.feed import Feed
from animestudy.training.method import Judge, Method

REFERENCE_BATCHES = 16  # from which a discriminator may fix its standardisation
# Most convolutions here are of one map at a time. Channels last makes them 1.6 times as fast on a processor,
# but 0.7 times on a GPU: whole steps of FSGAN, 16 crops of 144 pixels, on an H100.
LAYOUT = {"cpu": torch.channels_last, "cuda": torch.contiguous_format}
BACK = "back"  # the way from drawings to photographs, in names of players and of numbers


@dataclass(frozen=True)
class Schedule:
    """How long and how fast."""

    steps: int  # of the game, after the first phase
    initial_steps: int  # of the first phase
    batch: int
    crop: int  # side of the training crops, pixels
    generator_rate: float  # Adam's learning rates
    discriminator_rate: float
    log_every: int = 20
    average: float = 0.998  # decay of the kept mean of the generator's weights; 0 = the last ones
    rate_decay: float = 0.5  # last share of the game, over which both rates fall linearly to 0

    def pace(self, step: int) -> float:
        """Factor on the learning rates at a step counted from the start of the first phase."""
        left = 1.0 - (step - self.initial_steps) / max(self.steps, 1)
        return min(1.0, left / self.rate_decay) if self.rate_decay else 1.0


@dataclass
class Trained:
    """What training leaves behind."""

    generator: nn.Module  # of averaged weights, on the CPU, in evaluation mode
    history: pd.DataFrame  # a row every `log_every` steps: phase, losses, gradient norms
    state: dict[str, Any] = field(
        repr=False, default_factory=dict
    )  # of the last step, as a checkpoint holds it


def logits(network: nn.Module, x: Tensor) -> tuple[Tensor, ...]:
    """What a discriminator says: its logits, perhaps with those of its attention."""
    said = network(x)
    return said if isinstance(said, tuple) else (said,)


def generator_terms(method: Method, batch: Batch, weights: Mapping[str, float]) -> dict[str, Tensor]:
    """The generator's losses by name, unweighted."""
    terms = {name: TERMS[name](batch) for name in weights if name in TERMS}
    for name, one in method.judges.items():
        if name in weights:
            terms[name] = sum(one.game.fool(part) for part in logits(one.network, batch.fake))
    return terms


def judge_terms(one: Judge, target: Tensor, fake: Tensor, wrong: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A discriminator's losses by name, unweighted: on drawings, on fakes, on each of its negatives."""
    game = one.game
    shown = {"real": target, "fake": fake.detach()} | {name: wrong[name] for name in one.negatives}
    said = logits(one.network, torch.cat(list(shown.values())))  # at once: half the time of one by one
    parts = zip(*(part.split([len(x) for x in shown.values()]) for part in said), strict=True)
    return {
        name: sum((game.real if name == "real" else game.fake)(part) for part in those)
        for name, those in zip(shown, parts, strict=True)
    }


def gradient_norms(
    terms: Mapping[str, Tensor], weights: Mapping[str, float], fake: Tensor
) -> dict[str, Tensor]:
    """How hard each weighted term pulls at the generated pictures: L2 norm of its gradient there.

    The weights of adversarial terms are set from these numbers, not from the size of the losses. Terms that
    do not look at the generated pictures (of an identity pass, of a mask) are left out.
    """
    pulls = {}
    for name, value in terms.items():
        (pull,) = torch.autograd.grad(weights[name] * value, fake, retain_graph=True, allow_unused=True)
        if pull is not None:
            pulls[name] = pull.norm()
    return pulls


def rebalance(
    losses: dict[str, float], balance: Mapping[str, tuple[str, float]], row: Mapping[str, float]
) -> dict[str, float]:
    """Bring the pull of a discriminator to a given share of another one's; the new weights by name.

    Logits of different discriminators, and of one over time, differ in scale by orders of magnitude, so a
    fixed weight means little. At every look the weight moves half the way, in logarithms, to the one with
    which the gradient norms (`gradient_norms`) have the wanted ratio, by a factor of two at most.

    balance: name → (the other's name, the wanted ratio of name's gradient norm to the other's).
    row: of the history, with ``gradient: NAME`` of both.
    """
    for name, (other, ratio) in balance.items():
        mine, its = row[f"gradient: {name}"], row[f"gradient: {other}"]
        if mine > 0 and its > 0:
            losses[name] *= float(np.clip(np.sqrt(ratio * its / mine), 0.5, 2.0))
    return {f"weight: {name}": losses[name] for name in balance}


class Ledger:
    """Means of named numbers between two looks; nothing is fetched from the device before `close`."""

    def __init__(self) -> None:
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}

    def add(self, values: Mapping[str, Tensor]) -> None:
        """Add one step's numbers."""
        for name, value in values.items():
            self.sums[name] = self.sums.get(name, 0) + value.detach()
            self.counts[name] = self.counts.get(name, 0) + 1

    def close(self, step: int) -> dict[str, float]:
        """The means since the last look; raises `StudyError` where one is not finite."""
        means = {name: float(value) / self.counts[name] for name, value in self.sums.items()}
        self.sums, self.counts = {}, {}
        if broken := [name for name, value in means.items() if not np.isfinite(value)]:
            raise StudyError(
                f"training stopped at step {step}: {', '.join(broken)} not finite; "
                "lower the learning rates or that loss's weight"
            )
        return means


def train(
    method: Method,
    source: np.ndarray,
    target: np.ndarray,
    schedule: Schedule,
    *,
    seed: int = 0,
    device: str = "auto",
    precision: str = "32-true",
    checkpoint: Path | None = None,
    checkpoint_every: int = 1000,
    resume: Path | None = None,
    watch: Callable[[int, nn.Module], object] | None = None,
    description: str = "translator",
) -> Trained:
    """Train `method` (in place) to turn `source` into `target`.

    Args:
        source, target: N×H×W×3 and M×H×W×3 uint8, photographs and drawings, unpaired; at least `crop` a side.
        seed: of the batches; that of the networks is `build`'s.
        device, precision: as in params.yaml, see `machine.fabric`.
        checkpoint: written every `checkpoint_every` steps and at the end, whole or not at all.
        watch: called every `log_every` steps with the step and the generator as it would be kept.
        resume: a checkpoint of the same method to go on from; the result is that of an unbroken run.

    Raises:
        StudyError: no or too small pictures, a loss that is no longer finite, a checkpoint that does not fit.
    """
    fabric = machine.fabric(device, precision)
    layout = LAYOUT[fabric.device.type]
    feed = Feed(source, target, schedule.crop, schedule.batch, seed, method.negatives)
    if method.features is not None:
        method.features.to(fabric.device, memory_format=layout)
    if method.guide is not None:
        method.guide.to(fabric.device, memory_format=layout)
    ways = {"": method} | ({f"{BACK}: ": method.back} if method.back else {})
    players = {
        prefix + name: network
        for prefix, way in ways.items()
        for name, network in [("generator", way.generator), *((n, j.network) for n, j in way.judges.items())]
    }
    for way in ways.values():
        fit(way, feed)

    optimisers = {}
    for name, network in players.items():
        rate = schedule.generator_rate if name.endswith("generator") else schedule.discriminator_rate
        free = [parameter for parameter in network.parameters() if parameter.requires_grad]
        adam = torch.optim.Adam(free, lr=rate, betas=(0.5, 0.999), fused=True)
        network = network.train().to(memory_format=layout)
        players[name], optimisers[name] = fabric.setup(network, adam)
    rates = {name: adam.param_groups[0]["lr"] for name, adam in optimisers.items()}
    wrapped = {
        prefix: Method(
            players[prefix + "generator"],
            {n: Judge(players[prefix + n], one.game, one.negatives) for n, one in way.judges.items()},
            way.losses,
            way.initial,
            way.features,
            guide=way.guide,
        )
        for prefix, way in ways.items()
    }
    mean = AveragedModel(method.generator, avg_fn=running(schedule.average))
    kept = {**players, "average": mean}
    history, first = restore(resume, kept, optimisers) if resume else ([], 0)
    for row in history:  # the weights as they were when the run was left
        method.losses |= {name: row[key] for name in method.balance if (key := f"weight: {name}") in row}
    ledger, last = Ledger(), schedule.initial_steps + schedule.steps
    with progress.bar(total=last, description=description, unit="step") as bar:
        bar.update(first)
        for step in range(first, last):
            for name, adam in optimisers.items():
                adam.param_groups[0]["lr"] = rates[name] * schedule.pace(step)
            look = (step + 1) % schedule.log_every == 0 or step + 1 == last
            initial = step < schedule.initial_steps
            drawn = {k: value.to(fabric.device, memory_format=layout) for k, value in feed(step).items()}
            ledger.add(advance(fabric, wrapped, optimisers, drawn, initial=initial, look=look))
            mean.update_parameters(method.generator)
            bar.update()
            if look:
                row = {"step": step + 1, "phase": "initial" if initial else "game"} | ledger.close(step + 1)
                if not initial:
                    row |= rebalance(method.losses, method.balance, row)
                history.append(row)
                if watch is not None:
                    watch(step + 1, mean.module)
                bar.set_postfix({name: row[name] for name in method.losses if name in row})
            if checkpoint and ((step + 1) % checkpoint_every == 0 or step + 1 == last):
                archive.save(checkpoint, snapshot(kept, optimisers, history, step + 1))
    state = snapshot(kept, optimisers, history, last)
    return Trained(mean.module.cpu().eval(), pd.DataFrame(history), state)


def running(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """How a running mean of weights takes in the next ones.

    A game circles around its solution; the mean of the last weights is calmer than any of them. Early on it
    forgets faster, else a short training would keep its first weights.
    """

    def blend(mean: Tensor, value: Tensor, count: Tensor | int) -> Tensor:
        return mean.lerp(value, 1 - min(decay, (1 + int(count)) / (10 + int(count))))

    return blend


def fit(method: Method, feed: Feed) -> None:
    """Let every discriminator that standardises its input see photographs and drawings first."""
    fitting = [one.network for one in method.judges.values() if hasattr(one.network, "fit")]
    if fitting:
        batches = [feed(step) for step in range(REFERENCE_BATCHES)]
        reference = torch.cat([batch[name] for batch in batches for name in ("source", "target")])
        for network in fitting:
            network.fit(reference)


def advance(
    fabric: Fabric,
    ways: Mapping[str, Method],
    optimisers: Mapping[str, torch.optim.Optimizer],
    drawn: Mapping[str, Tensor],
    *,
    initial: bool,
    look: bool,
) -> dict[str, Tensor]:
    """One step of all players; the losses (and, on a look, the gradient norms) by name.

    ways: by the prefix of their names; the way back, if there is one, is the second.
    """
    ends = [("source", "target"), ("target", "source")]
    batches = {
        prefix: Batch(
            drawn[source],
            drawn[target],
            (seen := draw(way.generator, drawn[source])).picture,
            way.features,
            seen,
            guide=way.guide,
        )
        for (prefix, way), (source, target) in zip(ways.items(), ends, strict=False)
    }
    report: dict[str, Tensor] = {}
    if not initial:
        for prefix, way in ways.items():
            batch = batches[prefix]
            for name, one in way.judges.items():
                terms = judge_terms(one, batch.target, batch.fake, drawn)
                optimisers[prefix + name].zero_grad()
                fabric.backward(
                    total(terms, {"real": 1.0, "fake": 1.0} | {n: way.losses[n] for n in one.negatives})
                )
                optimisers[prefix + name].step()
                report |= {f"{prefix}{name}: {term}": value for term, value in terms.items()}
    judges = [one.network for way in ways.values() for one in way.judges.values()]
    learning = [p for network in judges for p in network.parameters() if p.requires_grad]
    for parameter in learning:
        parameter.requires_grad_(False)
    sums = []
    for prefix, way in ways.items():
        weights = way.initial if initial else way.share({*TERMS, *way.judges})
        batch = batches[prefix]
        if SAME & weights.keys():
            batch.same = draw(way.generator, batch.target)
        if CYCLE & weights.keys():
            (other,) = (one for name, one in ways.items() if name != prefix)
            batch.again = other.generator(batch.fake)
        terms = generator_terms(way, batch, weights)
        if look:
            pulls = gradient_norms(terms, weights, batch.fake)
            report |= {f"gradient: {prefix}{name}": value for name, value in pulls.items()}
        sums.append(total(terms, weights))
        report |= {prefix + name: value for name, value in terms.items()}
    for prefix in ways:
        optimisers[prefix + "generator"].zero_grad()
    fabric.backward(sum(sums[1:], start=sums[0]))
    for prefix, way in ways.items():
        optimisers[prefix + "generator"].step()
        project(way.generator)
    for parameter in learning:
        parameter.requires_grad_(True)
    return report


def snapshot(players: Mapping, optimisers: Mapping, history: list[dict], step: int) -> dict[str, Any]:
    """Everything that training at `step` depends on, as plain values and tensors."""
    return {
        "step": step,
        "players": {name: dict(network.state_dict()) for name, network in players.items()},
        "optimisers": {name: adam.state_dict() for name, adam in optimisers.items()},
        "history": list(history),
    }


def restore(path: Path, players: Mapping, optimisers: Mapping) -> tuple[list[dict], int]:
    """Load a checkpoint into the players; its history and its step."""
    state = archive.load(path)
    try:
        for name, network in players.items():
            network.load_state_dict(state["players"][name])
        for name, adam in optimisers.items():
            adam.load_state_dict(state["optimisers"][name])
    except (KeyError, RuntimeError, TypeError) as error:
        raise StudyError(f"{path}: not a checkpoint of this method; remove it to start anew") from error
    return state["history"], state["step"]
