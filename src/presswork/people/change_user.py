"""Change a user: name, role, projects, and whether it may sign in."""

from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.callers.model import Actor
from presswork.core.errors import FieldError, Invalid, Issue
from presswork.core.ids import PROJECT, public_id
from presswork.db.pool import Connection
from presswork.people.invite import require_known_projects
from presswork.people.model import EmailTaken, LastAdmin, User, UserChanges, UserStatus
from presswork.people.store import FACTORS, SQL, announce, end_sessions, find_user, lock_user, record_about, user_of


async def change_user(
    connection: Connection, user_id: UUID, changes: UserChanges, *, organization_id: UUID, by: Actor, now: datetime
) -> User:
    """Change a user, in the caller's transaction. A disabled user's sessions, agents and links end with the commit.

    With another e-mail address, the password and the unused link of the former one end, and sign-ins that wait.

    Raises UserNotFound, LastAdmin, EmailTaken, and Invalid.
    """
    await connection.execute(SQL["lock_organization"], organization_id)
    await find_user(connection, user_id, organization_id=organization_id, now=now)
    before = await lock_user(connection, user_id)
    try:
        after = before.change(changes, now=now)
    except FieldError as error:
        raise Invalid([Issue.at("projectIds", str(error), error.code)]) from error
    if "project_ids" in changes:
        await require_known_projects(connection, after.project_ids, organization_id=organization_id)
    if after == before:
        return await find_user(connection, user_id, organization_id=organization_id, now=now)
    if before.is_active_admin and not after.is_active_admin:
        await require_other_admin(connection, before)
    await write_user(connection, after)
    if after.email != before.email:
        await _write_email(connection, after, now=now)
    if after.status is UserStatus.DISABLED:
        await connection.execute(SQL["drop_links"], after.id)
        await connection.execute(SQL["end_agents"], after.id)
        await end_sessions(connection, after.id)
    else:
        await announce(connection, after.id)
    detail = _compare_users(before, after)
    if after.email != before.email:
        detail["formerEmail"] = before.email
    await record_about(connection, Action.USER_UPDATE, after, by=by, now=now, **detail)
    return await find_user(connection, user_id, organization_id=organization_id, now=now)


async def _write_email(connection: Connection, user: User, *, now: datetime) -> None:
    """Store an e-mail address. Raises EmailTaken.

    The password ends, because the passwords of one address share a salt (people/passwords.py).
    """
    try:
        async with connection.transaction():
            await connection.execute(SQL["set_email"], user.id, user.email)
    except asyncpg.UniqueViolationError as error:
        other = await connection.fetchrow(SQL["find_user_by_email"], user.email, user.organization_id, now)
        raise EmailTaken(user_of(other).id) from error
    await connection.execute(SQL["drop_links"], user.id)
    await connection.execute(FACTORS["drop_pending"], user.id)


async def require_other_admin(connection: Connection, user: User) -> None:
    """Raise LastAdmin if the organization has no other active administrator. The organization is locked."""
    if not await connection.fetchval(SQL["has_other_admin"], user.organization_id, user.id):
        raise LastAdmin(user.id)


async def write_user(connection: Connection, user: User) -> None:
    """Store what can be changed of a user."""
    await connection.execute(
        SQL["write_user"],
        user.id,
        user.name,
        user.role.value,
        user.role_source.value,
        None if user.project_ids is None else list(user.project_ids),
        user.disabled_at,
    )


def _compare_users(before: User, after: User) -> dict[str, JsonValue]:
    """Return what changed, for the audit log."""
    former, current = _audit_detail(before), _audit_detail(after)
    return {name: value for name, value in current.items() if value != former[name]}


def _audit_detail(user: User) -> dict[str, JsonValue]:
    projects = user.project_ids
    return {
        "name": user.name,
        "role": user.role.value,
        "projectIds": None if projects is None else [public_id(PROJECT, project_id) for project_id in projects],
        "status": user.status.value,
    }
