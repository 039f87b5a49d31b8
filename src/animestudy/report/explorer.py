"""One picture as the study sees it: its spectrum, what the networks call it, and where they look."""

from collections.abc import Mapping

import numpy as np
import torch
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from torch import nn

from animestudy import spectrum
from animestudy.data.tensors import to_tensor
from animestudy.explain import cam
from animestudy.models.weights import Classifier
from animestudy.report import figures
from animestudy.training.classifier import normalised, predict, resized

LAYERS = {"separable": "dsc5", "resnet50": "layer2"}  # whose maps are shown, as in 11_gradcam
Networks = Mapping[str, tuple[nn.Module, Classifier]]  # by task


def told(pixels: np.ndarray, networks: Networks) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each task the class probabilities (K) and the evidence for the likeliest class (H×W ≥ 0).

    pixels: S×S×3 uint8.
    """
    found = {}
    for task, (network, about) in networks.items():
        small = resized(pixels[None], about.size)
        chances = predict(network, small)[0]
        tensor = normalised(torch.from_numpy(small).permute(0, 3, 1, 2))
        layer = LAYERS[about.network]
        heat = cam.maps(network, tensor, [int(chances.argmax())], layer, size=pixels.shape[:2])
        found[task] = (chances, heat[0])
    return found


def view(pixels: np.ndarray, networks: Networks, title: str = "") -> Figure:
    """The picture, its log spectrum, and for each network its answer and its Grad-CAM, side by side."""
    answers = told(pixels, networks)
    figure, panels = plt.subplots(1 + len(answers), 2, figsize=(7.5, 3 + 2.7 * len(answers)), squeeze=False)
    panels[0, 0].imshow(pixels)
    panels[0, 0].set_title(title or "picture")
    luma = spectrum.luma(to_tensor(pixels[None]))
    log = spectrum.full_plane(spectrum.log_spectrum(luma)[0, 0], pixels.shape[1])
    panels[0, 1].imshow(log.numpy())
    panels[0, 1].set_title("log spectrum, 0 in the middle")
    for (task, (chances, heat)), (left, right) in zip(answers.items(), panels[1:], strict=True):
        names = networks[task][1].classes
        left.barh(names, 100 * chances, color=[figures.colours(names)[name] for name in names])
        left.invert_yaxis()
        left.set(title=f"{task}: {names[chances.argmax()]}", xlabel="probability (%)", xlim=(0, 100))
        right.imshow(cam.overlay(pixels[None], heat[None])[0])
        right.set_title("what speaks for it (Grad-CAM)")
    for axes in (*panels[0], *panels[1:, 1]):
        axes.set_axis_off()
    return figure
