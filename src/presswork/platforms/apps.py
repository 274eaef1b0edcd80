"""The operator's apps at the platforms: which settings hold their credentials, and which credentials are effective."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from presswork.core.enums import LoginName
from presswork.core.setting_values import PREFIX
from presswork.core.settings import Settings
from presswork.platforms.port import AppCredentials

IdField = Literal["clientId", "clientKey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """The fields of the settings that describe an app."""

    client_id: str
    client_secret: str
    api_url: str
    """The field with the address of the platform's API."""
    id_field: IdField = "clientId"
    """What the platform calls the app's ID, as the API names it."""
    is_id_derived: bool = False
    """Whether the ID follows from the service's own address unless it is set, so that only the secret has to be."""
    is_optional: bool = False
    """Whether many installations do not need this app."""

    def given(self, settings: Settings) -> tuple[str, str]:
        """Return the app's ID and secret, empty where they are not set."""
        return _text(getattr(settings, self.client_id)), _text(getattr(settings, self.client_secret))

    def is_given(self, settings: Settings) -> bool:
        """Whether the settings have any part of the app, so that they decide about it."""
        return any(self.given(settings))

    def missing(self, settings: Settings) -> list[str]:
        """Return the variables that are not set."""
        client_id, secret = self.given(settings)
        values = {self.client_id: client_id or self.is_id_derived, self.client_secret: secret}
        return [f"{PREFIX}{name.upper()}" for name, value in values.items() if not value]

    def put_into(self, settings: Settings, app: AppCredentials) -> Settings:
        """Return the settings with other credentials of the app."""
        return settings.model_copy(
            update={self.client_id: app.client_id, self.client_secret: SecretStr(app.client_secret)}
        )


def with_stored_apps(
    settings: Settings, known: Mapping[LoginName, AppSettings], stored: Mapping[LoginName, AppCredentials]
) -> Settings:
    """Return the settings with the stored credentials of each app of which the environment sets neither ID nor secret.

    An ID and a secret belong together, so they are never taken from two places.
    """
    for login, app in stored.items():
        if not known[login].is_given(settings):
            settings = known[login].put_into(settings, app)
    return settings


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
