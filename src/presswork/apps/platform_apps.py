"""Platform apps of customers: an organization's own, in place of the installation's, in all its projects or in some.

A login uses the app of its project, else that of the organization, else the installation's (None). What it connects keeps the
app, whatever is changed later, until it is connected again.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from presswork.apps.model import (
    MAX_APPS,
    AppChanges,
    AppInUse,
    AppNotFound,
    LastCheck,
    PlaceTaken,
    PlatformApp,
    TooManyApps,
    hint_of,
)
from presswork.apps.stored_apps import NOTIFY
from presswork.apps.vault import open_app, seal_app
from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.enums import Environment
from presswork.core.errors import Unavailable
from presswork.core.ids import PLATFORM_APP, new_id, public_id
from presswork.core.logging import hide_secret
from presswork.crypto.keyring import Keyring
from presswork.db.listener import APPS
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.platforms.customer_app import CustomerApp
from presswork.platforms.names import LoginName
from presswork.platforms.port import AppCredentials
from presswork.platforms.registry import app_owner
from presswork.projects.model import ProjectNotFound

_SQL: Final = load("presswork.apps")
_VERIFY_TOKENS: Final = "verify tokens of platform apps"


async def create_app(
    connection: Connection,
    keyring: Keyring,
    *,
    login: LoginName,
    name: str,
    app: AppCredentials,
    project_ids: Collection[UUID] | None,
    owner: Principal,
    now: datetime,
) -> PlatformApp:
    """Store an app in the caller's transaction. Raises PlaceTaken, ProjectNotFound, TooManyApps."""
    await connection.execute(_SQL["lock_organization"], owner.organization_id)
    app_id = await connection.fetchval(
        _SQL["insert_app"],
        new_id(),
        owner.organization_id,
        owner.environment.value,
        app_owner(login).value,
        name,
        seal_app(keyring, app),
        hint_of(app.client_id),
        now,
        MAX_APPS,
    )
    if app_id is None:
        raise TooManyApps
    await _take_places(connection, app_id, project_ids, owner)
    hide_secret(app.client_secret)
    detail = {"platform": app_owner(login).value, "name": name, "clientId": f"…{hint_of(app.client_id)}"}
    await record_act(
        connection, Action.PLATFORM_APP_CREATE, public_id(PLATFORM_APP, app_id), by=owner, now=now, detail=detail
    )
    return await find_app(connection, app_id, visible_to=owner)


