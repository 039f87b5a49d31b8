"""One picture file of any origin → one square sRGB picture, or a reason why not.

A file is believed in nothing: its content decides what it is, its header how large it would become, and
whatever a decoder raises is a refusal of this file, never the end of the import.
"""

import io
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

from animestudy.data import duplicates, squares

# what is let in, and the endings that such a file may have
FORMATS: dict[str, tuple[str, ...]] = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".mpo", ".jpg", ".jpeg"),  # what many phones write; opened as JPEG
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
    "AVIF": (".avif",),
}
# first bytes of what people also keep in picture folders: offset, bytes, words
OTHERS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"version https://git-lfs", "a Git LFS pointer: run `git lfs pull` where it comes from"),
    (4, b"ftypheic", "a HEIC photograph: export it as JPEG"),
    (4, b"ftypheix", "a HEIC photograph: export it as JPEG"),
    (4, b"ftypmif1", "a HEIF photograph: export it as JPEG"),
    (4, b"ftypavi", "damaged: begins like an AVIF but cannot be opened"),
    (4, b"ftyp", "a video"),
    (0, b"\x1aE\xdf\xa3", "a video"),
    (8, b"AVI ", "a video"),
    (8, b"WAVE", "a sound"),
    (0, b"%PDF", "a PDF"),
    (0, b"%!PS", "PostScript"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"PK\x03\x04", "a zip archive: unpack it"),
    (0, b"\x1f\x8b", "a gzip archive: unpack it"),
    (0, b"\x00\x00\x01\x00", "an icon"),
    (4, b"jP  \r\n", "a JPEG 2000 picture: export it as JPEG or PNG"),
    (0, b"\xff\x0a", "a JPEG XL picture: export it as JPEG or PNG"),
    (4, b"JXL ", "a JPEG XL picture: export it as JPEG or PNG"),
    (0, b"\xff\xd8\xff", "damaged: begins like a JPEG but cannot be opened"),
    (0, b"\x89PNG", "damaged: begins like a PNG but cannot be opened"),
    (0, b"GIF8", "damaged: begins like a GIF but cannot be opened"),
    (0, b"II*\x00", "damaged: begins like a TIFF but cannot be opened"),
    (0, b"MM\x00*", "damaged: begins like a TIFF but cannot be opened"),
    (0, b"BM", "damaged: begins like a BMP but cannot be opened"),
    (8, b"WEBP", "damaged: begins like a WebP but cannot be opened"),
)
# modes that are resized as they are, and what the others become before
KEPT = ("L", "RGB", "RGBA", "CMYK")
BECOMES = {
    "1": "L", "P": "RGB", "RGBX": "RGB", "YCbCr": "RGB", "HSV": "RGB",
    "LA": "RGBA", "La": "RGBA", "PA": "RGBA", "RGBa": "RGBA",
}  # fmt: skip
SAID = {
    "1": "black and white",
    "L": "greyscale",
    "LA": "greyscale",
    "P": "palette",
    "PA": "palette",
    "CMYK": "CMYK",
}
TO_EIGHT = [round(value * 255 / 65535) for value in range(65536)]
SPACES = {
    "RGB": "RGB",
    "GRAY": "L",
    "CMYK": "CMYK",
}  # colour space of an ICC profile → mode that it describes
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # EXIF 2.32, tag Orientation
LARGEST_FILE = 512  # MiB; some decoders read a file whole


@dataclass(frozen=True)
class Form:
    """What every picture of a collection becomes, and which ones are let in."""

    size: int = 96  # side in pixels
    crop: str = "upper"  # one of squares.RULES
    jpeg: int | None = None  # quality 1…95 of one JPEG round trip after resizing
    aspect: tuple[float, float] | None = None  # width / height allowed
    enlarge: float = 2.0  # a picture so small that it would be enlarged more is refused
    megapixels: float = 100.0  # a larger picture is refused by its header


class Refused(Exception):
    """The picture cannot be used; the message says why."""


class LeftOut(Exception):
    """The picture could be used, but the user has asked for others."""


@dataclass(frozen=True)
class Outcome:
    """What became of one file. `status` is packed, left out or refused; arrays only where it is packed."""

    status: str
    note: str = ""
    format: str = ""
    width: int = 0
    height: int = 0
    pixels: np.ndarray | None = field(default=None, repr=False)  # S×S×3 uint8, sRGB
    prints: np.ndarray | None = field(default=None, repr=False)  # fingerprints, see duplicates


