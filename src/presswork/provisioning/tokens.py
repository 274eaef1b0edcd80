"""Tokens of identity providers: create, list and revoke them, and find the caller of a request by one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal, Unauthenticated
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import SCIM_TOKEN, new_id, public_id
from presswork.core.timestamps import write_instant
from presswork.db.pool import Connection, Pool
from presswork.db.rows import FIRST, from_row
from presswork.people.store import SQL as PEOPLE
from presswork.provisioning.model import (
    MAX_TOKENS,
    SCIM_TIER,
    ScimToken,
    ScimTokenNotFound,
    TooManyScimTokens,
    new_scim_token,
    scim_token_hash,
)
from presswork.provisioning.store import SQL

USE_RECORDED_EVERY: Final = timedelta(minutes=1)
"""How often the use of a token is recorded."""


async def create_token(
    connection: Connection,
    *,
    name: str,
    sends_invitations: bool,
    expires_at: datetime | None,
    caller: Principal,
    now: datetime,
) -> tuple[ScimToken, str]:
    """Create a token in the caller's organization, in the caller's transaction; return it with its text.

    Raises TooManyScimTokens, and Invalid for an end in the past.
    """
    if expires_at is not None and expires_at <= now:
        raise Invalid(
            [Issue.at("expiresAt", "is in the past. Send a future UTC time, or none.", IssueCode.IN_THE_PAST)]
        )
    await connection.execute(PEOPLE["lock_organization"], caller.organization_id)
    text = new_scim_token()
    values = (new_id(), caller.organization_id, name, scim_token_hash(text), sends_invitations)
    row = await connection.fetchrow(SQL["insert_token"], *values, now, expires_at, MAX_TOKENS)
    if row is None:
        raise TooManyScimTokens
    token = from_row(ScimToken, row)
    end = None if expires_at is None else write_instant(expires_at)
    detail: dict[str, str | bool | None] = {"name": name, "sendsInvitations": sends_invitations, "expiresAt": end}
    await _record(connection, Action.SCIM_TOKEN_CREATE, token, caller=caller, now=now, **detail)
    return token, text


async def list_tokens(
    pool: Pool, *, caller: Principal, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[ScimToken]:
    """Return tokens of the caller's organization, oldest first, after the (created_at, id) `after`."""
    rows = await pool.fetch(SQL["list_tokens"], caller.organization_id, *(after or FIRST), limit)
    return [from_row(ScimToken, row) for row in rows]


async def revoke_token(connection: Connection, token_id: UUID, *, caller: Principal, now: datetime) -> ScimToken:
    """Delete a token, in the caller's transaction, and return it. People and groups stay. Raises ScimTokenNotFound."""
    row = await connection.fetchrow(SQL["delete_token"], token_id, caller.organization_id)
    if row is None:
        raise ScimTokenNotFound
    token = from_row(ScimToken, row)
    await _record(connection, Action.SCIM_TOKEN_REVOKE, token, caller=caller, now=now, name=token.name)
    return token


async def find_provider(pool: Pool, text: str, *, message: str, now: datetime) -> tuple[ScimToken, Principal]:
    """Return the token of a request and its caller, and record the use. Raises Unauthenticated with `message`."""
    hashed = scim_token_hash(text)
    row = None if hashed is None else await pool.fetchrow(SQL["find_token"], hashed)
    token = None if row is None else from_row(ScimToken, row)
    if token is None or not token.is_valid(now=now):
        raise Unauthenticated(message)
    if token.last_used_at is None or abs(now - token.last_used_at) >= USE_RECORDED_EVERY:
        await pool.execute(SQL["record_use"], token.id, now)
    return token, Principal(
        key_id=None,
        scim_token_id=token.id,
        scim_token_name=token.name,
        organization_id=token.organization_id,
        environment=Environment.LIVE,  # people belong to both
        scopes=frozenset(),
        tier=SCIM_TIER,
        return_domains=(),
        operator_id=None,
    )


async def _record(
    connection: Connection,
    action: Action,
    token: ScimToken,
    *,
    caller: Principal,
    now: datetime,
    **detail: str | bool | None,
) -> None:
    object_id = public_id(SCIM_TOKEN, token.id)
    await record_act(connection, action, object_id, by=caller, now=now, detail=detail, is_of_both_environments=True)
