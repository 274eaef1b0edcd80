"""Routes of content: uploading, reading, listing and editing containers."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from presswork.api.content.schemas import Content, ContentPatch, ContentRequest, FoundContent
from presswork.api.content.upload_schemas import (
    ExpectedContent,
    FileUpload,
    FinalizeRequest,
    OpenedUploads,
    UnfinishedUploads,
    UploadRequest,
    UploadsRequest,
)
from presswork.api.context import Ctx, Now
from presswork.api.http.auth import ContentRead, ContentWrite
from presswork.api.http.body import Text, body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ContainerId, ProjectId, ProjectRef
from presswork.api.http.labels import LabelsOfContent
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.content import search
from presswork.content.delete_content import delete_content
from presswork.content.edit import update
from presswork.content.finalize import finalize
from presswork.content.intake import Intake
from presswork.content.model import ApprovalStatus, Container, ContainerStatus
from presswork.content.store import find_container
from presswork.content.upload import list_uploads, open_uploads, upload
from presswork.core.errors import Code
from presswork.core.timestamps import Instant
from presswork.media.links import MediaLinks, UploadLinks
from presswork.media.store import MediaStore
from presswork.projects.store import find_project

router: Final = APIRouter(tags=["Content"])

Statuses = Annotated[
    list[ContainerStatus] | None,
    Query(
        description="Only containers with this status; repeat it for several. Without it, all but those that were deleted."
    ),
]
ApprovalStatuses = Annotated[
    list[ApprovalStatus] | None,
    Query(alias="approvalStatus", description="Only containers with this approval status; repeat it for several."),
]
Since = Annotated[Instant | None, Query(description="Created at that time or later.")]
Until = Annotated[Instant | None, Query(description="Created at that time or earlier.")]
ByCreation = Annotated[Literal["desc", "asc"], Query(description="By creation time: newest or oldest first.")]


@router.post(
    "/v1/projects/{projectId}/content/upload",
    response_model=Content,
    status_code=201,
    responses=refusals(
        Code.CONFLICT, Code.PLAN_LIMIT, Code.MEDIA_UNREACHABLE, Code.MEDIA_UNSUPPORTED, Code.UNAVAILABLE
    ),
    summary="Upload content by URL",
)
async def upload_content(
    caller: ContentWrite,
    project_id: ProjectId,
    body: Annotated[UploadRequest, body_of(UploadRequest)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Fetch, check and store media, and create a completed container.

    Accepts one video, one image, one PDF, 2–35 images, or 2–20 images and videos; MP4 and MOV up to 1 GiB (a setting of the server,
    PRESSWORK_MAX_VIDEO_BYTES), JPEG, PNG and WebP up to 30 MB, PDF up to 100 MB. The type of a file is detected from its bytes. `details.path` of an error names the URL it refers to. Files beyond the
    organization's quota return 413 `PAYLOAD_TOO_LARGE` with `details.remainingBytes`.
    """
    return await idempotent.call(
        lambda call: upload(call, context.part(Intake), project_id, body.content(), owner=caller),
        lambda container: Content.of(container, context.part(MediaLinks), now=now),
        status=201,
        is_secret=True,
    )


