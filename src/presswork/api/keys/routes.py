"""Routes of API keys. They require org:admin and are limited to the caller's organization and environment."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import ConfirmedAdmin, OrgAdmin
from presswork.api.http.body import In, body_of, with_examples
from presswork.api.http.idempotent import Idempotent, IdempotentRoute
from presswork.api.http.ids import KeyId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.keys.schemas import ApiKey, ApiKeyPatch, CreatedApiKey, NewApiKey
from presswork.core.errors import Code
from presswork.db.pool import Connection
from presswork.orgs import key_admin, key_model
from presswork.orgs.keys import KeyCache

router: Final = APIRouter(tags=["API keys"])


class KeySwitch(In):
    """An empty object. The body may be left out."""

    model_config = with_examples({})


@router.post(
    "/v1/api-keys",
    response_model=CreatedApiKey,
    status_code=201,
    responses=refusals(Code.VALIDATION, Code.PLAN_LIMIT),
    summary="Create a key",
)
async def create_api_key(
    caller: ConfirmedAdmin,
    body: Annotated[NewApiKey, body_of(NewApiKey)],
    idempotent: Idempotent,
    now: Now,
) -> Response:
    """Create a key in the organization and environment of the calling key. The token is returned only once.

    A retry with the same Idempotency-Key returns it again for 24 hours; the response is stored encrypted until then.
    """
    return await idempotent.run(
        lambda db: key_admin.create_own_key(
            db,
            name=body.name,
            scopes=body.scopes,
            tier=body.tier,
            return_domains=body.return_domains,
            operator_id=body.operator_id,
            caller=caller,
            now=now,
        ),
        lambda made: CreatedApiKey.of(*made),
        status=201,
        is_secret=True,
        headers={"Cache-Control": "no-store"},
    )


@router.get("/v1/api-keys", response_model=Page[ApiKey], summary="List keys")
async def list_api_keys(caller: OrgAdmin, page: Paging, context: Ctx) -> Response:
    """List the keys of the organization and environment, including revoked and killed ones, oldest first."""
    found = await key_admin.list_own_keys(context.pool, caller=caller, after=page.after, limit=page.limit + 1)
    return respond(page.of(Page[ApiKey], found, ApiKey.of))


@router.get("/v1/api-keys/{keyId}", response_model=ApiKey, summary="Retrieve a key")
async def get_api_key(caller: OrgAdmin, key_id: KeyId, context: Ctx) -> Response:
    """Return one key."""
    return respond(ApiKey.of(await key_admin.find_own_key(context.pool, key_id, caller=caller)))


@router.patch("/v1/api-keys/{keyId}", response_model=ApiKey, responses=refusals(Code.CONFLICT), summary="Update a key")
async def update_api_key(
    caller: ConfirmedAdmin,
    key_id: KeyId,
    body: Annotated[ApiKeyPatch, body_of(ApiKeyPatch)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Update the fields that are sent. The change applies on all nodes from the next request."""
    return await _change(
        context, idempotent, lambda db: key_admin.change_own_key(db, key_id, body.sent(), caller=caller, now=now)
    )


@router.delete("/v1/api-keys/{keyId}", response_model=ApiKey, responses=refusals(Code.CONFLICT), summary="Revoke a key")
async def revoke_api_key(
    caller: ConfirmedAdmin, key_id: KeyId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Revoke a key on all nodes at once. Requests with it return 401. A second call returns the same result.

    A key can't revoke itself.
    """
    return await _change(context, idempotent, lambda db: key_admin.revoke_own_key(db, key_id, caller=caller, now=now))


@router.post(
    "/v1/api-keys/{keyId}/kill", response_model=ApiKey, responses=refusals(Code.CONFLICT), summary="Kill a key"
)
async def kill_api_key(
    caller: ConfirmedAdmin,
    key_id: KeyId,
    _body: Annotated[KeySwitch, body_of(KeySwitch, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Kill a key in an emergency, on all nodes at once. Requests with it return 503 `KILL_SWITCH`.

    A key can't kill itself.
    """
    return await _change(context, idempotent, lambda db: key_admin.kill_own_key(db, key_id, caller=caller, now=now))


@router.post(
    "/v1/api-keys/{keyId}/revive",
    response_model=ApiKey,
    responses=refusals(Code.CONFLICT),
    summary="Revive a key",
)
async def revive_api_key(
    caller: ConfirmedAdmin,
    key_id: KeyId,
    _body: Annotated[KeySwitch, body_of(KeySwitch, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Revive a key that was killed through this API. A key that the operator of the service killed stays killed."""
    return await _change(context, idempotent, lambda db: key_admin.revive_own_key(db, key_id, caller=caller, now=now))


async def _change(
    context: Context, idempotent: IdempotentRoute, change: Callable[[Connection], Awaitable[key_model.ApiKey]]
) -> Response:
    """Change a key. This process drops it from its cache before it responds; the commit notifies the others."""
    lookups = []

    async def changed(connection: Connection) -> key_model.ApiKey:
        key = await change(connection)
        lookups.append(key.lookup)
        return key

    response = await idempotent.run(changed, ApiKey.of)
    for lookup in lookups:
        context.part(KeyCache).forget(lookup)
    return response
