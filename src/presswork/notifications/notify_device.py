"""Sending content to a phone by SMS: three messages are queued (two without media), and a worker sends them in order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.model import Container
from presswork.content.store import find_container
from presswork.core.enums import MediaType
from presswork.core.ids import CONTAINER, new_id, public_id
from presswork.core.phone_numbers import masked
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.orgs.operators import phone_of_key
from presswork.orgs.phone_events import count_notice, lock_organization
from presswork.platforms.manual_posting import ManualPost, caption_text, media_text, steps_text, text_to_paste
from presswork.platforms.registry import Platforms, apps_to_post
from presswork.platforms.sms_port import can_attach
from presswork.posts.fill_in import PostTexts, unknown_variables
from presswork.posts.refusals import ContainerFacts, container_refusals
from presswork.projects.model import FillValues
from presswork.projects.store import find_project

SQL: Final = load("presswork.notifications", "notify_device.sql")


class TextKind(StrEnum):
    """The purpose of a message, in the order of sending."""

    MEDIA = "media"
    CAPTION = "caption"
    STEPS = "steps"


class TextStatus(StrEnum):
    """The state of a message. The last four are final."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"  # accepted by the carrier, without a delivery receipt
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may have been sent, so it is not sent again


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedText:
    """One queued message."""

    id: UUID
    kind: TextKind
    status: TextStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SentNotice:
    """The queued messages of one container to one phone number (E.164)."""

    phone: str
    messages: Sequence[QueuedText]


async def notify_device(
    connection: Connection,
    platforms: Platforms,
    keyring: Keyring,
    container_id: UUID,
    phone: str | None,
    *,
    caller: Principal,
    now: datetime,
) -> SentNotice:
    """Queue the messages of a container in the caller's transaction; by default to the phone of the key's operator.

    Raises ContainerNotFound, the refusals of a container that can't be published, PhoneRequired,
    Invalid for variables without a value, OwnerPhoneUnverified, Unavailable, TooManyNotifications.
    """
    container = await find_container(connection, container_id, visible_to=caller)
    await lock_organization(connection, caller.organization_id)  # before the project: see db/errors.py
    project = await find_project(connection, container.project_id, visible_to=caller, lock="share")
    facts = ContainerFacts(
        id=container.id,
        project_id=container.project_id,
        status=container.status.value,
        approval_status=container.approval_status.value,
        media_type=container.media_type,
        project_status=project.status.value,
        caption=container.caption,
        first_comment=container.first_comment,
    )
    for refusal in container_refusals(facts):
        raise refusal
    container = _fill_in(container, project.fill)
    to = phone or await phone_of_key(connection, caller)
    platforms.sms_gateway(caller.environment)
    await count_notice(connection, keyring, to, caller=caller, now=now)
    notice_id, messages = new_id(), []
    for position, (kind, body, has_link) in enumerate(_texts(container)):
        message = QueuedText(id=new_id(), kind=kind, status=TextStatus.QUEUED)
        await connection.execute(
            SQL["insert_text"],
            message.id,
            notice_id,
            position,
            container.id,
            caller.organization_id,
            caller.environment.value,
            kind.value,
            to,
            body,
            has_link,
            now,
        )
        messages.append(message)
    name, detail = public_id(CONTAINER, container.id), {"phone": masked(to)}
    await record_act(connection, Action.CONTENT_NOTIFY_DEVICE, name, by=caller, now=now, detail=detail)
    return SentNotice(phone=to, messages=messages)


def _fill_in(container: Container, values: FillValues) -> Container:
    """Return a container with the texts that go to the phone. Raises Invalid for variables without a value."""
    texts = PostTexts(caption=container.caption, first_comment=container.first_comment, link=container.link)
    if (refusal := unknown_variables(texts.unknown(values, None))) is not None:
        raise refusal
    out = texts.filled(values, None)
    return replace(container, caption=out.caption, first_comment=out.first_comment, link=out.link)


def _texts(container: Container) -> Sequence[tuple[TextKind, str, bool]]:
    """Return the kind and text of each message, and whether the worker adds the link when it sends it."""
    text = text_to_paste(container.caption, container.link)
    post = ManualPost(
        media_type=container.media_type,
        caption=text,
        first_comment=container.first_comment,
        is_attached=can_attach([(asset.content_type or "", asset.uploaded_bytes or 0) for asset in container.media]),
    )
    caption, has_link = caption_text(text)
    return (
        *([(TextKind.MEDIA, media_text(post), True)] if container.media_type is not MediaType.TEXT else []),
        (TextKind.CAPTION, caption, has_link),
        (TextKind.STEPS, steps_text(apps_to_post(container.media_type), post), True),
    )
