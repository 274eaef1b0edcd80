"""The database of a command: the one of PRESSWORK_DATABASE_URL, or the embedded one in the data folder."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import asyncpg

from presswork.cli.output import plain_refusals
from presswork.cli.run.setup import read_settings, set_up_admin
from presswork.core.errors import Unavailable
from presswork.core.settings import Settings
from presswork.crypto.keyring import find_keyring
from presswork.db.address import authority_of
from presswork.db.app_role import as_embedded_role, ensure_embedded_login
from presswork.db.connect import CONNECT_WITHIN, Connector
from presswork.db.embedded import app_password, embedded_server
from presswork.db.errors import DATABASE_ERRORS
from presswork.db.migrate import migrate, pending
from presswork.db.pool import Connection
from presswork.secretkeys.primary import require_recorded_key

Result = TypeVar("Result")

OLDEST_MAJOR: Final = 15
"""The oldest supported major version of PostgreSQL."""


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


@contextlib.asynccontextmanager
async def connected(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Open one connection. Raises Unavailable when the server can't be reached or is too old."""
    try:
        connection = await Connector(dsn).connect(
            statement_cache_size=0,  # few statements repeat, and there may be a pooler
            server_settings={"application_name": "presswork command", "timezone": "UTC"},
        )
    except (ValueError, *DATABASE_ERRORS) as error:
        raise Unavailable(_not_reached(error, dsn)) from error
    try:
        major = connection.get_server_version().major
        if major < OLDEST_MAJOR:
            raise Unavailable(f"The database is PostgreSQL {major}; Presswork needs {OLDEST_MAJOR} or newer.")
        yield connection
    finally:
        with contextlib.suppress(*DATABASE_ERRORS):
            await connection.close(timeout=5)


def _not_reached(error: Exception, dsn: str) -> str:
    """Return the cause in one sentence, then what to do. It contains no user name or password of the URL."""
    reason = (str(error) or type(error).__name__).rstrip(".")
    if isinstance(error, TimeoutError):
        reason = f"no answer within {CONNECT_WITHIN.seconds} s"
    elif isinstance(error, OSError) and (error.errno or 0) > 0:
        reason = os.strerror(error.errno or 0)
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return f"The database server answers, but {reason}. Create it, or correct the name in PRESSWORK_DATABASE_URL."
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
        return f"The database server refuses the login: {reason}. Correct user and password in PRESSWORK_DATABASE_URL."
    if isinstance(error, ValueError):
        return f"The database can't be reached: {reason}. Correct PRESSWORK_DATABASE_URL."
    login = authority_of(urlsplit(dsn).netloc)
    servers = ", ".join(
        f"{host}:{port}" if port else host for host, port in zip(login.hosts, login.ports, strict=True) if host
    )
    at = f" at {servers}" if servers else ""
    return f"The database{at} can't be reached: {reason}. Check PRESSWORK_DATABASE_URL, and that the server is running."


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
