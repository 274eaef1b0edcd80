"""Completing a container after its presigned uploads: the files are probed, and their bytes decide what they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.assemble import PartsChanged, assemble_files, sweep_parts
from presswork.content.event_links import make_event_link
from presswork.content.intake import (
    Intake,
    UncommittedObjects,
    error_path,
    run_concurrently,
    scratch_folder,
    uncommitted_objects,
)
from presswork.content.model import ApprovalStatus, Container, ContainerStatus, FilesMissing, Previews, media_type_of
from presswork.content.previews import previews_of
from presswork.content.store import (
    complete_container,
    find_container,
    lock_container,
    set_labels,
    set_previews,
    write_alt_texts,
)
from presswork.core.errors import Conflict, Invalid, Issue, IssueCode
from presswork.core.ids import CONTAINER, public_id
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.media.model import Probe
from presswork.media.store import ObjectMissing, StoredFile
from presswork.projects.store import find_project

_MAX_ATTEMPTS: Final = 5


class _FilesChanged(Exception):
    """A file was uploaded again while it was probed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalTexts:
    """The texts of a completed container."""

    caption: str
    first_comment: str | None
    alt_texts: Sequence[str | None] = ()
    """In the order of the files; the rest has none."""
    labels: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _ReadFile:
    """What the bytes of a file say, and its previews."""

    probe: Probe
    previews: Previews


async def finalize(
    call: IdempotentCall[Container], intake: Intake, container_id: UUID, texts: FinalTexts, *, visible_to: Principal
) -> Container:
    """Complete a container. A completed container is returned unchanged.

    Files that came in parts are made first. Their bytes are streamed, so a large file takes minutes; a caller who does not wait calls
    again, and then waits for the same work. Raises ContainerNotFound, ContainerClosed, ProjectArchived, FilesMissing, PartsMissing,
    MediaUnsupported (`details.path`), Invalid
    if the media can't be combined, IdempotencyConflict, OrganizationSpaceFull, TempSpaceFull, Unavailable. After a
    refusal the container still waits, so that its files can be uploaded again.
    """
    await call.raise_if_replied()
    for _ in range(_MAX_ATTEMPTS):
        try:
            return await _try_to_finalize(call, intake, container_id, texts, visible_to=visible_to)
        except (_FilesChanged, PartsChanged):
            continue
    raise Conflict(
        "The files of this container keep changing or were deleted. Finish every upload, then finalize again.",
        containerId=public_id(CONTAINER, container_id),
    )


async def _try_to_finalize(
    call: IdempotentCall[Container], intake: Intake, container_id: UUID, texts: FinalTexts, *, visible_to: Principal
) -> Container:
    """Read the files, then complete the container if they are still the same. Raises _FilesChanged if not."""
    seen = await find_container(intake.pool, container_id, visible_to=visible_to)
    if seen.status is not ContainerStatus.COMPLETED:
        (await find_project(intake.pool, seen.project_id, visible_to=visible_to)).require_active()
        _require_files(seen)
        if await assemble_files(intake, seen, organization_id=visible_to.organization_id):
            seen = await find_container(intake.pool, container_id, visible_to=visible_to)
    async with uncommitted_objects(intake.store) as objects:
        files = await _read_files(intake, objects, seen, owner=visible_to)
        with objects.keep_on_unknown_commit():
            completed = await _complete(call, intake, seen, files, texts, visible_to=visible_to)
        is_own = (a.thumbnail_key == f.previews.thumbnail_key for a, f in zip(completed.media, files, strict=False))
        if all(is_own):
            objects.keep()  # otherwise another call completed it, with other previews
    if any(asset.part_count for asset in completed.media):
        await sweep_parts(intake.pool, intake.store, container_id=container_id)
    return completed


def _require_files(container: Container) -> None:
    """Raise ContainerClosed, and FilesMissing if a file that is sent in one request was not uploaded."""
    container.require_open()
    if missing := [asset for asset in container.media if asset.uploaded_bytes is None and not asset.part_count]:
        raise FilesMissing(container.id, missing)


