"""Frames and sound of a clip in a file: what is let in, and how it comes out.

A file is believed in nothing. Its first bytes choose the one demultiplexer that may open it, so that a text
playlist named .mp4 never gets to name other files; decoders are an allow-list; size and length are judged
before a frame is decoded and again on every frame.
"""

import math
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from animestudy.errors import StudyError
from animestudy.video import gif

# offset and first bytes of a file, and the demultiplexer that they call for
MARKS: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftyp", "mov"),
    (4, b"moov", "mov"),
    (4, b"mdat", "mov"),
    (4, b"wide", "mov"),
    (4, b"free", "mov"),
    (4, b"skip", "mov"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"GIF8", "gif"),
    (8, b"AVI ", "avi"),
    (0, b"\x00\x00\x01\xba", "mpeg"),
    (188, b"\x47", "mpegts"),
    (0, b"FLV\x01", "flv"),
    (0, b"OggS", "ogg"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "asf"),
)
PICTURES = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1")  # brands of ftyp that mean a still picture
KNOWN = "mp4, mov, mkv, webm, avi, gif, mpg, ts, flv, ogv, wmv"
DECODERS = frozenset(  # of FFmpeg, by name
    """
    h264 hevc libdav1d av1 vp8 vp9 libvpx libvpx-vp9 mpeg4 mpeg2video mpeg1video mjpeg prores theora gif h263
    flv msmpeg4v2 msmpeg4 wmv1 wmv2 wmv3 vc1 ffv1 dvvideo dnxhd qtrle png rawvideo huffyuv
    aac mp3 mp3float ac3 eac3 alac flac opus libopus vorbis mp2 mp2float wmav1 wmav2 amrnb amrwb
    pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_f32le pcm_u8 pcm_mulaw pcm_alaw adpcm_ms
    """.split()  # noqa: SIM905 (a hundred quotation marks help nobody)
)
FASTEST = 240  # frames a second: a clip of more is no film
SHORT = 1.0  # seconds by which a clip may end before its header says so
HIGH = 720  # lines from which an untagged clip is taken for BT.709, below for BT.601, as players do
COLOURS = {1: Colorspace.ITU709, 4: Colorspace.FCC, 5: Colorspace.ITU601, 6: Colorspace.ITU601,
           7: Colorspace.SMPTE240M, 9: Colorspace.BT2020, 10: Colorspace.BT2020}  # fmt: skip
HDR = (16, 18)  # transfer characteristics PQ and HLG
EXACT = Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.BITEXACT


class Limits(NamedTuple):
    """The largest clip that is let in."""

    megapixels: float = 9.5  # of a frame; 4K is 8.8
    minutes: float = 30.0


class Cut(NamedTuple):
    """The part of a clip that is wanted, and how large."""

    start: float = 0.0  # seconds
    end: float = float("inf")
    every: int = 1  # each n-th frame; it stands until the next one that is kept
    max_side: int = 0  # longer side in pixels, never enlarged; 0: as it is


LIMITS, WHOLE = Limits(), Cut()


class Batch(NamedTuple):
    """Neighbouring frames, and the sound packets that were read with them."""

    frames: np.ndarray  # n×H×W×3 uint8, sRGB, upright, square pixels; n may be 0
    times: list[int]  # presentation time stamps in `Clip.time_base`
    last: int  # how long the last one stands, in `Clip.time_base`; 0 = unknown
    sound: list[av.Packet]


@dataclass
class Clip:
    """An opened clip."""

    path: Path
    container: av.container.InputContainer = field(repr=False)
    video: av.VideoStream = field(repr=False)
    sound: av.AudioStream | None = field(repr=False)
    limits: Limits
    notes: list[str] = field(default_factory=list)  # what was not kept, for people

    @property
    def time_base(self) -> Fraction:
        """Seconds of one step of the time stamps."""
        return self.video.time_base

    @property
    def rate(self) -> Fraction:
        """Mean frames a second, as the header says; 25 where it does not."""
        rate = self.video.average_rate or self.video.guessed_rate
        return rate if rate and 0 < rate <= FASTEST else Fraction(25)

    @property
    def seconds(self) -> float | None:
        """Length as the header says; None where it does not."""
        if self.video.duration:
            return float(self.video.duration * self.video.time_base)
        return self.container.duration / 1e6 if self.container.duration else None

    @property
    def promised(self) -> float | None:
        """Length of the pictures alone, in seconds, as far as the header says it."""
        if self.video.duration:
            return float(self.video.duration * self.video.time_base)
        if tag := re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", self.video.metadata.get("DURATION", "")):
            hours, minutes, seconds = map(float, tag.groups())
            return 3600 * hours + 60 * minutes + seconds
        return self.seconds if len(self.container.streams) == 1 else None


