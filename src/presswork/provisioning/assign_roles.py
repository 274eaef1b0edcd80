"""Give people the roles of their groups."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from presswork.callers.model import Principal
from presswork.db.pool import Connection
from presswork.people.change_user import change_user
from presswork.people.model import Role, RoleSource, UserChanges
from presswork.provisioning.model import role_of_member
from presswork.provisioning.store import find_memberships


async def assign_roles(
    connection: Connection,
    user_ids: Sequence[UUID],
    *,
    role_map: Mapping[str, Role],
    caller: Principal,
    now: datetime,
) -> None:
    """Give users the highest role of their groups, in the caller's transaction. Raises LastAdmin.

    A user whose groups give no role has the default one, unless an administrator chose the role. An administrator has all
    projects; with another role, the projects stay as they are.
    """
    for member in await find_memberships(connection, user_ids):
        role = role_of_member(member, role_map)
        if role is None or (role is member.role and member.role_source is RoleSource.PROVISIONING):
            continue
        changes = UserChanges(role=role, role_source=RoleSource.PROVISIONING)
        if role is Role.ADMIN:
            changes["project_ids"] = None
        await change_user(
            connection,
            member.user_id,
            changes,
            organization_id=caller.organization_id,
            by=caller.actor,
            now=now,
        )
