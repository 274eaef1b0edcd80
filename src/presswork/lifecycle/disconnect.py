"""Disconnect an account: delete its tokens, cancel its queued posts, and revoke the grant at the platform."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from presswork.accounts.model import AccountNotFound, AccountStatus
from presswork.accounts.store import LOGINS, SQL
from presswork.accounts.vault import open_tokens
from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.ids import ACCOUNT, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Connection, Pool
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.platforms.errors import PlatformError
from presswork.platforms.names import LoginName
from presswork.platforms.registry import Platforms, logins_of_app
from presswork.posts.cancel import cancel_queued_posts
from presswork.recurrences.end_recurrences import leave_account_out

log = structlog.get_logger()

BY_REQUEST: Final = "user_requested"
"""`disconnectedReason` of an account that was disconnected through the API."""
_REVOKE_SECONDS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """The result of disconnecting an account."""

    account_id: UUID
    reason: str
    canceled_posts: int
    disconnected_at: datetime  # UTC


async def disconnect_account(
    call: IdempotentCall[Disconnected],
    keyring: Keyring,
    platforms: Platforms,
    account_id: UUID,
    *,
    visible_to: Principal,
    now: datetime,
) -> Disconnected:
    """Disconnect an account. A second call returns the same result with no canceled posts. Raises AccountNotFound.

    The tokens are deleted and the queued posts canceled first. Then the grant is revoked at the platform, for at most
    ten seconds; a failure is only logged. The grant is kept while another account uses it, in any project: another one
    of the same person, or the same platform account. Revoking it would end their access too.
    """
    former: list[asyncpg.Record] = []

    async def disconnect(connection: Connection) -> Disconnected:
        row = await connection.fetchrow(
            SQL["lock_account"], account_id, visible_to.organization_id, visible_to.environment.value, LOGINS
        )
        if row is None:
            raise AccountNotFound
        if row["status"] == AccountStatus.DISCONNECTED.value:
            return Disconnected(
                account_id=account_id,
                reason=row["disconnected_reason"] or BY_REQUEST,
                canceled_posts=0,
                disconnected_at=row["disconnected_at"],
            )
        await connection.execute(SQL["disconnect_account"], account_id, BY_REQUEST, now)
        await leave_account_out(connection, account_id, now=now)
        canceled = await cancel_queued_posts(
            connection, account_id=account_id, now=now, why="The account was disconnected."
        )
        name, detail = public_id(ACCOUNT, account_id), {"platform": row["platform"], "canceledScheduledPosts": canceled}
        await record_act(connection, Action.ACCOUNT_DISCONNECT, name, by=visible_to, now=now, detail=detail)
        former[:] = [row]  # assigned, not appended: the transaction may be retried
        return Disconnected(account_id=account_id, reason=BY_REQUEST, canceled_posts=canceled, disconnected_at=now)

    disconnected = await call.run(disconnect)
    for row in former:
        await revoke_grant(call.pool, keyring, platforms, row)
        log.info(
            "account disconnected",
            platform=row["platform"],
            account=public_id(ACCOUNT, account_id),
            canceled_posts=disconnected.canceled_posts,
        )
    return disconnected


async def revoke_grant(pool: Pool, keyring: Keyring, platforms: Platforms, row: asyncpg.Record) -> None:
    """Revoke the grant at the platform if no account uses it now, not even this one again. A failure is logged."""
    account, login = public_id(ACCOUNT, row["id"]), LoginName(row["login"])
    try:
        if await pool.fetchval(SQL["grant_is_used"], row["id"], logins_of_app(login), row["app_id"]):
            log.info("grant not revoked: another account uses it", platform=row["platform"], account=account)
            return
        platform = await platforms.for_app(login, Environment(row["environment"]), row["app_id"])
        async with asyncio.timeout(_REVOKE_SECONDS):
            await platform.login.revoke(open_tokens(keyring, row["sealed_tokens"]))
    except (PlatformError, Unavailable, *TRANSIENT_ERRORS) as error:
        log.warning(
            "grant not revoked; the account's owner can revoke it in the platform's app",
            platform=row["platform"],
            account=account,
            error=str(error) or type(error).__name__,
        )
