"""Small looping clips inside a page, beside each other in one player so that they stay in step."""

import base64
import io
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from html import escape
from pathlib import Path

import numpy as np
from IPython.display import Markdown, display
from PIL import Image

from animestudy.errors import StudyError
from animestudy.report.pictures import WIDTH
from animestudy.video.writing import writing

FINER = 2  # pixels of the film to a pixel of the clips: its colours are stored at half the size
GAP = 8  # white pixels of the film between two clips
QUALITY = 34  # constant rate factor of VP9: from here on flicker and noise begin to go


def player(clips: Sequence[np.ndarray], heads: Sequence[str], *, rate: int, caption: str, alt: str) -> None:
    """Display clips (T×H×W×3 uint8 each, of one shape) as one film at `rate` frames a second.

    It goes into the notebook as WebM, which every browser plays, with its first frame as a still.
    """
    if len(clips) != len(heads) or len({clip.shape for clip in clips}) != 1:
        raise StudyError("players: clips of one shape and a name for each are expected")
    frames = joined(clips)
    height, width = frames.shape[1:3]
    wide = min(WIDTH, width)
    still = io.BytesIO()
    Image.fromarray(frames[0, ::FINER, ::FINER]).save(still, "JPEG", quality=88, optimize=True)
    parts = {"video/webm": film(frames, rate), "image/jpeg": still.getvalue()}
    data = {kind: f"data:{kind};base64,{base64.b64encode(part).decode()}" for kind, part in parts.items()}
    share = f'width="{100 / len(heads):.2f}%"'  # a name above its clip
    names = "".join(f'<th scope="col" {share}>{escape(head)}</th>' for head in heads)
    html = (
        f'<table class="sheet" aria-label="{escape(alt)}">\n<thead><tr>{names}</tr></thead>\n'
        f'<tbody><tr><td colspan="{len(heads)}"><video src="{data["video/webm"]}" '
        f'poster="{data["image/jpeg"]}" width="{wide}" height="{round(height * wide / width)}" '
        f"autoplay loop muted playsinline controls></video></td></tr></tbody>\n</table>"
    )
    display(
        {"text/html": html, "text/plain": f"film: {alt}"},
        raw=True,
        metadata={"study": {"kind": "figure", "caption": caption}},
    )
    display(Markdown(f"*Film:* {caption}"), metadata={"study": {"kind": "caption"}})


def joined(clips: Sequence[np.ndarray]) -> np.ndarray:
    """Clips side by side with gaps between them, each pixel `FINER` pixels wide and high."""
    gap = np.full((*clips[0].shape[:2], GAP // FINER, 3), 255, np.uint8)
    parts = [part for clip in clips for part in (gap, clip)][1:]
    return np.concatenate(parts, axis=2).repeat(FINER, 1).repeat(FINER, 2)


def film(frames: np.ndarray, rate: int) -> bytes:
    """A WebM of T×H×W×3 uint8; equal frames give equal bytes."""
    base = Fraction(1, rate)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.webm"
        with writing(path, "webm") as sink:
            sink.begin(*frames.shape[1:3], Fraction(rate), base, QUALITY)
            for time, frame in enumerate(frames):
                sink.picture(frame, time, base, 1)
        return path.read_bytes()
