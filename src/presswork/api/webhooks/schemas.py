"""Request and response bodies of the webhook routes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.config import JsonDict

from presswork.api.http.body import In, Out, Text
from presswork.api.http.ids import DeliveryRef, EndpointRef, ProjectRef
from presswork.api.http.stored_json import StoredObject
from presswork.core.json_text import JSONText
from presswork.core.timestamps import Instant, write_instant
from presswork.events.model import EventType, body_of
from presswork.webhooks import model
from presswork.webhooks.endpoints import NewEndpoint
from presswork.webhooks.model import DeliveryStatus, EndpointChanges, EndpointStatus, PausedReason

_MAX_URL_CHARACTERS: Final = 2048
_MAX_DESCRIPTION_CHARACTERS: Final = 200
_ENDPOINT_ID: Final = "whe_0191f3a2-7e3f-7d22-9b1c-5f6a7b8c9d0e"
_DELIVERY_ID: Final = "whd_0191f3a2-7f50-7e33-8c2d-6a7b8c9d0e1f"
_SECRET: Final = "whsec_WW91ciBzZWNyZXQgc3RhbmRzIGhlcmUsIG9uY2UuLi4="  # noqa: S105  an example value
_NEW: Final[JsonDict] = {
    "url": "https://app.example.com/hooks/presswork",
    "events": ["post.published", "post.failed"],
    "description": "Notifies the newsroom",
}
_ENDPOINT: Final[JsonDict] = {
    "id": _ENDPOINT_ID,
    "projectId": None,
    **_NEW,
    "status": "active",
    "pausedAt": None,
    "pausedReason": None,
    "failuresInRow": 0,
    "previousSecretExpiresAt": None,
    "reviewUrls": True,
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-11-24T18:30:00.000Z",
}
_DELIVERY: Final[JsonDict] = {
    "id": _DELIVERY_ID,
    "endpointId": _ENDPOINT_ID,
    "eventId": "evt_01KAW2V3M8T5R7W1X4Y6Z0ABCD",
    "eventType": "test.ping",
    "status": "pending",
    "nextAttemptAt": "2026-11-24T18:30:20.250Z",
    "attempts": [
        {
            "at": "2026-11-24T18:30:00.041Z",
            "durationMs": 15004,
            "statusCode": None,
            "error": "app.example.com did not respond in time.",
            "responseExcerpt": None,
        }
    ],
    "deliveredAt": None,
    "gaveUpAt": None,
    "replayOf": None,
    "createdAt": "2026-11-24T18:30:00.000Z",
    "payload": {
        "id": "evt_01KAW2V3M8T5R7W1X4Y6Z0ABCD",
        "type": "test.ping",
        "timestamp": "2026-11-24T18:30:00.000Z",
        "data": {
            "endpointId": _ENDPOINT_ID,
            "projectId": None,
            "organizationId": "org_0191f3a2-6b0d-7a51-8c1f-2e5b1d0a7f43",
        },
    },
}


def _drop_duplicates(events: list[EventType]) -> list[EventType]:
    return list(dict.fromkeys(events))


Url = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=_MAX_URL_CHARACTERS,
        description="The URL that receives the events: a public https URL without user name and password. In the test "
        "environment, http is allowed as well.",
        json_schema_extra={"format": "uri", "pattern": "^[hH][tT][tT][pP][sS]?://"},
    ),
]
Events = Annotated[list[EventType], Field(min_length=1, max_length=100), AfterValidator(_drop_duplicates)]
Description = Annotated[Text, Field(max_length=_MAX_DESCRIPTION_CHARACTERS)]


class NewWebhookEndpoint(In):
    """The settings of a new endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NEW]})

    url: Url
    events: Events = Field(description="The event types to receive; at least one.")
    description: Description | None = Field(default=None, description="A note for yourself.")
    project_id: ProjectRef | None = Field(
        default=None,
        description="Only events of this project. Default: of every project of the organization in the key's environment.",
    )

    def endpoint(self) -> NewEndpoint:
        """Return the domain object."""
        return NewEndpoint(
            url=self.url, events=self.events, description=self.description or None, project_id=self.project_id
        )


