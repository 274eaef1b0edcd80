"""The bodies of the routes of webhooks."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from presswork.api.body import In, Out, Text
from presswork.api.ids import DeliveryRef, EndpointRef, ProjectRef
from presswork.core.timestamps import Instant, write_instant
from presswork.webhooks import model
from presswork.webhooks.endpoints import NewEndpoint
from presswork.webhooks.model import (
    DeliveryStatus,
    EndpointChanges,
    EndpointStatus,
    EventType,
    PausedReason,
    body_of,
)

_MAX_URL_CHARACTERS: Final = 2048
_MAX_DESCRIPTION_CHARACTERS: Final = 200
_ENDPOINT_ID: Final = "whe_0191f3a2-7e3f-7d22-9b1c-5f6a7b8c9d0e"
_DELIVERY_ID: Final = "whd_0191f3a2-7f50-7e33-8c2d-6a7b8c9d0e1f"
_SECRET: Final = "whsec_WW91ciBzZWNyZXQgc3RhbmRzIGhlcmUsIG9uY2UuLi4="  # noqa: S105  an example, which signs nothing
_NEW: Final[JsonDict] = {
    "url": "https://app.example.com/hooks/presswork",
    "events": ["post.published", "post.failed"],
    "description": "Tells the newsroom",
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
            "error": "app.example.com takes too long to answer.",
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


def _each_once(events: list[EventType]) -> list[EventType]:
    return list(dict.fromkeys(events))


Url = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=_MAX_URL_CHARACTERS,
        description="Where events are posted to: an https URL that the internet reaches, without user name and "
        "password. In the test environment plain http will do.",
        json_schema_extra={"format": "uri", "pattern": "^[hH][tT][tT][pP][sS]?://"},
    ),
]
Events = Annotated[list[EventType], Field(min_length=1, max_length=100), AfterValidator(_each_once)]
Description = Annotated[Text, Field(max_length=_MAX_DESCRIPTION_CHARACTERS)]


class NewWebhookEndpoint(In):
    """Where you want to be told what happens, and what."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NEW]})

    url: Url
    events: Events = Field(description="What to be told; at least one.")
    description: Description | None = Field(default=None, description="A note for yourself.")
    project_id: ProjectRef | None = Field(
        default=None, description="Only what happens in this project. Left out: in every project that the key sees."
    )

    def endpoint(self) -> NewEndpoint:
        """Return what the use case takes."""
        return NewEndpoint(
            url=self.url, events=self.events, description=self.description or None, project_id=self.project_id
        )


class WebhookEndpointPatch(In):
    """What to change. A field that is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "active"}]})

    url: Url = Field(default_factory=str)
    events: Events = Field(default_factory=list, description="All that is to be told from now on.")
    description: Description | None = Field(default=None, description="null removes it.")
    status: EndpointStatus = Field(
        default_factory=lambda: EndpointStatus.ACTIVE,
        description="`paused` keeps deliveries for seven days; `active` lets them go out.",
    )

    def changes(self) -> EndpointChanges:
        """Return the changes that the caller named."""
        return EndpointChanges(
            fields=frozenset(self.model_fields_set),
            url=self.url,
            events=self.events,
            description=self.description or None,
            status=self.status,
        )


class NothingToSay(In):
    """Nothing is to be said. The whole body may be left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class WebhookEndpoint(Out):
    """Where you are told what happens."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENDPOINT]})

    id: EndpointRef
    project_id: ProjectRef | None = Field(description="The one project that is told of; null: all of them.")
    url: str
    events: Sequence[EventType]
    description: str | None
    status: EndpointStatus
    paused_at: Instant | None
    paused_reason: PausedReason | None = Field(
        description="`by_request`: somebody paused it. `too_many_failures`: 20 attempts in a row failed. `gone`: it "
        "answered 410. Mend the receiver, then PATCH `status` to `active`."
    )
    failures_in_row: int = Field(description="Failed attempts since the last good one.")
    previous_secret_expires_at: Instant | None = Field(
        description="Until when the former secret signs as well; null: there is none, or its time is over."
    )
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, endpoint: model.Endpoint, *, now: datetime) -> Self:
        """Shape an endpoint, as it is now."""
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
            created_at=endpoint.created_at,
            updated_at=endpoint.updated_at,
        )


class CreatedWebhookEndpoint(Out):
    """A fresh endpoint, and the secret that its messages are signed with. The secret is not shown again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"endpoint": _ENDPOINT, "signingSecret": _SECRET}]})

    endpoint: WebhookEndpoint
    signing_secret: str

    @classmethod
    def of(cls, endpoint: model.Endpoint, secret: str, *, now: datetime) -> Self:
        """Shape what was made."""
        return cls(endpoint=WebhookEndpoint.of(endpoint, now=now), signing_secret=secret)


class RotatedSecret(Out):
    """Another secret, which is not shown again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"signingSecret": _SECRET, "previousSecretExpiresAt": "2026-11-25T18:30:00.000Z"}]
        }
    )

    signing_secret: str
    previous_secret_expires_at: Instant | None = Field(
        description="Until when messages carry a signature by the former secret, too."
    )


class DeletedWebhookEndpoint(Out):
    """An endpoint that was removed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": _ENDPOINT_ID, "deletedAt": "2026-11-24T18:30:00.000Z"}]}
    )

    id: EndpointRef
    deleted_at: Instant


class WebhookAttempt(Out):
    """One try to deliver an event."""

    at: Instant
    duration_ms: int
    status_code: int | None = Field(description="What the receiver answered; null: nothing.")
    error: str | None = Field(description="Why it does not count as delivered; null: it does.")
    response_excerpt: str | None = Field(description="The beginning of the answer's text, if it was one.")


class WebhookDelivery(Out):
    """One event on its way to one endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DELIVERY]})

    id: DeliveryRef
    endpoint_id: EndpointRef
    event_id: str = Field(description="The `webhook-id` of the message: the same for every attempt and replay.")
    event_type: EventType
    status: DeliveryStatus = Field(description="`failed`: given up. Replay it once the receiver is mended.")
    next_attempt_at: Instant | None = Field(
        description="When a pending one is tried again. null: as soon as it can be."
    )
    attempts: Sequence[WebhookAttempt] = Field(description="Oldest first.")
    delivered_at: Instant | None
    gave_up_at: Instant | None
    replay_of: DeliveryRef | None = Field(description="The delivery that this one repeats.")
    created_at: Instant
    payload: dict[str, JsonValue] = Field(description="What is sent.")

    @classmethod
    def of(cls, delivery: model.Delivery) -> Self:
        """Shape a delivery."""
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
                    duration_ms=round(attempt.duration.total_seconds() * 1000),
                    status_code=attempt.status_code,
                    error=attempt.error,
                    response_excerpt=attempt.response_excerpt,
                )
                for attempt in delivery.attempts
            ],
            delivered_at=delivery.settled_at if delivery.status is DeliveryStatus.DELIVERED else None,
            gave_up_at=delivery.settled_at if delivery.status is DeliveryStatus.FAILED else None,
            replay_of=delivery.replay_of,
            created_at=delivery.created_at,
            payload=json.loads(body),
        )
