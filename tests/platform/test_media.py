"""Files of strangers in the sandbox: what comes out, what is left behind, what the owner reads."""

import os
import signal
import struct
import subprocess
import sys
import zlib

import av
import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from served import encoded, film, moving, pixels

from animestudy.paths import ROOT
from animestudy.platform import intake, sandbox
from animestudy.platform.sandbox import Broken, Child, Nursery, Refused

ORDER = {"workers": 2, "longest": 0, "pixels": 1_000_000, "frame_pixels": 100_000, "seconds_allowed": 5}


def order(folder, content):
    (folder / "source").write_bytes(content)
    kind, type = intake.recognised(content[:192])
    return ORDER | {"folder": str(folder), "kind": kind, "type": type}


def converted(folder, content, convert=lambda frames: 255 - frames, **words):
    """The file that comes out, and the facts heard on the way."""
    heard, child = {}, Child(10_000_000)
    try:
        name = child.converse(order(folder, content) | words, convert, heard.update)
    finally:
        child.close()
    return folder / name, heard


@pytest.mark.parametrize(("form", "ending"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp")])
def test_pictures_keep_their_form_and_size(tmp_path, form, ending):
    made, heard = converted(tmp_path, encoded(pixels(), form))
    with Image.open(made) as image:
        assert (image.format, image.size, made.suffix) == (form, (56, 40), ending)
    assert (heard["width"], heard["height"], heard["frames"]) == (56, 40, 1)


def test_transparency_is_kept_and_deep_pixels_are_read(tmp_path):
    alpha = np.dstack([pixels(), np.tile(np.arange(56, dtype=np.uint8), (40, 1))])
    made, _ = converted(tmp_path, encoded(alpha))
    np.testing.assert_array_equal(np.asarray(Image.open(made))[..., 3], alpha[..., 3])


def test_nothing_that_a_camera_wrote_stays_in_a_picture(tmp_path):
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "secret-place", 6
    exif.get_ifd(0x8825)[1] = "N"
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "secret-place")
    for content in (
        encoded(pixels(), "JPEG", exif=exif, comment=b"secret-place"),
        encoded(pixels(), "PNG", exif=exif, pnginfo=info),
        encoded(pixels(), "WEBP", exif=exif, xmp=b"secret-place"),
    ):
        assert b"secret-place" in content
        made, _ = converted(tmp_path, content)
        with Image.open(made) as image:
            assert image.size == (40, 56) and not image.getexif()  # it was turned upright
            assert not set(image.info) & {"exif", "comment", "Comment", "xmp", "icc_profile"}
        assert b"secret-place" not in made.read_bytes()


def test_nothing_that_a_camera_wrote_stays_in_a_clip(tmp_path):
    content = film(location="+12.3456+065.4321/", comment="secret-place", title="secret-place")
    assert b"secret-place" in content
    made, _ = converted(tmp_path, content)
    assert b"secret-place" not in made.read_bytes() and b"12.3456" not in made.read_bytes()
    with av.open(str(made)) as clip:
        assert not {"location", "comment", "title"} & set(clip.metadata)


def test_clips_come_in_batches_for_all_workers(tmp_path):
    sizes = []
    made, heard = converted(tmp_path, film(count=40), lambda frames: sizes.append(len(frames)) or frames)
    assert sum(sizes) == 40 and max(sizes) == 32 and heard["frames"] == 40
    with av.open(str(made)) as clip:
        assert sum(1 for _ in clip.decode(video=0)) == 40


def test_a_gif_stays_one_moving_or_not(tmp_path):
    for content, count in ((moving(6), 6), (encoded(pixels(), "GIF"), 1)):
        made, _ = converted(tmp_path, content)
        with Image.open(made) as image:
            assert (image.format, getattr(image, "n_frames", 1)) == ("GIF", count)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side):
    """A small PNG file that says it is side×side pixels, and is."""
    rows = zlib.compressobj(9)
    line = bytes(1 + 3 * side)
    data = b"".join(rows.compress(line) for _ in range(side)) + rows.flush()
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def text_bomb():
    """A PNG whose comment unpacks to 100 MB."""
    packed = zlib.compress(bytes(100_000_000), 9)
    whole = encoded(pixels())
    return whole[:33] + chunk(b"zTXt", b"Comment\0\0" + packed) + whole[33:]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (bomb(6000), "6000×6000 pixels; at most 1,000,000"),
        (text_bomb(), "damaged"),
        (encoded(pixels(2, 2), "PNG")[:40], "damaged"),
        (b"GIF89a" + bytes(300), "damaged"),
        (encoded(pixels(), "TIFF"), None),
        (b"\0\0\0\x18ftypisom" + bytes(300), "damaged"),
        (film(count=130), "longer than 5 seconds"),
    ],
)
def test_refusals_in_words_for_their_owner(tmp_path, content, words):
    if words is None:
        with pytest.raises(intake.Declined):
            order(tmp_path, content)
        return
    with pytest.raises(Refused) as refused:
        converted(tmp_path, content)
    assert words in str(refused.value) and str(tmp_path) not in str(refused.value)


