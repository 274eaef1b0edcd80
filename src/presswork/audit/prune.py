"""Delete old entries of the audit log, in batches. Only the owner of the table can, and each deletion is recorded."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import WORKER, Actor
from presswork.core.errors import Unavailable
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load

_SQL: Final = load("presswork.audit")
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
