"""Publish now: one statement checks everything and writes all posts, or nothing."""

from datetime import datetime
from uuid import UUID

from presswork.api.responses import Reply
from presswork.audit.model import Action
from presswork.db.pool import Pool
from presswork.idempotency.stored_replies import IdempotentRequest
from presswork.orgs.model import Principal
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import Order, accept, ids_for, warnings_of
from presswork.posts.schemas import PublishAnswer, PublishRequest


async def publish(
    pool: Pool,
    platforms: Platforms,
    container_id: UUID,
    request: PublishRequest,
    *,
    caller: Principal,
    once: IdempotentRequest | None,
    now: datetime,
) -> Reply:
    """Queue one post per target and return the answer, or its replay.

    Raises the refusals of `refusals.refuse`, IdempotencyConflict and DuplicateId; then nothing was written.
    """
    post_ids = ids_for(request.targets)
    warnings = warnings_of(request.targets)
    answer = PublishAnswer(scheduled_post_ids=list(post_ids), warnings=list(warnings) or None)
    order = Order(
        container_id=container_id,
        targets=request.targets,
        post_ids=post_ids,
        scheduled_for=now,
        message="Accepted. A worker will take it at once.",
        action=Action.CONTENT_PUBLISH,
        body=answer.model_dump_json(by_alias=True, exclude_none=True).encode(),
    )
    return await accept(pool, platforms, order, caller=caller, once=once, now=now)
