"""Record entries of the audit log in the transaction of the change, so that both are committed or neither; prune old ones."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.callers.model import WORKER, Actor, Principal
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.ids import new_id
from presswork.core.json_text import compact_json
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load

_SQL: Final = load("presswork.audit")


async def record(
    connection: Connection,
    action: Action,
    object_id: str | None = None,
    *,
    by: Actor,
    organization_id: UUID | None = None,
    environment: Environment | None = None,
    now: datetime,
    detail: Mapping[str, JsonValue] | None = None,
) -> None:
    """Write an entry within the transaction that makes the change.

    Without an organization it is about the whole installation, without an environment about both.
    """
    await connection.execute(
        _SQL["record"],
        new_id(),
        now,
        organization_id,
        environment,
        action,
        by.kind,
        by.key_id or by.user_id or by.link or by.scim_token_id,
        by.operator_id,
        by.name,
        object_id,
        by.request_id,
        detail_text(detail or {}),
    )


async def record_act(
    connection: Connection,
    action: Action,
    object_id: str | None,
    *,
    by: Principal,
    now: datetime,
    detail: Mapping[str, JsonValue] | None = None,
    is_of_both_environments: bool = False,
) -> None:
    """Record what a caller did to an object of its organization, within the transaction that makes the change."""
    await record(
        connection,
        action,
        object_id,
        by=by.actor,
        organization_id=by.organization_id,
        environment=None if is_of_both_environments else by.environment,
        now=now,
        detail=detail,
    )


def detail_text(detail: Mapping[str, JsonValue]) -> str:
    """Return the stored form of an entry's detail."""
    return compact_json(dict(detail))


_BATCH: Final = 10_000


async def prune(connection: Connection, *, before: datetime, by: Actor, now: datetime, batch: int = _BATCH) -> int:
    """Delete the entries before an instant and return how many there were. Each batch is committed with its record.

    Raises Unavailable if the database role can only append to the log.
    """
    total = 0
    try:
        while True:
            async with connection.transaction():
                count = await _prune_batch(connection, before=min(before, now), limit=batch)
                if count or not total:
                    await _record(connection, before=before, count=count, by=by, now=now)
            total += count
            if count < batch:
                return total
    except asyncpg.InsufficientPrivilegeError as error:
        raise Unavailable(
            "This database role can only append to the audit log. Run the command with a PRESSWORK_DATABASE_URL of the owner "
            "of the tables."
        ) from error


async def sweep_audit_log(pool: Pool, *, keep: timedelta, now: datetime, limit: int) -> int:
    """Delete up to `limit` entries that are too old, if this role may; return how many that were.

    Whole days are deleted, so that the records of the deletions do not become a log of their own.
    """
    if not await pool.fetchval(_SQL["may_prune"]):
        return 0
    before = datetime.combine((now.astimezone(UTC) - keep).date(), time(), UTC)
    async with pool.acquire() as connection, connection.transaction():
        count = await _prune_batch(connection, before=before, limit=limit)
        if count:
            await _record(connection, before=before, count=count, by=WORKER, now=now)
    return count


async def _prune_batch(connection: Connection, *, before: datetime, limit: int) -> int:
    return int(await connection.fetchval(_SQL["prune"], before, limit))


async def _record(connection: Connection, *, before: datetime, count: int, by: Actor, now: datetime) -> None:
    detail: dict[str, JsonValue] = {"before": write_instant(before), "lines": count}
    await record(connection, Action.AUDIT_PRUNE, by=by, now=now, detail=detail)
