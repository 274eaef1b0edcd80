"""The folder `postgres` in the data folder: what is in it, whose it is, and who may use it now."""

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
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Self
from urllib.parse import quote

from presswork.db.embedded.errors import DatabaseUnavailable

NAME: Final = "presswork"
"""Name of the role and of the database."""
MARKER_TEXT: Final = "PostgreSQL data of Presswork. See docs/embedded-database.md; don't edit by hand.\n"
SOCKET_FILE: Final = ".s.PGSQL.5432"
SOCKET_PATH_BYTES: Final = 107 if sys.platform == "linux" else 103
"""Longest path of a Unix socket: sun_path less its zero byte. Source: unix(7), read 2026-11."""
_STRAGGLERS: Final = timedelta(seconds=5)
_LEAVING: Final = "leaving"
_MARKER: Final = "made-by-presswork"
_ELSEWHERE: Final = "Choose another data folder, or set PRESSWORK_DATABASE_URL."


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The database folder. As root its files are root's, but for those of the server, which has an account of its own."""

    path: Path  # resolved
    uid: int  # whose it is; new files are given to this user
    gid: int

    @property
    def marker(self) -> Path:
        """Tells that this folder is ours."""
        return self.path / _MARKER

    @property
    def lock(self) -> Path:
        """Locked by the owner of the server; holds the owner's process id."""
        return self.path / "lock"

    @property
    def password_file(self) -> Path:
        """The password of the role."""
        return self.path / "password"

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.path / "cluster"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.path / "server.log"

    @property
    def pid_file(self) -> Path:
        """The server's own note of its process, address and state."""
        return self.cluster / "postmaster.pid"

    @property
    def socket_dir(self) -> Path:
        """Where the server listens: in the folder, or in a short folder under /tmp if that path is too long for a socket.

        The same for every process, so that an address stays good when another process takes the server over.
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
        """Address of the database, with the password. Raises DatabaseUnavailable if the password can't be read."""
        password = quote(self.read_password(), safe="")
        return f"postgresql://{NAME}:{password}@/{NAME}?host={quote(str(self.socket_dir), safe='/')}"

    def read_password(self) -> str:
        """Return the password. Raises DatabaseUnavailable if it is not there or not ours to read."""
        try:
            with os.fdopen(os.open(self.password_file, os.O_RDONLY | os.O_NOFOLLOW), encoding="ascii") as file:
                return file.read().strip()
        except OSError as error:
            raise _refusal(error) from error

    def make_password(self) -> str:
        """Return the password; make one if there is none yet, in a file that only its owner reads."""
        if self.password_file.exists():
            return self.read_password()
        draft = self.path / f"password.{secrets.token_hex(4)}"
        password = secrets.token_urlsafe(32)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(password + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.adopt(draft)
        draft.replace(self.password_file)
        return password

    def adopt(self, path: Path) -> None:
        """As root, give what was just made to the owner of the folder."""
        if os.geteuid() == 0 and self.uid != 0:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def _refusal(error: OSError) -> DatabaseUnavailable:
    place = f" ({os.fsdecode(error.filename)})" if isinstance(error.filename, str | bytes) else ""
    return DatabaseUnavailable(f"The database folder can't be used: {error.strerror}{place}. {_ELSEWHERE}")


@contextmanager
def refusing() -> Iterator[None]:
    """Turn an error of the file system into DatabaseUnavailable."""
    try:
        yield
    except OSError as error:
        raise _refusal(error) from error


def _examine(path: Path) -> os.stat_result:
    """Check that the folder is ours and not another program's. Changes nothing. Raises DatabaseUnavailable."""
    status = path.stat()
    if not stat.S_ISDIR(status.st_mode):
        raise DatabaseUnavailable(f"{path} is a file, and the database folder must be there. {_ELSEWHERE}")
    user = os.geteuid()
    if status.st_uid != user != 0:
        raise DatabaseUnavailable(
            f"{path} belongs to user {status.st_uid} and this process runs as user {user}. Run it as that user,"
            f" or {_ELSEWHERE[0].lower()}{_ELSEWHERE[1:]}"
        )
    entries = {entry.name for entry in path.iterdir()}
    if entries and _MARKER not in entries:
        raise DatabaseUnavailable(f"{path} holds files that Presswork did not make, so it was left alone. {_ELSEWHERE}")
    return status


def find_folder(data_dir: Path) -> Folder | None:
    """Return the database folder of a data folder if Presswork made one. Raises DatabaseUnavailable like open_folder."""
    with refusing():
        path = (data_dir / "postgres").resolve()
        if not path.exists():
            return None
        status = _examine(path)
        folder = Folder(path=path, uid=status.st_uid, gid=status.st_gid)
        return folder if folder.marker.exists() else None


def open_folder(data_dir: Path) -> Folder:
    """Return the database folder of a data folder, and make it if there is none.

    Raises DatabaseUnavailable, and touches nothing, if something else is there, or if it is another user's.
    """
    with refusing():
        path = (data_dir / "postgres").resolve()
        if data_dir.exists() and not data_dir.is_dir():
            raise DatabaseUnavailable(f"{data_dir} is a file, and must be the data folder. {_ELSEWHERE}")
        if not path.exists():
            data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.mkdir(mode=0o700, exist_ok=True)
        status = _examine(path)
        folder = Folder(path=path, uid=status.st_uid, gid=status.st_gid)
        if os.geteuid() == 0 == folder.uid and stat.S_IMODE(status.st_mode) != 0o711:
            path.chmod(0o711)  # the server's account passes through, and reads nothing but what is its own
        if not folder.marker.exists():
            with suppress(FileExistsError), folder.marker.open("x", encoding="utf-8") as file:
                file.write(MARKER_TEXT)
            folder.adopt(folder.marker)
        return folder


class Lock:
    """The owner's lock. Let go by the kernel when the process ends, however it ends."""

    def __init__(self, folder: Folder) -> None:
        """Open the lock file; nothing is locked yet. Raises DatabaseUnavailable."""
        with refusing():
            self._file = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            folder.adopt(folder.lock)

    def acquire(self) -> bool:
        """Take the lock if it is free, and note this process in it. Raises DatabaseUnavailable."""
        with refusing():
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            self._note(f"{os.getpid()}\n")
            return True

    def _note(self, text: str) -> None:
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)

    def announce_leave(self) -> None:
        """As the owner, tell those who come now that the server is about to stop."""
        with refusing():
            self._note(f"{os.getpid()} {_LEAVING}\n")

    def is_owner_leaving(self) -> bool:
        """Tell whether the owner announced its leave."""
        return _LEAVING in self._words()

    def _words(self) -> list[str]:
        return os.pread(self._file, 64, 0).decode("ascii", "replace").split()

    def owner_pid(self) -> int | None:
        """Return the process that noted itself last."""
        first = next(iter(self._words()), "")
        return int(first) if first.isdigit() else None

    def is_held(self) -> bool:
        """Tell whether another process (or thread) holds the lock now."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._file, fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        """Let go and close the file. In a forked child this closes the child's copy only."""
        os.close(self._file)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()


