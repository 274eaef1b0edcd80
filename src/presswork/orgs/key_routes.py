"""Routes of API keys, for keys with org:admin. A key sees and makes keys of its own organization and environment."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ConfigDict
from starlette.responses import Response

from presswork.api.auth import OrgAdmin
from presswork.api.body import In, Parsed, body_of, fingerprint
from presswork.api.context import Context, Ctx, Now
from presswork.api.ids import KeyId
from presswork.api.openapi import refusals
from presswork.api.paging import Page, Paging, Position
from presswork.api.responses import Reply, answer
from presswork.core.errors import Code
from presswork.core.ids import KEY, public_id
from presswork.db.pool import Connection
from presswork.idempotency.stored_replies import IdempotencyKey, IdempotentRequest, run_idempotent
from presswork.orgs import key_admin, key_model
from presswork.orgs.key_schemas import ApiKey, ApiKeyPatch, CreatedApiKey, NewApiKey

router: Final = APIRouter(tags=["API keys"])


class KeySwitch(In):
    """Nothing is to be said: the path says it all. The whole body may be left out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


@router.post(
    "/v1/api-keys",
    response_model=CreatedApiKey,
    status_code=201,
    responses=refusals(Code.VALIDATION),
    summary="Make a key",
)
async def create_api_key(
    key: OrgAdmin,
    request: Request,
    body: Annotated[Parsed[NewApiKey], body_of(NewApiKey)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Make a key of the calling key's organization and environment. What its holder sends is shown this once.

    A repetition under the same Idempotency-Key shows it again, for 24 hours; until then the answer is kept sealed.
    """
    new = body.value

    async def work(connection: Connection) -> Reply:
        made, token = await key_admin.create_own_key(
            connection,
            name=new.name,
            scopes=new.scopes,
            tier=new.tier,
            return_domains=new.return_domains,
            operator_id=new.operator_id,
            caller=key,
            now=now,
        )
        return Reply.of(CreatedApiKey.of(made, token), status=201)

    once = IdempotentRequest.of(
        request, key.key_id, idempotency_key, body.fingerprint("/v1/api-keys"), now=now, sealed_with=context.keyring
    )
    reply = await run_idempotent(context.pool, once, work)
    return reply.response({"Cache-Control": "no-store"})


@router.get("/v1/api-keys", response_model=Page[ApiKey], summary="List keys")
async def list_api_keys(key: OrgAdmin, page: Paging, context: Ctx) -> Response:
    """List the keys of the calling key's organization and environment, oldest first, those that have ended too."""
    after = None if page.after is None else (page.after.at, page.after.id)
    found = await key_admin.list_own_keys(context.pool, caller=key, after=after, limit=page.limit + 1)
    kept, cursor = page.page_of(found, lambda one: Position(one.created_at, one.id))
    return answer(Page[ApiKey](items=[ApiKey.of(one) for one in kept], next_cursor=cursor))


@router.get("/v1/api-keys/{keyId}", response_model=ApiKey, summary="Read a key")
async def get_api_key(key: OrgAdmin, key_id: KeyId, context: Ctx) -> Response:
    """Read one key."""
    return answer(ApiKey.of(await key_admin.find_own_key(context.pool, key_id, caller=key)))


@router.patch("/v1/api-keys/{keyId}", response_model=ApiKey, responses=refusals(Code.CONFLICT), summary="Change a key")
async def update_api_key(
    key: OrgAdmin,
    key_id: KeyId,
    request: Request,
    body: Annotated[Parsed[ApiKeyPatch], body_of(ApiKeyPatch)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Change what is named, leave the rest; it counts from the next call on, on every node."""

    async def change(connection: Connection) -> key_model.ApiKey:
        return await key_admin.change_own_key(connection, key_id, body.value.changes(), caller=key, now=now)

    path = f"/v1/api-keys/{public_id(KEY, key_id)}"
    once = IdempotentRequest.of(request, key.key_id, idempotency_key, body.fingerprint(path), now=now)
    return await _settled(context, once, change)


@router.delete("/v1/api-keys/{keyId}", response_model=ApiKey, responses=refusals(Code.CONFLICT), summary="Revoke a key")
async def revoke_api_key(key: OrgAdmin, key_id: KeyId, context: Ctx, now: Now) -> Response:
    """End a key for good, on every node at once: calls with it answer 401. A second call tells the same.

    The calling key can't end itself.
    """

    async def revoke(connection: Connection) -> key_model.ApiKey:
        return await key_admin.revoke_own_key(connection, key_id, caller=key, now=now)

    return await _settled(context, None, revoke)


@router.post(
    "/v1/api-keys/{keyId}/kill", response_model=ApiKey, responses=refusals(Code.CONFLICT), summary="Switch a key off"
)
async def kill_api_key(
    key: OrgAdmin,
    key_id: KeyId,
    request: Request,
    _body: Annotated[Parsed[KeySwitch], body_of(KeySwitch, is_optional=True)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Switch a key off in an emergency, on every node at once: calls with it answer 503 `KILL_SWITCH`.

    The calling key can't switch itself off.
    """

    async def kill(connection: Connection) -> key_model.ApiKey:
        return await key_admin.kill_own_key(connection, key_id, caller=key, now=now)

    return await _settled(context, _once(request, key.key_id, key_id, "kill", idempotency_key, now), kill)


@router.post(
    "/v1/api-keys/{keyId}/revive",
    response_model=ApiKey,
    responses=refusals(Code.CONFLICT),
    summary="Switch a key on again",
)
async def revive_api_key(
    key: OrgAdmin,
    key_id: KeyId,
    request: Request,
    _body: Annotated[Parsed[KeySwitch], body_of(KeySwitch, is_optional=True)],
    idempotency_key: IdempotencyKey,
    context: Ctx,
    now: Now,
) -> Response:
    """Switch a key on again that was switched off by this API. What the operator of the service switched off stays off."""

    async def revive(connection: Connection) -> key_model.ApiKey:
        return await key_admin.revive_own_key(connection, key_id, caller=key, now=now)

    return await _settled(context, _once(request, key.key_id, key_id, "revive", idempotency_key, now), revive)


def _once(
    request: Request, caller_id: UUID, key_id: UUID, act: str, idempotency_key: str | None, now: Now
) -> IdempotentRequest | None:
    mark = fingerprint(f"/v1/api-keys/{public_id(KEY, key_id)}/{act}", None)
    return IdempotentRequest.of(request, caller_id, idempotency_key, mark, now=now)


async def _settled(
    context: Context, once: IdempotentRequest | None, change: Callable[[Connection], Awaitable[key_model.ApiKey]]
) -> Response:
    """Answer for a changed key. This process forgets it before it answers; the others hear of it by the commit."""
    lookups = []

    async def work(connection: Connection) -> Reply:
        changed = await change(connection)
        lookups.append(changed.lookup)
        return Reply.of(ApiKey.of(changed))

    reply = await run_idempotent(context.pool, once, work)
    for lookup in lookups:
        context.keys.forget(lookup)
    return reply.response()
