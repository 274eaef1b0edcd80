"""Creating, changing, testing and deleting channels; each in the caller's transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.errors import FieldError, Invalid, Issue, IssueCode
from presswork.core.ids import NOTICE_CHANNEL, id_at, new_id, public_id
from presswork.core.timestamps import write_instant
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection
from presswork.notices.model import (
    MAX_CHANNELS,
    TEST,
    Channel,
    ChannelKind,
    ChannelPause,
    ChannelStatus,
    NoticeType,
    SubjectType,
    TooManyChannels,
    mask_url,
)
from presswork.notices.store import SQL, channel_of, lock_channel
from presswork.people.model import normal_email
from presswork.projects.model import ProjectNotFound
from presswork.projects.store import find_project
from presswork.safe_http.failure import FailureKind, URLRefused
from presswork.safe_http.guard import AddressGuard
from presswork.webhooks.model import HOW_TO_ALLOW_PRIVATE

_TEST_TITLE: Final = "A test of this channel"
_TEST_TEXT: Final = "Presswork sends notices of this project here."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewChannel:
    """The settings of a new channel: of `url` and `address`, the one that the kind needs."""

    kind: ChannelKind
    url: str | None
    address: str | None
    events: Sequence[NoticeType]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChanges:
    """The changes to a channel. What is None stays as it is."""

    url: str | None = None
    address: str | None = None
    events: Sequence[NoticeType] | None = None
    status: ChannelStatus | None = None


async def create_channel(
    connection: Connection,
    keyring: Keyring,
    project_id: UUID,
    new: NewChannel,
    *,
    owner: Principal,
    allow_private: bool,
    now: datetime,
) -> Channel:
    """Create a channel of a project. Raises Invalid, ProjectNotFound, ProjectArchived, TooManyChannels."""
    target = _require_target(new.kind, url=new.url, address=new.address, allow_private=allow_private)
    if not owner.may_see(project_id):
        raise ProjectNotFound
    (await find_project(connection, project_id, visible_to=owner, lock="share")).require_active()
    row = await connection.fetchrow(
        SQL["insert_channel"],
        new_id(),
        project_id,
        owner.organization_id,
        owner.environment.value,
        new.kind.value,
        keyring.seal(target.encode()),
        _show_target(new.kind, target),
        [event.value for event in new.events],
        now,
        MAX_CHANNELS,
    )
    if row is None:
        raise TooManyChannels
    channel = channel_of(row)
    detail: dict[str, JsonValue] = {"kind": channel.kind.value, "events": [event.value for event in channel.events]}
    await _record(connection, Action.CHANNEL_CREATE, channel.id, owner, now, detail)
    return channel


async def change_channel(
    connection: Connection,
    keyring: Keyring,
    channel_id: UUID,
    changes: ChannelChanges,
    *,
    owner: Principal,
    allow_private: bool,
    now: datetime,
) -> Channel:
    """Change a channel; one that is resumed sends what waits. Raises Invalid, ChannelNotFound."""
    channel = await lock_channel(connection, channel_id, visible_to=owner)
    target = None
    if changes.url is not None or changes.address is not None:
        target = _require_target(channel.kind, url=changes.url, address=changes.address, allow_private=allow_private)
    status = changes.status or channel.status
    events = channel.events if changes.events is None else changes.events
    is_kept = status is channel.status
    reason = channel.paused_reason if is_kept else ChannelPause.BY_REQUEST
    row = await connection.fetchrow(
        SQL["update_channel"],
        channel_id,
        None if target is None else keyring.seal(target.encode()),
        channel.shown_target if target is None else _show_target(channel.kind, target),
        [event.value for event in events],
        status.value,
        None if reason is None else reason.value,
        now,
    )
    if status is ChannelStatus.ACTIVE and (target is not None or not is_kept):
        await connection.execute(SQL["revive_destination"], channel_id, now)
    fields: list[JsonValue] = [
        name for name in ("url", "address", "events", "status") if getattr(changes, name) is not None
    ]
    await _record(connection, Action.CHANNEL_UPDATE, channel_id, owner, now, {"fields": fields})
    if row is None:
        raise RuntimeError("update_channel returned no row")
    return channel_of(row)


async def delete_channel(connection: Connection, channel_id: UUID, *, owner: Principal, now: datetime) -> None:
    """Delete a channel, and what waits to be sent to it. Raises ChannelNotFound."""
    channel = await lock_channel(connection, channel_id, visible_to=owner)
    await connection.execute(SQL["delete_channel"], channel_id)
    await _record(connection, Action.CHANNEL_DELETE, channel_id, owner, now, {"kind": channel.kind.value})


async def ping_channel(connection: Connection, channel_id: UUID, *, owner: Principal, now: datetime) -> Channel:
    """Send a test message to a channel, even while it is paused. Raises ChannelNotFound."""
    channel = await lock_channel(connection, channel_id, visible_to=owner)
    notice = {
        "id": str(id_at(now)),
        "organization_id": str(owner.organization_id),
        "environment": owner.environment.value,
        "project_id": str(channel.project_id),
        "event_type": TEST,
        "subject_type": SubjectType.CHANNEL.value,
        "subject_id": str(channel_id),
        "title": _TEST_TITLE,
        "text": _TEST_TEXT,
        "at": write_instant(now),
    }
    await connection.execute(SQL["insert_notices"], json.dumps([notice]))
    await connection.execute(SQL["wake_destinations"], [channel_id], ["channel"], [now])
    await connection.execute(SQL["insert_deliveries"], [channel_id], [UUID(notice["id"])], [TEST], [now], now)
    await _record(connection, Action.CHANNEL_TEST, channel_id, owner, now, {"kind": channel.kind.value})
    return channel


def _require_target(kind: ChannelKind, *, url: str | None, address: str | None, allow_private: bool) -> str:
    """Return the URL or the address that a channel of a kind needs. Raises Invalid."""
    name, other = ("address", "url") if kind is ChannelKind.EMAIL else ("url", "address")
    given = {"url": url, "address": address}
    if given[other] is not None:
        problem = f"is not for channels of the kind {kind.value}. Send `{name}` instead."
        raise Invalid([Issue.at(other, problem, IssueCode.CONFLICTING_OPTIONS)])
    target = given[name]
    if target is None:
        raise Invalid(
            [Issue.at(name, f"is required for channels of the kind {kind.value}. Add it.", IssueCode.REQUIRED)]
        )
    if kind is ChannelKind.EMAIL:
        try:
            return normal_email(target)
        except FieldError as error:
            raise Invalid([Issue.at("address", str(error), error.code)]) from error
    try:
        checked = AddressGuard.for_setting(allow_private=allow_private).check_url(target)
    except URLRefused as error:
        how = f" {HOW_TO_ALLOW_PRIVATE}" if error.kind is FailureKind.REFUSED_ADDRESS else ""
        raise Invalid([Issue.at("url", f"is refused. {error.message}{how}", IssueCode.URL_REFUSED)]) from error
    if checked.scheme != "https" and not allow_private:
        raise Invalid(
            [Issue.at("url", "is not an https URL. Copy the one that the service shows.", IssueCode.HTTPS_REQUIRED)]
        )
    return target


def _show_target(kind: ChannelKind, target: str) -> str:
    return target if kind is ChannelKind.EMAIL else mask_url(target)


async def _record(
    connection: Connection,
    action: Action,
    channel_id: UUID,
    owner: Principal,
    now: datetime,
    detail: dict[str, JsonValue],
) -> None:
    await record_act(connection, action, public_id(NOTICE_CHANNEL, channel_id), by=owner, now=now, detail=detail)
