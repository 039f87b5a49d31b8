"""What goes in comes out: time, sound, proportions, colour; and nothing half-made is left behind."""

import re
from fractions import Fraction

import av
import films
import numpy as np
import pytest

from animestudy.errors import StudyError
from animestudy.video import convert as video
from animestudy.video.reading import Cut, Limits, batches, opened

IRREGULAR = [0, 40, 70, 130, 140, 200, 300, 333, 400, 450, 470, 600]  # milliseconds


def same(pictures):
    return pictures


def convert(source, target, work=same, **words):
    return video.convert(source, target, work, video.Settings(**words))


def smooth(height=48, width=64, count=4):
    y, x = np.mgrid[:height, :width]
    one = np.stack([255 * x / width, 255 * y / height, np.full_like(x, 200)], 2)
    return np.repeat(np.round(one).astype(np.uint8)[None], count, 0)


@pytest.mark.parametrize("form", ["mp4", "webm"])
def test_time_stamps_of_a_variable_rate_survive(tmp_path, form):
    source = films.film(tmp_path / "a.mp4", times=IRREGULAR, base=Fraction(1, 90000) * 90)
    done = convert(source, tmp_path / f"b.{form}", form=form)
    _, times, _ = films.seen(tmp_path / f"b.{form}")
    assert done.frames == 12
    assert np.abs(times * 1000 - IRREGULAR).max() <= 1


def test_a_gif_keeps_time_to_a_hundredth_and_drops_what_it_cannot_show(tmp_path):
    source = films.film(tmp_path / "a.mp4", times=IRREGULAR)
    done = convert(source, tmp_path / "b.gif", form="gif")
    frames, times, _ = films.seen(tmp_path / "b.gif")
    kept = [time for time in IRREGULAR if time != 140]  # 10 ms behind the one before
    assert np.abs(times * 1000 - kept).max() <= 5
    assert frames.shape[1:3] == (48, 64)
    assert done.notes == []


def test_the_last_frame_stands_as_long_as_it_did(tmp_path):
    source = films.film(tmp_path / "a.mp4", times=[0, 500, 1000], frames=films.pictures(3), rate=2)
    convert(source, tmp_path / "b.mp4")
    with av.open(str(source)) as a, av.open(str(tmp_path / "b.mp4")) as b:
        lengths = [float(c.streams.video[0].duration * c.streams.video[0].time_base) for c in (a, b)]
    assert lengths[0] == pytest.approx(lengths[1], abs=1e-3)


@pytest.mark.parametrize("encoder", ["aac", "libopus"])
def test_sound_that_the_container_takes_is_not_touched(tmp_path, encoder):
    source = films.film(tmp_path / "a.mkv", sound=encoder)
    convert(source, tmp_path / "b.mp4")
    before, after = films.packets(source), films.packets(tmp_path / "b.mp4")
    assert len(before[0]) > 10 and before == after


@pytest.mark.parametrize(
    ("suffix", "encoder", "form", "becomes"),
    [("avi", "pcm_s16le", "mp4", "aac"), ("mp4", "aac", "webm", "opus"), ("mkv", "flac", "mp4", "aac")],
)
def test_sound_that_it_does_not_take_is_encoded_anew(tmp_path, suffix, encoder, form, becomes):
    source = films.film(tmp_path / f"a.{suffix}", sound=encoder, base=Fraction(1, 25), rate=25)
    target = tmp_path / f"b.{form}"
    convert(source, target, form=form)
    with av.open(str(target)) as clip:
        stream = clip.streams.audio[0]
        wave = np.concatenate([frame.to_ndarray()[0] for frame in clip.decode(stream)])
        assert stream.codec_context.codec.canonical_name == becomes
        strength = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
        assert np.argmax(strength) * stream.rate / len(wave) == pytest.approx(440, abs=6)
        assert len(wave) / stream.rate == pytest.approx(12 / 25, abs=0.06)


def test_sound_stays_with_the_pictures_of_a_part(tmp_path):
    source = films.film(tmp_path / "a.mp4", films.pictures(50), sound="aac", options={"g": "10"})
    done = convert(source, tmp_path / "b.mp4", start=0.5, end=1.5)
    _, times, _ = films.seen(tmp_path / "b.mp4")
    assert done.frames == 25 and times[0] == pytest.approx(0.0, abs=0.021)
    with av.open(str(tmp_path / "b.mp4")) as clip:
        stamps = [p.pts * float(p.time_base) for p in clip.demux(clip.streams.audio[0]) if p.size]
    assert -0.03 <= stamps[0] <= 0.03 and 0.9 <= stamps[-1] <= 1.0
    before, after = films.packets(source)[0], films.packets(tmp_path / "b.mp4")[0]
    assert after == before[before.index(after[0]) :][: len(after)]


