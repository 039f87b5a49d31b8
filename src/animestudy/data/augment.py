"""Augmentation: named recipes for training, and single operations whose damage to the cues is measured.

A drawing is not a photograph: its label may sit in the colour of a wash or in the tremor of a line, so an
operation that is harmless on ImageNet can erase the answer. Each recipe is therefore a named arm of an
experiment. Everything here is torchvision's `transforms.v2`; what is added is that every image of a batch
gets its own draw, that a call is a function of its seed alone (v2 draws from torch's global generator, which
is forked and left as it was), and that the two operations that mix images return soft labels.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import torch
from torch import Tensor
from torchvision.transforms import v2
from torchvision.tv_tensors import Image, Mask

from animestudy.errors import StudyError

Recipe = Callable[[Tensor, int], Tensor]  # (N×3×H×W uint8, seed) → N×3×size×size uint8
Mixing = Callable[
    [Tensor, Tensor, int], tuple[Tensor, Tensor]
]  # (batch, N labels, seed) → (batch, N×K shares)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside the block torch's CPU generator starts at `seed`; afterwards it is as it was before."""
    with torch.random.fork_rng(devices=[]):  # the draws are made on the CPU; leave the accelerators alone
        torch.random.default_generator.manual_seed(seed)
        yield


def _framing(size: int) -> list[v2.Transform]:
    """Mirror and shift, on whole pixels: to enlarge a crop would smooth dots, hatching and fine lines."""
    shift = v2.RandomCrop(size, padding=size // 8, padding_mode="reflect")
    return [*_none(size), v2.RandomHorizontalFlip(), shift]


def _none(size: int) -> list[v2.Transform]:
    return [v2.Resize((size, size), antialias=True)]  # the identity on pictures that have this size


def _safe(size: int) -> list[v2.Transform]:
    return [*_framing(size), v2.ColorJitter(brightness=0.15, contrast=0.15)]


def _colour(size: int) -> list[v2.Transform]:
    jitter = v2.ColorJitter(brightness=0.4, contrast=0.4, saturation=0.6, hue=0.25)
    return [*_framing(size), jitter, v2.RandomGrayscale(0.2)]


def _auto(size: int) -> list[v2.Transform]:
    return [*_framing(size), v2.TrivialAugmentWide()]  # Müller & Hutter 2021


RECIPES: dict[str, tuple[Callable[[int], list[v2.Transform]], str]] = {
    "none": (_none, "the pictures as they are"),
    "safe": (_safe, "mirror, shift, a little light: nothing that a cue lives on"),
    "colour": (_colour, "mirror, shift, strong colour jitter, now and then grey"),
    "auto": (_auto, "mirror, shift, one random operation of TrivialAugment"),
    "cutmix": (_safe, "safe, then a rectangle of another picture and its share of the label"),
}


def known(name: str) -> str:
    """`name` if there is such a recipe, else a `StudyError` that lists them."""
    if name not in RECIPES:
        raise StudyError(f"augmentation {name!r} is unknown; choose one of {', '.join(RECIPES)}")
    return name


def recipe(name: str, size: int) -> Recipe:
    """The image part of a recipe: ``call(batch, seed)`` → N×3×`size`×`size` uint8.

    `batch` is N×3×H×W uint8 on the CPU and stays untouched. Every image has its own draw, and the result
    depends on the batch and the seed alone. Recipes that also mix labels have a `mixing` step to follow.
    """
    transform = v2.Compose(RECIPES[known(name)][0](size))
    return lambda batch, seed: each(transform, batch, seed)


def each(transform: v2.Transform, batch: Tensor, seed: int) -> Tensor:
    """`transform` applied to every image of the batch (N×3×H×W uint8) with a draw of its own."""
    with seeded(seed):
        return torch.stack([transform(image) for image in batch])


def mixing(name: str, classes: int) -> Mixing | None:
    """The label part of a recipe, None where labels stay: ``call(batch, labels, seed)`` → (batch, targets).

    `labels` are N integers; `targets` are N×`classes` floats that sum to one, the area shares of the two
    pictures. One rectangle is drawn a call, the partner is the neighbour (CutMix, Yun et al. 2019, α = 1).
    """
    return mixer(v2.CutMix(num_classes=classes, alpha=1.0)) if known(name) == "cutmix" else None


def mixer(transform: v2.Transform) -> Mixing:
    """`v2.CutMix` or `v2.MixUp` as a function of its seed on uint8 pictures (v2 blends floats only)."""

    def mix(batch: Tensor, labels: Tensor, seed: int) -> tuple[Tensor, Tensor]:
        with seeded(seed):
            mixed, targets = transform(batch.float(), labels)
        return mixed.round().to(batch.dtype), targets

    return mix


@dataclass(frozen=True)
class Operation:
    """One operation at the strength that common recipes use; `make` takes the side of the picture."""

    kind: str  # frame | colour | detail | removal | mixture
    make: Callable[[int], v2.Transform]
    words: str  # for a table


def _always(transform: v2.Transform) -> Callable[[int], v2.Transform]:
    return lambda size: transform


def _jpeg(image: Tensor) -> Tensor:
    """Through JPEG of quality 10 … 30 and back (OpenCV's codec; torchvision's own is on its way out)."""
    quality = int(torch.randint(10, 31, ()))
    pixels = image.permute(1, 2, 0).contiguous().numpy()
    code = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])[
        1
    ]
    return torch.from_numpy(cv2.cvtColor(cv2.imdecode(code, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)).permute(
        2, 0, 1
    )


# What common recipes are made of, one at a time and always applied, so that their damage can be compared.
OPERATIONS: dict[str, Operation] = {
    "flip": Operation("frame", _always(v2.RandomHorizontalFlip(1.0)), "mirrored"),
    "shift": Operation(
        "frame", lambda size: _framing(size)[-1], "by up to an eighth of the side, border mirrored"
    ),
    "mild crop": Operation(
        "frame",
        lambda size: v2.RandomResizedCrop(size, scale=(0.7, 1.0), ratio=(0.9, 1.1), antialias=True),
        "70–100 % of the area, resized",
    ),
    "heavy crop": Operation(
        "frame",
        lambda size: v2.RandomResizedCrop(size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), antialias=True),
        "8–100 % of the area, resized (ImageNet's default)",
    ),
    "rotation": Operation(
        "frame", _always(v2.RandomRotation(30, interpolation=v2.InterpolationMode.BILINEAR)), "by up to 30°"
    ),
    "shear": Operation(
        "frame",
        _always(v2.RandomAffine(0, shear=20, interpolation=v2.InterpolationMode.BILINEAR)),
        "by up to 20°",
    ),
    "downscale": Operation(
        "detail",
        lambda size: v2.Compose(
            [v2.Resize((size // 2, size // 2), antialias=True), v2.Resize((size, size), antialias=True)]
        ),
        "to half the side and back",
    ),
    "brightness": Operation(
        "colour", _always(v2.ColorJitter(brightness=0.15, contrast=0.15)), "and contrast by up to 15 %"
    ),
    "hue": Operation("colour", _always(v2.ColorJitter(hue=0.5)), "turned by up to half the circle"),
    "saturation": Operation("colour", _always(v2.ColorJitter(saturation=(0.0, 2.0))), "from none to double"),
    "grey": Operation("colour", _always(v2.RandomGrayscale(1.0)), "no colour at all"),
    "posterise": Operation("colour", _always(v2.RandomPosterize(2, 1.0)), "two bits a channel"),
    "solarise": Operation("colour", _always(v2.RandomSolarize(128, 1.0)), "inverted above 128"),
    "equalise": Operation("colour", _always(v2.RandomEqualize(1.0)), "flat histogram in every channel"),
    "blur": Operation("detail", _always(v2.GaussianBlur(7, (1.0, 2.0))), "Gaussian, σ 1–2 pixels"),
    "sharpen": Operation("detail", _always(v2.RandomAdjustSharpness(4.0, 1.0)), "fourfold"),
    "JPEG": Operation("detail", _always(v2.Lambda(_jpeg)), "quality 10–30"),
    "erasing": Operation(
        "removal",
        _always(v2.RandomErasing(1.0, scale=(0.02, 0.33), value=127)),
        "a grey box of 2–33 % of the area",
    ),
    "CutMix": Operation("mixture", lambda size: v2.CutMix(num_classes=2), "a box of another picture"),
    "MixUp": Operation("mixture", lambda size: v2.MixUp(num_classes=2, alpha=1.0), "a blend of two pictures"),
}


# What moves pixels; everything else changes them where they are.
FRAMING = (
    v2.Resize,
    v2.RandomHorizontalFlip,
    v2.RandomCrop,
    v2.RandomResizedCrop,
    v2.RandomRotation,
    v2.RandomAffine,
)


def apply(
    name: str, batch: Tensor, seed: int, masks: Tensor | None = None, group: int = 8
) -> tuple[Tensor, Tensor | None]:
    """An operation or recipe on every image of `batch` (N×3×S×S uint8), and where `masks` (N×S×S bool) went.

    Masks follow the frame. What is erased or pasted over does not move, it is covered; the shifts inside
    TrivialAugment are unknown to the mask (torchvision gives it none). Mixtures draw once for `group`
    consecutive images and take the partner from among them.
    """
    if name not in OPERATIONS and name not in RECIPES:
        choice = ", ".join([*RECIPES, *OPERATIONS])
        raise StudyError(f"operation {name!r} is unknown; choose one of {choice}")
    size = batch.shape[-1]
    steps = RECIPES[name][0](size) if name in RECIPES else [OPERATIONS[name].make(size)]
    mixture = OPERATIONS["CutMix"].make(size) if name == "cutmix" else None
    if name in OPERATIONS and OPERATIONS[name].kind == "mixture":
        steps, mixture = [], steps[0]
    masks = masks if masks is not None else torch.zeros(len(batch), size, size, dtype=torch.bool)
    with seeded(seed):
        pairs = [_moved(steps, image, mask) for image, mask in zip(batch, masks, strict=True)]
    images, masks = (torch.stack(parts) for parts in zip(*pairs, strict=True))
    if mixture is not None:
        labels = torch.zeros(group, dtype=torch.long)  # nobody asks for the shares here
        parts = images.split(group)
        mix = mixer(mixture)
        images = torch.cat([mix(part, labels[: len(part)], seed + i)[0] for i, part in enumerate(parts)])
    return images, masks


def _moved(steps: list[v2.Transform], image: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """`steps` on one image, those that move pixels on its mask as well."""
    for step in steps:
        if isinstance(step, FRAMING):
            moved = step(Image(image), Mask(mask))
            image, mask = (part.as_subclass(Tensor) for part in moved)
        else:
            image = step(image)
    return image, mask
