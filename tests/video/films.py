"""Clips made for the tests: moving squares and a tone, in any container, with any time stamps."""

from fractions import Fraction

import av
import numpy as np


def pictures(count=12, height=48, width=64, seed=0):
    """A textured square that moves over a smooth ground: count×height×width×3 uint8."""
    y, x = np.mgrid[:height, :width]
    ground = np.stack([60 + x, 90 + y, np.full_like(x, 120)], 2)
    side = max(4, height // 4)
    texture = np.random.default_rng(seed).integers(0, 256, (side, side, 3))
    out = np.repeat(ground[None], count, 0)
    for t in range(count):
        left = (3 * t) % max(1, width - side)
        out[t, height // 3 : height // 3 + side, left : left + side] = texture[: height - height // 3]
    return np.clip(out, 0, 255).astype(np.uint8)


def film(
    path,
    frames=None,
    times=None,
    *,
    base=Fraction(1, 1000),
    codec="libx264",
    pixels="yuv420p",
    form=None,
    sound="",
    seconds=None,
    rate=25,
    turned=0,
    ratio=None,
    options=None,
    container=None,
):
    """Write `frames` (or a default film) at `times` in units of `base`; `sound` names an audio encoder."""
    frames = pictures() if frames is None else frames
    times = [round(k / rate / base) for k in range(len(frames))] if times is None else times
    with av.open(str(path), "w", format=form, container_options=container or {}) as out:
        video = out.add_stream(codec, rate=rate, options=options or {})
        video.height, video.width = frames[0].shape[:2]
        video.pix_fmt = pixels
        video.codec_context.time_base = base
        if ratio:
            video.codec_context.sample_aspect_ratio = ratio
        if turned:
            video.set_display_rotation(turned)
        audio = None
        if sound:
            audio = out.add_stream(sound, rate=48000 if sound == "libopus" else 44100, layout="mono")
        for image, time in zip(frames, times, strict=True):
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts, frame.time_base = time, base
            out.mux(video.encode(frame.reformat(format=pixels)))
        out.mux(video.encode(None))
        if audio:
            length = seconds or (times[-1] - times[0]) * float(base) + 1 / rate
            out.mux(packet for frame in tone(length, audio) for packet in audio.encode(frame))
            out.mux(audio.encode(None))
    return path


def tone(seconds, stream):
    """440 Hz in frames that the encoder takes."""
    rate, size = stream.rate, stream.codec_context.frame_size or 1024
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    wave = np.pad(wave, (0, -len(wave) % size))
    name = stream.codec_context.format.name
    for start in range(0, len(wave), size):
        part = wave[None, start : start + size]
        part = part.astype(np.float32) if name.startswith("flt") else (part * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(part, name, "mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        yield frame


def seen(path):
    """What a clip holds: its frames by its own colour tags (n×H×W×3 uint8), their seconds, facts."""
    from av.video.reformatter import Colorspace

    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        frames, times = [], []
        for frame in source.decode(stream):
            space = Colorspace.ITU709 if int(frame.colorspace) == 1 else Colorspace.ITU601
            frames.append(
                frame.reformat(format="rgb24", src_colorspace=space, dst_color_range=2).to_ndarray()
            )
            times.append(frame.pts * float(stream.time_base))
        context = stream.codec_context
        facts = {
            "codec": context.name,
            "tags": (context.color_range, context.colorspace, context.color_primaries, context.color_trc),
        }
    return np.stack(frames), np.array(times), facts


def packets(path):
    """The bytes of all sound packets, and the codec's name; nothing where there is no sound."""
    with av.open(str(path)) as source:
        if not source.streams.audio:
            return [], ""
        stream = source.streams.audio[0]
        return [bytes(p) for p in source.demux(stream) if p.size], stream.codec_context.codec.canonical_name
