"""Fixtures of the command line tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.program import CommandProcess, Presswork, Up, running_up


@pytest.fixture(scope="session")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A `presswork up` that all tests of the session share; each test leaves it healthy."""
    with running_up(tmp_path_factory.mktemp("up") / "data") as up:
        yield up


@pytest.fixture
def presswork(command_process: CommandProcess, tmp_path: Path) -> Presswork:
    """The `presswork` command with a new data folder."""
    return Presswork(command_process, tmp_path / "data", tmp_path / "cwd", {})


@pytest.fixture
def admin(command_process: CommandProcess, tmp_path: Path, dsn: str) -> Presswork:
    """The `presswork` command with the database of the test."""
    return Presswork(command_process, tmp_path / "data", tmp_path / "cwd", {"database_url": dsn})
