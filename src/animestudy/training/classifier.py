"""Training a classifier: pictures in memory, one loop that reads from top to bottom, one result.

The loss is equation (8) of the paper as it was meant, the cross-entropy (printed and implemented form stand
in `models.recalibration`). Everything random — first weights, order, augmentation — comes from one seed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi

import numpy as np
import torch
from lightning_fabric import Fabric
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn
from torch.nn import functional

from animestudy import progress
from animestudy.data.augment import mixing, recipe, seeded
from animestudy.data.collection import Collection
from animestudy.errors import StudyError
from animestudy.models.weights import Classifier, load_matching
from animestudy.training import machine

# ImageNet's statistics in grey levels, so that weights from there fit
MEAN = torch.tensor((0.485, 0.456, 0.406))[:, None, None] * 255
DEVIATION = torch.tensor((0.229, 0.224, 0.225))[:, None, None] * 255


@dataclass(frozen=True)
class Labelled:
    """Pictures with their classes."""

    pictures: np.ndarray  # N×S×S×3 uint8, RGB
    labels: np.ndarray  # N int64, positions in the task's classes
    rows: np.ndarray  # N int64, their rows in the collection

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Task:
    """What is to be told apart, and on which pictures."""

    classes: tuple[str, ...]
    train: Labelled
    val: Labelled
    test: Labelled

    @property
    def size(self) -> int:
        """Side of a picture in pixels."""
        return self.train.pictures.shape[1]

    @property
    def majority(self) -> float:
        """Test accuracy of always naming the commonest class of the training split."""
        return float(np.mean(self.test.labels == np.bincount(self.train.labels).argmax()))


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: AdamW with a linear warm-up and a cosine down to zero."""

    epochs: int = 10
    batch: int = 64
    rate: float = 2e-3  # the highest learning rate
    decay: float = 0.05  # weight decay, of weights but not of biases and norms
    warmup: float = 0.15  # share of the steps
    smoothing: float = 0.1  # label smoothing

    def rate_at(self, step: int, steps: int) -> float:
        """Learning rate of `step` (0 … steps−1)."""
        rising = max(1, round(self.warmup * steps))
        if step < rising:
            return self.rate * (step + 1) / rising
        return self.rate * 0.5 * (1 + cos(pi * (step - rising) / max(1, steps - rising)))


@dataclass(frozen=True)
class Result:
    """What a training leaves."""

    history: list[dict[str, float]]  # an epoch: loss, and where it was watched val_loss, val_accuracy
    probabilities: np.ndarray  # test pictures × classes, float32
    metrics: dict[str, float]  # accuracy and macro_f1 on the test split
    state: dict[str, Tensor]  # the weights, on the CPU

    @property
    def predictions(self) -> np.ndarray:
        """The likeliest class of every test picture."""
        return self.probabilities.argmax(1)


def task(collection: Collection, labels: str | Sequence[str], size: int, **conditions: object) -> Task:
    """A classification on the collection's own splits, with pictures of `size`×`size` pixels.

    labels: a column of the collection's table, or a name for each of its rows; without one (empty) a row
        takes no part. The classes are the names that occur, sorted.
    conditions: as in `Collection.where`.
    """
    what, name = (labels, labels) if isinstance(labels, str) else ("the label", "")
    chosen = collection.where(**conditions)
    names = np.asarray(collection.table[name] if name else labels, str)
    classes = tuple(sorted({str(name) for name in names[chosen]} - {""}))  # str: weight files take no other
    if len(classes) < 2:
        raise StudyError(f"{collection.path.name}: {what} has {len(classes)} classes; two are needed")
    splits = {}
    for split in ("train", "val", "test"):
        rows = chosen[(collection.table["split"].iloc[chosen] == split) & np.isin(names[chosen], classes)]
        if not len(rows):
            raise StudyError(f"{collection.path.name}: no pictures with a {what} in split {split}")
        pictures = resized(np.asarray(collection.images[rows]), size)
        splits[split] = Labelled(pictures, np.searchsorted(classes, names[rows]), rows)
    return Task(classes, **splits)


def resized(pictures: np.ndarray, size: int) -> np.ndarray:
    """N×H×W×3 uint8 → N×`size`×`size`×3 uint8, bilinear with antialiasing."""
    if pictures.shape[1:3] == (size, size):
        return pictures
    parts = torch.from_numpy(pictures).permute(0, 3, 1, 2).split(256)
    small = [functional.interpolate(p.float(), (size, size), mode="bilinear", antialias=True) for p in parts]
    return torch.cat(small).round().clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().numpy()


def normalised(pictures: Tensor) -> Tensor:
    """N×3×H×W grey levels 0…255 → what the networks see."""
    pictures = pictures.to(torch.float32, memory_format=torch.channels_last)
    return (pictures - MEAN.to(pictures.device)) / DEVIATION.to(pictures.device)


def mirrored(batch: Tensor, seed: int) -> Tensor:
    """Every second picture, drawn by lot, seen in a mirror: harmless to every cue, and almost free."""
    lot = torch.rand(len(batch), generator=torch.Generator().manual_seed(seed)) < 0.5
    return torch.where(lot[:, None, None, None], batch.flip(3), batch)


def augmentation(name: str, size: int) -> Callable[[Tensor, int], Tensor]:
    """The augmentation of that name: "mirror", or a recipe of `data.augment`."""
    return mirrored if name == "mirror" else recipe(name, size)


