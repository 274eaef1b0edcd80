"""Handle a platform's message that access was revoked: its accounts require a new login."""

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from presswork.accounts.store import SQL
from presswork.accounts.tokens import mark_reauth_required
from presswork.accounts.vault import open_tokens
from presswork.core.enums import Environment, PlatformName
from presswork.core.ids import ACCOUNT, public_id
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.pool import Connection

log = structlog.get_logger()

_MOST: Final = 1_000


async def access_removed(
    connection: Connection,
    keyring: Keyring,
    *,
    platform: PlatformName,
    environment: Environment,
    external_id: str,
    before: datetime,
    now: datetime,
) -> int:
    """Mark the accounts of a platform id, in all projects, that have older tokens; return their number.

    Tokens that are newer than the message come from a later login and stay valid: messages may be delayed. The rows are
    locked until the transaction ends, so that no login happens between check and update.
    """
    rows = await connection.fetch(SQL["lock_accounts_of"], platform.value, environment.value, external_id, _MOST)
    marked = 0
    for row in rows:
        if _are_from_before(keyring, row["id"], row["sealed_tokens"], before):
            marked += await mark_reauth_required(connection, row["id"], now=now, version=row["tokens_version"])
    return marked


def _are_from_before(keyring: Keyring, account_id: UUID, sealed: bytes, before: datetime) -> bool:
    try:
        return open_tokens(keyring, sealed).issued_at < before
    except SealBroken as error:
        log.warning("account not marked", account=public_id(ACCOUNT, account_id), error=error.message)
        return False
