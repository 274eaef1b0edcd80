"""Routes of the installation: its state, its checks, and the credentials of its apps at the platforms."""

from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import ConfirmedSystemAdmin, SystemAdmin
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.openapi import refusals
from presswork.api.http.responses import respond
from presswork.api.system.platform_schemas import PlatformCredentials, PlatformSetup
from presswork.api.system.schemas import NoChecks, PublicUrl, PublicUrlSetup, SystemChecks, SystemState
from presswork.apps.public_url import PublicURLInUse, StoredURL, read_public_url, remove_public_url, store_public_url
from presswork.apps.stored_apps import AppsWatch
from presswork.core.errors import Code
from presswork.db.pool import Connection, transaction_on
from presswork.doctor import model
from presswork.doctor.model import UnknownPlatform
from presswork.doctor.platform_setup import read_setups, set_app, unset_app
from presswork.doctor.read_system import read_system
from presswork.doctor.run_checks import Checks
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.platforms.names import LoginName
from presswork.telemetry.queue_metrics import QueueMetrics

router: Final = APIRouter(tags=["System"])


async def _login(
    value: Annotated[
        str,
        Path(
            alias="platform",
            description="`facebook` connects Instagram accounts by Facebook Login.",
            examples=["tiktok"],
            json_schema_extra={"enum": [login.value for login in LoginName]},
        ),
    ],
) -> LoginName:
    """Return the login in the path. Raises UnknownPlatform."""
    try:
        return LoginName(value)
    except ValueError as error:
        raise UnknownPlatform(value) from error


Login = Annotated[LoginName, Depends(_login)]


@router.get("/v1/system", response_model=SystemState, summary="Read the state of the installation")
async def get_system(_key: SystemAdmin, context: Ctx) -> Response:
    """Return the findings of the last checks, versions, workers, queue, storage, last backup and set-up of platforms.

    Only keys with `org:admin` of the installation's first organization may read it; those of others get 403
    `FORBIDDEN_SCOPE`. No other machine is called, so the response is fast.
    """
    return respond(
        SystemState.of(
            await read_system(
                context.pool,
                context.settings,
                context.platforms,
                context.keyring,
                context.part(QueueMetrics),
                context.clock,
                context.part(PublicURLInUse),
            )
        )
    )


@router.post(
    "/v1/system/checks", response_model=SystemChecks, responses=refusals(Code.UNAVAILABLE), summary="Run the checks now"
)
async def run_system_checks(
    _key: SystemAdmin,
    _body: Annotated[NoChecks, body_of(NoChecks, is_optional=True)],
    idempotent: Idempotent,
    context: Ctx,
) -> Response:
    """Run the checks of `presswork doctor` on the machine of this API process, and return their findings.

    It takes a few seconds, 80 at most. One run at a time: a call during a run waits for its findings.
    """

    async def run(call: IdempotentCall[model.CheckRun]) -> model.CheckRun:
        await call.raise_if_replied()
        finished = await context.part(Checks).run()

        async def done(_: Connection) -> model.CheckRun:
            return finished

        return await call.run(done)

    return await idempotent.call(run, SystemChecks.of)


@router.put(
    "/v1/system/public-url",
    response_model=PublicUrlSetup,
    responses=refusals(Code.VALIDATION),
    summary="Set the public URL",
)
async def set_public_url(
    caller: ConfirmedSystemAdmin, body: Annotated[PublicUrl, body_of(PublicUrl)], context: Ctx, now: Now
) -> Response:
    """Store the URL at which the internet reaches Presswork. Processes use it after their next start.

    Where the environment sets `PRESSWORK_PUBLIC_URL`, that one is used, and `source` says so.
    """

    async with transaction_on(context.pool) as connection:
        stored_at = context.clock.database_now()
        await store_public_url(connection, body.public_url, caller=caller, now=now, stored_at=stored_at)
        stored = await read_public_url(connection)
    return respond(PublicUrlSetup.of(context.part(PublicURLInUse), stored))


@router.delete("/v1/system/public-url", response_model=PublicUrlSetup, summary="Remove the stored public URL")
async def remove_stored_public_url(
    caller: ConfirmedSystemAdmin, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Remove the stored public URL. Processes use none after their next start. A second call changes nothing."""

    async def remove(connection: Connection) -> StoredURL | None:
        await remove_public_url(connection, caller=caller, now=now)
        return await read_public_url(connection)

    return await idempotent.run(remove, partial(PublicUrlSetup.of, context.part(PublicURLInUse)))


@router.put(
    "/v1/system/platforms/{platform}",
    response_model=PlatformSetup,
    responses=refusals(Code.VALIDATION),
    summary="Set the credentials of an app",
)
async def set_platform_credentials(
    caller: ConfirmedSystemAdmin,
    login: Login,
    body: Annotated[PlatformCredentials, body_of(PlatformCredentials)],
    context: Ctx,
    now: Now,
) -> Response:
    """Store the credentials of the app at a platform, encrypted. Every process uses them within 30 seconds, usually at once.

    The platform is asked whether it accepts them, where it has a call for that: credentials that it refuses are not stored
    (422 `VALIDATION`, `details.reason` is `refused_by_platform`), and if it can't be reached they are stored with a warning.
    Where the environment sets the ID or the secret, both come from there, and `warnings` says so.
    """
    await set_app(
        context.pool,
        login,
        body.app(login),
        settings=context.settings,
        keyring=context.keyring,
        watch=context.part(AppsWatch),
        clock=context.clock,
        caller=caller,
        now=now,
    )
    return respond(await _setup(context, login))


@router.delete(
    "/v1/system/platforms/{platform}", response_model=PlatformSetup, summary="Remove the stored credentials of an app"
)
async def remove_platform_credentials(
    caller: ConfirmedSystemAdmin, login: Login, idempotent: Idempotent, context: Ctx, now: Now
) -> Response:
    """Remove stored credentials. Live posts and logins of the platform wait until others are set. A second call changes nothing."""

    async def remove(connection: Connection) -> model.PlatformSetup:
        await unset_app(connection, login, caller=caller, now=now)
        setups = await read_setups(connection, context.settings, context.platforms, context.keyring)
        return next(one for one in setups if one.login is login)

    response = await idempotent.run(remove, PlatformSetup.of)
    await context.part(AppsWatch).refresh_now()
    return response


async def _setup(context: Context, login: LoginName) -> PlatformSetup:
    setups = await read_setups(context.pool, context.settings, context.platforms, context.keyring)
    return PlatformSetup.of(next(one for one in setups if one.login is login))
