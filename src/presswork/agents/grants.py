"""Clients, grants and tokens: register, allow, exchange, refresh, use and revoke.

All errors of a token exchange are one, `invalid_grant`: a client learns nothing about tokens that it does not have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.agents.model import (
    ACCESS_LIFETIME,
    CODE_LIFETIME,
    GRANT_LIFETIME,
    REFRESH_LIFETIME,
    UNUSED_CLIENT_LIFETIME,
    USED_EVERY,
    Client,
    Grant,
    GrantNotFound,
    Kind,
    OAuthError,
    OAuthRefused,
    StoredAccess,
    Tokens,
    acting_name,
    clean_name,
    matches_challenge,
    new_oauth_token,
    oauth_token_hash,
    require_redirect_uris,
)
from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import Actor, ActorKind, Principal, Unauthenticated
from presswork.core.enums import Environment
from presswork.core.ids import GRANT, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.people.sessions import StoredSession
from presswork.people.throttle import count_subject

SQL: Final = load("presswork.agents")
REGISTRATIONS_PER_ADDRESS: Final = 20
EXCHANGES_PER_ADDRESS: Final = 300
"""In 15 minutes. Agents of a whole office share an address; a token can't be guessed anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a user allows on the consent page."""

    client: Client
    redirect_uri: str
    challenge: str
    resource: str
    environment: Environment
    scopes: tuple[str, ...]


async def register_client(
    pool: Pool, *, name: str | None, redirect_uris: Sequence[str], address: str | None, now: datetime
) -> Client:
    """Register a client. Raises OAuthRefused, and TooManyAttempts for an address that registers many."""
    uris = require_redirect_uris(redirect_uris)
    await count_subject(pool, "oauth register", address, limit=REGISTRATIONS_PER_ADDRESS, now=now)
    client = Client(id=new_id(), name=clean_name(name), redirect_uris=uris, created_at=now)
    await pool.execute(SQL["insert_client"], client.id, client.name, list(uris), now)
    return client


async def find_client(pool: Pool, client_id: str | None) -> Client:
    """Return a registered client. Raises OAuthRefused."""
    try:
        row = await pool.fetchrow(SQL["find_client"], UUID(client_id or ""))
    except ValueError:
        row = None
    if row is None:
        raise OAuthRefused(OAuthError.INVALID_CLIENT, "This client is not registered here. Register it again.")
    return from_row(Client, row)


async def allow(pool: Pool, consent: Consent, session: StoredSession, *, request_id: str | None, now: datetime) -> str:
    """Store what a user allows, and return the authorization code."""
    code, grant_id = new_oauth_token(Kind.CODE), new_id()
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            SQL["insert_grant"],
            grant_id,
            consent.client.id,
            session.user_id,
            consent.environment.value,
            list(consent.scopes),
            consent.resource,
            now,
            now + GRANT_LIFETIME,
        )
        await _insert(
            connection,
            grant_id,
            Kind.CODE,
            code,
            until=now + CODE_LIFETIME,
            challenge=consent.challenge,
            uri=consent.redirect_uri,
        )
        await record(
            connection,
            Action.AGENT_CONNECT,
            public_id(GRANT, grant_id),
            by=_user(session.user_id, session.user_name, request_id),
            organization_id=session.organization_id,
            environment=consent.environment,
            now=now,
            detail={
                "client": consent.client.name,
                "redirectUri": consent.redirect_uri,
                "scopes": list(consent.scopes),
            },
        )
    return code


async def exchange_code(
    pool: Pool,
    *,
    code: str,
    verifier: str,
    client_id: UUID,
    redirect_uri: str,
    resource: str | None,
    request_id: str | None,
    now: datetime,
) -> Tokens:
    """Return the first tokens of a grant. A code serves once: its second use revokes the grant. Raises OAuthRefused."""
    async with pool.acquire() as connection, connection.transaction():
        hashed, row = await _lock(connection, code, Kind.CODE, client_id=client_id, resource=resource)
        if row["used_at"] is None:
            if redirect_uri != row["redirect_uri"] or not matches_challenge(verifier, row["challenge"]):
                raise _invalid_grant()
            return await _rotate(connection, hashed, row, now=now)
        await _revoke(connection, row["grant_id"], reason="code_reused", by=None, request_id=request_id, now=now)
    raise _invalid_grant()


async def refresh(
    pool: Pool, *, token: str, client_id: UUID, resource: str | None, request_id: str | None, now: datetime
) -> Tokens:
    """Return new tokens for a refresh token, which serves once: its second use revokes the grant. Raises OAuthRefused."""
    async with pool.acquire() as connection, connection.transaction():
        hashed, row = await _lock(connection, token, Kind.REFRESH, client_id=client_id, resource=resource)
        if row["used_at"] is None:
            return await _rotate(connection, hashed, row, now=now)
        await _revoke(
            connection, row["grant_id"], reason="refresh_token_reused", by=None, request_id=request_id, now=now
        )
    raise _invalid_grant()


async def find_agent(pool: Pool, token: str, *, message: str, now: datetime) -> Principal:
    """Return the caller with this access token, and record the use. Raises Unauthenticated with `message`."""
    hashed = oauth_token_hash(token, Kind.ACCESS)
    row = None if hashed is None else await pool.fetchrow(SQL["find_access"], hashed, now)
    if row is None:
        raise Unauthenticated(message)
    access = from_row(StoredAccess, row)
    if access.last_used_at is None or abs(now - access.last_used_at) >= USED_EVERY:
        await pool.execute(SQL["record_use"], access.grant_id, now)
    return access.principal()


