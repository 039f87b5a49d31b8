"""Modules compared where a comparison is cheap: behind a frozen ImageNet trunk, whose maps are computed once.

Each module stands between the same maps and the same head and is trained alike: schedule, seeds, order of the
pictures. So the difference between two is the module's, not that of what a whole network happened to learn.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from animestudy import progress
from animestudy.data.augment import seeded
from animestudy.losses.content import Features, squeezenet
from animestudy.models.squeezenet import squeezenet as whole
from animestudy.training.classifier import Schedule, Task, resized

LAYER = "features.12"  # the trunk's last: 512 maps at 1/16 of the size


@torch.inference_mode()
def maps(network: Features, pictures: np.ndarray, side: int, batch: int = 64) -> Tensor:
    """Maps of N×S×S×3 uint8 pictures scaled to `side`, N×C×h×w float16."""
    parts = []
    for start in progress.bar(range(0, len(pictures), batch), description="maps", unit="batch"):
        part = torch.from_numpy(resized(np.array(pictures[start : start + batch]), side))
        parts.append(network(part.permute(0, 3, 1, 2) / 127.5 - 1)[0].half())
    return torch.cat(parts)


def frozen_maps(task: Task, weights: str, side: int) -> tuple[Tensor, Tensor, Tensor]:
    """Maps of the training pictures, of their mirror images and of the test pictures.

    weights: a state dict of torchvision's ``squeezenet1_0``, a path.
    """
    network = squeezenet(weights, (LAYER,))
    train = task.train.pictures
    mirror = np.ascontiguousarray(train[:, :, ::-1])
    return tuple(maps(network, part, side) for part in (train, mirror, task.test.pictures))


def head(module: str, classes: int, width: int, **options: object) -> nn.Sequential:
    """`models.squeezenet.squeezenet` without its trunk."""
    network = nn.Sequential()
    for name, part in whole(classes, module=module, width=width, **options).named_children():
        if name != "features":
            network.add_module(name, part)
    return network


def experiment(
    *,
    module: str,
    options: dict[str, object],
    seen: Sequence[Tensor],
    labels: np.ndarray,
    classes: int,
    schedule: Schedule,
    seed: int,
    width: int = 64,
) -> np.ndarray:
    """Train one module's head and return its predictions of the test pictures.

    seen: maps of the training pictures, of their mirror images and of the test pictures (`frozen_maps`).
    labels: of the training pictures. Of each picture, one of its two views is drawn each time.
    """
    train, mirror, test = seen
    with seeded(seed):
        network = head(module, classes, width, **options)
        weights = [p for p in network.parameters() if p.ndim > 1]
        others = [p for p in network.parameters() if p.ndim <= 1]
        optimizer = torch.optim.AdamW(
            [{"params": weights, "weight_decay": schedule.decay}, {"params": others, "weight_decay": 0.0}]
        )
        target = torch.from_numpy(np.array(labels))
        per_epoch = len(target) // schedule.batch
        order = [torch.randperm(len(target)) for _ in range(schedule.epochs)]
        rows = [part for epoch in order for part in epoch[: per_epoch * schedule.batch].split(schedule.batch)]
        for step, row in enumerate(rows):
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate_at(step, len(rows))
            turned = torch.rand(len(row)) < 0.5
            x = torch.where(turned[:, None, None, None], mirror[row], train[row]).float()
            loss = functional.cross_entropy(network(x), target[row], label_smoothing=schedule.smoothing)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        with torch.inference_mode():
            network.eval()
            return torch.cat([network(part.float()).argmax(1) for part in test.split(256)]).numpy()
