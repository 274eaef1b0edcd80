"""How a platform is opened from the settings: what the registry passes, and what a platform's folder provides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

from presswork.core.settings import CoreSettings
from presswork.platforms.description import Description, PlatformSettings
from presswork.platforms.port import AppCredentials, Platform, RetryPolicy
from presswork.platforms.rules import Rules
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.setup import live_retry_policy, missing_setting, test_retry_policy
from presswork.platforms.transport import Transport

OwnSettings_co = TypeVar("OwnSettings_co", bound=PlatformSettings, covariant=True)

SANDBOX_APP: Final = AppCredentials(client_id="presswork-sandbox", client_secret="presswork-sandbox")  # noqa: S106  the sandbox accepts any


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening(Generic[OwnSettings_co]):
    """What a platform is built from, in one environment."""

    settings: OwnSettings_co
    """With those of the platform."""
    is_live: bool
    hosts: Mapping[str, str]
    """The URLs of the platform's hosts, or of the sandbox's equivalents, without a slash at the end."""
    app: AppCredentials
    app_secrets: Callable[[], Sequence[str]]
    """Returns all that may sign what the platform sends to the app. The sandbox can have several while keys are rotated."""
    retry_policy: RetryPolicy
    transport: Transport
    service_url: str
    """The URL of this service, without a slash at the end."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """One platform with one login. A new platform is a folder with a plugin, and a line in `registry.py`."""

    description: Description
    build: Callable[[Opening[Any]], Platform]  # Any: its own settings, which those of the installation include
    """Returns the platform for one environment. Makes no call. Raises Unavailable naming a setting that can't be used."""
    rules: Rules
    """What the platform accepts."""

    def open_test(self, settings: CoreSettings, sandbox: SandboxAccess, transport: Transport) -> Platform:
        """Return the platform for test projects: the sandbox's. Makes no call."""
        description, fields = self.description, type(settings).model_fields
        return self.build(
            Opening(
                settings=settings,
                is_live=False,
                hosts={
                    name: f"{sandbox.url}/{urlsplit(fields[setting].default).netloc}"
                    for name, setting in description.hosts.items()
                },
                app=SANDBOX_APP,
                app_secrets=lambda: sandbox.tokens.app_secrets(description.app.owner.value),
                retry_policy=description.test_policy(test_retry_policy(settings)),
                transport=transport,
                service_url=sandbox.service_url,
            )
        )

    def open_live(self, settings: CoreSettings, transport: Transport) -> Platform:
        """Return the real platform. Makes no call. Raises Unavailable naming the setting that is missing."""
        description, app = self.description, _credentials(self.description, settings)
        return self.build(
            Opening(
                settings=settings,
                is_live=True,
                hosts={
                    name: getattr(settings, setting).rstrip("/")
                    for name, setting in {**description.hosts, **description.link_hosts}.items()
                },
                app=app,
                app_secrets=lambda: (app.client_secret,),
                retry_policy=description.live_policy(live_retry_policy(settings)),
                transport=transport,
                service_url=(settings.public_url or "").rstrip("/"),
            )
        )


def _credentials(description: Description, settings: CoreSettings) -> AppCredentials:
    """Return the operator's app. Raises Unavailable naming the setting that is missing."""
    if missing := description.app.missing(settings):
        raise missing_setting(missing[0], description.platform, login=description.connects_by)
    client_id, client_secret = description.app.given(settings)
    return AppCredentials(client_id=client_id, client_secret=client_secret)


def named_scopes(text: str | None) -> tuple[str, ...]:
    """Return the permissions that a setting names, separated by commas."""
    return tuple((text or "").replace(",", " ").split())