async def list_grants(
    pool: Pool, user_id: UUID, *, caller: Principal, after: tuple[datetime, UUID] | None, limit: int, now: datetime
) -> Sequence[Grant]:
    """Return what a user of the caller's organization allowed, oldest first."""
    rows = await pool.fetch(SQL["list_grants"], user_id, caller.organization_id, now, *(after or FIRST), limit)
    return [from_row(Grant, row) for row in rows]


async def disconnect_agent(
    connection: Connection, grant_id: UUID, *, caller: Principal, may_end_others: bool, now: datetime
) -> None:
    """End a grant of the caller, or of another user of the organization, in the caller's transaction.

    Raises GrantNotFound.
    """
    user_id = await connection.fetchval(SQL["user_of_grant"], grant_id, caller.organization_id, now)
    if user_id is None or (user_id != caller.user_id and not may_end_others):
        raise GrantNotFound
    if not await _revoke(connection, grant_id, reason="user", by=caller.actor, request_id=None, now=now):
        raise GrantNotFound


async def revoke_token(pool: Pool, token: str, *, client_id: UUID, request_id: str | None, now: datetime) -> None:
    """End the grant of a token of a client (RFC 7009); an unknown token is ignored."""
    for kind in (Kind.REFRESH, Kind.ACCESS):
        hashed = oauth_token_hash(token, kind)
        if hashed is None:
            continue
        async with pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(SQL["grant_of_token"], hashed)
            if row is not None and row["client_id"] == client_id:
                await _revoke(connection, row["grant_id"], reason="client", by=None, request_id=request_id, now=now)


async def sweep_agents(pool: Pool, *, now: datetime, limit: int) -> int:
    """Delete expired tokens and grants, and clients without a grant; return the most rows of one kind."""
    kept_until = now - timedelta(days=1)
    done = [
        await pool.execute(SQL["sweep_tokens"], kept_until, limit),
        await pool.execute(SQL["sweep_grants"], kept_until, limit),
        await pool.execute(SQL["sweep_clients"], now - UNUSED_CLIENT_LIFETIME, limit),
    ]
    return max(int(tag.rpartition(" ")[2]) for tag in done)


async def _lock(
    connection: Connection, text: str, kind: Kind, *, client_id: UUID, resource: str | None
) -> tuple[bytes, asyncpg.Record]:
    """Return the hash and the row of a token of this client, for this resource. Raises OAuthRefused."""
    hashed = oauth_token_hash(text, kind)
    row = None if hashed is None else await connection.fetchrow(SQL["lock_token"], hashed, kind.value)
    if hashed is None or row is None or row["client_id"] != client_id or not row["may_sign_in"]:
        raise _invalid_grant()
    if resource is not None and resource != row["resource"]:
        raise OAuthRefused(OAuthError.INVALID_TARGET, "The grant is for another resource.")
    return hashed, row


async def _rotate(connection: Connection, hashed: bytes, row: asyncpg.Record, *, now: datetime) -> Tokens:
    """Use up a code or a refresh token, and return new tokens. Raises OAuthRefused for an expired one."""
    ends_at: datetime = row["grant_expires_at"]
    if now >= row["expires_at"] or now >= ends_at:
        raise _invalid_grant()
    tokens = Tokens(
        access=new_oauth_token(Kind.ACCESS), refresh=new_oauth_token(Kind.REFRESH), scopes=tuple(row["scopes"])
    )
    grant_id: UUID = row["grant_id"]
    await connection.execute(SQL["use_token"], hashed, now)
    await connection.execute(SQL["drop_access_tokens"], grant_id)
    await _insert(connection, grant_id, Kind.ACCESS, tokens.access, until=min(now + ACCESS_LIFETIME, ends_at))
    await _insert(connection, grant_id, Kind.REFRESH, tokens.refresh, until=min(now + REFRESH_LIFETIME, ends_at))
    return tokens


async def _insert(
    connection: Connection,
    grant_id: UUID,
    kind: Kind,
    text: str,
    *,
    until: datetime,
    challenge: str | None = None,
    uri: str | None = None,
) -> None:
    await connection.execute(
        SQL["insert_token"], oauth_token_hash(text, kind), grant_id, kind.value, challenge, uri, until
    )


async def _revoke(
    connection: Connection, grant_id: UUID, *, reason: str, by: Actor | None, request_id: str | None, now: datetime
) -> bool:
    """End a grant, in the caller's transaction; return False if it has ended before."""
    row = await connection.fetchrow(SQL["drop_grant"], grant_id)
    if row is None:
        return False
    await record(
        connection,
        Action.AGENT_REVOKE,
        public_id(GRANT, grant_id),
        by=by or _user(row["user_id"], acting_name(row["user_name"], row["client_name"]), request_id),
        organization_id=row["organization_id"],
        environment=Environment(row["environment"]),
        now=now,
        detail={"client": row["client_name"], "reason": reason},
    )
    return True


def _user(user_id: UUID, name: str, request_id: str | None) -> Actor:
    return Actor(kind=ActorKind.USER, user_id=user_id, name=name, request_id=request_id)


def _invalid_grant() -> OAuthRefused:
    return OAuthRefused(
        OAuthError.INVALID_GRANT, "The code or token is not valid any more, or not for this client. Authorize again."
    )
