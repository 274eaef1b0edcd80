"""The login of API and workers in the embedded database, in new data folders and in those of earlier versions."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from tests.databases import connected

from presswork.cli.database import settle_schema
from presswork.db.app_role import EMBEDDED_ROLE, ensure_embedded_role
from presswork.db.embedded import embedded_server
from presswork.db.migrate import migrate
from presswork.platforms.settings import Settings


def password_file(settings: Settings) -> Path:
    """Return the file with the password of the login."""
    return settings.data_dir / "postgres" / "app-password"


async def who(dsn: str) -> str:
    """Return who is logged in."""
    async with connected(dsn) as connection:
        return str(await connection.fetchval("SELECT session_user || ', ' || current_user"))


async def start_of_an_earlier_version(dsn: str) -> None:
    """Do to the database what a start did before the role had a login."""
    async with connected(dsn) as connection:
        await migrate(connection)
        await ensure_embedded_role(connection)
        assert not await connection.fetchval("SELECT rolcanlogin FROM pg_roles WHERE rolname = $1", EMBEDDED_ROLE)


@pytest.mark.exhaustive
def test_a_data_folder_of_an_earlier_version_gets_the_login(settings: Settings) -> None:
    """The next start lets the existing role log in, with a password that only the owner of the folder can read."""
    with embedded_server(settings.data_dir) as server:
        asyncio.run(start_of_an_earlier_version(server.dsn))
    assert not password_file(settings).exists()
    with embedded_server(settings.data_dir) as server:
        address = asyncio.run(settle_schema(settings, server.dsn))
        assert asyncio.run(who(address)) == f"{EMBEDDED_ROLE}, {EMBEDDED_ROLE}"
        assert asyncio.run(settle_schema(settings, server.dsn)) == address
    assert password_file(settings).stat().st_mode & 0o777 == 0o600
    password = password_file(settings).read_text().strip()
    assert password not in (settings.data_dir / "postgres" / "server.log").read_text()
    assert password != (settings.data_dir / "postgres" / "password").read_text().strip()


@pytest.mark.exhaustive
def test_a_start_repairs_the_login(settings: Settings) -> None:
    """A deleted password file and a password that the role does not have, as after a kill, need no command."""
    with embedded_server(settings.data_dir) as server:
        first = asyncio.run(settle_schema(settings, server.dsn))
        password_file(settings).unlink()
        second = asyncio.run(settle_schema(settings, server.dsn))
        with pytest.raises(asyncpg.InvalidPasswordError):
            asyncio.run(who(first))
        assert asyncio.run(who(second)).startswith(EMBEDDED_ROLE)
        password_file(settings).write_text("it's another one\n")
        third = asyncio.run(settle_schema(settings, server.dsn))
        assert asyncio.run(who(third)).startswith(EMBEDDED_ROLE)


@pytest.mark.exhaustive
def test_processes_that_start_together_get_one_password(settings: Settings) -> None:
    """API and worker of a new data folder, started separately at the same time, both log in."""

    async def start_all(dsn: str) -> set[str]:
        return set(await asyncio.gather(*(settle_schema(settings, dsn) for _ in range(4))))

    with embedded_server(settings.data_dir) as server:
        (address,) = asyncio.run(start_all(server.dsn))
        assert asyncio.run(who(address)).startswith(EMBEDDED_ROLE)
