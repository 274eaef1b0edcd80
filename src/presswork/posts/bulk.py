"""One action on many posts: asked for in one call, done post by post by a worker.

Each post is treated as by the call for one post, in a transaction that also settles its item, so that no post is treated twice
however often a worker dies, and a refusal of one does not stop the others.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue, TypeAdapter

from presswork.callers.model import Principal
from presswork.callers.stored_caller import read_caller, write_caller
from presswork.core.errors import NotFound, PressworkError
from presswork.core.ids import new_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool, affected
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotentCall, Replayed, Reply
from presswork.platforms.registry import Platforms
from presswork.posts.cancel_with_provider import cancel_with_provider
from presswork.posts.model import PostState
from presswork.posts.read import read_state
from presswork.posts.schedule import reschedule_post
from presswork.posts.search import SearchFilter, prepare_search
from presswork.posts.take_down import TakeDown, take_down_post

_SQL: Final = load("presswork.posts", "bulk.sql")
MAX_POSTS: Final = 500
"""The most posts that one call names. A filter has no bound."""
MAX_ITEMS: Final = 500
"""The most items that a report lists."""
_KEEP: Final = timedelta(days=30)
"""How long a job can be read after its end."""
_ARGUMENTS: Final = TypeAdapter(dict[str, JsonValue])


class BulkAction(StrEnum):
    """What is done to each post."""

    CANCEL = "cancel"
    RESCHEDULE = "reschedule"
    PUBLISH_NOW = "publish_now"
    TAKE_DOWN = "take_down"


class BulkNotFound(NotFound):
    """There is no such job, or the caller does not see it."""

    def __init__(self) -> None:
        super().__init__("There is no such bulk job. It can be read for 30 days after its end.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOrder:
    """What is to be done: `scheduled_for` or `shift` with `reschedule`, `reason` with `cancel` and `take_down`."""

    action: BulkAction
    scheduled_for: datetime | None = None
    shift: timedelta | None = None
    reason: str | None = None

    def arguments(self) -> str:
        """Return it as stored."""
        return json.dumps(
            {
                "scheduledFor": None if self.scheduled_for is None else self.scheduled_for.isoformat(),
                "shiftSeconds": None if self.shift is None else self.shift.total_seconds(),
                "reason": self.reason,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkItem:
    """A post that has been treated. `error` is the refusal, as in the response to the call for one post."""

    post_id: UUID
    error: Mapping[str, JsonValue] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkReport:
    """How far a job is. `items` are posts that have been treated, those that failed first, MAX_ITEMS at most."""

    id: UUID
    is_done: bool
    total: int
    done: int
    failed: int
    items: Sequence[BulkItem]


async def create_bulk(
    connection: Connection,
    order: BulkOrder,
    posts: Sequence[UUID] | SearchFilter,
    *,
    caller: Principal,
    now: datetime,
) -> BulkReport:
    """Create a job for some posts, or for all that match a filter now, in the caller's transaction.

    Whether the caller sees a post is found out when it is its turn.
    """
    bulk_id = new_id()
    tenant = (caller.organization_id, caller.environment.value)
    await connection.execute(
        _SQL["create"], bulk_id, *tenant, order.action.value, order.arguments(), write_caller(caller), now
    )
    if isinstance(posts, SearchFilter):
        total = await _add_matching(connection, bulk_id, posts, caller)
    else:
        total = affected(await connection.execute(_SQL["add_posts"], bulk_id, list(dict.fromkeys(posts))))
    await connection.execute(_SQL["set_total"], bulk_id, total, now)
    return BulkReport(id=bulk_id, is_done=total == 0, total=total, done=0, failed=0, items=())


async def _add_matching(connection: Connection, bulk_id: UUID, wanted: SearchFilter, caller: Principal) -> int:
    if (search := await prepare_search(connection, wanted, caller, None)) is None:
        return 0
    near, far = wanted.span(None)
    return affected(
        await connection.execute(
            _SQL[f"add_{search.source}"],
            *search.tenant,
            wanted.status_values(),
            *near,
            far,
            json.dumps(search.conditions),
            bulk_id,
            *search.key,
        )
    )


async def read_bulk(pool: Pool, bulk_id: UUID, *, visible_to: Principal) -> BulkReport:
    """Return how far a job is. A caller who sees only some projects sees only jobs of their own. Raises BulkNotFound."""
    row = await pool.fetchrow(_SQL["find"], visible_to.organization_id, visible_to.environment.value, bulk_id)
    if row is None:
        raise BulkNotFound
    if visible_to.project_ids is not None and _caller_of(row).id != visible_to.id:
        raise BulkNotFound
    (counts,) = await pool.fetch(_SQL["count_done"], bulk_id)
    items = await pool.fetch(_SQL["list_done"], bulk_id, MAX_ITEMS)
    return BulkReport(
        id=bulk_id,
        is_done=row["ended_at"] is not None,
        total=row["total"],
        done=counts["done"],
        failed=counts["failed"],
        items=[
            BulkItem(
                post_id=item["post_id"],
                error=None if item["error"] is None else _ARGUMENTS.validate_json(item["error"]),
            )
            for item in items
        ],
    )


async def sweep_bulk_jobs(pool: Pool, *, now: datetime, limit: int) -> int:
    """Delete jobs that ended long ago, at most `limit`, and return how many were deleted."""
    return affected(await pool.execute(_SQL["sweep"], now - _KEEP, limit))


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkJob:
    """A job under the lease of a worker."""

    id: UUID
    order: BulkOrder
    caller: Principal


def bulk_job_of(row: asyncpg.Record) -> BulkJob:
    """Parse the row of a claim."""
    arguments = json.loads(row["arguments"])
    at, shift = arguments["scheduledFor"], arguments["shiftSeconds"]
    order = BulkOrder(
        action=BulkAction(row["action"]),
        scheduled_for=None if at is None else datetime.fromisoformat(at),
        shift=None if shift is None else timedelta(seconds=shift),
        reason=arguments["reason"],
    )
    return BulkJob(id=row["id"], order=order, caller=_caller_of(row))


class BulkRun:
    """Treats the posts of jobs."""

    def __init__(self, pool: Pool, keyring: Keyring, platforms: Platforms) -> None:
        self._pool: Final = pool
        self._keyring: Final = keyring
        self._platforms: Final = platforms

    async def run_some(self, job: BulkJob, *, limit: int, now: datetime) -> bool:
        """Treat the next posts of a job, and return whether there may be more. Ends the job after the last one."""
        items = await self._pool.fetch(_SQL["next_items"], job.id, limit)
        for item in items:
            await self._treat(job, item["position"], item["post_id"], now)
        if len(items) == limit:
            return True
        await self._pool.execute(_SQL["end"], job.id, now)
        return False

    async def _treat(self, job: BulkJob, position: int, post_id: UUID, now: datetime) -> None:
        try:
            await self._act(job, _ItemCall(self._pool, job.id, position, now), post_id, now)
        except Replayed:
            return
        except PressworkError as error:
            await self._pool.execute(_SQL["finish_item"], job.id, position, now, json.dumps(_describe(error)))

    async def _act(self, job: BulkJob, call: "_ItemCall", post_id: UUID, now: datetime) -> None:
        order = job.order
        if job.caller.project_ids is not None:  # which no path of a request has hidden here
            await read_state(self._pool, post_id, visible_to=job.caller)
        if order.action is BulkAction.CANCEL:
            await cancel_with_provider(
                call, self._keyring, self._platforms, post_id, visible_to=job.caller, reason=order.reason, now=now
            )
            return

        async def take_down(connection: Connection) -> TakeDown:
            return await take_down_post(
                connection, self._platforms, post_id, visible_to=job.caller, reason=order.reason, now=now
            )

        async def move(connection: Connection) -> PostState:
            at = order.scheduled_for or now
            if order.shift is not None:
                at = (await read_state(connection, post_id, visible_to=job.caller)).scheduled_for + order.shift
            return await reschedule_post(connection, post_id, at, visible_to=job.caller, now=now)

        await call.run(take_down if order.action is BulkAction.TAKE_DOWN else move)


_NO_REPLY: Final = Reply(204, b"")


class _ItemCall(IdempotentCall[Any]):  # Any: what the action returns, which is not used
    """Treats a post in the transaction that settles its item. Raises Replayed if the item is settled."""

    def __init__(self, pool: Pool, bulk_id: UUID, position: int, now: datetime) -> None:
        super().__init__(pool, None, lambda _state: _NO_REPLY)
        self._item: Final = (bulk_id, position, now, None)

    async def run(self, work: Callable[[Connection], Awaitable[Any]]) -> Any:  # Any: as above
        """Run `work` unless the item is settled."""

        async def settle(connection: Connection) -> Any:  # Any: as above
            if not await connection.fetchval(_SQL["finish_item"], *self._item):
                raise Replayed(_NO_REPLY)
            return await work(connection)

        return await super().run(settle)


def _caller_of(row: asyncpg.Record) -> Principal:
    return read_caller(row["caller"], organization_id=row["organization_id"], environment=row["environment"])


def _describe(error: PressworkError) -> Mapping[str, Any]:  # Any: JSON
    return {"code": error.code.value, "message": error.message, "details": dict(error.details)}
