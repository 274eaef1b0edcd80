"""Routes of layers."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.accounts import layers
from presswork.api.context import Ctx, Now
from presswork.api.http.auth import ProjectsRead, ProjectsWrite
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import LayerId, ProjectId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.layers.schemas import DeletedLayer, Layer, LayerPatch, NewLayer
from presswork.core.errors import Code

router: Final = APIRouter(tags=["Layers"])


@router.post(
    "/v1/projects/{projectId}/layers",
    response_model=Layer,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Create a layer",
)
async def create_layer(
    caller: ProjectsWrite,
    project_id: ProjectId,
    body: Annotated[NewLayer, body_of(NewLayer)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Create a layer of a project's accounts. An account belongs to one layer at most.

    Returns 404 for an account that is not a connected account of the project, and 409 for an account of another
    layer; `details` names the account.
    """
    return await idempotent.run(
        lambda db: layers.create_layer(
            db,
            project_id,
            template_id=body.template_id,
            config=body.config,
            account_ids=body.social_account_ids,
            owner=caller,
            now=now,
        ),
        Layer.of,
        status=201,
    )


@router.get("/v1/projects/{projectId}/layers", response_model=Page[Layer], summary="List a project's layers")
async def list_layers(caller: ProjectsRead, project_id: ProjectId, page: Paging, context: Ctx) -> Response:
    """Return the layers of a project, oldest first."""
    rows = await layers.list_layers(
        context.pool,
        project_id,
        visible_to=caller,
        after=page.after,
        limit=page.limit + 1,
    )
    return respond(page.of(Page[Layer], rows, Layer.of))


@router.get("/v1/projects/{projectId}/layers/{layerId}", response_model=Layer, summary="Retrieve a layer")
async def get_layer(caller: ProjectsRead, project_id: ProjectId, layer_id: LayerId, context: Ctx) -> Response:
    """Return one layer."""
    return respond(Layer.of(await layers.find_layer(context.pool, project_id, layer_id, visible_to=caller)))


@router.patch(
    "/v1/projects/{projectId}/layers/{layerId}",
    response_model=Layer,
    responses=refusals(Code.CONFLICT),
    summary="Update a layer",
)
async def update_layer(
    caller: ProjectsWrite,
    project_id: ProjectId,
    layer_id: LayerId,
    body: Annotated[LayerPatch, body_of(LayerPatch)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Update the fields that are sent. Posts that a provider already has stay with it."""
    return await idempotent.run(
        lambda db: layers.change_layer(db, project_id, layer_id, body.sent(), owner=caller, now=now), Layer.of
    )


@router.delete("/v1/projects/{projectId}/layers/{layerId}", response_model=DeletedLayer, summary="Delete a layer")
async def delete_layer(
    caller: ProjectsWrite, project_id: ProjectId, layer_id: LayerId, idempotent: Idempotent, now: Now
) -> Response:
    """Delete a layer. Its accounts stay connected. Posts that a provider already has stay with it."""
    return await idempotent.run(
        lambda db: layers.delete_layer(db, project_id, layer_id, owner=caller, now=now),
        lambda layer: DeletedLayer(id=layer.id, released_social_account_ids=layer.social_account_ids, deleted_at=now),
    )
