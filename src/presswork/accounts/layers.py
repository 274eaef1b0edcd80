"""Layers group accounts of a project. A layer with the managed template publishes through a provider."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypedDict
from uuid import UUID

import asyncpg
from pydantic import JsonValue

from presswork.accounts.model import AccountStatus
from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.errors import Conflict, NotFound
from presswork.core.ids import ACCOUNT, LAYER, PROJECT, new_id, public_id
from presswork.core.json_text import JSONText
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.projects.model import metadata_text
from presswork.projects.store import find_project

SQL: Final = load("presswork.accounts", "layer_queries.sql")

MAX_ACCOUNTS: Final = 1_000
"""Most accounts of one layer."""

config_text = metadata_text
"""Returns a layer's config as JSON text, with the bounds and errors of a project's metadata."""


class LayerNotFound(NotFound):
    """The layer does not exist in the project, or the key can't see it."""

    sentence = "This layer does not exist in the project. List its layers with GET /v1/projects/{projectId}/layers."


class AccountNotInProject(NotFound):
    """The account is not a connected account of the layer's project."""

    sentence = (
        "This is not a connected account of the project. List its accounts with "
        "GET /v1/projects/{projectId}/social-accounts."
    )


class AccountInOtherLayer(Conflict):
    """The account is already in another layer."""

    sentence = "This account is in another layer. Remove it from that layer first: PATCH its socialAccountIds."


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Accounts of one project with one template. Instants in UTC; accounts in the order of their first connection."""

    id: UUID
    project_id: UUID
    template_id: UUID
    config: JSONText
    social_account_ids: Sequence[UUID]
    created_at: datetime
    updated_at: datetime


class LayerChanges(TypedDict, total=False):
    """Changes to a layer. `social_account_ids` are all accounts of the layer after the change."""

    template_id: UUID
    config: Mapping[str, JsonValue]
    social_account_ids: Sequence[UUID]


async def create_layer(
    connection: Connection,
    project_id: UUID,
    *,
    template_id: UUID,
    config: Mapping[str, JsonValue],
    account_ids: Sequence[UUID],
    owner: Principal,
    now: datetime,
) -> Layer:
    """Create a layer with these accounts, in the caller's transaction.

    Raises ProjectNotFound, ProjectArchived, AccountNotInProject and AccountInOtherLayer.
    """
    project = await find_project(connection, project_id, visible_to=owner, lock="share")
    project.require_active()
    layer_id = new_id()
    await connection.execute(
        SQL["insert_layer"],
        layer_id,
        project_id,
        owner.organization_id,
        owner.environment.value,
        template_id,
        config_text(config),
        now,
    )
    await _set_accounts(connection, project_id, layer_id, account_ids)
    layer = await find_layer(connection, project_id, layer_id, visible_to=owner)
    await _record(connection, Action.LAYER_CREATE, layer, by=owner, now=now)
    return layer


async def change_layer(
    connection: Connection, project_id: UUID, layer_id: UUID, changes: LayerChanges, *, owner: Principal, now: datetime
) -> Layer:
    """Apply changes to a layer, in the caller's transaction.

    An account that is already in the layer may have any status, so that a client can send back what it read. Raises
    ProjectNotFound, ProjectArchived, LayerNotFound, AccountNotInProject and AccountInOtherLayer.
    """
    project = await find_project(connection, project_id, visible_to=owner, lock="share")
    await _lock(connection, project_id, layer_id, owner)
    project.require_active()
    if changes:
        config = config_text(changes["config"]) if "config" in changes else None
        await connection.execute(SQL["update_layer"], layer_id, changes.get("template_id"), config, now)
    if "social_account_ids" in changes:
        await _set_accounts(connection, project_id, layer_id, changes["social_account_ids"])
    layer = await find_layer(connection, project_id, layer_id, visible_to=owner)
    if changes:
        await _record(connection, Action.LAYER_UPDATE, layer, by=owner, now=now)
    return layer


async def delete_layer(
    connection: Connection, project_id: UUID, layer_id: UUID, *, owner: Principal, now: datetime
) -> Layer:
    """Delete a layer and return its last state, in the caller's transaction. Its accounts stay connected.

    Raises ProjectNotFound and LayerNotFound.
    """
    await find_project(connection, project_id, visible_to=owner, lock="share")
    await _lock(connection, project_id, layer_id, owner)
    layer = await find_layer(connection, project_id, layer_id, visible_to=owner)
    await connection.execute(SQL["set_accounts"], layer_id, [])
    await connection.execute(SQL["delete_layer"], layer_id)
    await _record(connection, Action.LAYER_DELETE, layer, by=owner, now=now)
    return layer


async def find_layer(
    connection: "Connection | Pool", project_id: UUID, layer_id: UUID, *, visible_to: Principal
) -> Layer:
    """Return a layer of a project of the caller's organization and environment. Raises LayerNotFound."""
    row = await connection.fetchrow(
        SQL["find_layer"], layer_id, project_id, visible_to.organization_id, visible_to.environment.value
    )
    if row is None:
        raise LayerNotFound
    return _layer(row)


