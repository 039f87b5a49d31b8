"""Fine-tuning: a network that has learnt elsewhere learns a new task, its old part gently.

`classifier.train` starts every weight alike. Here the trunk comes from ImageNet. It rests until the new
layers say something, else the first steps would undo what it knows; then its first layers (edges, colours)
still stay as they are, and the others move at a fraction of the rate with which the new layers learn.
"""

import zlib
from collections.abc import Mapping
from pathlib import Path
from time import process_time

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.transforms import v2

from animestudy import progress
from animestudy.data.augment import each, mixing, seeded
from animestudy.errors import StudyError
from animestudy.models import archive
from animestudy.models.weights import Classifier, load_matching
from animestudy.training import machine
from animestudy.training.classifier import (
    Result,
    Schedule,
    Task,
    augmentation,
    judged,
    learn,
    predict,
    resized,
    score,
)

TRUNK = "features"  # the part of the network that comes from elsewhere
STILL = 6  # of its layers, from the first one, that do not move: SqueezeNet's up to 1/4 of the size
GENTLE = 0.1  # rate of its other layers in units of the new layers' rate
REST = 1  # passes in which none of it moves
PART = (0.5, 1.0)  # share of a training picture's area that is shown, each time another
SIDE = 5 / 6  # side to which it is scaled, in units of the whole picture's: things stay as large as they are
LARGER = 7 / 6  # side of a picture's second view, in units of the first one's
SMALLEST = 32  # pixels a side that the trunk can read


def start_of(file: Path) -> Mapping[str, Tensor]:
    """The trunk's weights in `file`: torchvision's ``squeezenet1_0``, or a network of `models.squeezenet`."""
    content = archive.load(file)
    state = content.get("state", content) if isinstance(content, dict) else {}
    trunk = {name: value.float() for name, value in state.items() if name.startswith(f"{TRUNK}.")}
    if "features.12.expand3x3.weight" not in trunk:
        raise StudyError(f"{file}: holds no SqueezeNet 1.0, torchvision's or one of this study's")
    return trunk


def finetune(
    network: nn.Module,
    task: Task,
    schedule: Schedule,
    *,
    seed: int,
    augment: str = "safe",
    device: str = "auto",
    precision: str = "32-true",
    keep: Path | None = None,
    description: str = "steps",
) -> Result:
    """Train `network` on the training split and judge it once on the test split, after the last epoch.

    It learns from parts of the pictures and is judged on whole ones, which are larger. The validation split,
    where there is one, is looked at after each epoch, for curves; nothing is chosen by it. An epoch's history
    also says how many minutes of one core it took. The weights end in half precision, as they are kept and
    judged. The network is changed in place; the options are those of `classifier.train`.

    keep: a file for the state after each epoch. A training that was interrupted goes on from there, to the
        same result; the file goes when the training ends.
    """
    fabric = machine.fabric(device, precision)
    what = identity(network, task, schedule, seed, augment, precision)
    network.to(memory_format=torch.channels_last)
    trunk = network.get_submodule(TRUNK)
    trunk[:STILL].requires_grad_(False)
    groups = [
        {"params": part, "weight_decay": decay, "factor": factor}
        for moving, factor in ((trunk.parameters(), GENTLE), (newer(network), 1.0))
        for part, decay in zip(split(moving), (schedule.decay, 0.0), strict=True)
        if part
    ]
    model, optimizer = fabric.setup(network, torch.optim.AdamW(groups, lr=schedule.rate, fused=True))

    pictures = torch.from_numpy(np.array(task.train.pictures)).permute(0, 3, 1, 2)
    labels = torch.from_numpy(np.array(task.train.labels))
    batch = min(schedule.batch, len(labels))
    per_epoch = len(labels) // batch
    steps = per_epoch * schedule.epochs
    side = max(SMALLEST, round(SIDE * task.size))
    framed = v2.RandomResizedCrop(side, scale=PART, ratio=(0.9, 1.1), antialias=True)
    change = augmentation(augment, side)
    mix = None if augment == "mirror" else mixing(augment, len(task.classes))

    history = resumed(keep, what, network, optimizer) if keep else []
    bar = progress.bar(total=steps, description=description, unit="steps")
    bar.update(len(history) * per_epoch)
    for epoch in range(len(history), schedule.epochs):
        model.train()
        trunk[STILL:].requires_grad_(epoch >= REST)
        torch.manual_seed(seed * 1_000_003 + epoch)  # of order and dropout, also where a training goes on
        started = process_time()
        total = torch.zeros((), device=fabric.device)
        order = torch.randperm(len(labels))[: per_epoch * batch]
        for k, rows in enumerate(order.split(batch)):
            step = epoch * per_epoch + k
            for group in optimizer.param_groups:
                group["lr"] = group["factor"] * schedule.rate_at(step, steps)
            draw = seed * 1_000_003 + step
            x, y = change(each(framed, pictures[rows], draw), draw), labels[rows]
            if mix is not None:
                x, y = mix(x, y, draw)
            total += learn(fabric, model, optimizer, x, y, schedule.smoothing)
            bar.update()
        history.append({"epoch": epoch + 1, "loss": total.item() / per_epoch})
        if len(task.val):
            history[-1] |= {f"val_{k}": v for k, v in judged(model, task.val, len(task.classes)).items()}
        bar.set_postfix(history[-1])
        history[-1]["minutes"] = (process_time() - started) / 60
        if keep:
            state = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
            archive.save(keep, {"what": what, "history": history, **state})
    bar.close()

    halve(network)
    if keep:
        keep.unlink(missing_ok=True)
    probabilities = predict(network, task.test.pictures)  # in single precision, as `animestudy classify`
    state = {
        name: (value.half() if value.is_floating_point() else value).cpu().contiguous()
        for name, value in network.state_dict().items()
    }
    return Result(history, probabilities, score(probabilities, task.test.labels), state)


