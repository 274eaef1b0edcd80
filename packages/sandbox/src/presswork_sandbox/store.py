"""The SQLite file behind the sandbox: one connection, one thread, one process, explicit transactions."""

import base64
import fcntl
import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SCHEMA: Final = Path(__file__).with_name("schema.sql")
PUBLIC_SEED: Final = "presswork"  # the same ids and tokens in every run, for tests of a client

# A reset empties these and leaves `counters` and the seed alone.
WIPED: Final = [
    "accounts",
    "codes",
    "tokens",
    "assets",
    "containers",
    "posts",
    "comments",
    "comment_states",
    "comment_likes",
    "post_likes",
    "visitors",
    "webhook_subscriptions",
    "jobs",
    "hits",
    "faults",
    "late_effects",
    "journal",
    "scene",
    "deliveries",
    "messages",
    "dispatches",
    "code_pages",
    "grant_pages",
    "container_errors",
    "container_uploads",
    "covers",
    "moderations",
    "removed_posts",
    "post_times",
    "post_numbers",
    "grant_secrets",
    "threads_containers",
    "threads_replies",
    "youtube_codes",
    "youtube_usage",
    "youtube_sessions",
    "youtube_videos",
    "youtube_playlists",
    "youtube_playlist_items",
    "youtube_captions",
    "page_photos",
    "page_videos",
    "page_posts",
    "linkedin_uploads",
    "linkedin_posts",
    "linkedin_actors",
    "linkedin_calls",
    "linkedin_notifications",
    "bluesky_requests",
    "bluesky_grants",
    "bluesky_proofs",
    "bluesky_blobs",
    "bluesky_records",
    "bluesky_deleted",
    "bluesky_repos",
    "bluesky_windows",
    "bluesky_jobs",
    "bluesky_uploads",
    "mastodon_apps",
    "mastodon_codes",
    "mastodon_grants",
    "mastodon_media",
    "mastodon_statuses",
    "mastodon_keys",
    "pinterest_grants",
    "pinterest_boards",
    "pinterest_sections",
    "pinterest_pins",
    "pinterest_media",
]

PAGE_ROWS: Final = 25  # a row of the journal can hold a whole body
PRIVATE_FILE: Final = 0o600
PRIVATE_FOLDER: Final = 0o700


def state_file_in(data_dir: Path) -> Path:
    """Return the state file of a data folder, the same for every command that serves the sandbox."""
    return data_dir / "sandbox" / "sandbox.sqlite3"


class StateFileBusy(RuntimeError):
    """Another sandbox process has this state file open; a state file belongs to one process at a time."""


class Store:
    """The state of the fake platforms, used by one thread. Every call is short and synchronous: never await inside
    `transaction`."""

    def __init__(self, path: Path, *, is_seed_random: bool = False) -> None:
        """Open or make the state file, for the thread that calls. Raises StateFileBusy while another process has it open.

        Only the user of this process can read the files, whatever the mode of the folder around them. `is_seed_random`: ids
        and tokens can't be predicted. A file with the public seed gets a random one, once.
        """
        path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        self.path: Final = path
        self.folder: Final = path.with_name(path.name + ".media")  # uploads on their way, copies of small videos
        self.folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
        self.folder.chmod(PRIVATE_FOLDER)
        lock = path.with_name(path.name + ".lock")
        _make_private(lock)
        self._lock = lock.open("ab")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            self._lock.close()
            raise StateFileBusy(
                f"The sandbox state {path} is in use by another process. Stop that one, or name another file."
            ) from busy
        # SQLite gives the files beside this one its mode; those of an unclean stop are still there.
        for file in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            if file == path or file.exists():
                _make_private(file)
        # sqlite3 refuses statements of any other thread, such as that of the server's event loop.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=True, cached_statements=256)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA.read_text(encoding="utf-8"))
        if self.fact("seed") is None:
            self.set_fact("seed", PUBLIC_SEED)
        if is_seed_random and self.fact("seed") == PUBLIC_SEED:
            self.set_fact("seed", secrets.token_hex(32))
        self._seed = str(self.fact("seed")).encode()
        self._traces = int(self.one("SELECT coalesce(max(id), 0) AS n FROM journal")["n"])

    def close(self) -> None:
        """Close the file and release its lock."""
        self._db.close()
        self._lock.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end, or roll back on any exception. A nested transaction joins the outer one."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def run(self, sql: str, *values: object) -> int:
        """Run one statement and return how many rows it touched."""
        return self._db.execute(sql, values).rowcount

    def all(self, sql: str, *values: object) -> Sequence[sqlite3.Row]:
        """Return every row."""
        return self._db.execute(sql, values).fetchall()

    def pages(self, sql: str, key: str, *values: object) -> Iterator[sqlite3.Row]:
        """Return every row of a query by its ascending numeric key, a page at a time: a list can be of any length.

        What is written between two pages may appear in the later one.
        """
        after = f"?{len(values) + 1}"
        page = f"SELECT * FROM ({sql}) WHERE {key} > {after} ORDER BY {key} LIMIT {PAGE_ROWS}"  # noqa: S608 - our own SQL
        last = -1
        while rows := self.all(page, *values, last):
            yield from rows
            last = rows[-1][key]

    def first(self, sql: str, *values: object) -> sqlite3.Row | None:
        """Return the first row, or None."""
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def one(self, sql: str, *values: object) -> sqlite3.Row:
        """Return the first row of a statement that always has one."""
        row = self.first(sql, *values)
        if row is None:
            raise LookupError(f"no row: {sql}")
        return row

    def insert(self, table: str, **columns: object) -> int:
        """Insert one row and return its row id. Table and column names come from our own code only."""
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - table and columns are literals in our code
        return self._db.execute(sql, tuple(columns.values())).lastrowid or 0

    def fact(self, name: str) -> str | None:
        """Return a single stored value, or None."""
        row = self.first("SELECT value FROM facts WHERE name = ?", name)
        return None if row is None else str(row["value"])

    def set_fact(self, name: str, value: str) -> None:
        """Store a single value."""
        self.run("INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)

    def next_number(self, name: str) -> int:
        """Return the next number of a counter, from 1; never the same one twice, whatever happens in between."""
        sql = "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
        # fetchall, so that the statement is over and its write committed.
        return int(self._db.execute(sql, (name,)).fetchall()[0]["value"])

    def last_number(self, name: str) -> int:
        """Return the last number of a counter; 0 before the first one."""
        row = self.first("SELECT value FROM counters WHERE name = ?", name)
        return 0 if row is None else int(row["value"])

    def secret(self, label: str, number: int, length: int) -> str:
        """Return `length` characters that look random and are the same for the same seed, label and number."""
        blocks = (
            hmac.digest(self._seed, f"{label}:{number}:{block}".encode(), hashlib.sha256)
            for block in range(1 + length // 40)
        )
        return base64.urlsafe_b64encode(b"".join(blocks)).decode().replace("-", "x").replace("_", "y")[:length]

    def trace(self) -> str:
        """Return 20 characters for log_id and fbtrace_id; they name nothing and are not kept."""
        self._traces += 1
        return self.secret("trace", self._traces, 20)

    def wipe(self) -> None:
        """Delete everything except the counters, so that no id is ever used twice."""
        with self.transaction():
            for table in WIPED:
                self.run(f"DELETE FROM {table}")  # noqa: S608 - the literals above


def _make_private(file: Path) -> None:
    """Make a file that only its owner can read, or take the rights of others from one that exists."""
    file.touch(mode=PRIVATE_FILE)
    file.chmod(PRIVATE_FILE)
