"""The cluster check: a machine with other secret keys or another media store than the others does not start."""

import asyncio
from pathlib import Path
from secrets import token_bytes

import pytest
from tests.cli.program import CommandProcess, Done, Presswork
from tests.cli.test_doctor import verdicts
from tests.databases import connected
from tests.world import World

from presswork.crypto.keyring import Keyring, new_key_text
from presswork.db.migrate import migrate
from presswork.platforms.settings import Settings
from presswork.secretkeys.primary import settle_primary


@pytest.fixture
async def first_machine(
    world: World, command_process: CommandProcess, settings: Settings, tmp_path: Path, dsn: str, picture: bytes
) -> Presswork:
    """A machine with a connected account and an uploaded picture."""
    project = await world.project()
    await world.account(project, "instagram", "bakery")
    await world.content(project, picture)
    return Presswork(command_process, settings.data_dir, tmp_path / "cwd", {"database_url": dsn})


async def _run(machine: Presswork, *arguments: str, **settings: str) -> Done:
    return await asyncio.to_thread(machine.run, *arguments, **settings)


@pytest.mark.exhaustive
async def test_a_machine_with_other_keys_or_media_does_not_start(
    first_machine: Presswork, tmp_path: Path, dsn: str, subtests: pytest.Subtests
) -> None:
    """A second machine without the keys and media of the first exits with 1, and the error names both settings."""
    second = Presswork(first_machine.command_process, tmp_path / "second", tmp_path / "cwd", {"database_url": dsn})
    keys = (first_machine.data_dir / "secret.key").read_text().strip()
    for part in ("api", "worker", "up"):
        with subtests.test(part=part):
            done = await _run(second, part, port="0")
            assert done.status == 1
            for setting in ("PRESSWORK_SECRET_KEYS", "PRESSWORK_MEDIA_STORE", "PRESSWORK_CHECK_SHARED"):
                assert setting in done.stderr
            assert not (tmp_path / "second" / "secret.key").exists()
            media = await _run(second, part, port="0", secret_keys=keys)
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


PARTS = ("up", "api", "worker", "migrate")


async def _schema(dsn: str) -> list[str]:
    async with connected(dsn) as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        if not any(row["tablename"] == "schema_migrations" for row in tables):
            return [row["tablename"] for row in tables]
        return [row["version"] for row in await connection.fetch("SELECT version FROM schema_migrations ORDER BY 1")]


async def test_wrong_keys_are_found_before_the_database_is_migrated(
    command_process: CommandProcess, tmp_path: Path, bare_dsn: str
) -> None:
    """With a migration pending, each part ends with one sentence about the keys, and neither schema nor folder changes."""
    async with connected(bare_dsn) as connection:
        await migrate(connection)
        await settle_primary(connection, Keyring([token_bytes(32)]))
        await connection.execute(
            "DELETE FROM schema_migrations WHERE version = (SELECT max(version) FROM schema_migrations)"
        )
    before = await _schema(bare_dsn)
    machine = Presswork(command_process, tmp_path / "data", tmp_path / "cwd", {"database_url": bare_dsn})
    for part in PARTS:
        done = await _run(machine, part, secret_keys=new_key_text(), port="0")
        assert (done.status, done.stdout) == (1, ""), part
        assert (
            "is the primary of this database, but is not configured here. Add it to PRESSWORK_SECRET_KEYS"
            in done.stderr
        )
        assert "PRESSWORK_DATABASE_URL" in done.stderr
    without = await _run(machine, "up", port="0")
    assert (without.status, (tmp_path / "data" / "secret.key").exists()) == (1, False)
    assert await _schema(bare_dsn) == before


async def test_the_database_of_another_program_is_not_migrated(
    command_process: CommandProcess, tmp_path: Path, bare_dsn: str
) -> None:
    """Tables of others, or their schema_migrations, end each part with one sentence that names them."""
    machine = Presswork(command_process, tmp_path / "data", tmp_path / "cwd", {"database_url": bare_dsn})
    async with connected(bare_dsn) as connection:
        for name in ("users", "orders", "items", "carts"):
            await connection.execute(f"CREATE TABLE {name} (id int)")
    before = await _schema(bare_dsn)
    for part in PARTS:
        done = await _run(machine, part, port="0")
        assert done.status == 1, part
        assert (
            "belongs to another program: it has the tables carts, items, orders, … and none of Presswork's"
            in done.stderr
        )
        assert "Set PRESSWORK_DATABASE_URL" in done.stderr
    doctor = await asyncio.to_thread(verdicts, machine, status=1)
    assert "belongs to another program" in doctor["migrations"]["message"]
    assert await _schema(bare_dsn) == before
    async with connected(bare_dsn) as connection:
        await connection.execute(
            "DROP TABLE users, orders, items, carts; CREATE TABLE schema_migrations (version text)"
        )
        await connection.execute("INSERT INTO schema_migrations VALUES ('20120101000000')")
    done = await _run(machine, "migrate")
    assert "its schema_migrations are not Presswork's" in done.stderr
    assert await _schema(bare_dsn) == ["20120101000000"]


async def test_a_wrong_database_address_is_one_sentence(
    command_process: CommandProcess, tmp_path: Path, bare_dsn: str
) -> None:
    """A server that is not there, another name and a wrong name of the database say what to correct, and no password."""
    machine = Presswork(command_process, tmp_path / "data", tmp_path / "cwd", {})
    closed = "postgresql://me:hush@127.0.0.1:1/x"
    for part in (*PARTS, "doctor"):
        done = await _run(machine, part, port="0", database_url=closed)
        said = " ".join((done.stdout + done.stderr).split())
        assert done.status == 1, part
        assert "The database at 127.0.0.1:1 can't be reached: Connection refused. Check PRESSWORK_DATABASE_URL" in said
        assert "hush" not in said
    missing = await _run(
        machine, "migrate", database_url=f"{bare_dsn.partition('?')[0]}_not?{bare_dsn.partition('?')[2]}"
    )
    assert "The database server answers, but database " in missing.stderr
    assert "Create it, or correct the name in PRESSWORK_DATABASE_URL." in missing.stderr
