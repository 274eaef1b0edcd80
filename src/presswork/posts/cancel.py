"""Canceling posts: by a call as long as nothing can be live, and whatever is queued when its project or account goes."""

import json
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.core.ids import KEY, POST, public_id
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.db.queries import load
from presswork.orgs.model import Principal
from presswork.posts.model import PostState
from presswork.posts.read import read_state, state_of

_SQL: Final = load("presswork.posts")

_ALL_WITHIN: Final = timedelta(minutes=1)
"""How long it may take to cancel all posts of a project: there may be hundreds of thousands."""


async def cancel_post(
    connection: "Connection | Pool", post_id: UUID, *, visible_to: Principal, reason: str | None, now: datetime
) -> PostState:
    """Cancel a post that its platform was not asked to make live yet, and return it.

    One conditional statement decides: it and the worker's `go_live` exclude each other, since each looks at the row as
    the other left it. Raises PostNotFound and PostNotCancelable.
    """
    message = "Canceled by a call." if not reason else f"Canceled by a call: {reason}"
    detail = json.dumps({"by": public_id(KEY, visible_to.key_id), **({"reason": reason} if reason else {})})
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
        # It can be canceled now: a worker cleared `live_call_at` between the two statements. Try again.


async def record_cancel(
    connection: Connection, post_id: UUID, *, by: Principal, reason: str | None, now: datetime
) -> None:
    """Write into the audit log who canceled a post, within the transaction that does."""
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
    """Cancel every queued post of a project or of an account and return how many there were.

    Runs in the caller's transaction, so that what caused it and its effect are one. `why` is the timeline's sentence.
    """
    count = await connection.fetchval(
        _SQL["cancel_queued"], project_id, account_id, now, why, timeout=_ALL_WITHIN.total_seconds()
    )
    return int(count)
