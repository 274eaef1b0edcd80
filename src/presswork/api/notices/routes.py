"""Routes of a person's notifications, preferences and push subscriptions, and of the channels of projects."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import AnyKey, ProjectsRead, ProjectsWrite
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ChannelId, ProjectId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging, Position
from presswork.api.http.responses import respond
from presswork.api.notices.schemas import (
    DeletedNoticeChannel,
    DeletedPushSubscription,
    EndedPushSubscription,
    MarkedNotifications,
    NewNoticeChannel,
    NewPreferences,
    NewPushSubscription,
    NoticeChannel,
    NoticeChannelPatch,
    Notification,
    NotificationPage,
    Preference,
    Preferences,
    PushKey,
    PushSubscription,
    ReadNotifications,
)
from presswork.api.users.schemas import require_session
from presswork.api.webhooks.schemas import EmptyRequest
from presswork.core.errors import Code
from presswork.db.pool import transaction_on
from presswork.notices import channels, push, store

router: Final = APIRouter(tags=["Notifications"])


@router.get("/v1/notifications", response_model=NotificationPage, summary="List notifications")
async def list_notifications(
    caller: AnyKey,
    page: Paging,
    context: Ctx,
    unread: Annotated[bool, Query(description="Only those that were not read.")] = False,
) -> Response:
    """Return the notifications of the session's user in its environment, the latest first. They are kept for 90 days.

    Needs the session of a user, which an API key does not have.
    """
    user_id = require_session(caller)[0]
    rows, count = await store.list_notifications(
        context.pool, user_id, visible_to=caller, only_unread=unread, before=page.after, limit=page.limit + 1
    )
    kept, cursor = page.page_of(rows, lambda row: Position(row.notice.at, row.notice.id))
    return respond(NotificationPage(items=[Notification.of(row) for row in kept], next_cursor=cursor, unread=count))


@router.post("/v1/notifications/read", response_model=MarkedNotifications, summary="Mark notifications as read")
async def mark_notifications_read(
    caller: AnyKey, body: Annotated[ReadNotifications, body_of(ReadNotifications)], idempotent: Idempotent, now: Now
) -> Response:
    """Mark the notifications of the session's user as read, up to an instant. Later ones stay unread."""
    user_id = require_session(caller)[0]
    return await idempotent.run(
        lambda db: store.mark_read(db, user_id, visible_to=caller, up_to=body.up_to, now=now),
        lambda marked: MarkedNotifications(marked=marked),
    )


@router.get("/v1/notification-preferences", response_model=Preferences, summary="Read notification preferences")
async def get_notification_preferences(caller: AnyKey, context: Ctx) -> Response:
    """Return where the session's user is notified of each event, in both environments."""
    found = await store.list_preferences(context.pool, require_session(caller)[0])
    return respond(Preferences(items=[Preference.of(preference) for preference in found]))


@router.put("/v1/notification-preferences", response_model=Preferences, summary="Set notification preferences")
async def set_notification_preferences(
    caller: AnyKey, body: Annotated[NewPreferences, body_of(NewPreferences)], context: Ctx
) -> Response:
    """Choose where the session's user is notified. Events that are not named stay as they are."""
    user_id = require_session(caller)[0]
    async with transaction_on(context.pool) as connection:
        await store.write_preferences(connection, user_id, body.preferences())
        found = await store.list_preferences(connection, user_id)
    return respond(Preferences(items=[Preference.of(preference) for preference in found]))


@router.get("/v1/push/key", response_model=PushKey, summary="Read the push key")
async def get_push_key(caller: AnyKey, context: Ctx, now: Now) -> Response:
    """Return the key with which a browser of the session's user subscribes to push messages (VAPID)."""
    require_session(caller)
    key = await push.find_key(context.pool, context.keyring, now=now)
    return respond(PushKey(public_key=key.public))


