"""A picture file of any origin → upright sRGB pixels, and drawings back into files of the same kind.

Decoding trusts a file as little as the importer does (`data.decode`), but here the whole picture is wanted,
at its own size, with its transparency.
"""

import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from animestudy.data import decode
from animestudy.data.decode import Refused

GAP = 4  # white pixels between a picture and its drawing
MEGAPIXELS = 100.0  # a larger picture is refused by its header; 8K has 33


class Form(NamedTuple):
    """A kind of file that can be written: Pillow's name, its options, and whether it keeps transparency."""

    name: str
    options: Mapping[str, object]
    alpha: bool


JPEG = Form("JPEG", {"quality": 95, "subsampling": 0}, False)  # colour at full resolution: lines are thin
PNG = Form("PNG", {}, True)
TIFF = Form("TIFF", {"compression": "tiff_adobe_deflate"}, True)
PPM, BMP = Form("PPM", {}, False), Form("BMP", {}, False)
FORMS: dict[str, Form] = {  # ending → what is written
    ".jpg": JPEG, ".jpeg": JPEG, ".jpe": JPEG, ".jfif": JPEG,
    ".png": PNG, ".apng": PNG,
    ".webp": Form("WEBP", {"quality": 95}, True),
    ".gif": Form("GIF", {}, True),
    ".bmp": BMP, ".dib": BMP,
    ".tif": TIFF, ".tiff": TIFF,
    ".ppm": PPM, ".pnm": PPM,
    ".avif": Form("AVIF", {"quality": 90}, True),
}  # fmt: skip
BECOMES = {".mpo": ".jpg", ".pgm": ".ppm", ".pbm": ".ppm"}  # endings that mean something a drawing is not
CHOICES = ("jpg", "png", "webp", "tif", "bmp", "avif")


class Picture(NamedTuple):
    """A decoded picture: upright, sRGB, at its own size."""

    pixels: np.ndarray  # H×W×3 uint8
    alpha: np.ndarray | None = None  # H×W uint8, 0 transparent … 255
    notes: Sequence[str] = ()  # what a person may want to know


def ending(name: str, chosen: str = "") -> str:
    """The suffix of what is made of the file `name`: its own, or the one of the format that was asked for."""
    suffix = f".{chosen}" if chosen else Path(name).suffix.lower()
    suffix = BECOMES.get(suffix, suffix)
    return suffix if suffix in FORMS else ".png"


def read(path: Path, megapixels: float = MEGAPIXELS) -> Picture:
    """Decode one file; raises `Refused` with a reason, never anything else for what is in the file."""
    try:
        with warnings.catch_warnings(), decode.quiet(), decode.unlimited():
            warnings.simplefilter("ignore")
            with decode.opened(path) as image:
                return decoded(image, megapixels)
    except Refused:
        raise
    except MemoryError:
        raise Refused("not enough memory to decode it") from None
    except Exception as error:  # decoders raise nearly everything: OSError, SyntaxError, struct.error, …
        raise Refused(f"damaged: {decode.line(error) or type(error).__name__}") from None


def decoded(image: Image.Image, megapixels: float) -> Picture:
    """Pixels of an opened file."""
    decode.affordable(*image.size, decode.Form(megapixels=megapixels))
    notes: list[str] = ["first of several frames"] if getattr(image, "is_animated", False) else []
    image.load()
    profile, turn = image.info.get("icc_profile"), decode.orientation(image)
    whole, said = decode.eight_bits(image)
    notes += said
    if turn in decode.TURNS:
        whole = whole.transpose(decode.TURNS[turn])
    alpha = None
    if whole.mode == "RGBA":
        alpha, whole = np.asarray(whole.getchannel("A")), whole.convert("RGB")
    if profile:
        whole, said = decode.to_srgb(whole, profile)
        notes += said
    pixels = np.asarray(whole.convert("RGB"))
    if alpha is not None and alpha.min() == 255:
        alpha = None
    return Picture(pixels if alpha is None else filled(pixels, alpha), alpha, notes)


def filled(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The colours that nobody sees (alpha 0) replaced by those of the nearest visible place.

    What lies there is arbitrary, often black, and the generator would draw a line around it.
    """
    hidden = alpha == 0
    if not hidden.any() or hidden.all():
        return pixels
    _, labels = cv2.distanceTransformWithLabels(
        hidden.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    place = np.empty(labels.max() + 1, np.int64)
    visible = np.flatnonzero(~hidden)
    place[labels.ravel()[visible]] = visible
    return pixels.reshape(-1, 3)[place[labels]]


def reduced(picture: Picture, longest: int) -> Picture:
    """The picture with its longer side at most `longest` pixels; 0 for any."""
    height, width = picture.pixels.shape[:2]
    if not 0 < longest < max(height, width):
        return picture
    size = [max(1, round(side * longest / max(height, width))) for side in (width, height)]
    small = [
        None if part is None else cv2.resize(part, size, interpolation=cv2.INTER_AREA) for part in picture[:2]
    ]
    return Picture(*small, picture.notes)


def beside(one: Picture, other: Picture) -> Picture:
    """Two pictures of one size in one, a white gap between."""

    def joined(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        gap = np.full_like(left[:, :GAP], 255) if left.shape[1] >= GAP else left[:, :0]
        return np.concatenate([left, gap, right], 1)

    alpha = None if one.alpha is None else joined(one.alpha, other.alpha)
    return Picture(joined(one.pixels, other.pixels), alpha, other.notes)


def write(pixels: np.ndarray, alpha: np.ndarray | None, target: Path, **options: object) -> list[str]:
    """Write H×W×3 uint8 as the ending of `target` says, beside its place first; what was not kept.

    options: of Pillow's encoder, before those of the form.

    Raises:
        Refused: the file cannot be written so, with a reason.
    """
    form, notes = FORMS[target.suffix.lower()], []
    image = Image.fromarray(pixels)
    if alpha is not None and form.alpha:
        image.putalpha(Image.fromarray(alpha))
    elif alpha is not None:
        white = Image.new("RGB", image.size, "white")
        image, notes = Image.composite(image, white, Image.fromarray(alpha)), ["transparency on white"]
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        image.save(draft, form.name, **{**form.options, **options})
        os.replace(draft, target)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or decode.line(error)
        raise Refused(f"{target} cannot be written: {reason}") from None
    finally:
        draft.unlink(missing_ok=True)
    return notes
