"""Conversion of clips: speed over the generator's own, memory over length; writes ``benchmarks/video.csv``.

The generator alone and the whole conversion (decoding, generator, encoding) take turns on the same clip,
`ROUNDS` times each, the generator on one thread; the ratio is that of their median rates. Memory is the peak
of a process of its own that inverts the colours of a clip of 60 or of 600 seconds, without a network, whose
own memory would hide the rest.

What a user gets: a camera move over a real photograph (scikit-learn's temple) through the weights that come
with the study, in frames a second of processor time, everything included, and the peak memory of the process.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pandas as pd

from animestudy.video import convert
from animestudy.video.reading import Cut, batches, opened

HERE = Path(__file__).parent
ROUNDS = 3
WIDTH = 16  # of the generator, as in the default profile
SPEED = (320, 180, 10, 3)  # width, height, frames a second, seconds of the clip for speed
LENGTHS = (60, 600)  # seconds of the clips for memory
REAL = ((320, 180), (640, 360))  # width and height of the real clips
FRAMES = 36  # of each
MODEL = "scene"
MEMORY = (480, 270, 10)  # their width, height and frames a second


def film(path: Path, width: int, height: int, rate: int, seconds: int) -> Path:
    """A clip with moving texture and a tone."""
    dice = np.random.default_rng(0)
    texture = dice.integers(0, 256, (height // 8 + 1, width // 4 + 1, 3), dtype=np.uint8)
    wide = texture.repeat(8, 0).repeat(8, 1)[:height]
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=rate, options={"preset": "veryfast"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        sound = out.add_stream("aac", rate=44100, layout="mono")
        for k in range(rate * seconds):
            left = k % (wide.shape[1] - width)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(wide[:, left : left + width]), "rgb24")
            frame.pts, frame.time_base = k, Fraction(1, rate)
            out.mux(video.encode(frame))
        for start in range(0, 44100 * seconds, 1024):
            wave = 0.2 * np.sin(2 * np.pi * 440 * (start + np.arange(1024)) / 44100)
            part = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), "fltp", "mono")
            part.sample_rate, part.pts, part.time_base = 44100, start, Fraction(1, 44100)
            out.mux(sound.encode(part))
        for stream in (video, sound):
            out.mux(stream.encode(None))
    return path


def work() -> convert.Work:
    """The generator, untrained: its speed does not depend on its weights."""
    import torch

    from animestudy.data.tensors import to_images, to_tensor
    from animestudy.models.fsgan import FSGAN

    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = FSGAN(WIDTH).eval()

    @torch.inference_mode()
    def through(pictures: np.ndarray) -> np.ndarray:
        return to_images(network(to_tensor(pictures)))

    return through


def speed(folder: Path) -> dict[str, float]:
    """Median frames a second of the generator alone and of the whole conversion."""
    through, source = work(), film(folder / "speed.mp4", *SPEED)
    with opened(source) as clip:
        size = convert.fitting(clip, convert.Settings())
        read = [batch.frames for batch in batches(clip, Cut(), size) if len(batch.frames)]
    frames = sum(map(len, read))
    rates: dict[str, list[float]] = {"generator": [], "conversion": []}
    for turn in range(ROUNDS + 1):
        start = time.perf_counter()
        for part in read:
            through(part)
        alone = frames / (time.perf_counter() - start)
        whole = convert.convert(source, folder / "out.mp4", through).rate
        if turn:  # the first round warms up
            rates["generator"].append(alone)
            rates["conversion"].append(whole)
    return {name: statistics.median(values) for name, values in rates.items()}


def peak(path: str) -> None:
    """In a process of its own: print the peak memory in MiB after converting `path`."""
    with tempfile.TemporaryDirectory() as folder:
        convert.convert(Path(path), Path(folder) / "out.mp4", lambda pictures: 255 - pictures)
    print(high())


def high() -> float:
    """Peak memory of this process in MiB. Not ru_maxrss, which a process takes over from its parent."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


def drawn(path: str) -> None:
    """In a process of its own: print frames a second of processor time, and MiB, with the shipped weights."""
    import torch

    from animestudy.convert import engines, generator

    torch.set_num_threads(1)
    through = engines.work(generator.found(MODEL), engines.Machine())
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        made = convert.convert(Path(path), Path(folder) / "out.mp4", through)
        spent = time.process_time() - start
    print(made.frames / spent, high())


def moved(path: Path, width: int, height: int) -> Path:
    """A camera move over a real photograph as a clip."""
    from animestudy.video.real import camera_move
    from animestudy.video.writing import writing

    with writing(path, "mp4") as sink:
        base = Fraction(1, 25)
        sink.begin(height, width, Fraction(25), base, 18)
        for k, frame in enumerate(camera_move("china", FRAMES, width, height, 2.0).frames):
            sink.picture(frame, k, base, 1)
    return path


def child(word: str, path: Path) -> list[float]:
    """The numbers that a process of its own prints."""
    words = [sys.executable, __file__, word, str(path)]
    made = subprocess.run(words, capture_output=True, text=True, check=True)
    return [float(number) for number in made.stdout.splitlines()[-1].split()]


def main() -> None:
    """Measure everything and write the table."""
    top = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for word in ("--peak", "--drawn"):
        top.add_argument(word, metavar="PATH", help=argparse.SUPPRESS)
    args = top.parse_args()
    if args.peak or args.drawn:
        return peak(args.peak) if args.peak else drawn(args.drawn)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = speed(folder)
        rows = {f"{key}, frames/s": value for key, value in found.items()}
        rows["conversion over generator"] = found["conversion"] / found["generator"]
        for seconds in LENGTHS:
            clip = film(folder / f"{seconds}.mp4", *MEMORY, seconds)
            rows[f"peak memory for {seconds} s, MiB"] = child("--peak", clip)[0]
        short, long = (rows[f"peak memory for {seconds} s, MiB"] for seconds in LENGTHS)
        rows["memory of the long clip over the short one's"] = long / short
        for width, height in REAL:
            rate, most = child("--drawn", moved(folder / f"{width}.mp4", width, height))
            rows[f"{MODEL}, real clip of {width}×{height}, frames/s of one core"] = rate
            rows[f"{MODEL}, real clip of {width}×{height}, peak memory, MiB"] = most
    table = pd.Series(rows, name="value").rename_axis("measure").round(3)
    table.to_csv(HERE / "video.csv")
    print(table.to_string())


if __name__ == "__main__":
    main()
