"""Two hundred files that mean harm, against a running platform.

``python benchmarks/platform_hostile.py`` starts `animestudy serve` and sends it crafted files (bombs,
playlists, polyglots, lying headers, endless boxes) and mutations of sound pictures and clips: bits flipped,
pieces dropped, doubled, moved, lengths rewritten. It holds that each is answered without a 5xx, has come to
its end within 10 seconds, that nothing appears outside the folders of jobs and only results in them, that
no answer names a path, a library or an option, and that a sound picture is converted before and after.
"""

import io
import json
import random
import re
import struct
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import httpx
import numpy as np
from PIL import Image
from platform_overhead import served

SECONDS = 10.0
LIGHT = (
    "--limit",
    "longest=512",
)  # this is about what reads files: large sound pictures wait for the network
TELLS = re.compile(r"/tmp|/home|/work|\.py\b|Traceback|Pillow|FFmpeg|numpy|torch|sqlite|Errno|--\w", re.I)


def picture(form: str, side: int = 64, **options: object) -> bytes:
    """A sound picture."""
    memory = io.BytesIO()
    image = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    Image.fromarray(image).save(memory, form, **options)
    return memory.getvalue()


def clip(form: str, codec: str, count: int = 20, side: int = 64) -> bytes:
    """A sound clip."""
    memory = io.BytesIO()
    with av.open(memory, "w", format=form) as out:
        stream = out.add_stream(codec, rate=25)
        stream.width = stream.height = side
        stream.pix_fmt = "yuv420p"
        for t in range(count):
            frame = av.VideoFrame.from_ndarray(np.full((side, side, 3), 10 * t % 256, np.uint8), "rgb24")
            frame.pts, frame.time_base = t, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return memory.getvalue()


