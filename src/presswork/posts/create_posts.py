"""Creating posts: the statements behind publish, schedule and the promotion of approved schedule intents."""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue, TypeAdapter

from presswork.accounts.store import LOGINS
from presswork.audit.model import Action
from presswork.audit.record import detail_text
from presswork.callers.model import Principal
from presswork.core.enums import Environment
from presswork.core.errors import PressworkError
from presswork.core.ids import POST, new_id, public_id
from presswork.core.json_text import compact_json
from presswork.core.timestamps import write_instant
from presswork.db.errors import BUDGET_STATE
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotentCall, IdempotentRequest, Replayed
from presswork.platforms.registry import Platforms
from presswork.posts.budgets import BudgetUsedUp, costs_of
from presswork.posts.known_problems import (
    CallFacts,
    TargetsWouldFail,
    TargetWarning,
    fills_of,
    known_warnings,
    read_facts,
    repeated_targets,
)
from presswork.posts.model import DuplicateId
from presswork.posts.option_rules import option_conditions
from presswork.posts.refusals import AccountFacts, ContainerFacts, Facts, refuse
from presswork.posts.targets import Target, options_text, targets_text
from presswork.posts.verification import Verification, state_of
from presswork.queues.take_slot import hold_slot
from presswork.safe_http.guard import AddressGuard
from presswork.telemetry.origin import origin_text

_SQL: Final = load("presswork.posts", "publish.sql")
_CONTAINER: Final = TypeAdapter(ContainerFacts)
_ACCOUNTS: Final = TypeAdapter(list[AccountFacts])
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishCommand:
    """What to create for one container: a post for each target, due at one instant (UTC)."""

    container_id: UUID
    targets: Sequence[Target]
    post_ids: Sequence[UUID]
    scheduled_for: datetime
    message: str
    """The first line of each post's timeline."""
    action: Action | None
    """The call's name in the audit log, or None if the caller of `create_posts` writes to the log."""
    may_wait: bool = False
    """Whether the command is kept while the content waits for approval; if not, it is refused then."""
    is_strict: bool = False
    """Whether the command is refused if a target is known to fail; if not, the result has a warning."""
    recurrence_id: UUID | None = None
    """The recurrence whose occurrence at `scheduled_for` this is."""
    queue_id: UUID | None = None
    """The queue of whose slot the posts are; the caller has locked it, and holds the slot for them."""
    slot_at: datetime | None = None
    verification: frozenset[Verification] = frozenset()
    """What the worker does differently with the posts."""
    intent_id: UUID | None = None
    """The id of the intent if the command is kept, or None for a new one."""


@dataclass(frozen=True, slots=True)
class CreatedPosts:
    """The ids of the created posts in the order of the targets, with warnings about them."""

    post_ids: Sequence[UUID]
    warnings: Sequence[TargetWarning]
    scheduled_for: datetime
    is_waiting: bool = False
    """Whether the command waits for approval, so that no posts exist yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived:
    """What follows from the facts of a call about the post of each target; None before these are known."""

    fills: Sequence[str] | None = None
    costs: Sequence[int | None] | None = None
    """In millionths; None for a post that is free."""


def _by_post(
    command: PublishCommand, values: Sequence[str | int | None] | None
) -> Mapping[str, str | int | None] | None:
    return None if values is None else dict(zip(map(str, command.post_ids), values, strict=True))


def ids_for(targets: Sequence[Target]) -> Sequence[UUID]:
    """Return the posts' ids in the order of the targets: those that the caller chose, otherwise new ones."""
    return [target.scheduled_post_id or new_id() for target in targets]


async def create_posts(
    connection: "Connection | Pool",
    platforms: Platforms,
    command: PublishCommand,
    *,
    caller: Principal,
    call: IdempotentCall[CreatedPosts] | None = None,
    now: datetime,
) -> CreatedPosts:
    """Queue one post per target, or keep the command until approval, and store the reply of `call` with it.

    Raises Replayed, the refusals of `refusals.refuse`, BudgetUsedUp, Invalid for variables without a value, TargetsWouldFail, IdempotencyConflict and DuplicateId. An error
    means that nothing was written.

    One statement does it all for most calls. If it writes nothing, another one finds out why, and knows the rest: content
    whose texts are covered by an approval, calls that wait, and warnings. Where content may exceed a limit, it first returns
    the facts from which the warnings follow, and is run again with the reply that contains them: they are stored with it
    under the idempotency key. So it is where the project fills in texts: what the posts store of its values follows from the facts. Without a key and without `is_strict` nothing depends on them, and the first run writes.
    """
    created = CreatedPosts(command.post_ids, repeated_targets(command.targets), command.scheduled_for)
    if call is not None:  # without one, the connection is in a transaction, which a violation would abort
        arguments = _arguments(command, platforms, caller, call, created, now)
        with suppress(asyncpg.UniqueViolationError):  # an id exists: the other statement explains it
            usual = "publish_with_events" if caller.has_endpoints else "publish"
            if await connection.fetchval(statement(usual, platforms.offers(caller.environment)), *arguments):
                return created
    return await _create_checked(connection, platforms, command, created, caller=caller, call=call, now=now)


