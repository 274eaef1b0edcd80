"""Decisions on content. An approval and the posts of its waiting schedule calls are one transaction."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.model import ApprovalStatus, Container, Decision
from presswork.content.steps import Step, StepApproval
from presswork.content.store import (
    SQL,
    lock_container,
    write_changes_request,
    write_decision,
    write_step_approval,
)
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
    """Approved content, and the result of each schedule call that waited for it; or content with one more approval of a step.

    `by` is the public id of who approved now, `at` when (UTC).
    """

    container: Container
    by: str
    at: datetime
    promotions: Sequence[Promotion] = ()


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
    approved anyway. With `revision`, only that revision is approved. Content with steps stays pending until the last
    approval of its last step. Raises ContainerNotFound, ApprovalNotPending, ContentUnfinished, StaleRevision, NotDecider,
    AlreadyCounted.
    """
    former, step = await _lock_for_decision(connection, container_id, revision=revision, caller=caller)
    container = former
    if step is not None:
        approval = StepApproval(by=caller.public_id, name=caller.given_name or caller.user_name, at=now)
        container = former.approve_step(approval)
        if container.current_step is not None:
            await write_step_approval(connection, former, container, replace(approval, name=caller.given_name), note)
            await _record_decision(connection, Action.CONTENT_APPROVE, container, step, note, by=caller, now=now)
            return Approval(container=container, by=approval.by, at=now)
    container = await _decide(connection, container, step, ApprovalStatus.APPROVED, note, caller=caller, now=now)
    # With this lock, archiving the project either happened before, or waits and then cancels the new posts.
    await find_project(connection, container.project_id, visible_to=caller, lock="share")
    promotions = await promote_intents(connection, platforms, container.id, caller=caller, now=now)
    await release_posts(connection, container.id, now=now)
    detail: dict[str, JsonValue] = {}
    if promotions:
        posts = [public_id(POST, post_id) for promotion in promotions for post_id in promotion.post_ids]
        detail = {"scheduledPostIds": [*posts], "failedPromotions": sum(one.refusal is not None for one in promotions)}
    await _record_decision(connection, Action.CONTENT_APPROVE, container, step, note, by=caller, now=now, detail=detail)
    return Approval(container=container, by=caller.public_id, at=now, promotions=promotions)


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

    Raises ContainerNotFound, ApprovalNotPending, ContentUnfinished, StaleRevision, NotDecider.
    """
    container, step = await _lock_for_decision(connection, container_id, revision=revision, caller=caller)
    container = await _decide(connection, container, step, ApprovalStatus.REJECTED, reason, caller=caller, now=now)
    dropped = await drop_intents(connection, container.id)
    await end_recurrences_of_container(connection, container.id, now=now)
    canceled = await cancel_held_posts(connection, container.id, now=now)
    detail: dict[str, JsonValue] = {
        "reason": reason,
        "droppedScheduleCalls": dropped,
        "canceledScheduledPosts": canceled,
    }
    await _record_decision(connection, Action.CONTENT_REJECT, container, step, None, by=caller, now=now, detail=detail)
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

    Raises ContainerNotFound, ApprovalNotPending, ContentUnfinished, StaleRevision, NotDecider.
    """
    container, step = await _lock_for_decision(connection, container_id, revision=revision, caller=caller)
    await write_changes_request(connection, container, note, by=caller.public_id, name=caller.given_name, now=now)
    await _record_decision(connection, Action.CONTENT_REQUEST_CHANGES, container, step, note, by=caller, now=now)
    return replace(container, decision_note=note, reviewer_name=caller.given_name, updated_at=now)


async def _lock_for_decision(
    connection: Connection, container_id: UUID, *, revision: int | None, caller: Principal
) -> tuple[Container, Step | None]:
    """Lock a container that waits for a decision of the caller; return it, and the step that the caller decides."""
    container = await lock_container(connection, container_id, visible_to=caller)
    container.require_reviewable(revision=revision)
    step = container.current_step
    if step is not None:
        role: str | None = None
        if caller.user_id is not None:
            role = await connection.fetchval(SQL["role_of"], caller.user_id)
        step.require_decider(caller, role=role, container_id=container_id)
    return container, step


async def _decide(
    connection: Connection,
    container: Container,
    step: Step | None,
    approval_status: ApprovalStatus,
    note: str | None,
    *,
    caller: Principal,
    now: datetime,
) -> Container:
    decision = Decision(approval_status=approval_status, at=now, by=caller.public_id, note=note, name=caller.given_name)
    container = container.decide(decision)
    step_name = None if step is None else step.name
    if container.is_covered and approval_status is ApprovalStatus.APPROVED:
        overrides = await waiting_overrides(connection, container.id)
        approved = approved_texts(container.caption, container.first_comment, overrides)
        await write_decision(
            connection,
            container,
            decision,
            step=step_name,
            approved_overrides=json.dumps(approved, ensure_ascii=False),
            fingerprint=container.fingerprint(approved),
        )
    else:
        await write_decision(connection, container, decision, step=step_name)
    return container


async def _record_decision(
    connection: Connection,
    action: Action,
    container: Container,
    step: Step | None,
    note: str | None,
    *,
    by: Principal,
    now: datetime,
    detail: Mapping[str, JsonValue] = MappingProxyType({}),
) -> None:
    shown: dict[str, JsonValue] = {"revision": container.revision}
    if step is not None:
        shown["step"] = step.name
    if note is not None:
        shown["note"] = note
    name = public_id(CONTAINER, container.id)
    await record_act(connection, action, name, by=by, now=now, detail={**shown, **detail})
