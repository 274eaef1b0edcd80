"""Routes of webhooks."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from presswork.api.auth import WebhooksRead, WebhooksWrite
from presswork.api.body import Parsed, body_of, fingerprint
from presswork.api.context import Ctx, Now
from presswork.api.ids import DeliveryId, EndpointId
from presswork.api.openapi import refusals
from presswork.api.paging import Page, Paging, Position
from presswork.api.responses import Reply, answer
from presswork.core.errors import Code
from presswork.core.ids import DELIVERY, ENDPOINT, public_id
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotencyKey, IdempotentRequest, run_idempotent
from presswork.webhooks import endpoints, replay, store
from presswork.webhooks.model import DeliveryStatus, EventType
from presswork.webhooks.schemas import (
    CreatedWebhookEndpoint,
    DeletedWebhookEndpoint,
    NewWebhookEndpoint,
    NothingToSay,
    RotatedSecret,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEndpointPatch,
)

router: Final = APIRouter(tags=["Webhooks"])


@router.post(
    "/v1/webhook-endpoints",
    response_model=CreatedWebhookEndpoint,
    status_code=201,
    responses=refusals(Code.NOT_FOUND, Code.CONFLICT),
    summary="Make a webhook endpoint",
)
async def create_webhook_endpoint(
    key: WebhooksWrite,
    request: Request,
    body: Annotated[Parsed[NewWebhookEndpoint], body_of(NewWebhookEndpoint)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Say where you want to be told what happens. The answer shows the signing secret, once.

    Messages are signed as Standard Webhooks has it. What happens from now on is told; nothing that happened before.
    """

    async def work(connection: Connection) -> Reply:
        endpoint, secret = await endpoints.create_endpoint(
            connection,
            context.keyring,
            body.value.endpoint(),
            owner=key,
            allow_private=context.settings.allow_private_webhooks,
            now=now,
        )
        return Reply.of(CreatedWebhookEndpoint.of(endpoint, secret, now=now), status=201)

    once = IdempotentRequest.of(
        request,
        key.key_id,
        idempotency_key,
        body.fingerprint("/v1/webhook-endpoints"),
        now=now,
        sealed_with=context.keyring,
    )
    return (await run_idempotent(context.pool, once, work)).response()


@router.get("/v1/webhook-endpoints", response_model=Page[WebhookEndpoint], summary="List webhook endpoints")
async def list_webhook_endpoints(key: WebhooksRead, page: Paging, context: Ctx, now: Now) -> Response:
    """Return the endpoints of the key's organization and environment, oldest first."""
    after = None if page.after is None else (page.after.at, page.after.id)
    found = await store.list_endpoints(context.pool, visible_to=key, after=after, limit=page.limit + 1)
    kept, cursor = page.page_of(found, lambda endpoint: Position(endpoint.created_at, endpoint.id))
    return answer(
        Page[WebhookEndpoint](items=[WebhookEndpoint.of(endpoint, now=now) for endpoint in kept], next_cursor=cursor)
    )


@router.get("/v1/webhook-endpoints/{endpointId}", response_model=WebhookEndpoint, summary="Read a webhook endpoint")
async def get_webhook_endpoint(key: WebhooksRead, endpoint_id: EndpointId, context: Ctx, now: Now) -> Response:
    """Return one endpoint, and whether it is paused and why."""
    return answer(WebhookEndpoint.of(await store.find_endpoint(context.pool, endpoint_id, visible_to=key), now=now))


