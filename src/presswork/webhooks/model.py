"""Webhooks: event types, endpoints, deliveries, and the retry policy. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from presswork.core.enums import Environment
from presswork.core.errors import Conflict, NotFound
from presswork.core.ids import ENDPOINT, EVENT, public_id, public_ulid
from presswork.events.model import EventType


class EndpointStatus(StrEnum):
    """Whether deliveries are sent. Those of a paused endpoint are kept."""

    ACTIVE = "active"
    PAUSED = "paused"


class PausedReason(StrEnum):
    """Why an endpoint is paused."""

    BY_REQUEST = "by_request"
    TOO_MANY_FAILURES = "too_many_failures"
    GONE = "gone"  # it returned 410


class DeliveryStatus(StrEnum):
    """The state of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # no attempts left


MAX_ENDPOINTS: Final = 50
"""The most endpoints of one organization in one environment."""
PAUSE_AFTER: Final = 20
"""Failed attempts in a row, over all deliveries of an endpoint, after which it is paused."""
THROTTLED_AFTER: Final = 3
"""Failed attempts in a row after which an endpoint gets at most one attempt per THROTTLE_INTERVAL."""
THROTTLE_INTERVAL: Final = timedelta(seconds=1)
MAX_RETRY_AFTER: Final = timedelta(minutes=15)
"""The longest Retry-After of a receiver that is honoured."""
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
"""The wait after the first, second, … failed attempt: about a day in all, then the delivery fails."""
JITTER: Final = 0.1
"""A wait is extended by up to this fraction, so that deliveries that failed together are not retried together."""
SECRET_OVERLAP: Final = timedelta(hours=24)
"""How long the former secret signs as well after a rotation."""
KEPT_WHILE_PAUSED: Final = timedelta(days=7)
"""How long deliveries wait for a paused endpoint to be resumed."""
HOW_TO_ALLOW_PRIVATE: Final = (
    "For development, the operator of this service allows such addresses with PRESSWORK_ALLOW_PRIVATE_WEBHOOKS=true."
)
MAX_EXCERPT_CHARACTERS: Final = 512
"""The length of the excerpt of a receiver's response in the delivery log."""


class EndpointNotFound(NotFound):
    """The endpoint does not exist, or belongs to another organization or environment."""

    def __init__(self) -> None:
        super().__init__("There is no such webhook endpoint. List them with GET /v1/webhook-endpoints.")


class DeliveryNotFound(NotFound):
    """The delivery does not exist, or was deleted because of its age."""

    def __init__(self) -> None:
        super().__init__(
            "There is no such delivery. Old ones are deleted, after 30 days by default. List those of an endpoint with "
            "GET /v1/webhook-endpoints/{endpointId}/deliveries."
        )


class TooManyEndpoints(Conflict):
    """The organization has the maximum number of endpoints."""

    def __init__(self) -> None:
        super().__init__(
            f"There are {MAX_ENDPOINTS} webhook endpoints already, which is the maximum. Delete an unused one.",
            limit=MAX_ENDPOINTS,
        )


class EndpointPaused(Conflict):
    """The endpoint is paused, so nothing is delivered to it."""

    def __init__(self, endpoint_id: UUID) -> None:
        super().__init__(
            'The endpoint of this delivery is paused. Resume it with PATCH and {"status": "active"}; its pending '
            "deliveries are sent then.",
            endpointId=public_id(ENDPOINT, endpoint_id),
            status=EndpointStatus.PAUSED.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A URL of an organization that receives events. Instants are UTC."""

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
    has_review_urls: bool
    """Whether its messages have the URLs of review links: callers with content:approve made it and changed it last."""

    def overlap_ends_at(self, now: datetime) -> datetime | None:
        """Return until when the former secret signs as well, or None if it no longer does."""
        return self.former_until if self.former_until is not None and self.former_until > now else None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChanges:
    """The changes to an endpoint. Only the fields named in `fields` are changed."""

    fields: frozenset[str]
    url: str = ""
    description: str | None = None
    events: Sequence[EventType] = ()
    status: EndpointStatus = EndpointStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to deliver. `error` is None after a 2xx response; `status_code` is None without a response."""

    at: datetime
    duration_ms: int
    status_code: int | None
    error: str | None
    excerpt: str | None
    """The beginning of the response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event for one endpoint. Instants are UTC."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    event_type: EventType
    occurred_at: datetime
    data: str
    """The JSON data, as sent."""
    status: DeliveryStatus
    next_attempt_at: datetime | None
    """Is None if it is due now, or in a final state."""
    attempts: Sequence[Attempt]
    settled_at: datetime | None
    replay_of: UUID | None
    created_at: datetime

    @property
    def webhook_id(self) -> str:
        """The id of the event for the receiver, the same for every attempt and replay."""
        return public_ulid(EVENT, self.event_id)


def retry_wait(failed_attempts: int, *, chance: float, retry_after: timedelta | None = None) -> timedelta | None:
    """Return the wait after a number of failed attempts, or None if there are no attempts left.

    `chance` between 0 and 1 determines the jitter; `retry_after` is the receiver's Retry-After, honoured up to
    MAX_RETRY_AFTER.
    """
    if failed_attempts > len(RETRIES):
        return None
    wait = RETRIES[failed_attempts - 1] * (1 + JITTER * chance)
    return max(wait, min(retry_after or timedelta(0), MAX_RETRY_AFTER))