def gif() -> bytes:
    """A sound animation."""
    memory = io.BytesIO()
    frames = [Image.new("P", (32, 32), k) for k in range(6)]
    frames[0].save(memory, "GIF", save_all=True, append_images=frames[1:])
    return memory.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *chunks: bytes, rows: int | None = None) -> bytes:
    """A black PNG, with chunks before its pixels."""
    packer = zlib.compressobj(9)
    line = bytes(1 + 3 * width)
    data = b"".join(packer.compress(line) for _ in range(height if rows is None else rows)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    whole = [chunk(b"IHDR", head), *chunks, chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(whole)


def box(kind: bytes, content: bytes, length: int | None = None) -> bytes:
    """A box of an MP4, its length true or not."""
    return struct.pack(">I", 8 + len(content) if length is None else length) + kind + content


def crafted() -> Iterator[tuple[str, bytes]]:
    """Files that were thought of."""
    zero = zlib.compress(bytes(80_000_000), 9)
    jpeg, mp4 = picture("JPEG"), clip("mp4", "libx264")
    yield "bomb.png", png(12000, 12000)
    yield "large.png", png(4000, 3999)
    yield "headless.png", png(0, 0)
    yield "lie.png", png(3900, 4000, rows=3)
    yield "comment.png", png(8, 8, chunk(b"zTXt", b"a\0\0" + zero))
    yield "profile.png", png(8, 8, chunk(b"iCCP", b"a\0\0" + zero))
    yield "exif.png", png(8, 8, chunk(b"eXIf", b"MM\0*" + bytes(range(256)) * 40))
    yield "chunks.png", png(8, 8, *[chunk(b"tEXt", b"a\0b")] * 50_000)
    yield "negative.png", png(8, 8).replace(b"IHDR", b"IHDR", 1)[:16] + b"\xff" * 8 + png(8, 8)[24:]
    for side in (b"\xff\xff\xff\xff", b"\0\0\0\0"):
        at = jpeg.find(b"\xff\xc0") + 5
        yield "size.jpg", jpeg[:at] + side + jpeg[at + 4 :]
    yield "scans.jpg", picture("JPEG", progressive=True)[:-2] + jpeg[jpeg.find(b"\xff\xda") :] * 200
    tags = b"Exif\0\0MM\0*" + b"\xff" * 1990
    yield "exif.jpg", b"\xff\xd8\xff\xe1" + struct.pack(">H", 2 + len(tags)) + tags + jpeg[2:]
    yield "polyglot.jpg", jpeg + b"<script>alert(1)</script>" + mp4
    yield "html.png", picture("PNG") + b"<html><script>alert(1)</script>"
    yield "php.gif", b"GIF89a<?php system('id'); ?>" + bytes(200)
    yield "frames.gif", gif()[:-1] + gif()[800:] * 500
    yield "screen.gif", b"GIF89a\xff\xff\xff\xff\xf0\0\0" + bytes(48) + gif()[13:]
    yield "size.webp", b"RIFF\xff\xff\xff\xffWEBPVP8X\n\0\0\0\x02\0\0\0\xff\xff\xff\xff\xff\xff" + bytes(300)
    for words in (
        "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '/etc/passwd'\n",
        "ffconcat version 1.0\nfile http://127.0.0.1:9/x\n",
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        "%!PS\n(/etc/passwd) (r) file",
        "push graphic-context\nimage over 0,0 0,0 'https://127.0.0.1/x'",
        "v=0\nm=video 5004 RTP/AVP 96\n",
    ):
        yield "words.mp4", words.encode()
        yield "behind.mp4", box(b"ftyp", b"isom\0\0\0\0") + box(b"free", words.encode())
    yield "endless.mp4", box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", bytes(64), 0xFFFFFFFF)
    yield "zero.mp4", box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", bytes(64), 0)
    deep = b""
    for _ in range(5000):
        deep = box(b"moov", deep)
    yield "deep.mp4", box(b"ftyp", b"isom\0\0\0\0") + deep
    elsewhere = box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", 12) + b"/etc/passwd\0")
    yield "reference.mov", box(b"ftyp", b"qt  \0\0\0\0") + box(b"moov", box(b"rmra", box(b"rmda", elsewhere)))
    yield "large.mp4", clip("mp4", "libx264", 3, 2048)
    yield "long.mp4", clip("mp4", "libx264", 1600, 16)
    at = mp4.find(b"mvhd")
    yield "years.mp4", mp4[: at + 12] + b"\0\0\0\x01\xff\xff\xff\xff" + mp4[at + 20 :]
    for name in (b"stts", b"stsz", b"stsc", b"stco", b"elst", b"avcC", b"tkhd"):
        at = mp4.find(name)
        if at > 0:
            yield f"{name.decode()}.mp4", mp4[: at + 8] + b"\xff" * 12 + mp4[at + 20 :]
    yield "cover.mkv", b"\x1aE\xdf\xa3" + b"\xff" * 5000
    yield "empty.webm", clip("webm", "libvpx-vp9")[:300]
    yield "nothing", b""
    yield "one", b"\xff"
    yield "..%2f..%2fetc%2fpasswd", jpeg
    yield "../../../../tmp/outside.png", jpeg
    yield "a\0b\r\nSet-Cookie: x=y.png", jpeg
    yield "x" * 5000 + ".png", jpeg


def mutated(dice: random.Random) -> Iterator[tuple[str, bytes]]:
    """Sound files with something wrong, for ever."""
    sound = [
        picture("JPEG"), picture("JPEG", progressive=True), picture("PNG"), picture("WEBP"), gif(),
        picture("WEBP", lossless=True), clip("mp4", "libx264"), clip("webm", "libvpx-vp9"),
        clip("matroska", "libx264"), clip("mov", "mpeg4"),
    ]  # fmt: skip
    while True:
        content = bytearray(dice.choice(sound))
        head = 12
        for _ in range(dice.choice((1, 3, 10, 60))):
            at, size = dice.randrange(head, len(content)), dice.choice((1, 1, 2, 4, 50))
            match dice.randrange(5):
                case 0:
                    content[at] ^= 1 << dice.randrange(8)
                case 1:
                    content[at : at + size] = dice.randbytes(size)
                case 2:
                    del content[at : at + size]
                case 3:
                    content[at:at] = content[at : at + size] * dice.choice((1, 20))
                case 4:
                    content[at : at + 4] = dice.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
            if len(content) <= head + 60:
                break
        yield "mutated", bytes(content)


def main() -> None:
    """Send, watch, report; ends with an error where a promise was not kept."""
    files = list(crafted())
    more = mutated(random.Random(0))
    files += [next(more) for _ in range(max(0, 200 - len(files)))]
    ends, slowest, faults = Counter(), 0.0, []
    with tempfile.TemporaryDirectory() as outer:
        folder = Path(outer) / "data"
        with (
            served(str(folder), "--workers", "1", *LIGHT) as (address, _, _),
            httpx.Client(base_url=address, timeout=60) as user,
        ):
            while not user.get("/api/health").json()["ready"]:
                time.sleep(0.1)
            user.headers["origin"] = address
            sound = ("sound.png", picture("PNG"))
            for name, content in [sound, *files, sound]:
                began = time.perf_counter()
                end, job = sent(user, name, content)
                spent = time.perf_counter() - began
                ends[end] += 1
                slowest = max(slowest, spent)
                if spent > SECONDS or end.startswith("5") or TELLS.search(json.dumps(job.get("error"))):
                    faults.append(f"{name[:40]}: {end} after {spent:.1f} s, {job.get('error')}")
                if name == "sound.png" and end != "done":
                    faults.append(f"a sound picture is {end}: {job.get('error')}")
            strays = [path for path in Path(outer).rglob("*") if path.is_file() and not allowed(path, folder)]
            faults += [f"left behind: {path}" for path in strays]
    told = {"files": len(files), "ends": dict(sorted(ends.items())), "slowest_s": round(slowest, 2)}
    told["faults"] = faults
    text = json.dumps(told, indent=2, ensure_ascii=False)
    Path(__file__).with_suffix(".json").write_text(text + "\n")
    print(text)
    if faults:
        raise SystemExit(1)


def sent(user: httpx.Client, name: str, content: bytes) -> tuple[str, dict]:
    """How a file ended: a status, or the state of its job."""
    answer = user.post("/api/jobs", files={"file": (name, content)}, data={"model": "scene"})
    if answer.status_code != 202:
        return str(answer.status_code), answer.json()
    job = answer.json()
    until = time.perf_counter() + 2 * SECONDS
    while job["state"] in ("queued", "running") and time.perf_counter() < until:
        time.sleep(0.02)
        job = user.get(f"/api/jobs/{job['id']}").json()
    if job["state"] == "done":
        user.get(job["result"]["url"]).raise_for_status()
    return job["state"], job


def allowed(path: Path, folder: Path) -> bool:
    """What may lie there: the server's own files, and results."""
    own = ("lock", "key", "jobs.sqlite", "jobs.sqlite-wal", "jobs.sqlite-shm")
    return (path.parent == folder and path.name in own) or (
        path.name == "result" and path.parent.parent == folder / "jobs"
    )


if __name__ == "__main__":
    main()
