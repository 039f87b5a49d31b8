"""A *method* of translation is data.

It is a generator, discriminators, a dictionary of named, weighted losses, and a first phase with losses of
its own (content only, as in the AnimeGAN family, CartoonGAN and White-box). All of it stands in params.yaml;
nothing here knows a method by name. `training.translator` trains it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from animestudy.errors import StudyError
from animestudy.losses import CYCLE, NEGATIVES, TERMS, check
from animestudy.losses.adversarial import GAMES, Game
from animestudy.losses.content import Features, features
from animestudy.models import parts
from animestudy.models.discriminators import DISCRIMINATORS
from animestudy.models.generators import GENERATORS

NEEDS_FEATURES = {"content", "style", "background"}
NEEDS_GUIDE = {"mask", "proportions"}


@dataclass
class Judge:
    """A discriminator with its game and the negatives it is shown."""

    network: nn.Module
    game: Game
    negatives: tuple[str, ...] = ()


@dataclass
class Method:
    """Networks and weights, ready to train; `build` makes it from plain data."""

    generator: nn.Module
    judges: dict[str, Judge]
    losses: dict[str, float]  # of `TERMS`, of the judges' games, of the judges' negatives
    initial: dict[str, float]  # of `TERMS`, in the first phase
    features: Features | None = None
    back: "Method | None" = None  # the way back, with the same losses
    balance: dict[str, tuple[str, float]] = field(default_factory=dict)  # see `translator.rebalance`
    guide: nn.Module | None = None  # finds the parts of faces; only where a term needs it

    @property
    def negatives(self) -> tuple[str, ...]:
        """Names of all negatives that some judge sees."""
        return tuple(dict.fromkeys(name for judge in self.judges.values() for name in judge.negatives))

    def share(self, kind: Mapping[str, object] | set[str]) -> dict[str, float]:
        """The weights whose names are in `kind`."""
        return {name: weight for name, weight in self.losses.items() if name in kind}


def construct(table: Mapping[str, Any], document: Mapping[str, Any], where: str) -> nn.Module:
    """The network that `document` describes: its `network` by name, the other keys as its options."""
    name, options = document["network"], {key: value for key, value in document.items() if key != "network"}
    if name not in table:
        raise StudyError(f"{where}.network: {name!r} is not known; there are {', '.join(table)}")
    try:
        return table[name](**options)
    except TypeError as error:
        raise StudyError(f"{where}: {name} does not take these options ({error})") from error


def build(document: Mapping[str, Any], seed: int) -> Method:
    """A method from plain data, its networks initialised by `seed`.

    Keys, as in params.yaml: `generator` (network and its options), `discriminators` (name → network, game,
    negatives, options), `losses` and `initial` (name → weight), `content` (network, weights, layers);
    perhaps `back`, whether a second generator learns the way back, and `balance` (discriminator → `against`
    another one, `ratio` of their pulls; see `translator.rebalance`). A loss of weight 0 is left out with all
    that it alone needs, so an ablation is one zero.

    Raises:
        StudyError: an unknown network, game, negative or loss, a weight below 0, or a loss that the method
            cannot have.
    """
    discriminators = document["discriminators"]
    shown = {name for words in discriminators.values() for name in words.get("negatives", ())}
    check(dict.fromkeys(shown, 1.0), NEGATIVES, "discriminators: negatives")
    check(document["losses"], {*TERMS, *discriminators, *shown}, "losses")
    check(document["initial"], TERMS, "initial")
    losses, initial = ({k: w for k, w in document[key].items() if w} for key in ("losses", "initial"))
    if negative := [name for part in (losses, initial) for name, weight in part.items() if weight < 0]:
        raise StudyError(f"losses: {negative[0]} has a weight below 0")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        generator = construct(GENERATORS, document["generator"], "generator")
        judges = {
            name: judge(words, losses, name) for name, words in discriminators.items() if name in losses
        }
        needed = NEEDS_FEATURES & (losses.keys() | initial.keys())
        content = features(**document["content"]) if needed else None
        guided = NEEDS_GUIDE & (losses.keys() | initial.keys())
        guide = parts.load(document.get("parts", "")) if guided else None
        if guide is not None and hasattr(generator, "guide"):
            generator.guide.load_state_dict(guide.state_dict())
        back = None
        if document.get("back"):
            back = Method(
                construct(GENERATORS, document["generator"], "generator"),
                {name: judge({**discriminators[name], "negatives": ()}, losses, name) for name in judges},
                losses,
                initial,
                content,
            )
    if back is None and (cycle := CYCLE & {*losses, *initial}):
        raise StudyError(f"losses: {min(cycle)!r} needs a way back; set back: true")
    seen = {negative for one in judges.values() for negative in one.negatives}
    losses = {name: weight for name, weight in losses.items() if name in {*TERMS, *judges, *seen}}
    wanted = {n: (words["against"], words["ratio"]) for n, words in document.get("balance", {}).items()}
    check({name: 1.0 for n, (other, _) in wanted.items() for name in (n, other)}, discriminators, "balance")
    balance = {name: pair for name, pair in wanted.items() if {name, pair[0]} <= judges.keys()}
    return Method(generator, judges, losses, initial, content, back, balance, guide)


def judge(document: Mapping[str, Any], losses: Mapping[str, float], name: str) -> Judge:
    """A discriminator from plain data."""
    words = dict(document)
    game, negatives = words.pop("game"), words.pop("negatives", ())
    if game not in GAMES:
        raise StudyError(f"discriminators.{name}.game: {game!r} is not known; there are {', '.join(GAMES)}")
    network = construct(DISCRIMINATORS, words, f"discriminators.{name}")
    return Judge(network, GAMES[game], tuple(negative for negative in negatives if negative in losses))
