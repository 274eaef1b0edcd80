"""The database of a command: the one of PRESSWORK_DATABASE_URL, or the embedded one in the data folder."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import asyncpg

from presswork.cli.output import plain_refusals
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.errors import Unavailable
from presswork.core.settings import Settings
from presswork.crypto.keyring import find_keyring
from presswork.db.app_role import as_embedded_role, ensure_embedded_login
from presswork.db.embedded import app_password, embedded_server
from presswork.db.migrate import migrate, pending
from presswork.db.one_connection import connected
from presswork.db.pool import Connection
from presswork.secretkeys.primary import require_recorded_key

Result = TypeVar("Result")


class MigrationsPending(Unavailable):
    """An external database has pending migrations; only `presswork migrate` applies them."""


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Yield the database URL; an embedded database runs at least as long as the block.

    Connects to the embedded server of a running `presswork up`, or starts one. Raises DatabaseUnavailable.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with embedded_server(settings.data_dir) as server:
        yield server.dsn


async def settle_schema(settings: Settings, dsn: str) -> str:
    """Make sure that the schema is current, and return the database URL to use.

    The embedded database is migrated, and its URL is that of a login that can't change the audit log. An external database
    is not changed. Raises MigrationsPending if it has pending migrations,
    and KeyMissing before it migrates with other secret keys.
    """
    async with connected(dsn) as connection:
        await _settle(settings, connection)
        if settings.database_url is not None:
            return dsn
        password = await ensure_embedded_login(connection, partial(app_password, settings.data_dir))
    return as_embedded_role(dsn, password)


async def _settle(settings: Settings, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    missing = await pending(connection)
    if missing and settings.database_url is not None:
        raise MigrationsPending(
            f"The database has {len(missing)} pending migration(s). Run `presswork migrate`, then repeat this command.",
            pending=[migration.version for migration in missing],
        )
    if missing:
        if (keyring := find_keyring(settings)) is not None:
            await require_recorded_key(connection, keyring)
        await migrate(connection)


def run_on_database(
    work: Callable[[Connection, Settings], Awaitable[Result]], *, data_dir: Path | None, as_json: bool
) -> Result:
    """Read the settings, run a use case on one connection to their database, whose schema is current, and return its result.

    An error is printed, and the command exits with status 1.
    """

    async def run(settings: Settings, dsn: str) -> Result:
        async with connected(dsn) as connection:
            await _settle(settings, connection)
            return await work(connection, settings)

    with plain_refusals(as_json=as_json):
        settings = read_settings(data_dir=data_dir)
        set_up_admin(settings)
        with database(settings) as dsn:
            return asyncio.run(run(settings, dsn))
