"""The folder `postgres` in the data folder: its files, its owner, and the lock that elects the server's owner."""

import fcntl
import hashlib
import os
import secrets
import shutil
import socket
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

from presswork.db.embedded.errors import DatabaseUnavailable

NAME: Final = "presswork"
"""Name of the database, and of the role that owns it."""
MARKER_TEXT: Final = "PostgreSQL data of Presswork. See docs/embedded-database.md; don't edit.\n"
SOCKET_FILE: Final = ".s.PGSQL.5432"
SOCKET_PATH_BYTES: Final = 107 if sys.platform == "linux" else 103
"""Longest path of a Unix socket: sun_path less its zero byte. Source: unix(7), read 2026-11."""
_STRAGGLERS: Final = timedelta(seconds=5)
_STOPPING: Final = "stopping"
_MARKER: Final = "made-by-presswork"
_ELSEWHERE: Final = "Choose another data folder, or set PRESSWORK_DATABASE_URL."


class Folder:
    """The database folder. As root its files belong to root, except those of the server, which runs as another account."""

    def __init__(self, path: Path, *, uid: int, gid: int) -> None:
        """`path` is resolved; `uid` and `gid` are its owner, to which new files are given."""
        self.path: Final = path
        self.uid: Final = uid
        self.gid: Final = gid
        self.marker: Final = path / _MARKER  # marks the folder as Presswork's
        self.lock: Final = path / "lock"  # locked by the owner of the server; contains its process id
        self.password_file: Final = path / "password"
        self.app_password_file: Final = path / "app-password"  # of the role of API and workers (db/app_role.py)
        self.cluster: Final = path / "cluster"  # PostgreSQL's data directory
        self.log: Final = path / "server.log"
        self.pid_file: Final = self.cluster / "postmaster.pid"  # the server's process, address and state

    @property
    def socket_dir(self) -> Path:
        """Folder of the socket: in the database folder, or below /tmp if that path is too long for a socket.

        The same for every process, so that the address stays valid when another process takes over the server.
        """
        own = self.path / "socket"
        name = os.fsencode(own / SOCKET_FILE)
        with suppress(UnicodeDecodeError):
            if len(name) <= SOCKET_PATH_BYTES and "," not in name.decode():  # a comma separates hosts in an address
                return own
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()
        return Path("/tmp", f"presswork-{digest[:20]}")  # noqa: S108 -- made with mode 0700 and its owner is checked

    @property
    def dsn(self) -> str:
        """The database's address for its owner, with the password. Raises DatabaseUnavailable if that can't be read."""
        password = quote(self.read_password(), safe="")
        return f"postgresql://{NAME}:{password}@/{NAME}?host={quote(str(self.socket_dir), safe='/')}"

    def read_password(self) -> str:
        """Return the owner's password. Raises DatabaseUnavailable if it is missing or not readable."""
        return _read_password(self.password_file)

    def make_password(self) -> str:
        """Return the owner's password; create it if there is none. Raises DatabaseUnavailable."""
        return self._make_password(self.password_file)

    def make_app_password(self) -> str:
        """Return the password of API and workers; create it if there is none. Raises DatabaseUnavailable."""
        return self._make_password(self.app_password_file)

    def _make_password(self, target: Path) -> str:
        """Return the password in a file; create it, readable by its owner only, if there is none."""
        if target.exists():
            return _read_password(target)
        draft = self.path / f"password.{secrets.token_hex(4)}"
        password = secrets.token_urlsafe(32)
        with refusing():
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(password + "\n")
                file.flush()
                os.fsync(file.fileno())
            self.adopt(draft)
            draft.replace(target)
        return password

    def adopt(self, path: Path) -> None:
        """As root, give a new file to the owner of the folder."""
        if os.geteuid() == 0 and self.uid != 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn OSError into DatabaseUnavailable."""
    try:
        yield
    except OSError as error:
        place = f" ({os.fsdecode(error.filename)})" if isinstance(error.filename, str | bytes) else ""
        sentence = f"The database folder can't be used: {error.strerror}{place}. {_ELSEWHERE}"
        raise DatabaseUnavailable(sentence) from error


def _read_password(path: Path) -> str:
    """Return the password in a file. Raises DatabaseUnavailable if it is missing or not readable."""
    with refusing(), os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), encoding="ascii") as file:
        return file.read().strip()


def _examine(path: Path) -> Folder:
    """Return the folder if Presswork may use it. Changes nothing. Raises DatabaseUnavailable."""
    status = path.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise DatabaseUnavailable(f"{path} is a file, not the database folder. {_ELSEWHERE}")
    user = os.geteuid()
    if status.st_uid != user != 0:
        raise DatabaseUnavailable(
            f"{path} belongs to user {status.st_uid} and this process runs as user {user}. Run it as that user,"
            f" or {_ELSEWHERE[0].lower()}{_ELSEWHERE[1:]}"
        )
    entries = {entry.name for entry in path.iterdir()}
    if entries and _MARKER not in entries:
        raise DatabaseUnavailable(
            f"{path} contains files that Presswork did not create, so it was left alone. {_ELSEWHERE}"
        )
    return Folder(path, uid=status.st_uid, gid=status.st_gid)


def find_folder(data_dir: Path) -> Folder | None:
    """Return the database folder of a data folder, or None if Presswork created none. Raises DatabaseUnavailable."""
    with refusing():
        path = (data_dir / "postgres").resolve()
        if not path.exists():
            return None
        folder = _examine(path)
        return folder if folder.marker.exists() else None


def open_folder(data_dir: Path) -> Folder:
    """Return the database folder of a data folder, and create it if there is none.

    Raises DatabaseUnavailable, and changes nothing, if something else is there or another user owns it.
    """
    with refusing():
        path = (data_dir / "postgres").resolve()
        if data_dir.exists() and not data_dir.is_dir():
            raise DatabaseUnavailable(f"{data_dir} is a file, not a data folder. {_ELSEWHERE}")
        if not path.exists():
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.mkdir(mode=0o700, exist_ok=True)
        folder = _examine(path)
        if os.geteuid() == 0 == folder.uid and stat.S_IMODE(path.stat().st_mode) != 0o711:
            path.chmod(0o711)  # the server's account may enter, and can read only its own files
        if not folder.marker.exists():
            with suppress(FileExistsError), folder.marker.open("x", encoding="utf-8") as file:
                file.write(MARKER_TEXT)
            folder.adopt(folder.marker)
        return folder


class Lock:
    """The owner's lock. The kernel releases it when the process ends, for any reason."""

    def __init__(self, folder: Folder) -> None:
        """Open the lock file without locking it. Raises DatabaseUnavailable."""
        with refusing():
            self._file = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            folder.adopt(folder.lock)

    def acquire(self) -> bool:
        """Take the lock if it is free, and write this process's id into it. Raises DatabaseUnavailable."""
        with refusing():
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._write(f"{os.getpid()}\n")
            return True

    def _write(self, text: str) -> None:
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)

    def announce_stop(self) -> None:
        """As the owner, announce that the server is about to stop, so that new processes don't attach."""
        with refusing():
            self._write(f"{os.getpid()} {_STOPPING}\n")

    def is_owner_stopping(self) -> bool:
        """Return whether the owner announced its stop."""
        return _STOPPING in self._read_words()

    def _read_words(self) -> list[str]:
        return os.pread(self._file, 64, 0).decode("ascii", "replace").split()

    def owner_pid(self) -> int | None:
        """Return the process id in the lock."""
        first = next(iter(self._read_words()), "")
        return int(first) if first.isdigit() else None

    def is_held(self) -> bool:
        """Return whether another process (or thread) holds the lock."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._file, fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        """Release the lock. In a forked child this closes the child's copy only."""
        os.close(self._file)


