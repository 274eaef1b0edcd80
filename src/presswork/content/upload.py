"""New content: media by URL, a text, a link, all fetched, checked and stored before the response; and presigned uploads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.event_links import make_event_link
from presswork.content.intake import (
    Intake,
    Scratch,
    UncommittedObjects,
    error_path,
    initial_approval_of,
    is_covered,
    object_key,
    run_concurrently,
    scratch_folder,
    steps_of,
    uncommitted_objects,
)
from presswork.content.link_cards import read_card
from presswork.content.model import (
    ApprovalStatus,
    Asset,
    Container,
    ContainerStatus,
    Grouping,
    media_type_of,
    media_type_of_parts,
    part_size,
    require_sizes,
    require_words,
)
from presswork.content.previews import previews_of
from presswork.content.quota import require_media_room, reserve_media
from presswork.content.store import find_container, insert_container, list_parts, probed_asset
from presswork.core.clock import Clock
from presswork.core.enums import MediaType
from presswork.core.ids import CONTAINER, PROJECT, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.media.fetch import FetchLimits, fetch_to_file
from presswork.media.link_card import LinkCard
from presswork.media.model import ContentType, Kind, Probe, kind_of
from presswork.platforms.parts import StoredPart
from presswork.projects.model import Project
from presswork.projects.store import find_project

_LONGEST_FILENAME: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSource:
    """Where one media file can be fetched, and its alternative text."""

    url: str
    alt_text: str | None
    path: str | None = None
    """Of its item in the call, or None if it is the item of `media` at the same place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContent:
    """The content of a new container: at most 35 media files, or a text, a link, or both; or the parts of a thread."""

    media: Sequence[MediaSource]
    caption: str
    first_comment: str | None
    link: LinkCard | None = None
    """Only without media."""
    parts: Sequence[StoredPart] = ()
    """Their media are in `media`, in order; the caption has their texts."""
    labels: Sequence[str] = ()


async def upload(
    call: IdempotentCall[Container], intake: Intake, project_id: UUID, content: NewContent, *, owner: Principal
) -> Container:
    """Create a completed container from the media at the URLs, or from a text and a link.

    Raises ProjectNotFound, ProjectArchived, MediaUnreachable, MediaUnsupported (both with `details.path`), Invalid if
    the media can't be combined, there is nothing to post or the link is not public, MediaQuotaExceeded, IdempotencyConflict, OrganizationSpaceFull, TempSpaceFull,
    Unavailable. A failure leaves no objects in the store.
    """
    await call.raise_if_replied()
    if not content.media and not content.parts:
        require_words(content.caption, content.link, path="text")
    (await find_project(intake.pool, project_id, visible_to=owner)).require_active()
    await require_media_room(intake.pool, owner.organization_id, quota_bytes=intake.quota_bytes)
    container_id = new_id()
    with scratch_folder(intake.temp_space, owner.organization_id) as scratch:
        async with uncommitted_objects(intake.store) as objects:
            media_type, assets = await fetch_and_store(
                intake, objects, content.media, scratch, owner, container_id, combine=_combine(content.parts)
            )
            link = content.link and await read_card(
                intake, objects, content.link, scratch, owner=owner.organization_id, container_id=container_id
            )
            size_bytes = sum(asset.uploaded_bytes or 0 for asset in assets)

            async def create(connection: Connection) -> Container:
                await reserve_media(connection, owner.organization_id, size_bytes, quota_bytes=intake.quota_bytes)
                project = await find_project(connection, project_id, visible_to=owner, lock="share")
                now = intake.clock.now()
                approval = await initial_approval_of(connection, project)
                container = Container(
                    id=container_id,
                    project_id=project.require_active().id,
                    status=ContainerStatus.COMPLETED,
                    approval_status=approval,
                    is_covered=is_covered(project, approval),
                    steps=steps_of(project, approval),
                    media_type=media_type,
                    caption=content.caption,
                    first_comment=content.first_comment,
                    created_at=now,
                    updated_at=now,
                    media=assets,
                    link=link,
                    parts=content.parts,
                    labels=content.labels,
                )
                event_link = None
                if approval is ApprovalStatus.PENDING:
                    event_link = await make_event_link(
                        connection, intake.keyring, container_id, project, caller=owner, now=now
                    )
                await insert_container(
                    connection,
                    container,
                    owner=owner,
                    reminder=project.review_reminder,
                    event_link=event_link,
                )
                name = public_id(CONTAINER, container_id)
                detail: dict[str, JsonValue] = {
                    "projectId": public_id(PROJECT, project.id),
                    "mediaType": media_type.value,
                    "files": len(assets),
                }
                await record_act(connection, Action.CONTENT_UPLOAD, name, by=owner, now=now, detail=detail)
                return container

            with objects.keep_on_unknown_commit():
                created = await call.run(create)
            objects.keep()
    return created


