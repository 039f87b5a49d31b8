"""What an arm of the atelier consists of: one row for each picture, before anything is drawn.

Item k of a stream (anime scenes, photo portraits …) depends on the arm's seed, the stream and k alone,
never on how many items there are. A block of 100 items holds every style 20 times and, of each style,
14 items of the training, 3 of the validation and 3 of the test split; the psychology of an item is drawn
given its style, so labels are a sample whose population is known exactly (`joint`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from animestudy.data.atelier.spec import PSYCHOLOGIES, STYLES, Subject
from animestudy.params import Arm

# The psychology that a painter of each style leans to when an association is planted.
LEANING = {
    "cel": "resolute",
    "watercolour": "tranquil",
    "ink": "melancholic",
    "gouache": "joyful",
    "screentone": "anxious",
}
BLOCK = 100
TRAIN, VAL = 14, 17  # of the 20 places that a style has in a block; the rest is the test split

# One random stream for each sort of picture; the numbers are part of every seed and never change.
STREAMS = {
    "anime_scenes": 1,
    "photo_scenes": 2,
    "anime_portraits": 3,
    "photo_portraits": 4,
    "scene_pairs": 5,
    "portrait_pairs": 6,
    "clips": 7,
}


@dataclass(frozen=True)
class Item:
    """One picture: what to draw, and the row of ``metadata.csv`` that belongs to it."""

    name: str
    subject: Subject
    split: str
    pair: str = ""  # shared by the two partners of a held-out pair

    @property
    def group(self) -> str:
        """The geometry: pictures of one group never stand in different splits."""
        return f"g{self.subject.seed:013x}"

    def row(self) -> dict[str, str]:
        """The labels. A photograph has no painter: its style and psychology stay empty."""
        painted = self.subject.domain == "anime"
        return {
            "file_name": f"{self.name}.png",
            "domain": self.subject.domain,
            "kind": self.subject.kind,
            "style": self.subject.style if painted else "",
            "psychology": self.subject.psychology if painted else "",
            "group": self.group,
            "split": self.split,
            "pair": self.pair,
        }


def joint(association: float) -> np.ndarray:
    """The population that labels are drawn from: P(style, psychology), 5×5, rows in the order of `STYLES`.

    With probability V the psychology is the one that the style leans to, else any of the five. Both
    marginals are uniform, and Cramér's V of the table is exactly V: χ²/n = Σ (P − 1/25)²·25 = 4 V², and
    the smaller side has 4 degrees of freedom. At V = 0.25 the favoured cell of a row has 0.4 of it, each
    other cell 0.15.
    """
    favoured = np.array([[LEANING[style] == psychology for psychology in PSYCHOLOGIES] for style in STYLES])
    return association * favoured / 5 + (1 - association) / 25


def subject(
    arm: Arm, stream: str, k: int, kind: Literal["scene", "portrait"], domain: Literal["photo", "anime"]
) -> tuple[Subject, str]:
    """Item `k` of a stream, with the split that it belongs to."""
    key = [arm.seed, STREAMS[stream]]
    place = np.random.default_rng([*key, 0, k // BLOCK]).permutation(BLOCK)[k % BLOCK]
    style = STYLES[place % 5]
    slot = place // 5
    rng = np.random.default_rng([*key, 1, k])
    psychology = rng.choice(PSYCHOLOGIES, p=5 * joint(arm.association)[place % 5])
    drawn = Subject(
        seed=int(rng.integers(2**52)),
        kind=kind,
        domain=domain,
        style=style if domain == "anime" else "",
        psychology=str(psychology),  # of a photo: the mood it was taken in, which is nobody's label
        local=arm.local,
        overall=arm.overall,
        decoy=arm.decoy,
    )
    return drawn, "train" if slot < TRAIN else "val" if slot < VAL else "test"


def stream(
    arm: Arm, name: str, count: int, kind: Literal["scene", "portrait"], domain: Literal["photo", "anime"]
) -> Iterator[Item]:
    """The first `count` pictures of a stream."""
    for k in range(count):
        drawn, split = subject(arm, name, k, kind, domain)
        yield Item(f"{domain}-{kind}-{k:05d}", drawn, split)


def pairs(arm: Arm, kind: Literal["scene", "portrait"]) -> Iterator[Item]:
    """The held-out pairs of a kind: the same subject drawn by a painter and as a photograph, all test."""
    for k in range(arm.pairs):
        painted, _ = subject(arm, f"{kind}_pairs", k, kind, "anime")
        for partner in (painted, replace(painted, domain="photo", style="")):
            name = f"{kind}-pair-{k:05d}"
            yield Item(f"{name}-{partner.domain}", partner, "test", name)


def items(arm: Arm) -> list[Item]:
    """Every picture of the arm, in the order of the collection's rows."""
    return [
        *stream(arm, "anime_scenes", arm.anime_scenes, "scene", "anime"),
        *stream(arm, "photo_scenes", arm.photo_scenes, "scene", "photo"),
        *stream(arm, "anime_portraits", arm.anime_portraits, "portrait", "anime"),
        *stream(arm, "photo_portraits", arm.photo_portraits, "portrait", "photo"),
        *pairs(arm, "scene"),
        *pairs(arm, "portrait"),
    ]


def clips(arm: Arm) -> list[Subject]:
    """The subjects of the arm's clips: photo and anime by turns, a quarter of each portraits."""
    domains: tuple[Literal["photo", "anime"], ...] = ("photo", "anime")
    return [
        subject(arm, "clips", k, "portrait" if k % 8 in (3, 6) else "scene", domains[k % 2])[0]
        for k in range(arm.clips)
    ]


def table(planned: list[Item]) -> pd.DataFrame:
    """The rows of ``metadata.csv``."""
    return pd.DataFrame([item.row() for item in planned])
