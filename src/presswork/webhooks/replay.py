"""Replaying a delivery that was delivered, failed or is pending."""

from datetime import datetime
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.ids import DELIVERY, id_at, public_id
from presswork.db.pool import Connection
from presswork.events.model import EventType
from presswork.webhooks.model import Delivery, DeliveryNotFound, DeliveryStatus, EndpointPaused, EndpointStatus
from presswork.webhooks.store import SQL, delivery_of


async def replay(connection: Connection, delivery_id: UUID, *, visible_to: Principal, now: datetime) -> Delivery:
    """Deliver an event again under the same event id, and return the delivery that does so.

    A pending delivery becomes due now; for a finished one, a new delivery is created, which does not wait for others.
    Raises DeliveryNotFound and EndpointPaused.
    """
    tenant = (visible_to.organization_id, visible_to.environment.value)
    row = await connection.fetchrow(SQL["lock_delivery"], delivery_id, *tenant)
    if row is None:
        raise DeliveryNotFound
    delivery = delivery_of(row)
    if row["endpoint_status"] == EndpointStatus.PAUSED.value and delivery.event_type is not EventType.TEST_PING:
        raise EndpointPaused(delivery.endpoint_id)
    if delivery.status is DeliveryStatus.PENDING:
        again = await connection.fetchrow(SQL["expedite_delivery"], delivery_id)
    else:
        again = await connection.fetchrow(
            SQL["insert_delivery"],
            id_at(now),
            delivery.endpoint_id,
            *tenant,
            delivery.event_id,
            delivery.event_type.value,
            delivery.occurred_at,
            delivery.data,
            now,
            delivery.id,
        )
    if again is None:
        raise RuntimeError("the replay statement returned no row")
    delivered = delivery_of(again)
    detail: dict[str, JsonValue] = {"deliveryId": public_id(DELIVERY, delivered.id)}
    await record_act(
        connection, Action.WEBHOOK_REPLAY, public_id(DELIVERY, delivery_id), by=visible_to, now=now, detail=detail
    )
    return delivered
