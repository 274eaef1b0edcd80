"""Routes of snippets: texts that people insert into posts."""

from typing import Annotated, Final, Self

from fastapi import APIRouter
from pydantic import Field, model_validator
from pydantic.config import JsonDict
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import ContentRead, ContentWrite
from presswork.api.http.body import FromDomain, In, Name, Text, body_of, with_examples
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ProjectId, ProjectRef, SnippetId, SnippetRef
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.core.errors import Code, FieldError, IssueCode
from presswork.core.timestamps import Instant
from presswork.snippets import store
from presswork.snippets.model import MAX_CHARACTERS, MAX_SNIPPETS

router: Final = APIRouter(tags=["Content"])

_EXAMPLE: Final[JsonDict] = {
    "id": "snp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
    "projectId": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e57",
    "name": "Signature",
    "text": "Call {{phone}} to order.",
    "createdAt": "2026-11-24T18:30:00.000Z",
    "updatedAt": "2026-11-24T18:30:00.000Z",
}
SnippetText = Annotated[
    Text,
    Field(
        min_length=1,
        max_length=MAX_CHARACTERS,
        description="May contain `{{name}}` for each of the project's variables, which get their values when a post goes out.",
    ),
]


class NewSnippet(In):
    """A text that people insert into posts."""

    model_config = with_examples({"name": "Signature", "text": "Call {{phone}} to order."})

    name: Name = Field(description="Unique in the project.")
    text: SnippetText


class SnippetPatch(In):
    """What is changed in a snippet. Omit what stays as it is."""

    model_config = with_examples({"text": "Call {{phone}}, or order at {{shop}}."})

    name: Name | None = Field(default=None, description="Unique in the project.")
    text: SnippetText | None = None

    @model_validator(mode="after")
    def _require_one(self) -> Self:
        if self.name is None and self.text is None:
            raise FieldError("changes nothing. Send name or text.", IssueCode.REQUIRED)
        return self


class Snippet(FromDomain):
    """A text that people insert into posts, shared with everyone who sees the project."""

    model_config = with_examples(_EXAMPLE)

    id: SnippetRef
    project_id: ProjectRef
    name: str
    text: str
    created_at: Instant
    updated_at: Instant


@router.post(
    "/v1/projects/{projectId}/snippets",
    response_model=Snippet,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Create a snippet",
    description=f"Store a text, shared with everyone who sees the project. A project can have {MAX_SNIPPETS}.",
)
async def create_snippet(
    caller: ContentWrite,
    project_id: ProjectId,
    body: Annotated[NewSnippet, body_of(NewSnippet)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Store a text."""
    return await idempotent.run(
        lambda db: store.create_snippet(db, project_id, body.name, body.text, owner=caller, now=now),
        Snippet.of,
        status=201,
    )


@router.get("/v1/projects/{projectId}/snippets", response_model=Page[Snippet], summary="List snippets")
async def list_snippets(caller: ContentRead, project_id: ProjectId, page: Paging, context: Ctx) -> Response:
    """Return the snippets of a project, the oldest first."""
    rows = await store.list_snippets(
        context.pool, project_id, visible_to=caller, after=page.after, limit=page.limit + 1
    )
    return respond(page.of(Page[Snippet], rows, Snippet.of))


@router.get("/v1/snippets/{snippetId}", response_model=Snippet, summary="Read a snippet")
async def get_snippet(caller: ContentRead, snippet_id: SnippetId, context: Ctx) -> Response:
    """Return one snippet."""
    return respond(Snippet.of(await store.find_snippet(context.pool, snippet_id, visible_to=caller)))


@router.patch(
    "/v1/snippets/{snippetId}", response_model=Snippet, responses=refusals(Code.CONFLICT), summary="Change a snippet"
)
async def update_snippet(
    caller: ContentWrite,
    snippet_id: SnippetId,
    body: Annotated[SnippetPatch, body_of(SnippetPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Change the name or the text. Posts into which it was inserted stay as they are."""
    return await idempotent.run(
        lambda db: store.update_snippet(db, snippet_id, name=body.name, text=body.text, owner=caller, now=now),
        Snippet.of,
    )


@router.delete("/v1/snippets/{snippetId}", response_model=Snippet, summary="Delete a snippet")
async def delete_snippet(caller: ContentWrite, snippet_id: SnippetId, idempotent: Idempotent, now: Now) -> Response:
    """Delete a snippet and return it."""
    return await idempotent.run(lambda db: store.delete_snippet(db, snippet_id, owner=caller, now=now), Snippet.of)
