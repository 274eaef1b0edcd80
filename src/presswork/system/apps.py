"""The stored credentials of the operator's apps: read, written and removed, encrypted with the secret keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from presswork.core.enums import LoginName
from presswork.core.settings import Settings
from presswork.crypto.keyring import Keyring, SealBroken
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.platforms.port import AppCredentials
from presswork.platforms.registry import app_settings, with_stored
from presswork.system.model import AppSource, hint_of

_SQL: Final = load("presswork.system")


class _Sealed(BaseModel):
    """Plaintext of stored credentials. A later format gets another `version`, so that both can be read."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    version: Literal[1] = 1
    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        """Return a representation without secrets."""
        return f"_Sealed(version={self.version})"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredApp:
    """Stored credentials. `credentials` is None if they can't be decrypted here."""

    login: LoginName
    credentials: AppCredentials | None
    client_id_hint: str
    updated_at: datetime  # UTC


StoredApps = Mapping[LoginName, StoredApp]


async def read_apps(connection: "Connection | Pool", keyring: Keyring | None) -> StoredApps:
    """Return the stored credentials. A login that only a newer version knows is left out."""
    known = {login.value for login in LoginName}
    rows = await connection.fetch(_SQL["stored_apps"])
    return {
        LoginName(row["login"]): StoredApp(
            login=LoginName(row["login"]),
            credentials=_opened(keyring, row["sealed_credentials"]),
            client_id_hint=row["client_id_hint"],
            updated_at=row["updated_at"],
        )
        for row in rows
        if row["login"] in known
    }


async def store_app(
    connection: Connection, keyring: Keyring, login: LoginName, app: AppCredentials, *, now: datetime
) -> None:
    """Store the credentials of an app in the caller's transaction, in place of the former ones."""
    sealed = _Sealed(client_id=app.client_id, client_secret=app.client_secret)
    await connection.execute(
        _SQL["store_app"],
        login.value,
        keyring.seal(sealed.model_dump_json().encode()),
        hint_of(app.client_id),
        now,
    )


async def remove_app(connection: Connection, login: LoginName) -> bool:
    """Remove stored credentials in the caller's transaction; False: there were none."""
    return await connection.fetchval(_SQL["remove_app"], login.value) is not None


def effective_settings(settings: Settings, stored: StoredApps) -> Settings:
    """Return the settings with the stored credentials of each app of which the environment sets nothing."""
    return with_stored(settings, {login: app.credentials for login, app in stored.items() if app.credentials})


def source_of(login: LoginName, settings: Settings, stored: StoredApps) -> AppSource | None:
    """Return where the credentials of an app come from; None: there are none. `settings` are those of the environment."""
    if app_settings(login).is_given(settings):
        return AppSource.ENVIRONMENT
    return AppSource.STORED if login in stored else None


def _opened(keyring: Keyring | None, sealed: bytes) -> AppCredentials | None:
    if keyring is None:
        return None
    try:
        found = _Sealed.model_validate_json(keyring.open(sealed))
    except (SealBroken, ValidationError):
        return None
    return AppCredentials(client_id=found.client_id, client_secret=found.client_secret)