@router.post(
    "/v1/projects/{projectId}/content",
    response_model=Content,
    status_code=201,
    responses=refusals(
        Code.CONFLICT, Code.PLAN_LIMIT, Code.MEDIA_UNREACHABLE, Code.MEDIA_UNSUPPORTED, Code.UNAVAILABLE
    ),
    summary="Create content",
)
async def create_content(
    caller: ContentWrite,
    project_id: ProjectId,
    body: Annotated[ContentRequest, body_of(ContentRequest)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Create a completed container from a text, a link, or media by URL, or from the parts of a thread of posts.

    What a link does not have of title, description and picture is read from its page, and stored with the content. A page that can't be
    read leaves the bare link and a warning. Media are fetched as in `POST …/content/upload`.
    """
    return await idempotent.call(
        lambda call: upload(call, context.part(Intake), project_id, body.content(), owner=caller),
        lambda container: Content.of(container, context.part(MediaLinks), now=now),
        status=201,
        is_secret=True,
    )


@router.post(
    "/v1/projects/{projectId}/content/uploads",
    response_model=OpenedUploads,
    response_model_exclude_none=True,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Create presigned uploads",
)
async def open_content_uploads(
    caller: ContentWrite,
    project_id: ProjectId,
    body: Annotated[UploadsRequest, body_of(UploadsRequest)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Declare files and get an upload URL for each. PUT every file to its URL, then finalize its container.

    A file over 100 MB (100,000,000 bytes) gets `multipart` instead: PUT each part to its URL, in any order, several at a time if you
    like. A part can be sent again, and `GET /v1/content/{containerId}/uploads` says which ones have arrived.

    A container that is not finalized within 24 hours is canceled. Until then the declared sizes count toward the
    organization's quota; beyond it, the call returns 413 `PAYLOAD_TOO_LARGE` with `details.remainingBytes`.
    """
    links = UploadLinks(context.base_url, context.keyring, context.settings.upload_url_lifetime)
    settings = context.settings
    return await idempotent.run(
        lambda db: open_uploads(
            db,
            project_id,
            body.declared(),
            body.grouping,
            labels=body.labels,
            owner=caller,
            clock=context.clock,
            quota_bytes=settings.media_quota_bytes,
            max_video_bytes=settings.max_video_bytes,
        ),
        lambda containers: OpenedUploads(items=[ExpectedContent.of(one, links, now=now) for one in containers]),
        status=201,
        exclude_none=True,
        is_secret=True,
    )


@router.get(
    "/v1/content/{containerId}/uploads",
    response_model=UnfinishedUploads,
    responses=refusals(Code.CONFLICT),
    summary="Read an unfinished upload",
)
async def get_content_uploads(caller: ContentWrite, container_id: ContainerId, context: Ctx, now: Now) -> Response:
    """Return which parts of each file have arrived, with new URLs for what is missing, so that a broken upload continues.

    A completed or canceled container waits for no files, so it has no items. The scope is `content:write`, because a client that has the
    URLs can upload.
    """
    links = UploadLinks(context.base_url, context.keyring, context.settings.upload_url_lifetime)
    uploads = await list_uploads(context.pool, container_id, visible_to=caller)
    items = [FileUpload.in_progress(one.asset, one.parts, links, now=now) for one in uploads]
    return respond(UnfinishedUploads(items=items))


@router.post(
    "/v1/content/{containerId}/finalize-upload",
    response_model=Content,
    responses=refusals(Code.CONFLICT, Code.MEDIA_UNSUPPORTED, Code.UNAVAILABLE),
    summary="Complete presigned uploads",
)
async def finalize_upload(
    caller: ContentWrite,
    container_id: ContainerId,
    body: Annotated[FinalizeRequest, body_of(FinalizeRequest)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Check the uploaded files and complete the container. A completed container is returned unchanged.

    Missing parts return 409 `CONFLICT` with `details.missingParts`. A file that came in parts is put together first, which takes
    seconds for each GiB. If the connection ends meanwhile, call again: the call waits for the same work. After an error the container still waits: upload the file named by `details.path` again, then finalize again.
    """
    return await idempotent.call(
        lambda call: finalize(call, context.part(Intake), container_id, body.texts(), visible_to=caller),
        lambda container: Content.of(container, context.part(MediaLinks), now=now),
        is_secret=True,
    )


@router.get("/v1/content/{containerId}", response_model=Content, summary="Read a container")
async def get_content(caller: ContentRead, container_id: ContainerId, context: Ctx, now: Now) -> Response:
    """Return a container with its media. Each checked media file has a signed URL."""
    container = await find_container(context.pool, container_id, visible_to=caller)
    return respond(Content.of(container, context.part(MediaLinks), now=now))


@router.get("/v1/content", response_model=Page[FoundContent], summary="List the content of all projects")
async def search_content(
    caller: ContentRead,
    page: Paging,
    context: Ctx,
    now: Now,
    project_id: Annotated[
        ProjectRef | None, Query(alias="projectId", description="Only containers of this project.")
    ] = None,
    status: Statuses = None,
    approval_status: ApprovalStatuses = None,
    label: LabelsOfContent = None,
    q: Annotated[
        Text | None,
        Query(min_length=1, max_length=100, description="Text to find in the caption, ignoring case."),
    ] = None,
    since: Since = None,
    until: Until = None,
    order: ByCreation = "desc",
) -> Response:
    """Return containers by creation time, newest first by default.

    With `label` or `q`, a page reads at most 5,000 containers: it may have fewer items than `limit`, or none, before the end of the
    list. Continue while `nextCursor` is not null.
    """
    wanted = search.ContentFilter(
        project_id=project_id,
        statuses=status,
        approval_statuses=approval_status,
        labels=label,
        text=q,
        since=since,
        until=until,
        order=order,
    )
    found = await search.search_content(context.pool, wanted, after=page.after, limit=page.limit, visible_to=caller)
    links, waits = context.part(MediaLinks), await search.approval_waits(context.pool, found.items)
    posts = await search.shown_posts(context.pool, found.items)

    def shown(one: Container) -> FoundContent:
        return FoundContent.found(one, waits.get(one.id), posts.get(one.id, ()), links, now=now)

    return respond(page.of_found(Page[FoundContent], found, shown))


@router.get("/v1/projects/{projectId}/content", response_model=Page[Content], summary="List a project's content")
async def list_content(
    caller: ContentRead,
    project_id: ProjectId,
    page: Paging,
    context: Ctx,
    now: Now,
    status: Statuses = None,
    approval_status: ApprovalStatuses = None,
    label: LabelsOfContent = None,
    since: Since = None,
    until: Until = None,
    order: ByCreation = "desc",
) -> Response:
    """Return the containers of a project, newest first by default.

    With `label`, a page reads at most 5,000 containers: it may have fewer items than `limit`, or none, before the end of the
    list. Continue while `nextCursor` is not null.
    """
    await find_project(context.pool, project_id, visible_to=caller)
    wanted = search.ContentFilter(
        project_id=project_id,
        statuses=status,
        approval_statuses=approval_status,
        labels=label,
        since=since,
        until=until,
        order=order,
    )
    found = await search.search_content(context.pool, wanted, after=page.after, limit=page.limit, visible_to=caller)
    links = context.part(MediaLinks)
    return respond(page.of_found(Page[Content], found, lambda container: Content.of(container, links, now=now)))


@router.patch(
    "/v1/content/{containerId}",
    response_model=Content,
    responses=refusals(
        Code.CONFLICT, Code.PLAN_LIMIT, Code.MEDIA_UNREACHABLE, Code.MEDIA_UNSUPPORTED, Code.UNAVAILABLE
    ),
    summary="Update a container's texts",
)
async def update_content(
    caller: ContentWrite,
    container_id: ContainerId,
    body: Annotated[ContentPatch, body_of(ContentPatch)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Change the caption, the first comment, alternative texts, the link or the parts. Queued posts use them when publishing starts.

    A link is read as at creation; new media of parts are fetched. Link and parts can't change while a post of the content is being published. If the approval of the content covers its texts, it is pending again and its queued posts wait for the next approval;
    while one of its posts is being published, the call is refused.
    """
    return await idempotent.call(
        lambda call: update(call, context.part(Intake), container_id, body.changes(), visible_to=caller),
        lambda container: Content.of(container, context.part(MediaLinks), now=now),
        is_secret=True,
    )


@router.delete(
    "/v1/content/{containerId}",
    response_model=Content,
    responses=refusals(Code.CONFLICT),
    summary="Delete content",
)
async def delete_container(
    caller: ContentWrite,
    container_id: ContainerId,
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
    erase: Annotated[
        bool, Query(description="Also erase its texts, those of its posts, and what reviewers wrote.")
    ] = False,
) -> Response:
    """Delete content: its media leave the store and the quota. Posts that are live stay live.

    What it was stays readable, with `deletedAt` and media without URLs; with `erase`, without any texts. Schedule calls that wait for
    its approval are dropped, and an open upload ends. While a post of it is queued or is being published, the call returns 409
    `CONFLICT` with `reason: "posts_in_flight"`: cancel the post first. Deleting it again has no effect; `erase` may follow later.
    """
    return await idempotent.call(
        lambda call: delete_content(
            call, context.part(MediaStore), container_id, has_erasure=erase, visible_to=caller, now=now
        ),
        lambda container: Content.of(container, context.part(MediaLinks), now=now),
    )