def make_socket_dir(folder: Folder, *, uid: int, gid: int) -> None:
    """Create the socket's folder for the server's account. Raises DatabaseUnavailable if another user created it first."""
    path = folder.socket_dir
    with refusing():
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {uid, folder.uid, os.geteuid()}:
            raise DatabaseUnavailable(
                f"{path} is needed for the database's socket but belongs to another user. Remove it, or choose a data"
                " folder with a shorter path."
            )
        if os.geteuid() == 0:
            os.chown(path, uid, gid, follow_symlinks=False)
        path.chmod(0o700)
        for name in (SOCKET_FILE, f"{SOCKET_FILE}.lock"):
            (path / name).unlink(missing_ok=True)


def remove_socket_dir(folder: Folder) -> None:
    """Remove the socket's folder, and what a killed server left in it."""
    path = folder.socket_dir
    for name in (SOCKET_FILE, f"{SOCKET_FILE}.lock"):
        with suppress(OSError):
            (path / name).unlink()
    with suppress(OSError):
        path.rmdir()


def remove_leftovers(folder: Folder) -> None:
    """Remove what a killed first start left behind."""
    with refusing():
        for path in folder.path.glob("init-*"):
            end = time.monotonic() + _STRAGGLERS.total_seconds()
            while path.exists():  # a dying initdb may still write into it
                shutil.rmtree(path, ignore_errors=time.monotonic() < end)
        for path in folder.path.glob("password.*"):
            path.unlink()


def postmaster_lines(folder: Folder) -> list[str]:
    """Return the lines of postmaster.pid; empty without the file or a process id in it."""
    try:
        lines = folder.pid_file.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return []
    return lines if lines[0].strip().isdigit() else []


def serving_pid(folder: Folder) -> int | None:
    """Return the process id of a server that accepts connections on this folder, or None."""
    lines = postmaster_lines(folder)
    if len(lines) < 8 or lines[7].strip() != "ready":
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(folder.socket_dir / SOCKET_FILE))
        except OSError:
            return None
    return int(lines[0])
