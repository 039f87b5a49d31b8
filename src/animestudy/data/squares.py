"""How a picture of any shape becomes a square one: five rules, and how much each enlarges."""

from collections.abc import Callable

from PIL import Image, ImageStat

Box = tuple[float, float, float, float]  # left, top, right, bottom in pixels, fractions allowed
WIDEST = 4 / 3  # of what `squeeze` keeps
ABOVE = 0.2  # of the height that an upright picture loses, so much is cut above it and the rest below


def centre(width: int, height: int) -> Box:
    """The square in the middle."""
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return left, top, left + side, top + side


def upper(width: int, height: int) -> Box:
    """The square in the middle; of an upright picture a higher one, since heads are at its top."""
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) * ABOVE
    return left, top, left + side, top + side


def squeeze(width: int, height: int) -> Box:
    """As `upper`, but up to 4:3 is kept and squeezed into the square."""
    wide, high = min(width, height * WIDEST), min(height, width * WIDEST)
    left, top = (width - wide) / 2, (height - high) * ABOVE
    return left, top, left + wide, top + high


def everything(width: int, height: int) -> Box:
    """The whole picture."""
    return 0, 0, width, height


# what of the picture goes into the square; `fit` keeps its shape and pads, the others fill the square
RULES: dict[str, Callable[[int, int], Box]] = {
    "upper": upper,
    "center": centre,
    "squeeze": squeeze,
    "stretch": everything,
    "fit": everything,
}


def scaled(image: Image.Image, size: tuple[int, int], box: Box | None = None) -> Image.Image:
    """Antialiased resize: whole-number box reduction down to 3 times the target, the rest by Lanczos."""
    return image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def fitting(width: int, height: int, size: int) -> tuple[int, int]:
    """Width and height of the picture when its longer side is `size`."""
    scale = size / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def enlargement(width: int, height: int, size: int, rule: str) -> float:
    """The factor by which `square` enlarges the picture where it does so most; below 1 it shrinks."""
    if rule == "fit":
        return size / max(width, height)
    left, top, right, bottom = RULES[rule](width, height)
    return size / min(right - left, bottom - top)


def square(image: Image.Image, size: int, rule: str) -> Image.Image:
    """The picture as size×size pixels in its own mode; `fit` leaves it narrower or lower: see `padded`."""
    if rule == "fit":
        return scaled(image, fitting(*image.size, size))
    return scaled(image, (size, size), RULES[rule](*image.size))


def padded(image: Image.Image, size: int) -> Image.Image:
    """An RGB picture in the middle of a size×size square of its own mean colour (no edge stands out)."""
    if image.size == (size, size):
        return image
    ground = Image.new("RGB", (size, size), tuple(round(value) for value in ImageStat.Stat(image).mean))
    ground.paste(image, ((size - image.width) // 2, (size - image.height) // 2))
    return ground
