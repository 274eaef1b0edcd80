"""Queries of the requests that people made at platforms."""

from datetime import datetime
from typing import Final

from presswork.core.enums import LoginName
from presswork.db.pool import Connection, Pool, affected
from presswork.db.queries import load
from presswork.legal.model import (
    DEAUTHORIZATIONS_KEPT_FOR,
    DELETIONS_KEPT_FOR,
    DataDeletion,
    RequestKind,
)

SQL: Final = load("presswork.legal")


async def find_deletion(connection: "Connection | Pool", confirmation_code: str) -> DataDeletion | None:
    """Return what was deleted for a request; None: there is no such code, or it was too long ago."""
    row = await connection.fetchrow(SQL["find_deletion"], confirmation_code)
    if row is None:
        return None
    return DataDeletion(
        login=LoginName(row["login"]),
        confirmation_code=row["confirmation_code"],
        received_at=row["received_at"],
        accounts=row["accounts"],
        canceled_posts=row["canceled_posts"],
    )


async def sweep_user_requests(pool: Pool, *, now: datetime, limit: int = 1_000) -> int:
    """Delete records that are no longer needed, at most `limit` of each kind; return the number of the kind with more."""
    kept = {RequestKind.DEAUTHORIZE: DEAUTHORIZATIONS_KEPT_FOR, RequestKind.DELETE: DELETIONS_KEPT_FOR}
    return max(
        [affected(await pool.execute(SQL["sweep"], kind.value, now - time, limit)) for kind, time in kept.items()]
    )
