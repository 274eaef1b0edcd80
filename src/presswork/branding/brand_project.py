"""Change a project and fetch the logo of its branding, which its pages then load from this server."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal
from presswork.content.intake import (
    Intake,
    UncommittedObjects,
    error_path,
    remove_objects,
    scratch_folder,
    uncommitted_objects,
)
from presswork.core.errors import MediaUnsupported
from presswork.core.ids import new_id
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.lifecycle.change_project import change_project
from presswork.media.fetch import fetch_to_file
from presswork.media.model import Kind
from presswork.projects.branding import Branding
from presswork.projects.model import Project, ProjectChanges
from presswork.projects.store import find_project

MAX_LOGO_BYTES: Final = 512 * 1024
MAX_LOGO_SIDE: Final = 2000
"""Pixels of the longer side of a logo, at most: browsers decode it at each visit."""


async def brand_project(
    call: IdempotentCall[Project],
    intake: Intake,
    project_id: UUID,
    changes: ProjectChanges,
    *,
    visible_to: Principal,
    now: datetime,
) -> Project:
    """Change a project as `change_project` does, after fetching the logo of a new branding.

    Also raises MediaUnreachable and MediaUnsupported, about `branding.logoUrl`.
    """
    branding, former = changes.get("branding"), None
    if "branding" in changes:
        await call.raise_if_replied()

    async def change(connection: Connection) -> Project:
        nonlocal former
        if "branding" in changes:  # read under the lock: of two changes at once, each removes the logo that it replaces
            former = (await find_project(connection, project_id, visible_to=visible_to, lock="update")).branding
        return await change_project(connection, project_id, changes, visible_to=visible_to, now=now)

    async with uncommitted_objects(intake.store) as objects:
        if branding is not None and branding.logo_url is not None:
            project = await find_project(intake.pool, project_id, visible_to=visible_to)
            stored = await _store_logo(intake, objects, project.require_active(), branding, branding.logo_url)
            changes = {**changes, "branding": stored}
        with objects.keep_on_unknown_commit():
            changed = await call.run(change)
        objects.keep()
    if former is not None and former.logo_key is not None:
        await remove_objects(intake.store, [former.logo_key])
    return changed


async def _store_logo(
    intake: Intake, objects: UncommittedObjects, project: Project, branding: Branding, url: str
) -> Branding:
    """Fetch, check and store a logo."""
    with scratch_folder(intake.temp_space, project.organization_id) as scratch, error_path("branding.logoUrl"):
        path = scratch.folder / "logo"
        await fetch_to_file(
            url,
            path,
            max_bytes=MAX_LOGO_BYTES,
            before_write=scratch.room.grow,
            allow_private=intake.allow_private,
            owner=project.organization_id,
        )
        probe = await intake.media_pool.probe(path, owner=project.organization_id)
        if probe.kind is not Kind.IMAGE or max(probe.width, probe.height) > MAX_LOGO_SIDE:
            raise MediaUnsupported(
                f"is not an image of at most {MAX_LOGO_SIDE} × {MAX_LOGO_SIDE} pixels. Send a smaller JPEG, PNG or WebP."
            )
        # A new key for each logo: objects never change.
        key = f"logos/{project.organization_id}/{project.id}/{new_id()}"
        await objects.put(key, path, probe.content_type.value)
    return replace(branding, logo_key=key, logo_type=probe.content_type.value)
