"""The begin of a login at a platform that has no page for it: a page of this service shows a code, which the owner posts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from presswork.accounts.login import is_state
from presswork.accounts.store import SQL
from presswork.accounts.vault import open_verifier
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.logging import redact
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.pool import Pool
from presswork.platforms.errors import Rejected, TryLater
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.port import CodePage, SupportsPostedCode
from presswork.platforms.registry import Platforms

log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _WaitingLogin:
    """A login that waits for its code."""

    platform: SupportsPostedCode
    verifier: str


async def read_code_page(
    pool: Pool, keyring: Keyring, platforms: Platforms, *, platform: PlatformName, state: str, now: datetime
) -> CodePage | None:
    """Return what the page of a login shows; None where no login waits for a code. Raises Unavailable."""
    waiting = await _find_waiting(pool, keyring, platforms, platform=platform, state=state, now=now)
    if waiting is None:
        return None
    try:
        return await waiting.platform.describe_code(waiting.verifier)
    except (Rejected, TryLater) as error:
        raise Unavailable(f"The login can't begin now. {redact(error.message)}", platform=platform.value) from error


async def can_finish(
    pool: Pool, keyring: Keyring, platforms: Platforms, *, platform: PlatformName, state: str, now: datetime
) -> bool:
    """Return whether there is anything to wait for no longer: the code is posted, or no login waits for it."""
    waiting = await _find_waiting(pool, keyring, platforms, platform=platform, state=state, now=now)
    if waiting is None:
        return True
    try:
        return await waiting.platform.is_code_posted(waiting.verifier)
    except Rejected:
        return True  # finishing it reports why
    except TryLater as error:
        log.warning("posted code not looked for", platform=platform.value, error=error.message)
        return False


async def _find_waiting(
    pool: Pool, keyring: Keyring, platforms: Platforms, *, platform: PlatformName, state: str, now: datetime
) -> _WaitingLogin | None:
    """Return the login that waits for a code, without claiming it. Raises Unavailable."""
    row = await pool.fetchrow(SQL["waiting_login"], state, platform.value, now) if is_state(state) else None
    if row is None or row["sealed_verifier"] is None:
        return None
    login, environment = LoginName(row["login"]), Environment(row["environment"])
    known = (await platforms.for_app(login, environment, row["app_id"])).login
    if not isinstance(known, SupportsPostedCode):
        return None
    try:
        return _WaitingLogin(platform=known, verifier=open_verifier(keyring, row["sealed_verifier"]))
    except SealBroken as error:
        raise Unavailable(f"The login can't begin now. {error.message}", platform=platform.value) from error
