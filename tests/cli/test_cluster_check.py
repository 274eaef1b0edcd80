"""The cluster check: a machine with other secret keys or another media store than the others does not start."""

import asyncio
from pathlib import Path

import pytest
from tests.cli.program import CommandProcess, Done, Presswork
from tests.cli.test_doctor import verdicts
from tests.conftest import World

from presswork.crypto.keyring import new_key_text


@pytest.fixture
async def first_machine(
    world: World, command_process: CommandProcess, tmp_path: Path, dsn: str, picture: bytes
) -> Presswork:
    """A machine with a connected account and an uploaded picture."""
    project = await world.project()
    await world.account(project, "instagram", "bakery")
    await world.content(project, picture)
    return Presswork(command_process, tmp_path / "data", tmp_path / "cwd", {"database_url": dsn})


async def _run(machine: Presswork, *arguments: str, **settings: str) -> Done:
    return await asyncio.to_thread(machine.run, *arguments, **settings)


@pytest.mark.parametrize("part", ["api", "worker", "up"])
async def test_a_machine_with_other_keys_or_media_does_not_start(
    first_machine: Presswork, tmp_path: Path, dsn: str, part: str
) -> None:
    """A second machine without the keys and media of the first exits with 1, and the error names both settings."""
    second = Presswork(first_machine.command_process, tmp_path / "second", tmp_path / "cwd", {"database_url": dsn})
    done = await _run(second, part, port="0")
    assert done.status == 1
    for setting in ("PRESSWORK_SECRET_KEYS", "PRESSWORK_MEDIA_STORE", "PRESSWORK_CHECK_SHARED"):
        assert setting in done.stderr
    assert not (tmp_path / "second" / "secret.key").exists()
    media = await _run(second, part, port="0", secret_keys=(tmp_path / "data" / "secret.key").read_text().strip())
    assert "None of the newest media" in media.stderr
    assert "PRESSWORK_SECRET_KEYS" not in media.stderr


async def test_doctor_names_what_is_not_shared(first_machine: Presswork, tmp_path: Path) -> None:
    """The first machine passes; with other keys, or with another media folder, `doctor` fails that check only."""
    healthy = await asyncio.to_thread(verdicts, first_machine, status=0)
    assert not {"shared secret keys", "shared media"} & set(healthy)
    keys = await asyncio.to_thread(verdicts, first_machine, status=1, secret_keys=new_key_text())
    assert "PRESSWORK_SECRET_KEYS" in keys["shared secret keys"]["fix"]
    assert "shared media" not in keys
    media = await asyncio.to_thread(verdicts, first_machine, status=1, media_store=str(tmp_path / "elsewhere"))
    assert "PRESSWORK_MEDIA_STORE" in media["shared media"]["fix"]
    assert "shared secret keys" not in media
