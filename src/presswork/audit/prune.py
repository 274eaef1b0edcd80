"""Delete old entries of the audit log. Only the owner of the table can, and the deletion is recorded."""

from datetime import datetime
from typing import Final

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action, Actor
from presswork.audit.record import record
from presswork.core.errors import Unavailable
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection
from presswork.db.queries import load

_SQL: Final = load("presswork.audit")


async def prune(connection: Connection, *, before: datetime, by: Actor, now: datetime) -> int:
    """Delete the entries before an instant, record the deletion, and return how many there were.

    Raises Unavailable if the database role can only append to the log.
    """
    try:
        async with connection.transaction():
            count = int(await connection.fetchval(_SQL["prune"], before))
            detail: dict[str, JsonValue] = {"before": write_instant(before), "lines": count}
            await record(connection, Action.AUDIT_PRUNE, by=by, now=now, detail=detail)
    except asyncpg.InsufficientPrivilegeError as error:
        raise Unavailable(
            "This database role can only append to the audit log. Run the command with a PRESSWORK_DATABASE_URL of the owner "
            "of the tables."
        ) from error
    return count
