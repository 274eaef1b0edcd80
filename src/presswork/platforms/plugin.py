"""How a platform is opened from the settings: what the registry passes, what a platform's folder provides, and the retry policy of
each environment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

from presswork.core.errors import Unavailable
from presswork.core.setting_values import LIVE_CALL_TIMEOUT, LIVE_PROCESSING_LIMIT, TEST_CALL_TIMEOUT
from presswork.core.settings import CoreSettings
from presswork.platforms.description import Description, PlatformSettings
from presswork.platforms.port import AppCredentials, Platform, PlatformName, RetryPolicy, Timeouts
from presswork.platforms.rules import Rules
from presswork.platforms.sandbox_access import SandboxAccess
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
    is_customers: bool
    """Whether a customer registered the app, which has a verify token of its own."""
    app_secrets: Callable[[], Sequence[str]]
    """Returns all that may sign what the platform sends to the app. The sandbox can have several while keys are rotated."""
    retry_policy: RetryPolicy
    transport: Transport
    service_url: str
    """The URL of this service, without a slash at the end."""

    @property
    def signing_app(self) -> AppCredentials:
        """The app, with the secret by which the sandbox signs webhooks: it takes the one that the login sends."""
        return self.app if self.is_live else replace(self.app, client_secret=self.app_secrets()[0])

    def with_insights_scopes(self, description: Description, permissions: Sequence[str]) -> tuple[str, ...]:
        """Return permissions, with those that only numbers need where the settings say that logins ask for these."""
        support = description.insights
        more = sorted(support.scopes) if support is not None and self.settings.insights_scopes else ()
        return tuple(dict.fromkeys((*permissions, *more)))


@dataclass(frozen=True, slots=True)
class Plugin:
    """One platform with one login. A new platform is a folder with a plugin, and a line in `registry.py`."""

    description: Description
    build: Callable[[Opening[Any]], Platform]  # Any: its own settings, which those of the installation include
    """Returns the platform for one environment. Makes no call. Raises Unavailable naming a setting that can't be used."""
    rules: Rules
    """What the platform accepts."""

    def open_test(
        self,
        settings: CoreSettings,
        sandbox: SandboxAccess,
        transport: Transport,
        *,
        app: AppCredentials | None = None,
    ) -> Platform:
        """Return the platform for test projects: the sandbox's, by default with the app that is built in. Makes no call."""
        description, fields = self.description, type(settings).model_fields
        own = None if app is None else app.client_secret
        return self.build(
            Opening(
                settings=settings,
                is_live=False,
                hosts={
                    name: f"{sandbox.url}/{urlsplit(fields[setting].default).netloc}"
                    for name, setting in description.hosts.items()
                },
                app=app or SANDBOX_APP,
                is_customers=app is not None,
                app_secrets=lambda: sandbox.tokens.app_secrets(description.app.owner.value) if own is None else (own,),
                retry_policy=description.test_policy(test_retry_policy(settings)),
                transport=transport,
                service_url=sandbox.service_url,
            )
        )

    def open_live(self, settings: CoreSettings, transport: Transport, *, app: AppCredentials | None = None) -> Platform:
        """Return the real platform, by default with the app of the settings. Makes no call.

        Raises Unavailable naming the setting that is missing.
        """
        description = self.description
        is_customers = app is not None
        app = app or _credentials(description, settings)
        secret = app.client_secret
        return self.build(
            Opening(
                settings=settings,
                is_live=True,
                hosts={
                    name: getattr(settings, setting).rstrip("/")
                    for name, setting in {**description.hosts, **description.link_hosts}.items()
                },
                app=app,
                is_customers=is_customers,
                app_secrets=lambda: (secret,),
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


def missing_setting(variable: str, platform: PlatformName, *, login: str = "") -> Unavailable:
    """Return the error of a live platform without a setting; `login` follows “projects” in the message."""
    return Unavailable(
        f"Live {platform} projects{login} need {variable}. Set it to your own app's value and restart; "
        "the guide to connecting accounts says where to find it. Test projects work without it.",
        setting=variable,
    )


def live_retry_policy(settings: CoreSettings) -> RetryPolicy:
    """Return the retry policy for real platforms, which other policies override in part."""
    return RetryPolicy(
        poll_first=timedelta(seconds=2),
        poll_max=timedelta(seconds=30),
        processing_limit=LIVE_PROCESSING_LIMIT,
        republish_after=settings.republish_after_live,
        unknown_after=timedelta(minutes=30),
        backoff_first=timedelta(seconds=2),
        backoff_max=timedelta(minutes=2),
        fault_limit=timedelta(minutes=30),
        timeouts=Timeouts(call=LIVE_CALL_TIMEOUT, upload=timedelta(minutes=10)),
    )


def test_retry_policy(settings: CoreSettings) -> RetryPolicy:
    """Return the retry policy for the sandbox, which is local and fast: a test should not wait for long."""
    return replace(
        live_retry_policy(settings),
        poll_first=timedelta(milliseconds=200),
        poll_max=timedelta(seconds=2),
        processing_limit=timedelta(seconds=60),
        republish_after=settings.republish_after_test,
        unknown_after=timedelta(seconds=20),
        backoff_first=timedelta(milliseconds=200),
        backoff_max=timedelta(seconds=2),
        fault_limit=timedelta(seconds=15),
        denied_limit=timedelta(seconds=15),
        timeouts=Timeouts(call=TEST_CALL_TIMEOUT, upload=timedelta(seconds=60)),
        limit_recheck=timedelta(seconds=10),
    )
