"""Routes of erasures: erase a project, and read the receipts."""

from typing import Annotated, Final, Literal, Self

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import OrgAdmin
from presswork.api.http.body import Out, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ErasureId, ErasureRef, ProjectId, ProjectRef
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.projects.schemas import Progress
from presswork.core.errors import Code
from presswork.core.timestamps import Instant
from presswork.lifecycle import erasures
from presswork.lifecycle.erasure_model import Erasure as StoredErasure
from presswork.lifecycle.erasure_model import ErasureStatus

router: Final = APIRouter(tags=["Projects"])


class StartedErasure(Out):
    """An erasure that a worker does."""

    model_config = with_examples(
        {
            "id": "ers_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e62",
            "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
            "status": "running",
        }
    )

    id: ErasureRef
    project_id: ProjectRef
    status: ErasureStatus

    @classmethod
    def of(cls, erasure: StoredErasure) -> Self:
        """Build it from the domain object."""
        return cls(id=erasure.id, project_id=erasure.project_id, status=erasure.status)


class Erasure(Out):
    """The receipt of an erasure. It stays when the project is gone."""

    model_config = with_examples(
        {
            "id": "ers_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e62",
            "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
            "projectName": None,
            "requestedBy": "usr_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e63",
            "requestedAt": "2026-11-24T20:58:12.004Z",
            "completedAt": "2026-11-24T20:59:01.350Z",
            "status": "done",
            "progress": {"done": 530, "total": 530},
            "counts": {"accounts": 3, "auditEntries": 1204, "content": 92, "mediaFiles": 110, "posts": 435},
            "error": None,
        }
    )

    id: ErasureRef
    project_id: ProjectRef
    project_name: str | None = Field(description="The name while the erasure runs; null when it is done.")
    requested_by: str = Field(description="The id of the API key or the user, or `command_line`.")
    requested_at: Instant
    completed_at: Instant | None
    status: ErasureStatus
    progress: Progress = Field(description="Content, posts and accounts.")
    counts: dict[str, int] = Field(
        description="What was removed, by kind. Kinds of which there was nothing are left out."
    )
    error: str | None = Field(description="Why the latest attempt stopped. It is tried again until it is done.")

    @classmethod
    def of(cls, erasure: StoredErasure) -> Self:
        """Build it from the domain object."""
        return cls(
            id=erasure.id,
            project_id=erasure.project_id,
            project_name=erasure.project_name,
            requested_by=erasure.requested_by,
            requested_at=erasure.created_at,
            completed_at=erasure.ended_at,
            status=erasure.status,
            progress=Progress(done=erasure.done, total=erasure.total),
            counts=dict(sorted(erasure.counts.items())),
            error=erasure.error,
        )


@router.delete(
    "/v1/projects/{projectId}",
    response_model=StartedErasure,
    status_code=202,
    response_description="A worker erases it.",
    responses=refusals(Code.CONFLICT),
    summary="Erase an archived project",
)
async def erase_project(
    caller: OrgAdmin,
    project_id: ProjectId,
    idempotent: Idempotent,
    now: Now,
    erase: Annotated[
        Literal["true"] | None,
        Query(description="`true` confirms that everything of the project is erased. It can't be undone."),
    ] = None,
) -> Response:
    """Erase everything that belongs to an archived project: content, media, posts, accounts with their tokens, drafts, links,
    webhook deliveries, exports, and what the audit log says about them besides who did what and when.

    Posts that are live on their platforms stay there. The receipt is `GET /v1/erasures/{erasureId}`. An active project returns
    409 with `reason: not_archived`, one with posts that are being published 409 with `reason: posts_in_flight`. A second call
    returns the same erasure, and 404 when the project is gone.
    """
    return await idempotent.run(
        lambda db: erasures.request_erasure(db, project_id, is_confirmed=erase is not None, visible_to=caller, now=now),
        StartedErasure.of,
        status=202,
    )


@router.get("/v1/erasures", response_model=Page[Erasure], summary="List erasures")
async def list_erasures(caller: OrgAdmin, page: Paging, context: Ctx) -> Response:
    """List erasures with their receipts, the newest first."""
    found = await erasures.list_erasures(context.pool, visible_to=caller, before=page.after, limit=page.limit + 1)
    return respond(page.of(Page[Erasure], found, Erasure.of))


@router.get("/v1/erasures/{erasureId}", response_model=Erasure, summary="Read an erasure")
async def get_erasure(caller: OrgAdmin, erasure_id: ErasureId, context: Ctx) -> Response:
    """Return how far an erasure is, or its receipt."""
    return respond(Erasure.of(await erasures.read_erasure(context.pool, erasure_id, visible_to=caller)))
