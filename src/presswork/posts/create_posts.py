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
_dumps: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
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
    return [
        caller.key_id,
        caller.organization_id,
        caller.environment.value,
        order.container_id,
        now,
        _call_json(order, caller, once, now),
        once.fingerprint if once else None,
        order.body,
        order.waiting_body,
        _targets_json(order),
        platforms.offers(caller.environment),
        [target.scheduled_post_id for target in order.targets if target.scheduled_post_id],
    ]


def _call_json(order: Order, caller: Principal, once: IdempotentRequest | None, now: datetime) -> str:
    """Return what there is once per call, by the names of publish.sql: call."""
    call: dict[str, object] = {
        "scheduled_for": order.scheduled_for.isoformat(),
        "run_at": max(order.scheduled_for, now).isoformat(),
        "message": order.message,
        "origin": origin_text(),
    }
    if once is not None:
        call |= {
            "route": once.route,
            "idempotency_key": once.idempotency_key,
            "stale_before": once.stale_before.isoformat(),
        }
    if order.waiting_body is not None:
        call |= {"intent": str(new_id()), "intent_targets": targets_text(order.targets)}
    if order.action is not None:
        call |= _audit_line(order, order.action, caller)
    return _dumps(call)


def _audit_line(order: Order, action: Action, caller: Principal) -> dict[str, object]:
    """Return the line for the audit log: its id, action, operator, request and facts, which differ where the call waits."""
    posts: list[JsonValue] = [public_id(POST, post_id) for post_id in order.post_ids]
    when: dict[str, JsonValue] = {}
    if action is Action.CONTENT_SCHEDULE:
        when = {"scheduledFor": write_instant(order.scheduled_for)}
    is_kept = order.waiting_body is not None
    return {
        "audit": str(new_id()),
        "action": action.value,
        "operator": None if caller.operator_id is None else str(caller.operator_id),
        "request_id": caller.request_id,
        "detail": detail_text({"scheduledPostIds": posts, **when}),
        "waiting_detail": detail_text({"waitsForApproval": True, "targets": len(posts), **when}) if is_kept else None,
    }


def _targets_json(order: Order) -> str:
    """Return the targets by the names of publish.sql: aimed. What a target does not set is left out."""
    targets = []
    for target, post_id in zip(order.targets, order.post_ids, strict=True):
        row: dict[str, object] = {
            "post_id": str(post_id),
            "account_id": str(target.social_account_id),
            "mode": target.mode.value,
        }
        if target.caption_override is not None:
            row["caption"] = target.caption_override
        if target.first_comment_override is not None:
            row["first_comment"] = target.first_comment_override
        if target.tiktok_post_settings is not None:
            row["settings"] = _json(target.tiktok_post_settings)
        if target.tiktok_music is not None:
            row["music"] = _json(target.tiktok_music)
        if (track := wanted_track(target)) is not None:
            row["track_id"] = str(track)
        if target.share_reel_to_feed is not None:
            row["reel_to_feed"] = target.share_reel_to_feed
        targets.append(row)
    return _dumps(targets)


def _json(part: TikTokPostSettings | TikTokMusic) -> str:
    return part.model_dump_json(by_alias=True, exclude_none=True)


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
