"""Housekeeping: the tokens of accounts that nobody posts to are refreshed in time, too."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.accounts.store import SQL
from presswork.accounts.tokens import access_token
from presswork.core.clock import Clock
from presswork.core.enums import Environment, LoginName
from presswork.core.ids import ACCOUNT, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.errors import DATABASE_ERRORS
from presswork.db.pool import Pool
from presswork.platforms.errors import CredentialInvalid, PlatformError
from presswork.platforms.port import Platform
from presswork.platforms.registry import Platforms

log = structlog.get_logger()

_AT_ONCE: Final = 16
_PUT_OFF: Final = timedelta(minutes=5)
"""An account that made trouble lets the others go first for so long."""


async def refresh_due(pool: Pool, keyring: Keyring, platforms: Platforms, *, clock: Clock, limit: int = 500) -> int:
    """Refresh tokens whose time has come, the most overdue first; return how many accounts were looked at.

    Any number of workers may call this at once: each account is refreshed by one of them. An account's trouble is
    logged and does not stop the rest. Accounts of platforms that are not set up here are left alone.
    """
    known = [
        (login, environment)
        for login in platforms.described()
        for environment in Environment
        if platforms.is_available(login, environment)
    ]
    rows = await pool.fetch(
        SQL["refresh_due"],
        clock.now(),
        [login.value for login, _ in known],
        [environment.value for _, environment in known],
        limit,
    )
    turns = asyncio.Semaphore(_AT_ONCE)

    async def refresh(row_id: UUID, platform: Platform) -> None:
        async with turns:
            await _refresh_one(pool, keyring, platform, row_id, clock=clock)

    async with asyncio.TaskGroup() as group:
        for row in rows:
            platform = platforms.get(LoginName(row["login"]), Environment(row["environment"]))
            group.create_task(refresh(row["id"], platform))
    return len(rows)


async def _refresh_one(pool: Pool, keyring: Keyring, platform: Platform, account_id: UUID, *, clock: Clock) -> None:
    names = {"platform": platform.name.value, "account": public_id(ACCOUNT, account_id)}
    try:
        try:
            await access_token(pool, keyring, platform, account_id, clock=clock)
        except CredentialInvalid:
            return  # the account is reauth_required or disconnected now, and a line of the log says so
        except PlatformError as error:
            log.warning("refresh put off", **names, error=error.message)
        now = clock.now()
        await pool.execute(SQL["postpone_refresh"], account_id, now, now + _PUT_OFF)
    except DATABASE_ERRORS as error:
        log.warning("refresh put off: the database is away", **names, error=type(error).__name__)
