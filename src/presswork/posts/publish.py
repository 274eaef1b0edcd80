"""Publish now: one statement checks everything and writes all posts, or nothing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from presswork.audit.model import Action
from presswork.callers.model import Principal
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.platforms.registry import Platforms
from presswork.posts.create_posts import CreatedPosts, PublishCommand, create_posts, ids_for
from presswork.posts.targets import Target
from presswork.posts.verification import Verification


async def publish(
    call: IdempotentCall[CreatedPosts],
    platforms: Platforms,
    container_id: UUID,
    targets: Sequence[Target],
    *,
    caller: Principal,
    now: datetime,
    is_strict: bool = False,
    verification: frozenset[Verification] = frozenset(),
) -> CreatedPosts:
    """Queue one post per target.

    Raises Replayed, the refusals of `refusals.refuse`, IdempotencyConflict, DuplicateId, and with `is_strict`
    TargetsWouldFail. An error means that nothing was written.
    """
    command = publish_command(container_id, targets, now=now, is_strict=is_strict, verification=verification)
    return await create_posts(call.pool, platforms, command, caller=caller, call=call, now=now)


def publish_command(
    container_id: UUID,
    targets: Sequence[Target],
    *,
    now: datetime,
    is_strict: bool = False,
    verification: frozenset[Verification] = frozenset(),
) -> PublishCommand:
    """Return the command of a publish call: due now, and refused if the content waits for approval."""
    return PublishCommand(
        container_id=container_id,
        targets=targets,
        post_ids=ids_for(targets),
        scheduled_for=now,
        message="Accepted. Due now.",
        action=Action.CONTENT_PUBLISH,
        is_strict=is_strict,
        verification=verification,
    )
