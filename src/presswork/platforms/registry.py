"""All platforms. A new one is a folder with a `Plugin` and a line in `_PLUGINS`; no other code names it."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Self
from uuid import UUID

import structlog
from pydantic import JsonValue

from presswork.core.errors import PressworkError, Unavailable
from presswork.crypto.keyring import Keyring
from presswork.platforms.bluesky import plugin as bluesky_plugin
from presswork.platforms.bounds import NONE_WITHIN, Bounds
from presswork.platforms.customer_app import CustomerApp, CustomerApps, NoCustomerApps
from presswork.platforms.description import ApiVersion, AppReview, AppSettings, Crawler, Description, ManualInstructions
from presswork.platforms.errors import Rejected, TryLater
from presswork.platforms.facebook_pages import plugin as facebook_pages_plugin
from presswork.platforms.instagram import plugin as instagram_plugin
from presswork.platforms.linkedin import plugin as linkedin_plugin
from presswork.platforms.live_support import InsightsSupport
from presswork.platforms.managed import Dispatch, managed_channel, read_dispatch
from presswork.platforms.mastodon import plugin as mastodon_plugin
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.pinterest import plugin as pinterest_plugin
from presswork.platforms.plugin import Plugin, live_retry_policy, missing_setting, test_retry_policy
from presswork.platforms.port import (
    AppCredentials,
    DeliveryChannel,
    Environment,
    LoginName,
    MediaType,
    Mode,
    Platform,
    PlatformName,
    ProviderAccess,
    PushedRequest,
    SupportsAppCheck,
    SupportsPushedRequest,
    SupportsServers,
    UserRequestReader,
)
from presswork.platforms.rules import Rules
from presswork.platforms.sandbox_access import SandboxAccess, SandboxTokens
from presswork.platforms.sandbox_control import NoSandbox, SandboxControl
from presswork.platforms.settings import Settings
from presswork.platforms.sms import plugin as sms
from presswork.platforms.sms.draft import TextDraft
from presswork.platforms.sms_port import SmsGateway
from presswork.platforms.telegram import plugin as telegram_plugin
from presswork.platforms.threads import plugin as threads_plugin
from presswork.platforms.tiktok import plugin as tiktok_plugin
from presswork.platforms.transport import Transport
from presswork.platforms.x import plugin as x_plugin
from presswork.platforms.youtube import plugin as youtube_plugin
from presswork.safe_http.guard import AddressGuard

log: Final = structlog.get_logger()

_PLUGINS: Final[Mapping[LoginName, Plugin]] = MappingProxyType(
    {
        plugin.description.login: plugin
        for plugin in (
            instagram_plugin.PLUGIN,
            instagram_plugin.FACEBOOK_PLUGIN,
            tiktok_plugin.PLUGIN,
            threads_plugin.PLUGIN,
            facebook_pages_plugin.PLUGIN,
            youtube_plugin.PLUGIN,
            linkedin_plugin.PLUGIN,
            bluesky_plugin.PLUGIN,
            mastodon_plugin.PLUGIN,
            x_plugin.PLUGIN,
            telegram_plugin.PLUGIN,
            pinterest_plugin.PLUGIN,
        )
    }
)
"""By login. The first login of a platform is its default."""

_SANDBOX_PROVIDER_SECRET: Final = "whsec_cHJlc3N3b3JrIHNhbmRib3gsIG5vdCBhIHNlY3JldCE="  # noqa: S105  the sandbox's, for everyone
"""Signs calls between the sandbox's provider and test projects. Public: a forged callback only makes the worker query the
provider, and a sandbox that others can reach needs its token."""


MAX_OPEN_APPS: Final = 500
"""Platforms that a process keeps open for apps of customers. Opening one costs a query, and no call."""
_ANY_APP: Final = AppCredentials(client_id="any", client_secret="any")  # noqa: S106  for what does not depend on the app


def rules_of(name: PlatformName) -> Rules:
    """Return what a platform accepts."""
    return _PLUGINS[logins_of(name)[0]].rules


def insights_of(name: PlatformName) -> Mapping[LoginName, InsightsSupport]:
    """Return how numbers are read with each login of a platform that has any, its default first."""
    described = {login: _PLUGINS[login].description.insights for login in logins_of(name)}
    return {login: support for login, support in described.items() if support is not None}


def _describe(name: PlatformName) -> Description:
    """Return the description of a platform's default login."""
    return _PLUGINS[logins_of(name)[0]].description