async def create_in_slot(
    connection: Connection,
    platforms: Platforms,
    command: PublishCommand,
    queue_id: UUID,
    slot_at: datetime,
    *,
    caller: Principal,
    now: datetime,
) -> CreatedPosts:
    """Create the posts of a command in a slot of a queue, or keep the command with it, in the caller's transaction.

    The caller has locked the queue, and found the slot free for each account. Raises what `create_posts` raises.
    """
    command = replace(command, queue_id=queue_id, slot_at=slot_at, intent_id=new_id() if command.may_wait else None)
    created = await create_posts(connection, platforms, command, caller=caller, now=now)
    await hold_slot(
        connection,
        queue_id,
        slot_at,
        [target.social_account_id for target in command.targets],
        posts=created.post_ids,
        intent_id=command.intent_id if created.is_waiting else None,
    )
    return created


async def _create_checked(
    connection: "Connection | Pool",
    platforms: Platforms,
    command: PublishCommand,
    created: CreatedPosts,
    *,
    caller: Principal,
    call: IdempotentCall[CreatedPosts] | None,
    now: datetime,
) -> CreatedPosts:
    request = None if call is None else call.request
    offers = platforms.offers(caller.environment)
    checked = "" if request is not None or command.is_strict else None
    derived = _Derived()
    while True:
        try:
            row = await connection.fetchrow(
                statement("publish_checked", offers),
                *_arguments(
                    command,
                    platforms,
                    caller,
                    call,
                    created,
                    now,
                    _checked_values(command, call, created, checked, derived),
                ),
            )
        except asyncpg.UniqueViolationError as error:
            # Another call inserted one of the ids, or took the slot of the call, after this statement's snapshot.
            _raise_unless_slot(error)
            continue
        except asyncpg.PostgresError as error:
            _raise_budget(error, command)
            raise
        if row is None:
            raise RuntimeError("the publish statement returned no row")
        if request is not None and row["stored_body"] is not None:
            raise Replayed(request.reply_of(row["stored_fingerprint"], row["stored_status"], row["stored_body"]))
        facts = row["facts"]
        if row["is_set"]:
            if facts is not None and facts != checked:
                created = _with_warnings(created, read_facts(facts), platforms, command)
            return _mark_waiting(created) if row["waits"] else created
        if row["is_outdated"]:
            continue  # the content was decided on or edited since the snapshot: run the statement again
        if not row["fits"]:
            raise _refusal(row, platforms, command, caller.environment)
        if facts is not None and facts != checked:
            known = read_facts(facts)
            derived = _Derived(
                fills=fills_of(known, platforms.described(), command.targets),
                costs=costs_of(known, platforms.described(), command.targets),
            )
            created, checked = _with_warnings(created, known, platforms, command), facts
            continue
        # A concurrent call with the same idempotency key committed first: replay its reply. If that reply has been
        # pruned since, run the statement again.
        if request is not None and (stored := await request.find(connection)) is not None:
            raise Replayed(stored)


@functools.cache
def statement(name: str, offers: str) -> str:
    """Return a statement of publish.sql with what platforms offer: one text per set of live platforms that are available."""
    return _SQL[name].replace("{offers}", "'" + offers.replace("'", "''") + "'::jsonb")


def _raise_unless_slot(error: asyncpg.UniqueViolationError) -> None:
    """Return if the slot of a call that waits was taken: the next run takes another. Raises DuplicateId."""
    if error.constraint_name == "schedule_intents_slot":
        return
    existing = _UUID.search(error.detail or "")
    if error.constraint_name != "scheduled_posts_pkey" or existing is None:
        raise error
    raise DuplicateId(UUID(existing[0])) from error


def _raise_budget(error: asyncpg.PostgresError, command: PublishCommand) -> None:
    """Raise BudgetUsedUp if another call has used up the budget after this statement's snapshot."""
    if error.sqlstate == BUDGET_STATE:
        raise BudgetUsedUp.of(error.detail, dict(zip(command.post_ids, command.targets, strict=True))) from error


def _with_warnings(
    created: CreatedPosts, facts: CallFacts, platforms: Platforms, command: PublishCommand
) -> CreatedPosts:
    """Add what is known about the targets. Raises TargetsWouldFail."""
    warnings = known_warnings(facts, platforms.described(), command.targets)
    failures = [warning for warning in warnings if warning.is_failure]
    if command.is_strict and failures:
        raise TargetsWouldFail(failures)
    return replace(created, warnings=warnings)


def _mark_waiting(created: CreatedPosts) -> CreatedPosts:
    """Return the result of a command that is kept until the content is approved."""
    return replace(created, post_ids=(), is_waiting=True)


