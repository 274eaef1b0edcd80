"""Look up API keys for authentication, with a cache, and administer keys for the command line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import COMMAND_LINE, Actor, KeyKilled, Principal, Tier, Unauthenticated
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, IssueCode, NotFound
from presswork.core.ids import KEY, ORGANIZATION, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import from_row
from presswork.orgs.announced_cache import AnnouncedCache
from presswork.orgs.key_admin import change_any_key_status, insert_key
from presswork.orgs.key_model import KeyNotFound, KeyToken, NewKey, require_return_domains, require_scopes

_SQL: Final = load("presswork.orgs")

USE_RECORDED_EVERY: Final = timedelta(minutes=1)
"""How often the use of a key is recorded: at most one write per minute and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """The stored data of a key that authentication needs."""

    principal: Principal
    secret_hash: bytes
    is_revoked: bool
    is_killed: bool
    last_used_at: datetime | None


class KeyCache(AnnouncedCache[str, StoredKey]):
    """Keys by lookup name."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(self._read_key)
        self._pool = pool

    async def _read_key(self, lookup: str) -> StoredKey | None:
        row = await self._pool.fetchrow(_SQL["find_key"], lookup)
        return None if row is None else _read_stored_key(row)

    async def record_use(self, lookup: str, key: StoredKey, *, now: datetime) -> None:
        """Record that a key is used, at most once per USE_RECORDED_EVERY. Waits for no lock."""
        if key.last_used_at is not None and abs(now - key.last_used_at) < USE_RECORDED_EVERY:
            return
        self.replace(lookup, key, replace(key, last_used_at=now))
        await self._pool.execute(_SQL["record_use"], key.principal.id, now)


def _read_stored_key(row: asyncpg.Record) -> StoredKey:
    return StoredKey(
        principal=from_row(Principal, row, key_id=row["id"]),
        secret_hash=row["secret_hash"],
        is_revoked=row["revoked_at"] is not None,
        is_killed=row["killed_at"] is not None,
        last_used_at=row["last_used_at"],
    )


async def find_caller(cache: KeyCache, text: str, *, message: str, now: datetime) -> tuple[Principal, str]:
    """Return the caller with this token, and the key's lookup name; record the use of the key.

    Raises Unauthenticated with `message` for a token that is malformed, unknown, wrong or revoked, and KeyKilled for a
    killed one.
    """
    token = KeyToken.parse(text)
    stored = None if token is None else await cache.find(token.lookup)
    if token is None or stored is None or not token.matches(stored.secret_hash) or stored.is_revoked:
        raise Unauthenticated(message)
    if stored.principal.environment is not token.environment:
        raise Unauthenticated(message)
    if stored.is_killed:
        raise KeyKilled("This key was killed. Ask the operator of this service for the reason.")
    await cache.record_use(token.lookup, stored, now=now)
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
    """Create a key, and its organization if it does not exist. Raises Invalid for an unknown scope or operator, or no host."""
    require_scopes(scopes)
    require_return_domains(return_domains)
    async with connection.transaction():
        organization_id = await ensure_organization(connection, organization, now=now, by=by)
        if operator_id is None:
            operator_id = await connection.fetchval(_SQL["primary_operator"], organization_id)
        elif not await connection.fetchval(_SQL["operator_in_organization"], operator_id, organization_id):
            raise Invalid(
                [
                    Issue(
                        "operator",
                        f"{organization} has no such operator. List its operators with `presswork operator list`.",
                        IssueCode.UNKNOWN_OPERATOR,
                    )
                ]
            )
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
    """Return the id of the organization with this name, creating it if necessary. Raises Invalid for an empty name."""
    if not name.strip():
        raise Invalid([Issue("org", "The name of the organization is empty. Give it a name.", IssueCode.REQUIRED)])
    async with connection.transaction():
        made = await connection.fetchval(_SQL["insert_organization"], new_id(), name, now)
        if made is None:
            return UUID(str((await connection.fetchrow(_SQL["find_organization"], name))["id"]))  # type: ignore[index]  # the insert met this row
        made_id = public_id(ORGANIZATION, made)
        await record(
            connection,
            Action.ORGANIZATION_CREATE,
            made_id,
            by=by,
            organization_id=made,
            now=now,
            detail={"name": name},
        )
    return UUID(str(made))


async def require_organization(connection: Connection, name: str) -> UUID:
    """Return the id of the organization with this name. Raises NotFound."""
    row = await connection.fetchrow(_SQL["find_organization"], name)
    if row is None:
        raise NotFound("There is no organization of this name. List them with `presswork org list`.")
    return UUID(str(row["id"]))


async def list_organizations(connection: Connection) -> Sequence[asyncpg.Record]:
    """Return organizations with their counts, oldest first: id, name, created_at, projects, keys."""
    return await connection.fetch(_SQL["list_organizations"])


async def list_keys(connection: Connection, *, organization: str | None) -> Sequence[asyncpg.Record]:
    """Return keys without their secrets, oldest first."""
    return await connection.fetch(_SQL["list_keys"], organization)


async def change_key_status(
    connection: Connection, key: str, action: Action, *, now: datetime, by: Actor = COMMAND_LINE
) -> str:
    """Revoke, kill or revive a key on every API process at once, and return its id. Raises NotFound."""
    try:
        changed = await change_any_key_status(connection, key, action, by=by, now=now)
    except KeyNotFound as error:
        raise NotFound("This key does not exist. List all keys with `presswork key list`.") from error
    return public_id(KEY, changed.id)
