"""Schedule: posts for later, or, where the content waits for approval, an intent that becomes posts when it is approved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.api.responses import Reply
from presswork.audit.model import Action
from presswork.core.errors import Invalid, PressworkError
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotencyConflict, IdempotentRequest
from presswork.orgs.model import Principal
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import Order, accept, ids_for, targets_of, warnings_of
from presswork.posts.model import require_schedulable
from presswork.posts.schemas import GateStatus, ScheduleAnswer, ScheduleRequest

_SQL: Final = load("presswork.posts")
_AT_ONCE: Final = 100
"""Intents that are read at a time."""


async def schedule(
    pool: Pool,
    platforms: Platforms,
    container_id: UUID,
    request: ScheduleRequest,
    *,
    caller: Principal,
    once: IdempotentRequest | None,
    now: datetime,
) -> Reply:
    """Queue one post per target for an instant, or keep the call until the content is approved; or replay its answer.

    Raises Invalid for an instant that is out of bounds, the refusals of `refusals.refuse` (waiting for approval is none
    here), IdempotencyConflict and DuplicateId; then nothing was written.
    """
    try:
        require_schedulable(request.scheduled_for, now=now)
    except Invalid as refusal:
        # The call may have been in time when it came first: then its answer is replayed.
        if (stored := await _replay(pool, once)) is not None:
            return stored
        raise refusal from None
    post_ids = ids_for(request.targets)
    order = Order(
        container_id=container_id,
        targets=request.targets,
        post_ids=post_ids,
        scheduled_for=request.scheduled_for,
        message=_first_line(request.scheduled_for, now=now, accepted="Accepted."),
        action=Action.CONTENT_SCHEDULE,
        body=_answer(request, post_ids, GateStatus.QUEUED),
        waiting_body=_answer(request, (), GateStatus.BLOCKED_ON_APPROVAL),
    )
    return await accept(pool, platforms, order, caller=caller, once=once, now=now)


async def _replay(pool: Pool, once: IdempotentRequest | None) -> Reply | None:
    try:
        return None if once is None else await once.find(pool)
    except IdempotencyConflict:
        return None  # what is wrong with the body is told first


def _answer(request: ScheduleRequest, post_ids: Sequence[UUID], gate: GateStatus) -> bytes:
    answer = ScheduleAnswer(
        scheduled_post_ids=list(post_ids),
        gate_status=gate,
        scheduled_for=request.scheduled_for,
        warnings=list(warnings_of(request.targets)) or None,
    )
    return answer.model_dump_json(by_alias=True, exclude_none=True).encode()


def _first_line(scheduled_for: datetime, *, now: datetime, accepted: str) -> str:
    if scheduled_for <= now:
        return f"{accepted} It is due: a worker will take it at once."
    return f"{accepted} Due at {write_instant(scheduled_for)}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What became of one intent: its posts, or why there are none."""

    scheduled_for: datetime
    post_ids: Sequence[UUID]
    refusal: PressworkError | None


async def promote_intents(
    connection: Connection, platforms: Platforms, container_id: UUID, *, caller: Principal, now: datetime
) -> Sequence[Promotion]:
    """Make posts of what waited for a container's approval, in the order in which it came, in the caller's transaction.

    Each intent is checked as a call that comes now, and is all or nothing by itself. Whatever became of it, it is gone
    afterwards. What has fallen due meanwhile goes at once.
    """
    promotions: list[Promotion] = []
    while intents := await connection.fetch(_SQL["take_intents"], container_id, _AT_ONCE):
        for intent in sorted(intents, key=lambda row: (row["created_at"], row["id"])):
            targets = targets_of(intent["targets"])
            order = Order(
                container_id=container_id,
                targets=targets,
                post_ids=ids_for(targets),
                scheduled_for=intent["scheduled_for"],
                message=_first_line(intent["scheduled_for"], now=now, accepted="The content was approved."),
                action=None,  # the approval tells it
                body=b"",
            )
            refusal = None
            try:
                async with connection.transaction():  # a savepoint: the approval stands whatever becomes of this
                    await accept(connection, platforms, order, caller=caller, once=None, now=now)
            except PressworkError as error:
                refusal = error
            promotions.append(
                Promotion(
                    scheduled_for=order.scheduled_for,
                    post_ids=order.post_ids if refusal is None else (),
                    refusal=refusal,
                )
            )
    return promotions


async def drop_intents(connection: Connection, container_id: UUID) -> int:
    """Forget what waited for a container's approval and return how many calls that were."""
    return int(await connection.fetchval(_SQL["drop_intents"], container_id))
