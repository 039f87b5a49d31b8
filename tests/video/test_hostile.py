"""Files that are no clips, broken clips, and clips that mean harm: each is refused by one clear line."""

import json
import math
import os
import random
import resource
import struct
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import films
import numpy as np
import pytest
from PIL import Image

from animestudy.errors import StudyError
from animestudy.video import gif
from animestudy.video.reading import WHOLE, Cut, batches, opened

CPU, MEMORY = 5, 500  # seconds that a file may cost, MiB that all may take

CHILD = '''
import json, resource, sys
from pathlib import Path
from animestudy.errors import StudyError
from animestudy.video.convert import Settings, convert
from animestudy.video.reading import Limits

def peak():
    """MiB. Not ru_maxrss, which a process takes over from the one that started it."""
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else []:
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024

def spent():
    return sum(resource.getrusage(resource.RUSAGE_SELF)[:2])

target, said = Path(sys.argv[1]), {}
for path in map(Path, sys.argv[2:]):
    before = spent()
    try:
        convert(path, target, lambda pictures: pictures, Settings(limits=Limits(9.5, 30)))
        words = "converted"
    except StudyError as error:
        words = f"refused: {error}"
    said[str(path)] = [words, spent() - before]
print(json.dumps([said, peak()]))
'''


def patched(path, old, new):
    """`path` with one place of its content replaced."""
    content = path.read_bytes()
    at = content.find(old)
    assert at >= 0
    path.write_bytes(content[:at] + new + content[at + len(old) :])
    return path


