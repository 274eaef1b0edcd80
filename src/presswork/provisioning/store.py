"""Rows of people and groups, as an identity provider reads them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.people.store import user_of
from presswork.provisioning.model import (
    Group,
    GroupNotFound,
    GroupOfPerson,
    GroupSummary,
    Membership,
    Person,
    PersonNotFound,
)

SQL: Final = load("presswork.provisioning")
MAX_FOUND: Final = 200
"""Most people or groups with one external id, and most groups of one person, that a filter finds."""


async def list_people(pool: Pool, organization_id: UUID, *, offset: int, limit: int) -> Sequence[Person]:
    """Return people of an organization, oldest first."""
    rows = await pool.fetch(SQL["list_people"], organization_id, offset, limit)
    return await _people_of(pool, rows)


async def count_people(pool: Pool, organization_id: UUID) -> int:
    """Return how many people the provider sees."""
    return int(await pool.fetchval(SQL["count_people"], organization_id))


async def find_person(connection: "Connection | Pool", user_id: UUID, *, organization_id: UUID) -> Person:
    """Return a person. Raises PersonNotFound."""
    rows = await connection.fetch(SQL["find_person"], organization_id, user_id)
    if not rows:
        raise PersonNotFound
    return (await _people_of(connection, rows))[0]


async def find_people(
    connection: "Connection | Pool",
    organization_id: UUID,
    *,
    user_name: str | None = None,
    email: str | None = None,
    external_id: str | None = None,
) -> Sequence[Person]:
    """Return the people with the first of these names that is given, at most MAX_FOUND."""
    if user_name is not None:
        rows = await connection.fetch(SQL["find_person_by_name"], organization_id, user_name)
    elif email is not None:
        rows = await connection.fetch(SQL["find_person_by_email"], organization_id, email.lower())
    else:
        rows = await connection.fetch(SQL["find_people_by_external_id"], organization_id, external_id, MAX_FOUND)
    return await _people_of(connection, rows)


async def _people_of(connection: "Connection | Pool", rows: Sequence[asyncpg.Record]) -> Sequence[Person]:
    groups: dict[UUID, list[GroupOfPerson]] = defaultdict(list)
    if rows:
        for row in await connection.fetch(SQL["groups_of"], [row["id"] for row in rows]):
            groups[row["user_id"]].append(from_row(GroupOfPerson, row))
    return [
        from_row(Person, row, user=user_of(row), document=row["profile"], groups=tuple(groups[row["id"]]))
        for row in rows
    ]


async def list_groups(
    pool: Pool, organization_id: UUID, *, offset: int, limit: int, with_members: bool
) -> Sequence[Group]:
    """Return groups of an organization, oldest first."""
    rows = await pool.fetch(SQL["list_groups"], organization_id, offset, limit)
    return await _groups_of(pool, rows, with_members=with_members)


async def count_groups(pool: Pool, organization_id: UUID) -> int:
    """Return how many groups an organization has."""
    return int(await pool.fetchval(SQL["count_groups"], organization_id))


async def find_group(
    connection: "Connection | Pool", group_id: UUID, *, organization_id: UUID, with_members: bool = True
) -> Group:
    """Return a group. Raises GroupNotFound."""
    rows = await connection.fetch(SQL["find_group"], organization_id, group_id)
    if not rows:
        raise GroupNotFound
    return (await _groups_of(connection, rows, with_members=with_members))[0]


async def find_groups(
    pool: Pool,
    organization_id: UUID,
    *,
    name: str | None = None,
    external_id: str | None = None,
    member: UUID | None = None,
    with_members: bool,
) -> Sequence[Group]:
    """Return the groups with the first of these that is given, at most MAX_FOUND."""
    if name is not None:
        rows = await pool.fetch(SQL["find_group_by_name"], organization_id, name)
    elif external_id is not None:
        rows = await pool.fetch(SQL["find_groups_by_external_id"], organization_id, external_id, MAX_FOUND)
    else:
        rows = await pool.fetch(SQL["find_groups_of_member"], organization_id, member, MAX_FOUND)
    return await _groups_of(pool, rows, with_members=with_members)


async def _groups_of(
    connection: "Connection | Pool", rows: Sequence[asyncpg.Record], *, with_members: bool
) -> Sequence[Group]:
    members: dict[UUID, list[UUID]] = defaultdict(list)
    if rows and with_members:
        for row in await connection.fetch(SQL["members_of"], [row["id"] for row in rows]):
            members[row["group_id"]].append(row["user_id"])
    return [from_row(Group, row, members=tuple(members[row["id"]]) if with_members else None) for row in rows]


async def summarize_groups(
    pool: Pool, organization_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[GroupSummary]:
    """Return groups of an organization with their numbers of members, oldest first."""
    rows = await pool.fetch(SQL["summarize_groups"], organization_id, *(after or FIRST), limit)
    return [from_row(GroupSummary, row) for row in rows]


async def find_memberships(connection: Connection, user_ids: Sequence[UUID]) -> Sequence[Membership]:
    """Return the roles and groups of users."""
    rows = await connection.fetch(SQL["memberships_of"], list(user_ids))
    return [from_row(Membership, row) for row in rows]