@router.patch("/v1/webhook-endpoints/{endpointId}", response_model=WebhookEndpoint, summary="Change a webhook endpoint")
async def update_webhook_endpoint(
    key: WebhooksWrite,
    request: Request,
    endpoint_id: EndpointId,
    body: Annotated[Parsed[WebhookEndpointPatch], body_of(WebhookEndpointPatch)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Change what is named, leave the rest. A paused endpoint is resumed with `{"status": "active"}`.

    While it is paused, events are kept for it, seven days at most; they go out when it is resumed.
    """

    async def work(connection: Connection) -> Reply:
        endpoint = await endpoints.change_endpoint(
            connection,
            endpoint_id,
            body.value.changes(),
            owner=key,
            allow_private=context.settings.allow_private_webhooks,
            now=now,
        )
        return Reply.of(WebhookEndpoint.of(endpoint, now=now))

    path = f"/v1/webhook-endpoints/{public_id(ENDPOINT, endpoint_id)}"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, body.fingerprint(path), now=now)
    reply = await run_idempotent(context.pool, once, work)
    return reply.response()


@router.delete(
    "/v1/webhook-endpoints/{endpointId}", response_model=DeletedWebhookEndpoint, summary="Remove a webhook endpoint"
)
async def delete_webhook_endpoint(key: WebhooksWrite, endpoint_id: EndpointId, context: Ctx, now: Now) -> Response:
    """Remove an endpoint, its log, and what was still to be delivered to it."""
    async with context.pool.acquire() as connection, connection.transaction():
        await endpoints.delete_endpoint(connection, endpoint_id, owner=key, now=now)
    return answer(DeletedWebhookEndpoint(id=endpoint_id, deleted_at=now))


@router.post(
    "/v1/webhook-endpoints/{endpointId}/test",
    response_model=WebhookDelivery,
    status_code=202,
    summary="Test a webhook endpoint",
)
async def send_webhook_test(
    key: WebhooksWrite,
    request: Request,
    endpoint_id: EndpointId,
    _body: Annotated[Parsed[NothingToSay], body_of(NothingToSay, is_optional=True)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Have a `test.ping` delivered, whatever the endpoint is subscribed to, and even while it is paused.

    What became of it stands among the endpoint's deliveries.
    """

    async def work(connection: Connection) -> Reply:
        delivery = await endpoints.ping_endpoint(connection, endpoint_id, owner=key, now=now)
        return Reply.of(WebhookDelivery.of(delivery), status=202)

    path = f"/v1/webhook-endpoints/{public_id(ENDPOINT, endpoint_id)}/test"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, fingerprint(path, None), now=now)
    reply = await run_idempotent(context.pool, once, work)
    return reply.response()


@router.post(
    "/v1/webhook-endpoints/{endpointId}/rotate-secret",
    response_model=RotatedSecret,
    summary="Change an endpoint's signing secret",
)
async def rotate_webhook_secret(
    key: WebhooksWrite,
    request: Request,
    endpoint_id: EndpointId,
    _body: Annotated[Parsed[NothingToSay], body_of(NothingToSay, is_optional=True)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Give the endpoint another secret, which the answer shows, once.

    For 24 hours messages carry two signatures, one by each secret, so that the receiver can be changed over in peace. A
    second rotation within that time ends the overlap of the first.
    """

    async def work(connection: Connection) -> Reply:
        secret, until = await endpoints.rotate_secret(connection, context.keyring, endpoint_id, owner=key, now=now)
        return Reply.of(RotatedSecret(signing_secret=secret, previous_secret_expires_at=until))

    path = f"/v1/webhook-endpoints/{public_id(ENDPOINT, endpoint_id)}/rotate-secret"
    once = IdempotentRequest.of(
        request, key.key_id, idempotency_key, fingerprint(path, None), now=now, sealed_with=context.keyring
    )
    return (await run_idempotent(context.pool, once, work)).response()


@router.get(
    "/v1/webhook-endpoints/{endpointId}/deliveries",
    response_model=Page[WebhookDelivery],
    summary="List an endpoint's deliveries",
)
async def list_webhook_deliveries(
    key: WebhooksRead,
    endpoint_id: EndpointId,
    page: Paging,
    context: Ctx,
    status: Annotated[
        list[DeliveryStatus] | None, Query(description="Only these states; repeat it for several.")
    ] = None,
    event_type: Annotated[
        list[EventType] | None, Query(alias="eventType", description="Only these; repeat it for several.")
    ] = None,
) -> Response:
    """Return what was delivered, or is to be, latest first, with every attempt. It is kept for 30 days."""
    found = await store.list_deliveries(
        context.pool,
        endpoint_id,
        visible_to=key,
        statuses=status or [],
        types=event_type or [],
        before=None if page.after is None else page.after.id,
        limit=page.limit + 1,
    )
    kept, cursor = page.page_of(found, lambda delivery: Position(delivery.created_at, delivery.id))
    return answer(Page[WebhookDelivery](items=[WebhookDelivery.of(delivery) for delivery in kept], next_cursor=cursor))


@router.post(
    "/v1/webhook-deliveries/{deliveryId}/replay",
    response_model=WebhookDelivery,
    status_code=202,
    responses=refusals(Code.CONFLICT),
    summary="Deliver an event again",
)
async def replay_webhook_delivery(
    key: WebhooksWrite,
    request: Request,
    delivery_id: DeliveryId,
    _body: Annotated[Parsed[NothingToSay], body_of(NothingToSay, is_optional=True)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Have the same event delivered once more, under the same `webhook-id` and with the same body.

    Where the delivery is over, the answer is a new one; where it is still pending, it goes out at once.
    """

    async def work(connection: Connection) -> Reply:
        delivery = await replay.replay(connection, delivery_id, visible_to=key, now=now)
        return Reply.of(WebhookDelivery.of(delivery), status=202)

    path = f"/v1/webhook-deliveries/{public_id(DELIVERY, delivery_id)}/replay"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, fingerprint(path, None), now=now)
    reply = await run_idempotent(context.pool, once, work)
    return reply.response()
