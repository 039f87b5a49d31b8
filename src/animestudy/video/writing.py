"""A clip into a file: pictures encoded, packets of sound passed on, the file whole or not there at all.

Encoders run on one thread with their `bitexact` flags, so that equal pictures give equal bytes. What x264
makes differs between thread counts, and with its tree of macroblocks (mbtree) from run to run where other
threads of the process work beside it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.codec.context import Flags
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from animestudy.errors import StudyError

BT709, LIMITED = 1, 1  # of the four tags: without them players guess, and are off by up to 40 levels
EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT


@dataclass(frozen=True)
class Form:
    """A kind of file: how pictures and sound go into it."""

    muxer: str
    encoder: str
    pixels: str
    options: dict[str, str]
    sounds: tuple[str, ...] = ()  # codecs that the container takes as they are
    sound: str = ""  # encoder for all others; empty: a silent format
    container: dict[str, str] = field(default_factory=dict)
    quality: int = 0  # constant rate factor; lower is better

    def settings(self, quality: int | None) -> dict[str, str]:
        """The encoder's options."""
        chosen = self.quality if quality is None else quality
        return self.options | ({"crf": str(chosen)} if self.quality else {})


FORMS: dict[str, Form] = {
    "mp4": Form(
        "mp4",
        "libx264",
        "yuv420p",
        {"preset": "medium", "x264-params": "threads=1:mbtree=0"},
        ("aac", "mp3", "ac3", "eac3", "alac", "opus"),
        "aac",
        {"movflags": "+faststart"},
        20,
    ),
    "webm": Form(
        "webm",
        "libvpx-vp9",
        "yuv420p",
        {"b": "0", "deadline": "good", "cpu-used": "4", "threads": "1", "row-mt": "0"},
        ("opus", "vorbis"),
        "libopus",
        quality=28,
    ),
    "gif": Form("gif", "gif", "pal8", {}),
}
CENTI = Fraction(
    1, 100
)  # the clock of a GIF; browsers slow down what changes within less than two of its ticks


