"""Where a classifier looks: class activation maps, their references and the randomisation gate.

Thin over `pytorch_grad_cam`. What is added:

* maps come as the weighted sum after ReLU (Selvaraju et al. 2017, eq. 2), enlarged to the picture but not
  stretched to 0 … 1: the library subtracts each map's minimum, which would move mass into the peaks;
* only layers whose output nothing changes in place afterwards are accepted: on the CPU the library keeps a
  view, and the following ``x += shortcut`` would silently falsify the map;
* the model leaves as it came: training mode, gradients and hooks.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy

import cv2
import numpy as np
import torch
from matplotlib import colormaps
from pytorch_grad_cam import GradCAM, HiResCAM, LayerCAM, RandomCAM
from pytorch_grad_cam.base_cam import BaseCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from animestudy.data.augment import seeded
from animestudy.errors import StudyError

METHODS: dict[str, type[BaseCAM]] = {
    "Grad-CAM": GradCAM,
    "HiResCAM": HiResCAM,
    "LayerCAM": LayerCAM,
    "RandomCAM": RandomCAM,  # random channel weights: the null
}


def maps(
    model: nn.Module,
    pictures: Tensor,
    classes: Sequence[int],
    layer: str,
    method: str = "Grad-CAM",
    batch: int = 64,
    seed: int = 0,
    size: tuple[int, int] | None = None,
) -> np.ndarray:
    """Maps of the evidence for each picture's class: n×H×W float32, ≥ 0, at picture size or at `size`.

    `pictures` are n×3×H×W floats as the model takes them, `classes` the n logits to explain, `layer` the
    dotted name of a whole block (``layer3``, ``layer4.2``). Maps of two pictures have no common scale.
    A map may be all zero: no channel speaks for the class. Only RandomCAM uses `seed`.
    """
    if method not in METHODS:
        raise StudyError(f"method {method!r} is unknown; choose one of {', '.join(METHODS)}")
    try:
        block = model.get_submodule(layer)
    except AttributeError:
        names = ", ".join(name for name, _ in model.named_children())
        raise StudyError(f"layer {layer!r} is not in the model; its parts are {names}") from None
    training = model.training
    state = np.random.get_state()  # RandomCAM draws from NumPy's global generator
    np.random.seed(seed)
    try:
        with METHODS[method](model=model, target_layers=[block]) as cam:
            parts = [
                _maps(cam, block, pictures[start : start + batch], classes[start : start + batch], layer)
                for start in range(0, len(pictures), batch)
            ]
    finally:
        np.random.set_state(state)
        model.zero_grad(set_to_none=True)
        model.train(training)
    return enlarge(np.concatenate(parts), size or pictures.shape[-2:])


def _maps(cam: BaseCAM, block: nn.Module, pictures: Tensor, classes: Sequence[int], layer: str) -> np.ndarray:
    """The maps of one batch, as small as the layer's output."""
    copies: list[Tensor] = []
    hook = block.register_forward_hook(lambda module, inputs, output: copies.append(output.detach().clone()))
    targets = [ClassifierOutputTarget(int(k)) for k in classes]
    try:
        cam(input_tensor=pictures, targets=targets)
    finally:
        hook.remove()
    seen = cam.activations_and_grads.activations[0]
    if not torch.equal(seen, copies[0].cpu()):
        raise StudyError(f"layer {layer!r} is changed in place after it; name the block that contains it")
    gradients = cam.activations_and_grads.gradients[0]
    raw = cam.get_cam_image(pictures, block, targets, seen.cpu().numpy(), gradients.cpu().numpy(), False)
    return np.maximum(raw, 0)