def read_all(paths: Sequence[Path], form: Form) -> list[Outcome]:
    """`read` for several files."""
    return [read(path, form) for path in paths]


def read(path: Path, form: Form) -> Outcome:
    """Open, check, turn upright, resize and convert one file. Never raises for what is in the file."""
    facts: dict[str, str | int] = {}
    try:
        with warnings.catch_warnings(record=True) as heard, quiet(), unlimited():
            warnings.simplefilter("always", UserWarning)
            with opened(path) as image:
                pixels, prints, notes = convert(path, image, form, facts)
        notes += sorted({f"Pillow: {line(warning.message)}" for warning in heard})
        return Outcome("packed", "; ".join(notes), pixels=pixels, prints=prints, **facts)
    except LeftOut as error:
        return Outcome("left out", str(error), **facts)
    except Refused as error:
        return Outcome("refused", str(error), **facts)
    except MemoryError:
        return Outcome("refused", "not enough memory to decode it", **facts)
    except Exception as error:  # decoders raise nearly everything: OSError, SyntaxError, struct.error, …
        return Outcome("refused", f"damaged: {line(error) or type(error).__name__}", **facts)


def line(error: object) -> str:
    """A message as one short line."""
    return " ".join(str(error).split())[:120]


@contextmanager
def unlimited() -> Iterator[None]:
    """Pillow's own limit of pixels off (below twice of it, it only warns): `affordable` is stricter."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


@contextmanager
def quiet() -> Iterator[None]:
    """What C libraries write to stderr about a damaged file is dropped: the refusal says it with a name."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """The file's header as a Pillow image, pixels not yet decoded."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise Refused(f"cannot be read: {(error.strerror or line(error)).lower()}") from None
    with stream:
        length = os.fstat(stream.fileno()).st_size
        if not length:
            raise Refused("empty file")
        if length > LARGEST_FILE * 2**20:
            raise Refused(f"{length / 2**20:.0f} MiB, more than {LARGEST_FILE}")
        try:
            image = Image.open(stream, formats=[name for name in FORMATS if name != "MPO"])
        except Image.UnidentifiedImageError:
            stream.seek(0)
            raise Refused(recognised(stream.read(512))) from None
        with image:
            yield image


def recognised(head: bytes) -> str:
    """What a file that is no picture seems to be, from its first bytes."""
    for offset, mark, words in OTHERS:
        if head[offset : offset + len(mark)] == mark:
            return words if words.startswith("damaged") else f"not a picture but {words}"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<svg", b"<?xml")):
        return "not a picture but SVG or XML: export it as PNG"
    if start.startswith((b"<!doctype html", b"<html")):
        return "not a picture but a web page (a download that failed?)"
    if head.isascii() and all(byte >= 32 or byte in b"\t\r\n\f" for byte in head):
        return "not a picture but text"
    return "not a picture that is known here: " + ", ".join(FORMATS)


def orientation(image: Image.Image) -> int:
    """The EXIF tag Orientation, 1 where there is none or the EXIF block is damaged."""
    try:
        return image.getexif().get(0x0112, 1)
    except Exception:  # see `read`
        return 1


