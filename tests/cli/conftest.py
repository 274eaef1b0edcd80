"""Fixtures of the command line tests."""

import json
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest
from tests.cli.person import Person
from tests.cli.program import CommandProcess, Presswork, Up
from tests.sdk.world import connect, made, make_key

from presswork.media.samples import sample_picture


@pytest.fixture
def presswork(command_process: CommandProcess, tmp_path: Path) -> Presswork:
    """The `presswork` command with a new data folder."""
    return Presswork(command_process, tmp_path / "data", tmp_path / "cwd", {})


@pytest.fixture
def admin(command_process: CommandProcess, tmp_path: Path, dsn: str) -> Presswork:
    """The `presswork` command with the database of the test."""
    return Presswork(command_process, tmp_path / "data", tmp_path / "cwd", {"database_url": dsn})


@pytest.fixture(scope="module")
def person(up: Up, command_process: CommandProcess, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A user with two accounts of the same name, one on each of two platforms, one on Threads and one on YouTube."""
    folder = tmp_path_factory.mktemp("person")
    (folder / "a.jpg").write_bytes(sample_picture(720, 900))
    (folder / "b.jpg").write_bytes(sample_picture(720, 900, seed=2))
    organization = f"client-{uuid4()}"
    key = make_key(command_process, up, folder, organization, "*")
    with httpx2.Client(base_url=up.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
        project = made(client.post("/v1/projects", json={"name": "Shop", "timezone": "UTC"}))
        connect(client, project, "instagram", "cli.shop")
        connect(client, project, "tiktok", "cli.shop")
        connect(client, project, "threads", "cli.words")
        connect(client, project, "youtube", "cli.channel")
    person = Person(command_process, up.url, key, project, folder)
    said = person.run("login", "--url", up.url, "--json", api_key=key)
    assert said.status == 0, said.stderr
    assert json.loads(said.stdout)["projectId"] == project
    return person
