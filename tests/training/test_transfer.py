"""The source task leaves the target's pictures alone."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from animestudy.data.collection import Collection
from animestudy.errors import StudyError
from animestudy.training import transfer


def packed(groups) -> Collection:
    """Anime scenes, photo scenes and anime portraits, eight of each."""
    table = pd.DataFrame(
        {
            "domain": ["anime"] * 8 + ["photo"] * 8 + ["anime"] * 8,
            "kind": ["scene"] * 16 + ["portrait"] * 8,
            "style": ["cel", "ink"] * 4 + [""] * 8 + ["cel", "ink"] * 3 + ["", ""],
            "group": groups,
            "split": ["train", "train", "train", "train", "val", "val", "test", "test"] * 3,
        }
    )
    table.loc[[16, 17, 18, 19, 20, 21], "split"] = ["train", "val", "test", "train", "val", "test"]
    return Collection(Path("c"), table, np.zeros((24, 8, 8, 3), np.uint8), None, {})


def test_the_targets_pictures_take_no_part():
    collection = packed([str(k) for k in range(24)])
    names = transfer.source_names(collection, "scene")
    assert set(names[:8]) == {""} and set(names[8:16]) == {"scene photo"}
    assert names[16:].tolist() == ["portrait cel", "portrait ink"] * 3 + ["", ""]
    task = transfer.source_task(collection, "scene", 8)
    assert task.classes == ("portrait cel", "portrait ink", "scene photo")
    assert all(row >= 8 for part in (task.train, task.val, task.test) for row in part.rows)
    assert set(transfer.source_names(collection, "portrait")[:8]) == {"scene cel", "scene ink"}


def test_a_leak_is_refused():
    groups = [str(k) for k in range(24)]
    groups[8] = groups[6]  # a photograph to train on shows the scene of a drawing to test on
    with pytest.raises(StudyError, match="group 6 is in the source's training pictures"):
        transfer.source_task(packed(groups), "scene", 8)