def test_every_third_frame_keeps_the_clock(tmp_path):
    source = films.film(tmp_path / "a.mp4", films.pictures(12))
    done = convert(source, tmp_path / "b.mp4", every=3)
    _, times, _ = films.seen(tmp_path / "b.mp4")
    assert done.frames == 4
    assert np.allclose(times, [0, 0.12, 0.24, 0.36], atol=1e-3)


@pytest.mark.parametrize(("turned", "turns"), [(90, 1), (-90, 3), (180, 2)])
def test_a_turned_clip_comes_out_upright(tmp_path, turned, turns):
    frames = smooth()
    source = films.film(tmp_path / "a.mp4", frames, turned=turned, options={"crf": "1"})
    convert(source, tmp_path / "b.mp4", quality=1)
    after, _, _ = films.seen(tmp_path / "b.mp4")
    expected = np.rot90(frames[0], turns)
    assert after.shape[1:3] == expected.shape[:2]
    assert np.abs(after[0].astype(int) - expected).mean() < 3
    with av.open(str(tmp_path / "b.mp4")) as clip:
        assert next(clip.decode(video=0)).rotation == 0


def test_pixels_become_square(tmp_path):
    source = films.film(tmp_path / "a.mp4", ratio=Fraction(2, 1))
    done = convert(source, tmp_path / "b.mp4")
    assert (done.width, done.height) == (128, 48)
    with av.open(str(tmp_path / "b.mp4")) as clip:
        assert (clip.streams.video[0].sample_aspect_ratio or 1) == 1


def test_colours_are_those_of_the_source_in_tagged_bt709(tmp_path):
    frames = smooth()
    source = films.film(tmp_path / "a.mp4", frames, options={"crf": "1"})  # untagged and small: BT.601
    convert(source, tmp_path / "b.mp4", quality=1)
    after, _, facts = films.seen(tmp_path / "b.mp4")
    assert facts["tags"] == (1, 1, 1, 1)
    assert np.abs(after.astype(int) - frames).mean((0, 1, 2)).max() < 4  # BT.601 read as BT.709 is off by 11


def test_odd_sizes_are_padded_by_their_edge(tmp_path):
    frames = smooth(45, 61)
    source = films.film(tmp_path / "a.mkv", frames, codec="ffv1", pixels="bgr0")
    done = convert(source, tmp_path / "b.mp4", quality=1)
    after, _, _ = films.seen(tmp_path / "b.mp4")
    assert (done.height, done.width) == (45, 61)
    assert after.shape[1:3] == (46, 62)
    assert np.abs(after[0, :45, :61].astype(int) - frames[0]).mean() < 3
    assert np.abs(after[0, 45].astype(int) - after[0, 44]).max() < 16


def test_transparent_pixels_lie_on_white(tmp_path):
    frames = np.zeros((2, 32, 32, 4), np.uint8)
    frames[:, :16, :, 3] = 255
    with av.open(str(tmp_path / "a.mov"), "w") as out:
        stream = out.add_stream("png", rate=5)
        stream.width = stream.height = 32
        stream.pix_fmt = "rgba"
        for k, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, "rgba")
            frame.pts, frame.time_base = k, Fraction(1, 5)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with opened(tmp_path / "a.mov") as clip:
        (batch,) = batches(clip, size=2)
    assert (batch.frames[:, :16] == 0).all() and (batch.frames[:, 16:] == 255).all()


def test_large_pictures_are_made_smaller_never_larger(tmp_path):
    source = films.film(tmp_path / "a.mp4")
    assert convert(source, tmp_path / "b.mp4", max_side=32)[2:4] == (32, 24)
    assert convert(source, tmp_path / "c.mp4", max_side=500)[2:4] == (64, 48)


def test_side_by_side_shows_the_source_on_the_left(tmp_path):
    source = films.film(tmp_path / "a.mp4", smooth(), options={"crf": "1"})
    done = convert(source, tmp_path / "b.mp4", lambda x: 255 - x, side_by_side=True, quality=1)
    after, _, _ = films.seen(tmp_path / "b.mp4")
    assert (done.width, done.height) == (132, 48)
    left, right = after[0, :, 2:62].astype(int), after[0, :, 70:130].astype(int)
    assert np.abs(left + right - 255).mean() < 4


@pytest.mark.parametrize("form", ["mp4", "webm", "gif"])
def test_equal_clips_are_equal_bytes(tmp_path, form):
    source = films.film(tmp_path / "a.mp4", sound="aac")
    content = set()
    for _ in range(12):
        convert(source, tmp_path / "b", form=form)
        content.add((tmp_path / "b").read_bytes())
    assert len(content) == 1


