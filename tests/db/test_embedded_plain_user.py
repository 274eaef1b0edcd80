"""The embedded server of an unprivileged user, which root becomes for these tests."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.launcher

Ask = Callable[..., object]
Users = Any  # the class is in conftest.py, which no test imports


@pytest.mark.exhaustive
def test_plain_user_starts_and_shares(passage: Path, plain_users: Users, ask: Ask, ask_again: Ask) -> None:
    """An unprivileged user can start, share, take over and restart the server, and owns the files."""
    home = passage / "mine" / "data"
    first, second = plain_users.come(home), plain_users.come(home)
    assert (first.refusal, first.was_owner, second.was_owner) == ("", True, False)
    ask(first.dsn, "CREATE TABLE note AS SELECT 'kept' AS word")
    owner = (passage / "mine").stat().st_uid
    assert psutil.Process(first.server_pid()).uids() == (owner, owner, owner)
    assert {path.lstat().st_uid for path in (home / "postgres").rglob("*")} == {owner}
    first.kill()
    assert ask_again(second.dsn, "SELECT word FROM note") == "kept"
    second.leave()


def test_folders_of_other_users_are_rejected(passage: Path, plain_users: Users) -> None:
    """A folder that is not writable, and a database folder of another user, are rejected with a clear message."""
    locked = passage / "mine" / "locked"
    locked.mkdir(mode=0o500)
    os.chown(locked, (passage / "mine").stat().st_uid, -1)
    assert "Permission denied" in plain_users.come(locked).refusal
    assert list(locked.iterdir()) == []
    stranger = Path("/")  # root's, and a folder
    linked = passage / "mine" / "linked"
    linked.mkdir(mode=0o755)
    (linked / "postgres").symlink_to(stranger)
    assert "belongs to user 0" in plain_users.come(linked).refusal
    assert not Path("/made-by-presswork").exists()