async def list_apps(
    pool: Pool, *, visible_to: Principal, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[PlatformApp]:
    """Return up to `limit` apps of the caller's organization and environment, the oldest first."""
    tenant = (visible_to.organization_id, visible_to.environment.value)
    return [_app_of(row) for row in await pool.fetch(_SQL["list_apps"], *tenant, *(after or FIRST), limit)]


async def find_app(connection: "Connection | Pool", app_id: UUID, *, visible_to: Principal) -> PlatformApp:
    """Return an app of the caller's organization and environment. Raises AppNotFound."""
    row = await connection.fetchrow(_SQL["find_app"], app_id, visible_to.organization_id, visible_to.environment.value)
    if row is None:
        raise AppNotFound
    return _app_of(row)


def _app_of(row: asyncpg.Record) -> PlatformApp:
    check = None
    if row["check_result"] is not None:
        check = LastCheck(result=row["check_result"], message=row["check_message"], checked_at=row["checked_at"])
    return from_row(PlatformApp, row, last_check=check)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppPlace:
    """Where an app that a platform calls back belongs."""

    id: UUID
    login: LoginName
    """The first of its logins."""
    environment: Environment


async def find_app_place(connection: "Connection | Pool", app_id: UUID) -> AppPlace:
    """Return where an app belongs, of any organization: for a platform, which has no API key. Raises AppNotFound."""
    row = await connection.fetchrow(_SQL["app_place"], app_id)
    if row is None:
        raise AppNotFound
    return AppPlace(id=app_id, login=LoginName(row["login"]), environment=Environment(row["environment"]))


def verify_tokens(keyring: Keyring, app_id: UUID) -> Sequence[str]:
    """Return the tokens with which a platform may check the URL for webhooks of an app; the first one is to be entered there.

    Each secret key gives one, so nothing is stored, and a token works until its key is removed.
    """
    keys = keyring.derived(_VERIFY_TOKENS)
    return [urlsafe_b64encode(hmac.new(key, app_id.bytes, hashlib.sha256).digest()[:24]).decode() for key in keys]


async def change_app(
    connection: Connection, keyring: Keyring, app_id: UUID, changes: AppChanges, *, owner: Principal, now: datetime
) -> PlatformApp:
    """Change an app in the caller's transaction; the commit notifies every process.

    Raises AppNotFound, PlaceTaken, ProjectNotFound, AppInUse for another client ID than that for which accounts have tokens,
    and Unavailable if only the secret is given and the stored credentials can't be decrypted.
    """
    stored = await _lock_app(connection, keyring, app_id, owner)
    app = None
    if "client_secret" in changes:
        client_id = changes.get("client_id") or (None if stored is None else stored.client_id)
        if client_id is None:
            raise AppUnreadable((await find_app(connection, app_id, visible_to=owner)).name, app_id)
        if stored is None or client_id != stored.client_id:
            await _require_unused(connection, app_id)
        app = AppCredentials(client_id=client_id, client_secret=changes["client_secret"])
        hide_secret(app.client_secret)
    if "project_ids" in changes:
        await connection.execute(_SQL["leave_places"], app_id)
        await _take_places(connection, app_id, changes["project_ids"], owner)
    await connection.execute(
        _SQL["change_app"],
        app_id,
        changes.get("name"),
        None if app is None else seal_app(keyring, app),
        None if app is None else hint_of(app.client_id),
        now,
    )
    await connection.execute(NOTIFY, APPS, public_id(PLATFORM_APP, app_id))
    await record_act(
        connection,
        Action.PLATFORM_APP_UPDATE,
        public_id(PLATFORM_APP, app_id),
        by=owner,
        now=now,
        detail={"fields": [*sorted(changes)]},
    )
    return await find_app(connection, app_id, visible_to=owner)


async def record_check(connection: Connection, app: PlatformApp, check: LastCheck) -> None:
    """Store what the platform answered about an app, unless it was changed since it was read, or asked later."""
    await connection.execute(
        _SQL["record_check"], app.id, check.result, check.message, check.checked_at, app.updated_at
    )


async def delete_app(connection: Connection, app_id: UUID, *, owner: Principal, now: datetime) -> None:
    """Delete an app that no account holds, disconnected ones apart, in the caller's transaction.

    Raises AppNotFound, AppInUse. A login that began with it fails.
    """
    await _lock_app(connection, None, app_id, owner)
    await _require_unused(connection, app_id)
    await connection.execute(_SQL["delete_app"], app_id)
    await connection.execute(NOTIFY, APPS, public_id(PLATFORM_APP, app_id))
    await record_act(connection, Action.PLATFORM_APP_DELETE, public_id(PLATFORM_APP, app_id), by=owner, now=now)


async def apps_of_project(
    connection: "Connection | Pool", project_id: UUID, *, visible_to: Principal
) -> Mapping[LoginName, UUID]:
    """Return the customer's app that each login of a project uses. The others use the installation's."""
    return await read_apps_of_project(connection, project_id, visible_to.organization_id, visible_to.environment)


async def read_apps_of_project(
    connection: "Connection | Pool", project_id: UUID, organization_id: UUID, environment: Environment
) -> Mapping[LoginName, UUID]:
    """The same for a project of this organization and environment."""
    rows = await connection.fetch(_SQL["apps_of_project"], project_id, organization_id, environment.value)
    found = {row["login"]: row["app_id"] for row in rows}
    return {login: found[app_owner(login).value] for login in LoginName if app_owner(login).value in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppToCheck:
    """An app of a customer, as the checks of the installation see it."""

    id: UUID
    environment: Environment
    login: LoginName
    """The first of its logins."""
    name: str
    credentials: AppCredentials | None
    """None if no secret key here decrypts them."""
    lapsed_accounts: int
    """Accounts of the app whose access has ended."""
    due_accounts: int
    """Accounts that move to the app when they are connected again."""


async def read_apps_to_check(
    connection: Connection, keyring: Keyring | None, *, limit: int, app_id: UUID | None = None
) -> tuple[Sequence[AppToCheck], int]:
    """Return up to `limit` apps of all organizations, or this one, and how many there are. Apps of a newer version are left out."""
    logins = [login.value for login in LoginName]
    owners = [app_owner(login).value for login in LoginName]
    rows = await connection.fetch(_SQL["apps_to_check"], limit, app_id, logins, owners)
    found = []
    for row in rows:
        if row["login"] in logins:
            app = open_app(keyring, row["sealed_credentials"])
            if app is not None:
                hide_secret(app.client_secret)
            found.append(from_row(AppToCheck, row, credentials=app))
    return found, rows[0]["total"] if rows else 0


@dataclass(frozen=True, slots=True)
class StoredCustomerApps:
    """Reads the apps of customers for `Platforms`."""

    pool: Pool
    keyring: Keyring

    async def read(self, app_id: UUID) -> CustomerApp:
        """Return an app with its credentials. Raises Unavailable if it was deleted, or can't be decrypted here."""
        row = await self.pool.fetchrow(_SQL["open_app"], app_id)
        if row is None:
            raise Unavailable(
                f"The platform app {public_id(PLATFORM_APP, app_id)} was deleted. Connect the account again.",
                platformAppId=public_id(PLATFORM_APP, app_id),
            )
        credentials = open_app(self.keyring, row["sealed_credentials"])
        if credentials is None:
            raise AppUnreadable(row["name"], app_id)
        hide_secret(credentials.client_secret)
        return CustomerApp(id=app_id, name=row["name"], credentials=credentials, version=row["version"])

    async def versions(self, app_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """Return the current versions of these apps, those that were deleted apart."""
        rows = await self.pool.fetch(_SQL["versions"], list(app_ids))
        return {row["id"]: row["version"] for row in rows}


class AppUnreadable(Unavailable):
    """No secret key of this process decrypts the credentials of an app."""

    def __init__(self, name: str, app_id: UUID) -> None:
        super().__init__(
            f"The credentials of the platform app “{name}” can't be decrypted with the secret keys here. Restore the keys, or set "
            "the app's ID and secret again.",
            platformAppId=public_id(PLATFORM_APP, app_id),
        )


async def _lock_app(
    connection: Connection, keyring: Keyring | None, app_id: UUID, owner: Principal
) -> AppCredentials | None:
    """Lock an app, and return its credentials if they can be decrypted. Raises AppNotFound."""
    row = await connection.fetchrow(_SQL["lock_app"], app_id, owner.organization_id, owner.environment.value)
    if row is None:
        raise AppNotFound
    return open_app(keyring, row["sealed_credentials"])


async def _require_unused(connection: Connection, app_id: UUID) -> None:
    """Raise AppInUse if accounts hold the app, which is locked: a statement of its own sees all that stored one before."""
    if accounts := await connection.fetchval(_SQL["count_accounts"], app_id):
        raise AppInUse(accounts)


async def _take_places(
    connection: Connection, app_id: UUID, project_ids: Collection[UUID] | None, owner: Principal
) -> None:
    """Use an app in the whole organization, or in these projects. Raises PlaceTaken, ProjectNotFound."""
    if project_ids is None:
        if await connection.fetchval(_SQL["take_organization"], app_id) is None:
            raise PlaceTaken(await connection.fetchval(_SQL["place_holder"], app_id, None), None)
        return
    wanted = list({*project_ids})
    taken = {row["project_id"] for row in await connection.fetch(_SQL["take_projects"], app_id, wanted)}
    refused = [project_id for project_id in wanted if project_id not in taken]
    if not refused:
        return
    tenant = (owner.organization_id, owner.environment.value)
    known = {row["id"] for row in await connection.fetch(_SQL["known_projects"], *tenant, refused)}
    if len(known) < len(refused):
        raise ProjectNotFound
    place = min(known)
    raise PlaceTaken(await connection.fetchval(_SQL["place_holder"], app_id, place), place)
