"""`animestudy import`: any folder becomes a clean collection, and an account of every file."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance, ImageOps

from animestudy import cli
from animestudy.data import collection, decode, pool, receipt, sources, squares
from animestudy.errors import StudyError

SMALL = decode.Form(size=32)


def picture(seed, width=80, height=60):
    """A random patchwork, unlike that of any other seed."""
    rng = np.random.default_rng(seed)
    cells = Image.fromarray(rng.integers(0, 256, (9, 11, 3), np.uint8))
    return cells.resize((width, height), Image.Resampling.BICUBIC)


def save(path, image, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)


@pytest.fixture
def tree(tmp_path):
    """Two classes of 12 pictures, with copies of some and a few files that cannot be used."""
    root = tmp_path / "raw"
    for seed in range(24):
        save(root / ("ink" if seed % 2 else "cel wash") / f"{seed:02} ü.png", picture(seed))
    save(root / "ink" / "01 smaller.jpg", picture(1, 48, 36), quality=60)
    save(root / "ink" / "01 brighter.png", ImageEnhance.Brightness(picture(1)).enhance(1.2))
    save(root / "cel wash" / "02 mirrored.webp", ImageOps.mirror(picture(2)))
    save(root / "ink" / "misnamed.gif", picture(90), format="PNG")
    save(root / "ink" / "tiny.png", picture(91, 4, 3))
    (root / "ink" / "empty.jpg").touch()
    (root / "ink" / "notes.txt").write_text("not a picture")
    whole = (root / "ink" / "01 ü.png").read_bytes()
    (root / "ink" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (root / ".hidden").touch()
    return root


def order(**options):
    return sources.Order(**{"form": SMALL, "domain": "anime"} | options)


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_tree_becomes_a_collection(tree, tmp_path):
    done = sources.pack(tree, tmp_path / "out" / "set", order(licence="CC0", source="made here"), workers=1)
    opened = collection.load(tmp_path / "out" / "set")
    assert len(opened) == 28 and opened.size == 32
    assert opened.classes("style") == ["cel wash", "ink"]
    assert list(opened.table["file_name"]) == sorted(opened.table["file_name"])
    assert set(opened.table["domain"]) == {"anime"} and set(opened.table["kind"]) == {"scene"}
    row = opened.table.index[opened.table["file_name"] == "ink/03 ü.png"][0]
    wanted = squares.square(picture(3), 32, "upper")
    np.testing.assert_array_equal(opened.images[row], np.asarray(wanted))
    card = opened.card
    assert card["licence"] == "CC0" and card["source"] == "made here"
    assert card["near_copies"] == {"groups": 2, "pictures": 5}
    assert card["files"] == {"left out": 1, "packed": 28, "refused": 4}
    assert card["made"]["form"]["size"] == 32
    assert done.refused == 4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["set"]


def test_every_file_is_accounted_for(tree, tmp_path):
    done = sources.pack(tree, tmp_path / "set", order(), workers=1)
    table = pd.read_csv(tmp_path / "set" / "import.csv", dtype=str, keep_default_na=False)
    pd.testing.assert_frame_equal(table, done.files.astype(table.dtypes))
    there = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file()}
    assert set(table["file_name"]) == there
    notes = dict(zip(table["file_name"], table["status"] + ": " + table["note"], strict=True))
    assert notes["ink/empty.jpg"] == "refused: empty file"
    assert notes["ink/notes.txt"] == "refused: not a picture but text"
    assert notes["ink/cut.png"].startswith("refused: damaged")
    assert notes["ink/tiny.png"].startswith("refused: too small: 4×3")
    assert notes["ink/misnamed.gif"] == "packed: is PNG, not .gif"
    assert notes[".hidden"].startswith("left out: hidden")
    words = receipt.text(done, "import.csv")
    for name in (
        "ink/empty.jpg",
        "ink/notes.txt",
        "ink/cut.png",
        "ink/tiny.png",
        "ink/misnamed.gif",
        ".hidden",
    ):
        assert name in words


def test_near_copies_never_cross_a_split(tree, tmp_path):
    for seed in range(4):
        sources.pack(tree, tmp_path / "set", order(seed=seed), workers=1, force=True)
        table = collection.load(tmp_path / "set").table
        assert table.groupby("group")["split"].nunique().max() == 1
        groups = table.groupby("group")["file_name"].apply(set)
        assert {frozenset(names) for names in groups if len(names) > 1} == {
            frozenset({"ink/01 ü.png", "ink/01 smaller.jpg", "ink/01 brighter.png"}),
            frozenset({"cel wash/02 ü.png", "cel wash/02 mirrored.webp"}),
        }
        assert set(table["split"]) == {"train", "val", "test"}


def test_the_bytes_do_not_depend_on_the_number_of_processes(tree, tmp_path):
    for workers in (1, 2):
        sources.pack(tree, tmp_path / str(workers), order(form=decode.Form(32, jpeg=75)), workers=workers)
    one = files(tmp_path / "1")
    assert set(one) == {"card.json", "images.npy", "import.csv", "metadata.csv"}
    assert files(tmp_path / "2") == one


def test_a_limit_takes_evenly_and_tells_what_it_left(tree, tmp_path):
    for name in "ab":
        done = sources.pack(tree, tmp_path / name, order(limit=8, seed=5), workers=1)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    counts = done.files["status"].value_counts()
    assert counts["left out"] == 33 - 8 and counts.get("packed") + counts.get("refused", 0) == 8
    taken = done.files[done.files["status"] != "left out"]["file_name"].str.split("/").str[0]
    assert taken.value_counts().to_dict() == {"ink": 4, "cel wash": 4}


def test_splits_that_are_given_are_kept_and_their_leaks_told(tmp_path):
    root = tmp_path / "raw"
    for seed in range(12):
        save(root / ("train", "val", "test")[seed % 3] / f"s{seed % 2}" / f"{seed:02}.png", picture(seed))
    save(root / "test" / "s0" / "leak.png", picture(0, 60, 45))
    done = sources.pack(root, tmp_path / "set", order(), workers=1)
    table = collection.load(tmp_path / "set").table
    assert [name.split("/")[0] for name in table["file_name"]] == list(table["split"])
    assert any("1 groups cross the given split (test/s0/leak.png)" in caution for caution in done.cautions)
    done = sources.pack(root, tmp_path / "set", order(fractions=(0.5, 0.25, 0.25)), workers=1, force=True)
    table = collection.load(tmp_path / "set").table
    assert table.groupby("group")["split"].nunique().max() == 1
    assert not any("cross" in caution for caution in done.cautions)


def test_a_table_gives_labels_groups_and_columns_of_its_own(tmp_path):
    root = tmp_path / "raw"
    lines = ["file_name,psychology,group,domain,artist,style"]
    for seed in range(8):
        save(root / f"{seed}.png", picture(seed))
        domain = "photo" if seed == 7 else ""
        lines.append(f"{seed}.png,calm,film {seed % 3},{domain},NA,{'ink' if seed < 4 else ''}")
    save(root / "8.png", picture(4, 60, 45))  # a copy of 4, in a group of its own name
    lines += ["8.png,calm,another,,x,", "gone.png,calm,film 1,,x,"]
    (root / "metadata.csv").write_text("\n".join(lines))
    done = sources.pack(root, tmp_path / "set", order(kind="portrait"), workers=1)
    table = collection.load(tmp_path / "set").table
    assert list(table.columns) == [*collection.COLUMNS, "artist"]
    assert table["domain"].tolist() == ["anime"] * 7 + ["photo", "anime"]
    assert set(table["kind"]) == {"portrait"} and table["artist"].tolist() == ["NA"] * 8 + ["x"]
    assert table["style"].tolist() == ["ink"] * 4 + [""] * 5
    groups = table["group"].tolist()
    assert groups[0] == groups[3] == groups[6] == "film 0" and groups[2] == groups[5] == "film 2"
    assert groups[1] == groups[4] == groups[7] == groups[8] == "another"  # film 1, joined by the copy
    assert done.files.set_index("file_name").loc["gone.png", "status"] == "refused"


def test_folders_can_be_groups(tmp_path):
    root = tmp_path / "raw"
    for seed in range(12):
        save(root / f"style {seed % 2}" / f"film {seed % 6}" / f"{seed}.png", picture(seed))
    sources.pack(root, tmp_path / "set", order(group="folder", fractions=(0.34, 0.33, 0.33)), workers=1)
    table = collection.load(tmp_path / "set").table
    assert table["group"].nunique() == 6
    assert table.groupby(table["file_name"].str.rpartition("/")[0])["split"].nunique().max() == 1


def test_contradictions_and_gaps_are_told(tmp_path):
    root = tmp_path / "raw"
    save(root / "ink" / "a.png", picture(1))
    save(root / "cel" / "b.png", picture(1, 60, 45))
    done = sources.pack(root, tmp_path / "set", order(), workers=1)
    assert any("different names of style: cel/b.png – ink/a.png" in caution for caution in done.cautions)
    assert any("test has no picture" in caution for caution in done.cautions)


def test_pictures_without_labels(tmp_path):
    for seed in range(3):
        save(tmp_path / "raw" / f"{seed}.png", picture(seed))
    sources.pack(tmp_path / "raw", tmp_path / "set", order(label="none", domain="photo"), workers=1)
    table = collection.load(tmp_path / "set").table
    assert set(table["style"]) == {""} and set(table["domain"]) == {"photo"}


def test_nothing_usable_is_an_error_that_names_the_files(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "note.txt").write_text("x")
    with pytest.raises(
        StudyError, match=r"no picture to pack\nrefused \(1\)\n  note.txt  not a picture but text"
    ):
        sources.pack(tmp_path / "raw", tmp_path / "set", order(), workers=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"domain": ""}, "--domain photo or --domain anime"),
        ({"form": decode.Form(size=0)}, "--size 0"),
        ({"form": decode.Form(crop="golden")}, "--crop golden: one of upper"),
        ({"form": decode.Form(jpeg=100)}, "--jpeg 100"),
        ({"form": decode.Form(aspect=(2, 1))}, "--aspect 2 1"),
        ({"form": decode.Form(enlarge=0.5)}, "--enlarge 0.5"),
        ({"limit": 0}, "--limit 0"),
        ({"threshold": 200}, "--near 200"),
        ({"fractions": (0.5, 0.5, 0.5)}, "fractions"),
        ({"label": "mood"}, "--label mood"),
    ],
)
def test_an_order_with_a_mistake_is_one_line(tree, tmp_path, options, words):
    with pytest.raises(StudyError, match=words) as caught:
        sources.pack(tree, tmp_path / "set", order(**options), workers=1)
    assert "\n" not in str(caught.value) and not (tmp_path / "set").exists()


def test_the_users_pictures_are_never_replaced(tree):
    for out in (tree, tree.parent, tree / "ink" / "set"):
        with pytest.raises(StudyError, match="choose a place outside"):
            sources.pack(tree, out, order(), workers=1, force=True)
    assert (tree / "ink" / "01 ü.png").exists()


def test_a_place_that_cannot_be_written_is_one_line(tree, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StudyError, match="file"):
        sources.pack(tree, tmp_path / "file" / "set", order(), workers=1)


def test_names_cannot_garble_the_terminal(tmp_path):
    save(tmp_path / "raw" / "a.png", picture(0))
    (tmp_path / "raw" / "\x1b[2Jx\n.png").write_text("x")
    done = sources.pack(tmp_path / "raw", tmp_path / "set", order(), workers=1)
    words = receipt.text(done, "import.csv")
    assert "\\x1b[2Jx\\n.png" in words and "\x1b" not in words
    assert len(collection.load(tmp_path / "set")) == 1


def crash(path, form):
    if path.name.startswith("03"):
        os._exit(7)
    return REAL(path, form)


REAL = decode.read


def test_a_decoder_that_crashes_costs_one_picture(tree, tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "START", "fork")  # so that the processes inherit the crashing reader
    monkeypatch.setattr(decode, "read", crash)
    done = sources.pack(tree, tmp_path / "set", order(), workers=2)
    notes = done.files.set_index("file_name")["note"]
    assert notes["ink/03 ü.png"] == "its decoder crashed or ran out of memory"
    assert done.refused == 5 and len(collection.load(tmp_path / "set")) == 27


def test_an_interrupted_import_leaves_what_was_there(tree, tmp_path, monkeypatch):
    sources.pack(tree, tmp_path / "set", order(), workers=1)
    before = files(tmp_path / "set")
    count = itertools.count()

    def interrupted(path, form):
        if next(count) == 5:
            raise KeyboardInterrupt
        return REAL(path, form)

    monkeypatch.setattr(decode, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sources.pack(tree, tmp_path / "set", order(seed=1), workers=1, force=True)
    assert files(tmp_path / "set") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw", "set"]


def running(parent):
    """Processes that descend from `parent`."""
    found, waiting = [], [parent]
    while waiting:
        for path in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            children = [int(word) for word in path.read_text().split()]
            found += children
            waiting += children
    return found


def alive(process):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def soon(happened, seconds=30):
    """Whether it happens within so long."""
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.05)
    return happened()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes in /proc")
def test_ctrl_c_and_a_kill_leave_no_half_collection_and_no_process(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (900, 900, 3), np.uint8)
    save(tmp_path / "raw" / "0.png", Image.fromarray(noise), compress_level=1)
    for number in range(1, 600):  # a minute's work
        os.link(tmp_path / "raw" / "0.png", tmp_path / "raw" / f"{number}.png")
    words = [
        "import",
        tmp_path / "raw",
        "--out",
        tmp_path / "out" / "set",
        "--domain",
        "photo",
        "--workers",
        "2",
    ]
    for blow in (signal.SIGINT, signal.SIGKILL):
        process = subprocess.Popen(
            [sys.executable, "-m", "animestudy.cli", *map(str, words)],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # else "&" ignores it
        )
        assert soon(
            lambda: any(path.stat().st_size > 4096 for path in tmp_path.glob("out/.set.partial-*/images.npy"))
        )
        workers = running(process.pid)
        assert len(workers) >= 2
        if blow == signal.SIGINT:
            os.killpg(process.pid, blow)  # as a terminal does it
        else:
            process.kill()
        output = "".join(process.communicate(timeout=30))
        assert "Traceback" not in output
        assert process.returncode == (130 if blow == signal.SIGINT else -9)
        assert soon(lambda workers=workers: not any(map(alive, workers)))
        left = [path.name for path in (tmp_path / "out").iterdir()]
        assert "set" not in left
        assert (left == []) == (blow == signal.SIGINT)
    save(tmp_path / "few" / "a.png", picture(0))
    sources.pack(tmp_path / "few", tmp_path / "out" / "set", order(), workers=1)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["set"]


def test_the_command_tells_how_it_went(tree, tmp_path, capsys):
    words = ["import", str(tree), "--out", str(tmp_path / "set"), "--domain", "anime", "--size", "32"]
    assert cli.main([*words, "--workers", "1"]) == 1
    out = capsys.readouterr().out
    assert "28 pictures of 32×32, 2 names of style" in out and "refused (4)" in out
    assert cli.main(words) == 2  # it is there already
    assert "--force" in capsys.readouterr().err
    for name in ("tiny.png", "empty.jpg", "notes.txt", "cut.png"):
        (tree / "ink" / name).unlink()
    options = ["--workers", "1", "--force", "--crop", "squeeze", "--jpeg", "80", "--aspect", "1", "2"]
    assert cli.main([*words, *options, "--fractions", "0.6", "0.2", "0.2"]) == 0
    made = collection.load(tmp_path / "set").card["made"]
    assert made["form"]["aspect"] == [1.0, 2.0] and made["fractions"] == [0.6, 0.2, 0.2]


def test_the_command_knows_every_rule_and_default():
    (verbs,) = (action for action in cli.parser()._actions if action.dest == "verb")
    options = {action.dest: action for action in verbs.choices["import"]._actions}
    assert set(options["crop"].choices) == set(squares.RULES)
    for name in ("size", "crop", "jpeg", "aspect", "enlarge", "megapixels"):
        assert options[name].default == getattr(decode.Form(), name)
    names = {"threshold": "near"}
    for name in ("label", "domain", "kind", "group", "source", "fractions", "threshold", "limit", "seed"):
        assert options[names.get(name, name)].default == getattr(sources.Order(), name)
