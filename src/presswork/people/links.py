"""One-time links: their addresses, and the links that set a password."""

from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.audit.model import Action
from presswork.callers.model import Actor
from presswork.db.pool import Connection
from presswork.people.model import User, UserIsDisabled, UserStatus
from presswork.people.store import SQL, find_user, insert_link, record_about

_PAGE: Final = "/console/accept"
_FIRST_PAGE: Final = "/console/set-up"


def link_of(base_url: str, token: str, *, is_first: bool = False) -> str:
    """Return the address of a one-time link. The token is in the fragment, which no browser sends to a server.

    `is_first`: the link of the first administrator, whose page asks for more.
    """
    return f"{base_url.rstrip('/')}{_FIRST_PAGE if is_first else _PAGE}#token={token}"


async def new_link(
    connection: Connection, user_id: UUID, *, organization_id: UUID, by: Actor, now: datetime
) -> tuple[User, str]:
    """Make a link with which a user sets a password and signs in, in the caller's transaction; return its token.

    It replaces the user's former link. Raises UserNotFound, and UserIsDisabled.
    """
    user = await find_user(connection, user_id, organization_id=organization_id, now=now)
    if user.status is UserStatus.DISABLED:
        raise UserIsDisabled
    token = await insert_link(connection, user.id, now=now)
    await record_about(connection, Action.USER_LINK, user, by=by, now=now)
    return await find_user(connection, user.id, organization_id=organization_id, now=now), token


async def first_admin_link(connection: Connection, *, now: datetime) -> str | None:
    """Make the link of the installation's first administrator, and return its token; None if there is an administrator.

    It replaces the former one.
    """
    async with connection.transaction():
        await connection.execute(SQL["lock_first_admin"])
        if await connection.fetchval(SQL["has_admin"]):
            return None
        return await insert_link(connection, None, now=now)
