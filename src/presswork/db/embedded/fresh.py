"""A cluster that is filled out of sight, and becomes the data folder's only when it is whole."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from presswork.db.embedded import embedded_server
from presswork.db.embedded.cluster import initialised_major
from presswork.db.embedded.errors import DatabaseUnavailable
from presswork.db.embedded.folder import Folder, Lock, find_folder, open_folder, refusing, remove_leftovers

_TRAVERSABLE: Final = 0o711
"""As root: the server's account passes through, and reads nothing but what is its own."""


@contextmanager
def fresh_cluster(data_dir: Path) -> Iterator[str]:
    """Yield the address of a new, empty database, which becomes the data folder's when the block is left well.

    It has a server of its own that ends with the block. Until then the data folder has no database, and whoever asks
    for it waits. What a killed process leaves is taken away by the next one, and by the next start of the server. Raises
    DatabaseUnavailable if the data folder has a database already or somebody is making one.
    """
    folder = open_folder(data_dir)
    with Lock(folder) as lock:
        if not lock.acquire():
            raise DatabaseUnavailable(
                f"Process {lock.owner_pid()} uses the database folder {folder.path}. Stop Presswork on it first."
            )
        if initialised_major(folder) is not None:
            raise DatabaseUnavailable(f"{folder.path} holds a database already.")
        remove_leftovers(folder)
        work = _make_work_folder(folder)
        try:
            with embedded_server(work) as server:
                yield server.dsn
            _take_over(folder, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _make_work_folder(folder: Folder) -> Path:
    work = folder.path / f"init-{secrets.token_hex(4)}"
    with refusing():
        work.mkdir(mode=0o700)
        if os.geteuid() == 0:
            work.chmod(_TRAVERSABLE)
        inner = work / "postgres"
        inner.mkdir(mode=0o700)
        folder.adopt(inner)  # so that the server runs as the same user as it will
    return work


def _take_over(folder: Folder, work: Path) -> None:
    """Put the cluster and its password in their places; the cluster last, in one step: it decides."""
    made = find_folder(work)
    if made is None:
        raise DatabaseUnavailable(f"{work} is gone. Nothing was changed.")
    with refusing():
        made.password_file.replace(folder.password_file)
        folder.adopt(folder.password_file)
        _flush(folder.path)
        made.cluster.rename(folder.cluster)
        _flush(folder.path)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
