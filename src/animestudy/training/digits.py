"""Handwritten digits as a task: the ones that come with scikit-learn, so nothing is downloaded."""

import numpy as np
from sklearn.datasets import load_digits

from animestudy.training.classifier import Labelled, Task, resized

DEPTH = 16  # the largest value of a pixel in that collection
BORDERS = (1029, 1415)  # where validation and test begin: the first digit of a form each


def digits(size: int) -> Task:
    """1797 digits of 8×8 pixels (UCI, Alpaydin and Kaynak 1998), enlarged bilinearly to `size`×`size`.

    Grey, in three equal channels. The file has the forms of 13 writers one after the other; all copied the
    same text, so the labels repeat and show where a form begins (0123456789 twice). Training takes the first
    eight forms, then three validate and the rest tests: nobody tested is known from training. A shuffled
    split would show every hand beforehand, and be easier.
    """
    bunch = load_digits()
    grey = np.round(bunch.images * (255 / DEPTH)).astype(np.uint8)
    pictures = resized(np.repeat(grey[..., None], 3, axis=3), size)
    labels, rows = bunch.target.astype(np.int64), np.arange(len(grey))
    train, val, test = np.split(rows, BORDERS)
    return Task(
        tuple("0123456789"), *(Labelled(pictures[part], labels[part], part) for part in (train, val, test))
    )
