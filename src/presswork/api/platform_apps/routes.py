"""Routes of platform apps: those that an organization registered itself, in place of the installation's."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from presswork.accounts.store import list_accounts_of_app
from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import ConfirmedAdmin, OrgAdmin
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import PlatformAppId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.platform_apps.schemas import (
    AppAccount,
    DeletedPlatformApp,
    NewPlatformApp,
    PlatformApp,
    PlatformAppPatch,
)
from presswork.api.system.platform_schemas import CredentialsCheck
from presswork.apps import model, platform_apps
from presswork.callers.model import Principal
from presswork.core.errors import Code
from presswork.db.pool import Connection
from presswork.doctor.checks.platforms import verify_customer_app
from presswork.doctor.checks.registered_urls import registered_urls_of_app
from presswork.doctor.model import AppResponse
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.platforms.registry import logins_of, logins_of_app

router: Final = APIRouter(tags=["Platform apps"])


@router.post(
    "/v1/platform-apps",
    response_model=PlatformApp,
    status_code=201,
    responses=refusals(Code.NOT_FOUND, Code.CONFLICT),
    summary="Add a platform app",
)
async def create_platform_app(
    caller: ConfirmedAdmin,
    body: Annotated[NewPlatformApp, body_of(NewPlatformApp)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Store an app of the organization at a platform. Logins that begin from now on use it.

    Accounts that are connected keep the app that issued their tokens until they are connected again. A second app of a platform
    for the same place returns 409 with `reason: "place_taken"`.
    """
    return await idempotent.run(
        lambda db: platform_apps.create_app(
            db,
            context.keyring,
            login=logins_of(body.platform)[0],
            name=body.name,
            app=body.app,
            project_ids=body.project_ids,
            owner=caller,
            now=now,
        ),
        lambda app: _describe_app(app, caller, context),
        status=201,
    )


@router.get("/v1/platform-apps", response_model=Page[PlatformApp], summary="List platform apps")
async def list_platform_apps(caller: OrgAdmin, page: Paging, context: Ctx) -> Response:
    """Return the apps of the organization in this environment, the oldest first."""
    found = await platform_apps.list_apps(context.pool, visible_to=caller, after=page.after, limit=page.limit + 1)
    return respond(page.of(Page[PlatformApp], found, lambda app: _describe_app(app, caller, context)))


@router.get("/v1/platform-apps/{platformAppId}", response_model=PlatformApp, summary="Read a platform app")
async def get_platform_app(caller: OrgAdmin, app_id: PlatformAppId, context: Ctx) -> Response:
    """Return one app, without its secret."""
    return respond(
        _describe_app(await platform_apps.find_app(context.pool, app_id, visible_to=caller), caller, context)
    )


@router.patch(
    "/v1/platform-apps/{platformAppId}",
    response_model=PlatformApp,
    responses=refusals(Code.CONFLICT, Code.UNAVAILABLE),
    summary="Change a platform app",
)
async def update_platform_app(
    caller: ConfirmedAdmin,
    app_id: PlatformAppId,
    body: Annotated[PlatformAppPatch, body_of(PlatformAppPatch)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Change the name, the places or the credentials. Every process uses them within 30 seconds, usually at once.

    A new secret of the same app is sent alone, or with the same ID. Another ID returns 409 with `reason: "app_in_use"` while accounts
    were connected with the former one.
    """
    return await idempotent.run(
        lambda db: platform_apps.change_app(db, context.keyring, app_id, body.changes(), owner=caller, now=now),
        lambda app: _describe_app(app, caller, context),
    )


@router.post(
    "/v1/platform-apps/{platformAppId}/check",
    response_model=CredentialsCheck,
    responses=refusals(Code.UNAVAILABLE),
    summary="Check a platform app",
)
async def check_platform_app(
    caller: OrgAdmin, app_id: PlatformAppId, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Ask the platform whether it accepts the ID and the secret of the app. It takes 10 seconds at most, and changes nothing."""

    async def run(call: IdempotentCall[AppResponse]) -> AppResponse:
        await call.raise_if_replied()
        app = await platform_apps.find_app(context.pool, app_id, visible_to=caller)
        response = await verify_customer_app(context.platforms, app.login, caller.environment, app_id)

        async def done(_: Connection) -> AppResponse:
            return response

        return await call.run(done)

    return await idempotent.call(
        run, lambda found: CredentialsCheck(result=found.result, message=found.message, checked_at=now)
    )


@router.get(
    "/v1/platform-apps/{platformAppId}/accounts",
    response_model=Page[AppAccount],
    summary="List the accounts of a platform app",
)
async def list_platform_app_accounts(
    caller: OrgAdmin,
    app_id: PlatformAppId,
    page: Paging,
    context: Ctx,
    needs_reconnect: Annotated[
        bool,
        Query(
            alias="needsReconnect",
            description="Return instead the accounts that were connected with another app, and whose login would use this one now.",
        ),
    ] = False,
) -> Response:
    """Return the accounts that were connected with the app, disconnected ones apart, in the order of their first connection.

    With `needsReconnect=true`: those that move to the app when they are connected again.
    """
    app = await platform_apps.find_app(context.pool, app_id, visible_to=caller)
    found = await list_accounts_of_app(
        context.pool,
        app,
        logins=logins_of_app(app.login),
        needs_reconnect=needs_reconnect,
        visible_to=caller,
        after=page.after,
        limit=page.limit + 1,
    )
    return respond(page.of(Page[AppAccount], found, AppAccount.of))


@router.delete(
    "/v1/platform-apps/{platformAppId}",
    response_model=DeletedPlatformApp,
    responses=refusals(Code.CONFLICT),
    summary="Delete a platform app",
)
async def delete_platform_app(
    caller: ConfirmedAdmin, app_id: PlatformAppId, idempotent: Idempotent, now: Now
) -> Response:
    """Delete an app. While accounts hold it, 409 with `reason: "app_in_use"` and their number in `accounts`."""
    return await idempotent.run(
        lambda db: platform_apps.delete_app(db, app_id, owner=caller, now=now),
        lambda _: DeletedPlatformApp(id=app_id, deleted_at=now),
    )


def _describe_app(app: model.PlatformApp, caller: Principal, context: Context) -> PlatformApp:
    base = context.settings.public_url or context.base_url
    return PlatformApp.of(app, registered_urls_of_app(app.id, app.login, caller.environment, context.platforms, base))
