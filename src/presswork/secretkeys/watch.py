"""How a process keeps up with the keys: it tells which ones it has, and is told which one seals.

It asks every few seconds, and does not wait for a NOTIFY: hints get lost, and a rotation is in no hurry. A new key leads only
once every running process has told that it has it, so there is no instant at which one seals what another can't open.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final, Literal

import structlog

from presswork.core.clock import Clock
from presswork.core.errors import Unavailable
from presswork.core.settings import Settings
from presswork.crypto.keyring import Keyring, load_keyring
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.secretkeys.model import KeyMissing
from presswork.secretkeys.store import SQL

log = structlog.get_logger()

LOOK_EVERY: Final = timedelta(seconds=3)
_STARTS: Final = 60
_START_PAUSE_SECONDS: Final = 0.5
_LAST_WORD_SECONDS: Final = 2.0
_KEPT: Final = timedelta(hours=1)


class KeyWatch:
    """One process's part in it."""

    def __init__(self, pool: Pool, keyring: Keyring, clock: Clock, *, part: Literal["api", "worker"]) -> None:
        """Take the keys to keep up, and what kind of process this is."""
        self._pool: Final = pool
        self._keyring: Final = keyring
        self._clock: Final = clock
        self._part: Final = part
        self._process: Final = f"{socket.gethostname()}-{os.getpid()}-{token_hex(3)}"
        self._missing: str | None = None

    async def start(self) -> None:
        """Settle; a database that goes away meanwhile is tried again for half a minute. Raises KeyMissing, Unavailable."""
        for _ in range(_STARTS):
            try:
                await self.settle()
            except TRANSIENT_ERRORS as error:
                log.warning("database away; trying again", error=type(error).__name__)
                await asyncio.sleep(_START_PAUSE_SECONDS)
            else:
                return
        raise Unavailable("The database went away while this process started. Start it again when the server runs.")

    async def settle(self) -> None:
        """Tell what is here and lead with the key that leads. Raises KeyMissing if it is not here; then it was not told."""
        await self._tell()
        try:
            async with self._pool.acquire() as connection:
                await follow(connection, self._keyring, now=self._clock.now())
        except KeyMissing:
            await self.let_go()
            raise
        await self._tell()

    async def look(self) -> None:
        """Read the key file again, tell what is here, and lead with the key that leads now."""
        self._keyring.look_again()
        leads = await self._tell()
        if leads is None or leads == self._keyring.leads:
            return
        if self._keyring.lead_with(leads):
            self._missing = None
            await self._tell()
            log.info("another secret key seals now", key_id=leads)
        elif leads != self._missing:
            # What it seals meanwhile can still be opened by all: with the key that led before.
            self._missing = leads
            log.error("a secret key is missing here", key_id=leads, mend="give it to this process and restart it")

    async def let_go(self) -> None:
        """Tell that this process is over."""
        await self._pool.execute(SQL["let_go"], self._process, timeout=_LAST_WORD_SECONDS)

    async def run(self) -> None:
        """Look, again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            try:
                await self.look()
            except TRANSIENT_ERRORS:
                continue  # others log it
            except Exception:
                # Whatever this is, it must not be the last look: this process would seal with an old key for ever.
                log.exception("secret keys not looked at; trying again")

    async def _tell(self) -> str | None:
        leads: str | None = await self._pool.fetchval(
            SQL["hold"],
            self._process,
            self._part,
            list(self._keyring.fingerprints()),
            self._keyring.leads,
            self._clock.now(),
        )
        return leads


async def follow(connection: Connection, keyring: Keyring, *, now: datetime) -> None:
    """Lead with the key that leads; on a new database, the first one here does from now on. Raises KeyMissing."""
    leads = await connection.fetchval(SQL["leading"])
    if leads is None:
        async with connection.transaction():
            await connection.execute(SQL["lock_terms"])
            await connection.execute(SQL["lead_first"], keyring.leads, now)
            leads = await connection.fetchval(SQL["leading"])
    if not keyring.lead_with(leads):
        raise KeyMissing(leads)


async def keyring_for(connection: Connection, settings: Settings, *, now: datetime) -> Keyring:
    """Return the keys of a command that seals something and ends. Raises Unavailable, KeyMissing."""
    keyring = load_keyring(settings)
    await follow(connection, keyring, now=now)
    return keyring


@contextlib.asynccontextmanager
async def watched_keyring(
    settings: Settings, pool: Pool, clock: Clock, *, part: Literal["api", "worker"]
) -> AsyncIterator[Keyring]:
    """Yield the keys of a process that runs on; they are kept up for the length of the block. Raises Unavailable, KeyMissing."""
    keyring = load_keyring(settings)
    watch = KeyWatch(pool, keyring, clock, part=part)
    await watch.start()
    running = asyncio.create_task(watch.run())
    try:
        yield keyring
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        with contextlib.suppress(*TRANSIENT_ERRORS):
            await watch.let_go()


async def sweep_holders(pool: Pool, *, now: datetime) -> None:
    """Forget processes that ended without a word."""
    await pool.execute(SQL["sweep_holders"], now - _KEPT)
