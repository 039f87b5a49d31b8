"""The pictures of models/README.md: ``python -m animestudy.convert.panel OUT.jpg scene [portrait]``.

With one generator: the six photographs that come with scikit-image and scikit-learn, in two rows of three,
each above what it makes of it. With more: a face, and what each of them makes of it, side by side.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from animestudy.convert import engines, generator
from animestudy.data.samples import SAMPLES, photograph

LONGEST = 640  # pixels of a photograph's longer side when it is drawn
HEIGHT, WIDTH = 330, 480  # pixels of a place on the sheet: the middle of a picture
COLUMNS = 3
FACE = (slice(0, 268), slice(88, 356))  # of the astronaut: head and collar
SIDE = 432  # pixels of the face's square


def middle(picture: np.ndarray) -> np.ndarray:
    """Scale a picture H×W×3 so that it covers a place, and cut off what protrudes, more below than above."""
    factor = max(HEIGHT / picture.shape[0], WIDTH / picture.shape[1])
    size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
    scaled = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))
    top, left = (size[1] - HEIGHT) // 6, (size[0] - WIDTH) // 2
    return scaled[top : top + HEIGHT, left : left + WIDTH]


def sheet(work: engines.Work) -> np.ndarray:
    """All photographs and their drawings: H×W×3 uint8."""
    photos = [photograph(name, LONGEST) for name in SAMPLES]
    places = [(middle(photo), middle(work(photo[None])[0])) for photo in photos]
    rows = []
    for start in range(0, len(places), COLUMNS):
        rows += [np.hstack(row) for row in zip(*places[start : start + COLUMNS], strict=True)]
    return np.vstack(rows)


def face(works: Iterable[engines.Work]) -> np.ndarray:
    """A face, then the drawings of it: SIDE×W×3 uint8."""
    square = Image.fromarray(SAMPLES["astronaut"].read()[FACE])
    photo = np.asarray(square.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    return np.hstack([photo, *(work(photo[None])[0] for work in works)])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Real photographs and their drawings in one picture.")
    parser.add_argument("out", type=Path, metavar="OUT.jpg")
    parser.add_argument("models", nargs="+", metavar="MODEL", help="as in animestudy convert")
    args = parser.parse_args()
    works = [engines.work(generator.found(name), engines.Machine(device="cpu")) for name in args.models]
    made = face(works) if len(works) > 1 else sheet(works[0])
    Image.fromarray(made).save(args.out, quality=88)


if __name__ == "__main__":
    main()
