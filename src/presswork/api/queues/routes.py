"""Routes of queues: slots of a week at which posts go out, and the moves of posts between them."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import ProjectsWrite, PublishRead, PublishWrite
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import PostId, ProjectId, QueueId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.posts.schemas import RescheduledPost
from presswork.api.queues.schemas import (
    DeletedQueue,
    MoveRequest,
    NewQueue,
    Queue,
    QueuePatch,
    ReshuffleRequest,
    ReshuffleResult,
    UpcomingSlots,
)
from presswork.core.errors import Code
from presswork.core.timestamps import Instant
from presswork.posts.move_in_queue import move_in_queue, reshuffle
from presswork.queues import store
from presswork.queues.model import MAX_LISTED_SLOTS, MAX_QUEUES

router: Final = APIRouter(tags=["Queues"])


@router.post(
    "/v1/projects/{projectId}/queues",
    response_model=Queue,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Create a queue",
    description=f"Create a queue of slots. A project can have {MAX_QUEUES}; the first one is its default.",
)
async def create_queue(
    caller: ProjectsWrite,
    project_id: ProjectId,
    body: Annotated[NewQueue, body_of(NewQueue)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Create a queue."""
    return await idempotent.run(
        lambda db: store.create_queue(db, project_id, body.changes(), owner=caller, now=now), Queue.of, status=201
    )


@router.get("/v1/projects/{projectId}/queues", response_model=Page[Queue], summary="List queues")
async def list_queues(caller: PublishRead, project_id: ProjectId, page: Paging, context: Ctx) -> Response:
    """Return the queues of a project, the oldest first."""
    rows = await store.list_queues(context.pool, project_id, visible_to=caller, after=page.after, limit=page.limit + 1)
    return respond(page.of(Page[Queue], rows, Queue.of))


@router.get("/v1/queues/{queueId}", response_model=Queue, summary="Read a queue")
async def get_queue(caller: PublishRead, queue_id: QueueId, context: Ctx) -> Response:
    """Return one queue."""
    return respond(Queue.of(await store.find_queue(context.pool, queue_id, visible_to=caller)))


@router.patch("/v1/queues/{queueId}", response_model=Queue, responses=refusals(Code.CONFLICT), summary="Change a queue")
async def update_queue(
    caller: ProjectsWrite,
    queue_id: QueueId,
    body: Annotated[QueuePatch, body_of(QueuePatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Change a queue. No post moves: those in slots that the queue has no longer keep their times, until it is reshuffled."""
    return await idempotent.run(
        lambda db: store.change_queue(db, queue_id, body.changes(), visible_to=caller, now=now), Queue.of
    )


@router.delete("/v1/queues/{queueId}", response_model=DeletedQueue, summary="Delete a queue")
async def delete_queue(caller: ProjectsWrite, queue_id: QueueId, idempotent: Idempotent, now: Now) -> Response:
    """Delete a queue. Its queued posts go out at the times that they have; the oldest other queue becomes the default."""
    return await idempotent.run(
        lambda db: store.delete_queue(db, queue_id, visible_to=caller, now=now),
        lambda queue: DeletedQueue(id=queue.id, deleted_at=now),
    )


@router.get("/v1/queues/{queueId}/slots", response_model=UpcomingSlots, summary="List the slots of a queue")
async def list_queue_slots(
    caller: PublishRead,
    queue_id: QueueId,
    context: Ctx,
    now: Now,
    start: Annotated[
        Instant | None, Query(alias="from", description="First slot, inclusive, at most 365 days away. Default: now.")
    ] = None,
    count: Annotated[int, Query(ge=1, le=MAX_LISTED_SLOTS, description="How many slots.")] = 20,
) -> Response:
    """Return the next slots of a queue, free or taken. Times that the queue has no longer are listed while posts are in them."""
    slots = await store.read_slots(context.pool, queue_id, start=start, count=count, visible_to=caller, now=now)
    return respond(UpcomingSlots.of(slots))


@router.post(
    "/v1/queues/{queueId}/reshuffle",
    response_model=ReshuffleResult,
    responses=refusals(Code.CONFLICT),
    summary="Close the gaps of a queue",
)
async def reshuffle_queue(
    caller: PublishWrite,
    queue_id: QueueId,
    body: Annotated[ReshuffleRequest, body_of(ReshuffleRequest, is_optional=True)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Move the queued posts of a queue to its first free slots and keep their order: all of them, or none.

    Posts of one call stay in one slot. What waits for approval stays where it is.
    """
    return await idempotent.run(
        lambda db: reshuffle(db, queue_id, is_dry_run=body.dry_run, visible_to=caller, now=now), ReshuffleResult.of
    )


@router.post(
    "/v1/scheduled-posts/{postId}/move",
    response_model=RescheduledPost,
    responses=refusals(Code.CONFLICT),
    summary="Move a queued post to another slot",
)
async def move_scheduled_post(
    caller: PublishWrite,
    post_id: PostId,
    body: Annotated[MoveRequest, body_of(MoveRequest)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Move a queued post to a free slot of its queue. If another post of the account has the slot, 409 with `details.takenBy`."""
    return await idempotent.run(
        lambda db: move_in_queue(db, post_id, body.slot_at, visible_to=caller, now=now), RescheduledPost.of
    )
