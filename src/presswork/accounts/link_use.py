"""Logins through a connect link: whether the link still serves, and its uses."""

from datetime import datetime
from uuid import UUID

from presswork.accounts.model import LoginFailure
from presswork.accounts.store import SQL
from presswork.db.pool import Connection, Pool


async def end_of_link(connection: "Connection | Pool", link_id: UUID, *, now: datetime) -> LoginFailure | None:
    """Return why a connect link serves no more; None: it does."""
    link = await connection.fetchrow(SQL["link_ends"], link_id, now)
    if link is None or link["is_revoked"]:
        return LoginFailure.LINK_REVOKED
    if link["is_expired"]:
        return LoginFailure.LINK_EXPIRED
    return LoginFailure.LINK_USED_UP if link["is_used_up"] else None


async def use_connect_link(connection: Connection, link_id: UUID, *, now: datetime) -> LoginFailure | None:
    """Count a use of a connect link, in the transaction of the login that finishes; return why there is none.

    A use is a finished login. The link's row stays locked until the transaction ends.
    """
    if await connection.fetchval(SQL["use_link"], link_id, now):
        return None
    # The row as it is now: under READ COMMITTED it may have changed since the login was claimed.
    return await end_of_link(connection, link_id, now=now) or LoginFailure.LINK_USED_UP