async def probe_media(
    intake: Intake, sources: Sequence[MediaSource], *, owner: Principal
) -> tuple[MediaType, Sequence[Probe]]:
    """Fetch and probe media as `upload` does, and store nothing. Raises the same errors about the files."""
    if not sources:
        return MediaType.TEXT, ()
    with scratch_folder(intake.temp_space, owner.organization_id) as scratch:
        return await _fetch_and_probe(intake, sources, scratch, owner, _combine(()))


Combine = Callable[[Sequence[Kind]], MediaType]
"""Returns the media type of content with such files. Raises Invalid where they can't be combined."""


def _combine(parts: Sequence[StoredPart]) -> Combine:
    if parts:
        return lambda kinds: media_type_of_parts(parts, kinds)
    return lambda kinds: media_type_of(kinds, path="media")


async def fetch_and_store(
    intake: Intake,
    objects: UncommittedObjects,
    sources: Sequence[MediaSource],
    scratch: Scratch,
    owner: Principal,
    container_id: UUID,
    *,
    combine: Combine,
) -> tuple[MediaType, Sequence[Asset]]:
    """Fetch and probe all files before the first one is stored."""
    if not sources:
        return MediaType.TEXT, ()
    media_type, probes = await _fetch_and_probe(intake, sources, scratch, owner, combine)

    async def store(index: int) -> Asset:
        asset_id = new_id()
        key = object_key(owner.organization_id, container_id, str(asset_id))
        path, probe = scratch.folder / str(index), probes[index]
        await objects.put(key, path, probe.content_type.value)
        previews = await previews_of(
            intake,
            objects,
            path,
            probe,
            scratch.folder,
            organization_id=owner.organization_id,
            container_id=container_id,
        )
        source = sources[index]
        return probed_asset(
            asset_id,
            index,
            object_key=key,
            filename=_filename(source.url),
            probe=probe,
            previews=previews,
            alt_text=source.alt_text,
        )

    return media_type, await run_concurrently(len(sources), store)


async def _fetch_and_probe(
    intake: Intake, sources: Sequence[MediaSource], scratch: Scratch, owner: Principal, combine: Combine
) -> tuple[MediaType, Sequence[Probe]]:
    async def probe(index: int) -> Probe:
        with error_path(f"{sources[index].path or f'media[{index}]'}.url"):
            await fetch_to_file(
                sources[index].url,
                scratch.folder / str(index),
                max_bytes=intake.max_video_bytes,
                limits=FetchLimits.for_size(intake.max_video_bytes),
                before_write=scratch.room.grow,
                allow_private=intake.allow_private,
                owner=owner.organization_id,
            )
            return await intake.media_pool.probe(scratch.folder / str(index), owner=owner.organization_id)

    probes = await run_concurrently(len(sources), probe)
    return combine([probe.kind for probe in probes]), probes


