"""The table of jobs: one server at a time, nothing lost, nothing left."""

import stat
import time

import pytest

from animestudy.errors import StudyError
from animestudy.platform.store import Row, Store


@pytest.fixture
def store(tmp_path):
    made = Store(tmp_path / "data")
    yield made
    made.close()


def added(store, user="u", **values):
    row = Row(store.room(), user, "a.png", "picture", "scene", created=time.time(), size=10, **values)
    store.add(row)
    (store.place(row.id) / "source").write_bytes(b"0123456789")
    return row


def test_a_job_is_its_users_alone(store):
    row = added(store)
    assert store.find(row.id, "u") == row
    assert store.find(row.id, "v") is None and store.of("v") == []


def test_folders_are_private(store):
    row = added(store)
    for folder in (store.folder, store.folder / "jobs", store.place(row.id)):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_second_server_is_refused(store):
    with pytest.raises(StudyError, match="another server"):
        Store(store.folder)


def test_open_jobs_wait_again_after_a_start_and_strays_go(store):
    running, waiting = added(store, state="running", attempts=1), added(store)
    done = added(store, state="done", bytes=3)
    (store.place(done.id) / "result").write_bytes(b"abc")
    poison = added(store, state="running", attempts=4)
    stray = store.room()
    assert {row.id for row in store.recover(4)} == {running.id, waiting.id}
    assert not store.place(stray).exists()
    assert [file.name for file in store.place(done.id).iterdir()] == ["result"]
    assert store.find(poison.id, "u").state == "failed" and not list(store.place(poison.id).iterdir())


def test_a_folder_is_emptied_whatever_is_in_it(store, tmp_path):
    row = added(store)
    place = store.place(row.id)
    (place / "deep" / "deeper").mkdir(parents=True)
    (place / "result").write_bytes(b"x")
    (tmp_path / "outside").write_text("stays")
    (place / "link").symlink_to(tmp_path / "outside")
    store.clean(row.id)
    assert [file.name for file in place.iterdir()] == ["result"]
    assert (tmp_path / "outside").read_text() == "stays"


def test_what_a_user_holds_is_counted(store):
    added(store), added(store, state="failed"), added(store, state="done", bytes=7), added(store, user="v")
    assert store.stored("u") == 17 and store.open("u") == 1 and store.open() == 2


def test_removed_is_gone_from_the_disk(store):
    row = Row(store.room(), "u", "a-name-that-nobody-else-has", "picture", "scene", created=1.0)
    store.add(row)
    store.remove(row.id)
    store.base.execute("pragma wal_checkpoint(truncate)")
    assert not store.place(row.id).exists()
    assert all(b"nobody-else" not in file.read_bytes() for file in store.folder.iterdir() if file.is_file())


def test_expired_jobs_are_found(store):
    old, _ = added(store, state="done", expires=time.time() - 1), added(store, state="done", expires=2e9 * 2)
    assert [row.id for row in store.expired()] == [old.id]