def enlarge(small: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Maps n×h×w → n×H×W float32, bilinear."""
    height, width = (int(side) for side in size)
    return np.stack([cv2.resize(np.float32(one), (width, height)) for one in small])


def grid(model: nn.Module, layer: str, picture: Tensor) -> tuple[int, int]:
    """Rows and columns of the maps of `layer` for a picture 3×H×W: the resolution of an explanation."""
    shapes: list[tuple[int, int]] = []
    hook = model.get_submodule(layer).register_forward_hook(
        lambda module, inputs, output: shapes.append(tuple(output.shape[-2:]))
    )
    training = model.training
    try:
        with torch.no_grad():
            model.eval()(picture[None])
    finally:
        hook.remove()
        model.train(training)
    return shapes[0]


# References: maps that never saw the model. A score means something only beside them.


def uniform(images: np.ndarray) -> np.ndarray:
    """The same everywhere: images n×H×W×3 → n×H×W."""
    return np.ones(images.shape[:3], np.float32)


def centre(images: np.ndarray) -> np.ndarray:
    """A Gaussian in the middle, a quarter of the side wide (σ): where pictures keep their subject."""
    y, x = (np.linspace(-0.5, 0.5, side) for side in images.shape[1:3])
    one = np.exp(-(y[:, None] ** 2 + x[None, :] ** 2) / (2 * 0.25**2))
    return np.broadcast_to(np.float32(one), images.shape[:3]).copy()


def edges(images: np.ndarray) -> np.ndarray:
    """Gradient magnitude of the luminance: finds every line without knowing any class (uint8 images)."""

    def one(image: np.ndarray) -> np.ndarray:
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
        return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))

    return np.stack([one(np.ascontiguousarray(image)) for image in images])


def oracle(masks: np.ndarray, cells: tuple[int, int]) -> np.ndarray:
    """The best that maps of `cells` (rows, columns) can do: the true mask (n×H×W bool), pooled, enlarged."""
    pooled = [cv2.resize(np.float32(mask), cells[::-1], interpolation=cv2.INTER_AREA) for mask in masks]
    return enlarge(np.stack(pooled), masks.shape[1:])


# The gate: maps that survive the loss of the weights explain the picture, not the model
# (Adebayo et al. 2018, "Sanity checks for saliency maps").


def randomised(model: nn.Module, seed: int) -> Iterator[tuple[str, nn.Module]]:
    """Copies of the model that lose their weights from the output downwards: (part just lost, model).

    Cascading randomisation: parts are the model's children (``fc``, ``layer4`` … or ``head``, ``dsc7`` …);
    each step forgets one more, initialised anew. It is one model that changes: use each before the next.
    """
    copy = deepcopy(model)
    children = [
        (name, child) for name, child in copy.named_children() if any(True for _ in child.parameters())
    ]
    for step, (name, child) in enumerate(reversed(children)):
        with seeded(seed + step):
            for part in child.modules():
                if hasattr(part, "reset_parameters"):
                    part.reset_parameters()
        yield name, copy


def overlay(
    images: np.ndarray, heat: np.ndarray, opacity: float = 0.75, colours: str = "inferno"
) -> np.ndarray:
    """Pictures (n×H×W×3 uint8) under their maps (n×H×W ≥ 0): n×H×W×3 uint8.

    The picture is shown in grey, so that every colour is the map's; each map is scaled to its own maximum.
    """
    peak = heat.max((1, 2), keepdims=True)
    scaled = heat / np.where(peak > 0, peak, 1)
    grey = np.repeat((images @ np.array([0.299, 0.587, 0.114]))[..., None], 3, -1) / 255
    tint = colormaps[colours](scaled)[..., :3]
    share = opacity * scaled[..., None]
    return np.round(255 * ((1 - share) * grey + share * tint)).astype(np.uint8)


MARKS = ((238, 119, 51), (0, 119, 187))  # orange and blue of Tol's "vibrant" scheme


def marked(images: np.ndarray, masks: dict[str, np.ndarray]) -> np.ndarray:
    """Pictures in pale grey with up to two masks (n×H×W bool) in colour, orange and blue: n×H×W×3 uint8."""
    grey = np.repeat((images @ np.array([0.299, 0.587, 0.114]))[..., None], 3, -1)
    shown = 110 + 145 / 255 * grey
    for colour, mask in zip(MARKS, masks.values(), strict=False):
        shown[mask] = colour
    return np.round(shown).astype(np.uint8)
