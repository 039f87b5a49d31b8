"""Real photographs that come with scikit-image and scikit-learn: to try a translator on without any data.

Only files that lie in the two packages themselves, so nothing is downloaded.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image
from skimage import data
from sklearn.datasets import load_sample_image


class Sample(NamedTuple):
    """A photograph: how to read it, and whom to thank for it."""

    read: Callable[[], np.ndarray]
    credit: str


SAMPLES: dict[str, Sample] = {
    "astronaut": Sample(data.astronaut, "NASA, public domain"),
    "cat": Sample(data.cat, "Stefan van der Walt, CC0"),
    "coffee": Sample(data.coffee, "Rachel Michetti, CC0"),
    "rocket": Sample(data.rocket, "SpaceX, public domain"),
    "china": Sample(lambda: load_sample_image("china.jpg"), "danielbuechele, CC BY 2.0"),
    "flower": Sample(lambda: load_sample_image("flower.jpg"), "vultilion, CC BY 2.0"),
}


def photograph(name: str, longest: int) -> np.ndarray:
    """The sample `name`, its longer side scaled to `longest` pixels: H×W×3 uint8."""
    image = Image.fromarray(SAMPLES[name].read())
    factor = longest / max(image.size)
    size = tuple(max(1, round(side * factor)) for side in image.size)
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))
