"""All checks of an installation, in the order in which their findings are best fixed. None changes anything that lasts."""

from typing import Final

import asyncpg

from presswork.cli.database import connected, database
from presswork.cli.doctor.crawlers import media_for_crawlers
from presswork.cli.doctor.database import check_server, not_reached
from presswork.cli.doctor.finding import Finding, Verdict, fail, ok, warn
from presswork.cli.doctor.keys import keys_in_use
from presswork.cli.doctor.machine import data_folder, media_store, python, secret_key
from presswork.cli.doctor.platforms import credentials, providers, reach, text_messages
from presswork.cli.doctor.service import public_url, service
from presswork.cli.doctor.settings import effective_values
from presswork.cli.doctor.work import check_work
from presswork.cli.run.cluster_check import find_mismatches
from presswork.core.errors import PressworkError
from presswork.core.library_internals import missing_internals
from presswork.core.server_internals import missing_server_internals
from presswork.core.settings import Settings
from presswork.db.connect import is_pooled
from presswork.db.embedded import describe
from presswork.db.pool import Connection

_LISTEN: Final = "notifications"


async def examine(settings: Settings) -> list[Finding]:
    """Run every check."""
    return [
        effective_values(settings),
        python(),
        await _libraries(),
        *data_folder(settings),
        *await _database(settings),
        secret_key(settings),
        await media_store(settings),
        *await service(settings),
        *await credentials(settings),
        text_messages(settings),
        *await reach(settings),
        await public_url(settings),
        *await media_for_crawlers(settings),
    ]


async def _libraries() -> Finding:
    if missing := [*await missing_internals(), *missing_server_internals()]:
        return fail("libraries", " ".join(missing), "Install Presswork again, with the versions that it requires.")
    return ok("libraries", "aiohttp, asyncpg and uvicorn have what Presswork needs")


async def _database(settings: Settings) -> list[Finding]:
    try:
        if settings.database_url is None and not describe(settings.data_dir).is_initialised:
            return [ok("database", "embedded, created at the first start")]
        with database(settings) as dsn:
            async with connected(dsn) as connection:
                findings = [*await check_server(settings, connection), *await _notifications(settings, connection)]
                if all(one.verdict is Verdict.OK for one in findings if one.name == "migrations"):
                    findings += await _mismatches(settings, connection)
                    findings += await keys_in_use(settings, connection)
                    findings += await check_work(settings, connection)
                    findings += await providers(settings, connection)
                return findings
    except PressworkError as error:
        return [not_reached(error)]


async def _mismatches(settings: Settings, connection: Connection) -> list[Finding]:
    """Compare this machine's keys and media store with those that the database was used with."""
    try:
        mismatches = await find_mismatches(settings, connection)
    except PressworkError:
        return []  # the keys or the store can't be used at all, which has its own finding
    return [fail(one.name, one.message, one.fix) for one in mismatches]


async def _notifications(settings: Settings, connection: "asyncpg.Connection[asyncpg.Record]") -> list[Finding]:
    """Check that LISTEN works, which most modes of a pooler break."""
    if not await is_pooled(connection):
        return []
    if settings.database_listen_url is None:
        return [
            warn(
                _LISTEN,
                "The database is behind a connection pooler. Unless it pools sessions, NOTIFY is lost, and posts start up to a "
                "second later.",
                "Set PRESSWORK_DATABASE_LISTEN_URL to the URL of the server itself.",
            )
        ]
    async with connected(settings.database_listen_url.get_secret_value()) as direct:
        if await is_pooled(direct):
            return [
                warn(
                    _LISTEN,
                    "PRESSWORK_DATABASE_LISTEN_URL points to a pooler, too.",
                    "Set it to the URL of the server itself.",
                )
            ]
    return [ok(_LISTEN, "received past the pooler")]
