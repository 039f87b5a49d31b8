"""Films inside a page: small, the same bytes again, decodable, with a still for the first page."""

import base64
import re

import av
import numpy as np
import pytest

from animestudy.errors import StudyError
from animestudy.report import article, players

CLIPS = [np.random.default_rng(k).integers(0, 256, (5, 12, 16, 3), dtype=np.uint8) // 64 * 64 for k in (0, 1)]


def shown(capture, clips=CLIPS):
    players.player(clips, ["one", "a <b>"], rate=8, caption="two clips", alt="noise")
    return capture


@pytest.fixture
def outputs(monkeypatch):
    found = []
    monkeypatch.setattr(players, "display", lambda *parts, **words: found.append((parts[0], words)))
    return found


def test_a_film_holds_all_clips_in_step(outputs, tmp_path):
    shown(outputs)
    (bundle, words), _ = outputs
    html = bundle["text/html"]
    assert words["metadata"]["study"] == {"kind": "figure", "caption": "two clips"}
    assert "a &lt;b&gt;" in html and 'aria-label="noise"' in html and "controls" in html and "loop" in html
    data = re.search(r'src="data:video/webm;base64,([^"]+)"', html)[1]
    (tmp_path / "a.webm").write_bytes(base64.b64decode(data))
    with av.open(str(tmp_path / "a.webm")) as clip:
        frames = [frame.to_ndarray(format="rgb24") for frame in clip.decode(video=0)]
    assert len(frames) == 5
    assert frames[0].shape == (24, 72, 3)  # two clips of 16 pixels, doubled, and a gap
    left = frames[0][:, :32].astype(float).mean((0, 1))
    assert np.abs(left - CLIPS[0][0].mean((0, 1))).max() < 12


def test_equal_clips_are_equal_bytes(outputs):
    shown(outputs)
    shown(outputs)
    assert outputs[0] == outputs[2]


def test_the_still_serves_as_thumbnail(outputs):
    shown(outputs)
    kind, content, size = article.thumbnail(outputs[0][0]["text/html"])
    assert kind.startswith("image/") and content and size == (36, 12)


def test_clips_of_two_shapes_are_refused():
    with pytest.raises(StudyError, match="one shape"):
        players.player([CLIPS[0], CLIPS[1][:3]], ["a", "b"], rate=8, caption="c", alt="d")
