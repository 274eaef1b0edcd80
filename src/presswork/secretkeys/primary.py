"""Decide which key a process encrypts and signs with.

The first configured key is the primary. The database records when each key became the primary, so that a process that is
started with an older order, in the middle of a rolling restart, does not encrypt with a former key. In PRESSWORK_SECRET_KEYS a
key becomes the primary only after a process has started with it before, as one that only decrypts.
"""

import asyncio
from datetime import datetime
from typing import Final

import structlog

from presswork.core.errors import Unavailable
from presswork.crypto.keyring import Keyring, load_keyring
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.platforms.settings import Settings
from presswork.secretkeys.inventory import SQL
from presswork.secretkeys.model import KeyMissing, KeyNotAnnounced

log = structlog.get_logger()

_STARTS: Final = 60
_START_PAUSE_SECONDS: Final = 0.5


async def settle_primary(connection: Connection, keyring: Keyring, *, now: datetime | None = None) -> None:
    """Record the first key as the primary if it is new, or use the recorded one. Production passes no `now`.

    Raises KeyMissing if the recorded primary is not configured here, KeyNotAnnounced if the first key is unknown elsewhere.
    """
    if await connection.fetchval(SQL["primary_key"]) == keyring.primary == keyring.fingerprints()[0]:
        return
    async with connection.transaction():
        await connection.execute(SQL["lock_periods"])
        recorded = await connection.fetchval(SQL["primary_key"])
        chosen = await _choose_primary(connection, keyring, recorded)
        if chosen != recorded:
            await connection.execute(SQL["end_primary"], now)
            await connection.execute(SQL["begin_primary"], chosen, now)
            log.info("secret key became the primary", key_id=chosen, former=recorded)
    keyring.use_primary(chosen)


async def _choose_primary(connection: Connection, keyring: Keyring, recorded: str | None) -> str:
    first = keyring.fingerprints()[0]
    if recorded is None or recorded == first:
        return first
    if recorded not in keyring.fingerprints():
        raise KeyMissing(recorded)
    period = await connection.fetchrow(SQL["period_of"], first)
    if period is None and not keyring.is_from_file:
        raise KeyNotAnnounced(first)
    # A key that was the primary before does not become it again: this process has the order from before a rotation.
    return first if period is None or period["led_from"] is None else recorded


async def require_recorded_key(connection: Connection, keyring: Keyring | None) -> None:
    """Raise KeyMissing if the database has a primary that is not configured here. Writes nothing, on any schema.

    It runs before migrations: a process with the wrong keys, or with the URL of another installation, changes nothing.
    """
    if not await connection.fetchval("SELECT to_regclass('secret_keys') IS NOT NULL"):
        return
    recorded = await connection.fetchval(SQL["primary_key"])
    if recorded is not None and (keyring is None or recorded not in keyring.fingerprints()):
        raise KeyMissing(recorded)


async def keyring_for(connection: Connection, settings: Settings, *, now: datetime | None = None) -> Keyring:
    """Return the keys of a short command that encrypts something. Raises Unavailable, KeyMissing, KeyNotAnnounced."""
    keyring = load_keyring(settings)
    await settle_primary(connection, keyring, now=now)
    return keyring


async def open_keyring(settings: Settings, pool: Pool) -> Keyring:
    """Return the keys of an API or worker process, and record that it has them.

    A database that goes away meanwhile is tried again for half a minute. Raises Unavailable, KeyMissing, KeyNotAnnounced.
    """
    keyring = load_keyring(settings)
    for _ in range(_STARTS):
        try:
            async with pool.acquire() as connection, connection.transaction():
                await settle_primary(connection, keyring)
                await connection.execute(SQL["announce"], list(keyring.fingerprints()))
        except TRANSIENT_ERRORS as error:
            log.warning("database unavailable; retrying", error=type(error).__name__)
            await asyncio.sleep(_START_PAUSE_SECONDS)
        else:
            return keyring
    raise Unavailable("The database went away while this process started. Start it again when the server runs.")
