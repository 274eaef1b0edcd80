"""Create, change, revoke, kill and revive API keys. The commit of a change notifies every API process."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import Actor, Principal, Tier
from presswork.core.enums import Environment
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import KEY, OPERATOR, new_id, parse_id, public_id
from presswork.db.listener import KEYS
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.orgs.key_model import (
    ApiKey,
    KeyChanges,
    KeyInUse,
    KeyNotFound,
    KeyToken,
    require_grantable,
    require_return_domains,
    require_scopes,
    require_tier,
)

_SQL: Final = load("presswork.orgs", "key_queries.sql")


async def insert_key(
    connection: Connection,
    organization_id: UUID,
    environment: Environment,
    *,
    name: str,
    scopes: Sequence[str],
    tier: Tier,
    return_domains: Sequence[str],
    operator_id: UUID | None,
    by: Actor,
    now: datetime,
) -> tuple[ApiKey, KeyToken]:
    """Create a key in the caller's transaction; return it with its token. Raises Invalid for an unknown scope, or no host."""
    token = KeyToken.new(environment)
    row = await connection.fetchrow(
        _SQL["insert_key"],
        new_id(),
        organization_id,
        environment.value,
        token.lookup,
        token.secret_hash,
        name,
        list(require_scopes(scopes)),
        tier.value,
        list(require_return_domains(return_domains)),
        operator_id,
        now,
    )
    key = _key(row)
    await _record(connection, Action.KEY_CREATE, key, by=by, now=now, detail=_audit_detail(key))
    return key, token


async def create_own_key(
    connection: Connection,
    *,
    name: str,
    scopes: Sequence[str],
    tier: Tier | None,
    return_domains: Sequence[str],
    operator_id: UUID | None,
    caller: Principal,
    now: datetime,
) -> tuple[ApiKey, KeyToken]:
    """Create a key in the caller's organization and environment, in the caller's transaction.

    Tier and operator default to those of the caller.

    Raises Invalid for an unknown scope or operator, and for a tier above that of the caller, and ScopeMissing for
    `installation:admin`, and for `metrics:read` if the caller's key does not list it.
    """
    require_grantable(scopes, of=caller)
    if operator_id is not None:
        await _require_operator(connection, operator_id, caller)
    return await insert_key(
        connection,
        caller.organization_id,
        caller.environment,
        name=name,
        scopes=scopes,
        tier=require_tier(tier or caller.tier, of=caller),
        return_domains=return_domains,
        operator_id=operator_id or caller.operator_id,
        by=caller.actor,
        now=now,
    )


async def find_own_key(connection: "Connection | Pool", key_id: UUID, *, caller: Principal) -> ApiKey:
    """Return a key of the caller's organization and environment. Raises KeyNotFound."""
    row = await connection.fetchrow(_SQL["find_key"], key_id, caller.organization_id, caller.environment.value)
    return _key(row)


