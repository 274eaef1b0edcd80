"""The installation as the command line finds it: its database and its running service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from presswork.apps.model import AppNotFound
from presswork.apps.platform_apps import AppToCheck, AppUnreadable, read_apps_to_check
from presswork.apps.public_url import PublicURLInUse, read_public_url
from presswork.apps.stored_apps import effective_settings, read_apps
from presswork.cli.database import database
from presswork.cli.run.data_dir_lock import find_running
from presswork.cli.sockets import base_url
from presswork.core.errors import PressworkError
from presswork.crypto.keyring import find_keyring
from presswork.db.embedded import describe
from presswork.db.errors import DATABASE_ERRORS
from presswork.db.one_connection import connected
from presswork.db.pool import Connection
from presswork.doctor.checks.examine import examine
from presswork.doctor.model import Examined
from presswork.platforms.registry import app_settings
from presswork.platforms.settings import Settings


async def examine_here(settings: Settings, *, app_id: UUID | None = None) -> Examined:
    """Run every check of the installation to which these settings belong; of the customers' apps, only this one if it is named."""
    running = find_running(settings.data_dir)
    return await examine(
        settings,
        service_url=(running.url if running else None) or base_url(settings),
        open_database=(lambda: _connect(settings)) if _has_database(settings) else None,
        app_id=app_id,
    )


async def with_stored_apps(settings: Settings) -> Settings:
    """Return the settings with the public URL and the credentials of apps that are stored in the database, if it can be read."""
    if not _has_database(settings):
        return settings
    try:
        async with _connect(settings) as connection:
            public_url = PublicURLInUse.of(settings, await read_public_url(connection))
            return effective_settings(
                public_url.put_into(settings), await read_apps(connection, find_keyring(settings))
            )
    except (PressworkError, OSError, *DATABASE_ERRORS):
        return settings  # `presswork doctor` reports what is wrong with the database or the keys


async def with_customers_app(settings: Settings, app_id: UUID) -> tuple[Settings, AppToCheck]:
    """Return the same settings with a customer's app in place of the installation's, and the app.

    Raises AppNotFound, AppUnreadable, and the errors of the database and the keys.
    """
    if not _has_database(settings):
        raise AppNotFound
    async with _connect(settings) as connection:
        apps, _ = await read_apps_to_check(connection, find_keyring(settings), limit=1, app_id=app_id)
    if not apps:
        raise AppNotFound
    if apps[0].credentials is None:
        raise AppUnreadable(apps[0].name, app_id)
    settings = await with_stored_apps(settings)
    return app_settings(apps[0].login).put_into(settings, apps[0].credentials), apps[0]


def _has_database(settings: Settings) -> bool:
    return settings.database_url is not None or describe(settings.data_dir).is_initialised


@asynccontextmanager
async def _connect(settings: Settings) -> AsyncIterator[Connection]:
    with database(settings) as dsn:
        async with connected(dsn) as connection:
            yield connection
