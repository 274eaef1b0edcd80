"""Webhooks that platforms send to Presswork. They are hints: everything works without them, only later.

A notice about a connected account is stored once, and the same transaction wakes every post that it may be about, or
requests a check of the account's access. The worker queries the platform for the outcome, so a wrong, duplicate, late or
reordered notice is harmless. A notice about anything else leaves nothing behind. One about comments has the posts read soon.

`app_id` is the customer's app whose secret signed a notice, None for the installation's. It is about accounts of that app alone, so
that who has the secret of one app can't speak for another.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import structlog

from presswork.accounts.account_jobs import request_access_checks
from presswork.core.logging import redact
from presswork.db.pool import Connection, Pool, affected
from presswork.db.queries import load
from presswork.live_reads.ask import hint_reads
from presswork.live_reads.model import ReadKind
from presswork.platforms.inbound_webhooks import CommentHint
from presswork.platforms.port import Environment, PlatformName, ReportedEvent
from presswork.posts.model import Event
from presswork.posts.wake_post import wake_post

log = structlog.get_logger()

_SQL: Final = load("presswork.inbound_webhooks")

KEPT_FOR: Final = timedelta(days=30)
"""How long a notice is kept to detect duplicates; longer than any platform retries."""
_LOCATION_WINDOW: Final = timedelta(hours=1)
"""How long the worker queries the id of a post after a notice says that the post is visible."""
_MAX_POSTS: Final = 50
_MAX_NEWEST: Final = 10
"""Posts that are read where a webhook does not say which one it is about."""
_COMMENTED_FOR: Final = timedelta(days=365)
"""How old a post may be to be read because of a webhook."""
_COMMENTS: Final = "comments"
"""The name under which webhooks about comments are stored."""


async def receive_notice(
    pool: Pool,
    notice: ReportedEvent,
    body: bytes,
    *,
    platform: PlatformName,
    environment: Environment,
    app_id: UUID | None,
    now: datetime,
    database_now: datetime | None,
) -> None:
    """Store a notice and act on it in one transaction.

    One about an unknown account or of an unknown kind, and a byte-for-byte duplicate, have no effect.
    """
    if notice.message is None and not notice.ends_access:
        return
    source = (platform.value, environment.value, notice.account, app_id)
    async with pool.acquire() as connection, connection.transaction():
        is_new = await connection.fetchval(
            _SQL["insert_notice"],
            *source,
            notice.event,
            notice.reference,
            json.dumps(dict(notice.detail)),
            _hash_body(body, app_id),
            notice.occurred_at,
            now,
        )
        if is_new is None:
            return
        accounts = 0  # before the posts: accounts are locked first everywhere (db/errors.py)
        if notice.ends_access:
            accounts = await request_access_checks(
                connection,
                platform=platform,
                environment=environment,
                external_id=notice.account,
                app_id=app_id,
                database_now=database_now,
            )
        posts = await _act_on_posts(connection, notice, source, now=now)
    log.info("platform webhook received", platform=platform.value, name=notice.event, posts=posts, accounts=accounts)


async def _act_on_posts(
    connection: Connection, notice: ReportedEvent, source: tuple[str, str, str, UUID | None], *, now: datetime
) -> int:
    """Wake each post that the notice refers to, or may refer to, and return the number of posts."""
    if notice.reference is None:
        return 0
    named = await connection.fetch(_SQL["posts_by_reference"], *source, notice.reference, _MAX_POSTS)
    for row in named:
        if notice.message is not None:
            detail = {"event": notice.event, **notice.detail}
            await connection.execute(
                _SQL["insert_timeline_entry"],
                row["id"],
                now,
                Event.PLATFORM_NOTICE.value,
                redact(notice.message),
                redact(json.dumps(detail)),
                notice.is_news,
            )
        if notice.is_public:
            await connection.execute(
                _SQL["locate_again"], row["id"], Event.PLATFORM_NOTICE.value, now, now + _LOCATION_WINDOW
            )
    candidates = named or await connection.fetch(_SQL["posts_without_reference"], *source, _MAX_POSTS)
    for row in candidates:
        await wake_post(connection, row["id"], now=now)
    return len(candidates)


async def receive_comment_hints(
    pool: Pool,
    hints: Sequence[CommentHint],
    body: bytes,
    *,
    platform: PlatformName,
    environment: Environment,
    app_id: UUID | None,
    now: datetime,
) -> None:
    """Store a webhook about comments and have the posts read soon, in one transaction.

    One about unknown accounts, and a byte-for-byte duplicate, have no effect.
    """
    where = (platform.value, environment.value)
    posts: set[UUID] = set()
    async with pool.acquire() as connection, connection.transaction():
        for account in sorted({hint.account for hint in hints}):
            notice = (_COMMENTS, None, "{}", _hash_body(body, app_id), now, now)
            if await connection.fetchval(_SQL["insert_notice"], *where, account, app_id, *notice) is not None:
                break
        else:
            return
        for hint in hints:
            limit = _MAX_POSTS if hint.posts else _MAX_NEWEST
            since = now - _COMMENTED_FOR
            source = (*where, hint.account, app_id)
            rows = await connection.fetch(_SQL["commented_posts"], *source, list(hint.posts), since, limit)
            posts.update(row["id"] for row in rows)
        if posts:
            await hint_reads(connection, posts, ReadKind.COMMENTS, now=now)
    log.info("platform webhook received", platform=platform.value, name=_COMMENTS, posts=len(posts))


def _hash_body(body: bytes, app_id: UUID | None) -> bytes:
    """Return the hash by which a repetition is recognized: the same text of two apps is two notices."""
    return sha256(body if app_id is None else app_id.bytes + body).digest()


async def sweep_notices(pool: Pool, *, now: datetime, limit: int = 1_000) -> int:
    """Delete notices older than KEPT_FOR, at most `limit`, and return how many were deleted."""
    return affected(await pool.execute(_SQL["sweep"], now - KEPT_FOR, limit))
