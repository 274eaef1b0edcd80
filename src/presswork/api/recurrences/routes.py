"""Routes of recurrences: content that is posted again and again."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import PublishRead, PublishWrite
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ContainerId, ProjectId, RecurrenceId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.recurrences.schemas import NewRecurrence, Recurrence, RecurrencePatch, StoppedRecurrence
from presswork.core.errors import Code
from presswork.recurrences import store
from presswork.recurrences.change_recurrence import change_recurrence
from presswork.recurrences.create_recurrence import create_recurrence
from presswork.recurrences.end_recurrences import end_recurrence

router: Final = APIRouter(tags=["Publishing"])
_REFUSALS: Final = refusals(
    Code.APPROVAL_REQUIRED,
    Code.PLAN_LIMIT,
    Code.CONFLICT,
    Code.CONTENT_REJECTED,
    Code.SOCIAL_ACCOUNT_NOT_PUBLISH_READY,
    Code.UNAVAILABLE,
)


@router.post(
    "/v1/content/{containerId}/recurrences",
    response_model=Recurrence,
    status_code=201,
    responses=_REFUSALS,
    summary="Post content again and again",
)
async def create_content_recurrence(
    caller: PublishWrite,
    container_id: ContainerId,
    body: Annotated[NewRecurrence, body_of(NewRecurrence)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Post a completed container by a rule. The occurrences of the next 35 days are ordinary posts at once, a worker makes the others.

    Cancel a post to skip its occurrence, reschedule it to move it. While the content waits for approval, each occurrence is a
    schedule call that waits; all of them count as one.
    """
    return await idempotent.run(
        lambda db: create_recurrence(
            db,
            context.platforms,
            container_id,
            body.timing(),
            body.domain_targets(),
            body.captions,
            owner=caller,
            now=now,
        ),
        partial(Recurrence.of, now=now),
        status=201,
    )


@router.get(
    "/v1/content/{containerId}/recurrences",
    response_model=Page[Recurrence],
    summary="List the recurrences of content",
)
async def list_content_recurrences(
    caller: PublishRead, container_id: ContainerId, page: Paging, context: Ctx, now: Now
) -> Response:
    """Return the recurrences of a container, the oldest first; those that have ended too."""
    rows = await store.list_of_container(
        context.pool, container_id, visible_to=caller, after=page.after, limit=page.limit + 1, now=now
    )
    return respond(page.of(Page[Recurrence], rows, partial(Recurrence.of, now=now)))


@router.get(
    "/v1/projects/{projectId}/recurrences",
    response_model=Page[Recurrence],
    summary="List the recurrences of a project",
)
async def list_project_recurrences(
    caller: PublishRead, project_id: ProjectId, page: Paging, context: Ctx, now: Now
) -> Response:
    """Return the recurrences of a project's content, the oldest first; those that have ended too."""
    rows = await store.list_of_project(
        context.pool, project_id, visible_to=caller, after=page.after, limit=page.limit + 1, now=now
    )
    return respond(page.of(Page[Recurrence], rows, partial(Recurrence.of, now=now)))


@router.get("/v1/recurrences/{recurrenceId}", response_model=Recurrence, summary="Read a recurrence")
async def get_recurrence(caller: PublishRead, recurrence_id: RecurrenceId, context: Ctx, now: Now) -> Response:
    """Return one recurrence."""
    found = await store.find_recurrence(context.pool, recurrence_id, visible_to=caller, now=now)
    return respond(Recurrence.of(found.recurrence, now=now))


@router.patch(
    "/v1/recurrences/{recurrenceId}", response_model=Recurrence, responses=_REFUSALS, summary="Change a recurrence"
)
async def update_recurrence(
    caller: PublishWrite,
    recurrence_id: RecurrenceId,
    body: Annotated[RecurrencePatch, body_of(RecurrencePatch)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Change when and where the content is posted.

    Its queued posts that were not moved are canceled, and made again as the recurrence now says; moved and skipped ones stay.
    """
    return await idempotent.run(
        lambda db: change_recurrence(db, context.platforms, recurrence_id, body.changes(), visible_to=caller, now=now),
        partial(Recurrence.of, now=now),
    )


@router.delete("/v1/recurrences/{recurrenceId}", response_model=StoppedRecurrence, summary="End a recurrence")
async def stop_recurrence(
    caller: PublishWrite, recurrence_id: RecurrenceId, idempotent: Idempotent, now: Now
) -> Response:
    """End a recurrence, and cancel what is still queued of it, moved posts too. It can still be read."""
    return await idempotent.run(
        lambda db: end_recurrence(db, recurrence_id, visible_to=caller, now=now), StoppedRecurrence.of
    )
