"""Asking to take live posts down: one, or all of a container. A worker does it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.errors import PressworkError
from presswork.core.ids import POST, public_id
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.platforms.registry import Platforms
from presswork.posts.live import TRIED_FOR, LivePost, lock_post, refuse_take_down
from presswork.posts.model import OFF_LINE, LiveStatus, no_container

_SQL: Final = load("presswork.posts", "live.sql")
_COMMENT: Final = "The first comment is not written any more: the post is being taken down."
_EXTRA: Final = "This is not added any more: the post is being taken down."


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDown:
    """What became of the request for one post: `error` is the refusal, as of the call for that post."""

    post_id: UUID
    live_status: LiveStatus | None = None
    error: PressworkError | None = None


async def take_down_post(
    connection: Connection,
    platforms: Platforms,
    post_id: UUID,
    *,
    visible_to: Principal,
    reason: str | None,
    now: datetime,
) -> TakeDown:
    """Have a live post taken down, in the caller's transaction. Repeating it has no effect, unless the first try has failed.

    Where no call can take it down, that is stored at once. Raises PostNotFound and PostNotLive.
    """
    post = await lock_post(connection, post_id, visible_to=visible_to)
    post.require_published()
    if post.live_status in OFF_LINE:
        return TakeDown(post_id=post_id, live_status=post.live_status)
    refusal = refuse_take_down(
        platforms.described()[post.login],
        mode=post.mode,
        account_status=post.account_status,
        scopes=post.scopes,
        external_url=post.external_url,
    )
    status = LiveStatus.TAKING_DOWN if refusal is None else refusal.status
    if refusal is not None and (refusal.status, refusal.advice) == (post.live_status, post.live_advice):
        return TakeDown(post_id=post_id, live_status=status)
    why: dict[str, JsonValue] = {} if reason is None else {"reason": reason}
    if refusal is None:
        await _ask(connection, post, why, by=visible_to, now=now)
    else:
        detail = json.dumps({**why, "by": visible_to.public_id, "liveStatus": status.value})
        entry = (f"Not taken down. {refusal.advice}", detail)
        await connection.execute(_SQL["refuse_take_down"], post_id, now, status.value, refusal.advice, *entry)
    detail_of_act: dict[str, JsonValue] = {**why, "liveStatus": status.value}
    await record_act(
        connection, Action.POST_TAKE_DOWN, public_id(POST, post_id), by=visible_to, now=now, detail=detail_of_act
    )
    return TakeDown(post_id=post_id, live_status=status)


async def _ask(
    connection: Connection, post: LivePost, why: dict[str, JsonValue], *, by: Principal, now: datetime
) -> None:
    reason = f": {why['reason']}" if why else "."
    await connection.execute(
        _SQL["ask_take_down"],
        post.id,
        now,
        now + TRIED_FOR,
        f"Presswork takes the post down{reason}",
        json.dumps({**why, "by": by.public_id}),
        _COMMENT,
        _EXTRA,
    )


async def take_down_content(
    connection: Connection,
    platforms: Platforms,
    container_id: UUID,
    *,
    visible_to: Principal,
    reason: str | None,
    now: datetime,
) -> Sequence[TakeDown]:
    """Have all posts of a container taken down, in the caller's transaction, each by the rules of `take_down_post`.

    Posts that are not published have their refusal as the result. Raises NotFound if there is no such container.
    """
    tenant = (visible_to.organization_id, visible_to.environment.value)
    if not await connection.fetchval(_SQL["container_exists"], *tenant, container_id):
        raise no_container()
    results = []
    for row in await connection.fetch(_SQL["list_posts"], *tenant, container_id):
        try:
            result = await take_down_post(
                connection, platforms, row["id"], visible_to=visible_to, reason=reason, now=now
            )
        except PressworkError as error:
            result = TakeDown(post_id=row["id"], error=error)
        results.append(result)
    return results
