"""Create, change and delete groups as an identity provider says, and with them the roles of their members."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.ids import SCIM_GROUP, USER, new_id, public_id
from presswork.db.pool import Connection
from presswork.people.model import Role
from presswork.people.store import SQL as PEOPLE
from presswork.provisioning.assign_roles import assign_roles
from presswork.provisioning.model import Group, GroupNameTaken, GroupProfile, UnknownMember, first_unknown
from presswork.provisioning.store import SQL, find_group


async def create_group(
    connection: Connection, profile: GroupProfile, *, role_map: Mapping[str, Role], caller: Principal, now: datetime
) -> Group:
    """Add a group to the caller's organization, in the caller's transaction. Raises GroupNameTaken, UnknownMember, LastAdmin."""
    await connection.execute(PEOPLE["lock_organization"], caller.organization_id)
    values = (caller.organization_id, profile.name, profile.external_id)
    group_id = await connection.fetchval(SQL["insert_group"], new_id(), *values, now)
    if group_id is None:
        row = await connection.fetchrow(SQL["find_group_by_name"], caller.organization_id, profile.name)
        raise GroupNameTaken(None if row is None else row["id"])
    added = sorted(profile.members)
    await _add_members(connection, group_id, added, caller=caller)
    await assign_roles(connection, added, role_map=role_map, caller=caller, now=now)
    detail: dict[str, JsonValue] = {"name": profile.name, "added": [public_id(USER, user_id) for user_id in added]}
    await _record(connection, Action.GROUP_CREATE, group_id, detail, caller=caller, now=now)
    return await find_group(connection, group_id, organization_id=caller.organization_id)


async def change_group(
    connection: Connection,
    group_id: UUID,
    change: Callable[[Group], GroupProfile],
    *,
    role_map: Mapping[str, Role],
    caller: Principal,
    now: datetime,
) -> Group:
    """Change a group and the roles that follow from it, in the caller's transaction.

    `change` returns the group as it is to be. Raises GroupNotFound, GroupNameTaken, UnknownMember, LastAdmin, and what `change`
    raises.
    """
    await connection.execute(PEOPLE["lock_organization"], caller.organization_id)
    before = await find_group(connection, group_id, organization_id=caller.organization_id)
    after = change(before)
    former = frozenset(before.members or ())
    added, removed = sorted(after.members - former), sorted(former - after.members)
    is_renamed = after.name != before.name
    if not (added or removed or is_renamed or after.external_id != before.external_id):
        return before
    try:
        async with connection.transaction():
            await connection.execute(SQL["write_group"], group_id, after.name, after.external_id, now)
    except asyncpg.UniqueViolationError as error:
        raise GroupNameTaken(None) from error
    await _add_members(connection, group_id, added, caller=caller)
    await connection.execute(SQL["remove_members"], group_id, removed)
    affected = sorted(former | after.members) if is_renamed else [*added, *removed]
    await assign_roles(connection, affected, role_map=role_map, caller=caller, now=now)
    detail: dict[str, JsonValue] = {
        "name": after.name,
        "added": [public_id(USER, user_id) for user_id in added],
        "removed": [public_id(USER, user_id) for user_id in removed],
    }
    await _record(connection, Action.GROUP_UPDATE, group_id, detail, caller=caller, now=now)
    return await find_group(connection, group_id, organization_id=caller.organization_id)


async def delete_group(
    connection: Connection,
    group_id: UUID,
    *,
    require: Callable[[Group], None],
    role_map: Mapping[str, Role],
    caller: Principal,
    now: datetime,
) -> None:
    """Delete a group, in the caller's transaction. Its members lose the role that it gave.

    Raises GroupNotFound, LastAdmin, and what `require` raises.
    """
    await connection.execute(PEOPLE["lock_organization"], caller.organization_id)
    group = await find_group(connection, group_id, organization_id=caller.organization_id)
    require(group)
    await connection.execute(SQL["delete_group"], group_id)
    await assign_roles(connection, group.members or (), role_map=role_map, caller=caller, now=now)
    await _record(connection, Action.GROUP_DELETE, group_id, {"name": group.name}, caller=caller, now=now)


async def _add_members(connection: Connection, group_id: UUID, user_ids: list[UUID], *, caller: Principal) -> None:
    """Add users to a group. Raises UnknownMember."""
    rows = await connection.fetch(SQL["known_users"], user_ids, caller.organization_id)
    if (unknown := first_unknown(user_ids, [row["id"] for row in rows])) is not None:
        raise UnknownMember(unknown)
    await connection.execute(SQL["add_members"], group_id, user_ids)


async def _record(
    connection: Connection,
    action: Action,
    group_id: UUID,
    detail: Mapping[str, JsonValue],
    *,
    caller: Principal,
    now: datetime,
) -> None:
    object_id = public_id(SCIM_GROUP, group_id)
    await record_act(connection, action, object_id, by=caller, now=now, detail=detail, is_of_both_environments=True)
