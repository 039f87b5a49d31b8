"""Odd and hostile files become upright sRGB pixels of their own size, or a reason; drawings become files."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from animestudy.convert import pictures
from animestudy.data.decode import Refused


def smooth(width=40, height=28, seed=0):
    small = Image.fromarray(np.random.default_rng(seed).integers(0, 256, (4, 5, 3), np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def saved(tmp_path, image, name, **options):
    path = tmp_path / name
    image.save(path, **options)
    return path


def near(pixels, image, tolerance=2.0):
    wanted = np.asarray(image.convert("RGB")).astype(int)
    assert pixels.shape == wanted.shape and pixels.dtype == np.uint8
    assert np.abs(pixels - wanted).mean() < tolerance


@pytest.mark.parametrize(
    "name", ["a.jpg", "a.png", "a.webp", "a.bmp", "a.tif", "a.ppm", "a.gif", "a.avif", "a.jfif"]
)
def test_every_format_at_its_own_size(tmp_path, name):
    form = {"a.jfif": "JPEG"}.get(name)
    path = saved(tmp_path, smooth(), name, **({"format": form} if form else {}))
    near(pictures.read(path).pixels, smooth(), 12 if name == "a.gif" else 8)


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA", "I;16"])
def test_every_mode_becomes_rgb(tmp_path, mode):
    image = smooth()
    if mode == "I;16":
        deep = np.asarray(image.convert("L")).astype(np.uint16) * 257
        path = saved(tmp_path, Image.fromarray(deep), "a.png")
        wanted = image.convert("L")
    else:
        wanted = image.convert(mode)
        path = saved(tmp_path, wanted, "a.tif" if mode == "CMYK" else "a.png")
    near(pictures.read(path).pixels, wanted, 3)


def test_turned_upright_as_exif_says(tmp_path):
    image = smooth()
    for orientation, turn in {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270}.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        path = saved(tmp_path, image, f"{orientation}.png", exif=exif)
        near(pictures.read(path).pixels, image.transpose(turn), 0.01)


def test_colour_profile_is_applied(tmp_path):
    image = smooth()
    lab = ImageCms.createProfile("LAB")
    assert lab is not None
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    plain = pictures.read(saved(tmp_path, image, "s.png", icc_profile=swapped.tobytes()))
    near(plain.pixels, image, 0.01)
    damaged = pictures.read(saved(tmp_path, image, "d.png", icc_profile=b"not a profile"))
    near(damaged.pixels, image, 0.01)
    assert damaged.notes == ["damaged colour profile ignored"]


def test_transparency_is_kept_and_hidden_colours_do_not_matter(tmp_path):
    pixels = np.asarray(smooth()).copy()
    alpha = np.full(pixels.shape[:2], 255, np.uint8)
    alpha[:, :10], alpha[:, 10:14] = 0, 128
    pixels[:, :10] = 0  # black that nobody sees
    path = saved(tmp_path, Image.fromarray(np.dstack([pixels, alpha])), "a.png")
    read = pictures.read(path)
    np.testing.assert_array_equal(read.alpha, alpha)
    np.testing.assert_array_equal(read.pixels[:, 10:], pixels[:, 10:])
    np.testing.assert_array_equal(read.pixels[:, :10], pixels[:, 10:11].repeat(10, 1))
    assert not pictures.write(read.pixels, read.alpha, tmp_path / "out.png")
    with Image.open(tmp_path / "out.png") as again:
        np.testing.assert_array_equal(np.asarray(again)[..., 3], alpha)
    assert pictures.write(read.pixels, read.alpha, tmp_path / "out.jpg") == ["transparency on white"]
    assert np.asarray(Image.open(tmp_path / "out.jpg"))[:, 2].min() > 245


def test_opaque_and_wholly_transparent_pictures(tmp_path):
    image = smooth().convert("RGBA")
    assert pictures.read(saved(tmp_path, image, "a.png")).alpha is None
    image.putalpha(0)
    read = pictures.read(saved(tmp_path, image, "b.png"))
    assert not read.alpha.any() and read.pixels.shape == (28, 40, 3)


def test_bad_files_give_a_reason(tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("no picture")
    memory = io.BytesIO()
    smooth(300, 300).save(memory, "PNG")
    (tmp_path / "half.png").write_bytes(memory.getvalue()[:900])
    for name, words in {
        "empty.png": "empty file",
        "text.jpg": "text",
        "half.png": "damaged",
        "none.png": "cannot be read",
    }.items():
        with pytest.raises(Refused, match=words):
            pictures.read(tmp_path / name)
    with pytest.raises(Refused, match="megapixels"):
        pictures.read(saved(tmp_path, smooth(), "big.png"), megapixels=0.001)


@pytest.mark.parametrize("suffix", pictures.FORMS)
def test_whatever_is_written_can_be_read(tmp_path, suffix):
    near(read_back(tmp_path, suffix), smooth(), 12 if suffix == ".gif" else 4)
    assert [path.name for path in tmp_path.iterdir()] == [f"a{suffix}"]


def read_back(tmp_path, suffix):
    pictures.write(np.asarray(smooth()), None, tmp_path / f"a{suffix}")
    return pictures.read(tmp_path / f"a{suffix}").pixels


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(Refused, match="cannot be written"):
        pictures.write(np.zeros((2, 17000, 3), np.uint8), None, tmp_path / "wide.webp")
    assert not list(tmp_path.iterdir())


def test_reduced_and_beside():
    pixels = np.asarray(smooth(400, 100))
    picture = pictures.Picture(pixels, pixels[..., 0].copy(), ["said"])
    small = pictures.reduced(picture, 40)
    assert small.pixels.shape == (10, 40, 3) and small.alpha.shape == (10, 40) and small.notes == ["said"]
    near(small.pixels, smooth(400, 100).resize((40, 10), Image.Resampling.BOX), 3)
    assert pictures.reduced(picture, 0) is picture and pictures.reduced(picture, 400) is picture
    both = pictures.beside(small, small)
    assert both.pixels.shape == (10, 80 + pictures.GAP, 3) and both.alpha.shape == (10, 80 + pictures.GAP)
    np.testing.assert_array_equal(both.pixels[:, -40:], small.pixels)


def test_endings():
    assert pictures.ending("a.JPG") == ".jpg" and pictures.ending("a.pgm") == ".ppm"
    assert pictures.ending("a.mpo") == ".jpg" and pictures.ending("scan") == ".png"
    assert pictures.ending("a.jpg", "webp") == ".webp"