def _filename(url: str) -> str | None:
    """Return the last segment of a URL's path, if it is usable as a file name."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    return name if name and name.isprintable() and len(name) <= _LONGEST_FILENAME else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredFile:
    """A file to upload, as the caller declares it."""

    filename: str
    content_type: ContentType
    size_bytes: int


async def open_uploads(
    connection: Connection,
    project_id: UUID,
    files: Sequence[DeclaredFile],
    grouping: Grouping,
    *,
    labels: Sequence[str] = (),
    owner: Principal,
    clock: Clock,
    quota_bytes: int,
    max_video_bytes: int,
) -> Sequence[Container]:
    """Create containers that wait for their files, in the caller's transaction: one per file, or one for all.

    The declared sizes count toward the organization's quota from now on. Raises ProjectNotFound, ProjectArchived,
    MediaQuotaExceeded, and Invalid if a file is too large or the files can't be combined.
    """
    require_sizes([(file.content_type, file.size_bytes) for file in files], max_video_bytes=max_video_bytes)
    size_bytes = sum(file.size_bytes for file in files)
    await reserve_media(connection, owner.organization_id, size_bytes, quota_bytes=quota_bytes)
    project = (await find_project(connection, project_id, visible_to=owner, lock="share")).require_active()
    approval = await initial_approval_of(connection, project)
    groups = [files] if grouping is Grouping.SLIDESHOW else [[file] for file in files]
    containers = [replace(_expected_container(project, group, approval, clock), labels=labels) for group in groups]
    for container in containers:
        await insert_container(connection, container, owner=owner, reminder=project.review_reminder)
    names: list[JsonValue] = [public_id(CONTAINER, container.id) for container in containers]
    detail: dict[str, JsonValue] = {"containerIds": names, "files": len(files)}
    name = public_id(PROJECT, project.id)
    await record_act(connection, Action.CONTENT_OPEN_UPLOADS, name, by=owner, now=clock.now(), detail=detail)
    return containers


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenUpload:
    """A file that a container waits for, and when each of its parts has arrived, by the number."""

    asset: Asset
    parts: Mapping[int, datetime]


async def list_uploads(pool: Pool, container_id: UUID, *, visible_to: Principal) -> Sequence[OpenUpload]:
    """Return the files that a container waits for, in order; none once it is completed or canceled.

    Raises ContainerNotFound, ProjectArchived.
    """
    container = await find_container(pool, container_id, visible_to=visible_to)
    if container.status is not ContainerStatus.QUEUED:
        return ()
    (await find_project(pool, container.project_id, visible_to=visible_to)).require_active()
    parts = await list_parts(pool, [asset.id for asset in container.media])
    return [
        OpenUpload(asset=asset, parts={part.number: part.received_at for part in parts[asset.id]})
        for asset in container.media
    ]


def _expected_container(
    project: Project, files: Sequence[DeclaredFile], approval: ApprovalStatus, clock: Clock
) -> Container:
    container_id, now = new_id(), clock.now()
    return Container(
        id=container_id,
        project_id=project.id,
        status=ContainerStatus.QUEUED,
        approval_status=approval,
        is_covered=is_covered(project, approval),
        steps=steps_of(project, approval),
        media_type=media_type_of([kind_of(file.content_type) for file in files], path="files"),
        caption="",
        first_comment=None,
        created_at=now,
        updated_at=now,
        media=[
            _expected_asset(project.organization_id, container_id, position, file)
            for position, file in enumerate(files)
        ],
    )


def _expected_asset(organization_id: UUID, container_id: UUID, position: int, file: DeclaredFile) -> Asset:
    asset_id = new_id()
    return Asset(
        id=asset_id,
        position=position,
        object_key=object_key(organization_id, container_id, str(asset_id)),
        filename=file.filename,
        declared_content_type=file.content_type.value,
        declared_size_bytes=file.size_bytes,
        uploaded_bytes=None,
        part_size_bytes=part_size(file.size_bytes),
    )
