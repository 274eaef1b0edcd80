"""What people are notified of: which events, whom by default, channels, and the rules of sending. Pure."""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from presswork.core.enums import Environment
from presswork.core.errors import Conflict, NotFound
from presswork.core.ids import ACCOUNT, CONTAINER, ENDPOINT, ORGANIZATION, POST, public_id
from presswork.events.model import EventType
from presswork.people.model import Role

MAIL_WINDOW: Final = timedelta(minutes=10)
"""The first e-mail of a kind goes at once, and what follows within this time is one."""
KEPT_FOR: Final = timedelta(days=90)
"""How long notifications are kept."""
MAX_CHANNELS: Final = 20
"""The most channels of a project."""
MAX_SUBSCRIPTIONS: Final = 10
"""The most browsers in which a person has push messages; a further one replaces the oldest."""
PAUSE_AFTER: Final = 8
"""Failed attempts in a row after which a channel is paused, about four hours after the first."""
DROPPED_AFTER: Final = timedelta(days=1)
"""What could not be sent for so long is not sent any more; it stays in the list of notifications."""
MAX_UNREAD: Final = 1000
"""Up to which unread notifications are counted."""


class NoticeType(StrEnum):
    """The events of which people are notified, a part of `EventType`."""

    CONTENT_PENDING = EventType.CONTENT_PENDING.value
    CONTENT_REMINDER = "content.reminder"
    CONTENT_CHANGES_REQUESTED = EventType.CONTENT_CHANGES_REQUESTED.value
    CONTENT_APPROVED = EventType.CONTENT_APPROVED.value
    CONTENT_REJECTED = EventType.CONTENT_REJECTED.value
    CONTENT_COMMENTED = "content.commented"
    CONTENT_MENTIONED = "content.mentioned"
    POST_FAILED = EventType.POST_FAILED.value
    POST_OUTCOME_UNKNOWN = EventType.POST_OUTCOME_UNKNOWN.value
    ACCOUNT_NEEDS_REAUTH = EventType.ACCOUNT_NEEDS_REAUTH.value
    ACCOUNT_TOKEN_EXPIRING = EventType.ACCOUNT_TOKEN_EXPIRING.value
    WEBHOOK_PAUSED = EventType.WEBHOOK_PAUSED.value
    QUOTA_MEDIA = EventType.QUOTA_MEDIA.value
    USAGE_NEAR_LIMIT = EventType.USAGE_NEAR_LIMIT.value
    USAGE_LIMIT_REACHED = EventType.USAGE_LIMIT_REACHED.value


TEST: Final = EventType.TEST_PING.value
"""The type of the message that tests a channel."""

_WRITERS: Final = frozenset({Role.AUTHOR, Role.PUBLISHER})
_DECIDERS: Final = frozenset({Role.APPROVER, Role.ADMIN})
_PUBLISHERS: Final = frozenset({Role.PUBLISHER, Role.ADMIN})
_ADMINS: Final = frozenset({Role.ADMIN})
_ALL: Final = frozenset(Role)

_BY_DEFAULT: Final[Mapping[NoticeType, tuple[Set[Role], bool]]] = {
    NoticeType.CONTENT_PENDING: (_DECIDERS, True),
    NoticeType.CONTENT_REMINDER: (_DECIDERS, True),
    NoticeType.CONTENT_CHANGES_REQUESTED: (_WRITERS, True),
    NoticeType.CONTENT_APPROVED: (_WRITERS, False),
    NoticeType.CONTENT_REJECTED: (_WRITERS, True),
    NoticeType.CONTENT_COMMENTED: (_ALL - {Role.VIEWER}, False),
    NoticeType.CONTENT_MENTIONED: (_ALL, True),
    NoticeType.POST_FAILED: (_PUBLISHERS, True),
    NoticeType.POST_OUTCOME_UNKNOWN: (_PUBLISHERS, True),
    NoticeType.ACCOUNT_NEEDS_REAUTH: (_PUBLISHERS, True),
    NoticeType.ACCOUNT_TOKEN_EXPIRING: (_PUBLISHERS, True),
    NoticeType.WEBHOOK_PAUSED: (_ADMINS, True),
    NoticeType.QUOTA_MEDIA: (_ADMINS, True),
    NoticeType.USAGE_NEAR_LIMIT: (_ADMINS, True),
    NoticeType.USAGE_LIMIT_REACHED: (_ADMINS, True),
}
"""The roles that are notified unless a person chose otherwise, and whether by e-mail and push as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Where a person is notified of one event: in the list of notifications, by e-mail, in browsers."""

    event: NoticeType
    in_app: bool
    email: bool
    push: bool


