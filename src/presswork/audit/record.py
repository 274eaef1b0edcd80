"""Record entries of the audit log, in the transaction of the change: both are committed, or neither."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from presswork.audit.model import Action, Entry
from presswork.core.ids import new_id
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.orgs.model import Principal

_SQL: Final = load("presswork.audit")


async def record(connection: Connection, entry: Entry) -> None:
    """Write an entry within the transaction that makes the change."""
    actor = entry.actor
    await connection.execute(
        _SQL["record"],
        new_id(),
        entry.at,
        entry.organization_id,
        None if entry.environment is None else entry.environment.value,
        entry.action.value,
        actor.kind.value,
        actor.key_id,
        actor.operator_id,
        actor.name,
        entry.object_id,
        actor.request_id,
        detail_text(entry.detail),
    )


async def record_act(
    connection: Connection,
    action: Action,
    object_id: str | None,
    *,
    by: Principal,
    now: datetime,
    detail: Mapping[str, JsonValue] | None = None,
    is_of_both_environments: bool = False,
) -> None:
    """Record what a caller did to an object of its organization, within the transaction that makes the change."""
    entry = Entry(
        action=action,
        actor=by.actor,
        at=now,
        organization_id=by.organization_id,
        environment=None if is_of_both_environments else by.environment,
        object_id=object_id,
        detail=detail or {},
    )
    await record(connection, entry)


def detail_text(detail: Mapping[str, JsonValue]) -> str:
    """Return the stored form of an entry's detail."""
    return json.dumps(dict(detail), ensure_ascii=False, separators=(",", ":"))
