"""The route of labels: what people sort content by."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from presswork.api.context import Ctx
from presswork.api.http.auth import ContentRead
from presswork.api.http.body import FromDomain, Out, with_examples
from presswork.api.http.ids import ProjectRef
from presswork.api.http.paging import NoNextPage
from presswork.api.http.responses import respond
from presswork.content.labels import MAX_COUNTED, MAX_LABELS_SHOWN, list_labels

router: Final = APIRouter(tags=["Content"])


class UsedLabel(FromDomain):
    """A label of content."""

    label: str
    content_count: int = Field(description="The number of containers that have it.")


class UsedLabels(Out):
    """The labels in use."""

    model_config = with_examples({"items": [{"label": "spring", "contentCount": 12}], "nextCursor": None})

    items: list[UsedLabel]
    next_cursor: NoNextPage = None


@router.get(
    "/v1/labels",
    response_model=UsedLabels,
    summary="List labels",
    description=(
        f"Return the labels in use, the most frequent first, {MAX_LABELS_SHOWN:,} at most. Deleted content is not counted, and of "
        f"more than {MAX_COUNTED:,} containers with labels only as many."
    ),
)
async def list_used_labels(
    caller: ContentRead,
    context: Ctx,
    project_id: Annotated[
        ProjectRef | None, Query(alias="projectId", description="Only those of this project.")
    ] = None,
) -> Response:
    """Return the labels in use."""
    found = await list_labels(context.pool, project_id, visible_to=caller)
    return respond(UsedLabels(items=[UsedLabel.of(one) for one in found]))
