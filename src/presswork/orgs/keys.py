"""API keys: making, finding, revoking and killing them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from uuid import UUID

import asyncpg

from presswork.audit.model import COMMAND_LINE, Action, Actor, Entry
from presswork.audit.record import record
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, NotFound
from presswork.core.ids import KEY, ORGANIZATION, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.orgs.key_admin import end_any_key, insert_key
from presswork.orgs.key_model import KeyNotFound, NewKey, require_scopes
from presswork.orgs.model import KeyKilled, KeyToken, Principal, Tier, Unauthenticated

_SQL: Final = load("presswork.orgs")

CACHE_SECONDS: Final = 5.0
"""How long a key that was looked up is believed, should the hint of its end get lost."""
_CACHE_SIZE: Final = 10_000
USE_NOTED_EVERY: Final = timedelta(minutes=1)
"""How often it is noted that a key is used: one small write in a minute, however many calls there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key as the database has it."""

    principal: Principal
    secret_hash: bytes
    is_revoked: bool
    is_killed: bool
    last_used_at: datetime | None


class KeyCache:
    """Keys looked up lately. Bounded in age and number; `forget` drops one at once when its end is announced.

    It serves keys only while it is subscribed to announcements: before the first `on_connected` and after
    `on_disconnected`, every call is looked up in the database.
    """

    def __init__(self, pool: Pool) -> None:
        """Take the pool to look keys up with."""
        self._pool = pool
        self._found: dict[str, tuple[float, StoredKey | None]] = {}
        self._endings = 0
        self._is_subscribed = False

    @property
    def is_subscribed(self) -> bool:
        """Whether announcements arrive, so that a key that was looked up may be served for a while."""
        return self._is_subscribed

    def on_connected(self) -> None:
        """Start caching. Drops what is cached, since announcements may have been missed."""
        self._is_subscribed = True
        self.forget_all()

    def on_disconnected(self) -> None:
        """Drop every key and stop caching: announcements don't arrive any more."""
        self._is_subscribed = False
        self.forget_all()

    def forget(self, lookup: str) -> None:
        """Drop one key."""
        self._endings += 1
        self._found.pop(lookup, None)

    def forget_all(self) -> None:
        """Drop every key."""
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
        if (
            self._is_subscribed and endings == self._endings
        ):  # else the answer may be older than an end announced meanwhile
            self._found[lookup] = (asked_at, key)
        return key

    async def note_use(self, lookup: str, key: StoredKey, *, now: datetime) -> None:
        """Write down that a key is used now, unless that was written within USE_NOTED_EVERY. Waits for no lock."""
        if key.last_used_at is not None and abs(now - key.last_used_at) < USE_NOTED_EVERY:
            return
        known = self._found.get(lookup)
        if known is not None and known[1] is key:
            self._found[lookup] = (known[0], replace(key, last_used_at=now))
        await self._pool.execute(_SQL["note_use"], key.principal.key_id, now)


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
        last_used_at=row["last_used_at"],
    )


async def find_caller(cache: KeyCache, text: str, *, otherwise: str, now: datetime) -> tuple[Principal, str]:
    """Return who holds this key, and the key's lookup name; note that the key is used.

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
    await cache.note_use(token.lookup, stored, now=now)
    return stored.principal, token.lookup


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
    by: Actor = COMMAND_LINE,
) -> NewKey:
    """Make a key, and its organization if that is new. Raises Invalid for an unknown scope or operator."""
    require_scopes(scopes)
    async with connection.transaction():
        organization_id = await ensure_organization(connection, organization, now=now, by=by)
        if operator_id is None:
            operator_id = await connection.fetchval(_SQL["primary_operator"], organization_id)
        elif not await connection.fetchval(_SQL["operator_in_organization"], operator_id, organization_id):
            raise Invalid([Issue("operator", f"There is no such operator in {organization}.", "unknown_operator")])
        key, token = await insert_key(
            connection,
            organization_id,
            environment,
            name=name,
            scopes=scopes,
            tier=tier,
            return_domains=return_domains,
            operator_id=operator_id,
            by=by,
            now=now,
        )
    return NewKey(
        key_id=public_id(KEY, key.id),
        token=token,
        organization_id=public_id(ORGANIZATION, organization_id),
        environment=environment,
        scopes=list(key.scopes),
        tier=tier,
    )


async def ensure_organization(connection: Connection, name: str, *, now: datetime, by: Actor = COMMAND_LINE) -> UUID:
    """Return the organization of that name, made if it is new. Raises Invalid for an empty name."""
    if not name.strip():
        raise Invalid([Issue("org", "An organization needs a name.", "missing")])
    async with connection.transaction():
        made = await connection.fetchval(_SQL["insert_organization"], new_id(), name, now)
        if made is None:
            return UUID(str((await connection.fetchrow(_SQL["find_organization"], name))["id"]))  # type: ignore[index]  # the insert met this row
        entry = Entry(
            action=Action.ORGANIZATION_CREATE,
            actor=by,
            at=now,
            organization_id=made,
            environment=None,
            object_id=public_id(ORGANIZATION, made),
            detail={"name": name},
        )
        await record(connection, entry)
    return UUID(str(made))


async def list_organizations(connection: Connection, *, limit: int = 1000) -> Sequence[asyncpg.Record]:
    """Return organizations with their counts, oldest first: id, name, created_at, projects, keys."""
    return await connection.fetch(_SQL["list_organizations"], limit)


async def list_keys(connection: Connection, *, organization: str | None, limit: int = 1000) -> Sequence[asyncpg.Record]:
    """Return keys without their secrets, oldest first."""
    return await connection.fetch(_SQL["list_keys"], organization, limit)


async def revoke_key(connection: Connection, key: str, *, now: datetime, by: Actor = COMMAND_LINE) -> str:
    """End a key for good, on every API process at once. Raises NotFound."""
    return await _end(connection, key, Action.KEY_REVOKE, now, by)


async def kill_key(connection: Connection, key: str, *, now: datetime, by: Actor = COMMAND_LINE) -> str:
    """Switch a key off in an emergency, on every API process at once. Raises NotFound."""
    return await _end(connection, key, Action.KEY_KILL, now, by)


async def revive_key(connection: Connection, key: str, *, now: datetime, by: Actor = COMMAND_LINE) -> str:
    """Switch a killed key on again. Raises NotFound."""
    return await _end(connection, key, Action.KEY_REVIVE, now, by)


async def _end(connection: Connection, key: str, action: Action, now: datetime, by: Actor) -> str:
    try:
        ended = await end_any_key(connection, key, action, by=by, now=now)
    except KeyNotFound as error:
        raise NotFound("There is no such key. `presswork key list` shows them all.") from error
    return public_id(KEY, ended.id)
