"""Count what is sent to a phone number, across the organizations and operators that use the number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import from_row
from presswork.orgs.phone_event_model import (
    CODE_KINDS,
    LONGEST_LIMIT,
    PhoneEvent,
    PhoneEventKind,
    number_hash,
    require_notice_allowed,
)

_SQL: Final = load("presswork.orgs", "phone_event_queries.sql")
HASH_PURPOSE: Final = "phone codes"
"""The purpose for which the keys of the hashes of codes and phone numbers are derived."""
_MAX_EVENTS: Final = 1_000
"""More than the limits allow."""


async def lock_organization(connection: Connection, organization_id: UUID) -> None:
    """Lock an organization until the commit: no other transaction changes its primary operator or counts for it."""
    await connection.execute(_SQL["lock_organization"], organization_id)


async def counted_codes(
    connection: Connection,
    keyring: Keyring,
    phone: str,
    organization_id: UUID,
    environment: Environment,
    *,
    now: datetime,
) -> tuple[Sequence[PhoneEvent], Sequence[PhoneEvent]]:
    """Lock the organization and the number, and return what counts towards their limits of codes until the commit."""
    await lock_organization(connection, organization_id)
    return await _lock_and_count(connection, keyring, phone, organization_id, environment, CODE_KINDS, now=now)


async def count_event(
    connection: Connection,
    keyring: Keyring,
    phone: str,
    kind: PhoneEventKind,
    organization_id: UUID,
    environment: Environment,
    *,
    now: datetime,
) -> UUID:
    """Count an event, and return its id."""
    event_id, number = new_id(), number_hash(keyring.derived(HASH_PURPOSE)[0], phone)
    await connection.execute(_SQL["count_event"], event_id, organization_id, environment, number, kind, now)
    return event_id


async def drop_event(connection: "Connection | Pool", event_id: UUID) -> None:
    """Count an event no longer."""
    await connection.execute(_SQL["drop_event"], event_id)


async def count_notice(
    connection: Connection, keyring: Keyring, phone: str, *, caller: Principal, now: datetime
) -> None:
    """Count a notice in the caller's transaction, which holds `lock_organization`. Raises TooManyNotifications."""
    organization_id, environment, kind = caller.organization_id, caller.environment, PhoneEventKind.NOTICE
    counted = await _lock_and_count(connection, keyring, phone, organization_id, environment, [kind], now=now)
    require_notice_allowed(*counted, environment, now=now)
    await count_event(connection, keyring, phone, kind, organization_id, environment, now=now)


async def _lock_and_count(
    connection: Connection,
    keyring: Keyring,
    phone: str,
    organization_id: UUID,
    environment: Environment,
    kinds: Sequence[PhoneEventKind],
    *,
    now: datetime,
) -> tuple[Sequence[PhoneEvent], Sequence[PhoneEvent]]:
    """Lock the number, and return what counts towards the limits of the number and of the locked organization."""
    await connection.execute(_SQL["lock_phone"], phone)
    since, hashes = now - LONGEST_LIMIT, [number_hash(key, phone) for key in keyring.derived(HASH_PURPOSE)]
    of_phone = await connection.fetch(
        _SQL["events_of_phone"], hashes, organization_id, environment, kinds, since, _MAX_EVENTS
    )
    of_organization = await connection.fetch(
        _SQL["events_of_organization"], organization_id, environment, kinds, since, _MAX_EVENTS
    )
    return [from_row(PhoneEvent, row) for row in of_phone], [from_row(PhoneEvent, row) for row in of_organization]