def crawlers() -> Mapping[PlatformName, Sequence[Crawler]]:
    """Return the programs with which each platform fetches media."""
    return {name: _describe(name).crawlers for name in PlatformName}


def manual_instructions(name: PlatformName) -> ManualInstructions:
    """Return how a person posts with a platform's own app."""
    return _describe(name).manual_instructions


def apps_to_post(media_type: MediaType) -> Sequence[ManualInstructions]:
    """Return how a person posts such media with the app of each platform that has such posts."""
    apps = map(manual_instructions, PlatformName)
    return [app for app in apps if media_type in app.choose]


def consents_of(login: LoginName) -> Mapping[str, str]:
    """Return what the owner of an account allows with each permission of a login, in plain words."""
    return _PLUGINS[login].description.consents


def advice_without_account(name: PlatformName) -> str:
    """Return what the person can do whose login at a platform gives access to no account."""
    return _describe(name).no_account


def read_report(body: bytes) -> Dispatch | None:
    """Parse a managed provider's report about a post; None where it is not one."""
    return read_dispatch(body)


def platform_of_callback(name: str) -> PlatformName | None:
    """Return the platform whose logins end at `/oauth/callback/<name>`: by a login's letter, or the platform's own name."""
    for description in (plugin.description for plugin in _PLUGINS.values()):
        if name in (description.callback, description.platform.value):
            return description.platform
    return None


def priced_platforms() -> frozenset[PlatformName]:
    """Return the platforms that charge for posts."""
    return frozenset(name for name in PlatformName if _describe(name).price is not None)


def logins_of(name: PlatformName) -> Sequence[LoginName]:
    """Return the logins of a platform, its default first."""
    return [login for login, plugin in _PLUGINS.items() if plugin.description.platform is name]


def logins_of_app(login: LoginName) -> Sequence[LoginName]:
    """Return the logins that use the same app of the operator as this one, itself included."""
    return [other for other in _PLUGINS if app_owner(other) is app_owner(login)]


def app_settings(login: LoginName) -> AppSettings:
    """Return the settings of the operator's app for a login."""
    return _PLUGINS[login].description.app


def api_version_of(login: LoginName, settings: Settings) -> ApiVersion | None:
    """Return the version of its API that a login calls, if versions of that API end."""
    description = _PLUGINS[login].description
    setting = description.version_setting
    return None if setting is None else description.api_version(getattr(settings, setting))


def app_owner(login: LoginName) -> LoginName:
    """Return the first login of the app that a login belongs to: under its name, the app's credentials are stored."""
    return app_settings(login).owner


def takes_customer_apps(login: LoginName) -> bool:
    """Whether customers can register apps of their own for a login: not where this service itself is the app."""
    return not app_settings(login).is_id_derived


def review_of(login: LoginName) -> AppReview:
    """Return what the review of the operator's app for a login asks for."""
    return _PLUGINS[login].description.review


def with_stored(settings: Settings, stored: Mapping[LoginName, AppCredentials]) -> Settings:
    """Return the settings with the stored credentials of each app of which they have neither ID nor secret.

    An ID and a secret belong together, so they are never taken from two places.
    """
    for login, app in stored.items():
        if not app_settings(login).is_given(settings):
            settings = app_settings(login).put_into(settings, app)
    return settings


