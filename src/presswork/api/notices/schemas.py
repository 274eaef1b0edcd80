"""Request and response bodies of notifications, preferences, channels and push subscriptions."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field
from pydantic.config import JsonDict

from presswork.api.http.body import In, Out, Text, with_examples
from presswork.api.http.ids import ChannelRef, NoticeRef, ProjectRef, PushSubscriptionRef
from presswork.api.http.paging import NoNextPage
from presswork.core.timestamps import Instant
from presswork.notices import model
from presswork.notices.channels import ChannelChanges, NewChannel
from presswork.notices.model import ChannelKind, ChannelPause, ChannelStatus, NoticeType, SubjectType
from presswork.notices.push import BrowserSubscription

_UUID: Final = "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e57"
_NOTIFICATION: Final[JsonDict] = {
    "id": "ntf_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5c",
    "event": "post.failed",
    "title": "A post to ada.bakes on TikTok failed",
    "text": "TikTok refused the video. Choose a shorter one.\nProject: Bakery",
    "projectId": f"prj_{_UUID}",
    "subject": {"type": "post", "id": f"sp_{_UUID}"},
    "path": f"/test/posts/sp_{_UUID}",
    "at": "2026-11-24T18:30:00.000Z",
    "readAt": None,
}
_PREFERENCE: Final[JsonDict] = {"event": "post.failed", "inApp": True, "email": True, "push": False}
_CHANNEL: Final[JsonDict] = {
    "id": "chn_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5d",
    "projectId": f"prj_{_UUID}",
    "kind": "slack",
    "target": "hooks.slack.com/…a8Xz",
    "events": ["content.pending", "post.failed"],
    "status": "active",
    "pausedAt": None,
    "pausedReason": None,
    "lastError": None,
    "lastSentAt": "2026-11-24T18:30:00.000Z",
    "createdAt": "2026-11-24T18:00:00.000Z",
    "updatedAt": "2026-11-24T18:00:00.000Z",
}
_PUBLIC_KEY: Final = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
_SUBSCRIPTION: Final[JsonDict] = {
    "endpoint": "https://push.example.com/send/c2VjcmV0",
    "expirationTime": None,
    "keys": {
        "p256dh": _PUBLIC_KEY,
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}
_MAX_URL_CHARACTERS: Final = 2048


class Subject(Out):
    """What a notification is about."""

    type: SubjectType
    id: str = Field(description="The id of that object, as its own routes have it.")


class Notification(Out):
    """Something that happened, for one person."""

    model_config = with_examples(_NOTIFICATION)

    id: NoticeRef
    event: NoticeType
    title: str
    text: str = Field(description="Some lines of plain text; may be empty.")
    project_id: ProjectRef | None = Field(description="Null: of the whole organization.")
    subject: Subject
    path: str = Field(description="The page of the console that shows it, below `/console`.")
    at: Instant
    read_at: Instant | None

    @classmethod
    def of(cls, notification: model.Notification) -> Self:
        """Build it from the domain object."""
        notice = notification.notice
        return cls(
            id=notice.id,
            event=NoticeType(notice.event_type),
            title=notice.title,
            text=notice.text,
            project_id=notice.project_id,
            subject=Subject(type=notice.subject_type, id=notice.subject),
            path=notice.path,
            at=notice.at,
            read_at=notification.read_at,
        )


class NotificationPage(Out):
    """One page of notifications. `nextCursor` is null on the last one."""

    model_config = with_examples({"items": [_NOTIFICATION], "nextCursor": None, "unread": 1})

    items: list[Notification]
    next_cursor: str | None
    unread: int = Field(description=f"How many are unread in all; {model.MAX_UNREAD:,} stands for that many or more.")


class ReadNotifications(In):
    """Up to when notifications are read."""

    model_config = with_examples({"upTo": "2026-11-24T18:30:00.000Z"})

    up_to: Instant = Field(description="The `at` of the latest one that was seen.")


class MarkedNotifications(Out):
    """How many notifications were unread until now."""

    model_config = with_examples({"marked": 3})

    marked: int


class Preference(Out):
    """Where the person is notified of one event."""

    model_config = with_examples(_PREFERENCE)

    event: NoticeType
    in_app: bool = Field(description="In the list of notifications.")
    email: bool = Field(description="By e-mail, where the installation has a mail server.")
    push: bool = Field(description="In the browsers with a push subscription.")

    @classmethod
    def of(cls, preference: model.Preference) -> Self:
        """Build it from the domain object."""
        return cls(event=preference.event, in_app=preference.in_app, email=preference.email, push=preference.push)


class PreferenceIn(In):
    """Where to notify the person of one event."""

    model_config = with_examples(_PREFERENCE)

    event: NoticeType
    in_app: bool = Field(strict=True)
    email: bool = Field(strict=True)
    push: bool = Field(strict=True)


class NewPreferences(In):
    """Where to notify the person. Events that are not named stay as they are."""

    model_config = with_examples({"items": [_PREFERENCE]})

    items: list[PreferenceIn] = Field(max_length=100)

    def preferences(self) -> list[model.Preference]:
        """Return the domain objects; of an event that is named twice, the last."""
        named = {item.event: item for item in self.items}
        return [
            model.Preference(event=item.event, in_app=item.in_app, email=item.email, push=item.push)
            for item in named.values()
        ]


class Preferences(Out):
    """Where the person is notified of each event: as chosen, or by the default of the person's role."""

    model_config = with_examples({"items": [_PREFERENCE], "nextCursor": None})

    items: list[Preference]
    next_cursor: NoNextPage = None


