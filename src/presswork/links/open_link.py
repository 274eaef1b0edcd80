"""Open the page of a link: find it by its token, count visits and uses."""

from datetime import datetime

from presswork.audit.record import record_act
from presswork.core.enums import LinkKind
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.links.model import LinkUnknown, OpenedLink, PageLink, action_of
from presswork.links.store import SQL, find_opened


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
