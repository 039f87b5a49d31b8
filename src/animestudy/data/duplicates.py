"""Near copies: the same picture scaled, compressed, brightened, framed, cropped to its middle or mirrored.

They must not stand on both sides of a split, or a test measures memory. Each picture gets six
fingerprints of 256 bits (the perceptual hash of imagehash: the lowest 16×16 DCT coefficients of a 64×64
grey picture, above their median or not): of the whole picture, of the picture without its plain border, of
the middle square of that, and of the mirror images of the three. Two pictures are near copies if they
differ in at most `THRESHOLD` bits in one of the three views, either way round.

The threshold: bits of unrelated pictures agree by chance, so their distance is about 128 with a standard
deviation of 8, and 72 lies seven of them below. Looked at on 6,000 frames and posters of 30 series: of the
105 groups (216 pictures) that 72 makes, four are templates (a shirt, a figure) with another print, the rest
copies; between 74 and 80 copies and lookalikes mix, above 84 lookalikes prevail, and in a set of passport
photographs chains of different people form. 600 photographs of things hold no pair below 84.
Of 300 of these pictures every copy was found that was scaled, compressed to quality 20, brightened or
darkened by a third, blurred, made grey, mirrored, subtitled or cut by 2 % on each side; of those letterboxed,
on a page or cut to their middle square 95 to 98 %, turned by 5° 70 %, cut by 5 % on each side 50 %.
Negatives, larger turns and closer cuts are not found.
"""

from collections.abc import Sequence

import imagehash
import numpy as np
from PIL import Image, ImageOps

from animestudy.data import squares

THRESHOLD = 72  # bits of 256
SIDE = 256  # longer side in pixels of what is hashed
PLAIN = 24  # grey levels: a row or column that varies less belongs to the border
VIEWS = 6  # whole, without border, middle; each followed by its mirror image
WORDS = 4  # of 64 bits in a fingerprint
BLOCK = 64  # pictures compared with all others at a time


def fingerprints(image: Image.Image) -> np.ndarray:
    """The fingerprints of an RGB picture: `VIEWS`×`WORDS` uint64."""
    grey = squares.scaled(image.convert("L"), squares.fitting(*image.size, SIDE))
    inner = unframed(grey)
    middle = inner.crop(tuple(map(round, squares.centre(*inner.size))))
    hashes = []
    for view in (grey, inner, middle):
        small = view.resize((64, 64), Image.Resampling.LANCZOS)
        hashes += [imagehash.phash(side, 16).hash for side in (small, ImageOps.mirror(small))]
    return np.packbits(np.reshape(hashes, (VIEWS, 256)), axis=1).view(np.uint64)


def unframed(grey: Image.Image) -> Image.Image:
    """A grey picture without its plain border (letterbox, page); whole if less than a quarter would stay."""
    pixels = np.asarray(grey)
    rows, columns = (np.flatnonzero(np.ptp(pixels, axis=axis) > PLAIN) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return grey
    left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    if 4 * (right - left) * (bottom - top) < pixels.size:
        return grey
    return grey.crop((left, top, right, bottom))


def near(prints: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Distances in bits between N and M pictures: N×M, the least over views and mirror images.

    `prints` is N×`VIEWS`×`WORDS` uint64, `others` M×`VIEWS`×`WORDS`.
    """
    least = np.full((len(prints), len(others)), 256, np.uint16)
    for view in range(0, VIEWS, 2):
        for mirrored in (0, 1):
            distance = np.zeros(least.shape, np.uint16)
            for word in range(WORDS):
                theirs = others[None, :, view + mirrored, word]
                distance += np.bitwise_count(prints[:, view, word, None] ^ theirs)
            np.minimum(least, distance, out=least)
    return least


def groups(prints: np.ndarray, threshold: int = THRESHOLD) -> np.ndarray:
    """The group of each picture: N row numbers, that of the first picture of its group.

    `prints` is N×`VIEWS`×`WORDS`. Near copies of near copies are one group. Compares all pairs, a block
    at a time: memory grows with N, time with its square (seconds for 6,000 pictures, less than a minute
    for 20,000). Which pictures go together does not depend on their order.
    """
    count = len(prints)
    if not count:
        return np.empty(0, int)
    # what is the same to the bit needs no comparison
    unique, same = np.unique(prints.reshape(count, -1), axis=0, return_inverse=True)
    unique, same = unique.reshape(-1, VIEWS, WORDS), same.ravel()
    first = np.unique(same, return_index=True)[1]
    label = first[same]
    for start in range(0, len(unique), BLOCK):
        mine, theirs = np.nonzero(near(unique[start : start + BLOCK], unique[start:]) <= threshold)
        label = joined(label, first[start + mine], first[start + theirs])
    return label


def united(label: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """`label` (see `groups`) after rows of one name were put together; an empty name says nothing."""
    rows = np.flatnonzero([bool(name) for name in names])
    _, lead, place = np.unique(np.asarray(names, object)[rows], return_index=True, return_inverse=True)
    return joined(label, rows, rows[lead[place]])


def joined(label: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """`label` (see `groups`) after row one[k] and row other[k] were put together for every k."""
    # here, so that the processes that only take fingerprints start sooner
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not len(one):
        return label
    rows = np.arange(len(label))
    start, end = np.concatenate([rows, one]), np.concatenate([label, other])
    graph = coo_array((np.ones(len(start), np.uint8), (start, end)), shape=(len(rows), len(rows)))
    part = connected_components(graph, directed=False)[1]
    return np.unique(part, return_index=True)[1][part]
