"""Routes of schedule intents: the schedule calls that wait until their content is approved."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import PublishRead, PublishWrite
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ContainerId, IntentId
from presswork.api.http.responses import respond
from presswork.api.intents.schemas import MovedIntent, MoveIntentRequest, ScheduleIntents, WithdrawnIntent
from presswork.content.intents import move_intent, read_intents, withdraw_intent

router: Final = APIRouter(tags=["Approval"])


@router.get(
    "/v1/content/{containerId}/schedule-intents",
    response_model=ScheduleIntents,
    summary="List the schedule calls that wait for approval",
)
async def list_schedule_intents(caller: PublishRead, container_id: ContainerId, context: Ctx) -> Response:
    """Return the schedule calls that wait until the content is approved, oldest first; at most 20 wait at a time, those of a recurrence count as one."""
    return respond(ScheduleIntents.of(await read_intents(context.pool, container_id, visible_to=caller)))


@router.post(
    "/v1/content/{containerId}/schedule-intents/{intentId}/reschedule",
    response_model=MovedIntent,
    summary="Reschedule a call that waits for approval",
)
async def reschedule_schedule_intent(
    caller: PublishWrite,
    container_id: ContainerId,
    intent_id: IntentId,
    body: Annotated[MoveIntentRequest, body_of(MoveIntentRequest)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Change the time of a schedule call that waits for approval."""
    return await idempotent.run(
        lambda db: move_intent(db, container_id, intent_id, body.scheduled_for, visible_to=caller, now=now),
        MovedIntent.of,
    )


@router.delete(
    "/v1/content/{containerId}/schedule-intents/{intentId}",
    response_model=WithdrawnIntent,
    summary="Withdraw a call that waits for approval",
)
async def withdraw_schedule_intent(
    caller: PublishWrite, container_id: ContainerId, intent_id: IntentId, idempotent: Idempotent, now: Now
) -> Response:
    """Drop a schedule call that waits for approval: it creates no posts."""
    return await idempotent.run(
        lambda db: withdraw_intent(db, container_id, intent_id, visible_to=caller, now=now), WithdrawnIntent.of
    )