def recognised(path: Path) -> str | None:
    """The demultiplexer for a file by its first bytes; None if it is no clip."""
    with path.open("rb") as stream:
        head = stream.read(192)
    if head[4:8] == b"ftyp" and head[8:12] in PICTURES:
        return None
    for offset, mark, name in MARKS:
        if head[offset : offset + len(mark)] == mark and (name != "mpegts" or head[:1] == mark):
            return name
    return None


def is_clip(path: Path) -> bool:
    """Whether a file holds moving pictures, by its content; an animated GIF is a clip, a still one is not."""
    try:
        name = recognised(path)
        if name != "gif":
            return name is not None
        from PIL import Image

        with Image.open(path, formats=("GIF",)) as image:
            return getattr(image, "is_animated", False)
    except (OSError, ValueError, EOFError, SyntaxError):
        return False


@contextmanager
def opened(path: str | Path, limits: Limits = LIMITS) -> Iterator[Clip]:
    """The clip in a file, its header judged; `StudyError` in one line if it cannot be used."""
    path = Path(path)
    try:
        if not path.is_file():
            raise StudyError(f"{path}: no such file" if not path.exists() else f"{path}: not a file")
        if not path.stat().st_size:
            raise StudyError(f"{path}: empty file")
        name = recognised(path)
    except OSError as error:
        raise StudyError(f"{path}: cannot be read ({error.strerror})") from None
    if name is None:
        raise StudyError(f"{path}: not a clip that is known here ({KNOWN})")
    options = {
        "codec_whitelist": ",".join(sorted(DECODERS)),
        "max_pixels": str(int(1e6 * limits.megapixels)),  # already while the streams are probed
        "protocol_whitelist": "file",
        "max_streams": "32",
        "probesize": "5000000",
        "analyzeduration": "2000000",
    }
    try:
        container = av.open(f"file:{os.path.abspath(path)}", format=name, options=options, timeout=20)
    except (av.FFmpegError, ValueError, OverflowError) as error:
        raise StudyError(f"{path}: damaged, or no clip inside ({said(error)})") from None
    with container:
        yield judged(path, container, limits)


def judged(path: Path, container: av.container.InputContainer, limits: Limits) -> Clip:
    """The streams to use, if the header's facts are within the limits."""
    films = [stream for stream in container.streams.video if not stream.disposition & COVER]
    if not films:
        raise StudyError(
            f"{path}: no moving pictures in it" + (", only sound" if container.streams.audio else "")
        )
    video = films[0]
    if not decoded(video) or not video.time_base:
        raise StudyError(f"{path}: its pictures are of a kind that is not decoded here")
    clip = Clip(path, container, video, next(iter(usable(container.streams.audio)), None), limits)
    affordable(clip, video.codec_context.width, video.codec_context.height)
    if clip.seconds is not None and clip.seconds > 60 * limits.minutes:
        raise StudyError(
            f"{path}: {clip.seconds / 60:.0f} minutes are more than {limits.minutes:g}; "
            "allow more (--minutes) or convert a part (--start, --end)"
        )
    video.codec_context.options = {"max_pixels": str(int(1e6 * limits.megapixels))}
    video.thread_type = "AUTO"
    video.codec_context.thread_count = 2
    return clip


COVER = av.stream.Disposition.attached_pic  # a cover of an album is no film


def decoded(stream: av.VideoStream | av.AudioStream) -> bool:
    """Whether a stream has one of the decoders that are let in."""
    return stream.codec_context is not None and stream.codec_context.name in DECODERS


def usable(streams: Sequence[av.AudioStream]) -> Iterator[av.AudioStream]:
    """Sound streams that have a decoder and a sensible header."""
    for stream in streams:
        if decoded(stream) and stream.time_base and stream.codec_context.sample_rate:
            yield stream


def affordable(clip: Clip, width: int, height: int) -> None:
    """Refuse frames that are empty or too large."""
    if width < 1 or height < 1:
        raise StudyError(
            f"{clip.path}: its frames have no size that can be read: damaged, or more than "
            f"{clip.limits.megapixels:g} megapixels (--frame-megapixels)"
        )
    if width * height > 1e6 * clip.limits.megapixels:
        raise StudyError(
            f"{clip.path}: {width}×{height} are {width * height / 1e6:.0f} megapixels, more than "
            f"{clip.limits.megapixels:g}; allow more with --frame-megapixels"
        )


