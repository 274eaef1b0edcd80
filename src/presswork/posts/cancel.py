"""Canceling posts: one post by an API call, or all queued posts of a project or account that is archived or removed."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.ids import POST, public_id
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.db.queries import load
from presswork.posts.model import PostState
from presswork.posts.read import read_state, state_of

_SQL: Final = load("presswork.posts")

_ALL_WITHIN: Final = timedelta(minutes=1)
"""Time-out for canceling all posts of a project, which can be hundreds of thousands."""


async def cancel_post(
    connection: "Connection | Pool", post_id: UUID, *, visible_to: Principal, reason: str | None, now: datetime
) -> PostState:
    """Cancel a post before the call that makes it live, and return it. Raises PostNotFound and PostNotCancelable.

    One conditional statement decides. It and the worker's `go_live` exclude each other: each checks the row as the
    other committed it.
    """
    message = "Canceled through the API." if not reason else f"Canceled through the API: {reason}"
    detail = json.dumps({"by": visible_to.public_id, **({"reason": reason} if reason else {})})
    while True:
        async with transaction_on(connection) as own:
            row = await own.fetchrow(
                _SQL["cancel_post"],
                visible_to.organization_id,
                visible_to.environment.value,
                post_id,
                now,
                message,
                detail,
            )
            if row is not None:
                await record_cancel(own, post_id, by=visible_to, reason=reason, now=now)
                return state_of(row)
        (await read_state(connection, post_id, visible_to=visible_to)).cancel(now=now)
        # The post is cancelable: a worker cleared `live_call_at` between the two statements. Retry.


async def record_cancel(
    connection: Connection, post_id: UUID, *, by: Principal, reason: str | None, now: datetime
) -> None:
    """Write an audit log line for a cancel, in the transaction that cancels."""
    detail: dict[str, JsonValue] = {} if reason is None else {"reason": reason}
    await record_act(connection, Action.POST_CANCEL, public_id(POST, post_id), by=by, now=now, detail=detail)


async def cancel_queued_posts(
    connection: Connection,
    *,
    project_id: UUID | None = None,
    account_id: UUID | None = None,
    now: datetime,
    why: str,
) -> int:
    """Cancel every queued post of a project or of an account and return the number canceled.

    Runs in the caller's transaction, so that cause and effect are atomic. `why` is the timeline message.
    """
    count = await connection.fetchval(
        _SQL["cancel_queued"], project_id, account_id, now, why, timeout=_ALL_WITHIN.total_seconds()
    )
    return int(count)


async def cancel_these(connection: Connection, post_ids: Sequence[UUID], *, now: datetime, why: str) -> int:
    """Cancel those of these posts that are still queued, in the caller's transaction, and return how many were canceled."""
    return int(await connection.fetchval(_SQL["cancel_these"], post_ids, now, why))