async def _complete(
    call: IdempotentCall[Container],
    intake: Intake,
    seen: Container,
    files: Sequence[_ReadFile],
    texts: FinalTexts,
    *,
    visible_to: Principal,
) -> Container:
    """Complete a container if its files are still those that were read. Raises _FilesChanged if not."""
    container_id = seen.id
    probes = [file.probe for file in files]

    async def complete(connection: Connection) -> Container:
        container = await lock_container(connection, container_id, visible_to=visible_to)
        if container.status is ContainerStatus.COMPLETED:
            return container
        container.require_open()
        project = await find_project(connection, container.project_id, visible_to=visible_to, lock="share")
        project.require_active()
        if [(asset.object_key, asset.uploaded_bytes) for asset in container.media] != [
            (asset.object_key, asset.uploaded_bytes) for asset in seen.media
        ]:
            raise _FilesChanged
        media_type = media_type_of([probe.kind for probe in probes], path="files")
        if len(texts.alt_texts) > len(container.media):
            problem = (
                f"has {len(texts.alt_texts)} items for {len(container.media)} files. Send one for each, in their order."
            )
            raise Invalid([Issue.at("media", problem, IssueCode.TOO_MANY)])
        now, link = intake.clock.now(), None
        if container.approval_status is ApprovalStatus.PENDING:
            link = await make_event_link(connection, intake.keyring, container_id, project, caller=visible_to, now=now)
        await complete_container(
            connection,
            container,
            probes,
            media_type=media_type,
            caption=texts.caption,
            first_comment=texts.first_comment,
            now=now,
            event_link=link,
        )
        await set_previews(
            connection, {asset.id: file.previews for asset, file in zip(container.media, files, strict=True)}
        )
        alt_texts = {asset.id: text for asset, text in zip(container.media, texts.alt_texts, strict=False) if text}
        if texts.labels:
            await set_labels(connection, container_id, texts.labels)
        if alt_texts:
            await write_alt_texts(connection, container_id, alt_texts)
        name, detail = public_id(CONTAINER, container_id), {"mediaType": media_type.value, "files": len(probes)}
        await record_act(connection, Action.CONTENT_FINALIZE, name, by=visible_to, now=now, detail=detail)
        return await find_container(connection, container_id, visible_to=visible_to)

    return await call.run(complete)


async def _read_files(
    intake: Intake, objects: UncommittedObjects, container: Container, *, owner: Principal
) -> Sequence[_ReadFile]:
    """Probe each file and make its previews; an empty sequence for a completed container."""
    if container.status is ContainerStatus.COMPLETED:
        return ()
    if any(asset.uploaded_bytes is None for asset in container.media):
        raise _FilesChanged
    size_bytes = sum(asset.uploaded_bytes or 0 for asset in container.media if asset.assembled_sha256 is None)
    with scratch_folder(intake.temp_space, owner.organization_id, size_bytes) as scratch:
        return await run_concurrently(
            len(container.media), lambda index: _read_file(intake, objects, container, index, scratch.folder, owner)
        )


async def _read_file(
    intake: Intake, objects: UncommittedObjects, container: Container, index: int, folder: Path, owner: Principal
) -> _ReadFile:
    asset = container.media[index]
    source: Path | StoredFile = folder / str(index)
    try:
        if asset.assembled_sha256 is None:
            await intake.store.get_to_file(asset.object_key, folder / str(index))
        else:
            source = StoredFile(
                store=intake.store,
                key=asset.object_key,
                size_bytes=asset.uploaded_bytes or 0,
                sha256=asset.assembled_sha256,
            )
        with error_path(f"files[{index}]"):
            probe = await intake.media_pool.probe(source, owner=owner.organization_id)
    except ObjectMissing as error:
        raise _FilesChanged from error
    organization_id, container_id = owner.organization_id, container.id
    previews = await previews_of(
        intake, objects, source, probe, folder, organization_id=organization_id, container_id=container_id
    )
    return _ReadFile(probe, previews)
