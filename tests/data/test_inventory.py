"""What lies in a folder is understood as a person would, and nothing is passed over in silence."""

import os

import pytest

from animestudy.data import inventory
from animestudy.errors import StudyError


def lay(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")


def found(root, **options):
    taken = inventory.take(root, **options)
    return {item.name: item.row for item in taken.items}, {one.name: one for one in taken.passed}, taken


def test_a_folder_for_each_class(tmp_path):
    lay(tmp_path, "ink/a.png", "ink/deep/er/b.png", "cel/ü é.png", "stray.png")
    rows, passed, taken = found(tmp_path)
    assert rows == {
        "cel/ü é.png": {"style": "cel"},
        "ink/a.png": {"style": "ink"},
        "ink/deep/er/b.png": {"style": "ink"},
        "stray.png": {},
    }
    assert list(rows) == sorted(rows) and not passed and taken.form == "a folder for each class"
    assert found(tmp_path, label="psychology")[0]["ink/a.png"] == {"psychology": "ink"}
    assert found(tmp_path, label="none")[0]["ink/a.png"] == {}


def test_a_flat_folder(tmp_path):
    lay(tmp_path, "b.png", "a.png")
    rows, _, taken = found(tmp_path)
    assert rows == {"a.png": {}, "b.png": {}} and taken.form == "a flat folder"


def test_labels_of_one_spelling_are_one_label(tmp_path):
    lay(tmp_path, "Hayao \u00e9/a.png", "Hayao e\u0301/b.png")  # composed, and letter plus accent
    assert {row["style"] for row in found(tmp_path)[0].values()} == {"Hayao \u00e9"}


def test_folders_of_train_and_test(tmp_path):
    lay(tmp_path, "train/ink/a.png", "Valid/ink/b.png", "test/cel/c.png", "test/d.png", "note.png")
    rows, passed, taken = found(tmp_path)
    assert rows == {
        "Valid/ink/b.png": {"split": "val", "style": "ink"},
        "test/cel/c.png": {"split": "test", "style": "cel"},
        "test/d.png": {"split": "test"},
        "train/ink/a.png": {"split": "train", "style": "ink"},
    }
    assert passed["note.png"].status == "refused" and "train, val and test" in taken.form
    # a class that is called train is a class
    lay(tmp_path, "ink/e.png")
    assert found(tmp_path)[0]["train/ink/a.png"] == {"style": "train"}


def test_hidden_files_are_left_out_by_name(tmp_path):
    lay(tmp_path, "a.png", ".DS_Store", "ink/._a.png", ".git/config", "Thumbs.db", "__MACOSX/a.png")
    rows, passed, _ = found(tmp_path)
    assert list(rows) == ["a.png"]
    assert set(passed) == {".DS_Store", "ink/._a.png", ".git", "Thumbs.db", "__MACOSX"}
    assert {one.status for one in passed.values()} == {"left out"}


def test_links_are_followed_and_loops_end(tmp_path):
    lay(tmp_path, "real/a.png", "elsewhere/b.png")
    root = tmp_path / "set"
    root.mkdir()
    os.symlink(tmp_path / "real", root / "linked")
    os.symlink(tmp_path / "real" / "a.png", root / "one.png")
    os.symlink(root, root / "loop")
    os.symlink(root / "linked", root / "twice")
    os.symlink("nowhere", root / "broken.png")
    os.symlink("self.png", root / "self.png")
    rows, passed, _ = found(root)
    assert list(rows) == ["linked/a.png", "one.png"]
    assert passed["loop/"].status == passed["twice/"].status == "left out"
    assert passed["broken.png"].note == passed["self.png"].note == "a link that leads nowhere"


def test_pipes_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    rows, passed, _ = found(tmp_path)
    assert not rows and "pipe" in passed["pipe.png"].note and passed["pipe.png"].status == "refused"


def test_names_that_are_no_unicode_are_refused(tmp_path):
    with open(os.fsencode(tmp_path) + b"/\xff.png", "wb"):
        pass
    rows, passed, _ = found(tmp_path)
    assert not rows and [one.status for one in passed.values()] == ["refused"]


def test_folders_that_cannot_be_read_are_refused(tmp_path, monkeypatch):
    lay(tmp_path, "a.png", "locked/b.png")
    listdir = os.listdir

    def guarded(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", guarded)
    rows, passed, _ = found(tmp_path)
    assert list(rows) == ["a.png"]
    assert passed["locked/"].note == "folder cannot be read: permission denied"


def table(root, text, encoding="utf-8"):
    lay(root, "a.png", "ink/b.png", "ü.png", "spare.png")
    (root / "metadata.csv").write_bytes(text.encode(encoding))


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize(("encoding", "end"), [("utf-8", "\n"), ("utf-8-sig", "\r\n")])
def test_a_table_of_one_row_a_picture(tmp_path, mark, encoding, end):
    lines = ["file_name,style,artist", "./a.png, cel ,Miyazaki", "ink\\b.png,,", '"ü.png",ink,"x""y"']
    table(tmp_path, end.join(line.replace(",", mark) for line in lines), encoding)
    rows, passed, taken = found(tmp_path)
    assert rows == {
        "a.png": {"style": "cel", "artist": "Miyazaki"},
        "ink/b.png": {"style": "", "artist": ""},
        "ü.png": {"style": "ink", "artist": 'x"y'},
    }
    assert taken.columns == ["artist"] and taken.form == "metadata.csv"
    assert passed["spare.png"].note == "not in metadata.csv" and passed["spare.png"].status == "left out"


def test_folders_fill_a_label_that_the_table_lacks(tmp_path):
    table(tmp_path, "file_name,artist\nink/b.png,x\na.png,y\n")
    assert found(tmp_path)[0] == {"ink/b.png": {"style": "ink", "artist": "x"}, "a.png": {"artist": "y"}}


def test_rows_without_their_file_are_refused_by_name(tmp_path):
    table(tmp_path, "file_name,style\na.png,x\nmissing.png,x\n../a.png,x\n/etc/passwd,x\na.png,y\n,z\n")
    rows, passed, _ = found(tmp_path)
    assert list(rows) == ["a.png"]
    refused = {name: one.note for name, one in passed.items() if one.status == "refused"}
    assert refused["missing.png"] == "named in metadata.csv, line 3, but there is no such file"
    assert set(refused) == {
        "missing.png", "../a.png", "/etc/passwd", "a.png (metadata.csv, line 6)", "(metadata.csv, line 7)",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column file_name"),
        ("path,style\na.png,x\n", "no column file_name.*path,style"),
        ("file_name,style,style\na.png,x,y\n", "name of its own"),
        ("file_name,style\na.png,x,y\n", "line 2: 2 columns"),
        ("file_name,style\na.png\n", "line 2: 2 columns"),
        ("file_name,domain\na.png,cartoon\n", "line 2: domain = 'cartoon': photo or anime"),
        ("file_name,split\na.png,dev\n", "split = 'dev'"),
        ('file_name,style\na.png,"x\n', "metadata.csv"),
    ],
)
def test_a_table_with_a_mistake_is_one_line(tmp_path, text, words):
    table(tmp_path, text)
    with pytest.raises(StudyError, match=words) as caught:
        inventory.take(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_table_in_another_encoding_is_refused(tmp_path):
    table(tmp_path, "file_name,style\na.png,水彩\n", "gb18030")
    with pytest.raises(StudyError, match="not UTF-8"):
        inventory.take(tmp_path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(StudyError, match="no such folder"):
        inventory.take(tmp_path / "none")
