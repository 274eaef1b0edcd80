"""Organizations of an installation, as its administrator makes and lists them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.errors import Conflict, NotFound
from presswork.core.ids import ORGANIZATION, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.rows import FIRST, from_row
from presswork.orgs.limits import SQL, LimitChanges, Limits, find_limits, list_limits, set_limits


class OrganizationNotFound(NotFound):
    """There is no such organization."""

    sentence = "This organization does not exist. List them with GET /v1/organizations."


class NameTaken(Conflict):
    """Another organization has this name; names are unique, since the command line uses them."""

    sentence = "Another organization has this name. Send another one."


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A customer of the installation: its name and what it may use. Instants in UTC."""

    id: UUID
    name: str
    created_at: datetime
    limits: Limits


async def create_organization(
    connection: Connection, *, name: str, limits: LimitChanges, by: Principal, now: datetime
) -> Organization:
    """Make an organization with its limits, in the caller's transaction. Raises NameTaken."""
    row = await connection.fetchrow(SQL["insert_organization"], new_id(), name, now)
    if row is None:
        raise NameTaken(reason="name_taken")
    await _record(connection, Action.ORGANIZATION_CREATE, row["id"], name, by=by, now=now)
    set_to = await set_limits(connection, row["id"], limits, by=by, now=now)
    return from_row(Organization, row, limits=set_to)


async def find_organization(connection: "Connection | Pool", organization_id: UUID) -> Organization:
    """Return an organization. Raises OrganizationNotFound."""
    row = _require(await connection.fetchrow(SQL["find_organization"], organization_id))
    return from_row(Organization, row, limits=await find_limits(connection, organization_id))


async def list_organizations(pool: Pool, *, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[Organization]:
    """Return up to `limit` organizations, oldest first, after the (created_at, id) `after`."""
    rows = await pool.fetch(SQL["list_organizations"], *(after or FIRST), limit)
    limits = await list_limits(pool, [row["id"] for row in rows])
    return [from_row(Organization, row, limits=limits.get(row["id"], Limits())) for row in rows]


async def rename_organization(
    connection: Connection, organization_id: UUID, name: str | None, *, by: Principal, now: datetime
) -> Organization:
    """Change the name of an organization, in the caller's transaction; None leaves it. Raises OrganizationNotFound, NameTaken."""
    row = _require(await connection.fetchrow(SQL["lock_organization"], organization_id))
    if name is not None and name != row["name"]:
        try:
            async with connection.transaction():
                row = _require(await connection.fetchrow(SQL["rename_organization"], organization_id, name))
        except asyncpg.UniqueViolationError as error:
            raise NameTaken(reason="name_taken") from error
        await _record(connection, Action.ORGANIZATION_UPDATE, organization_id, name, by=by, now=now)
    return from_row(Organization, row, limits=await find_limits(connection, organization_id))


async def limit_organization(
    connection: Connection, organization_id: UUID, changes: LimitChanges, *, by: Principal, now: datetime
) -> Organization:
    """Change limits of an organization, in the caller's transaction. Raises OrganizationNotFound."""
    row = _require(await connection.fetchrow(SQL["find_organization"], organization_id))
    limits = await set_limits(connection, organization_id, changes, by=by, now=now)
    return from_row(Organization, row, limits=limits)


def _require(row: asyncpg.Record | None) -> asyncpg.Record:
    if row is None:
        raise OrganizationNotFound
    return row


async def _record(
    connection: Connection, action: Action, organization_id: UUID, name: str, *, by: Principal, now: datetime
) -> None:
    """Record it in the log of the caller's organization."""
    object_id = public_id(ORGANIZATION, organization_id)
    detail = {"name": name}
    await record_act(connection, action, object_id, by=by, now=now, detail=detail, is_of_both_environments=True)
