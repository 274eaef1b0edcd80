"""Presigned uploads: create containers that wait for their files."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.content.intake import initial_approval_of, is_covered, object_key
from presswork.content.model import (
    ApprovalStatus,
    Asset,
    Container,
    ContainerStatus,
    Grouping,
    kind_of,
    media_type_of,
)
from presswork.content.quota import reserve_media
from presswork.content.store import insert_container
from presswork.core.clock import Clock
from presswork.core.ids import CONTAINER, PROJECT, new_id, public_id
from presswork.db.pool import Connection
from presswork.media.model import ContentType
from presswork.projects.model import Project
from presswork.projects.store import find_project


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
    owner: Principal,
    clock: Clock,
    quota_bytes: int,
) -> Sequence[Container]:
    """Create containers that wait for their files, in the caller's transaction: one per file, or one for all.

    The declared sizes count toward the organization's quota from now on. Raises ProjectNotFound, ProjectArchived,
    MediaQuotaExceeded, and Invalid if the files can't be combined.
    """
    size_bytes = sum(file.size_bytes for file in files)
    await reserve_media(connection, owner.organization_id, size_bytes, quota_bytes=quota_bytes)
    project = (await find_project(connection, project_id, visible_to=owner, lock="share")).require_active()
    approval = await initial_approval_of(connection, project)
    groups = [files] if grouping is Grouping.SLIDESHOW else [[file] for file in files]
    containers = [_expected_container(project, group, approval, clock) for group in groups]
    for container in containers:
        await insert_container(connection, container, owner=owner)
    names: list[JsonValue] = [public_id(CONTAINER, container.id) for container in containers]
    detail: dict[str, JsonValue] = {"containerIds": names, "files": len(files)}
    name = public_id(PROJECT, project.id)
    await record_act(connection, Action.CONTENT_OPEN_UPLOADS, name, by=owner, now=clock.now(), detail=detail)
    return containers


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
    )
