"""Turn events into notices: in the lists of people, and in the queues of e-mails, channels and browsers."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog

from presswork.core.enums import Environment
from presswork.core.ids import CONTAINER, EVENT, parse_id, public_ulid
from presswork.core.timestamps import write_instant
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.notices.describe import Described, PostFacts, approved_by, describe
from presswork.notices.model import (
    MAIL_WINDOW,
    ChannelKind,
    Deciders,
    NoticeType,
    Recipient,
    SubjectType,
    recipients_of,
)
from presswork.notices.store import SQL, read_chosen
from presswork.orgs.limits import SHARED_LIMITS
from presswork.people.model import Role
from presswork.projects.review_steps import ApprovalStep, parse_steps

log: Final = structlog.get_logger()

_Place = tuple[UUID, str]
"""A destination and a type of event."""


class DestinationKind(StrEnum):
    """How messages reach a destination."""

    EMAIL = "email"
    CHANNEL = "channel"
    PUSH = "push"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """An event that waits in the outbox."""

    id: UUID
    type: NoticeType
    organization_id: UUID
    environment: Environment
    project_id: UUID | None
    subject_id: UUID
    at: datetime
    data: Mapping[str, Any]


@dataclass(slots=True)
class _Facts:
    """What the events of a batch do not contain."""

    people: Mapping[UUID, list[Recipient]]
    channels: Mapping[UUID, list[asyncpg.Record]]
    """By project."""
    shared: Mapping[tuple[UUID, str], list[asyncpg.Record]]
    """By organization and environment, for events of no project."""
    posts: Mapping[UUID, PostFacts]
    projects: Mapping[UUID, str]
    steps: Mapping[UUID, Sequence[ApprovalStep]]
    """By container, of content that waits in a step."""


@dataclass(slots=True)
class _Out:
    """What is written for a batch."""

    notices: list[dict[str, object]] = field(default_factory=list)
    listed: list[tuple[UUID, UUID]] = field(default_factory=list)
    """Notice and user."""
    mailed: dict[_Place, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    """The notices of each, oldest first."""
    sent: list[tuple[UUID, UUID, str]] = field(default_factory=list)
    """Destination, notice and type."""
    kinds: dict[UUID, DestinationKind] = field(default_factory=dict)


async def fan_out(pool: Pool, *, has_mail: bool, now: datetime | None, limit: int) -> int:
    """Make notices of the oldest events, in one transaction; return how many events there were.

    `has_mail`: whether there is a mail server. `now` is None for the database's time. What can't be read is skipped and
    logged, so that it stops nothing else.
    """
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(SQL["take_events"], limit)
        if not rows:
            return 0
        at: datetime = await connection.fetchval("SELECT coalesce($1, now())", now)
        events = [event for row in sorted(rows, key=lambda row: row["position"]) if (event := _read(row)) is not None]
        facts = await _find_facts(connection, events)
        out = _Out()
        for event in events:
            try:
                _add(out, event, facts, has_mail=has_mail)
            except TRANSIENT_ERRORS:
                raise
            except Exception:  # supervision boundary: one event must not hold up the others
                log.exception("event is not notified", event=public_ulid(EVENT, event.id), type=event.type.value)
        await _write(connection, out, now=at)
        return len(rows)


def _read(row: asyncpg.Record) -> _Event | None:
    try:
        return _Event(
            id=row["event_id"],
            type=NoticeType(row["event_type"]),
            organization_id=row["organization_id"],
            environment=Environment(row["environment"]),
            project_id=row["project_id"],
            subject_id=row["subject_id"],
            at=row["occurred_at"],
            data=json.loads(row["data"]),
        )
    except ValueError:
        log.warning("event is not notified", event=public_ulid(EVENT, row["event_id"]), type=row["event_type"])
        return None


async def _find_facts(connection: Connection, events: Sequence[_Event]) -> _Facts:
    organizations = list({event.organization_id for event in events})
    projects = list({event.project_id for event in events if event.project_id is not None})
    without = list({event.organization_id for event in events if event.project_id is None})
    posts = [event.subject_id for event in events if event.type in _ABOUT_POSTS]
    stepped = [event.subject_id for event in events if event.type in _ASKING and event.data.get("currentStep")]
    people: dict[UUID, list[Recipient]] = defaultdict(list)
    for row in await connection.fetch(SQL["find_people"], organizations):
        people[row["organization_id"]].append(
            Recipient(
                id=row["id"],
                role=Role(row["role"]),
                project_ids=None if row["project_ids"] is None else frozenset(row["project_ids"]),
                chosen=read_chosen(row["chosen"]),
                subscription_ids=row["subscription_ids"],
            )
        )
    channels: dict[UUID, list[asyncpg.Record]] = defaultdict(list)
    for row in await connection.fetch(SQL["find_channels"], projects):
        channels[row["project_id"]].append(row)
    shared: dict[tuple[UUID, str], list[asyncpg.Record]] = defaultdict(list)
    for row in await connection.fetch(SQL["find_channels_of"], without) if without else []:
        shared[row["organization_id"], row["environment"]].append(row)
    found = await connection.fetch(SQL["find_post_facts"], posts) if posts else []
    return _Facts(
        people=people,
        channels=channels,
        shared=shared,
        posts={
            row["id"]: PostFacts(handle=row["handle"], caption=row["caption"], container_id=row["container_id"])
            for row in found
        },
        projects={row["id"]: row["name"] for row in await connection.fetch(SQL["find_project_names"], projects)},
        steps={
            row["id"]: parse_steps(row["review_steps"])
            for row in (await connection.fetch(SQL["find_steps"], stepped) if stepped else ())
        },
    )


_ABOUT_POSTS: Final = frozenset({NoticeType.POST_FAILED, NoticeType.POST_OUTCOME_UNKNOWN})
_ASKING: Final = frozenset({NoticeType.CONTENT_PENDING, NoticeType.CONTENT_REMINDER})
"""Events that ask for a decision."""


def _add(out: _Out, event: _Event, facts: _Facts, *, has_mail: bool) -> None:
    """Add what an event causes."""
    post = facts.posts.get(event.subject_id)
    project = None if event.project_id is None else facts.projects.get(event.project_id)
    described = describe(event.type, event.data, post=post, project=project)
    if described is None:
        return
    people = recipients_of(
        event.type,
        event.project_id,
        facts.people.get(event.organization_id, ()),
        mentioned=described.mentioned,
        by=described.by,
        deciders=_find_deciders(event, facts),
    )
    of_project = facts.channels.get(event.project_id, ()) if event.project_id is not None else ()
    channels = of_project or (
        facts.shared.get((event.organization_id, event.environment.value), ()) if event.project_id is None else ()
    )
    rooms = [channel for channel in channels if event.type.value in channel["events"]]
    if not people and not rooms:
        return
    out.notices.append(_notice_row(event, described, post))
    is_twin = _is_twin(event)
    for person, preference in people:
        if preference.in_app:
            out.listed.append((event.id, person.id))
        if preference.email and has_mail and not is_twin:
            out.mailed[person.id, event.type.value].append(event.id)
            out.kinds[person.id] = DestinationKind.EMAIL
        if preference.push and not is_twin:
            for subscription_id in person.subscription_ids:
                out.sent.append((subscription_id, event.id, event.type.value))
                out.kinds[subscription_id] = DestinationKind.PUSH
    for room in rooms:
        out.kinds[room["id"]] = DestinationKind.CHANNEL
        if room["kind"] == ChannelKind.EMAIL.value:
            out.mailed[room["id"], event.type.value].append(event.id)
        else:
            out.sent.append((room["id"], event.id, event.type.value))


def _is_twin(event: _Event) -> bool:
    """Return whether the live environment has the same event, which alone is sent: what both have together, like storage."""
    is_shared = event.type is NoticeType.QUOTA_MEDIA or (
        event.type in {NoticeType.USAGE_NEAR_LIMIT, NoticeType.USAGE_LIMIT_REACHED}
        and event.data.get("limit") in SHARED_LIMITS
    )
    return is_shared and event.environment is Environment.TEST


def _find_deciders(event: _Event, facts: _Facts) -> Deciders | None:
    """Return who decides the step in which content waited; None for content without steps, and for other events."""
    name = event.data.get("currentStep")
    if event.type not in _ASKING or not name:
        return None
    step = next((one for one in facts.steps.get(event.subject_id, ()) if one.name == name), None)
    return Deciders(
        roles=frozenset(() if step is None else step.roles),
        user_ids=frozenset(() if step is None else step.user_ids),
        approved=approved_by(event.data),
    )


def _notice_row(event: _Event, described: Described, post: PostFacts | None) -> dict[str, object]:
    container_id = post.container_id if post else None
    if described.subject_type is SubjectType.CONTENT:
        container_id = parse_id(CONTAINER, str(event.data.get("containerId") or event.data.get("id")))
    subject_id = container_id if described.subject_type is SubjectType.CONTENT else event.subject_id
    return {
        "id": str(event.id),
        "organization_id": str(event.organization_id),
        "environment": event.environment.value,
        "project_id": None if event.project_id is None else str(event.project_id),
        "container_id": None if container_id is None else str(container_id),
        "event_type": event.type.value,
        "subject_type": described.subject_type.value,
        "subject_id": str(subject_id),
        "title": described.title,
        "text": described.text,
        "at": write_instant(event.at),
    }


async def _write(connection: Connection, out: _Out, *, now: datetime) -> None:
    if not out.notices:
        return
    await connection.execute(SQL["insert_notices"], json.dumps(out.notices))
    if out.listed:
        await connection.execute(
            SQL["insert_notifications"], [notice for notice, _ in out.listed], [user for _, user in out.listed]
        )
    queued = [(destination, notice, event, now) for destination, notice, event in out.sent]
    queued += await _place_mails(connection, out.mailed, now=now)
    if not queued:
        return
    due: dict[UUID, datetime] = {}
    for destination, _, _, due_at in queued:
        due[destination] = min(due_at, due.get(destination, due_at))
    await connection.execute(
        SQL["wake_destinations"], list(due), [out.kinds[one].value for one in due], list(due.values())
    )
    destinations, notices, types, instants = zip(*queued, strict=True)
    await connection.execute(
        SQL["insert_deliveries"], list(destinations), list(notices), list(types), list(instants), now
    )


async def _place_mails(
    connection: Connection, mailed: Mapping[_Place, Sequence[UUID]], *, now: datetime
) -> list[tuple[UUID, UUID, str, datetime]]:
    """Return each e-mail with the instant at which it is due: the first of a kind now, those that follow when its window ends."""
    if not mailed:
        return []
    places = list(mailed)
    rows = await connection.fetch(
        SQL["open_mail_windows"],
        [destination for destination, _ in places],
        [event for _, event in places],
        now,
        MAIL_WINDOW,
    )
    placed = []
    for row in rows:
        place = (row["destination_id"], row["event_type"])
        opened_at = row["opened_at"]
        for number, notice in enumerate(mailed[place]):
            is_first = number == 0 and opened_at == now
            placed.append((*place[:1], notice, place[1], now if is_first else opened_at + MAIL_WINDOW))
    return placed
