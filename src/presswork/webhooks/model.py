"""Webhooks: what can be told, to whom, and how patiently. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from presswork.core.enums import Environment
from presswork.core.errors import Conflict, NotFound
from presswork.core.ids import ENDPOINT, EVENT, public_id, public_ulid


class EventType(StrEnum):
    """What can be told."""

    POST_SCHEDULED = "post.scheduled"  # queued; told again when it gets another time
    POST_PUBLISHING = "post.publishing"
    POST_PUBLISHED = "post.published"
    POST_DRAFTED = "post.drafted"
    POST_FAILED = "post.failed"
    POST_CANCELED = "post.canceled"
    CONTENT_APPROVED = "content.approved"
    CONTENT_REJECTED = "content.rejected"
    ACCOUNT_CONNECTED = "social_account.connected"
    ACCOUNT_NEEDS_REAUTH = "social_account.needs_reauth"
    ACCOUNT_REVOKED = "social_account.revoked"
    TEST_PING = "test.ping"


class EndpointStatus(StrEnum):
    """Whether deliveries go out. Those of a paused endpoint are kept."""

    ACTIVE = "active"
    PAUSED = "paused"


class PausedReason(StrEnum):
    """Why an endpoint is paused."""

    BY_REQUEST = "by_request"
    TOO_MANY_FAILURES = "too_many_failures"
    GONE = "gone"  # it answered 410


class DeliveryStatus(StrEnum):
    """Where a delivery is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up


MAX_ENDPOINTS: Final = 50
"""Endpoints of one organization in one environment."""
PAUSE_AFTER: Final = 20
"""Failed attempts in a row, over all deliveries of an endpoint, after which it is paused."""
RESTS_AFTER: Final = 3
"""Failed attempts in a row after which an endpoint is tried only once in REST."""
REST: Final = timedelta(seconds=1)
LONGEST_REST: Final = timedelta(minutes=15)
"""Longest time that a receiver may ask for with Retry-After."""
RETRIES: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=8),
)
"""How long a delivery waits after its first, second, … failed attempt: a day in all, then it is given up."""
JITTER: Final = 0.1
"""A wait is longer by up to this part of it, so that what failed at one moment is not all tried again at another."""
SECRET_OVERLAP: Final = timedelta(hours=24)
"""How long the former secret signs as well, after a change."""
KEPT_WHILE_PAUSED: Final = timedelta(days=7)
"""How long deliveries wait for a paused endpoint to be resumed."""
KEPT_FOR: Final = timedelta(days=30)
"""How long deliveries are remembered."""
MAX_EXCERPT_CHARACTERS: Final = 512
"""Of a receiver's answer, in the log."""


class EndpointNotFound(NotFound):
    """There is no such endpoint, or another organization or environment has it."""

    def __init__(self) -> None:
        """Say where to look."""
        super().__init__("There is no such webhook endpoint here. List them under /v1/webhook-endpoints.")


class DeliveryNotFound(NotFound):
    """There is no such delivery, or not any more."""

    def __init__(self) -> None:
        """Say where to look."""
        super().__init__(
            f"There is no such delivery here; they are kept for {KEPT_FOR.days} days. List those of an endpoint under "
            "/v1/webhook-endpoints/{endpointId}/deliveries."
        )


class TooManyEndpoints(Conflict):
    """The organization has as many endpoints as it may have."""

    def __init__(self) -> None:
        """Tell how many these are."""
        super().__init__(
            f"There are {MAX_ENDPOINTS} webhook endpoints already, which is the most. Delete one that nobody needs.",
            limit=MAX_ENDPOINTS,
        )


class EndpointPaused(Conflict):
    """Nothing goes out to a paused endpoint."""

    def __init__(self, endpoint_id: UUID) -> None:
        """Name the endpoint, and say how it goes on."""
        super().__init__(
            'The endpoint of this delivery is paused. Resume it first (PATCH it with {"status": "active"}); what is '
            "pending goes out then.",
            endpointId=public_id(ENDPOINT, endpoint_id),
            status=EndpointStatus.PAUSED.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where an organization is told what happens; instants in UTC."""

    id: UUID
    organization_id: UUID
    environment: Environment
    project_id: UUID | None
    url: str
    description: str | None
    events: Sequence[EventType]
    status: EndpointStatus
    paused_at: datetime | None
    paused_reason: PausedReason | None
    failures_in_row: int
    former_until: datetime | None
    created_at: datetime
    updated_at: datetime

    def overlap_ends_at(self, now: datetime) -> datetime | None:
        """Return until when the former secret signs as well; None: it does not any more."""
        return self.former_until if self.former_until is not None and self.former_until > now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChanges:
    """What a caller wants changed: a field that is not in `fields` stays as it is, whatever it holds here."""

    fields: frozenset[str]
    url: str = ""
    description: str | None = None
    events: Sequence[EventType] = ()
    status: EndpointStatus = EndpointStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver. Exactly one of `status_code` and `error` may be missing: a good answer has no error."""

    at: datetime
    duration: timedelta
    status_code: int | None
    error: str | None
    response_excerpt: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one endpoint; instants in UTC."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    event_type: EventType
    occurred_at: datetime
    data: str
    """JSON, as it is sent."""
    status: DeliveryStatus
    next_attempt_at: datetime | None
    """None: at once, or never again."""
    attempts: Sequence[Attempt]
    settled_at: datetime | None
    replay_of: UUID | None
    created_at: datetime

    @property
    def webhook_id(self) -> str:
        """What the receiver knows the event by, however often it comes."""
        return public_ulid(EVENT, self.event_id)


def body_of(*, webhook_id: str, event_type: EventType, occurred_at: str, data: str) -> str:
    """Return what is sent: the data as it was written with the change, in an envelope that never changes."""
    return f'{{"id":{json.dumps(webhook_id)},"type":"{event_type.value}","timestamp":"{occurred_at}","data":{data}}}'


def retry_wait(failed_attempts: int, *, chance: float, asked: timedelta | None = None) -> timedelta | None:
    """Return how long to wait after so many failed attempts; None: give up.

    `chance` between 0 and 1 spreads the waits; `asked` is what the receiver asked for, honoured up to LONGEST_REST.
    """
    if failed_attempts > len(RETRIES):
        return None
    wait = RETRIES[failed_attempts - 1] * (1 + JITTER * chance)
    return max(wait, min(asked or timedelta(0), LONGEST_REST))
