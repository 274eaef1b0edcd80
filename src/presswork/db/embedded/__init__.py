"""The embedded PostgreSQL server: the first process that needs it starts it, others share it, and it ends with the last.

docs/embedded-database.md describes its files and what happens as root.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from presswork.core.settings import CoreSettings
from presswork.db.embedded.binaries import Binaries, server_binaries
from presswork.db.embedded.cluster import initialised_major
from presswork.db.embedded.errors import DatabaseUnavailable
from presswork.db.embedded.folder import Lock, find_folder, open_folder, serving_pid
from presswork.db.embedded.supervisor import ServerSupervisor

__all__ = [
    "Binaries",
    "DatabaseUnavailable",
    "Description",
    "app_password",
    "describe",
    "embedded_server",
    "is_embedded",
    "server_binaries",
]

READY_TIMEOUT: Final = timedelta(seconds=60)


@contextmanager
def embedded_server(data_dir: Path, *, ready_timeout: timedelta = READY_TIMEOUT) -> Iterator[ServerSupervisor]:
    """Run or share the server whose data is in `data_dir/postgres`, for the length of the block.

    The first process owns the server; later ones attach. When the owner ends, the server ends, and one of the attached
    processes restarts it within a fraction of a second; their pools see closed connections meanwhile. Blocks while it
    starts: in asyncio call it in a thread. Raises DatabaseUnavailable with a message that says what to do; files that
    Presswork did not create are never changed.
    """
    supervisor = ServerSupervisor(open_folder(data_dir))
    try:
        supervisor.start(within=ready_timeout)
        yield supervisor
    finally:
        supervisor.stop()


def app_password(data_dir: Path) -> str:
    """Return the password of the role of API and workers; create it if there is none. Raises DatabaseUnavailable.

    `presswork.db.app_role` gives it to the role, under a lock that keeps two processes from creating two passwords.
    """
    return open_folder(data_dir).make_app_password()


def is_embedded(settings: CoreSettings) -> bool:
    """Whether the database of these settings is the embedded one, whose URL the processes of `presswork up` are given."""
    if settings.database_url is None:
        return True
    with suppress(DatabaseUnavailable):
        folder = find_folder(settings.data_dir)
        hosts = parse_qs(urlsplit(settings.database_url.get_secret_value()).query).get("host")
        return folder is not None and hosts == [str(folder.socket_dir)]
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The state of a data folder's database."""

    path: Path
    made_by_major: int | None  # None: not initialised yet
    server_pid: int | None  # accepts connections
    owner_pid: int | None  # the process that owns it

    @property
    def is_initialised(self) -> bool:
        """Whether the cluster exists."""
        return self.made_by_major is not None

    @property
    def is_running(self) -> bool:
        """Whether a server accepts connections."""
        return self.server_pid is not None


def describe(data_dir: Path) -> Description:
    """Return the state of a data folder's database, without starting or creating anything. Raises DatabaseUnavailable."""
    folder = find_folder(data_dir)
    if folder is None:
        return Description(path=data_dir / "postgres", made_by_major=None, server_pid=None, owner_pid=None)
    owner = None
    if folder.lock.exists():
        with closing(Lock(folder)) as lock:
            owner = lock.owner_pid() if lock.is_held() else None
    return Description(
        path=folder.path,
        made_by_major=initialised_major(folder),
        server_pid=serving_pid(folder),
        owner_pid=owner,
    )