async def list_own_keys(
    pool: Pool, *, caller: Principal, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[ApiKey]:
    """Return keys of the caller's organization and environment, oldest first, after the (created_at, id) `after`."""
    rows = await pool.fetch(
        _SQL["list_keys"], caller.organization_id, caller.environment.value, *(after or FIRST), limit
    )
    return [_key(row) for row in rows]


async def change_own_key(
    connection: Connection, key_id: UUID, changes: KeyChanges, *, caller: Principal, now: datetime
) -> ApiKey:
    """Change a key, in the caller's transaction. Raises KeyNotFound, KeyIsRevoked, and Invalid as `create_own_key`."""
    before = await _lock_own(connection, key_id, caller)
    after = before.change(changes)
    if "tier" in changes and after.tier is not before.tier:
        require_tier(after.tier, of=caller)
    if "operator_id" in changes and after.operator_id is not None:
        await _require_operator(connection, after.operator_id, caller)
    return await _write_change(connection, Action.KEY_UPDATE, before, after, by=caller.actor, now=now)


async def revoke_own_key(connection: Connection, key_id: UUID, *, caller: Principal, now: datetime) -> ApiKey:
    """Revoke a key, in the caller's transaction. Raises KeyNotFound, and KeyInUse for the caller's own key."""
    before = await _lock_other(connection, key_id, caller)
    return await _write_change(connection, Action.KEY_REVOKE, before, before.revoke(now=now), by=caller.actor, now=now)


async def kill_own_key(connection: Connection, key_id: UUID, *, caller: Principal, now: datetime) -> ApiKey:
    """Kill a key, in the caller's transaction. Raises KeyNotFound, and KeyInUse for the caller's own key."""
    before = await _lock_other(connection, key_id, caller)
    killed = before.kill(by=caller.actor.kind, now=now)
    return await _write_change(connection, Action.KEY_KILL, before, killed, by=caller.actor, now=now)


async def revive_own_key(connection: Connection, key_id: UUID, *, caller: Principal, now: datetime) -> ApiKey:
    """Revive a killed key, in the caller's transaction. Raises KeyNotFound and KilledByService."""
    before = await _lock_own(connection, key_id, caller)
    revived = before.revive(by=caller.actor.kind)
    return await _write_change(connection, Action.KEY_REVIVE, before, revived, by=caller.actor, now=now)


async def change_any_key_status(
    connection: Connection, key: str, action: Action, *, by: Actor, now: datetime
) -> ApiKey:
    """Revoke, kill or revive any organization's key, by id, lookup name or token, in its own transaction.

    Raises KeyNotFound.
    """
    token = KeyToken.parse(key)
    try:
        key_id = parse_id(KEY, key, is_bare_allowed=True)
    except ValueError:
        key_id = None
    async with connection.transaction():
        before = _key(await connection.fetchrow(_SQL["lock_any_key"], key_id, token.lookup if token else key))
        after = {
            Action.KEY_REVOKE: lambda: before.revoke(now=now),
            Action.KEY_KILL: lambda: before.kill(by=by.kind, now=now),
            Action.KEY_REVIVE: lambda: before.revive(by=by.kind),
        }[action]()
        return await _write_change(connection, action, before, after, by=by, now=now)


async def _write_change(
    connection: Connection, action: Action, before: ApiKey, after: ApiKey, *, by: Actor, now: datetime
) -> ApiKey:
    """Store a change, notify every API process and record it in the audit log; does nothing without a change."""
    if after == before:
        return before
    await connection.execute(
        _SQL["write_key"],
        after.id,
        after.name,
        after.tier.value,
        list(after.return_domains),
        after.operator_id,
        after.killed_at,
        None if after.killed_by is None else after.killed_by.value,
        after.revoked_at,
    )
    await connection.execute("SELECT pg_notify($1, $2)", KEYS, after.lookup)
    detail_before, detail = _audit_detail(before), _audit_detail(after)
    changed: dict[str, JsonValue] = {name: value for name, value in detail.items() if value != detail_before[name]}
    await _record(connection, action, after, by=by, now=now, detail={"name": after.name, **changed})
    return after


async def _record(
    connection: Connection, action: Action, key: ApiKey, *, by: Actor, now: datetime, detail: dict[str, JsonValue]
) -> None:
    await record(
        connection,
        action,
        public_id(KEY, key.id),
        by=by,
        organization_id=key.organization_id,
        environment=key.environment,
        now=now,
        detail=detail,
    )


def _audit_detail(key: ApiKey) -> dict[str, JsonValue]:
    return {
        "name": key.name,
        "scopes": list(key.scopes),
        "tier": key.tier.value,
        "returnDomains": list(key.return_domains),
        "operatorId": None if key.operator_id is None else public_id(OPERATOR, key.operator_id),
    }


async def _lock_own(connection: Connection, key_id: UUID, caller: Principal) -> ApiKey:
    return _key(await connection.fetchrow(_SQL["lock_key"], key_id, caller.organization_id, caller.environment.value))


async def _lock_other(connection: Connection, key_id: UUID, caller: Principal) -> ApiKey:
    key = await _lock_own(connection, key_id, caller)
    if key.id == caller.key_id:
        raise KeyInUse(keyId=public_id(KEY, key.id))
    return key


async def _require_operator(connection: Connection, operator_id: UUID, caller: Principal) -> None:
    if not await connection.fetchval(_SQL["operator_in_organization"], operator_id, caller.organization_id):
        problem = "is no operator of the organization. Send one of GET /v1/operators."
        raise Invalid([Issue.at("operatorId", problem, IssueCode.UNKNOWN_OPERATOR)])


def _key(row: asyncpg.Record | None) -> ApiKey:
    if row is None:
        raise KeyNotFound
    return from_row(ApiKey, row)
