"""API keys: making, finding, revoking and killing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final
from uuid import UUID

import asyncpg

from presswork.db.pool import KEYS, Connection, Pool
from presswork.db.queries import load
from presswork.errors import Invalid, Issue, NotFound
from presswork.ids import KEY, ORGANIZATION, new_id, parse_id, public_id
from presswork.orgs.model import ALL_BUT_ADMIN, KeyKilled, KeyToken, Principal, Scope, Tier, Unauthenticated
from presswork.terms import Environment

_SQL: Final = load("presswork.orgs")

CACHE_SECONDS: Final = 5.0
"""How long a key that was looked up is believed, should the hint of its end get lost."""
_CACHE_SIZE: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key as the database has it."""

    principal: Principal
    secret_hash: bytes
    is_revoked: bool
    is_killed: bool


class KeyCache:
    """Keys looked up lately. Bounded in age and number; `forget` drops one at once when its end is announced."""

    def __init__(self, pool: Pool) -> None:
        """Take the pool to look keys up with."""
        self._pool = pool
        self._found: dict[str, tuple[float, StoredKey | None]] = {}
        self._endings = 0

    def forget(self, lookup: str) -> None:
        """Drop one key."""
        self._endings += 1
        self._found.pop(lookup, None)

    def forget_all(self) -> None:
        """Drop every key: announcements may have been missed."""
        self._endings += 1
        self._found.clear()

    async def find(self, lookup: str) -> StoredKey | None:
        """Return the key of that name, or None."""
        known = self._found.get(lookup)
        if known is not None and monotonic() - known[0] < CACHE_SECONDS:
            return known[1]
        asked_at, endings = monotonic(), self._endings
        row = await self._pool.fetchrow(_SQL["find_key"], lookup)
        key = None if row is None else _stored(row)
        if len(self._found) >= _CACHE_SIZE:
            self._found.clear()
        if endings == self._endings:  # otherwise the answer may be older than an end that was announced meanwhile
            self._found[lookup] = (asked_at, key)
        return key


def _stored(row: asyncpg.Record) -> StoredKey:
    return StoredKey(
        principal=Principal(
            key_id=row["id"],
            organization_id=row["organization_id"],
            environment=Environment(row["environment"]),
            scopes=frozenset(row["scopes"]),
            tier=Tier(row["tier"]),
            return_domains=tuple(row["return_domains"]),
            operator_id=row["operator_id"],
        ),
        secret_hash=row["secret_hash"],
        is_revoked=row["revoked_at"] is not None,
        is_killed=row["killed_at"] is not None,
    )


async def find_caller(cache: KeyCache, text: str, *, otherwise: str) -> tuple[Principal, str]:
    """Return who holds this key, and the key's lookup name.

    Raises Unauthenticated, with the sentence `otherwise`, for a key that is malformed, unknown, wrong or revoked;
    KeyKilled for one that was killed.
    """
    token = KeyToken.parse(text)
    stored = None if token is None else await cache.find(token.lookup)
    if token is None or stored is None or not token.fits(stored.secret_hash) or stored.is_revoked:
        raise Unauthenticated(otherwise)
    if stored.principal.environment is not token.environment:
        raise Unauthenticated(otherwise)
    if stored.is_killed:
        raise KeyKilled("This key was switched off in an emergency. Ask the operator of this service what happened.")
    return stored.principal, token.lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made. `token` is shown this once."""

    key_id: str
    token: KeyToken
    organization_id: str
    environment: Environment
    scopes: Sequence[str]
    tier: Tier


async def create_key(
    connection: Connection,
    *,
    organization: str,
    environment: Environment,
    scopes: Sequence[str],
    tier: Tier,
    return_domains: Sequence[str],
    operator_id: UUID | None,
    name: str,
    now: datetime,
) -> NewKey:
    """Make a key, and its organization if that is new. Raises Invalid for an unknown scope or operator."""
    known = {scope.value for scope in Scope} | {ALL_BUT_ADMIN}
    if unknown := [scope for scope in scopes if scope not in known]:
        sentence = f"{unknown[0]} is no scope. Choose from: {', '.join(sorted(known))}."
        raise Invalid([Issue("scopes", sentence, "unknown_scope")])
    token = KeyToken.new(environment)
    key_id = new_id()
    async with connection.transaction():
        organization_id = await ensure_organization(connection, organization, now=now)
        if operator_id is None:
            operator_id = await connection.fetchval(_SQL["primary_operator"], organization_id)
        elif not await connection.fetchval(_SQL["operator_in_organization"], operator_id, organization_id):
            raise Invalid([Issue("operator", f"There is no such operator in {organization}.", "unknown_operator")])
        await connection.execute(
            _SQL["insert_key"],
            key_id,
            organization_id,
            environment.value,
            token.lookup,
            token.secret_hash,
            name,
            list(scopes),
            tier.value,
            [domain.lower() for domain in return_domains],
            operator_id,
            now,
        )
    return NewKey(
        key_id=public_id(KEY, key_id),
        token=token,
        organization_id=public_id(ORGANIZATION, organization_id),
        environment=environment,
        scopes=list(scopes),
        tier=tier,
    )


async def ensure_organization(connection: Connection, name: str, *, now: datetime) -> UUID:
    """Return the organization of that name, made if it is new. Raises Invalid for an empty name."""
    if not name.strip():
        raise Invalid([Issue("org", "An organization needs a name.", "missing")])
    made = await connection.fetchval(_SQL["insert_organization"], new_id(), name, now)
    found = made or (await connection.fetchrow(_SQL["find_organization"], name))["id"]  # type: ignore[index]  # the insert met this row
    return UUID(str(found))


async def list_organizations(connection: Connection, *, limit: int = 1000) -> Sequence[asyncpg.Record]:
    """Return organizations with their counts, oldest first: id, name, created_at, projects, keys."""
    return await connection.fetch(_SQL["list_organizations"], limit)


async def list_keys(connection: Connection, *, organization: str | None, limit: int = 1000) -> Sequence[asyncpg.Record]:
    """Return keys without their secrets, oldest first."""
    return await connection.fetch(_SQL["list_keys"], organization, limit)


async def revoke_key(connection: Connection, key: str, *, now: datetime) -> str:
    """End a key for good, on every API process at once. Raises NotFound."""
    return await _end(connection, "revoke_key", key, now)


async def kill_key(connection: Connection, key: str, *, now: datetime) -> str:
    """Switch a key off in an emergency, on every API process at once. Raises NotFound."""
    return await _end(connection, "kill_key", key, now)


async def revive_key(connection: Connection, key: str) -> str:
    """Switch a killed key on again. Raises NotFound."""
    return await _end(connection, "revive_key", key)


async def _end(connection: Connection, statement: str, key: str, *arguments: object) -> str:
    """Run one statement on the key named by its id, its lookup name or the whole key; announce it to every process."""
    token = KeyToken.parse(key)
    try:
        key_id = parse_id(KEY, key, is_bare_allowed=True)
    except ValueError:
        key_id = None
    async with connection.transaction():
        row = await connection.fetchrow(_SQL[statement], key_id, token.lookup if token else key, *arguments)
        if row is None:
            raise NotFound("There is no such key. `presswork key list` shows them all.")
        await connection.execute("SELECT pg_notify($1, $2)", KEYS, row["lookup"])
    return public_id(KEY, row["id"])
