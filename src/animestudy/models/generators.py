"""Networks that turn a photograph into a drawing: N×3×H×W in [−1, 1] to the same shape and range.

All are fully convolutional and take any size from 1×1 upwards: borders are replicated, not reflected (a
reflection needs more pixels than a small map has), and each upsampling goes to the size that the encoder had.
The networks have files of their own; here are their names, and what one does with a trained one.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from animestudy.data.tensors import to_images, to_tensor
from animestudy.errors import StudyError
from animestudy.models import archive
from animestudy.models.afgan import AFGAN
from animestudy.models.animegan import AnimeGAN
from animestudy.models.cartoongan import CartoonGAN
from animestudy.models.fsgan import FSGAN
from animestudy.models.ugatit import UGATIT

GENERATORS: dict[str, Callable[..., nn.Module]] = {
    "fsgan": FSGAN,
    "afgan": AFGAN,
    "cartoongan": CartoonGAN,
    "animegan": AnimeGAN,
    "ugatit": UGATIT,
}


def save(path: Path, network: str, options: Mapping[str, Any], generator: nn.Module, **facts: Any) -> None:  # noqa: ANN401
    """Write a trained generator with all that is needed to use it.

    Args:
        network, options: its name in `GENERATORS` and the arguments that built it.
        facts: plain values about its training, for people (collections, style, size of the crops).
    """
    state = {name: value.cpu() for name, value in generator.state_dict().items()}
    archive.save(path, {"network": network, "options": dict(options), "facts": facts, "state": state})


def load(path: Path) -> tuple[nn.Module, dict[str, Any]]:
    """The generator that `save` wrote, on the CPU in evaluation mode, and its facts."""
    content = archive.load(path)
    try:
        generator = GENERATORS[content["network"]](**content["options"])
        generator.load_state_dict(content["state"])
        return generator.eval(), content["facts"]
    except (KeyError, TypeError, RuntimeError) as error:
        raise StudyError(f"{path}: not a generator of this study") from error


@torch.inference_mode()
def convert(generator: nn.Module, image: np.ndarray) -> np.ndarray:
    """Turn one picture, H×W×3 uint8 RGB, into a drawing of the same size and type."""
    device = next(generator.parameters()).device
    was_training = generator.training
    y = generator.eval()(to_tensor(image[None]).to(device))
    generator.train(was_training)
    return to_images(y)[0]
