"""Record entries of the audit log, in the transaction of the change: both are committed, or neither."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.callers.model import Actor, Principal
from presswork.core.enums import Environment
from presswork.core.ids import new_id
from presswork.core.json_text import compact_json
from presswork.db.pool import Connection
from presswork.db.queries import load

_SQL: Final = load("presswork.audit")


async def record(
    connection: Connection,
    action: Action,
    object_id: str | None = None,
    *,
    by: Actor,
    organization_id: UUID | None = None,
    environment: Environment | None = None,
    now: datetime,
    detail: Mapping[str, JsonValue] | None = None,
) -> None:
    """Write an entry within the transaction that makes the change.

    Without an organization it is about the whole installation, without an environment about both.
    """
    await connection.execute(
        _SQL["record"],
        new_id(),
        now,
        organization_id,
        environment,
        action,
        by.kind,
        by.key_id or by.user_id or by.link,
        by.operator_id,
        by.name,
        object_id,
        by.request_id,
        detail_text(detail or {}),
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
    await record(
        connection,
        action,
        object_id,
        by=by.actor,
        organization_id=by.organization_id,
        environment=None if is_of_both_environments else by.environment,
        now=now,
        detail=detail,
    )


def detail_text(detail: Mapping[str, JsonValue]) -> str:
    """Return the stored form of an entry's detail."""
    return compact_json(dict(detail))
