"""The quota of an organization, and the limit that the installation may have set for it: bytes of its stored media and of the files that its open uploads promise."""

from uuid import UUID

from presswork.content.model import MediaQuotaExceeded
from presswork.content.store import SQL
from presswork.db.errors import PlanLimitReached
from presswork.db.pool import Connection, Pool
from presswork.orgs.limits import find_limits


async def reserve_media(connection: Connection, organization_id: UUID, size_bytes: int, *, quota_bytes: int) -> None:
    """Make sure that the organization may store so many bytes more. Raises PlanLimitReached and MediaQuotaExceeded.

    Until the transaction ends, no other one counts for this organization: of calls that arrive together, each counts what
    the others have stored. Call it before any row of a project or container is locked (the order is in db/errors.py).
    """
    await connection.execute(SQL["lock_organization"], organization_id)
    maximum = (await find_limits(connection, organization_id)).media_bytes
    used = await count_media_bytes(
        connection, organization_id
    )  # a new statement, which sees what was committed meanwhile
    if maximum is not None and used + size_bytes > maximum:
        raise PlanLimitReached(limit="mediaBytes", maximum=maximum, used=used)
    if used + size_bytes > quota_bytes:
        raise MediaQuotaExceeded(quota_bytes, remaining_bytes=max(0, quota_bytes - used), requested_bytes=size_bytes)


async def require_media_room(pool: Pool, organization_id: UUID, *, quota_bytes: int) -> None:
    """Raise PlanLimitReached or MediaQuotaExceeded if the quota is used up, before anything is fetched. Only `reserve_media` is exact."""
    maximum = (await find_limits(pool, organization_id)).media_bytes
    used = await count_media_bytes(pool, organization_id)
    if maximum is not None and used >= maximum:
        raise PlanLimitReached(limit="mediaBytes", maximum=maximum, used=used)
    if used >= quota_bytes:
        raise MediaQuotaExceeded(quota_bytes, remaining_bytes=0)


async def count_media_bytes(connection: "Connection | Pool", organization_id: UUID) -> int:
    """Return the bytes that count toward the organization's quota."""
    return int(await connection.fetchval(SQL["count_media_bytes"], organization_id))
