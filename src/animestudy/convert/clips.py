"""Clips through a generator: which words of the command line mean what to `animestudy.video`."""

from pathlib import Path
from typing import NamedTuple

from animestudy.convert.engines import Work

SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".flv", ".ogv", ".wmv")
CHOICES = ("mp4", "webm", "gif")


class Cut(NamedTuple):
    """The part of a clip that is wanted, and how it is shown."""

    start: float = 0.0  # seconds
    end: float = float("inf")
    every: int = 1  # each n-th frame
    longest: int = 0  # longer side in pixels, 0: as it is
    both: bool = False  # the source on the left
    sound: bool = True
    minutes: float = 30.0  # a longer clip is refused, or what is asked for of it
    megapixels: float = 9.5  # a clip with larger frames is refused; 4K has 8.8


def is_clip(path: Path) -> bool:
    """Whether a file holds moving pictures, by its content."""
    if path.suffix.lower() not in (*SUFFIXES, ".gif"):
        return False
    from animestudy.video import convert

    return convert.is_clip(path)


def ending(name: str, form: str = "") -> str:
    """The suffix of what is made of the clip `name`."""
    own = Path(name).suffix.lower().removeprefix(".")
    return f".{form or (own if own in CHOICES else 'mp4')}"


def check(cut: Cut) -> None:
    """Refuse words that cannot be meant."""
    from animestudy.video import convert

    convert.check(settings(cut, "mp4"))


def settings(cut: Cut, form: str) -> object:
    """The same words for `video.convert`."""
    from animestudy.video import convert

    return convert.Settings(
        form=form,
        start=cut.start,
        end=cut.end,
        every=cut.every,
        max_side=cut.longest,
        side_by_side=cut.both,
        sound=cut.sound,
        limits=convert.Limits(cut.megapixels, cut.minutes),
    )


def converted(source: Path, target: Path, work: Work, cut: Cut) -> list[str]:
    """Convert one clip; what was not kept. Raises `StudyError` in one line where it cannot be."""
    from animestudy.video import convert

    target.parent.mkdir(parents=True, exist_ok=True)
    return convert.convert(source, target, work, settings(cut, target.suffix[1:])).notes