def convert(
    path: Path, image: Image.Image, form: Form, facts: dict[str, str | int]
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Pixels, fingerprints and what had to be done; `facts` receives format, width and height."""
    width, height = image.size
    facts |= {"format": image.format, "width": width, "height": height}
    affordable(width, height, form)  # before anything else: even asking a PNG for its EXIF decodes it
    mode, notes = image.mode, []
    deep = any(";16" in str(tile[3]) for tile in image.tile)
    animated = getattr(image, "is_animated", False)
    before = orientation(image) if image.format == "TIFF" else 1  # Pillow turns a TIFF while loading it
    if path.suffix.lower() not in FORMATS[image.format]:
        notes.append(f"is {image.format}, not {path.suffix or 'named so'}")

    # a large JPEG is decoded at ½, ¼ or ⅛ of its size where that leaves twice what is wanted
    image.draft(None, (max(2 * form.size, duplicates.SIDE),) * 2)
    image.load()
    profile, turn = image.info.get("icc_profile"), orientation(image)
    if turn in (5, 6, 7, 8):
        width, height = height, width
        facts |= {"width": width, "height": height}
    factor = suitable(width, height, form)
    whole, said = eight_bits(image)
    notes += said
    if turn in TURNS:
        whole = whole.transpose(TURNS[turn])

    small, said = finished(squares.square(whole, form.size, form.crop), profile)
    small = squares.padded(small, form.size)
    thumb, _ = finished(squares.scaled(whole, squares.fitting(*whole.size, duplicates.SIDE)), profile)
    prints = duplicates.fingerprints(thumb)
    if form.jpeg is not None:
        small = recompressed(small, form.jpeg)

    notes += said
    if mode in SAID:
        notes.append(SAID[mode])
    if deep and "16 bits" not in notes:
        notes.append("16 bits")
    if turn in TURNS or before in TURNS:
        notes.append("turned upright")
    if animated:
        notes.append("first of several frames")
    if factor > 1:
        notes.append(f"enlarged ×{factor:.2f}")
    return np.asarray(small), prints, notes


def affordable(width: int, height: int, form: Form) -> None:
    """Refuse a picture that is too large to be decoded."""
    millions = width * height / 1e6
    if millions > form.megapixels:
        raise Refused(f"{width}×{height} are {millions:.0f} megapixels, more than {form.megapixels:g}")


def suitable(width: int, height: int, form: Form) -> float:
    """Judge the shape of an upright picture; returns the factor by which it will be enlarged."""
    if form.aspect and not form.aspect[0] <= width / height <= form.aspect[1]:
        raise LeftOut(f"width / height = {width / height:.2f}, not {form.aspect[0]:g} to {form.aspect[1]:g}")
    factor = squares.enlargement(width, height, form.size, form.crop)
    if factor > form.enlarge:
        raise Refused(
            f"too small: {width}×{height} would be enlarged ×{factor:.1f}, more than ×{form.enlarge:g}"
        )
    return factor


def eight_bits(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """The decoded picture in one of the modes `KEPT`."""
    if image.mode.startswith("I"):
        image = image.convert("I")
        low, high = image.getextrema()
        if low < 0 or high > 65535:
            raise Refused("32-bit integers; save it with 8 or 16 bits")
        return image.point(TO_EIGHT, "L"), ["16 bits"]
    if image.mode not in KEPT and image.mode not in BECOMES:
        raise Refused(f"pixels of mode {image.mode}; save it as RGB with 8 or 16 bits")
    if image.mode != "RGBA" and image.has_transparency_data:
        return image.convert("RGBA"), []
    return image if image.mode in KEPT else image.convert(BECOMES[image.mode]), []


def finished(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, list[str]]:
    """A picture in a mode of `KEPT` as sRGB on white, and what was done to its colours."""
    notes, alpha = [], None
    if image.mode == "RGBA":
        alpha, image = image.getchannel("A"), image.convert("RGB")
    if profile:
        image, notes = to_srgb(image, profile)
    image = image.convert("RGB")
    if alpha is not None and alpha.getextrema()[0] < 255:
        white = Image.new("RGB", image.size, "white")
        image, notes = Image.composite(image, white, alpha), [*notes, "transparency on white"]
    return image, notes


def to_srgb(image: Image.Image, profile: bytes) -> tuple[Image.Image, list[str]]:
    """The colours that the embedded profile means, in sRGB (relative colorimetric, black point matched)."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = line(ImageCms.getProfileDescription(source))
        mode = SPACES[source.profile.xcolor_space.strip()]
        if mode != image.mode and {mode, image.mode} != {"L", "RGB"}:
            return image, [f"colour profile {name} does not fit and is ignored"]
        if name.startswith("sRGB"):
            return image, []
        converted = ImageCms.profileToProfile(
            image.convert(mode),
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except Exception:  # see `read`; the pixels themselves are sound
        return image, ["damaged colour profile ignored"]
    return converted, [f"colour profile {name} to sRGB"]


def recompressed(image: Image.Image, quality: int) -> Image.Image:
    """One JPEG round trip (4:2:0), so that pictures of several sources share one compression."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling="4:2:0")
    with Image.open(buffer, formats=("JPEG",)) as again:
        return again.convert("RGB")