async def check_app(login: LoginName, settings: Settings) -> bool:
    """Ask a live platform whether it accepts the app of these settings; False: it can't be asked.

    Raises Rejected if it does not accept the app, TryLater, and Unavailable naming a setting that is missing.
    """
    async with Transport(name=login.value) as transport:
        found = _PLUGINS[login].open_live(settings, transport).login
        if not isinstance(found, SupportsAppCheck):
            return False
        await found.check_app()
    return True


class Platforms:
    """Every platform in both environments, each with one HTTP client; opened and closed as an async context manager."""

    def __init__(
        self,
        settings: Settings,
        *,
        base_url: str,
        keyring: Keyring | None = None,
        apps: CustomerApps | None = None,
    ) -> None:
        """Configure the platforms. `base_url` is this service's own address, where the sandbox is unless it runs separately.

        `keyring` gives the sandbox's token; without it, only a sandbox that needs none can be called. `apps` are those of customers.
        """
        self._settings = settings
        self._apps: Final = NoCustomerApps() if apps is None else apps
        self._of_apps: Final[dict[tuple[UUID, LoginName], Platform]] = {}  # the least recently used first
        sandbox = SandboxAccess(
            url=(settings.sandbox_url or f"{base_url}/sandbox").rstrip("/"),
            tokens=SandboxTokens.random() if keyring is None else SandboxTokens.of(settings, keyring),
            service_url=(settings.public_url or base_url).rstrip("/"),
        )
        self._sandbox: Final = sandbox
        self.sandbox_provider: Final = ProviderAccess(
            name="sandbox", base_url=f"{sandbox.url}/provider", secret=_SANDBOX_PROVIDER_SECRET
        )
        self._transports: Final = {login: Transport(name=login.value, sandbox=sandbox) for login in _PLUGINS}
        self._provider_transport: Final = Transport(name="provider", sandbox=sandbox)
        self._text_transport: Final = Transport(name="sms", sandbox=sandbox)
        self._control: Final = SandboxControl(sandbox, Transport(name="sandbox", sandbox=sandbox))
        self._texts: Final[Mapping[Environment, SmsGateway | Unavailable]] = {
            Environment.TEST: sms.open_test(
                test_retry_policy(settings), sandbox=sandbox, transport=self._text_transport
            ),
            Environment.LIVE: self._open_live_texts(),
        }
        self._test: Final[Mapping[LoginName, Platform]] = {
            login: self._complete(
                plugin.open_test(settings, sandbox, self._transports[login]),
                Environment.TEST,
            )
            for login, plugin in _PLUGINS.items()
        }
        self._live = self._open_all_live()
        self._live_with_app = self._open_all_live(app=_ANY_APP)
        self._offers: Final = {environment: self._offers_document(environment) for environment in Environment}
        self._open: Final = AsyncExitStack()

    def reopen_live(self, settings: Settings) -> None:
        """Use other credentials of the apps for live projects from now on. Calls in progress keep the former ones."""
        self._settings = settings
        self._live = self._open_all_live()
        self._live_with_app = self._open_all_live(app=_ANY_APP)
        self._of_apps.clear()
        self._offers[Environment.LIVE] = self._offers_document(Environment.LIVE)

    def _open_all_live(self, app: AppCredentials | None = None) -> Mapping[LoginName, Platform | Unavailable]:
        """Open the live platforms with the installation's apps, or with another."""
        return {
            login: self._open_live(plugin, app=app if takes_customer_apps(login) else None)
            for login, plugin in _PLUGINS.items()
        }

    def _open_live_texts(self) -> SmsGateway | Unavailable:
        try:
            return sms.open_live(self._settings, live_retry_policy(self._settings), transport=self._text_transport)
        except Unavailable as error:
            return error

    def _open_live(self, plugin: Plugin, *, app: AppCredentials | None = None) -> Platform | Unavailable:
        try:
            if not self._settings.public_url:
                raise missing_setting("PRESSWORK_PUBLIC_URL", plugin.description.platform)
            platform = plugin.open_live(self._settings, self._transports[plugin.description.login], app=app)
        except Unavailable as error:
            return error
        return self._complete(platform, Environment.LIVE)

    def _complete(self, platform: Platform, environment: Environment) -> Platform:
        """Add the delivery channels that platforms share."""
        channels: dict[Mode, DeliveryChannel | Unavailable] = {
            **platform.channels,
            Mode.MANAGED: managed_channel(
                self._settings,
                platform,
                environment,
                self._provider_transport,
                options={option.name for option in OPTIONS if option.is_for(platform.name, Mode.MANAGED)},
            ),
        }
        if platform.drafts_by_text:
            texts = self._texts[environment]
            channels[Mode.DRAFT] = texts if isinstance(texts, Unavailable) else _by_text(texts, platform)
        scopes = {**dict.fromkeys(channels, frozenset[str]()), **platform.required_scopes}
        return replace(platform, channels=channels, required_scopes=scopes)

    async def __aenter__(self) -> Self:
        """Close every client on exit."""
        shared = (self._provider_transport, self._text_transport, self._control.transport)
        for transport in (*self._transports.values(), *shared):
            await self._open.enter_async_context(transport)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every client."""
        await self._open.aclose()

    def get(self, login: LoginName, environment: Environment) -> Platform:
        """Return a platform. Raises Unavailable, naming the setting, where it can't be used in that environment."""
        found = self._find(login, environment)
        if isinstance(found, Unavailable):
            raise _copy_of(found)
        return found

    async def for_app(self, login: LoginName, environment: Environment, app_id: UUID | None) -> Platform:
        """Return a platform as it is called with a customer's app, or without one with the installation's.

        Raises Unavailable, naming the setting or the app, where it can't be used.
        """
        if app_id is None:
            return self.get(login, environment)
        if environment is Environment.TEST and (refusal := self._sandbox_missing()) is not None:
            raise refusal
        opened = self._of_apps.pop((app_id, login), None)
        if opened is None:
            opened = self._open_for(login, environment, await self._apps.read(app_id))
        self._of_apps[app_id, login] = opened
        while len(self._of_apps) > MAX_OPEN_APPS:
            del self._of_apps[next(iter(self._of_apps))]
        return opened

    def _open_for(self, login: LoginName, environment: Environment, app: CustomerApp) -> Platform:
        plugin = _PLUGINS[login]
        opened: Platform | Unavailable = (
            self._open_live(plugin, app=app.credentials)
            if environment is Environment.LIVE
            else self._complete(
                plugin.open_test(self._settings, self._sandbox, self._transports[login], app=app.credentials),
                environment,
            )
        )
        if isinstance(opened, Unavailable):
            raise opened
        return replace(opened, app=app)

    async def forget_changed_apps(self) -> None:
        """Forget the apps of customers that were changed or deleted since they were read. Calls in progress keep theirs."""
        if not self._of_apps:
            return
        versions = await self._apps.versions({app_id for app_id, _ in self._of_apps})
        for key, opened in list(self._of_apps.items()):
            if (
                opened.app is not None
                and versions.get(key[0]) != opened.app.version
                and self._of_apps.get(key) is opened
            ):
                del self._of_apps[key]

    def callback_of(self, login: LoginName) -> str:
        """Return the last segment of the redirect URI of a login."""
        description = _PLUGINS[login].description
        return description.callback if self._settings.callback_paths == "neutral" else description.platform.value

    async def begin_login(
        self,
        platform: Platform,
        environment: Environment,
        *,
        redirect_uri: str,
        state: str,
        verifier: str,
        now: datetime,
        expires_at: datetime,
        server: tuple[str, AppCredentials] | None = None,
    ) -> PushedRequest:
        """Return the URL of the page where an account's owner agrees, and the secret that completes the login: the verifier,
        unless the platform receives a request first. The URL of the sandbox proves who began the login. `server` is the host of
        the one that the person named, with the app that is registered there.

        Raises Unavailable where such a platform does not accept the request now.
        """
        login = platform.login
        begun = PushedRequest(
            url=login.authorize_url(redirect_uri=redirect_uri, state=state, verifier=verifier), secret=verifier
        )
        if isinstance(login, SupportsServers) and server is not None:
            begun = login.begin_at(*server, redirect_uri=redirect_uri, state=state, verifier=verifier)
        elif isinstance(login, SupportsPushedRequest):
            try:
                begun = await login.push_request(redirect_uri=redirect_uri, state=state, now=now)
            except (TryLater, Rejected) as error:
                raise Unavailable(
                    f"The login can't begin now. {error.message}", platform=platform.name.value
                ) from error
        if environment is Environment.LIVE:
            return begun
        return replace(begun, url=self._sandbox.tokens.with_ticket(begun.url, state, expires_at=expires_at))

    def document(self, platform: str, path: str) -> JsonValue:
        """Return a public document about the operator's app, as a platform reads it; None where there is none."""
        for login, environment in self.available():
            found = self.get(login, environment)
            if found.name.value == platform and path in found.documents:
                return found.documents[path]
        return None

    def sms_gateway(self, environment: Environment) -> SmsGateway:
        """Return the SMS service. Raises Unavailable, naming the setting, where it is not configured."""
        refusal = self._sandbox_missing() if environment is Environment.TEST else None
        found = refusal or self._texts[environment]
        if isinstance(found, Unavailable):
            raise _copy_of(found)
        return found

    def sandbox_control(self, environment: Environment) -> SandboxControl:
        """Return the control surface of the sandbox. Raises NoSandbox in the live environment, and where the sandbox is off."""
        if environment is Environment.LIVE or self._sandbox_missing() is not None:
            raise NoSandbox(is_off=environment is Environment.TEST)
        return self._control

    @property
    def sandbox_url(self) -> str | None:
        """Where people reach the sandbox, without a slash at the end; None if it is off."""
        return None if self._sandbox_missing() else self._sandbox.url

    def is_available(self, login: LoginName, environment: Environment, *, has_app: bool = False) -> bool:
        """Whether `get` would return the platform, or with `has_app` whether it can be used with a customer's app."""
        return isinstance(self._find(login, environment, has_app=has_app), Platform)

    def user_request_readers(self) -> Sequence[tuple[LoginName, Environment, UserRequestReader]]:
        """Return the readers of requests that people make at platforms. Raises Unavailable where no app is configured."""
        found = [
            (login, environment, reader)
            for login, environment in self.available()
            if (reader := self.get(login, environment).user_request_reader) is not None
        ]
        if not found:
            for login, platform in self._test.items():
                if platform.user_request_reader is not None:
                    self.get(login, Environment.LIVE)
        return found

    async def user_request_readers_of_app(
        self, login: LoginName, environment: Environment, app_id: UUID
    ) -> Sequence[tuple[LoginName, Environment, UserRequestReader]]:
        """Return the same readers for a customer's app of a login. Raises Unavailable where the app can't be used."""
        return [
            (one, environment, reader)
            for one in logins_of_app(login)
            if (reader := (await self.for_app(one, environment, app_id)).user_request_reader) is not None
        ]

    def available(self) -> Sequence[tuple[LoginName, Environment]]:
        """Return the logins and environments for which `get` returns the platform."""
        return [(login, where) for login in _PLUGINS for where in Environment if self.is_available(login, where)]

    def unavailable(
        self, environment: Environment, *, has_app: bool = False
    ) -> Mapping[tuple[LoginName, Mode], Unavailable]:
        """Return the unavailable modes of each platform in that environment, with the reason. `has_app`: with a customer's app."""
        refusals: dict[tuple[LoginName, Mode], Unavailable] = {}
        for login in _PLUGINS:
            found = self._find(login, environment, has_app=has_app)
            for mode in Mode:
                refusal = found if isinstance(found, Unavailable) else found.channels.get(mode)
                if isinstance(refusal, Unavailable):
                    refusals[login, mode] = _copy_of(refusal)
        return refusals

    def offers(self, environment: Environment) -> str:
        """Return what the platforms offer in that environment, as the publish statements read it.

        It changes only when a live platform becomes available, or no longer is.

        A JSON object by media type and `"login mode"`, without the modes that are unavailable and without media that the
        platform has no posts for. `needs_app`: only for accounts of customers' apps; `is_priced`: each post costs money, so that all are checked. `scopes` are the permissions
        that an account must have granted; the bounds are those of `Bounds.as_json`.
        """
        return self._offers[environment]

    @property
    def media_guard(self) -> AddressGuard:
        """Judges the URLs of files that are fetched for posts."""
        return AddressGuard.for_setting(allow_private=self._settings.allow_private_media)

    def described(self) -> Mapping[LoginName, Platform]:
        """Return each platform for its static properties (permissions, features), which are the same in every environment."""
        return self._test

    def _offers_document(self, environment: Environment) -> str:
        unavailable = self.unavailable(environment)
        with_app = self.unavailable(environment, has_app=True)
        offers: dict[str, JsonValue] = {
            media_type.value: {
                f"{login.value} {mode.value}": {
                    "scopes": [*sorted(scopes)],
                    "has_music": platform.offers_music,
                    "has_own_lane": platform.channel(mode).has_own_lane,
                    "needs_phone": mode is Mode.DRAFT and platform.drafts_by_text,
                    "has_threads": mode is Mode.PUBLISH and platform.thread_support is not None,
                    **({"needs_app": True} if (login, mode) in unavailable else {}),
                    **(
                        {"is_priced": True, **NONE_WITHIN.as_json()}
                        if platform.charges_for(mode)
                        else platform.bounds.get((mode, media_type), Bounds()).as_json()
                    ),
                }
                for login, platform in self._test.items()
                for mode, scopes in platform.required_scopes.items()
                if (login, mode) not in unavailable.keys() & with_app.keys() and media_type in platform.media_types
            }
            for media_type in MediaType
        }
        return json.dumps(offers, separators=(",", ":"))

    def _find(self, login: LoginName, environment: Environment, *, has_app: bool = False) -> Platform | Unavailable:
        if environment is Environment.LIVE:
            return (self._live_with_app if has_app else self._live)[login]
        return self._sandbox_missing() or self._test[login]

    def _sandbox_missing(self) -> Unavailable | None:
        if self._settings.sandbox or self._settings.sandbox_url is not None:
            return None
        return Unavailable(
            "Test projects need the sandbox, which is off. Start Presswork with --sandbox (PRESSWORK_SANDBOX=true), "
            "or set PRESSWORK_SANDBOX_URL to a sandbox that runs separately.",
            setting="PRESSWORK_SANDBOX",
        )


def _by_text(texts: SmsGateway, platform: Platform) -> DeliveryChannel:
    """Return the channel that delivers drafts by text message. A text does not block the account's other posts."""
    return DeliveryChannel(
        connector=TextDraft(texts, manual_instructions(platform.name)),
        retry_policy=texts.retry_policy,
        has_own_lane=True,
    )


def _copy_of(refusal: Unavailable) -> Unavailable:
    """Return a copy of the error, since raising the same exception again keeps its old traceback."""
    return Unavailable(refusal.message, **refusal.details)


async def report_refused_apps(settings: Settings) -> None:
    """Log a warning for each live platform that does not accept its id and secret; otherwise the first login would show it.

    Nothing is reported for a platform that is not configured, can't be asked, or does not answer.
    """
    for login in LoginName:
        try:
            await check_app(login, settings)
        except Rejected as error:
            log.warning("live credentials refused", login=login.value, error=error.message)
        except PressworkError as error:
            log.debug("live credentials not checked", login=login.value, error=error.message)
