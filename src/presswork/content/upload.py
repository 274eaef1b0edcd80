"""Bringing content in by URL: everything is fetched, looked at and stored before the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.content.intake import (
    Intake,
    UncommittedObjects,
    approval_of_new,
    at_place,
    each_at_once,
    object_key,
    scratch_folder,
    uncommitted_objects,
)
from presswork.content.model import Asset, Container, ContainerStatus, media_type_of
from presswork.content.store import insert_container, probed_asset
from presswork.core.enums import MediaType
from presswork.core.ids import CONTAINER, PROJECT, new_id, public_id
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.media.fetch import fetch_to_file
from presswork.media.model import MAX_VIDEO_BYTES, Probe
from presswork.orgs.model import Principal
from presswork.orgs.projects import find_project

_LONGEST_FILENAME: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContent:
    """What a caller wants to bring in: 1–10 URLs, and the texts that go with them."""

    urls: Sequence[str]
    caption: str
    first_comment: str | None


async def upload(
    call: IdempotentCall[Container], intake: Intake, project_id: UUID, content: NewContent, *, owner: Principal
) -> Container:
    """Make a completed container of the media at some URLs.

    Raises ProjectNotFound, ProjectArchived, MediaUnreachable, MediaUnsupported (both with `details.path`), Invalid for
    media that can't go together, IdempotencyConflict, Unavailable. A failure leaves nothing behind.
    """
    await call.raise_if_replied()
    (await find_project(intake.pool, project_id, visible_to=owner)).require_active()
    container_id = new_id()
    with scratch_folder() as folder:
        async with uncommitted_objects(intake.store) as objects:
            media_type, assets = await _bring_in(intake, objects, content.urls, folder, owner, container_id)

            async def create(connection: Connection) -> Container:
                project = await find_project(connection, project_id, visible_to=owner, lock="share")
                now = intake.clock.now()
                container = Container(
                    id=container_id,
                    project_id=project.require_active().id,
                    status=ContainerStatus.COMPLETED,
                    approval_status=await approval_of_new(connection, project),
                    media_type=media_type,
                    caption=content.caption,
                    first_comment=content.first_comment,
                    created_at=now,
                    updated_at=now,
                    media=assets,
                )
                await insert_container(connection, container, owner=owner)
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
            objects.settle()
    return created


async def _bring_in(
    intake: Intake, objects: UncommittedObjects, urls: Sequence[str], folder: Path, owner: Principal, container_id: UUID
) -> tuple[MediaType, Sequence[Asset]]:
    """Fetch and look at everything before the first byte is stored."""

    async def look(index: int) -> Probe:
        with at_place(f"media[{index}].url"):
            await fetch_to_file(
                urls[index], folder / str(index), max_bytes=MAX_VIDEO_BYTES, allow_private=intake.allow_private
            )
            return await intake.media_pool.probe(folder / str(index))

    probes = await each_at_once(len(urls), look)
    media_type = media_type_of([probe.kind for probe in probes], path="media")

    async def store(index: int) -> Asset:
        asset_id = new_id()
        key = object_key(owner.organization_id, container_id, str(asset_id))
        await objects.put(key, folder / str(index), probes[index].content_type.value)
        return probed_asset(asset_id, index, object_key=key, filename=_filename(urls[index]), probe=probes[index])

    return media_type, await each_at_once(len(urls), store)


def _filename(url: str) -> str | None:
    """Return the last part of a URL's path, if it can serve as a name."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    return name if name and name.isprintable() and len(name) <= _LONGEST_FILENAME else None
