"""Users, as the command line names and administers them: in any organization."""

from datetime import datetime
from uuid import UUID

from presswork.callers.model import Actor
from presswork.core.errors import FieldError, NotFound
from presswork.core.ids import USER, parse_id
from presswork.db.pool import Connection
from presswork.orgs.keys import ensure_organization
from presswork.people.change_factors import reset_factors
from presswork.people.change_user import change_user
from presswork.people.invite import invite, new_link
from presswork.people.model import Role, User, UserChanges, UserStatus, normal_email
from presswork.people.store import SQL, find_user


class UserUnknown(NotFound):
    """The command line names no user, or more than one."""


async def invite_to(
    connection: Connection,
    organization: str,
    *,
    email: str,
    name: str,
    role: Role,
    project_ids: tuple[UUID, ...] | None,
    by: Actor,
    now: datetime,
) -> tuple[User, str]:
    """Invite a person to an organization, which is created if it does not exist. Raises EmailTaken and Invalid."""
    async with connection.transaction():
        organization_id = await ensure_organization(connection, organization, now=now, by=by)
        return await invite(
            connection,
            organization_id=organization_id,
            email=email,
            name=name,
            role=role,
            project_ids=project_ids,
            by=by,
            now=now,
        )


async def link_for(
    connection: Connection, user: str, *, organization: str | None, by: Actor, now: datetime
) -> tuple[User, str]:
    """Make a one-time link for a user. Raises UserUnknown and UserIsDisabled."""
    async with connection.transaction():
        user_id, organization_id = await _find(connection, user, organization)
        return await new_link(connection, user_id, organization_id=organization_id, by=by, now=now)


async def set_status(
    connection: Connection, user: str, status: UserStatus, *, organization: str | None, by: Actor, now: datetime
) -> User:
    """Disable a user, or enable it again. Raises UserUnknown and LastAdmin."""
    async with connection.transaction():
        user_id, organization_id = await _find(connection, user, organization)
        changes = UserChanges(status=status)
        return await change_user(connection, user_id, changes, organization_id=organization_id, by=by, now=now)


async def remove_factors(
    connection: Connection, user: str, *, organization: str | None, by: Actor, now: datetime
) -> tuple[User, int]:
    """Remove the second factors of a user; return how many there were. Raises UserUnknown."""
    async with connection.transaction():
        user_id, organization_id = await _find(connection, user, organization)
        count = await reset_factors(connection, user_id, by=by, now=now)
        return await find_user(connection, user_id, organization_id=organization_id, now=now), count


async def _find(connection: Connection, user: str, organization: str | None) -> tuple[UUID, UUID]:
    """Return the ids of a user and its organization, by id or e-mail address. Raises UserUnknown."""
    user_id, email = _id_of(user), None
    if user_id is None:
        try:
            email = normal_email(user)
        except FieldError as error:
            raise UserUnknown(f"{user} is no e-mail address and no id of a user (usr_…).") from error
    rows = await connection.fetch(SQL["find_any_user"], user_id, email, organization)
    if not rows:
        raise UserUnknown(f"There is no user {user}. List all users with `presswork user list`.")
    if len(rows) > 1:
        raise UserUnknown(f"Several organizations have a user {user}. Name one with --org, or give the id of the user.")
    return rows[0]["id"], rows[0]["organization_id"]


def _id_of(text: str) -> UUID | None:
    try:
        return parse_id(USER, text, is_bare_allowed=True)
    except FieldError:
        return None
