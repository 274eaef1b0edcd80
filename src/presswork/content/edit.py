"""Changing the texts of a container: caption, first comment, alternative texts, link."""

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
from presswork.content.intake import Intake, remove_objects, scratch_folder, uncommitted_objects
from presswork.content.link_cards import read_card
from presswork.content.model import ApprovalStatus, Container, require_words
from presswork.content.store import (
    edit_container,
    find_container,
    lock_container,
    raise_revision,
    reopen_container,
    set_link,
    write_alt_texts,
)
from presswork.core.enums import MediaType
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import CONTAINER, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.media.link_card import LinkCard
from presswork.posts.held_posts import hold_posts, keep_texts, require_no_posts_in_flight
from presswork.projects.store import find_project


class TextChanges(TypedDict, total=False):
    """New texts. `media` has alternative texts by the ids of the media; None removes one, and the link."""

    caption: str
    first_comment: str | None
    media: Mapping[UUID, str | None]
    link: LinkCard | None


async def update(
    call: IdempotentCall[Container], intake: Intake, container_id: UUID, changes: TextChanges, *, visible_to: Principal
) -> Container:
    """Change a container's texts; a new link's page is read before. Raises as `edit` and `read_card`."""

    async def apply(connection: Connection) -> Container:
        return await edit(
            connection, intake.keyring, container_id, changes, visible_to=visible_to, now=intake.clock.now()
        )

    link = changes.get("link")
    if link is None and "link" not in changes:
        return await call.run(apply)
    await call.raise_if_replied()
    former = await find_container(intake.pool, container_id, visible_to=visible_to)
    _require_textual(former)
    owner = visible_to.organization_id
    with scratch_folder(intake.temp_space, owner) as scratch:
        async with uncommitted_objects(intake.store) as objects:
            if link is not None:
                card = await read_card(intake, objects, link, scratch, owner=owner, container_id=container_id)
                changes = {**changes, "link": card}
            with objects.keep_on_unknown_commit():
                edited = await call.run(apply)
            objects.keep()
    if former.link is not None and former.link.picture is not None and former.link != edited.link:
        await remove_objects(intake.store, [former.link.picture.object_key])
    return edited


async def edit(
    connection: Connection,
    keyring: Keyring,
    container_id: UUID,
    changes: TextChanges,
    *,
    visible_to: Principal,
    now: datetime,
) -> Container:
    """Change a container's texts, in the caller's transaction. Posts read them when they start, and then keep them; a link stays
    while a post is being published.

    If a text differs, the container has a new revision. If its approval covers its texts, it is pending again, and its
    queued posts wait for the next approval.

    Raises ContainerNotFound, ContainerClosed, ProjectArchived, PostsInFlight, and Invalid for media of another
    container, a link beside media, and a text container that would be empty.
    """
    container = await lock_container(connection, container_id, visible_to=visible_to)
    container.require_editable()
    project = await find_project(connection, container.project_id, visible_to=visible_to, lock="share")
    project.require_active()
    if not changes:
        return container
    alt_texts = changes.get("media", {})
    _require_own(container, list(alt_texts))
    caption, link = changes.get("caption", container.caption), changes.get("link", container.link)
    if "link" in changes:
        _require_textual(container)
    if container.media_type is MediaType.TEXT:
        require_words(caption, link, path="link" if "caption" not in changes else "caption")
    if link != container.link:
        await require_no_posts_in_flight(connection, container_id)
        await set_link(connection, container_id, link)
    await edit_container(
        connection,
        container_id,
        caption=caption,
        first_comment=changes.get("first_comment", container.first_comment),
        now=now,
    )
    if alt_texts:
        await write_alt_texts(connection, container_id, alt_texts)
    edited = await find_container(connection, container_id, visible_to=visible_to)
    has_other_picture = (
        link is not None and container.link is not None and link.picture_sha256 != container.link.picture_sha256
    )
    if edited.texts != container.texts or has_other_picture:
        await raise_revision(connection, container)
        if container.is_covered and container.approval_status is ApprovalStatus.APPROVED:
            await hold_posts(
                connection, container_id, caption=container.caption, first_comment=container.first_comment, now=now
            )
            event_link = await make_event_link(connection, keyring, container_id, project, caller=visible_to, now=now)
            await reopen_container(connection, container_id, now=now, event_link=event_link)
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


def _require_textual(container: Container) -> None:
    """Raise Invalid unless the container can have a link."""
    if container.media_type is not MediaType.TEXT:
        problem = "goes with a text alone, and this content has media. Omit it, or create content without media."
        raise Invalid([Issue.at("link", problem, IssueCode.CONFLICTING_OPTIONS)])


def _require_own(container: Container, asset_ids: Sequence[UUID]) -> None:
    own = {asset.id for asset in container.media}
    problem = "is no media of this content. Send an id of its media."
    if issues := [
        Issue.at(f"media[{index}].assetId", problem, IssueCode.UNKNOWN_ASSET)
        for index, asset_id in enumerate(asset_ids)
        if asset_id not in own
    ]:
        raise Invalid(issues)
