"""Routes of layers."""

from typing import Annotated, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from presswork.accounts import layers
from presswork.accounts.layer_schemas import DeletedLayer, Layer, LayerPatch, NewLayer
from presswork.api.auth import ProjectsRead, ProjectsWrite
from presswork.api.body import Parsed, body_of
from presswork.api.context import Ctx, Now
from presswork.api.ids import LayerId, ProjectId
from presswork.api.openapi import refusals
from presswork.api.paging import Page, Paging, Position
from presswork.api.responses import Reply, answer
from presswork.core.errors import Code
from presswork.core.ids import LAYER, PROJECT, public_id
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotencyKey, IdempotentRequest, run_idempotent

router: Final = APIRouter(tags=["Layers"])


@router.post(
    "/v1/projects/{projectId}/layers",
    response_model=Layer,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Make a layer",
)
async def create_layer(
    key: ProjectsWrite,
    request: Request,
    project_id: ProjectId,
    body: Annotated[Parsed[NewLayer], body_of(NewLayer)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Make a layer of a project's accounts. An account belongs to one layer at most.

    An account that is not a connected one of the project is 404, one of another layer 409; `details` names it.
    """
    new = body.value

    async def work(connection: Connection) -> Reply:
        layer = await layers.create_layer(
            connection,
            project_id,
            template_id=new.template_id,
            config=new.config,
            account_ids=new.social_account_ids,
            owner=key,
            now=now,
        )
        return Reply.of(Layer.of(layer), status=201)

    path = f"/v1/projects/{public_id(PROJECT, project_id)}/layers"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, body.fingerprint(path), now=now)
    return (await run_idempotent(context.pool, once, work)).response()


@router.get("/v1/projects/{projectId}/layers", response_model=Page[Layer], summary="List a project's layers")
async def list_layers(key: ProjectsRead, project_id: ProjectId, page: Paging, context: Ctx) -> Response:
    """Return layers, oldest first."""
    rows = await layers.list_layers(
        context.pool,
        project_id,
        visible_to=key,
        after=None if page.after is None else (page.after.at, page.after.id),
        limit=page.limit + 1,
    )
    kept, cursor = page.page_of(rows, lambda layer: Position(layer.created_at, layer.id))
    return answer(Page[Layer](items=[Layer.of(layer) for layer in kept], next_cursor=cursor))


@router.get("/v1/projects/{projectId}/layers/{layerId}", response_model=Layer, summary="Read a layer")
async def get_layer(key: ProjectsRead, project_id: ProjectId, layer_id: LayerId, context: Ctx) -> Response:
    """Return one layer."""
    return answer(Layer.of(await layers.find_layer(context.pool, project_id, layer_id, visible_to=key)))


@router.patch(
    "/v1/projects/{projectId}/layers/{layerId}",
    response_model=Layer,
    responses=refusals(Code.CONFLICT),
    summary="Change a layer",
)
async def update_layer(
    key: ProjectsWrite,
    request: Request,
    project_id: ProjectId,
    layer_id: LayerId,
    body: Annotated[Parsed[LayerPatch], body_of(LayerPatch)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Change what is named, leave the rest. Posts that a provider has already stay with it."""

    async def work(connection: Connection) -> Reply:
        changes = body.value.changes()
        return Reply.of(
            Layer.of(await layers.change_layer(connection, project_id, layer_id, changes, owner=key, now=now))
        )

    path = f"/v1/projects/{public_id(PROJECT, project_id)}/layers/{public_id(LAYER, layer_id)}"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, body.fingerprint(path), now=now)
    return (await run_idempotent(context.pool, once, work)).response()


@router.delete("/v1/projects/{projectId}/layers/{layerId}", response_model=DeletedLayer, summary="Take a layer away")
async def delete_layer(
    key: ProjectsWrite, project_id: ProjectId, layer_id: LayerId, context: Ctx, now: Now
) -> Response:
    """Take a layer away; its accounts stay connected, without one. Posts that a provider has already stay with it."""
    async with context.pool.acquire() as connection, connection.transaction():
        layer = await layers.delete_layer(connection, project_id, layer_id, owner=key, now=now)
    return answer(DeletedLayer(id=layer.id, released_social_account_ids=layer.account_ids, deleted_at=now))
