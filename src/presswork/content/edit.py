"""Changing the texts of a container: caption, first comment, alternative texts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from pydantic import JsonValue
from pydantic.alias_generators import to_camel

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.event_links import make_event_link
from presswork.content.model import ApprovalStatus, Container
from presswork.content.store import (
    edit_container,
    find_container,
    lock_container,
    raise_revision,
    reopen_container,
    write_alt_texts,
)
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import CONTAINER, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection
from presswork.posts.held_posts import hold_posts, keep_texts
from presswork.projects.store import find_project


class TextChanges(TypedDict, total=False):
    """New texts. `media` has alternative texts by the ids of the media; None removes one."""

    caption: str
    first_comment: str | None
    media: Mapping[UUID, str | None]


async def edit(
    connection: Connection,
    keyring: Keyring,
    container_id: UUID,
    changes: TextChanges,
    *,
    visible_to: Principal,
    now: datetime,
) -> Container:
    """Change a container's texts, in the caller's transaction. Posts read them when they start, and then keep them.

    If a text differs, the container has a new revision. If its approval covers its texts, it is pending again, and its
    queued posts wait for the next approval.

    Raises ContainerNotFound, ContainerClosed, ProjectArchived, PostsInFlight, and Invalid for media of another
    container.
    """
    container = await lock_container(connection, container_id, visible_to=visible_to)
    container.require_editable()
    project = await find_project(connection, container.project_id, visible_to=visible_to, lock="share")
    project.require_active()
    if not changes:
        return container
    alt_texts = changes.get("media", {})
    _require_own(container, list(alt_texts))
    await edit_container(
        connection,
        container_id,
        caption=changes.get("caption", container.caption),
        first_comment=changes.get("first_comment", container.first_comment),
        now=now,
    )
    if alt_texts:
        await write_alt_texts(connection, container_id, alt_texts)
    edited = await find_container(connection, container_id, visible_to=visible_to)
    if edited.texts != container.texts:
        await raise_revision(connection, container)
        if container.is_covered and container.approval_status is ApprovalStatus.APPROVED:
            await hold_posts(
                connection, container_id, caption=container.caption, first_comment=container.first_comment, now=now
            )
            link = await make_event_link(connection, keyring, container_id, project, caller=visible_to, now=now)
            await reopen_container(connection, container_id, now=now, event_link=link)
        await keep_texts(
            connection,
            container_id,
            caption=container.caption if edited.caption != container.caption else None,
            first_comment=(container.first_comment or "") if edited.first_comment != container.first_comment else None,
        )
        edited = await find_container(connection, container_id, visible_to=visible_to)
    fields: list[JsonValue] = [to_camel(name) for name in sorted(changes)]
    name, detail = public_id(CONTAINER, container_id), {"fields": fields}
    await record_act(connection, Action.CONTENT_UPDATE, name, by=visible_to, now=now, detail=detail)
    return edited


def _require_own(container: Container, asset_ids: Sequence[UUID]) -> None:
    own = {asset.id for asset in container.media}
    problem = "is no media of this content. Send an id of its media."
    if issues := [
        Issue.at(f"media[{index}].assetId", problem, IssueCode.UNKNOWN_ASSET)
        for index, asset_id in enumerate(asset_ids)
        if asset_id not in own
    ]:
        raise Invalid(issues)
