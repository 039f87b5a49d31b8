"""A network that finds the parts of a face, so that generated portraits, which have no masks, are measured.

It learns from the atelier's portraits of both domains, photographs and drawings, whose masks are known, and
is judged on held-out ones before it judges anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from animestudy import progress
from animestudy.data.collection import Collection
from animestudy.data.tensors import to_tensor
from animestudy.errors import StudyError
from animestudy.models.parts import PARTS, PartNetwork

INSIDE = ("face", "eyes", "brows", "nose", "mouth")  # masks that make up the whole face


# of a frontal face: centre right and down and both radii, in sides of the square that the cascade finds
ELLIPSES = {
    0: [(0.50, 0.52, 0.42, 0.56)],  # places in PARTS
    1: [(0.30, 0.36, 0.09, 0.04), (0.70, 0.36, 0.09, 0.04)],
    2: [(0.50, 0.80, 0.16, 0.05)],
}
CONFIDENT = 2  # squares that have to agree on a face


def frontal(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Photographs without masks: n×S×S×3 uint8 → the k rows with an upright face, k×3×S×S rough masks.

    scikit-image's cascade of local binary patterns finds faces seen from the front, and there eyes and mouth
    have their places. One such mask is rough; a network that learns from hundreds finds them better.
    """
    from skimage import data, feature

    cascade = feature.Cascade(data.lbp_frontal_face_cascade_filename())
    side = images.shape[1]
    down, across = np.mgrid[:side, :side] + 0.5
    rows, masks = [], []
    for k, image in enumerate(images):
        faces = cascade.detect_multi_scale(
            img=np.ascontiguousarray(image),
            scale_factor=1.15,
            step_ratio=1.3,
            min_size=(side // 4, side // 4),
            max_size=(side, side),
            min_neighbor_number=CONFIDENT,
        )
        if not faces:
            continue
        face = max(faces, key=lambda found: found["width"])
        x, y = (across - face["c"]) / face["width"], (down - face["r"]) / face["height"]
        inside = [
            np.any([((x - u) / a) ** 2 + ((y - v) / b) ** 2 <= 1 for u, v, a, b in parts], axis=0)
            for parts in ELLIPSES.values()
        ]
        rows.append(k)
        masks.append(np.stack(inside))
    return np.array(rows, int), np.array(masks, bool).reshape(-1, len(PARTS), side, side)


def truth(collection: Collection, rows: Sequence[int]) -> np.ndarray:
    """The masks of `PARTS`, n×3×H×W bool."""
    face = np.any([collection.mask(name, rows) for name in INSIDE], axis=0)
    return np.stack([face, *(collection.mask(name, rows) for name in PARTS[1:])], 1)


@dataclass(frozen=True)
class Measures:
    """Of n faces; lengths in face heights, so that the distance of the camera does not matter."""

    eye_area: np.ndarray  # n: of both eyes, over the area of the face
    eye_height: np.ndarray  # n: mean height of the eyes
    eye_distance: np.ndarray  # n: between their centres
    mouth_width: np.ndarray  # n
    centres: np.ndarray  # n×3×2: x, y of left eye, right eye, mouth in picture sides
    found: np.ndarray  # n bool: whether a face with two eyes is there at all


def measure(masks: np.ndarray) -> Measures:
    """Size and place of the parts from n×3×H×W masks in [0, 1]; NaN where a part is not there."""
    return Measures(
        **{
            name: np.array(v)
            for name, v in zip(
                Measures.__dataclass_fields__, zip(*(_one(m) for m in masks), strict=True), strict=True
            )
        }
    )


def _centre(mask: np.ndarray) -> np.ndarray:
    """x, y of the centre of mass in picture sides; NaN for an empty mask."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return np.full(2, np.nan)
    return (np.array([columns.mean(), rows.mean()]) + 0.5) / mask.shape[0]


def _one(parts: np.ndarray) -> tuple:
    face, eyes, mouth = (part > 0.5 for part in parts)
    nothing = np.nan
    rows, columns = np.nonzero(face)
    if len(rows) < 9:
        return nothing, nothing, nothing, nothing, np.full((3, 2), nothing), False
    tall = rows.max() - rows.min() + 1
    middle = np.median(columns)
    across = np.arange(face.shape[1])
    left, right = eyes & (across < middle), eyes & (across >= middle)
    both = left.any() and right.any()
    height = np.mean([np.any(side, 1).sum() for side in (left, right)]) / tall if both else nothing
    centres = np.stack([_centre(part) for part in (left, right, mouth)])
    distance = np.hypot(*(centres[1] - centres[0])) * face.shape[0] / tall
    width = np.any(mouth, 0).sum() / tall if mouth.any() else nothing
    return eyes.sum() / face.sum(), height, distance, width, centres, bool(both)


@dataclass(frozen=True)
class Lesson:
    """How the part network is trained."""

    steps: int = 300
    batch: int = 8
    rate: float = 1e-2
    width: int = 12
    zoom: float = 0.0  # pictures are turned and scaled by up to this share, for faces of many sizes
    far: float = 0.0  # and made smaller by up to exp(far) besides, for faces that do not fill the picture
    dark: float = 0.0  # and darkened by up to exp(dark), more on one side, for faces in the shade


def learn(images: np.ndarray, masks: np.ndarray, lesson: Lesson, seed: int = 0) -> nn.Module:
    """A trained `PartNetwork`, in evaluation mode, from n×S×S×3 uint8 and n×3×S×S masks.

    Pictures are mirrored, their colours shifted and some of them blurred or made noisy: generated pictures
    are neither photographs nor drawings, and the network has to be at home between the two.
    """
    if not len(images):
        raise StudyError("parts: no portraits to learn from")
    rng = np.random.default_rng([seed, *b"parts"])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = PartNetwork(lesson.width).to(memory_format=torch.channels_last)
    adam = torch.optim.AdamW(network.parameters(), lr=lesson.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, lesson.rate, total_steps=lesson.steps)
    rarity = torch.tensor([1.0, 3.0, 6.0]).view(1, 3, 1, 1)  # small parts count for more
    for _ in progress.bar(range(lesson.steps), description="parts of the face", unit="step"):
        rows = np.sort(rng.choice(len(images), lesson.batch, replace=False))
        x, y = to_tensor(np.asarray(images[rows])), torch.tensor(masks[rows]).float()
        if rng.random() < 0.5:
            x, y = x.flip(-1), y.flip(-1)
        if lesson.zoom:
            x, y = turned(x, y, lesson.zoom, lesson.far, rng)
        if lesson.dark:
            x = shady(x, lesson.dark, rng)
        gain, shift = (
            torch.tensor(rng.normal(m, s, (len(rows), 3, 1, 1)), dtype=x.dtype)
            for m, s in ((1, 0.15), (0, 0.1))
        )
        x = x * gain + shift
        if rng.random() < 0.3:
            x = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
        noise = torch.tensor(rng.standard_normal(x.shape, np.float32)) * rng.uniform(0, 0.1)
        z = network((x + noise).clamp(-1, 1))
        hit = torch.sigmoid(z)
        overlap = 2 * (hit * y).sum((2, 3)) / (hit + y).sum((2, 3)).clamp_min(1)
        loss = F.binary_cross_entropy_with_logits(z, y, pos_weight=rarity) + (1 - overlap).mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
        schedule.step()
    return network.eval()


def turned(x: torch.Tensor, y: torch.Tensor, zoom: float, far: float, rng: np.random.Generator) -> tuple:
    """Pictures and masks scaled by exp(−zoom − far) to exp(zoom), turned by up to zoom radians.

    Borders are mirrored.
    """
    scale = torch.tensor(np.exp(rng.uniform(-zoom - far, zoom, len(x))), dtype=x.dtype)
    angle = torch.tensor(rng.uniform(-zoom, zoom, len(x)), dtype=x.dtype)
    cosine, sine = angle.cos() / scale, angle.sin() / scale
    rows = torch.stack([cosine, -sine, 0 * sine, sine, cosine, 0 * sine], 1).view(-1, 2, 3)
    grid = F.affine_grid(rows, list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    return x, (F.grid_sample(y, grid, padding_mode="reflection", align_corners=False) > 0.5).float()


def shady(x: torch.Tensor, dark: float, rng: np.random.Generator) -> torch.Tensor:
    """Pictures N×3×H×W in [−1, 1], half of them darkened by up to exp(dark) on the side away from a light."""
    amount, angle = rng.uniform(-dark, dark, len(x)).clip(0), rng.uniform(0, 2 * np.pi, len(x))
    down, across = (np.linspace(-1, 1, side) for side in x.shape[2:])
    cosine, sine = (turn(angle)[:, None, None] for turn in (np.cos, np.sin))
    side = (1 + (cosine * across + sine * down[:, None]) / np.sqrt(2)) / 2  # 0 at the light … 1
    shade = np.exp(-amount[:, None, None] * (1 + side) / 2)[:, None]
    return (x + 1) * torch.tensor(shade, dtype=x.dtype) - 1


@torch.inference_mode()
def find(network: nn.Module, images: np.ndarray, batch: int = 32) -> np.ndarray:
    """Probabilities of `PARTS` in n×S×S×3 uint8 pictures: n×3×S×S float32."""
    return np.concatenate(
        [
            torch.sigmoid(network(to_tensor(images[k : k + batch]))).numpy()
            for k in range(0, len(images), batch)
        ]
    )
