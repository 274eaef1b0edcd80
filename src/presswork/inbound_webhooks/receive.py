"""Taking in what a platform tells on its own. All of it is a hint: everything works without, only later.

A notice is kept once, and in the same transaction every post that it may be about is looked at now instead of later. What
became of a post is asked of the platform by a worker, as always; so a notice that lies, comes twice, late or out of
order, does no harm.
"""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

import structlog

from presswork.accounts.removal import access_removed
from presswork.core.logging import redact
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.platforms.port import Environment, Notice, PlatformName
from presswork.posts.model import Event
from presswork.posts.wake_post import wake_post

log = structlog.get_logger()

_SQL: Final = load("presswork.inbound_webhooks")

KEPT_FOR: Final = timedelta(days=30)
"""How long a notice is kept, so that it is known when it comes again. Longer than any platform repeats one."""
_LOOKED_FOR: Final = timedelta(hours=1)
"""How long the id of a post is asked for once more after a notice says that it can be seen."""
_MOST_POSTS: Final = 50


async def receive_notice(
    pool: Pool,
    keyring: Keyring,
    notice: Notice,
    body: bytes,
    *,
    platform: PlatformName,
    environment: Environment,
    now: datetime,
) -> None:
    """Keep a notice and act on it, all or nothing.

    One that came before, byte for byte, changes nothing.
    """
    place = (platform.value, environment.value, notice.account)
    async with pool.acquire() as connection, connection.transaction():
        is_new = await connection.fetchval(
            _SQL["keep"],
            *place,
            notice.event,
            notice.reference,
            json.dumps(dict(notice.detail)),
            sha256(body).digest(),
            notice.occurred_at,
            now,
        )
        if is_new is None:
            return
        accounts = 0  # before the posts: accounts are locked first everywhere (db/errors.py)
        if notice.ends_access:
            accounts = await access_removed(
                connection,
                keyring,
                platform=platform,
                environment=environment,
                external_id=notice.account,
                before=notice.occurred_at,
                now=now,
            )
        posts = await _act_on_posts(connection, notice, place, now=now)
    log.info("platform notice", platform=platform.value, name=notice.event, posts=posts, accounts=accounts)


async def _act_on_posts(connection: Connection, notice: Notice, place: tuple[str, str, str], *, now: datetime) -> int:
    """Have each post looked at that the notice names, or may mean; return how many there are."""
    if notice.reference is None:
        return 0
    named = await connection.fetch(_SQL["posts_named"], *place, notice.reference, _MOST_POSTS)
    for row in named:
        if notice.message is not None:
            detail = {"event": notice.event, **notice.detail}
            await connection.execute(
                _SQL["tell"],
                row["id"],
                now,
                Event.PLATFORM_NOTICE.value,
                redact(notice.message),
                redact(json.dumps(detail)),
                notice.is_news,
            )
        if notice.is_public:
            await connection.execute(_SQL["look_again"], row["id"], Event.PLATFORM_NOTICE.value, now, now + _LOOKED_FOR)
    meant = named or await connection.fetch(_SQL["posts_in_doubt"], *place, _MOST_POSTS)
    for row in meant:
        await wake_post(connection, row["id"], now=now)
    return len(meant)


async def sweep_notices(pool: Pool, *, now: datetime, limit: int = 1_000) -> int:
    """Delete what is older than KEPT_FOR, at most `limit` notices; return how many were deleted."""
    deleted = await pool.execute(_SQL["sweep"], now - KEPT_FOR, limit)
    return int(deleted.rpartition(" ")[2])
