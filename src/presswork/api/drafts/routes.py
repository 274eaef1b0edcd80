"""Routes of drafts: unfinished posts, as the composer of a client holds them."""

from typing import Annotated, Final, Self

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import ContentRead, ContentWrite
from presswork.api.http.body import In, Out, body_of, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import DraftId, DraftRef, ProjectRef
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging, Position
from presswork.api.http.responses import respond
from presswork.api.http.stored_json import StoredValue
from presswork.content import drafts
from presswork.core.errors import Code
from presswork.core.timestamps import Instant

router: Final = APIRouter(tags=["Content"])

_BODY: Final[JsonDict] = {"text": "Rye with caraway, from", "accounts": ["sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"]}
_BODY_TEXT: Final = "What the composer holds: any JSON of at most 64 KiB, which Presswork stores and does not read."


class NewDraft(In):
    """An unfinished post."""

    model_config = with_examples({"projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e57", "body": _BODY})

    project_id: ProjectRef
    body: JsonValue = Field(description=_BODY_TEXT)


class DraftPatch(In):
    """A new body."""

    model_config = with_examples({"body": _BODY, "revision": 3})

    body: JsonValue = Field(description=f"{_BODY_TEXT} Replaces the whole body.")
    revision: int = Field(
        strict=True, ge=1, description="The revision that was read. If the draft has another one, the call returns 409."
    )


class Draft(Out):
    """An unfinished post, shared with everyone who sees the project."""

    model_config = with_examples(
        {
            "id": "drf_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5a",
            "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e57",
            "body": _BODY,
            "revision": 3,
            "updatedBy": "usr_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5b",
            "updatedByName": "Marta",
            "createdAt": "2026-11-24T18:30:00.000Z",
            "updatedAt": "2026-11-24T18:31:12.480Z",
        }
    )

    id: DraftRef
    project_id: ProjectRef
    body: StoredValue
    revision: int = Field(description="Grows with each change.")
    updated_by: str = Field(description="Id of the key or the user that changed it last.")
    updated_by_name: str | None = Field(description="The user's name; null for a key.")
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, draft: drafts.Draft) -> Self:
        """Build it from the domain object."""
        return cls(
            id=draft.id,
            project_id=draft.project_id,
            body=draft.body,
            revision=draft.revision,
            updated_by=draft.updated_by,
            updated_by_name=draft.updated_by_name,
            created_at=draft.created_at,
            updated_at=draft.updated_at,
        )


class DeletedDraft(Out):
    """A draft that was deleted."""

    model_config = with_examples(
        {"id": "drf_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e5a", "deletedAt": "2026-11-24T18:32:00.000Z"}
    )

    id: DraftRef
    deleted_at: Instant


@router.post(
    "/v1/drafts",
    response_model=Draft,
    status_code=201,
    responses=refusals(Code.CONFLICT, Code.NOT_FOUND),
    summary="Create a draft",
)
async def create_draft(
    caller: ContentWrite, body: Annotated[NewDraft, body_of(NewDraft)], idempotent: Idempotent, now: Now
) -> Response:
    """Store an unfinished post. A project can have 1,000."""
    return await idempotent.run(
        lambda db: drafts.create_draft(db, body.project_id, body.body, owner=caller, now=now), Draft.of, status=201
    )


@router.get("/v1/drafts", response_model=Page[Draft], summary="List drafts")
async def list_drafts(
    caller: ContentRead,
    page: Paging,
    context: Ctx,
    project_id: Annotated[
        ProjectRef | None, Query(alias="projectId", description="Only drafts of this project.")
    ] = None,
) -> Response:
    """Return drafts, those that were changed last first."""
    rows = await drafts.list_drafts(context.pool, project_id, visible_to=caller, after=page.after, limit=page.limit + 1)
    return respond(page.of(Page[Draft], rows, Draft.of, lambda draft: Position(draft.updated_at, draft.id)))


@router.get("/v1/drafts/{draftId}", response_model=Draft, summary="Read a draft")
async def get_draft(caller: ContentRead, draft_id: DraftId, context: Ctx) -> Response:
    """Return one draft."""
    return respond(Draft.of(await drafts.find_draft(context.pool, draft_id, visible_to=caller)))


@router.patch("/v1/drafts/{draftId}", response_model=Draft, responses=refusals(Code.CONFLICT), summary="Change a draft")
async def update_draft(
    caller: ContentWrite,
    draft_id: DraftId,
    body: Annotated[DraftPatch, body_of(DraftPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Replace the body. If someone has changed the draft since it was read, 409 with `reason: stale_revision`, and nothing is overwritten."""
    return await idempotent.run(
        lambda db: drafts.update_draft(db, draft_id, body.body, body.revision, owner=caller, now=now), Draft.of
    )


@router.delete("/v1/drafts/{draftId}", response_model=DeletedDraft, summary="Delete a draft")
async def delete_draft(caller: ContentWrite, draft_id: DraftId, idempotent: Idempotent, now: Now) -> Response:
    """Delete a draft. Media that were uploaded for it stay."""
    return await idempotent.run(
        lambda db: drafts.delete_draft(db, draft_id, owner=caller, now=now),
        lambda draft: DeletedDraft(id=draft.id, deleted_at=now),
    )
