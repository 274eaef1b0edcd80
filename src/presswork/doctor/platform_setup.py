"""How far each platform is set up, and setting the credentials of its app."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from presswork.apps.model import AppSource, hint_of
from presswork.apps.stored_apps import (
    AppsWatch,
    StoredApp,
    StoredApps,
    effective_settings,
    read_apps,
    remove_app,
    source_of,
    store_app,
)
from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import Principal
from presswork.core.clock import Clock
from presswork.core.enums import Environment, Mode
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.logging import hide_secret
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.doctor.checks.platforms import verify_app
from presswork.doctor.checks.registered_urls import registered_urls_of
from presswork.doctor.model import (
    AppCheck,
    AppResponse,
    AppResult,
    AppState,
    AppWarning,
    Finding,
    Permission,
    PermissionUse,
    PlatformSetup,
)
from presswork.doctor.setup_checks import setup_checks
from presswork.doctor.store import forget_app_check, last_checks, read_app_checks, record_app_check
from presswork.platforms.names import LoginName
from presswork.platforms.port import AppCredentials, Platform
from presswork.platforms.registry import Platforms, app_owner, app_settings
from presswork.platforms.settings import Settings

_PUBLIC_URL: Final = "PRESSWORK_PUBLIC_URL"


async def read_setups(
    connection: "Connection | Pool", settings: Settings, platforms: Platforms, keyring: Keyring
) -> Sequence[PlatformSetup]:
    """Return the set-up of each login. `settings` are those of the environment. Calls no platform."""
    stored, checks = await read_apps(connection, keyring), await read_app_checks(connection)
    last_run = (await last_checks(connection, now=None))[0]
    findings = [] if last_run is None else last_run.findings
    return [_setup(login, settings, platforms, stored, checks.get(login), findings) for login in LoginName]


def _setup(
    login: LoginName,
    settings: Settings,
    platforms: Platforms,
    stored: StoredApps,
    check: AppCheck | None,
    findings: Sequence[Finding],
) -> PlatformSetup:
    app, source, own = app_settings(login), source_of(login, settings, stored), stored.get(app_owner(login))
    effective = effective_settings(settings, stored)
    client_id, public = app.given(effective)[0], settings.public_url
    hint = hint_of(client_id) if client_id else None
    if check is not None and not _is_about(check, source, hint, own.updated_at if own else None):
        check = None
    described = platforms.described()[login]
    urls = registered_urls_of(login, platforms, public) if public else None
    return PlatformSetup(
        login=login,
        state=AppState.MISSING if source is None else AppState(source.value),
        id_field=app.id_field,
        is_optional=app.is_optional,
        missing=[*app.missing(effective), *([] if public else [_PUBLIC_URL])],
        variables=app.variables,
        permissions=_permissions(
            platforms.get(login, Environment.LIVE) if platforms.is_available(login, Environment.LIVE) else described
        ),
        client_id_hint=hint,
        redirect_uri=urls.redirect_uri if urls else None,
        webhook_url=urls.webhook_url if urls else None,
        stored_hint=None if own is None else own.client_id_hint,
        stored_at=None if own is None else own.updated_at,
        check=check,
        checks=setup_checks(login, described.name, findings),
        warnings=_warnings(login, source, own, check),
    )


def _permissions(platform: Platform) -> list[Permission]:
    """Return what the page of a login asks for. Settings can add permissions for live projects that nothing here needs."""
    uses = {
        PermissionUse.PUBLISH: platform.required_scopes.get(Mode.PUBLISH, frozenset()),
        PermissionUse.DRAFT: platform.required_scopes.get(Mode.DRAFT, frozenset()),
        PermissionUse.FIRST_COMMENT: platform.comment_scopes,
        PermissionUse.INSIGHTS: frozenset() if platform.insights is None else platform.insights.scopes,
    }
    return [
        Permission(name=name, needed_for=[use for use, names in uses.items() if name in names])
        for name in platform.login.permissions
    ]


def _is_about(check: AppCheck, source: AppSource | None, hint: str | None, stored_at: datetime | None) -> bool:
    """Whether a response is about the credentials that are in use now."""
    if (check.source, check.client_id_hint) != (source, hint):
        return False
    return source is AppSource.ENVIRONMENT or stored_at is None or check.checked_at >= stored_at


def _warnings(
    login: LoginName, source: AppSource | None, stored: StoredApp | None, check: AppCheck | None
) -> dict[AppWarning, str]:
    found, app = {}, app_settings(login)
    if source is AppSource.ENVIRONMENT and stored is not None:
        found[AppWarning.ENVIRONMENT_WINS] = (
            f"The credentials that are stored are not used, because the environment sets PRESSWORK_{app.client_id.upper()} or "
            f"PRESSWORK_{app.client_secret.upper()}. Remove both variables everywhere and restart to use the stored ones."
        )
    if stored is not None and stored.credentials is None:
        found[AppWarning.UNREADABLE] = (
            "The stored credentials can't be decrypted with the secret keys here. Restore the keys, or set the credentials again."
        )
    if check is not None and check.result is AppResult.REFUSED:
        found[AppWarning.REFUSED] = f"{check.message} Correct them, or copy both again from the developer portal."
    if check is not None and check.result is AppResult.UNREACHABLE:
        found[AppWarning.NOT_CHECKED] = (
            "The platform could not be asked whether it accepts these credentials. Run the checks again when it can be reached."
        )
    return found


async def set_app(
    pool: Pool,
    login: LoginName,
    app: AppCredentials,
    *,
    settings: Settings,
    keyring: Keyring,
    watch: AppsWatch,
    clock: Clock,
    caller: Principal,
    now: datetime,
) -> None:
    """Ask the platform about the credentials of an app, then store them: every process uses them within seconds.

    Raises Invalid if the platform refuses them. One that can't be reached, or has no such call, refuses nothing.
    """
    with_app = app_settings(login).put_into(watch.effective, app)
    hide_secret(app.client_secret)  # beside those in use, which stay if this one is refused
    response = await verify_app(login, with_app)
    if response.result is AppResult.REFUSED:
        raise Invalid([_build_refusal(response)], reason="refused_by_platform")
    async with transaction_on(pool) as connection:
        await store_app(connection, keyring, login, app, now=clock.database_now())
        if not app_settings(login).is_given(settings):
            hint, at = hint_of(app.client_id), clock.database_now()
            await forget_app_check(connection, login)
            await record_app_check(connection, login, AppSource.STORED, hint, response, now=at)
        detail: dict[str, JsonValue] = {app_settings(login).id_field: f"…{hint_of(app.client_id)}"}
        await _record(connection, Action.PLATFORM_SET_CREDENTIALS, login, caller=caller, now=now, detail=detail)
    await watch.refresh_now()


def _build_refusal(response: AppResponse) -> Issue:
    return Issue(
        "clientSecret", f"The platform does not accept these credentials. {response.message}", IssueCode.APP_REFUSED
    )


async def unset_app(connection: Connection, login: LoginName, *, caller: Principal, now: datetime) -> None:
    """Remove the stored credentials of an app in the caller's transaction. Without any, nothing changes."""
    if await remove_app(connection, login):
        await forget_app_check(connection, login)
        await _record(connection, Action.PLATFORM_REMOVE_CREDENTIALS, login, caller=caller, now=now, detail={})


async def _record(
    connection: Connection,
    action: Action,
    login: LoginName,
    *,
    caller: Principal,
    now: datetime,
    detail: dict[str, JsonValue],
) -> None:
    """Write the audit line, which belongs to both environments."""
    await record(
        connection,
        action,
        login.value,
        by=caller.actor,
        organization_id=caller.organization_id,
        environment=None,
        now=now,
        detail=detail,
    )
