"""Route of imports: a table of posts, checked row by row, and created together."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import PublishWrite
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ProjectId
from presswork.api.http.openapi import refusals
from presswork.api.http.responses import reply_of
from presswork.api.imports.schemas import ImportRequest, ImportResult
from presswork.content.intake import Intake
from presswork.core.errors import Code
from presswork.imports.import_posts import Importer

router: Final = APIRouter(tags=["Publishing"])


@router.post(
    "/v1/projects/{projectId}/imports",
    response_model=ImportResult,
    responses={
        201: {"model": ImportResult, "description": "The posts of all rows are created."},
        **refusals(Code.CONFLICT, Code.PLAN_LIMIT, Code.UNAVAILABLE),
    },
    response_description="A dry run: what was found about each row.",
    summary="Import a table of posts",
)
async def create_import(
    caller: PublishWrite,
    project_id: ProjectId,
    body: Annotated[ImportRequest, body_of(ImportRequest)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Check up to 500 rows like a CSV file's, and with `dryRun: false` publish or schedule all of them, or none.

    A dry run, which is the default, reports the errors and warnings of each row and column and writes nothing. Its checks are
    those of publishing, scheduling and preflight. An import with an error returns 422 with an issue for each, and
    creates no post. Media and links are fetched for at most 20 rows per call; a row without `containerId` needs the
    scope content:write. Content that was brought in stays, as `details.content` says. The response to a dry run is not stored under the idempotency key.
    """
    importer = Importer(
        intake=context.part(Intake),
        keyring=context.keyring,
        platforms=context.platforms,
        caller=caller,
        now=now,
        is_strict=body.strict,
    )
    return await idempotent.call(
        lambda call: importer.run(call, project_id, body.table(), is_dry_run=body.dry_run),
        lambda result: reply_of(ImportResult.of(result), status=200 if result.is_dry_run else 201),
    )
