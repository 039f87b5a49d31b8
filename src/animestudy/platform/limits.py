"""What one person may ask of the platform, and how much at once."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from animestudy.errors import StudyError

MEDIA = ("image/jpeg", "image/png", "image/webp", "video/mp4", "video/quicktime", "video/webm",
         "video/x-matroska", "image/gif")  # fmt: skip
# type of a result → ending of its file
ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif",
           "video/mp4": ".mp4"}  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """Each can be changed by ``animestudy serve --limit NAME=NUMBER``."""

    picture_bytes: int = 20_000_000  # of an uploaded picture
    clip_bytes: int = 100_000_000  # of an uploaded clip
    pixels: int = 16_000_000  # of a picture
    frame_pixels: int = 2_100_000  # of a clip's frame; 1080p has 2,073,600
    seconds: int = 60  # of a clip
    longest: int = 1024  # side in pixels to which larger pictures are reduced: bolder lines, and seconds
    clip_longest: int = 640  # and frames
    open_jobs: int = 6  # queued or running, of one user
    per_minute: int = 30  # jobs that one user may submit
    stored_bytes: int = 500_000_000  # sources and results of one user
    queue: int = 500  # open jobs of all users
    streams: int = 64  # event streams that one user may hold open
    expires_after_s: int = 3600  # from a job's end until it and its result are deleted
    attempt_s: int = 3600  # that a job may run


def changed(words: Sequence[str]) -> Limits:
    """The limits with some of them said as NAME=NUMBER."""
    names = {field.name for field in dataclasses.fields(Limits)}
    values: dict[str, int] = {}
    for word in words:
        name, _, number = word.partition("=")
        if name not in names:
            raise StudyError(f"--limit {word}: choose {', '.join(sorted(names))}")
        if not (number.isascii() and number.isdigit() and int(number)):
            raise StudyError(f"--limit {word}: {name} is a whole number above 0")
        values[name] = int(number)
    return Limits(**values)


class Rate:
    """A bucket of tokens for each user: `per_minute` at once, then one every 60 / `per_minute` seconds."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.full, self.clock = float(per_minute), clock
        self.buckets: dict[str, tuple[float, float]] = {}  # user → tokens, when

    def wait(self, user: str) -> float:
        """Take a token; 0, or the seconds until there will be one."""
        tokens, now = self.level(user), self.clock()
        if tokens < 1:
            return (1 - tokens) * 60 / self.full
        self.buckets[user] = tokens - 1, now
        return 0.0

    def level(self, user: str) -> float:
        """Tokens that the user has now."""
        tokens, then = self.buckets.get(user, (self.full, 0.0))
        return min(self.full, tokens + (self.clock() - then) * self.full / 60)

    def sweep(self) -> None:
        """Forget who has a full bucket again."""
        self.buckets = {user: held for user, held in self.buckets.items() if self.level(user) < self.full}