def test_the_converter_sees_every_frame_once_and_in_order(tmp_path):
    source = films.film(tmp_path / "a.mkv", films.pictures(11), codec="ffv1", pixels="bgr0")
    seen = []

    def work(pictures):
        seen.extend(pictures)
        return pictures

    convert(source, tmp_path / "b.mp4", work, batch=4)
    assert (np.stack(seen) == films.pictures(11)).all()


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_what_is_given_up_leaves_nothing_behind(tmp_path, error):
    source = films.film(tmp_path / "a.mp4", films.pictures(60))
    calls = []

    def work(pictures):
        calls.append(1)
        if len(calls) == 5:
            raise error
        return pictures

    with pytest.raises(type(error)):
        convert(source, tmp_path / "b.mp4", work, batch=4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4"]


def test_an_existing_target_survives_a_failure(tmp_path):
    source = films.film(tmp_path / "a.mp4", films.pictures(40))
    source.write_bytes(source.read_bytes()[:-900])
    (tmp_path / "b.mp4").write_text("precious")
    with pytest.raises(StudyError):
        convert(source, tmp_path / "b.mp4")
    assert (tmp_path / "b.mp4").read_text() == "precious"


def test_what_comes_before_the_damage_can_be_converted(tmp_path):
    source = films.film(tmp_path / "a.mp4", films.pictures(100), container={"movflags": "+faststart"})
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    with pytest.raises(StudyError, match=r"damaged after .*--end [\d.]+ converts") as error:
        convert(source, tmp_path / "b.mp4")
    end = float(re.search(r"--end ([\d.]+)", str(error.value))[1])
    assert convert(source, tmp_path / "b.mp4", end=end).frames >= 10


def test_a_target_that_cannot_be_written_is_one_line(tmp_path):
    source = films.film(tmp_path / "a.mp4")
    with pytest.raises(StudyError, match=r"nowhere/b.mp4: cannot be written"):
        convert(source, tmp_path / "nowhere" / "b.mp4")


def test_memory_holds_a_few_batches_only(tmp_path):
    """The reader waits for the converter, so that a long clip is never held whole."""
    source = films.film(tmp_path / "a.mp4", films.pictures(80))
    ahead = []
    with opened(source) as clip:
        reader = batches(clip, Cut(), 2)

        def counted():
            for batch in reader:
                ahead.append(1)
                yield batch

        with video.ahead(counted(), video.ROOM) as read:
            for taken, _ in enumerate(read):
                assert len(ahead) <= taken + 2 + video.ROOM + 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"every": 0}, "--every"),
        ({"max_side": 3}, "--max-side"),
        ({"start": 2.0, "end": 1.0}, "--end"),
        ({"form": "avi"}, "--format"),
        ({"start": -1.0}, "--start"),
    ],
)
def test_words_that_cannot_be_meant_are_refused(tmp_path, words, message):
    with pytest.raises(StudyError, match=message):
        convert(films.film(tmp_path / "a.mp4"), tmp_path / "b.mp4", **words)


def test_limits_can_be_raised(tmp_path):
    source = films.film(tmp_path / "a.mp4")
    with pytest.raises(StudyError, match=r"--frame-megapixels"):
        convert(source, tmp_path / "b.mp4", limits=Limits(0.002))
    with pytest.raises(StudyError, match=r"--minutes"):
        convert(source, tmp_path / "b.mp4", limits=Limits(minutes=0.001))
    assert convert(source, tmp_path / "b.mp4", limits=Limits(0.01, 0.1)).frames == 12


def test_a_part_beyond_the_end_is_refused(tmp_path):
    with pytest.raises(StudyError, match="no frame between"):
        convert(films.film(tmp_path / "a.mp4"), tmp_path / "b.mp4", start=20.0)


def test_a_clip_is_known_by_its_content(tmp_path):
    from PIL import Image

    still, moving = Image.new("RGB", (8, 8)), [Image.new("RGB", (8, 8), hue) for hue in ("red", "blue")]
    still.save(tmp_path / "a.png")
    still.save(tmp_path / "a.gif")
    moving[0].save(tmp_path / "b.gif", save_all=True, append_images=moving[1:])
    films.film(tmp_path / "c.mp4").rename(tmp_path / "c.jpg")
    assert [video.is_clip(tmp_path / name) for name in ("a.png", "a.gif", "b.gif", "c.jpg", "none")] == [
        False,
        False,
        True,
        True,
        False,
    ]
