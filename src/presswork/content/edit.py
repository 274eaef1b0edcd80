"""Changing the texts of a container: caption, first comment, alternative texts, link, parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from pydantic import JsonValue
from pydantic.alias_generators import to_camel

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.event_links import make_event_link
from presswork.content.intake import (
    Intake,
    Scratch,
    UncommittedObjects,
    scratch_folder,
    uncommitted_objects,
)
from presswork.content.link_cards import read_card
from presswork.content.model import (
    ApprovalStatus,
    Asset,
    Container,
    media_type_of_parts,
    require_words,
)
from presswork.content.quota import require_media_room, reserve_media
from presswork.content.store import (
    edit_container,
    find_container,
    lock_container,
    raise_revision,
    reopen_container,
    replace_media,
    set_labels,
    set_link,
    set_parts,
    write_alt_texts,
)
from presswork.content.upload import MediaSource, fetch_and_store
from presswork.core.enums import MediaType
from presswork.core.errors import Conflict, Invalid, Issue, IssueCode
from presswork.core.ids import CONTAINER, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.media.link_card import LinkCard
from presswork.media.model import ContentType, Kind, kind_of
from presswork.media.removals import add_removals, remove_noted
from presswork.platforms.parts import StoredPart, join_texts
from presswork.posts.held_posts import hold_posts, keep_texts, require_no_posts_in_flight
from presswork.posts.refill import refill_posts
from presswork.projects.store import find_project


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMedia:
    """A media file of the container that stays; its alternative text is new."""

    asset_id: UUID
    alt_text: str | None
    path: str
    """Of its item in the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsChange:
    """The new parts of a container."""

    parts: Sequence[StoredPart]
    media: Sequence[StoredMedia | MediaSource]
    """Those of all parts, in order. What is not among them is deleted."""


class TextChanges(TypedDict, total=False):
    """New texts. `media` has alternative texts by the ids of the media; None removes one, and the link."""

    caption: str
    first_comment: str | None
    media: Mapping[UUID, str | None]
    link: LinkCard | None
    parts: PartsChange
    labels: Sequence[str]


async def update(
    call: IdempotentCall[Container], intake: Intake, container_id: UUID, changes: TextChanges, *, visible_to: Principal
) -> Container:
    """Change a container's texts; a new link's page is read before, and new media are fetched.

    Raises as `edit`, `read_card` and `upload`.
    """
    new_parts: NewParts | None = None
    removed: Sequence[str] = ()

    async def apply(connection: Connection) -> Container:
        if new_parts is not None:
            await reserve_media(connection, owner, sum(new_parts.new_bytes), quota_bytes=intake.quota_bytes)
        nonlocal removed
        container, removed = await edit(
            connection,
            intake.keyring,
            container_id,
            changes,
            new_parts=new_parts,
            visible_to=visible_to,
            now=intake.clock.now(),
        )
        return container

    owner = visible_to.organization_id
    link, parts = changes.get("link"), changes.get("parts")
    if parts is None and link is None and "link" not in changes:
        return await call.run(apply)
    await call.raise_if_replied()
    former = await find_container(intake.pool, container_id, visible_to=visible_to)
    _require_textual(former, changes)
    with scratch_folder(intake.temp_space, owner) as scratch:
        async with uncommitted_objects(intake.store) as objects:
            if link is not None:
                card = await read_card(intake, objects, link, scratch, owner=owner, container_id=container_id)
                changes = {**changes, "link": card}
            if parts is not None:
                new_parts = await _fetch_parts(intake, objects, former, parts, scratch, owner=visible_to)
            with objects.keep_on_unknown_commit():
                edited = await call.run(apply)
            objects.keep()
    await remove_noted(intake.pool, intake.store, removed)
    return edited


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParts:
    """New parts with their media: those that stay, and new ones, which are stored."""

    parts: Sequence[StoredPart]
    media: Sequence[Asset]
    media_type: MediaType

    @property
    def new_bytes(self) -> Sequence[int]:
        """The sizes of the new files."""
        return [asset.uploaded_bytes or 0 for asset in self.media if asset.probe_json is not None]


async def _fetch_parts(
    intake: Intake,
    objects: UncommittedObjects,
    former: Container,
    change: PartsChange,
    scratch: Scratch,
    *,
    owner: Principal,
) -> NewParts:
    """Fetch, check and store the new media of edited parts. Raises as `upload`, and Invalid for media of another container."""
    own = {asset.id: asset for asset in former.media}
    problem = "is no media of this content, or there twice. Send an id of its media once."
    stored = [one for one in change.media if isinstance(one, StoredMedia)]
    seen: set[UUID] = set()
    issues = []
    for one in stored:
        if one.asset_id not in own or one.asset_id in seen:
            issues.append(Issue.at(f"{one.path}.assetId", problem, IssueCode.UNKNOWN_ASSET))
        seen.add(one.asset_id)
    if issues:
        raise Invalid(issues)
    sources = [one for one in change.media if isinstance(one, MediaSource)]

    def combine(kinds: Sequence[Kind]) -> MediaType:
        new = iter(kinds)
        together = [
            next(new) if isinstance(one, MediaSource) else kind_of(ContentType(own[one.asset_id].content_type or ""))
            for one in change.media
        ]
        return media_type_of_parts(change.parts, together)

    if sources:
        await require_media_room(intake.pool, owner.organization_id, quota_bytes=intake.quota_bytes)
    media_type, fetched = await fetch_and_store(intake, objects, sources, scratch, owner, former.id, combine=combine)
    new = iter(fetched)
    media = [
        replace(next(new), position=position)
        if isinstance(one, MediaSource)
        else replace(own[one.asset_id], position=position, alt_text=one.alt_text)
        for position, one in enumerate(change.media)
    ]
    return NewParts(parts=change.parts, media=media, media_type=media_type if sources else combine(()))


