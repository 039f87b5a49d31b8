"""Augment, then split, against split, then augment: what a leak is worth.

The source of the paper's augmentation claim counts its pictures after augmentation (Yang and Zhang 2020:
25,634). If the split came afterwards as well, near-copies of training pictures were among the test pictures,
and part of its +9.21 points is memory. Here both orders are carried out on the same pictures.
"""

from typing import NamedTuple

import numpy as np
import torch

from animestudy.data.augment import recipe
from animestudy.errors import StudyError
from animestudy.training.classifier import Labelled, Task

HELD = 0.25  # share that is held out to be tested on


class Orders(NamedTuple):
    """Two tasks of equal size. Their test pictures are first their own, then the fresh ones."""

    leaky: Task  # copies are made, then split at random
    valid: Task  # pictures are split, then copies are made
    own: int  # how many test pictures are a task's own


def orders(task: Task, pictures: int, copies: int, augment: str, seed: int) -> Orders:
    """Both tasks from the first `pictures` training pictures, each copied `copies` times by `augment`.

    The fresh test pictures, which neither order has touched, are those of `task`: they tell what an accuracy
    is really worth. Raises `StudyError` where the training split is smaller.
    """
    if pictures > len(task.train):
        raise StudyError(f"{pictures} pictures are wanted, the training split has {len(task.train)}")
    chosen = torch.from_numpy(np.array(task.train.pictures[:pictures])).permute(0, 3, 1, 2)
    change = recipe(augment, task.size)
    made = torch.stack([change(chosen, seed * 1009 + k) for k in range(copies)], 1)
    made = made.flatten(0, 1).permute(0, 2, 3, 1).contiguous().numpy()
    which = np.repeat(np.arange(pictures), copies)
    lot, held = np.random.default_rng(seed), round(HELD * pictures)
    any_copies = lot.permutation(len(which))[: held * copies]
    whole_pictures = lot.permutation(pictures)[:held]
    parts = {
        "leaky": np.isin(np.arange(len(which)), any_copies),
        "valid": np.isin(which, whole_pictures),
    }
    tasks = {name: divided(task, made, which, test) for name, test in parts.items()}
    return Orders(**tasks, own=held * copies)


def divided(task: Task, made: np.ndarray, which: np.ndarray, test: np.ndarray) -> Task:
    """A task on the copies `made` of training pictures number `which`; `test` says which are held out."""

    def part(chosen: np.ndarray) -> Labelled:
        rows = which[chosen]
        return Labelled(made[chosen], task.train.labels[rows], task.train.rows[rows])

    own, fresh = part(test), task.test
    both = Labelled(*(np.concatenate(pair) for pair in zip(fields(own), fields(fresh), strict=True)))
    return Task(task.classes, part(~test), own, both)


def fields(part: Labelled) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures, labels, rows."""
    return part.pictures, part.labels, part.rows