class Sink:
    """An open output clip. Pictures have to come in the order of their time stamps."""

    def __init__(self, container: av.container.OutputContainer, form: Form) -> None:
        self.container, self.form = container, form
        self.scaler = VideoReformatter()
        self.video: av.VideoStream | None = None
        self.sound: Passed | Transcoded | None = None
        self.graph: av.filter.Graph | None = None
        self.shown = -2  # time of a GIF's last picture

    def begin(
        self, height: int, width: int, rate: Fraction, base: Fraction, quality: int | None = None
    ) -> None:
        """Set the pictures up: their size, mean rate, and the unit of their time stamps."""
        form = self.form
        self.video = self.container.add_stream(form.encoder, rate=rate, options=form.settings(quality))
        context = self.video.codec_context
        even = form.pixels == "yuv420p"  # its colours are stored at half the size
        self.video.width, self.video.height = (side + side % 2 if even else side for side in (width, height))
        self.video.pix_fmt = form.pixels
        context.time_base = CENTI if form.muxer == "gif" else base
        context.flags |= Flags.bitexact | Flags.frame_duration
        if even:
            context.color_range, context.colorspace = LIMITED, BT709
            context.color_primaries, context.color_trc = BT709, BT709
        else:
            self.graph = palettes(width, height)

    def listen(self, source: av.AudioStream) -> None:
        """Set the sound up; where the format has none, it is silent."""
        if self.form.sound:
            kept = source.codec_context.codec.canonical_name in self.form.sounds
            self.sound = (Passed if kept else Transcoded)(self.container, source, self.form.sound)

    def picture(self, image: np.ndarray, time: int, base: Fraction, duration: int = 0) -> None:
        """Add one picture, H×W×3 uint8."""
        height, width = image.shape[:2]
        edges = ((0, self.video.height - height), (0, self.video.width - width), (0, 0))
        if any(edges[0]) or any(edges[1]):
            image = np.pad(image, edges, mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
        if self.graph is not None:
            return self.indexed(frame, round(time * base / CENTI), round(duration * base / CENTI))
        frame = self.scaler.reformat(
            frame,
            format=self.form.pixels,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range="MPEG",
            interpolation=EXACT,
            threads=1,
        )
        self.encode(frame, time, base, duration)

    def indexed(self, frame: av.VideoFrame, time: int, duration: int) -> None:
        """Add a picture with a palette of its own; one that comes too early for a GIF is left out."""
        if time < self.shown + 2:
            return
        self.shown = time
        frame.pts, frame.time_base = time, CENTI
        self.graph.push(frame)
        self.encode(self.graph.pull(), time, CENTI, max(duration, 2))

    def encode(self, frame: av.VideoFrame, time: int, base: Fraction, duration: int) -> None:
        """Hand a frame to the encoder."""
        frame.pts, frame.time_base, frame.duration = time, base, duration
        frame.pict_type = av.video.frame.PictureType.NONE
        self.container.mux(self.video.encode(frame))

    def packets(self, packets: Sequence[av.Packet]) -> None:
        """Add sound."""
        if self.sound:
            for packet in packets:
                self.sound.add(packet)

    def end(self) -> None:
        """Write what the encoders still hold."""
        self.container.mux(self.video.encode(None))
        if self.sound:
            self.sound.end()


def palettes(width: int, height: int) -> "av.filter.Graph":
    """A filter that gives each picture the 256 colours that fit it best, without dithering."""
    graph = av.filter.Graph()
    source = graph.add_buffer(width=width, height=height, format="rgb24", time_base=CENTI)
    split, make = graph.add("split"), graph.add("palettegen", "stats_mode=single:reserve_transparent=0")
    use, sink = graph.add("paletteuse", "new=1:dither=none"), graph.add("buffersink")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(make, 1, 0)
    make.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph


class Passed:
    """Sound whose packets go through untouched."""

    def __init__(self, container: av.container.OutputContainer, source: av.AudioStream, _: str) -> None:
        self.container = container
        self.stream = container.add_stream_from_template(source)

    def add(self, packet: av.Packet) -> None:
        packet.stream = self.stream
        self.container.mux(packet)

    def end(self) -> None:
        pass


class Transcoded:
    """Sound of a kind that the container does not take, encoded anew."""

    def __init__(self, container: av.container.OutputContainer, source: av.AudioStream, encoder: str) -> None:
        old = source.codec_context
        rate = 48000 if encoder == "libopus" or old.sample_rate > 96000 else old.sample_rate
        layout = "mono" if old.layout.nb_channels == 1 else "stereo"
        self.container, self.source = container, source
        self.stream = container.add_stream(encoder, rate=rate, layout=layout)
        self.stream.codec_context.flags |= Flags.bitexact
        self.stream.bit_rate = 96_000 * (1 if layout == "mono" else 2)
        form = "flt" if encoder == "libopus" else "fltp"
        self.resampler = AudioResampler(form, layout, rate, self.stream.codec_context.frame_size or None)

    def add(self, packet: av.Packet) -> None:
        self.encode(packet.decode())

    def encode(self, frames: Sequence[av.AudioFrame]) -> None:
        for frame in frames:
            for piece in self.resampler.resample(frame):
                self.container.mux(self.stream.encode(piece))

    def end(self) -> None:
        self.encode(self.source.decode(None))
        for piece in self.resampler.resample(None):
            self.container.mux(self.stream.encode(piece))
        self.container.mux(self.stream.encode(None))


@contextmanager
def writing(path: Path, kind: str) -> Iterator[Sink]:
    """A clip of one of the `FORMS` that takes the name `path` only if the block ends well.

    Until then it lies beside it as ``.NAME.PROCESS.part``; an error, or an interruption, removes it.
    """
    if kind not in FORMS:
        raise StudyError(f"{path}: {kind!r} is no format of clips here; choose {', '.join(FORMS)}")
    form, half = FORMS[kind], path.with_name(f".{path.name}.{os.getpid()}.part")
    options = {"fflags": "+bitexact"} | form.container
    try:
        container = av.open(f"file:{half}", "w", format=form.muxer, container_options=options)
        try:
            sink = Sink(container, form)
            yield sink
            sink.end()
        finally:
            container.close()
        os.replace(half, path)
    except av.FFmpegError as error:
        raise StudyError(f"{path}: cannot be written ({error.strerror})") from None
    except OSError as error:
        raise StudyError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        half.unlink(missing_ok=True)