class WebhookEndpointPatch(In):
    """The fields to change. Omitted fields do not change."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "active"}]})

    url: Url = Field(default_factory=str)
    events: Events = Field(
        default_factory=list, description="The event types to receive from now on; replaces the list."
    )
    description: Description | None = Field(default=None, description="null removes it.")
    status: EndpointStatus = Field(
        default_factory=lambda: EndpointStatus.ACTIVE,
        description="`paused` keeps deliveries for up to seven days; `active` resumes sending.",
    )

    def changes(self) -> EndpointChanges:
        """Return the domain object."""
        return EndpointChanges(
            fields=frozenset(self.model_fields_set),
            url=self.url,
            events=self.events,
            description=self.description or None,
            status=self.status,
        )


class EmptyRequest(In):
    """An empty body. The body is optional."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class WebhookEndpoint(Out):
    """A URL that receives events."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENDPOINT]})

    id: EndpointRef
    project_id: ProjectRef | None = Field(description="The project whose events are sent; null: all projects.")
    url: str
    events: Sequence[EventType]
    description: str | None
    status: EndpointStatus
    paused_at: Instant | None
    paused_reason: PausedReason | None = Field(
        description="`by_request`: paused through the API. `too_many_failures`: 20 attempts in a row failed. `gone`: it "
        "returned 410. Fix the receiver, then PATCH `status` to `active`."
    )
    failures_in_row: int = Field(description="Failed attempts since the last successful one.")
    previous_secret_expires_at: Instant | None = Field(
        description="Until when the previous secret signs as well; null: there is none, or it has expired."
    )
    review_urls: bool = Field(
        description="Whether messages `content.pending` carry `reviewUrl`: keys or people with `content:approve` made the "
        "endpoint and changed it last. A change by another one ends it, until one who has the scope changes the endpoint."
    )
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, endpoint: model.Endpoint, *, now: datetime) -> Self:
        """Build it from the domain object."""
        return cls(
            id=endpoint.id,
            project_id=endpoint.project_id,
            url=endpoint.url,
            events=endpoint.events,
            description=endpoint.description,
            status=endpoint.status,
            paused_at=endpoint.paused_at,
            paused_reason=endpoint.paused_reason,
            failures_in_row=endpoint.failures_in_row,
            previous_secret_expires_at=endpoint.overlap_ends_at(now),
            review_urls=endpoint.has_review_urls,
            created_at=endpoint.created_at,
            updated_at=endpoint.updated_at,
        )


class CreatedWebhookEndpoint(Out):
    """A new endpoint and its signing secret, which is not shown again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"endpoint": _ENDPOINT, "signingSecret": _SECRET}]})

    endpoint: WebhookEndpoint
    signing_secret: str

    @classmethod
    def of(cls, endpoint: model.Endpoint, secret: str, *, now: datetime) -> Self:
        """Build it from the domain object and the secret."""
        return cls(endpoint=WebhookEndpoint.of(endpoint, now=now), signing_secret=secret)


class RotatedSecret(Out):
    """A new signing secret, which is not shown again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"signingSecret": _SECRET, "previousSecretExpiresAt": "2026-11-25T18:30:00.000Z"}]
        }
    )

    signing_secret: str
    previous_secret_expires_at: Instant | None = Field(
        description="Until when messages carry a signature by the previous secret as well."
    )


class DeletedWebhookEndpoint(Out):
    """A deleted endpoint."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": _ENDPOINT_ID, "deletedAt": "2026-11-24T18:30:00.000Z"}]}
    )

    id: EndpointRef
    deleted_at: Instant


class WebhookAttempt(Out):
    """One attempt to deliver an event."""

    at: Instant
    duration_ms: int
    status_code: int | None = Field(description="The HTTP status of the receiver's response; null: no response.")
    error: str | None = Field(description="Why the attempt failed; null: it succeeded.")
    response_excerpt: str | None = Field(description="The beginning of the response body, if it is text.")


class WebhookDelivery(Out):
    """One event for one endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DELIVERY]})

    id: DeliveryRef
    endpoint_id: EndpointRef
    event_id: str = Field(description="The `webhook-id` of the message: the same for every attempt and replay.")
    event_type: EventType
    status: DeliveryStatus = Field(description="`failed`: no attempts are left. Fix the receiver, then replay it.")
    next_attempt_at: Instant | None = Field(
        description="When a pending delivery is retried; null: due now, or finished."
    )
    attempts: Sequence[WebhookAttempt] = Field(description="Oldest first.")
    delivered_at: Instant | None
    gave_up_at: Instant | None
    replay_of: DeliveryRef | None = Field(description="The delivery that this one replays.")
    created_at: Instant
    payload: StoredObject = Field(description="The body of the message.")

    @classmethod
    def of(cls, delivery: model.Delivery) -> Self:
        """Build it from the domain object."""
        body = body_of(
            webhook_id=delivery.webhook_id,
            event_type=delivery.event_type,
            occurred_at=write_instant(delivery.occurred_at),
            data=delivery.data,
        )
        return cls(
            id=delivery.id,
            endpoint_id=delivery.endpoint_id,
            event_id=delivery.webhook_id,
            event_type=delivery.event_type,
            status=delivery.status,
            next_attempt_at=delivery.next_attempt_at,
            attempts=[
                WebhookAttempt(
                    at=attempt.at,
                    duration_ms=attempt.duration_ms,
                    status_code=attempt.status_code,
                    error=attempt.error,
                    response_excerpt=attempt.excerpt,
                )
                for attempt in delivery.attempts
            ],
            delivered_at=delivery.settled_at if delivery.status is DeliveryStatus.DELIVERED else None,
            gave_up_at=delivery.settled_at if delivery.status is DeliveryStatus.FAILED else None,
            replay_of=delivery.replay_of,
            created_at=delivery.created_at,
            payload=JSONText(body),
        )