def default_preference(event: NoticeType, role: Role) -> Preference:
    """Return where people of a role are notified of an event unless they chose otherwise."""
    roles, is_urgent = _BY_DEFAULT[event]
    is_meant = role in roles
    return Preference(event=event, in_app=is_meant, email=is_meant and is_urgent, push=is_meant and is_urgent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person of an organization who can sign in, and what they chose."""

    id: UUID
    role: Role
    project_ids: Set[UUID] | None
    """The projects that they see; all, if it is None."""
    chosen: Mapping[NoticeType, Preference]
    subscription_ids: Sequence[UUID]

    def preference(self, event: NoticeType) -> Preference:
        """Return where they are notified of an event."""
        return self.chosen.get(event) or default_preference(event, self.role)

    def may_see(self, project_id: UUID | None) -> bool:
        """Return whether they see a project; what belongs to the whole organization is for those who see all of it."""
        return self.project_ids is None or project_id in self.project_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciders:
    """Who decides the step in which content waits: people of these roles and these users, without those who have approved it."""

    roles: Set[str]
    user_ids: Set[UUID]
    approved: Set[UUID]

    def include(self, person: Recipient) -> bool:
        """Return whether a person is asked."""
        return person.id not in self.approved and (person.role in self.roles or person.id in self.user_ids)


class SubjectType(StrEnum):
    """What a notification is about."""

    POST = "post"
    CONTENT = "content"
    ACCOUNT = "social_account"
    ENDPOINT = "webhook_endpoint"
    ORGANIZATION = "organization"
    CHANNEL = "channel"


_PAGES: Final[Mapping[SubjectType, tuple[str, str]]] = {
    SubjectType.POST: (POST, "posts"),
    SubjectType.CONTENT: (CONTAINER, "content"),
    SubjectType.ACCOUNT: (ACCOUNT, "accounts"),
    SubjectType.ENDPOINT: (ENDPOINT, "developers/webhooks"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What happened, as people read it. `at` is UTC."""

    id: UUID
    environment: Environment
    project_id: UUID | None
    event_type: str
    subject_type: SubjectType
    subject_id: UUID
    title: str
    text: str
    at: datetime

    @property
    def subject(self) -> str:
        """The public id of what it is about."""
        prefix = _PAGES[self.subject_type][0] if self.subject_type in _PAGES else ORGANIZATION
        return public_id(prefix, self.subject_id)

    @property
    def path(self) -> str:
        """The page of the console that shows it, as a path below /console."""
        if self.subject_type not in _PAGES:
            return f"/{self.environment.value}"
        return f"/{self.environment.value}/{_PAGES[self.subject_type][1]}/{self.subject}"

    def url(self, base_url: str) -> str:
        """Return the URL of the page."""
        return f"{base_url.rstrip('/')}/console{self.path}"

    @property
    def headline(self) -> str:
        """The title, which says if nothing of it is real."""
        return f"[Test] {self.title}" if self.environment is Environment.TEST else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A notice in the list of one person."""

    notice: Notice
    read_at: datetime | None


class ChannelKind(StrEnum):
    """Where a channel sends messages."""

    SLACK = "slack"
    TEAMS = "teams"
    DISCORD = "discord"
    EMAIL = "email"


class ChannelStatus(StrEnum):
    """Whether messages are sent."""

    ACTIVE = "active"
    PAUSED = "paused"


class ChannelPause(StrEnum):
    """Why a channel is paused."""

    BY_REQUEST = "by_request"
    TOO_MANY_FAILURES = "too_many_failures"
    REFUSED = "refused"  # the service says that its webhook does not exist any more
    UNSUBSCRIBED = "unsubscribed"  # at the link in an e-mail, from its last event


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A room of a chat service, or an e-mail address, that gets a project's notices. Instants are UTC."""

    id: UUID
    project_id: UUID
    kind: ChannelKind
    shown_target: str
    """The address, or of a URL, which is a secret, the host and the last characters."""
    events: Sequence[NoticeType]
    status: ChannelStatus
    paused_at: datetime | None
    paused_reason: ChannelPause | None
    last_error: str | None
    last_sent_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ChannelNotFound(NotFound):
    """The channel does not exist, or the caller can't see it."""

    sentence = "There is no such channel. List those of a project with GET /v1/projects/{projectId}/channels."


class TooManyChannels(Conflict):
    """The project has as many channels as it may have."""

    def __init__(self) -> None:
        super().__init__(
            f"This project has {MAX_CHANNELS} channels, and no more are possible. Delete one that is not used.",
            reason="too_many_channels",
            limit=MAX_CHANNELS,
        )


def mask_url(url: str) -> str:
    """Return what is shown of the URL of a webhook, which is a secret: its host and its last four characters."""
    host = url.split("://", 1)[-1].split("/", 1)[0]
    return f"{host}/…{url[-4:]}"


def recipients_of(
    event: NoticeType,
    project_id: UUID | None,
    people: Sequence[Recipient],
    *,
    mentioned: Collection[UUID],
    by: UUID | None,
    deciders: Deciders | None = None,
) -> Sequence[tuple[Recipient, Preference]]:
    """Return who is notified of an event, and where.

    A comment that names people notifies them of that alone. The one who did it, `by`, is not notified. Content that waits in
    a step notifies only its `deciders`.
    """
    chosen = []
    for person in people:
        if person.id == by or not person.may_see(project_id):
            continue
        if deciders is not None and not deciders.include(person):
            continue
        if (event is NoticeType.CONTENT_MENTIONED) is not (person.id in mentioned) and event in _ABOUT_COMMENTS:
            continue
        preference = person.preference(event)
        if preference.in_app or preference.email or preference.push:
            chosen.append((person, preference))
    return chosen


_ABOUT_COMMENTS: Final = frozenset({NoticeType.CONTENT_COMMENTED, NoticeType.CONTENT_MENTIONED})