@router.post(
    "/v1/push/subscriptions",
    response_model=PushSubscription,
    status_code=201,
    summary="Subscribe a browser to push messages",
)
async def create_push_subscription(
    caller: AnyKey,
    body: Annotated[NewPushSubscription, body_of(NewPushSubscription)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Send push messages to a browser of the session's user. A person has ten at most; a further one replaces the oldest."""
    user_id = require_session(caller)[0]

    def shape(created: tuple[UUID, datetime]) -> PushSubscription:
        return PushSubscription(id=created[0], created_at=created[1])

    return await idempotent.run(
        lambda db: push.subscribe(
            db,
            context.keyring,
            user_id,
            body.subscription(),
            allow_private=context.settings.allow_private_webhooks,
            now=now,
        ),
        shape,
        status=201,
    )


@router.delete(
    "/v1/push/subscriptions", response_model=DeletedPushSubscription, summary="Unsubscribe a browser from push messages"
)
async def delete_push_subscription(
    caller: AnyKey, body: Annotated[EndedPushSubscription, body_of(EndedPushSubscription)], idempotent: Idempotent
) -> Response:
    """Send no more push messages to a browser of the session's user."""
    user_id = require_session(caller)[0]
    return await idempotent.run(
        lambda db: push.unsubscribe(db, user_id, body.endpoint),
        lambda deleted: DeletedPushSubscription(deleted=deleted),
    )


@router.post(
    "/v1/projects/{projectId}/channels",
    response_model=NoticeChannel,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Create a channel",
)
async def create_channel(
    caller: ProjectsWrite,
    project_id: ProjectId,
    body: Annotated[NewNoticeChannel, body_of(NewNoticeChannel)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Send notices of a project to a room of Slack, Microsoft Teams or Discord, or to an e-mail address. A project can have 20."""
    return await idempotent.run(
        lambda db: channels.create_channel(
            db,
            context.keyring,
            project_id,
            body.channel(),
            owner=caller,
            allow_private=context.settings.allow_private_webhooks,
            now=now,
        ),
        NoticeChannel.of,
        status=201,
    )


@router.get("/v1/projects/{projectId}/channels", response_model=Page[NoticeChannel], summary="List channels")
async def list_channels(caller: ProjectsRead, project_id: ProjectId, page: Paging, context: Ctx) -> Response:
    """Return the channels of a project, oldest first."""
    found = await store.list_channels(
        context.pool, project_id, visible_to=caller, after=page.after, limit=page.limit + 1
    )
    return respond(page.of(Page[NoticeChannel], found, NoticeChannel.of))


@router.get("/v1/channels/{channelId}", response_model=NoticeChannel, summary="Read a channel")
async def get_channel(caller: ProjectsRead, channel_id: ChannelId, context: Ctx) -> Response:
    """Return one channel, including whether and why it is paused."""
    return respond(NoticeChannel.of(await store.find_channel(context.pool, channel_id, visible_to=caller)))


@router.patch("/v1/channels/{channelId}", response_model=NoticeChannel, summary="Change a channel")
async def update_channel(
    caller: ProjectsWrite,
    channel_id: ChannelId,
    body: Annotated[NoticeChannelPatch, body_of(NoticeChannelPatch)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Change the given fields. Resume a paused channel with `{"status": "active"}`: notices of the last day that wait are sent."""
    return await idempotent.run(
        lambda db: channels.change_channel(
            db,
            context.keyring,
            channel_id,
            body.changes(),
            owner=caller,
            allow_private=context.settings.allow_private_webhooks,
            now=now,
        ),
        NoticeChannel.of,
    )


@router.delete("/v1/channels/{channelId}", response_model=DeletedNoticeChannel, summary="Delete a channel")
async def delete_channel(caller: ProjectsWrite, channel_id: ChannelId, idempotent: Idempotent, now: Now) -> Response:
    """Delete a channel. What waits to be sent to it is not sent."""
    return await idempotent.run(
        lambda db: channels.delete_channel(db, channel_id, owner=caller, now=now),
        lambda _: DeletedNoticeChannel(id=channel_id, deleted_at=now),
    )


@router.post("/v1/channels/{channelId}/test", response_model=NoticeChannel, status_code=202, summary="Test a channel")
async def send_channel_test(
    caller: ProjectsWrite,
    channel_id: ChannelId,
    _body: Annotated[EmptyRequest, body_of(EmptyRequest, is_optional=True)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Send a test message, even while the channel is paused. `lastSentAt` or `lastError` of the channel shows the result."""
    return await idempotent.run(
        lambda db: channels.ping_channel(db, channel_id, owner=caller, now=now), NoticeChannel.of, status=202
    )
