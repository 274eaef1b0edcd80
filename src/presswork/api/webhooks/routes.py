"""Routes of webhook endpoints and their deliveries."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import WebhooksRead, WebhooksWrite
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import DeliveryId, EndpointId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.webhooks.schemas import (
    CreatedWebhookEndpoint,
    DeletedWebhookEndpoint,
    EmptyRequest,
    NewWebhookEndpoint,
    RotatedSecret,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEndpointPatch,
)
from presswork.core.errors import Code
from presswork.events.model import EventType
from presswork.webhooks import endpoints, replay, store
from presswork.webhooks.model import DeliveryStatus

router: Final = APIRouter(tags=["Webhooks"])


@router.post(
    "/v1/webhook-endpoints",
    response_model=CreatedWebhookEndpoint,
    status_code=201,
    responses=refusals(Code.NOT_FOUND, Code.CONFLICT),
    summary="Create a webhook endpoint",
)
async def create_webhook_endpoint(
    caller: WebhooksWrite,
    body: Annotated[NewWebhookEndpoint, body_of(NewWebhookEndpoint)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Create an endpoint that receives events from now on. The response contains the signing secret, only this once.

    Messages are signed as specified by Standard Webhooks. Earlier events are not sent.
    """
    return await idempotent.run(
        lambda db: endpoints.create_endpoint(
            db,
            context.keyring,
            body.endpoint(),
            owner=caller,
            allow_private=context.settings.allow_private_webhooks,
            now=now,
        ),
        lambda created: CreatedWebhookEndpoint.of(*created, now=now),
        status=201,
        is_secret=True,
    )


@router.get("/v1/webhook-endpoints", response_model=Page[WebhookEndpoint], summary="List webhook endpoints")
async def list_webhook_endpoints(caller: WebhooksRead, page: Paging, context: Ctx, now: Now) -> Response:
    """Return the endpoints of the key's organization and environment, oldest first."""
    after = None if page.after is None else (page.after.at, page.after.id)
    found = await store.list_endpoints(context.pool, visible_to=caller, after=after, limit=page.limit + 1)
    return respond(page.of(Page[WebhookEndpoint], found, lambda endpoint: WebhookEndpoint.of(endpoint, now=now)))


@router.get("/v1/webhook-endpoints/{endpointId}", response_model=WebhookEndpoint, summary="Read a webhook endpoint")
async def get_webhook_endpoint(caller: WebhooksRead, endpoint_id: EndpointId, context: Ctx, now: Now) -> Response:
    """Return one endpoint, including whether and why it is paused."""
    return respond(WebhookEndpoint.of(await store.find_endpoint(context.pool, endpoint_id, visible_to=caller), now=now))


@router.patch("/v1/webhook-endpoints/{endpointId}", response_model=WebhookEndpoint, summary="Update a webhook endpoint")
async def update_webhook_endpoint(
    caller: WebhooksWrite,
    endpoint_id: EndpointId,
    body: Annotated[WebhookEndpointPatch, body_of(WebhookEndpointPatch)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Change the given fields. Resume a paused endpoint with `{"status": "active"}`.

    While an endpoint is paused, its events are kept for up to seven days; they are sent when it is resumed.
    """
    return await idempotent.run(
        lambda db: endpoints.change_endpoint(
            db,
            endpoint_id,
            body.changes(),
            owner=caller,
            allow_private=context.settings.allow_private_webhooks,
            now=now,
        ),
        lambda endpoint: WebhookEndpoint.of(endpoint, now=now),
    )


@router.delete(
    "/v1/webhook-endpoints/{endpointId}", response_model=DeletedWebhookEndpoint, summary="Delete a webhook endpoint"
)
async def delete_webhook_endpoint(
    caller: WebhooksWrite, endpoint_id: EndpointId, idempotent: Idempotent, now: Now
) -> Response:
    """Delete an endpoint, its delivery log and its pending deliveries."""
    return await idempotent.run(
        lambda db: endpoints.delete_endpoint(db, endpoint_id, owner=caller, now=now),
        lambda _: DeletedWebhookEndpoint(id=endpoint_id, deleted_at=now),
    )


@router.post(
    "/v1/webhook-endpoints/{endpointId}/test",
    response_model=WebhookDelivery,
    status_code=202,
    summary="Test a webhook endpoint",
)
async def send_webhook_test(
    caller: WebhooksWrite,
    endpoint_id: EndpointId,
    _body: Annotated[EmptyRequest, body_of(EmptyRequest, is_optional=True)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Send a `test.ping`, whatever the endpoint is subscribed to, even while it is paused.

    The result is in the list of the endpoint's deliveries.
    """
    return await idempotent.run(
        lambda db: endpoints.ping_endpoint(db, endpoint_id, owner=caller, now=now), WebhookDelivery.of, status=202
    )


@router.post(
    "/v1/webhook-endpoints/{endpointId}/rotate-secret",
    response_model=RotatedSecret,
    summary="Rotate an endpoint's signing secret",
)
async def rotate_webhook_secret(
    caller: WebhooksWrite,
    endpoint_id: EndpointId,
    _body: Annotated[EmptyRequest, body_of(EmptyRequest, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Create a new signing secret for the endpoint. The response contains it, only this once.

    For 24 hours, messages carry two signatures, one by each secret, so that you can update the receiver. A second
    rotation within that time ends the overlap of the first.
    """
    return await idempotent.run(
        lambda db: endpoints.rotate_secret(db, context.keyring, endpoint_id, owner=caller, now=now),
        lambda rotated: RotatedSecret(signing_secret=rotated[0], previous_secret_expires_at=rotated[1]),
        is_secret=True,
    )


@router.get(
    "/v1/webhook-endpoints/{endpointId}/deliveries",
    response_model=Page[WebhookDelivery],
    summary="List an endpoint's deliveries",
)
async def list_webhook_deliveries(
    caller: WebhooksRead,
    endpoint_id: EndpointId,
    page: Paging,
    context: Ctx,
    status: Annotated[
        list[DeliveryStatus] | None, Query(description="Only deliveries with this status; repeat it for several.")
    ] = None,
    event_type: Annotated[
        list[EventType] | None,
        Query(alias="eventType", description="Only deliveries of this event type; repeat it for several."),
    ] = None,
) -> Response:
    """Return the deliveries of an endpoint, latest first, with every attempt. They are kept for 30 days by default."""
    found = await store.list_deliveries(
        context.pool,
        endpoint_id,
        visible_to=caller,
        statuses=status or [],
        types=event_type or [],
        before=None if page.after is None else page.after.id,
        limit=page.limit + 1,
    )
    return respond(page.of(Page[WebhookDelivery], found, WebhookDelivery.of))


@router.post(
    "/v1/webhook-deliveries/{deliveryId}/replay",
    response_model=WebhookDelivery,
    status_code=202,
    responses=refusals(Code.CONFLICT),
    summary="Replay a delivery",
)
async def replay_webhook_delivery(
    caller: WebhooksWrite,
    delivery_id: DeliveryId,
    _body: Annotated[EmptyRequest, body_of(EmptyRequest, is_optional=True)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Deliver the same event again, with the same `webhook-id` and the same body.

    Returns a new delivery if this one is finished. A pending delivery is sent now and returned.
    """
    return await idempotent.run(
        lambda db: replay.replay(db, delivery_id, visible_to=caller, now=now), WebhookDelivery.of, status=202
    )