def cut(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    return path


def silent(path, codec, **words):
    """A clip that has a header and no frame."""
    with av.open(str(path), "w", **words) as out:
        stream = out.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        out.start_encoding()
    return path


def only_sound(path, encoder):
    with av.open(str(path), "w") as out:
        stream = out.add_stream(encoder, rate=48000, layout="mono")
        out.mux(packet for frame in films.tone(1, stream) for packet in stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def texts(folder):
    """Files of words."""
    secret = films.film(folder.parent / "secret.mp4")
    words = {
        "empty.mp4": "",
        "words.mp4": "a clip, honestly\n" * 40,
        "hls.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
        "concat.mp4": f"ffconcat version 1.0\nfile {secret}\n",
        "concat.mkv": f"ffconcat version 1.0\nfile 'file:{secret}'\n",
        "list.webm": f"#EXTM3U\nhttp://127.0.0.1:9/{secret.name}\n",
        "session.mov": "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        "page.mp4": "<!doctype html><title>404</title>",
        "drawing.mp4": '<svg xmlns="http://www.w3.org/2000/svg"/>',
        "dash.mp4": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"/>',
        "subtitles.mkv": "1\n00:00:00,000 --> 00:00:01,000\nhello\n",
    }
    for name, text in words.items():
        (folder / name).write_text(text)
        yield folder / name


def others(folder):
    """Sound, pictures, archives under the name of a clip."""
    picture = Image.new("RGB", (64, 48), "teal")
    for form in ("PNG", "JPEG", "WEBP", "AVIF", "PDF"):
        picture.save(folder / f"picture-{form}.mp4", form)
        yield folder / f"picture-{form}.mp4"
    (folder / "archive.mkv").write_bytes(b"PK\x03\x04" + bytes(400))
    yield folder / "archive.mkv"
    yield only_sound(folder / "sound.mp4", "aac")
    yield only_sound(folder / "sound.webm", "libopus")
    yield only_sound(folder / "sound.wav", "pcm_s16le").rename(folder / "wave.mp4")


def moving(path, count=20):
    """A GIF with a colour table for each frame."""
    first, *others = map(Image.fromarray, films.pictures(count))
    first.save(path, save_all=True, append_images=others, duration=40)
    return path


def broken(folder):
    """Clips that were cut off, or damaged."""
    quick = {"container": {"movflags": "+faststart"}}
    many = films.pictures(100)
    dice = random.Random(0)
    yield cut(films.film(folder / "no-index.mp4"), 0.5)
    yield cut(films.film(folder / "half.mp4", many, **quick), 0.5)
    yield cut(films.film(folder / "half.mkv", many), 0.4)
    yield cut(films.film(folder / "half.webm", many, codec="libvpx-vp9"), 0.4)
    yield cut(films.film(folder / "half.avi", many, codec="mpeg4", base=Fraction(1, 25)), 0.4)
    yield cut(films.film(folder / "head.mp4"), 0.005)
    yield cut(moving(folder / "half.gif"), 0.5)
    yield cut(moving(folder / "last.gif"), 0.97)
    for name, start in {
        "noise.mp4": b"\0\0\0\x18ftypmp42",
        "noise.mkv": b"\x1aE\xdf\xa3",
        "noise.avi": b"RIFF\0\0\0\0AVI ",
        "noise.gif": b"GIF89a",
        "noise.flv": b"FLV\x01",
        "noise.ogv": b"OggS",
        "noise.mpg": b"\0\0\x01\xba",
        "noise.wmv": b"0&\xb2u\x8ef\xcf\x11",
        "noise.ts": b"G" * 189,
    }.items():
        (folder / name).write_bytes(start + dice.randbytes(20_000))
        yield folder / name
    blank = films.film(folder / "blank.mp4", **quick)
    content = blank.read_bytes()
    at = content.find(b"mdat") + 4
    blank.write_bytes(content[:at] + dice.randbytes(len(content) - at))
    yield blank
    holed = films.film(folder / "holed.mp4", **quick)
    content = holed.read_bytes()
    at = content.find(b"stbl")
    holed.write_bytes(content[:at] + bytes(200) + content[at + 200 :])
    yield holed
    yield silent(folder / "nothing.mp4", "libx264")
    yield silent(folder / "nothing.mkv", "libx264")


def greedy(folder):
    """Small files that ask for much."""
    screen = struct.pack("<HH", 65535, 65535)
    Image.new("P", (8, 8)).save(folder / "huge.gif", save_all=True, append_images=[Image.new("P", (8, 8), 1)])
    content = (folder / "huge.gif").read_bytes()
    (folder / "huge.gif").write_bytes(content[:6] + screen + content[10:])
    yield folder / "huge.gif"
    raw = films.film(folder / "huge.avi", codec="rawvideo", pixels="bgr24", base=Fraction(1, 25))
    yield patched(raw, struct.pack("<ii", 64, -48), struct.pack("<ii", 30000, -30000))
    big = films.film(
        folder / "large.mp4", np.zeros((2, 3000, 3600, 3), np.uint8), options={"preset": "ultrafast"}
    )
    yield big
    png = films.film(folder / "huge.mov", codec="png", pixels="rgb24")
    content = png.read_bytes().replace(struct.pack(">HH", 64, 48), struct.pack(">HH", 60000, 60000))
    png.write_bytes(
        content.replace(b"IHDR" + struct.pack(">II", 64, 48), b"IHDR" + struct.pack(">II", 60000, 60000))
    )
    yield png
    yield films.film(folder / "long.mp4", films.pictures(2), times=[0, 36_000_000])
    yield films.film(folder / "long.mkv", films.pictures(2), times=[0, 36_000_000])
    table = films.film(folder / "table.mp4")
    at = table.read_bytes().find(b"stsz")
    content = table.read_bytes()
    table.write_bytes(content[: at + 12] + b"\x7f\xff\xff\xff" + content[at + 16 :])
    yield table
    depth = b""
    for _ in range(2000):
        depth = struct.pack(">I", len(depth) + 8) + b"moov" + depth
    (folder / "nested.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(12) + depth)
    yield folder / "nested.mp4"
    yield films.film(folder / "rare.avi", codec="cinepak", pixels="rgb24", base=Fraction(1, 25))


def strange(folder):
    """Paths that are no files."""
    (folder / "folder.mp4").mkdir()
    os.mkfifo(folder / "pipe.mp4")
    (folder / "device.mp4").symlink_to("/dev/zero")
    (folder / "dangling.mp4").symlink_to(folder / "gone")
    yield from (folder / f"{name}.mp4" for name in ("folder", "pipe", "device", "dangling", "missing"))


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """What a process of its own, short of time and memory, says of every file: path → (words, seconds)."""
    folder = tmp_path_factory.mktemp("hostile") / "in"
    folder.mkdir()
    files = [path for kind in (texts, others, broken, greedy, strange) for path in kind(folder)]

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))

    child = subprocess.run(
        [sys.executable, "-c", CHILD, folder / "out.mp4", *files],
        capture_output=True,
        text=True,
        timeout=240,
        preexec_fn=limit,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src")},
    )
    assert child.returncode == 0, child.stderr[-2000:]
    said, memory = json.loads(child.stdout.splitlines()[-1])
    return said, memory, [path.name for path in folder.iterdir() if path.name.startswith((".", "out"))]


def test_all_are_refused_by_one_line_that_names_them(refused):
    said, _, left = refused
    assert len(said) >= 30
    wrong = {
        Path(path).name: words
        for path, (words, _) in said.items()
        if not words.startswith(f"refused: {path}: ")
    }
    assert not wrong
    assert left == []
    assert not [words for words, _ in said.values() if "\n" in words or len(words) > 400]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_none_costs_much(refused):
    said, memory, _ = refused
    assert {Path(path).name for path, (_, seconds) in said.items() if seconds > CPU} == set()
    assert memory < MEMORY


@pytest.mark.parametrize("share", [0.3, 0.5, 0.6, 0.75, 0.9, 0.97, 0.9999])
def test_of_a_gif_that_is_cut_off_the_line_says_what_can_be_had(tmp_path, share):
    path = cut(moving(tmp_path / "half.gif"), share)
    with pytest.raises(StudyError, match=r"damaged after (\d\.\d) s \(.+\); --end \1 converts") as told:
        list(frames_of(path))
    end = float(str(told.value).partition("after ")[2].split()[0])
    assert share - 0.2 < end / 0.8 < share
    assert len(list(frames_of(path, Cut(end=end)))) == math.ceil(end / 0.04)


def test_whole_gifs_are_not_cut_off(tmp_path):
    path = moving(tmp_path / "whole.gif")
    assert len(list(frames_of(path))) == 20
    path.write_bytes(path.read_bytes() + b"\0\0 left by an editor")
    assert not gif.cut_off(path) and len(list(frames_of(path))) == 20
    content = path.read_bytes()
    whole = content.rindex(b"\x3b\0\0") + 1
    for length in (whole - 1, whole - 2, whole // 2, 900, 20, 13, 11, 6):
        path.write_bytes(content[:length])
        assert gif.cut_off(path), length


def frames_of(path, cut=WHOLE):
    with opened(path) as clip:
        for batch in batches(clip, cut):
            yield from batch.frames


def test_a_lists_file_is_never_opened(tmp_path):
    """The playlist names a good clip; if it were followed, the clip would open."""
    secret = films.film(tmp_path / "secret.mp4")
    for text in (f"ffconcat version 1.0\nfile {secret.name}\n", f"#EXTM3U\n{secret.name}\n"):
        (tmp_path / "list.mp4").write_text(text)
        with pytest.raises(StudyError, match="not a clip"), opened(tmp_path / "list.mp4"):
            pass


def test_a_name_that_looks_like_a_protocol_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    films.film(tmp_path / "a.mp4").rename(tmp_path / "concat:a|b.mp4")
    with opened("concat:a|b.mp4") as clip:
        assert clip.video.codec_context.width == 64
