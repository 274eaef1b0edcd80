"""Links to pages without a login: make, open, use and revoke them."""

from datetime import datetime
from uuid import UUID

from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.enums import LinkKind
from presswork.core.ids import PROJECT, new_id, public_id
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.links.model import LinkNotFound, LinkUnknown, NewLink, OpenedLink, PageLink, action_of, new_token
from presswork.links.store import SQL, find_opened, insert_link, lock_link, write_revocation
from presswork.projects.model import ProjectNotFound
from presswork.projects.store import find_project


async def create_link(
    connection: Connection,
    new: NewLink,
    *,
    caller: Principal,
    now: datetime,
    named: tuple[UUID, str] | None = None,
) -> tuple[PageLink, str]:
    """Make a link in the caller's transaction and return it with its token, which is shown only once.

    `named` are its id and token, if they were computed before.

    Raises ProjectNotFound and ProjectArchived.
    """
    if not caller.may_see(new.project_id):
        raise ProjectNotFound
    project = await find_project(connection, new.project_id, visible_to=caller, lock="share")
    project.require_active()
    link_id, token = named or (new_id(), new_token())
    link = await insert_link(connection, new, token, link_id, caller=caller, now=now)
    expires_at = None if link.expires_at is None else link.expires_at.isoformat()
    detail = {"projectId": public_id(PROJECT, project.id), "expiresAt": expires_at}
    await record_act(connection, action_of(new.kind, "create"), link.public_id, by=caller, now=now, detail=detail)
    return link, token


async def revoke_link(
    connection: Connection,
    link_id: UUID,
    kind: LinkKind,
    *,
    project_id: UUID | None = None,
    caller: Principal,
    now: datetime,
) -> PageLink:
    """Revoke a link in the caller's transaction; its page is gone at once. A revoked link stays as it is.

    Raises LinkNotFound, also for a link of another project than `project_id`.
    """
    link = await lock_link(connection, link_id, kind, visible_to=caller)
    if project_id not in (None, link.project_id):
        raise LinkNotFound
    if link.revoked_at is not None:
        return link
    revoked = await write_revocation(connection, link.id, now=now)
    await record_act(connection, action_of(kind, "revoke"), link.public_id, by=caller, now=now)
    return revoked


async def open_link(connection: "Connection | Pool", token: str, kind: LinkKind, *, now: datetime) -> OpenedLink:
    """Return the link of a token. A link without a use left is returned, too: the page of its last use shows the result.

    Raises LinkUnknown: for a token that is unknown, malformed or of another kind, a link that has expired or was revoked, an
    archived project, a key that was revoked or killed, and a user who is disabled or lost the right to make such a link.
    """
    opened = await find_opened(connection, token, kind, now=now)
    if opened is None:
        raise LinkUnknown
    return opened


async def count_visit(pool: Pool, opened: OpenedLink, *, request_id: str, now: datetime) -> None:
    """Count a visit and record it in the audit log. A HEAD request, as of a link preview, is no visit."""
    link = opened.link
    async with transaction_on(pool) as connection:
        await connection.execute(SQL["count_visit"], link.id, now)
        await record_act(
            connection,
            action_of(link.kind, "visit"),
            link.public_id,
            by=opened.principal((), request_id=request_id),
            now=now,
        )


async def use_link(connection: Connection, link: PageLink) -> None:
    """Count a use in the caller's transaction. Raises LinkUnknown if the link was revoked meanwhile or no use is left.

    A link that expired since its page was opened still counts: what began in time may end.
    """
    if await connection.fetchval(SQL["use_link"], link.id) is None:
        raise LinkUnknown


async def require_unrevoked(connection: Connection, link: PageLink) -> None:
    """Hold a link in the caller's transaction, for an act that is no use. Raises LinkUnknown if it was revoked meanwhile."""
    if await connection.fetchval(SQL["hold_link"], link.id) is None:
        raise LinkUnknown
