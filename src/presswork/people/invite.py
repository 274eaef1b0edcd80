"""Invite a person to an organization."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from presswork.audit.model import Action
from presswork.callers.model import Actor
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import PROJECT, new_id, public_id
from presswork.db.pool import Connection
from presswork.people.model import EmailTaken, Role, RoleSource, User, require_projects
from presswork.people.store import SQL, find_user, insert_link, record_about, user_of


async def invite(
    connection: Connection,
    *,
    organization_id: UUID,
    email: str,
    name: str,
    role: Role,
    project_ids: Sequence[UUID] | None,
    by: Actor,
    now: datetime,
) -> tuple[User, str]:
    """Add a user to an organization, in the caller's transaction, and return it with the token of its one-time link.

    Raises EmailTaken, and Invalid for projects that the organization does not have.
    """
    require_projects(role, project_ids)
    await require_known_projects(connection, project_ids, organization_id=organization_id)
    values = (new_id(), organization_id, email, name, role.value, RoleSource.ADMINISTRATOR.value)
    projects = None if project_ids is None else list(dict.fromkeys(project_ids))
    row = await connection.fetchrow(SQL["insert_user"], *values, projects, now, None, None)
    if row is None:
        existing = await connection.fetchrow(SQL["find_user_by_email"], email, organization_id, now)
        raise EmailTaken(user_of(existing).id)
    user = user_of(row)
    token = await insert_link(connection, user.id, now=now)
    names = None if projects is None else [public_id(PROJECT, project_id) for project_id in projects]
    await record_about(connection, Action.USER_INVITE, user, by=by, now=now, role=role.value, projectIds=names)
    return await find_user(connection, user.id, organization_id=organization_id, now=now), token


async def require_known_projects(
    connection: Connection, project_ids: Sequence[UUID] | None, *, organization_id: UUID
) -> None:
    """Raise Invalid with an issue for each project that the organization does not have, in either environment."""
    if not project_ids:
        return
    rows = await connection.fetch(SQL["unknown_projects"], list(project_ids), organization_id)
    if rows:
        problem = "is no project of the organization. Send ids of GET /v1/projects, of either environment."
        raise Invalid([Issue.at(f"projectIds[{row['place'] - 1}]", problem, IssueCode.UNKNOWN_PROJECT) for row in rows])