def _drop_duplicates(events: list[NoticeType]) -> list[NoticeType]:
    return list(dict.fromkeys(events))


Events = Annotated[list[NoticeType], Field(min_length=1, max_length=100), AfterValidator(_drop_duplicates)]
Url = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=_MAX_URL_CHARACTERS,
        description="The URL of an incoming webhook of the service, which is a secret: it is stored encrypted.",
        json_schema_extra={"format": "uri", "pattern": "^[hH][tT][tT][pP][sS]?://"},
    ),
]
Address = Annotated[Text, Field(max_length=320, description="The e-mail address, for channels of the kind `email`.")]


class NewNoticeChannel(In):
    """Where to send a project's notices: `url` for a chat service, `address` for e-mail."""

    model_config = with_examples(
        {
            "kind": "slack",
            "url": "https://hooks.slack.com/services/T0/B0/secret",
            "events": ["content.pending", "post.failed"],
        }
    )

    kind: ChannelKind
    url: Url | None = None
    address: Address | None = None
    events: Events = Field(description="The events that are sent; at least one.")

    def channel(self) -> NewChannel:
        """Return the domain object."""
        return NewChannel(kind=self.kind, url=self.url, address=self.address, events=self.events)


class NoticeChannelPatch(In):
    """The fields to change. Omitted fields do not change."""

    model_config = with_examples({"status": "active"})

    url: Url = Field(default_factory=str)
    address: Address = Field(default_factory=str)
    events: Events = Field(default_factory=list, description="The events that are sent from now on; replaces the list.")
    status: ChannelStatus = Field(
        default_factory=lambda: ChannelStatus.ACTIVE, description="`active` resumes the channel: what waits is sent."
    )

    def changes(self) -> ChannelChanges:
        """Return the domain object."""
        return ChannelChanges(**self.sent())


class NoticeChannel(Out):
    """A chat room or an e-mail address that gets a project's notices."""

    model_config = with_examples(_CHANNEL)

    id: ChannelRef
    project_id: ProjectRef
    kind: ChannelKind
    target: str = Field(description="The address; or of the URL, which is a secret, the host and the last characters.")
    events: list[NoticeType]
    status: ChannelStatus
    paused_at: Instant | None
    paused_reason: ChannelPause | None = Field(
        description="Why nothing is sent: `too_many_failures`, or `refused`: the service does not know the webhook any more. Fix "
        "it, then PATCH `status` to `active`."
    )
    last_error: str | None = Field(description="Why the last attempt failed; null if it did not.")
    last_sent_at: Instant | None
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, channel: model.Channel) -> Self:
        """Build it from the domain object."""
        return cls(
            id=channel.id,
            project_id=channel.project_id,
            kind=channel.kind,
            target=channel.shown_target,
            events=list(channel.events),
            status=channel.status,
            paused_at=channel.paused_at,
            paused_reason=channel.paused_reason,
            last_error=channel.last_error,
            last_sent_at=channel.last_sent_at,
            created_at=channel.created_at,
            updated_at=channel.updated_at,
        )


class DeletedNoticeChannel(Out):
    """A channel that was deleted."""

    model_config = with_examples(
        {"id": "chn_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5d", "deletedAt": "2026-11-24T18:32:00.000Z"}
    )

    id: ChannelRef
    deleted_at: Instant


class PushKey(Out):
    """The key of the installation, which a browser needs to subscribe."""

    model_config = with_examples({"publicKey": _PUBLIC_KEY})

    public_key: str = Field(description="`applicationServerKey` of PushManager.subscribe(), as base64url.")


class PushKeys(In):
    """The keys of a browser."""

    p256dh: Text = Field(alias="p256dh", min_length=80, max_length=100)
    auth: Text = Field(min_length=20, max_length=40)


class NewPushSubscription(In):
    """A PushSubscription of a browser, as its `toJSON()` returns it."""

    model_config = with_examples(_SUBSCRIPTION)

    endpoint: Url
    expiration_time: float | None = Field(default=None, description="Ignored: an ended subscription is removed.")
    keys: PushKeys

    def subscription(self) -> BrowserSubscription:
        """Return the domain object."""
        return BrowserSubscription(endpoint=self.endpoint, p256dh=self.keys.p256dh, auth=self.keys.auth)


class PushSubscription(Out):
    """A browser that gets push messages."""

    model_config = with_examples(
        {"id": "psh_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5e", "createdAt": "2026-11-24T18:30:00.000Z"}
    )

    id: PushSubscriptionRef
    created_at: Instant


class EndedPushSubscription(In):
    """The browser that gets no more push messages."""

    model_config = with_examples({"endpoint": _SUBSCRIPTION["endpoint"]})

    endpoint: Url


class DeletedPushSubscription(Out):
    """Whether the person had such a subscription."""

    model_config = with_examples({"deleted": True})

    deleted: bool