async def edit(
    connection: Connection,
    keyring: Keyring,
    container_id: UUID,
    changes: TextChanges,
    *,
    new_parts: NewParts | None = None,
    visible_to: Principal,
    now: datetime,
) -> tuple[Container, Sequence[str]]:
    """Change a container's texts, in the caller's transaction; return it, and the objects that it no longer has. Posts read them when they start, and then keep them; a link and
    parts stay while a post is being published.

    If a text differs, the container has a new revision. If its approval covers its texts, it is pending again, at the
    first step, and its queued posts wait for the next approval.

    Raises ContainerNotFound, ContainerClosed, ProjectArchived, PostsInFlight, and Invalid for media of another
    container, a link beside media, a text container that would be empty, and a variable without a value where posts are queued.
    """
    container = await lock_container(connection, container_id, visible_to=visible_to)
    container.require_editable()
    project = await find_project(connection, container.project_id, visible_to=visible_to, lock="share")
    project.require_active()
    if not changes:
        return container, ()
    removed: list[str] = []
    alt_texts = changes.get("media", {})
    _require_own(container, list(alt_texts))
    caption, link = changes.get("caption", container.caption), changes.get("link", container.link)
    _require_textual(container, changes)
    if new_parts is not None:
        caption = join_texts([part.text for part in new_parts.parts])
        await require_no_posts_in_flight(connection, container_id)
        _require_kept(container, new_parts)
        removed += await replace_media(connection, container, new_parts.media, owner=visible_to, now=now)
        await set_parts(connection, replace(container, parts=new_parts.parts, media_type=new_parts.media_type))
    elif container.media_type is MediaType.TEXT:
        require_words(caption, link, path="link" if "caption" not in changes else "caption")
    if link != container.link:
        await require_no_posts_in_flight(connection, container_id)
        await set_link(connection, container_id, link)
        if container.link is not None and container.link.picture is not None:
            removed.append(container.link.picture.object_key)
    await add_removals(connection, removed, now=now)
    await edit_container(
        connection,
        container_id,
        caption=caption,
        first_comment=changes.get("first_comment", container.first_comment),
        now=now,
    )
    if "labels" in changes:
        await set_labels(connection, container_id, changes["labels"])
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
        if container.is_covered and (
            container.approval_status is ApprovalStatus.APPROVED
            or (container.current_step is not None and any(step.approvals for step in container.steps))
        ):
            event_link = await make_event_link(connection, keyring, container_id, project, caller=visible_to, now=now)
            await reopen_container(connection, container, now=now, event_link=event_link)
        await refill_posts(connection, container_id)
        await keep_texts(
            connection,
            container_id,
            caption=container.caption if edited.caption != container.caption and not edited.parts else None,
            first_comment=(container.first_comment or "") if edited.first_comment != container.first_comment else None,
        )
        edited = await find_container(connection, container_id, visible_to=visible_to)
    fields: list[JsonValue] = [to_camel(name) for name in sorted(changes)]
    name, detail = public_id(CONTAINER, container_id), {"fields": fields}
    await record_act(connection, Action.CONTENT_UPDATE, name, by=visible_to, now=now, detail=detail)
    return edited, removed


def _require_textual(container: Container, changes: TextChanges) -> None:
    """Raise Invalid unless the container can have the link, the parts or the text that it is to get."""
    has_media = container.media_type is not MediaType.TEXT
    problems = {
        "link": "goes with a text alone, and this content has media or parts. Omit it, or create other content."
        if has_media or container.parts
        else None,
        "parts": "goes with content that has parts, or is a text alone. Create other content."
        if not container.parts and (has_media or container.link is not None)
        else None,
        "caption": "is one text, and this content has parts. Send `parts`." if container.parts else None,
    }
    for field in ("link", "parts", "caption"):
        if field in changes and (problem := problems[field]) is not None:
            raise Invalid([Issue.at(field, problem, IssueCode.CONFLICTING_OPTIONS)])


def _require_kept(container: Container, new: NewParts) -> None:
    """Raise Conflict where another call has changed the media since they were read, or the content has no media any more."""
    if container.media_removed_at is not None:
        raise Conflict(
            "The media of this content was removed some time after its last post. Create new content.",
            reason="media_removed",
        )
    own = {asset.id for asset in container.media}
    if any(asset.probe_json is None and asset.id not in own for asset in new.media):
        raise Conflict("The media of this content were changed meanwhile. Read it again, then send the parts.")


def _require_own(container: Container, asset_ids: Sequence[UUID]) -> None:
    own = {asset.id for asset in container.media}
    problem = "is no media of this content. Send an id of its media."
    if issues := [
        Issue.at(f"media[{index}].assetId", problem, IssueCode.UNKNOWN_ASSET)
        for index, asset_id in enumerate(asset_ids)
        if asset_id not in own
    ]:
        raise Invalid(issues)