def batches(clip: Clip, cut: Cut = WHOLE, size: int = 1) -> Iterator[Batch]:
    """The wanted frames of a clip, `size` at a time; memory does not depend on how many there are.

    Raises:
        StudyError: a frame is damaged, too large, or missing; no frame at all.
    """
    reader = Reader(clip, cut)
    frames: list[np.ndarray] = []
    times: list[int] = []
    last, sound = 0, []
    for item in reader.items():
        if isinstance(item, av.Packet):
            sound.append(item)
        else:
            picture, time, last = item
            frames.append(picture)
            times.append(time)
        if len(frames) == size or len(sound) >= 256:
            yield Batch(stacked(frames), times, last, sound)
            frames, times, sound = [], [], []
    if frames or sound:
        yield Batch(stacked(frames), times, last, sound)
    reader.check()


def stacked(frames: list[np.ndarray]) -> np.ndarray:
    """n pictures of one size as n×H×W×3; none as 0×0×0×3."""
    return np.stack(frames) if frames else np.zeros((0, 0, 0, 3), np.uint8)


class Reader:
    """One pass over a clip."""

    def __init__(self, clip: Clip, cut: Cut) -> None:
        self.clip, self.cut = clip, cut
        self.base = clip.time_base
        start = clip.video.start_time or 0
        self.first = start if cut.start <= 0 else start + round(cut.start / self.base)
        self.shift = 0 if cut.start <= 0 else self.first  # a clip that is cut begins at 0
        self.until = float("inf") if cut.end == float("inf") else start + cut.end / self.base
        self.seen = self.kept = 0
        self.fault = ""  # what made the clip end early
        self.end, self.step = self.first, 0  # of the last frame: where it ends, how long it stands
        self.clock: int | None = None  # time stamp that the next frame cannot precede
        self.size: tuple[int, int] | None = None  # width and height of what comes out
        self.scaler = VideoReformatter()

    def items(self) -> Iterator[tuple[np.ndarray, int, int] | av.Packet]:
        """Frames (picture, time stamp, duration) and packets of sound, as they come."""
        clip = self.clip
        streams = [stream for stream in (clip.video, clip.sound) if stream is not None]
        finished = {stream.index: False for stream in streams}
        for packet in self.packets(streams):
            stream = packet.stream  # the index of the last, empty packets is not set
            if stream is not clip.video:
                if packet.dts is not None and self.heard(packet, finished):
                    yield packet
            elif not finished[stream.index]:
                for frame in self.frames(packet):
                    time = self.stamp(frame)
                    if time >= self.until:
                        finished[stream.index] = True
                        break
                    yield from self.wanted(frame, time)
            if all(finished.values()):
                break

    def packets(self, streams: list[av.VideoStream | av.AudioStream]) -> Iterator[av.Packet]:
        """The packets of the streams, as far as they can be read."""
        try:
            if self.cut.start > 0:
                self.clip.container.seek(int(self.first), stream=self.clip.video, backward=True)
            for packet in self.clip.container.demux(streams):
                yield packet
                if self.fault:
                    return
        except (av.FFmpegError, ValueError, OverflowError) as error:
            self.fault = said(error)

    def frames(self, packet: av.Packet) -> Iterator[av.VideoFrame]:
        """The frames that a packet completes; of a damaged one, those that the decoder still holds."""
        try:
            yield from packet.decode()
        except (av.FFmpegError, ValueError) as error:
            self.fault = said(error)
            with suppress(av.FFmpegError):
                yield from self.clip.video.codec_context.decode(None)

    def stamp(self, frame: av.VideoFrame) -> int:
        """The time stamp of a frame; where it has none or goes back, a step behind the one before."""
        step = frame.duration or max(1, round(1 / (self.clip.rate * self.base)))
        time = frame.pts
        if self.clock is not None and (time is None or time < self.clock):
            time = self.clock
        time = (self.clip.video.start_time or 0) if time is None else time
        self.clock = time + 1 if frame.pts is not None else time + step
        self.step, self.end = step, time + step
        self.seen += 1
        if self.seen > 60 * self.clip.limits.minutes * FASTEST or (
            (time - self.first) * self.base > 60 * self.clip.limits.minutes
        ):
            raise StudyError(
                f"{self.clip.path}: longer than {self.clip.limits.minutes:g} minutes; "
                "allow more (--minutes) or convert a part (--start, --end)"
            )
        return time

    def heard(self, packet: av.Packet, finished: dict[int, bool]) -> bool:
        """Whether a packet of sound belongs to the part; its stamps then count from the part's start."""
        scale = packet.time_base / self.base
        time = float((packet.pts if packet.pts is not None else packet.dts) * scale)
        if time >= self.until:
            finished[packet.stream.index] = True
        if time >= self.until or (self.cut.start > 0 and time < self.first):
            return False
        if self.shift:
            back = round(self.shift / scale)
            packet.dts = packet.dts - back
            packet.pts = packet.pts - back if packet.pts is not None else packet.dts
        return True

    def wanted(self, frame: av.VideoFrame, time: int) -> Iterator[tuple[np.ndarray, int, int]]:
        """The frame's picture if it is one of those to keep."""
        if time < self.first and self.cut.start > 0:
            return
        self.kept += 1
        if (self.kept - 1) % self.cut.every:
            return
        affordable(self.clip, frame.width, frame.height)
        step = self.end - time
        yield self.upright(frame), time - self.shift, step * self.cut.every

    def upright(self, frame: av.VideoFrame) -> np.ndarray:
        """H×W×3 uint8 sRGB: turned as the clip says, pixels made square, scaled as the cut says."""
        turns = round(frame.rotation / 90) % 4
        if self.size is None:
            self.size = self.shown(frame, turns)
            if frame.color_trc in HDR:
                self.clip.notes.append("high dynamic range: colours come out paler than they are")
        width, height = self.size if turns % 2 == 0 else self.size[::-1]
        smaller = width * height < frame.width * frame.height
        known = COLOURS.get(int(frame.colorspace))
        layers = frame.format.name in TRANSPARENT
        new = self.scaler.reformat(
            frame,
            width,
            height,
            "rgba" if layers else "rgb24",
            src_colorspace=known or (Colorspace.ITU709 if frame.height >= HIGH else Colorspace.ITU601),
            dst_color_range=2,
            interpolation=(Interpolation.AREA if smaller else Interpolation.BICUBIC) | EXACT,
            threads=1,
        )
        picture = new.to_ndarray()
        if layers:
            alpha = picture[..., 3:].astype(np.uint16)
            picture = ((picture[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
        return np.ascontiguousarray(np.rot90(picture, turns))

    def shown(self, frame: av.VideoFrame, turns: int) -> tuple[int, int]:
        """Width and height of what comes out."""
        ratio = self.clip.video.sample_aspect_ratio or Fraction(1)
        ratio = ratio if Fraction(1, 4) <= ratio <= 4 else Fraction(1)
        width, height = frame.width * max(ratio, 1), frame.height / min(ratio, 1)
        if width * height > 1e6 * self.clip.limits.megapixels:  # then rather fewer pixels than more
            width, height = frame.width * min(ratio, 1), frame.height * min(1 / ratio, 1)
        factor = min(1, Fraction(self.cut.max_side) / max(width, height)) if self.cut.max_side else 1
        size = max(1, round(width * factor)), max(1, round(height * factor))
        return size if turns % 2 == 0 else size[::-1]

    def check(self) -> None:
        """Refuse a clip that has given no frame, or fewer than its header promises."""
        clip = self.clip
        if not self.seen and (self.fault or self.cut.start <= 0):
            raise StudyError(
                f"{clip.path}: damaged, no frame of it can be decoded ({self.fault or 'none inside'})"
            )
        seconds = float((self.end - (clip.video.start_time or 0)) * self.base)
        if clip.promised and self.until == float("inf"):
            missing = clip.promised - seconds
            if missing > max(SHORT, 0.05 * clip.promised):
                self.fault = self.fault or f"{missing:.1f} s are missing at its end"
        if self.until == float("inf") and clip.container.format.name == "gif" and gif.cut_off(clip.path):
            self.fault = self.fault or "the file is cut off"
            seconds -= self.step * self.base  # the last frame is a part of one
        if self.fault and self.end < self.until:
            good = math.floor(10 * seconds) / 10
            raise StudyError(
                f"{clip.path}: damaged after {good:.1f} s ({self.fault}); "
                f"--end {good:.1f} converts what comes before"
            )
        if not self.kept:
            raise StudyError(f"{clip.path}: no frame between --start and --end")


TRANSPARENT = ("bgra", "rgba", "argb", "abgr", "pal8", "yuva420p", "yuva444p", "yuva422p", "ya8", "gbrap")


def said(error: Exception) -> str:
    """A library's message in a few words, without the path."""
    words = getattr(error, "strerror", None) or str(error)
    return " ".join(words.split())[:100] or type(error).__name__
