"""What a platform's folder provides to the registry: one `Plugin` for each login of the platform."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from presswork.core.settings import Settings
from presswork.platforms.app_review import AppReview
from presswork.platforms.apps import AppSettings
from presswork.platforms.manual_posting import ManualInstructions
from presswork.platforms.port import AppCredentials, LoginName, Platform, PlatformName
from presswork.platforms.rules import Rules
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.transport import Transport

SANDBOX_APP: Final = AppCredentials(client_id="presswork-sandbox", client_secret="presswork-sandbox")  # noqa: S106  the sandbox accepts any


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawler:
    """A program with which a platform fetches media from Presswork."""

    name: str
    """The token by which robots.txt and proxies recognize it."""
    user_agent: str
    platform: str
    """Who fetches with it: the platform, or the company of several."""
    is_documented: bool
    """Whether the platform documents that it fetches media with it, so that refusing it stops posts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiVersion:
    """The version of a platform's API that Presswork calls, where versions end."""

    setting: str
    """The variable that sets it."""
    version: str
    ends_on: date
    """The last day, UTC, until which the platform serves it at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One platform with one login. A new platform is a folder with a plugin and a line in `registry.py`."""

    platform: PlatformName
    login: LoginName
    callback: str
    """The last segment of the redirect URI that is registered with the platform: a letter, since TikTok refuses addresses that
    name a platform, and the URI stays valid for whatever the login is called later."""
    app: AppSettings
    """The settings of the operator's app."""
    crawlers: Sequence[Crawler]
    """The programs that fetch the media of posts."""
    rules: Rules
    """What the platform accepts."""
    manual_instructions: ManualInstructions
    """How a person posts with the platform's own app."""
    review: AppReview
    """What the review of the operator's app asks for."""
    consents: Mapping[str, str]
    """What the owner of an account allows with each permission, in plain words: sentences that begin with a verb."""
    no_account: str
    """What the person can do whose login gives access to no account: a sentence."""
    open_test: Callable[[Settings, SandboxAccess, Transport], Platform]
    """Returns the platform for test projects: the sandbox's. Makes no call."""
    open_live: Callable[[Settings, Transport], Platform]
    """Returns the real platform. Makes no call. Raises Unavailable naming the setting that is missing."""
    api_version: Callable[[Settings], ApiVersion | None] = lambda _settings: None
    """Returns the version of the API; None: versions of it do not end."""