async def list_layers(
    pool: Pool, project_id: UUID, *, visible_to: Principal, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Layer]:
    """Return a project's layers, oldest first, after the (created_at, id) `after`. Raises ProjectNotFound."""
    await find_project(pool, project_id, visible_to=visible_to)
    rows = await pool.fetch(
        SQL["list_layers"],
        project_id,
        visible_to.organization_id,
        visible_to.environment.value,
        *(after or FIRST),
        limit,
    )
    return [_layer(row) for row in rows]


async def list_all_layers(
    connection: Connection, *, organization: str | None, project_id: UUID | None, limit: int = 1_000
) -> Sequence[asyncpg.Record]:
    """Return the layers of all organizations, oldest first.

    Columns: id, organization, environment, project_id, template_id, provider, created_at, accounts (their number).
    """
    return await connection.fetch(SQL["all_layers"], organization, project_id, limit)


async def _lock(connection: Connection, project_id: UUID, layer_id: UUID, owner: Principal) -> None:
    """Lock a layer until the transaction ends. Raises LayerNotFound."""
    found = await connection.fetchval(
        SQL["lock_layer"], layer_id, project_id, owner.organization_id, owner.environment.value
    )
    if found is None:
        raise LayerNotFound


async def _set_accounts(connection: Connection, project_id: UUID, layer_id: UUID, account_ids: Sequence[UUID]) -> None:
    wanted = list(dict.fromkeys(account_ids))
    rows = await connection.fetch(SQL["lock_accounts"], wanted, project_id, MAX_ACCOUNTS)
    accounts = {row["id"]: row for row in rows}
    for account_id in wanted:
        account = accounts.get(account_id)
        if account is not None and account["layer_id"] == layer_id:
            continue
        if account is None or account["status"] == AccountStatus.DISCONNECTED.value:
            raise AccountNotInProject(socialAccountId=public_id(ACCOUNT, account_id))
        if account["layer_id"] is not None:
            raise AccountInOtherLayer(
                socialAccountId=public_id(ACCOUNT, account_id), layerId=public_id(LAYER, account["layer_id"])
            )
    await connection.execute(SQL["set_accounts"], layer_id, wanted)


async def _record(connection: Connection, action: Action, layer: Layer, *, by: Principal, now: datetime) -> None:
    detail: dict[str, JsonValue] = {
        "projectId": public_id(PROJECT, layer.project_id),
        "templateId": str(layer.template_id),
        "provider": json.loads(layer.config).get("provider"),
        "socialAccountIds": [public_id(ACCOUNT, account_id) for account_id in layer.social_account_ids],
    }
    await record_act(connection, action, public_id(LAYER, layer.id), by=by, now=now, detail=detail)


def _layer(row: asyncpg.Record) -> Layer:
    return from_row(Layer, row)
