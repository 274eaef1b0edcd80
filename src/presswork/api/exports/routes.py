"""Routes of exports: start one, read how far it is, and download its file by a signed link."""

import re
from collections.abc import Callable
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import OrgAdmin
from presswork.api.http.body import In, Out, body_of, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ExportId, ExportRef, ProjectId, ProjectRef
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.media.serve_object import serve_object
from presswork.api.projects.schemas import Progress
from presswork.core.errors import Code
from presswork.core.ids import EXPORT, parse_id
from presswork.core.timestamps import Instant
from presswork.crypto.signed_urls import URLSigner
from presswork.exports import store
from presswork.exports.model import Export as StoredExport
from presswork.exports.model import ExportNotFound, ExportStatus, object_key
from presswork.media.store import MediaStore, ObjectMissing

router: Final = APIRouter()
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9]+")


class NewExport(In):
    """What to export."""

    model_config = with_examples({"media": True})

    media: bool = Field(
        default=False, strict=True, description="Whether the archive has the original media files as well."
    )


class Export(Out):
    """An export of a project's data: one ZIP archive of JSON lines."""

    model_config = with_examples(
        {
            "id": "exp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e61",
            "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
            "media": True,
            "status": "done",
            "progress": {"done": 5064, "total": 5064},
            "url": "https://presswork.example.com/exports/exp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e61?expires=1795813200&signature=…",
            "expiresAt": "2026-11-27T21:00:00.000Z",
            "sizeBytes": 184320412,
            "error": None,
            "createdAt": "2026-11-24T20:58:12.004Z",
            "endedAt": "2026-11-24T21:00:00.000Z",
        }
    )

    id: ExportRef
    project_id: ProjectRef
    media: bool
    status: ExportStatus
    progress: Progress = Field(description="Content, posts and accounts, and the media files if they are exported.")
    url: str | None = Field(
        description="Where to download the archive, without an API key: keep it secret. Null unless the status is `done`."
    )
    expires_at: Instant | None = Field(description="When the archive and this export are deleted.")
    size_bytes: int | None
    error: str | None = Field(description="Why it failed, or why the latest attempt did.")
    created_at: Instant
    ended_at: Instant | None

    @classmethod
    def shape(cls, links: store.ExportLinks) -> "Callable[[StoredExport], Export]":
        """Return the function that builds it from the domain object."""

        def of(export: StoredExport) -> Export:
            return cls(
                id=export.id,
                project_id=export.project_id,
                media=export.has_media,
                status=export.status,
                progress=Progress(done=export.done, total=export.total),
                url=links.url_of(export),
                expires_at=export.expires_at,
                size_bytes=export.size_bytes,
                error=export.error,
                created_at=export.created_at,
                ended_at=export.ended_at,
            )

        return of


def _links(context: Context) -> store.ExportLinks:
    return store.ExportLinks(URLSigner(context.base_url, context.keyring))


@router.post(
    "/v1/projects/{projectId}/exports",
    response_model=Export,
    status_code=202,
    response_description="A worker makes it.",
    responses=refusals(Code.CONFLICT),
    tags=["Projects"],
    summary="Export a project's data",
)
async def create_export(
    caller: OrgAdmin,
    project_id: ProjectId,
    body: Annotated[NewExport, body_of(NewExport, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Start an export of everything that belongs to a project, archived or not. One can be made at a time.

    The archive has a file of JSON lines for each kind of object, without access tokens and secrets. It does not count toward
    the media quota, and is deleted three days after its end.
    """
    return await idempotent.run(
        lambda db: store.create_export(db, project_id, has_media=body.media, visible_to=caller, now=now),
        Export.shape(_links(context)),
        status=202,
    )


@router.get(
    "/v1/projects/{projectId}/exports",
    response_model=Page[Export],
    tags=["Projects"],
    summary="List a project's exports",
)
async def list_exports(caller: OrgAdmin, project_id: ProjectId, page: Paging, context: Ctx) -> Response:
    """List the exports of the last days, the newest first."""
    found = await store.list_exports(
        context.pool, project_id, visible_to=caller, before=page.after, limit=page.limit + 1
    )
    return respond(page.of(Page[Export], found, Export.shape(_links(context))))


@router.get("/v1/exports/{exportId}", response_model=Export, tags=["Projects"], summary="Read an export")
async def get_export(caller: OrgAdmin, export_id: ExportId, context: Ctx) -> Response:
    """Return how far an export is, with the URL of its archive when it is done."""
    export = await store.read_export(context.pool, export_id, visible_to=caller)
    return respond(Export.shape(_links(context))(export))


async def _export_id(value: Annotated[str, Path(alias="exportId")]) -> UUID:
    try:
        return parse_id(EXPORT, value)
    except ValueError as error:
        raise ExportNotFound from error


@router.api_route("/exports/{exportId}", methods=["GET", "HEAD"], include_in_schema=False)
async def download_export(
    request: Request, export_id: Annotated[UUID, Depends(_export_id)], context: Ctx, now: Now
) -> Response:
    """Serve the archive of an export to the holder of a signed link, completely or as one range."""
    URLSigner("", context.keyring).verify(request.url.path, request.url.query, now=now, method=request.method)
    named = await store.find_archive(context.pool, export_id, now=now)
    name = _UNSAFE.sub("-", named.project_name).strip("-").lower() or "project"
    try:
        return await serve_object(
            request,
            context.part(MediaStore),
            object_key(export_id),
            content_type="application/zip",
            disposition=f'attachment; filename="{name[:60]}-{named.created_at:%Y-%m-%d}.zip"',
            caching="private, no-store",
        )
    except ObjectMissing as error:
        raise ExportNotFound from error
