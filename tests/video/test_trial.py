"""Clips of every kind, and converters built from plain data."""

from itertools import islice

import numpy as np
import pytest
import torch
from films import pictures

from animestudy.errors import StudyError
from animestudy.models import generators
from animestudy.models.fsgan import FSGAN
from animestudy.video import trial
from animestudy.video.stability import Motion

METHOD = {
    "generator": {"network": "fsgan", "width": 4, "blocks": 1, "upsampling": "transposed"},
    "discriminators": {"spatial": {"network": "patch", "game": "lsgan", "width": 4}},
    "losses": {"spatial": 1.0, "tone": 1.0},
    "initial": {"tone": 1.0},
    "content": {"network": "random"},
}
SCHEDULE = {
    "steps": 2,
    "initial_steps": 1,
    "batch": 1,
    "crop": 32,
    "generator_rate": 0.001,
    "discriminator_rate": 0.001,
}


@pytest.fixture(scope="module")
def filmed():
    frames = pictures(4, 32, 40)
    motion = Motion(np.zeros((3, 32, 40, 2), np.float32), np.zeros((3, 32, 40), bool))
    return [trial.Shot("pan", frames, motion), trial.Shot("zoom", frames[::-1].copy(), motion)]


def test_kinds_show_what_they_say_and_share_no_subject():
    found = {kind: list(islice(trial.subjects(kind), 2)) for kind in trial.KINDS}
    assert len({one.seed for part in found.values() for one in part}) == 2 * len(found)
    assert not any(map(trial.peopled, found["background"]))
    assert all(map(trial.peopled, found["moving parts"]))
    assert {one.kind for one in found["moving face"]} == {"portrait"}


def test_a_shot_has_noise_that_changes_from_frame_to_frame():
    (job,) = (job for job in trial.plan(1, 3, 32, 3.0) if job["kind"] == "moving parts")
    noisy, clean = trial.shot(**job), trial.shot(**job | {"grain": 0.0})
    noise = noisy.frames.astype(float) - clean.frames
    assert noise.std() == pytest.approx(3, abs=0.4)
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.1
    assert (trial.shot(**job).frames == noisy.frames).all()
    assert noisy.motion.flow.shape == (2, 32, 32, 2)


def test_every_converter_takes_plain_data(filmed, tmp_path):
    torch.manual_seed(0)
    generators.save(tmp_path / "g.pt", "fsgan", {"width": 4, "blocks": 1}, FSGAN(4, 1))
    drawings = pictures(3, 32, 32, seed=4)
    words = {
        "file": {"converter": "file", "file": str(tmp_path / "g.pt")},
        "fixed": {"converter": "file", "file": str(tmp_path / "g.pt"), "fixed": True},
        "untrained": {"converter": "untrained", "generator": METHOD["generator"]},
        "trained": {"converter": "trained", "method": METHOD, "schedule": SCHEDULE}
        | {"photos": pictures(4, 32, 32), "anime": drawings},
        "gram": {"converter": "gram", "how": {"steps": 2, "width": 4}, "anime": drawings},
    }
    outcomes = [trial.run(name, part, 1, filmed, True) for name, part in words.items()]
    for one in outcomes:
        assert [clip.shape for clip in one.clips] == [shot.frames.shape for shot in filmed]
        assert all(np.isfinite(part.warping) for part in one.measures)
    rows = trial.table(outcomes, filmed)
    assert len(rows) == 10 and set(rows["kind"]) == {"pan", "zoom"}
    assert trial.grid(rows, "gram", "flicker").shape == (1, 2)
    assert not trial.run("untrained", words["untrained"], 1, filmed, False).clips


def test_an_unknown_converter_is_named(filmed):
    with pytest.raises(StudyError, match="magic"):
        trial.run("x", {"converter": "magic"}, 0, filmed, False)
