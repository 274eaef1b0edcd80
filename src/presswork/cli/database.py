"""The database of a command: the one of PRESSWORK_DATABASE_URL, or the embedded one in the data folder."""

import contextlib
from collections.abc import Iterator
from functools import partial

from presswork.apps.public_url import PublicURLInUse, read_public_url
from presswork.core.errors import Unavailable
from presswork.crypto.keyring import find_keyring
from presswork.db.app_role import as_embedded_role, ensure_embedded_login
from presswork.db.embedded import app_password, embedded_server
from presswork.db.migrate import migrate, pending
from presswork.db.one_connection import connected
from presswork.db.pool import Connection
from presswork.platforms.settings import Settings
from presswork.secretkeys.primary import require_recorded_key


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
        await require_schema(settings, connection)
        if settings.database_url is not None:
            return dsn
        password = await ensure_embedded_login(connection, partial(app_password, settings.data_dir))
    return as_embedded_role(dsn, password)


async def public_url_of(settings: Settings, dsn: str) -> PublicURLInUse:
    """Return the public URL that a process with these settings uses: that of the environment, or the stored one."""
    async with connected(dsn) as connection:
        return PublicURLInUse.of(settings, await read_public_url(connection))


async def require_schema(settings: Settings, connection: Connection) -> None:
    """Make sure that the schema is current, as `settle_schema` does."""
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
