"""A submission as it streams in: the file straight into the job's folder, cut off where it is too large.

What a file is, its first bytes say; its name and the type that a browser gives it count for nothing. Only
what has a signature here is let in; which decoder may open it is decided again by the library, in a child.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from animestudy.platform.limits import Limits

HEAD = 192  # bytes by which a file is recognised
WORD = 64  # most bytes of a field that is no file
PARTS = 4  # of a form
AROUND = 65536  # bytes of a form beside its file
SLOW, LONG = 30.0, 900.0  # seconds between two pieces of a body, and for all of it
# offset, bytes, kind, type
SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"\xff\xd8\xff", "picture", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "picture", "image/png"),
    (8, b"WEBP", "picture", "image/webp"),
    (0, b"GIF8", "clip", "image/gif"),
    (0, b"\x1aE\xdf\xa3", "clip", "video/webm"),
    *((4, mark, "clip", "video/mp4") for mark in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")),
)
STILL = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")  # brands after ftyp that are no clips
ACCEPTED = "JPEG, PNG and WebP pictures, and MP4, MOV, WebM, MKV and GIF clips are accepted."


class Declined(Exception):
    """A request that is not granted: status, words, and the seconds after which it may be."""

    def __init__(self, status: int, words: str, wait: int = 0) -> None:
        super().__init__(words)
        self.status, self.words = status, words
        self.headers = {"Retry-After": str(wait)} if wait else None


@dataclass
class Submission:
    """What a form held."""

    model: str = ""
    name: str = ""
    kind: str = ""  # picture | clip
    type: str = ""
    size: int = 0


def recognised(head: bytes) -> tuple[str, str]:
    """Kind and type of a file by its first bytes."""
    for offset, mark, kind, type in SIGNATURES:
        if head[offset : offset + len(mark)] == mark:
            if mark == b"ftyp" and head[8:12] in STILL:
                raise Declined(415, "HEIC and AVIF pictures are not accepted: export it as JPEG or PNG.")
            return kind, type
    raise Declined(415, f"This kind of file is not known here. {ACCEPTED}")


def named(name: str) -> str:
    """A client's name of a file, fit to be shown: its last part, printable, short."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:100] or "picture"


class Form:
    """The callbacks of the parser; `Declined` comes out of them as soon as it is clear."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self.file, self.limits = file, limits
        self.got = Submission()
        self.most = max(limits.picture_bytes, limits.clip_bytes)
        self.head = self.field = self.value = self.word = b""
        self.part, self.parts, self.files, self.ended = "", 0, 0, False

    def callbacks(self) -> dict[str, object]:
        """As python-multipart wants them."""
        return {name: getattr(self, name) for name in dir(self) if name.startswith("on_")}

    def on_part_begin(self) -> None:
        self.part, self.word = "", b""
        self.parts += 1
        if self.parts > PARTS:
            raise Declined(400, "The form has too many fields.")

    def on_header_begin(self) -> None:
        self.field = self.value = b""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self.field += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def on_header_end(self) -> None:
        if self.field.lower() != b"content-disposition":
            return
        _, words = parse_options_header(self.value)
        self.part = words.get(b"name", b"").decode("utf-8", "replace")
        if self.part == "file":
            self.files += 1
            if b"filename" not in words:
                raise Declined(400, "The field `file` has to be a file.")
            if self.files > 1:
                raise Declined(400, "One file at a time, please.")
            self.got.name = named(words[b"filename"].decode("utf-8", "replace"))

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self.part == "file":
            return self.piece(data[start:end])
        self.word += data[start:end]
        if len(self.word) > WORD:
            raise Declined(400, "A field of the form is too long.")

    def on_part_end(self) -> None:
        if self.part == "model":
            self.got.model = self.word.decode("utf-8", "replace")
        if self.part == "file" and not self.got.kind:
            self.judge()

    def on_end(self) -> None:
        self.ended = True

    def piece(self, data: bytes) -> None:
        """Some bytes of the file."""
        self.got.size += len(data)
        if self.got.size > self.most:
            what = f"a {self.got.kind}" if self.got.kind else "a file"
            raise Declined(413, f"The file is too large: {what} may have {self.most / 1e6:g} MB.")
        if not self.got.kind:
            self.head += data[:HEAD]
            if len(self.head) >= HEAD:
                self.judge()
        self.file.write(data)

    def judge(self) -> None:
        """What the file is, and how large it may become."""
        if not self.head:
            raise Declined(400, "The file is empty.")
        self.got.kind, self.got.type = recognised(self.head)
        self.most = self.limits.picture_bytes if self.got.kind == "picture" else self.limits.clip_bytes
        self.piece(b"")


async def receive(
    kind: str, body: AsyncIterator[bytes], target: Path, limits: Limits, models: tuple[str, ...]
) -> Submission:
    """Read the form whose content type is `kind` from `body`, its file into `target`.

    Raises:
        Declined: with status and words; what was written is the caller's to delete.
    """
    form_type, words = parse_options_header(kind)
    if form_type != b"multipart/form-data" or not words.get(b"boundary"):
        raise Declined(415, "Send a form (multipart/form-data) with the fields file and model.")
    with target.open("xb") as file:
        form = Form(file, limits)
        total = 0
        try:
            parser = MultipartParser(words[b"boundary"], form.callbacks())
            async for data in patient(body):
                total += len(data)
                if total > form.most + AROUND:
                    raise Declined(413, f"The file is too large: at most {form.most / 1e6:g} MB.")
                parser.write(data)
            parser.finalize()
        except FormParserError:
            raise Declined(400, "The form is damaged.") from None
    if not form.ended:
        raise Declined(400, "The form ends too early.")
    if not form.files:
        raise Declined(400, "The form has no file.")
    if form.got.model not in models:
        raise Declined(400, f"Choose a model: {' or '.join(models)}.")
    return form.got


async def patient(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces of a body, as long as they come."""
    pieces, end = aiter(body), time.monotonic() + LONG
    while True:
        try:
            yield await asyncio.wait_for(anext(pieces), min(SLOW, end - time.monotonic()))
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise Declined(408, "The upload stopped.") from None
