"""Changing the caption and first comment of a container."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from pydantic import JsonValue
from pydantic.alias_generators import to_camel

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.content.model import Container
from presswork.content.store import edit_container, find_container, lock_container
from presswork.core.ids import CONTAINER, public_id
from presswork.db.pool import Connection
from presswork.orgs.model import Principal
from presswork.orgs.projects import find_project


class TextChanges(TypedDict, total=False):
    """New texts."""

    caption: str
    first_comment: str | None


async def edit(
    connection: Connection, container_id: UUID, changes: TextChanges, *, visible_to: Principal, now: datetime
) -> Container:
    """Change a container's caption or first comment, in the caller's transaction. Posts read them when they start.

    Raises ContainerNotFound, ContainerClosed and ProjectArchived.
    """
    container = await lock_container(connection, container_id, visible_to=visible_to)
    container.require_editable()
    (await find_project(connection, container.project_id, visible_to=visible_to, lock="share")).require_active()
    if not changes:
        return container
    await edit_container(
        connection,
        container_id,
        caption=changes.get("caption", container.caption),
        first_comment=changes.get("first_comment", container.first_comment),
        now=now,
    )
    fields: list[JsonValue] = [to_camel(name) for name in sorted(changes)]
    name, detail = public_id(CONTAINER, container_id), {"fields": fields}
    await record_act(connection, Action.CONTENT_UPDATE, name, by=visible_to, now=now, detail=detail)
    return await find_container(connection, container_id, visible_to=visible_to)
