"""Creating, changing, testing and deleting endpoints, and rotating their secrets; each in the caller's transaction."""

import base64
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import structlog
from pydantic import JsonValue
from standardwebhooks import Webhook

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal, Scope
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import ENDPOINT, ORGANIZATION, PROJECT, id_at, new_id, public_id
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.pool import Connection
from presswork.events.model import EventType
from presswork.events.store import insert_event
from presswork.projects.store import find_project
from presswork.safe_http.failure import FailureKind, URLRefused
from presswork.safe_http.guard import AddressGuard
from presswork.webhooks.model import (
    HOW_TO_ALLOW_PRIVATE,
    MAX_ENDPOINTS,
    SECRET_OVERLAP,
    Delivery,
    Endpoint,
    EndpointChanges,
    EndpointNotFound,
    EndpointStatus,
    TooManyEndpoints,
)
from presswork.webhooks.store import SQL, delivery_of, endpoint_of, find_endpoint

log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """The settings of a new endpoint."""

    url: str
    events: Sequence[EventType]
    description: str | None
    project_id: UUID | None


def _require_target(url: str, environment: Environment, *, allow_private: bool) -> None:
    """Raise Invalid unless the URL is allowed as an endpoint, as far as can be checked before DNS resolution.

    Live endpoints require https, unless the service is configured to allow private addresses.
    """
    try:
        target = AddressGuard.for_setting(allow_private=allow_private).check_url(url)
    except URLRefused as error:
        how = f" {HOW_TO_ALLOW_PRIVATE}" if error.kind is FailureKind.REFUSED_ADDRESS else ""
        raise Invalid([Issue.at("url", f"is refused. {error.message}{how}", IssueCode.URL_REFUSED)]) from error
    if target.scheme != "https" and environment is Environment.LIVE and not allow_private:
        problem = "is not an https URL, which the live environment requires. Send one."
        raise Invalid([Issue.at("url", problem, IssueCode.HTTPS_REQUIRED)])


async def create_endpoint(
    connection: Connection, keyring: Keyring, new: NewEndpoint, *, owner: Principal, allow_private: bool, now: datetime
) -> tuple[Endpoint, str]:
    """Create an endpoint and return it with its secret, which is not shown again.

    Raises Invalid, ProjectNotFound, ProjectArchived and TooManyEndpoints.
    """
    _require_target(new.url, owner.environment, allow_private=allow_private)
    tenant = (owner.organization_id, owner.environment.value)
    await connection.fetchval(SQL["lock_organization"], owner.organization_id)
    if new.project_id is not None:
        (await find_project(connection, new.project_id, visible_to=owner, lock="share")).require_active()
    if await connection.fetchval(SQL["count_endpoints"], *tenant, MAX_ENDPOINTS) >= MAX_ENDPOINTS:
        raise TooManyEndpoints
    secret = new_secret()
    row = await connection.fetchrow(
        SQL["insert_endpoint"],
        new_id(),
        *tenant,
        new.project_id,
        new.url,
        new.description,
        [event.value for event in new.events],
        keyring.seal(secret.encode()),
        now,
        owner.may(Scope.CONTENT_APPROVE),
    )
    if row is None:
        raise RuntimeError("insert_endpoint returned no row")
    endpoint = endpoint_of(row)
    detail: dict[str, JsonValue] = {"host": _host(endpoint), "events": [event.value for event in endpoint.events]}
    await _record(connection, Action.WEBHOOK_CREATE, endpoint.id, owner, now, detail)
    return endpoint, secret


async def change_endpoint(
    connection: Connection,
    endpoint_id: UUID,
    changes: EndpointChanges,
    *,
    owner: Principal,
    allow_private: bool,
    now: datetime,
) -> Endpoint:
    """Change the fields named in `changes`. Raises EndpointNotFound and Invalid.

    Resuming resets the failure count and makes pending deliveries due now.
    """
    endpoint = endpoint_of(await _lock_endpoint(connection, endpoint_id, owner))
    if "url" in changes.fields:
        _require_target(changes.url, endpoint.environment, allow_private=allow_private)
    if changes.fields:
        events = changes.events if "events" in changes.fields else endpoint.events
        await connection.execute(
            SQL["change_endpoint"],
            endpoint_id,
            changes.url if "url" in changes.fields else endpoint.url,
            changes.description if "description" in changes.fields else endpoint.description,
            [event.value for event in events],
            now,
            owner.may(Scope.CONTENT_APPROVE),
        )
    if "status" in changes.fields:
        statement = "resume_endpoint" if changes.status is EndpointStatus.ACTIVE else "pause_endpoint"
        await connection.execute(SQL[statement], endpoint_id, now)
    changed = await find_endpoint(connection, endpoint_id, visible_to=owner)
    if changes.fields:
        detail: dict[str, JsonValue] = {
            "fields": [*sorted(changes.fields)],
            "host": _host(changed),
            "status": changed.status.value,
        }
        await _record(connection, Action.WEBHOOK_UPDATE, endpoint_id, owner, now, detail)
    return changed


