"""Dropping old lines of the audit log: for the owner of the database alone, and itself a line."""

from datetime import datetime
from typing import Final

import asyncpg

from presswork.audit.model import Action, Actor, Entry
from presswork.audit.record import record
from presswork.core.errors import Unavailable
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.db.queries import load

_SQL: Final = load("presswork.audit")


async def prune(connection: Connection, *, before: datetime, by: Actor, now: datetime) -> int:
    """Delete the lines before an instant and return how many there were; what is left says so.

    Raises Unavailable where the database lets its user only add to the log.
    """
    try:
        async with connection.transaction():
            count = int(await connection.fetchval(_SQL["prune"], before))
            entry = Entry(
                action=Action.AUDIT_PRUNE,
                actor=by,
                at=now,
                organization_id=None,
                environment=None,
                object_id=None,
                detail={"before": write_instant(before), "lines": count},
            )
            await record(connection, entry)
    except asyncpg.InsufficientPrivilegeError as error:
        raise Unavailable(
            "This user of the database may only add to the audit log, as it should be. Run this with PRESSWORK_DATABASE_URL "
            "naming the owner of the tables."
        ) from error
    return count
