"""The table of jobs: SQLite in WAL mode, so that a server that is killed finds every job again.

A process that is killed loses nothing that was committed; after a power cut the last moments may be missing.
Only the server's event loop uses the connection. Each job has a folder of its own, `jobs/ID`, that nobody but
the server's account can enter; what is not in the table has no folder.
"""

import fcntl
import os
import shutil
import sqlite3
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from animestudy.errors import StudyError

OPEN, ENDED = ("queued", "running"), ("done", "failed", "cancelled")
TABLE = """
create table if not exists jobs (
    id text primary key, user text not null, name text not null, kind text not null, model text not null,
    state text not null, error text, created real not null, ended real, expires real,
    width integer, height integer, type text, bytes integer, size integer not null, attempts integer not null
) without rowid;
create index if not exists by_user on jobs (user, created);
create index if not exists by_state on jobs (state);
"""


@dataclass(frozen=True)
class Row:
    """A job as it is stored. Times are seconds since 1970."""

    id: str
    user: str  # a fingerprint of the session, never its token
    name: str  # as the user calls the file, for the user only
    kind: str  # picture | clip
    model: str
    state: str = "queued"
    error: str | None = None  # clear words, where it failed
    created: float = 0.0
    ended: float | None = None
    expires: float | None = None
    width: int | None = None
    height: int | None = None
    type: str | None = None  # of the result
    bytes: int | None = None  # of the result
    size: int = 0  # bytes of the source
    attempts: int = 0  # that were begun


class Store:
    """Jobs and their folders under `folder`, which one server at a time may use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            (folder / "jobs").mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            self.lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.base = sqlite3.connect(folder / "jobs.sqlite", isolation_level=None, check_same_thread=False)
            self.base.executescript(
                "pragma journal_mode=wal; pragma synchronous=normal; pragma secure_delete=on;" + TABLE
            )
        except BlockingIOError:
            raise StudyError(f"--data {folder}: another server uses this folder") from None
        except (OSError, sqlite3.Error) as error:
            raise StudyError(f"--data {folder}: cannot be used ({error})") from None
        self.base.row_factory = lambda _, values: Row(*values)

    def close(self) -> None:
        """Leave the folder to another server."""
        self.base.close()
        os.close(self.lock)

    def place(self, id: str) -> Path:
        """The folder of a job."""
        return self.folder / "jobs" / id

    def room(self) -> str:
        """A new id, its folder made."""
        id = uuid.uuid4().hex
        self.place(id).mkdir(mode=0o700)
        return id

    def add(self, row: Row) -> None:
        """A new job."""
        names = ",".join(vars(row))
        self.base.execute(
            f"insert into jobs ({names}) values ({','.join('?' * len(vars(row)))})", [*vars(row).values()]
        )

    def change(self, id: str, **values: object) -> None:
        """Set columns of a job."""
        columns = ",".join(f"{name}=?" for name in values)
        self.base.execute(f"update jobs set {columns} where id=?", [*values.values(), id])

    def find(self, id: str, user: str) -> Row | None:
        """A job of this user; anybody else's is not there."""
        return self.one("id=? and user=?", id, user)

    def one(self, where: str, *values: object) -> Row | None:
        """The first row."""
        return self.base.execute(f"{self.select()} where {where}", values).fetchone()

    def rows(self, where: str, *values: object) -> list[Row]:
        """Rows in the order in which they came."""
        return self.base.execute(f"{self.select()} where {where} order by created, id", values).fetchall()

    @staticmethod
    def select() -> str:
        """Columns in the order of `Row`."""
        return f"select {','.join(Row.__dataclass_fields__)} from jobs"

    def of(self, user: str) -> list[Row]:
        """A user's jobs, newest first."""
        return self.rows("user=?", user)[::-1]

    def open(self, user: str | None = None) -> int:
        """How many jobs are queued or running, of one user or of all."""
        return len(self.rows("state in (?,?) and user=coalesce(?,user)", *OPEN, user))

    def stored(self, user: str) -> int:
        """Bytes that a user's jobs hold on the disk."""
        return sum(row.bytes or (row.size if row.state in OPEN else 0) for row in self.of(user))

    def recover(self, most: int) -> list[Row]:
        """After a start: open jobs wait again, one that was begun `most` times has failed; strays go."""
        for row in self.rows("state='running'"):
            if row.attempts >= most:
                self.change(
                    row.id, state="failed", error="The conversion was interrupted too often.",
                    ended=time.time(), expires=time.time() + 600,
                )  # fmt: skip
                self.clean(row.id)
            else:
                self.change(row.id, state="queued")
        known = {row.id for row in self.rows("1")}
        for stray in (self.folder / "jobs").iterdir():
            if stray.name not in known:
                shutil.rmtree(stray, ignore_errors=True)
        for row in self.rows("state not in (?,?)", *OPEN):
            self.clean(row.id)
        return self.rows("state='queued'")

    def clean(self, id: str, keep: Iterable[str] = ("result",)) -> None:
        """Empty the folder of a job that has ended, but for its result."""
        if self.place(id).is_dir():
            for file in self.place(id).iterdir():
                if file.name in keep:
                    continue
                if file.is_dir() and not file.is_symlink():
                    shutil.rmtree(file, ignore_errors=True)
                else:
                    file.unlink(missing_ok=True)

    def remove(self, id: str) -> None:
        """Delete a job and all its files."""
        shutil.rmtree(self.place(id), ignore_errors=True)
        self.base.execute("delete from jobs where id=?", [id])

    def expired(self) -> list[Row]:
        """Jobs whose time is over."""
        return self.rows("expires < ?", time.time())
