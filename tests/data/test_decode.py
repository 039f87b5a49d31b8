"""Every odd or hostile picture becomes the square that a person expects, or is refused with a reason."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile

from animestudy.data import decode, squares

FORM = decode.Form(size=32, crop="stretch")
WORDS = ("packed", "left out", "refused")


def picture(width=64, height=48, seed=0):
    """A smooth colourful picture, different for each seed."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def read(path, form=FORM):
    outcome = decode.read(path, form)
    assert outcome.status in WORDS
    assert (outcome.pixels is not None) == (outcome.prints is not None) == (outcome.status == "packed")
    if outcome.status == "packed":
        assert outcome.pixels.shape == (form.size, form.size, 3) and outcome.pixels.dtype == np.uint8
    else:
        assert outcome.note and "\n" not in outcome.note
    return outcome


def saved(tmp_path, image, name, **options):
    path = tmp_path / name
    image.save(path, **options)
    return path


def wanted(image, form=FORM):
    return np.asarray(squares.square(image.convert("RGB"), form.size, form.crop)).astype(int)


def close(outcome, image, tolerance=2.0):
    """Mean difference in grey levels below the tolerance."""
    assert outcome.status == "packed", outcome.note
    assert np.abs(outcome.pixels - wanted(image)).mean() < tolerance
    return True


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [
        ("a.jpg", {"quality": 95}, 3),
        ("a.png", {}, 0.01),
        ("a.webp", {"lossless": True}, 0.01),
        ("a.bmp", {}, 0.01),
        ("a.tif", {}, 0.01),
        ("a.ppm", {}, 0.01),
        ("a.avif", {"quality": 95}, 3),
        ("a b – ü画.png", {}, 0.01),
    ],
)
def test_ordinary_files_of_each_format(tmp_path, name, options, tolerance):
    outcome = read(saved(tmp_path, picture(), name, **options))
    assert close(outcome, picture(), tolerance)
    assert outcome.note == "" and (outcome.width, outcome.height) == (64, 48)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("ending", ["png", "jpg", "tif"])
def test_pictures_are_turned_as_their_exif_says(tmp_path, turn, ending):
    """What is stored is the picture turned the other way, so the result is always the picture."""
    back = {None if k == 1 else k: v for k, v in decode.TURNS.items()}
    inverse = {6: back[8], 8: back[6]}.get(turn, back.get(turn))
    stored = picture() if turn == 1 else picture().transpose(inverse)
    exif = Image.Exif()
    exif[0x0112] = turn
    options = {"quality": 95} if ending == "jpg" else {}
    outcome = read(saved(tmp_path, stored, f"a.{ending}", exif=exif, **options))
    assert close(outcome, picture(), 3)
    assert (outcome.width, outcome.height) == (64, 48)
    assert outcome.note == ("turned upright" if turn > 1 else "")