def _arguments(
    command: PublishCommand,
    platforms: Platforms,
    caller: Principal,
    call: IdempotentCall[CreatedPosts] | None,
    created: CreatedPosts,
    now: datetime,
    more: Mapping[str, object] | None = None,
) -> list[object]:
    """Return the arguments of a statement of publish.sql; `more` are values that only publish_checked reads."""
    request = None if call is None else call.request
    values = {
        "scheduled_for": command.scheduled_for.isoformat(),
        "run_at": max(command.scheduled_for, now).isoformat(),
        "message": command.message,
        "origin": origin_text(
            request_id=caller.request_id, traceparent=caller.traceparent, more=state_of(command.verification)
        ),
        **_audit_line(command, caller),
        **_key_line(request),
        **(more or {}),
    }
    return [
        caller.id,
        caller.organization_id,
        caller.environment.value,
        command.container_id,
        now,
        compact_json(values),
        command.post_ids,
        [target.social_account_id for target in command.targets],
        [target.mode for target in command.targets],
        _extras_of(command.targets, platforms.media_guard),
        detail_text(
            {"scheduledPostIds": [public_id(POST, post_id) for post_id in command.post_ids], **_time_detail(command)}
        ),
        b"" if call is None or request is None else call.reply_to(created).body,
    ]


def _extras_of(targets: Sequence[Target], guard: AddressGuard) -> list[str | None] | None:
    """Return what each target has beside its account and mode; None if none has anything."""
    extras = [
        _extras(target, guard)
        if target.options or target.caption_override is not None or target.first_comment_override is not None
        else None
        for target in targets
    ]
    return extras if any(extras) else None


def _extras(target: Target, guard: AddressGuard) -> str:
    extras: dict[str, object] = {}
    if target.caption_override is not None:
        extras["caption"] = target.caption_override
    if target.first_comment_override is not None:
        extras["first_comment"] = target.first_comment_override
    if target.options:
        extras |= {"options": options_text(target), "conditions": option_conditions(target, guard)}
    return compact_json(extras)


def _audit_line(command: PublishCommand, caller: Principal) -> dict[str, object]:
    """Return the columns of the audit log line, except its detail."""
    if command.action is None:
        return {}
    actor = caller.actor
    return {
        "audit": str(new_id()),
        "action": command.action.value,
        "actor": actor.kind.value,
        "actor_name": actor.name,
        "operator": None if actor.operator_id is None else str(actor.operator_id),
        "request_id": caller.request_id,
    }


def _key_line(request: IdempotentRequest | None) -> dict[str, object]:
    """Return the columns of the idempotency key."""
    if request is None:
        return {}
    return {
        "route": request.route,
        "idempotency_key": request.idempotency_key,
        "stale_before": request.stale_before.isoformat(),
        "fingerprint": request.fingerprint.hex(),
    }


def _time_detail(command: PublishCommand) -> dict[str, JsonValue]:
    """Return what the audit log says about the time of a call."""
    is_scheduled = command.action is Action.CONTENT_SCHEDULE
    return {"scheduledFor": write_instant(command.scheduled_for)} if is_scheduled else {}


def _checked_values(
    command: PublishCommand,
    call: IdempotentCall[CreatedPosts] | None,
    created: CreatedPosts,
    checked: str | None,
    derived: _Derived,
) -> Mapping[str, object]:
    """Return the values of the call that only publish_checked reads."""
    more: dict[str, object] = {
        "checked": checked,
        "queue": None if command.queue_id is None else str(command.queue_id),
        "recurrence": None if command.recurrence_id is None else str(command.recurrence_id),
        "slot_at": None if command.slot_at is None else command.slot_at.isoformat(),
        "fills": _by_post(command, derived.fills),
        "costs": _by_post(command, derived.costs),
        "chosen_ids": [str(target.scheduled_post_id) for target in command.targets if target.scheduled_post_id],
    }
    if command.may_wait:
        more |= {
            "waiting_body": ""
            if call is None or call.request is None
            else call.reply_to(_mark_waiting(created)).body.decode(),
            "intent": str(command.intent_id or new_id()),
            "intent_targets": targets_text(command.targets),
            "waiting_detail": detail_text(
                {"waitsForApproval": True, "targets": len(command.targets), **_time_detail(command)}
            ),
        }
    return more


def _refusal(
    row: asyncpg.Record, platforms: Platforms, command: PublishCommand, environment: Environment
) -> PressworkError:
    container = None if row["container"] is None else _CONTAINER.validate_json(row["container"])
    found = json.loads(row["accounts"] or "[]")
    accounts = _ACCOUNTS.validate_python([account for account in found if account["login"] in LOGINS])
    facts = Facts(
        container=container,
        accounts={account.id: account for account in accounts},
        tracks=frozenset(row["tracks"]),
        existing_ids=frozenset(row["existing_ids"]),
        platforms=platforms.described(),
        unavailable=platforms.unavailable(environment),
        unavailable_with_app=platforms.unavailable(environment, has_app=True),
        guard=platforms.media_guard,
        has_room=not row["is_full"],
    )
    refusal = refuse(facts, command.targets, may_wait=command.may_wait)
    if refusal is None:
        raise RuntimeError(
            f"publish.sql refused a call that refusals.refuse accepts: {json.dumps(dict(row), default=str)}"
        )
    return refusal
