"""Accepting targets: the one statement behind publish, schedule and the promotion of what waited for approval."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue, TypeAdapter

from presswork.api.responses import Reply
from presswork.audit.model import Action
from presswork.audit.record import detail_text
from presswork.core.enums import Environment
from presswork.core.errors import PressworkError
from presswork.core.ids import POST, new_id, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotentRequest
from presswork.orgs.model import Principal
from presswork.platforms.registry import Platforms
from presswork.posts.model import DuplicateId
from presswork.posts.refusals import AccountFacts, ContainerFacts, Facts, refuse, wanted_track
from presswork.posts.schemas import RepeatedTarget, Target, TikTokMusic, TikTokPostSettings
from presswork.telemetry.origin import origin_text

_SQL: Final = load("presswork.posts", "publish.sql")
_CONTAINER: Final = TypeAdapter(ContainerFacts)
_ACCOUNTS: Final = TypeAdapter(list[AccountFacts])
_TARGETS: Final = TypeAdapter(list[Target])
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to become of one container: a post for each target, due at one instant (UTC)."""

    container_id: UUID
    targets: Sequence[Target]
    post_ids: Sequence[UUID]
    scheduled_for: datetime
    message: str
    """The first line of each post's timeline."""
    action: Action | None
    """What the audit log calls the call; None: whoever makes this order tells the log."""
    body: bytes
    """The answer when the posts are made."""
    waiting_body: bytes | None = None
    """The answer when the content waits for approval and the order is kept until then; None: it is refused instead."""


def ids_for(targets: Sequence[Target]) -> Sequence[UUID]:
    """Return the posts' ids in the order of the targets: the caller's own, or fresh ones."""
    return [target.scheduled_post_id or new_id() for target in targets]


async def accept(
    connection: "Connection | Pool",
    platforms: Platforms,
    order: Order,
    *,
    caller: Principal,
    once: IdempotentRequest | None,
    now: datetime,
) -> Reply:
    """Queue one post per target, or keep the order until approval, and return the answer, or its replay.

    Raises the refusals of `refusals.refuse`, IdempotencyConflict and DuplicateId; then nothing was written.
    """
    arguments = _arguments(platforms, order, caller, once, now)
    while True:
        try:
            row = await connection.fetchrow(_SQL["publish"], *arguments)
        except asyncpg.UniqueViolationError as error:
            # Another call took one of the ids between this statement's look and its insert.
            taken = _UUID.search(error.detail or "")
            if error.constraint_name != "scheduled_posts_pkey" or taken is None:
                raise
            raise DuplicateId(UUID(taken[0])) from error
        if row is None:
            raise RuntimeError("the publish statement gave no row back")
        if once is not None and row["stored_body"] is not None:
            return once.reply_of(row["stored_fingerprint"], row["stored_status"], row["stored_body"])
        if row["is_set"]:
            is_waiting = row["waits"] and order.waiting_body is not None
            return Reply(202, order.waiting_body or b"") if is_waiting else Reply(200, order.body)
        if row["is_decided"]:
            continue  # somebody approved or rejected the content since the statement began: look again
        if not row["fits"]:
            raise _refusal(row, platforms, order, caller.environment)
        # A twin under the same idempotency key wrote first, while this call waited: replay what it stored. Should it
        # be gone already (swept), this call is the first again.
        if once is not None and (stored := await once.find(connection)) is not None:
            return stored


def warnings_of(targets: Sequence[Target]) -> Sequence[RepeatedTarget]:
    """Return what is odd about targets: an account and mode that stand there more than once."""
    seen: set[tuple[UUID, str]] = set()
    warnings: list[RepeatedTarget] = []
    for target in targets:
        pair = (target.social_account_id, target.mode.value)
        if pair in seen:
            sentence = "This account and mode stand more than once in the call: the content is posted each time."
            warnings.append(
                RepeatedTarget(message=sentence, social_account_id=target.social_account_id, mode=target.mode)
            )
        seen.add(pair)
    return warnings


def _arguments(
    platforms: Platforms, order: Order, caller: Principal, once: IdempotentRequest | None, now: datetime
) -> list[object]:
    targets = order.targets
    offers = platforms.offers(caller.environment)
    return [
        caller.key_id,
        caller.organization_id,
        caller.environment.value,
        order.container_id,
        now,
        once.stale_before if once else None,
        once.route if once else None,
        once.idempotency_key if once else None,
        once.fingerprint if once else None,
        order.body,
        [target.scheduled_post_id for target in targets if target.scheduled_post_id],
        list(order.post_ids),
        [target.social_account_id for target in targets],
        [target.mode.value for target in targets],
        _column([target.caption_override for target in targets]),
        _column([target.first_comment_override for target in targets]),
        _column([_json(target.tiktok_post_settings) for target in targets]),
        _column([_json(target.tiktok_music) for target in targets]),
        _column([wanted_track(target) for target in targets]),
        _column([target.share_reel_to_feed for target in targets]),
        offers.logins,
        offers.modes,
        offers.scopes,
        offers.have_reel_placement,
        offers.have_music,
        offers.are_available,
        order.scheduled_for,
        max(order.scheduled_for, now),
        order.message,
        order.waiting_body,
        None if order.waiting_body is None else new_id(),
        None if order.waiting_body is None else targets_text(targets),
        offers.have_own_lane,
        *_audit_arguments(order, caller),
        origin_text(),
    ]


def _audit_arguments(order: Order, caller: Principal) -> tuple[object, ...]:
    """Return the line for the audit log: its id, action, operator, request and facts, which differ where the call waits."""
    if order.action is None:
        return (None,) * 6
    posts: list[JsonValue] = [public_id(POST, post_id) for post_id in order.post_ids]
    when: dict[str, JsonValue] = {}
    if order.action is Action.CONTENT_SCHEDULE:
        when = {"scheduledFor": write_instant(order.scheduled_for)}
    is_kept = order.waiting_body is not None
    return (
        new_id(),
        order.action.value,
        caller.operator_id,
        caller.request_id,
        detail_text({"scheduledPostIds": posts, **when}),
        detail_text({"waitsForApproval": True, "targets": len(posts), **when}) if is_kept else None,
    )


def _column(values: Sequence[object]) -> Sequence[object] | None:
    """Return an optional column of the targets; one without a value is sent as none at all, which `unnest` fills up."""
    return values if any(value is not None for value in values) else None


def _json(part: TikTokPostSettings | TikTokMusic | None) -> str | None:
    return None if part is None else part.model_dump_json(by_alias=True, exclude_none=True)


def targets_text(targets: Sequence[Target]) -> str:
    """Return targets as they are kept until approval; `targets_of` reads them back."""
    return _TARGETS.dump_json(list(targets), by_alias=True, exclude_none=True).decode()


def targets_of(text: str) -> Sequence[Target]:
    """Read kept targets."""
    return _TARGETS.validate_json(text)


def _refusal(row: asyncpg.Record, platforms: Platforms, order: Order, environment: Environment) -> PressworkError:
    container = None if row["container"] is None else _CONTAINER.validate_json(row["container"])
    accounts = [] if row["accounts"] is None else _ACCOUNTS.validate_json(row["accounts"])
    facts = Facts(
        container=container,
        accounts={account.id: account for account in accounts},
        tracks=frozenset(row["tracks"]),
        taken=frozenset(row["taken"]),
        platforms=platforms.described(),
        unavailable=platforms.unavailable(environment),
    )
    refusal = refuse(facts, order.targets, may_wait=order.waiting_body is not None)
    if refusal is None:
        raise RuntimeError(f"the statement refused what the checks allow: {json.dumps(dict(row), default=str)}")
    return refusal