def test_a_playlist_reads_no_other_file(tmp_path):
    (tmp_path / "secret.mp4").write_bytes(film())
    for text in (f"ffconcat version 1.0\nfile {tmp_path}/secret.mp4\n", f"#EXTM3U\n{tmp_path}/secret.mp4\n"):
        content = text.encode()
        with pytest.raises(intake.Declined):
            intake.recognised(content)
        with pytest.raises(Refused):  # and where it gets in all the same
            (tmp_path / "source").write_bytes(content)
            child = Child(10_000_000)
            try:
                whole = ORDER | {"folder": str(tmp_path), "kind": "clip", "type": "video/mp4"}
                child.converse(whole, lambda frames: frames, lambda facts: None)
            finally:
                child.close()


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (f"bytearray({sandbox.MEMORY} + 10_000_000)", "MemoryError"),
        ("import pathlib; pathlib.Path('large').write_bytes(bytes(5000))", "File too large"),
        ("print([open('/dev/null') for _ in range(200)])", "Too many open files"),
        ("sandbox.hurry(0)\nwhile True: pass", -signal.SIGXCPU),
    ],
)
def test_the_kernel_holds_the_limits(tmp_path, words, end):
    code = f"from animestudy.platform import sandbox\nsandbox.confine(1000)\n{words}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.returncode == end if isinstance(end, int) else end in done.stderr


class Liar:
    """A child that says what it likes."""

    def __init__(self, *messages):
        self.child = Child.__new__(Child)
        self.child.pipe, self.there = sandbox.multiprocessing.Pipe()
        self.child.process = sandbox.context().Process(target=int)
        self.child.process.start()
        for message in messages:
            self.there.send_bytes(message)
        self.there.close()


@pytest.mark.parametrize(
    "messages",
    [
        [b"nonsense"],
        [b"[]"],
        [b'{"say": "frames", "shape": [1, 100000, 100000]}'],
        [b'{"say": "frames", "shape": [1, -5, -5]}'],
        [b'{"say": "frames", "shape": "x"}'],
        [b'{"say": "frames", "shape": [1, 4, 4]}', b"short"],
        [b'{"say": "frames", "shape": [1, 4, 4]}', bytes(500)],
        [b'{"say": "else"}'],
        [b"x" * 100_000],
        [],
    ],
)
def test_what_a_child_says_is_believed_in_nothing(messages):
    liar = Liar(*messages)
    with pytest.raises(Broken):
        liar.child.converse(ORDER | {"kind": "picture"}, lambda frames: frames, lambda facts: None)
    liar.child.close()


def test_a_child_that_says_nothing_is_given_up(monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox, "READ", 0.2)
    child = Child(1000)
    os.mkfifo(tmp_path / "source")  # a file that never gives a byte
    with pytest.raises(Refused, match="too long"):
        child.converse(
            ORDER | {"folder": str(tmp_path), "kind": "picture", "type": "image/png"},
            None,
            lambda facts: None,
        )
    child.close()


def test_children_wait_for_work_and_serve_one_file_each():
    nursery = Nursery(1000, ready=1)
    nursery.start()
    with nursery.child() as one:
        pass
    with nursery.child() as other:
        assert other is not one
    nursery.stop()
    with pytest.raises(Broken), nursery.child():
        pass