async def delete_endpoint(connection: Connection, endpoint_id: UUID, *, owner: Principal, now: datetime) -> None:
    """Delete an endpoint and its pending deliveries. Raises EndpointNotFound."""
    endpoint = endpoint_of(await _lock_endpoint(connection, endpoint_id, owner))
    await connection.execute(SQL["delete_endpoint"], endpoint_id)
    await _record(connection, Action.WEBHOOK_DELETE, endpoint_id, owner, now, {"host": _host(endpoint)})


async def ping_endpoint(connection: Connection, endpoint_id: UUID, *, owner: Principal, now: datetime) -> Delivery:
    """Queue a `test.ping`, whatever the endpoint is subscribed to, even while it is paused.

    Raises EndpointNotFound.
    """
    endpoint = endpoint_of(await _lock_endpoint(connection, endpoint_id, owner))
    data = {
        "endpointId": public_id(ENDPOINT, endpoint.id),
        "projectId": None if endpoint.project_id is None else public_id(PROJECT, endpoint.project_id),
        "organizationId": public_id(ORGANIZATION, endpoint.organization_id),
    }
    event_id = id_at(now)
    row = await connection.fetchrow(
        SQL["insert_delivery"],
        id_at(now),
        endpoint_id,
        owner.organization_id,
        owner.environment.value,
        event_id,
        EventType.TEST_PING.value,
        now,
        json.dumps(data),
        now,
        None,
    )
    if row is None:
        raise RuntimeError("insert_delivery returned no row")
    await insert_event(
        connection,
        (owner.organization_id, owner.environment.value),
        project_id=endpoint.project_id,
        event_id=event_id,
        event_type=EventType.TEST_PING.value,
        occurred_at=now,
        data=json.dumps(data),
    )
    await _record(connection, Action.WEBHOOK_TEST, endpoint_id, owner, now)
    return delivery_of(row)


async def rotate_secret(
    connection: Connection, keyring: Keyring, endpoint_id: UUID, *, owner: Principal, now: datetime
) -> tuple[str, datetime | None]:
    """Rotate an endpoint's secret; return the new one, and until when the former one signs as well.

    That is None if the former one can't be decrypted, since its key is gone, so it signs nothing. Raises EndpointNotFound.
    """
    row = await _lock_endpoint(connection, endpoint_id, owner)
    former: bytes | None = row["sealed_secret"]
    until: datetime | None = now + SECRET_OVERLAP
    try:
        keyring.open(row["sealed_secret"])
    except SealBroken:
        log.warning("former webhook secret can't be decrypted", endpoint=public_id(ENDPOINT, endpoint_id))
        former, until = None, None
    secret = new_secret()
    await connection.execute(SQL["rotate_secret"], endpoint_id, keyring.seal(secret.encode()), former, until, now)
    await _record(connection, Action.WEBHOOK_ROTATE_SECRET, endpoint_id, owner, now)
    return secret, until


def _host(endpoint: Endpoint) -> str | None:
    """Return the host for the audit log: the rest of the URL may contain secrets."""
    return urlsplit(endpoint.url).hostname


async def _record(
    connection: Connection,
    action: Action,
    endpoint_id: UUID,
    owner: Principal,
    now: datetime,
    detail: Mapping[str, JsonValue] | None = None,
) -> None:
    await record_act(connection, action, public_id(ENDPOINT, endpoint_id), by=owner, now=now, detail=detail)


async def _lock_endpoint(connection: Connection, endpoint_id: UUID, owner: Principal) -> asyncpg.Record:
    """Lock an endpoint until the transaction ends. Raises EndpointNotFound."""
    row = await connection.fetchrow(SQL["lock_endpoint"], endpoint_id, owner.organization_id, owner.environment.value)
    if row is None:
        raise EndpointNotFound
    return row


_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a new secret in the format of the Standard Webhooks libraries."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(*, webhook_id: str, body: str, signing: Sequence[str], now: datetime) -> Mapping[str, str]:
    """Return the headers that identify and sign the message, with one signature per secret."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Webhook(secret).sign(webhook_id, now, body) for secret in signing),
    }
