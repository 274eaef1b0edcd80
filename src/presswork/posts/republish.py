"""Publishing a post again that failed or was canceled: a new post with the same target, due now.

Of all posts that were published again from one another, at most one is open or delivered. A unique index decides, so that
two calls at the same time, with idempotency keys or without, never post twice.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.errors import Invalid, NotFound
from presswork.core.ids import POST, public_id
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.db.rows import from_row
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import PublishCommand, create_posts, ids_for
from presswork.posts.model import PostNotFound, Republishable, Status
from presswork.posts.refusals import about_one_post
from presswork.posts.targets import StoredTarget

_SQL: Final = load("presswork.posts")
_ONE_SUCCESSOR: Final = "scheduled_posts_one_successor"
_ENDED: Final[Mapping[Status, str]] = MappingProxyType({Status.FAILED: "failed", Status.CANCELED: "was canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Former(StoredTarget):
    """The post to publish again."""

    id: UUID
    first_id: UUID  # of the posts that were published again from one another
    container_id: UUID
    status: Status


async def republish(
    call: IdempotentCall[UUID],
    platforms: Platforms,
    post_id: UUID,
    *,
    confirm_not_live: bool,
    caller: Principal,
    now: datetime,
) -> UUID:
    """Queue a new post with the target, options and texts of a post that failed or was canceled, and return its id.

    Raises Replayed, PostNotFound, the refusals of `Republishable.require`, those of publishing (`refusals.refuse`) and
    IdempotencyConflict. An error means that nothing was written.
    """

    async def create(connection: Connection) -> UUID:
        former = await _find(connection, post_id, visible_to=caller)
        latest = await _find_latest(connection, former, without=None)
        latest.require(confirm_not_live=confirm_not_live)
        target = former.target()
        command = PublishCommand(
            container_id=former.container_id,
            targets=[target],
            post_ids=ids_for([target]),
            scheduled_for=now,
            message=f"Published again from {public_id(POST, former.id)}, which {_ENDED[former.status]}. Due now.",
            action=None,  # recorded below, with both posts
        )
        try:
            (new_id,) = (await create_posts(connection, platforms, command, caller=caller, now=now)).post_ids
        except (NotFound, Invalid) as error:
            raise about_one_post(error) from error
        await _link(connection, former, new_id, now=now)
        # Now that the index admits no other one, the latest of the others has ended and stays as it is.
        (await _find_latest(connection, former, without=new_id)).require(confirm_not_live=confirm_not_live)
        detail: dict[str, JsonValue] = {"scheduledPostId": public_id(POST, new_id)}
        if confirm_not_live:
            detail["confirmNotLive"] = True
        name = public_id(POST, former.id)
        await record_act(connection, Action.POST_REPUBLISH, name, by=caller, now=now, detail=detail)
        return new_id

    while True:
        try:
            return await call.run(create)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != _ONE_SUCCESSOR:
                raise
            # Another call has committed a successor since: run again, which names it. If it has ended already, this one may
            # take its place.


async def _find(connection: Connection, post_id: UUID, *, visible_to: Principal) -> _Former:
    """Return the post to publish again. Raises PostNotFound, PostNotRepublishable."""
    row = await connection.fetchrow(
        _SQL["find_former"], visible_to.organization_id, visible_to.environment.value, post_id
    )
    if row is None:
        raise PostNotFound
    Republishable(id=row["id"], asked_for=row["id"], status=Status(row["status"]), error_code=None).require_ended()
    return from_row(_Former, row)


async def _find_latest(connection: Connection, former: _Former, *, without: UUID | None) -> Republishable:
    """Return the latest of the posts that were published again from one another."""
    row = await connection.fetchrow(_SQL["latest_republished"], former.first_id, without)
    if row is None:
        raise RuntimeError("a post that exists is not among those that were published again from it")
    return from_row(Republishable, row, asked_for=former.id)


async def _link(connection: Connection, former: _Former, new_id: UUID, *, now: datetime) -> None:
    """Name each post in the timeline of the other. Raises UniqueViolationError where there is another successor."""
    await connection.execute(
        _SQL["link_republished"],
        new_id,
        former.first_id,
        json.dumps({"republishOf": public_id(POST, former.id)}),
        former.id,
        now,
        f"Published again as {public_id(POST, new_id)}. This post stays {former.status}.",
        json.dumps({"republishedAs": public_id(POST, new_id)}),
    )