def test_a_damaged_exif_block_does_no_harm(tmp_path):
    outcome = read(saved(tmp_path, picture(), "a.png", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff\x07"))
    assert close(outcome, picture())


def swapped_profile():
    """An RGB profile in which red and blue have changed places."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {}
    for k in range(struct.unpack(">I", data[128:132])[0]):
        name, start, length = struct.unpack(">4sII", data[132 + 12 * k : 144 + 12 * k])
        tags[name] = slice(start, start + length)
    data[tags[b"rXYZ"]], data[tags[b"bXYZ"]] = data[tags[b"bXYZ"]], data[tags[b"rXYZ"]]
    text = bytes(data[tags[b"desc"]])
    data[tags[b"desc"]] = text.replace("sRGB".encode("utf-16-be"), "bgrR".encode("utf-16-be"))
    return bytes(data)


def test_colours_are_those_that_the_profile_means(tmp_path):
    red, green, blue = picture().split()
    stored = Image.merge("RGB", (blue, green, red))
    outcome = read(saved(tmp_path, stored, "a.png", icc_profile=swapped_profile()))
    assert close(outcome, picture()) and outcome.note == "colour profile bgrR built-in to sRGB"


def test_srgb_is_left_alone_and_a_broken_profile_ignored(tmp_path):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    outcome = read(saved(tmp_path, picture(), "a.png", icc_profile=srgb))
    assert close(outcome, picture(), 0.01) and outcome.note == ""
    outcome = read(saved(tmp_path, picture(), "b.png", icc_profile=b"nonsense"))
    assert close(outcome, picture(), 0.01) and outcome.note == "damaged colour profile ignored"
    outcome = read(saved(tmp_path, picture().convert("CMYK"), "c.jpg", icc_profile=srgb, quality=95))
    assert outcome.status == "packed" and "does not fit and is ignored" in outcome.note
    outcome = read(saved(tmp_path, picture().convert("L"), "d.png", icc_profile=swapped_profile()))
    assert close(outcome, picture().convert("L"), 3) and "to sRGB" in outcome.note


@pytest.mark.parametrize(
    ("mode", "name", "note"),
    [
        ("L", "a.png", "greyscale"),
        ("1", "a.png", "black and white"),
        ("LA", "a.png", "greyscale"),
        ("P", "a.png", "palette"),
        ("P", "a.gif", "palette"),
        ("RGBA", "a.png", ""),
        ("CMYK", "a.tif", "CMYK"),
        ("YCbCr", "a.tif", ""),
    ],
)
def test_modes_become_rgb(tmp_path, mode, name, note):
    image = picture().convert(mode)
    outcome = read(saved(tmp_path, image, name))
    # of black and white pixels the mean is compared: they are resized as grey
    plain = image.convert("L") if mode == "1" else image
    assert close(outcome, plain, 4 if mode == "YCbCr" else 1.5)
    assert outcome.note == note


def test_cmyk_jpeg(tmp_path):
    outcome = read(saved(tmp_path, picture().convert("CMYK"), "a.jpg", quality=95))
    assert close(outcome, picture(), 4) and outcome.note == "CMYK"


def test_sixteen_bits_keep_their_brightness(tmp_path):
    grey = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    eight = Image.fromarray((grey // 257).astype(np.uint8))
    for name in ("grey.png", "grey.tif", "grey.pgm"):
        cv2.imwrite(str(tmp_path / name), grey)
        outcome = read(tmp_path / name)
        assert close(outcome, eight, 1) and "16 bits" in outcome.note
    colour = np.stack([grey, grey[::-1], grey // 2], axis=-1)
    cv2.imwrite(str(tmp_path / "colour.png"), colour[..., ::-1])
    outcome = read(tmp_path / "colour.png")
    assert close(outcome, Image.fromarray((colour // 257).astype(np.uint8)), 1) and outcome.note == "16 bits"


def test_pixels_of_unknown_range_are_refused(tmp_path):
    deep = Image.fromarray(np.full((48, 64), 10**6, np.int32))
    assert "32-bit integers" in read(saved(tmp_path, deep, "a.tif")).note
    real = Image.fromarray(np.full((48, 64), 0.5, np.float32))
    assert "mode F" in read(saved(tmp_path, real, "b.tif")).note
    assert "mode LAB" in read(saved(tmp_path, Image.new("LAB", (64, 48)), "c.tif")).note


def test_transparent_pixels_are_white(tmp_path):
    """Whatever colour hides below them, and without a fringe of it."""
    alpha = Image.new("L", (64, 48), 0)
    alpha.paste(255, (0, 0, 32, 48))
    image = Image.new("RGB", (64, 48), (0, 200, 0))
    image.putalpha(alpha)
    outcome = read(saved(tmp_path, image, "a.png"))
    assert outcome.note == "transparency on white"
    assert (outcome.pixels[:, :13] == (0, 200, 0)).all() and (outcome.pixels[:, 19:] == 255).all()
    assert outcome.pixels[:, :, 1].min() >= 198  # no dark edge
    flat = Image.new("P", (64, 48), 3)
    outcome = read(saved(tmp_path, flat, "b.gif", transparency=3))
    assert (outcome.pixels == 255).all() and outcome.note == "transparency on white; palette"
    outcome = read(saved(tmp_path, Image.new("RGB", (64, 48), (9, 9, 9)), "c.png", transparency=(9, 9, 9)))
    assert (outcome.pixels == 255).all()


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_of_moving_pictures_the_first_frame(tmp_path, name):
    frames = [picture(seed=seed) for seed in range(3)]
    options = {"lossless": True} if name.endswith("webp") else {}
    path = saved(tmp_path, frames[0], name, save_all=True, append_images=frames[1:], duration=50, **options)
    outcome = read(path)
    assert close(outcome, frames[0], 8) and "first of several frames" in outcome.note


def test_a_phone_picture_with_a_second_one_inside(tmp_path):
    path = saved(
        tmp_path, picture(), "a.jpg", format="MPO", save_all=True, append_images=[picture(seed=1)], quality=95
    )
    outcome = read(path)
    assert close(outcome, picture(), 3) and outcome.note == "first of several frames"


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.bmp", "a.gif", "a.avif"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_truncated_files_are_refused_or_whole(tmp_path, name, share):
    path = saved(tmp_path, picture(), name)
    whole = path.read_bytes()
    path.write_bytes(whole[: max(4, int(share * len(whole)))])
    outcome = read(path)
    if outcome.status == "packed":  # only what is not of the picture was cut off
        assert share > 0.9 and close(outcome, picture(), 4)
    else:
        assert outcome.status == "refused" and ("damaged" in outcome.note or "not a picture" in outcome.note)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.bmp", "a.gif", "a.avif", "a.ppm"])
def test_flipped_bytes_never_raise(tmp_path, name, capfd, recwarn):
    path = saved(tmp_path, picture(), name, **({"compression": "tiff_lzw"} if name == "a.tif" else {}))
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        broken = whole.copy()
        where = rng.integers(0, min(len(whole), 400), 6)
        broken[where] = rng.integers(0, 256, 6)
        path.write_bytes(broken.tobytes())
        read(path)
    assert capfd.readouterr().err == "" and not recwarn.list  # nothing but the outcome speaks


def test_names_do_not_matter_but_are_told(tmp_path):
    assert read(saved(tmp_path, picture(), "a.png", format="JPEG", quality=95)).note == "is JPEG, not .png"
    assert read(saved(tmp_path, picture(), "photo", format="PNG")).note == "is PNG, not named so"
    assert read(saved(tmp_path, picture(), "a.JPG", format="JPEG")).note == ""


def bomb(width, height):
    """A PNG of a few hundred bytes that claims to be large; its pixels are missing."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 999))
        + chunk(b"IEND", b"")
    )


def test_bombs_are_refused_by_their_header(tmp_path, monkeypatch):
    decoded = []
    load = ImageFile.ImageFile.load
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: decoded.append(self.size) or load(self))
    (tmp_path / "a.png").write_bytes(bomb(12000, 12000))
    outcome = read(tmp_path / "a.png")
    assert outcome.note == "12000×12000 are 144 megapixels, more than 100"
    assert (outcome.format, outcome.width, outcome.height) == ("PNG", 12000, 12000)
    (tmp_path / "b.png").write_bytes(bomb(2**31 - 1, 2**31 - 1))
    assert "megapixels" in read(tmp_path / "b.png").note
    # just below the limit the pixels are wanted, and found missing
    (tmp_path / "c.png").write_bytes(bomb(9000, 10000))
    assert "damaged" in read(tmp_path / "c.png").note
    assert set(decoded) == {(9000, 10000)}
    assert Image.MAX_IMAGE_PIXELS is not None  # Pillow's own limit is in force again