def make_socket_dir(folder: Folder, *, uid: int, gid: int) -> None:
    """Make the folder of the socket for the server's account. Raises DatabaseUnavailable if a stranger made it first."""
    path = folder.socket_dir
    with refusing():
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {uid, folder.uid, os.geteuid()}:
            raise DatabaseUnavailable(
                f"{path} is needed for the database's socket but is another user's. Remove it, or choose a data"
                " folder with a shorter path."
            )
        if os.geteuid() == 0:
            os.chown(path, uid, gid, follow_symlinks=False)
        path.chmod(0o700)
        for name in (SOCKET_FILE, f"{SOCKET_FILE}.lock"):
            (path / name).unlink(missing_ok=True)


def remove_socket_dir(folder: Folder) -> None:
    """Remove the folder of the socket, with what a killed server left in it."""
    path = folder.socket_dir
    for name in (SOCKET_FILE, f"{SOCKET_FILE}.lock"):
        with suppress(OSError):
            (path / name).unlink()
    with suppress(OSError):
        path.rmdir()


def remove_leftovers(folder: Folder) -> None:
    """Remove what a first start that was killed half-way left behind."""
    with refusing():
        for path in folder.path.glob("init-*"):
            end = time.monotonic() + _STRAGGLERS.total_seconds()
            while path.exists():  # initdb may be on its way out and still write: then the folder is not empty again
                shutil.rmtree(path, ignore_errors=time.monotonic() < end)
        for path in folder.path.glob("password.*"):
            path.unlink()


def serving_pid(folder: Folder) -> int | None:
    """Return the process of a server that takes connections on this folder, or None."""
    try:
        lines = folder.pid_file.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return None
    if len(lines) < 8 or lines[7].strip() != "ready" or not lines[0].isdigit():
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(folder.socket_dir / SOCKET_FILE))
        except OSError:
            return None
    return int(lines[0])
