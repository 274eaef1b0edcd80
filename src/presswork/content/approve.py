"""Decisions on content. An approval and the posts of its waiting schedule calls are one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.model import ApprovalStatus, Container, Decision
from presswork.content.store import lock_container, write_changes_request, write_decision
from presswork.core.ids import CONTAINER, POST, public_id
from presswork.db.pool import Connection
from presswork.platforms.registry import Platforms
from presswork.posts.held_posts import cancel_held_posts, release_posts, waiting_overrides
from presswork.posts.refusals import approved_texts
from presswork.posts.schedule import Promotion, drop_intents, promote_intents
from presswork.projects.store import find_project
from presswork.recurrences.end_recurrences import end_recurrences_of_container


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Approved content, and the result of each schedule call that waited for it."""

    container: Container
    promotions: Sequence[Promotion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Rejected content, and the number of schedule calls that were dropped with it."""

    container: Container
    dropped_calls: int


async def approve(
    connection: Connection,
    platforms: Platforms,
    container_id: UUID,
    note: str | None,
    *,
    revision: int | None = None,
    caller: Principal,
    now: datetime,
) -> Approval:
    """Approve a container and create the posts of its waiting schedule calls, in the caller's transaction.

    Each of those calls is checked again like a new call; one that fails is dropped and reported, and the content is
    approved anyway. With `revision`, only that revision is approved. Raises ContainerNotFound, ApprovalNotPending,
    ContentUnfinished, StaleRevision.
    """
    container = await _decide(
        connection, container_id, ApprovalStatus.APPROVED, note, revision=revision, caller=caller, now=now
    )
    # With this lock, archiving the project either happened before, or waits and then cancels the new posts.
    await find_project(connection, container.project_id, visible_to=caller, lock="share")
    promotions = await promote_intents(connection, platforms, container.id, caller=caller, now=now)
    await release_posts(connection, container.id, now=now)
    detail: dict[str, JsonValue] = {"revision": container.revision, **({} if note is None else {"note": note})}
    if promotions:
        posts = [public_id(POST, post_id) for promotion in promotions for post_id in promotion.post_ids]
        detail |= {"scheduledPostIds": [*posts], "failedPromotions": sum(one.refusal is not None for one in promotions)}
    name = public_id(CONTAINER, container.id)
    await record_act(connection, Action.CONTENT_APPROVE, name, by=caller, now=now, detail=detail)
    return Approval(container=container, promotions=promotions)


async def reject(
    connection: Connection,
    container_id: UUID,
    reason: str,
    *,
    revision: int | None = None,
    caller: Principal,
    now: datetime,
) -> Rejection:
    """Reject a container for good and drop its waiting schedule calls, in the caller's transaction.

    Raises ContainerNotFound, ApprovalNotPending, ContentUnfinished, StaleRevision.
    """
    container = await _decide(
        connection, container_id, ApprovalStatus.REJECTED, reason, revision=revision, caller=caller, now=now
    )
    dropped = await drop_intents(connection, container.id)
    await end_recurrences_of_container(connection, container.id, now=now)
    canceled = await cancel_held_posts(connection, container.id, now=now)
    name = public_id(CONTAINER, container.id)
    detail: dict[str, JsonValue] = {
        "revision": container.revision,
        "reason": reason,
        "droppedScheduleCalls": dropped,
        "canceledScheduledPosts": canceled,
    }
    await record_act(connection, Action.CONTENT_REJECT, name, by=caller, now=now, detail=detail)
    return Rejection(container=container, dropped_calls=dropped)


async def request_changes(
    connection: Connection,
    container_id: UUID,
    note: str,
    *,
    revision: int | None = None,
    caller: Principal,
    now: datetime,
) -> Container:
    """Ask for changes to a pending container, which stays pending, in the caller's transaction.

    Raises ContainerNotFound, ApprovalNotPending, ContentUnfinished, StaleRevision.
    """
    container = await lock_container(connection, container_id, visible_to=caller)
    container.require_reviewable(revision=revision)
    await write_changes_request(connection, container, note, by=caller.public_id, name=caller.given_name, now=now)
    name = public_id(CONTAINER, container.id)
    detail: dict[str, JsonValue] = {"revision": container.revision, "note": note}
    await record_act(connection, Action.CONTENT_REQUEST_CHANGES, name, by=caller, now=now, detail=detail)
    return replace(container, decision_note=note, reviewer_name=caller.given_name, updated_at=now)


async def _decide(
    connection: Connection,
    container_id: UUID,
    approval_status: ApprovalStatus,
    note: str | None,
    *,
    revision: int | None,
    caller: Principal,
    now: datetime,
) -> Container:
    decision = Decision(approval_status=approval_status, at=now, by=caller.public_id, note=note, name=caller.given_name)
    container = (await lock_container(connection, container_id, visible_to=caller)).decide(decision, revision=revision)
    if container.is_covered and approval_status is ApprovalStatus.APPROVED:
        overrides = await waiting_overrides(connection, container.id)
        approved = approved_texts(container.caption, container.first_comment, overrides)
        await write_decision(
            connection,
            container,
            decision,
            approved_overrides=json.dumps(approved, ensure_ascii=False),
            fingerprint=container.fingerprint(approved),
        )
    else:
        await write_decision(connection, container, decision)
    return container
