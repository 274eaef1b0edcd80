"""Revoke a link to a page without a login."""

from datetime import datetime
from uuid import UUID

from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.enums import LinkKind
from presswork.db.pool import Connection
from presswork.links.model import PageLink, action_of
from presswork.links.store import lock_link, write_revocation


async def revoke_link(
    connection: Connection, link_id: UUID, kind: LinkKind, *, caller: Principal, now: datetime
) -> PageLink:
    """Revoke a link in the caller's transaction; its page is gone at once. A revoked link stays as it is.

    Raises LinkNotFound.
    """
    link = await lock_link(connection, link_id, kind, visible_to=caller)
    if link.revoked_at is not None:
        return link
    revoked = await write_revocation(connection, link.id, now=now)
    await record_act(connection, action_of(kind, "revoke"), link.public_id, by=caller, now=now)
    return revoked