def identity(network: nn.Module, task: Task, *settings: object) -> str:
    """Words that are the same for the same training alone."""
    code = zlib.crc32(np.ascontiguousarray(task.train.pictures))
    for array in (task.train.labels, *(value.cpu().numpy() for value in network.state_dict().values())):
        code = zlib.crc32(np.ascontiguousarray(array), code)
    return repr((*settings, STILL, GENTLE, REST, PART, SIDE, task.classes, network, code))


def resumed(
    keep: Path, what: str, network: nn.Module, optimizer: torch.optim.Optimizer
) -> list[dict[str, float]]:
    """The history of the same training's epochs that are done, their state put back; [] without any."""
    if not keep.is_file():
        return []
    state = archive.load(keep)
    if state["what"] != what:
        return []
    network.load_state_dict(state["network"])
    optimizer.load_state_dict(state["optimizer"])
    return state["history"]


@torch.no_grad()
def halve(network: nn.Module) -> None:
    """Round every weight to half precision; it stays a float32."""
    for value in network.state_dict().values():
        if value.is_floating_point():
            value.copy_(value.half().float())


def newer(network: nn.Module) -> list[nn.Parameter]:
    """The parameters outside the trunk."""
    return [value for name, value in network.named_parameters() if not name.startswith(f"{TRUNK}.")]


def split(parameters: object) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """Those that move: weights, which decay, and biases and norms, which do not."""
    moving = [value for value in parameters if value.requires_grad]
    return [p for p in moving if p.ndim > 1], [p for p in moving if p.ndim <= 1]


def experiment(
    *,
    classifier: Classifier,
    task: Task,
    schedule: Schedule,
    seed: int,
    start: Mapping[str, Tensor],
    **options: object,
) -> Result:
    """One fine-tuning from nothing but its arguments, as `classifier.experiment`."""
    with seeded(seed):
        network = classifier.build()
        load_matching(network, start)
        return finetune(network, task, schedule, seed=seed, **options)


@torch.inference_mode()
def mirrored_too(network: nn.Module, pictures: np.ndarray) -> np.ndarray:
    """Class probabilities N×K of N×S×S×3 uint8 pictures, the mean over each and its mirror image."""
    return (predict(network, pictures) + predict(network, pictures[:, :, ::-1])) / 2


def several(network: nn.Module, told: Classifier, pictures: np.ndarray) -> np.ndarray:
    """The same over both, and over both enlarged where the network has learnt from parts of pictures."""
    if told.network != "squeezenet":
        return mirrored_too(network, pictures)
    larger = resized(np.ascontiguousarray(pictures), round(LARGER * pictures.shape[1]))
    return (mirrored_too(network, pictures) + mirrored_too(network, larger)) / 2