def test_tiny_pictures_are_refused_and_small_ones_told(tmp_path):
    assert "1×1 would be enlarged ×32.0, more than ×2" in read(saved(tmp_path, picture(1, 1), "a.png")).note
    assert read(saved(tmp_path, picture(20, 40), "b.png")).note == "enlarged ×1.60"
    lenient = decode.Form(size=32, crop="fit", enlarge=100)
    assert read(saved(tmp_path, picture(1, 7), "c.png"), lenient).status == "packed"
    assert read(saved(tmp_path, picture(500, 1), "d.png"), lenient).status == "packed"


def test_shapes_that_are_not_wanted_are_left_out(tmp_path):
    form = decode.Form(size=32, aspect=(1.2, 2))
    assert read(saved(tmp_path, picture(64, 48), "a.png"), form).status == "packed"
    outcome = read(saved(tmp_path, picture(48, 64), "b.png"), form)
    assert outcome.status == "left out" and outcome.note == "width / height = 0.75, not 1.2 to 2"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty file"),
        (b"hello, this is a note\n", "text"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"%PDF-1.7\n", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "PostScript"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "HEIC"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00", "video"),
        (b"PK\x03\x04....", "zip"),
        (b"8BPS\x00\x01", "Photoshop"),
        (b"\xff\xd8\xff\xe0", "begins like a JPEG"),
        (bytes(range(256)), "known here"),
    ],
)
def test_what_is_no_picture_is_called_by_its_name(tmp_path, content, words):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    outcome = read(path)
    assert outcome.status == "refused" and words in outcome.note


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = saved(tmp_path, picture(), "a.png")

    def denied(*args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", denied)
    assert read(path).note == "cannot be read: permission denied"


def test_decoders_that_give_up_in_any_way_refuse_one_file(tmp_path, monkeypatch):
    path = saved(tmp_path, picture(), "a.png")
    for error, words in ((MemoryError(), "memory"), (RecursionError("deep"), "deep"), (KeyError(7), "7")):

        def fail(*args, error=error):
            raise error

        monkeypatch.setattr(decode, "eight_bits", fail)
        assert words in read(path).note
    monkeypatch.setattr(decode, "LARGEST_FILE", 0)
    assert "MiB" in read(path).note


def test_one_compression_for_all(tmp_path):
    """After --jpeg a picture is what a JPEG of that quality decodes to."""
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8))
    form = decode.Form(size=32, jpeg=60)
    outcome = read(saved(tmp_path, noise, "a.png"), form)
    buffer = io.BytesIO()
    noise.save(buffer, "JPEG", quality=60, subsampling="4:2:0")
    np.testing.assert_array_equal(outcome.pixels, np.asarray(Image.open(buffer)))


def test_large_jpegs_are_reduced_while_decoding_without_harm(tmp_path):
    path = saved(tmp_path, picture(2000, 1500), "a.jpg", quality=95)
    assert close(read(path), picture(2000, 1500), 1)


def test_resizing_does_not_alias(tmp_path):
    """A fine checkerboard becomes grey, not a pattern."""
    board = np.indices((480, 640)).sum(0) % 2 * 255
    outcome = read(saved(tmp_path, Image.fromarray(board.astype(np.uint8)), "a.png"))
    assert np.ptp(outcome.pixels[2:-2, 2:-2]) < 12