def train(
    network: nn.Module,
    task: Task,
    schedule: Schedule,
    *,
    seed: int,
    augment: str = "mirror",
    watch: bool = False,
    device: str = "auto",
    precision: str = "32-true",
    description: str = "epoch",
) -> Result:
    """Train `network` on the training split and judge it once on the test split, after the last epoch.

    augment: "mirror" or a recipe of `data.augment`.
    watch: whether to look at the validation split after each epoch (for curves; nothing is chosen by it).
    The network is changed in place.
    """
    fabric = machine.fabric(device, precision)
    network.to(memory_format=torch.channels_last)
    weights = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": schedule.decay}, {"params": others, "weight_decay": 0.0}]
    model, optimizer = fabric.setup(network, torch.optim.AdamW(groups, lr=schedule.rate, fused=True))

    pictures = torch.from_numpy(np.array(task.train.pictures)).permute(0, 3, 1, 2)
    labels = torch.from_numpy(np.array(task.train.labels))
    batch = min(schedule.batch, len(labels))
    per_epoch = len(labels) // batch  # a remainder waits for the next epoch's order
    steps = per_epoch * schedule.epochs
    change, mix = augmentation(augment, task.size), None
    if augment != "mirror":
        mix = mixing(augment, len(task.classes))

    history = []
    shuffle = torch.Generator().manual_seed(seed)
    bar = progress.bar(total=schedule.epochs, description=description)
    for epoch in range(schedule.epochs):
        model.train()
        total = torch.zeros((), device=fabric.device)
        order = torch.randperm(len(labels), generator=shuffle)[: per_epoch * batch]
        for k, rows in enumerate(order.split(batch)):
            step = epoch * per_epoch + k
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate_at(step, steps)
            draw = seed * 1_000_003 + step
            x, y = change(pictures[rows], draw), labels[rows]
            if mix is not None:
                x, y = mix(x, y, draw)
            total += learn(fabric, model, optimizer, x, y, schedule.smoothing)
        history.append({"epoch": epoch + 1, "loss": total.item() / per_epoch})
        if watch:
            history[-1] |= {f"val_{k}": v for k, v in judged(model, task.val, len(task.classes)).items()}
        bar.set_postfix({k: v for k, v in history[-1].items() if k != "epoch"})
        bar.update()
    bar.close()

    probabilities = predict(model, task.test.pictures)
    state = {name: value.detach().cpu().contiguous() for name, value in network.state_dict().items()}
    return Result(history, probabilities, score(probabilities, task.test.labels), state)


def learn(
    fabric: Fabric, model: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor, smoothing: float
) -> Tensor:
    """One step on N×3×H×W grey levels and their classes (or N×K shares of them); the cross-entropy."""
    logits = model(normalised(fabric.to_device(x)))
    loss = functional.cross_entropy(logits.float(), fabric.to_device(y), label_smoothing=smoothing)
    fabric.backward(loss)
    optimizer.step()
    optimizer.zero_grad()
    return loss.detach()


@torch.inference_mode()
def predict(network: nn.Module, pictures: np.ndarray, batch: int = 256) -> np.ndarray:
    """Class probabilities (N×K float32) of N×S×S×3 uint8 pictures; the network's mode is left as it was."""
    device = next(network.parameters()).device
    training = network.training
    network.eval()
    parts = []
    for start in range(0, len(pictures), batch):
        part = torch.from_numpy(np.array(pictures[start : start + batch])).permute(0, 3, 1, 2)
        parts.append(network(normalised(part.to(device))).float().softmax(1).cpu())
    network.train(training)
    return torch.cat(parts).numpy()


def score(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Accuracy and macro-averaged F1 (every class counts alike)."""
    predictions = probabilities.argmax(1)
    classes = range(probabilities.shape[1])
    macro = f1_score(labels, predictions, labels=classes, average="macro", zero_division=0)
    return {"accuracy": float(accuracy_score(labels, predictions)), "macro_f1": float(macro)}


def judged(network: nn.Module, part: Labelled, classes: int) -> dict[str, float]:
    """Cross-entropy and accuracy on a split."""
    probabilities = predict(network, part.pictures)
    likelihood = probabilities[np.arange(len(part)), part.labels]
    return {
        "loss": float(-np.log(np.maximum(likelihood, 1e-12)).mean()),
        "accuracy": score(probabilities, part.labels)["accuracy"],
    }


def experiment(
    *,
    classifier: Classifier,
    task: Task,
    schedule: Schedule,
    seed: int,
    start: Mapping[str, Tensor] | None = None,
    **options: object,
) -> Result:
    """One training from nothing but its arguments: what a sweep runs in a process of its own.

    start: weights to begin with, taken where names and shapes agree.
    The other options are those of `train`.
    """
    with seeded(seed):
        network = classifier.build()
        if start is not None:
            load_matching(network, start)
        return train(network, task, schedule, seed=seed, **options)


def lookup(task: Task, names: Sequence[str]) -> np.ndarray:
    """The baseline that knows another label: the commonest class of the training pictures with the same name.

    names: one for each row of the collection, e.g. its style. Returns the classes of the test pictures.
    """
    known, asked = (np.asarray(names, str)[part.rows] for part in (task.train, task.test))
    commonest = np.bincount(task.train.labels).argmax()
    table = {name: np.bincount(task.train.labels[known == name]).argmax() for name in np.unique(known)}
    return np.array([table.get(name, commonest) for name in asked])


def linear_probe(task: Task, side: int = 16, components: int = 128) -> np.ndarray:
    """The baseline that sees no structure: class probabilities of the test pictures from their pixels.

    Multinomial logistic regression on the principal components of the standardised `side`×`side` pixels.
    """
    train, test = (resized(part.pictures, side).reshape(len(part), -1) for part in (task.train, task.test))
    pca = PCA(min(components, *train.shape), svd_solver="full")
    probe = make_pipeline(StandardScaler(), pca, LogisticRegression(C=0.01, max_iter=300))
    return probe.fit(train, task.train.labels).predict_proba(test)
