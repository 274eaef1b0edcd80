"""What a platform is, as data: one `Description` for each of its logins, in `<platform>/description.py`.

A description imports no connector, so that the settings of all platforms can be read without one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Literal, TypedDict, TypeVar

from pydantic import Field, SecretStr

from presswork.core.enums import WITH_MEDIA, EditField, MediaType, Mode
from presswork.core.setting_values import PREFIX, InstallationSettings
from presswork.core.settings import CoreSettings
from presswork.platforms.live_support import CommentsSupport, InsightsSupport, ReadLimit
from presswork.platforms.login import AppCredentials
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.port import Price
from presswork.platforms.retry_policy import RetryPolicy

AnySettings = TypeVar("AnySettings", bound=CoreSettings)
IdField = Literal["clientId", "clientKey"]


class PlatformSettings(InstallationSettings):
    """The settings that logins of all platforms share. Those of a platform build on them, and name no other platform's."""

    callback_paths: Literal["neutral", "platform"] = Field(
        default="neutral",
        description="Which redirect URIs logins send: /oauth/callback/a, /b, /c and so on (neutral), or the older /oauth/callback/instagram and /oauth/callback/tiktok (platform), for an app in which only those are registered. Redirects to both are accepted.",
    )
    insights_scopes: bool = Field(
        default=False,
        description="Whether logins also ask for the permissions that only numbers of posts and accounts need. Each is one more that a platform reviews; without them, the numbers that need none are read. Accounts that are connected already have to be connected again.",
    )


def host_url(live: str, what: str) -> Any:  # Any: as Pydantic's Field
    """Return the field of a setting with the URL of a platform's host; `what` is there."""
    return Field(default=live, description=f"Base URL of {what}.")


def unset(description: str) -> Any:  # Any: as Pydantic's Field
    """Return the field of a setting that has no default."""
    return Field(default=None, description=description)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppSettings:
    """The fields of the settings that describe the operator's app."""

    owner: LoginName
    """The first of the logins that use the app: under its name, the app's credentials are stored, and the sandbox has its fake."""
    client_id: str = ""
    client_secret: str = ""
    """Both are empty where nothing has to be set, since Presswork registers itself at each server."""
    api_url: str
    """The field with the URL of the platform's API."""
    id_field: IdField = "clientId"
    """What the platform calls the app's ID, as the API names it."""
    is_id_derived: bool = False
    """Whether the ID follows from the service's own URL unless it is set, so that only the secret has to be."""
    is_optional: bool = False
    """Whether many installations do not need this app."""

    def given(self, settings: CoreSettings) -> tuple[str, str]:
        """Return the app's ID and secret, empty where they are not set."""
        return _text(getattr(settings, self.client_id, "")), _text(getattr(settings, self.client_secret, ""))

    def is_given(self, settings: CoreSettings) -> bool:
        """Whether the settings have any part of the app, so that they decide about it."""
        return any(self.given(settings))

    def is_complete(self, settings: CoreSettings) -> bool:
        """Whether there is something to set, and nothing is missing."""
        return bool(self.variables) and not self.missing(settings)

    def missing(self, settings: CoreSettings) -> list[str]:
        """Return the variables that are not set."""
        client_id, secret = self.given(settings)
        values = {self.client_id: client_id or self.is_id_derived, self.client_secret: secret}
        return [variable_of(name) for name, value in values.items() if name and not value]

    @property
    def variables(self) -> list[str]:
        """The variables of both; none where nothing has to be set."""
        return [variable_of(name) for name in (self.client_id, self.client_secret) if name]

    def put_into(self, settings: AnySettings, app: AppCredentials) -> AnySettings:
        """Return the settings with other credentials of the app."""
        return settings.model_copy(
            update={self.client_id: app.client_id, self.client_secret: SecretStr(app.client_secret)}
        )


def variable_of(setting: str) -> str:
    """Return the environment variable of a setting."""
    return f"{PREFIX}{setting.upper()}"


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A permission that a login may request."""

    name: str
    """As the platform calls it."""
    why: str = ""
    """What Presswork does with it: a sentence for the form of the app's review. Empty: no login requests it by itself."""
    allows: str
    """What the owner of an account allows with it, in plain words: a translatable sentence that begins with a verb."""


def reasons_of(scopes: Sequence[Scope]) -> Mapping[str, str]:
    """Return why the permissions that logins request are needed, for the form of the app's review."""
    return {scope.name: scope.why for scope in scopes if scope.why}


class PortalUrl(StrEnum):
    """A URL of an installation, or its host, that a platform's developer portal asks for."""

    REDIRECT_URI = "redirect_uri"
    WEBHOOK = "webhook"
    DEAUTHORIZE = "deauthorize"
    DATA_DELETION = "data_deletion"
    PRIVACY = "privacy"
    TERMS = "terms"
    SERVICE = "service"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class PortalField:
    """A field of a developer portal, and the URL that belongs there."""

    label: str
    where: str
    """The page of the portal."""
    url: PortalUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class AppReview:
    """What is pasted into, written for and shown to a platform's reviewers, for the app of one login. In English."""

    title: str
    portal: str
    """URL of the developer portal."""
    fields: Sequence[PortalField]
    scopes: Mapping[str, str]
    """For each permission that the login requests: what Presswork does with it, in a sentence for the form."""
    requirements: Sequence[str]
    """What the review needs besides, and no program can check."""
    demo: Sequence[str]
    """The scenes of the screen recording, after the one that shows the app itself."""
    removal: str
    """Where a person removes the app at the platform, as a sentence for the page about data deletion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualInstructions:
    """How to post with one platform's app; full sentences in the imperative."""

    title: str
    """The name of the app."""
    handle_prefix: Literal["@", ""]
    """What the platform writes before a handle."""
    icon: str
    """Our own simple sign for it, as the path of a line in a square of 16: the platforms' logos are their property."""
    choose: Mapping[MediaType, Sequence[str]]
    """The steps from opening the app to choosing the media, by what the app has posts of."""
    share: str
    comment: str
    """How to write the first comment once the post exists."""

    def account(self, handle: str) -> str:
        """Return the name of an account as the platform writes it, such as `@warm.bread`."""
        return f"{self.handle_prefix}{handle}"


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


class Capabilities(TypedDict):
    """The part of a `Platform` that its description states."""

    name: PlatformName
    login_name: LoginName
    required_scopes: Mapping[Mode, frozenset[str]]
    comment_scopes: frozenset[str]
    extra_scopes: Mapping[str, frozenset[str]]
    take_down_scopes: frozenset[str] | None
    take_down_advice: str
    edit_scopes: frozenset[str]
    edit_fields: frozenset[EditField]
    can_look_up: bool
    media_types: frozenset[MediaType]
    drafts_by_text: bool
    offers_music: bool
    insights: InsightsSupport | None
    comments: CommentsSupport | None
    read_limit: ReadLimit | None
    price: Price | None


def _unchanged(policy: RetryPolicy) -> RetryPolicy:
    return policy


def _has_no_end(_version: str) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """One platform with one login."""

    platform: PlatformName
    login: LoginName
    connects_by: str = ""
    """What follows “projects” in a sentence about this login, where the platform has another one: ` that connect by …`."""
    callback: str
    """The last segment of the redirect URI that is registered with the platform: a letter, since TikTok refuses URIs that
    name a platform, and the URI stays valid for whatever the login is called later."""
    app: AppSettings
    """The settings of the operator's app."""
    hosts: Mapping[str, str]
    """The settings with the URLs of the platform's hosts, by the platform's own names for these. The sandbox has each host in a
    folder of its name."""
    link_hosts: Mapping[str, str] = field(default_factory=dict)
    """The same for hosts that only links to posts name: in test projects too, these are the real ones."""
    scopes: Sequence[Scope]
    """The permissions that the login may request, and those that a grant may have besides."""
    required_scopes: Mapping[Mode, frozenset[str]]
    """Permissions that an account must have granted, per mode. A missing mode is not offered."""
    comment_scopes: frozenset[str] = frozenset()
    """Permissions that the first comment needs in addition."""
    extra_scopes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Permissions that extras need, by their kind."""
    take_down_scopes: frozenset[str] | None = None
    """Permissions that deleting a live post needs, or None where the platform has no call for it."""
    take_down_advice: str = "Open the post and delete it there."
    """What a person does where the platform has no call, or a permission is missing: a sentence in the imperative."""
    edit_scopes: frozenset[str] = frozenset()
    """Permissions that changing a live post needs."""
    edit_fields: frozenset[EditField] = frozenset()
    """What can be changed in a live post."""
    can_look_up: bool = True
    """Whether the platform can be asked about live posts of at least some accounts."""
    media_types: frozenset[MediaType] = WITH_MEDIA
    """Content that the platform has posts for."""
    drafts_by_text: bool = True
    """Whether a draft reaches its creator by a text message, since the platform has no inbox for drafts."""
    offers_music: bool = False
    """Whether a post may have a track of the catalogue."""
    insights: InsightsSupport | None = None
    """How numbers are read, or None where the platform has none."""
    comments: CommentsSupport | None = None
    """What can be done with comments, or None where the platform has no API for them."""
    read_limit: ReadLimit | None = None
    """How many calls the platform allows, or None where it has neither numbers nor comments."""
    price: Price | None = None
    """What posts cost the operator of the app, or None where they are free."""
    no_account: str
    """What the person can do whose login gives access to no account: a translatable sentence."""
    manual_instructions: ManualInstructions
    """How a person posts with the platform's own app."""
    review: AppReview
    """What the review of the operator's app asks for."""
    crawlers: Sequence[Crawler] = ()
    """The programs that fetch the media of posts, or None where media are uploaded."""
    version_setting: str | None = None
    """The setting with the version of the platform's API, or None where versions of it do not end."""
    api_version: Callable[[str], ApiVersion | None] = _has_no_end
    """Returns a version with its end, if that is known."""
    live_policy: Callable[[RetryPolicy], RetryPolicy] = _unchanged
    """Returns the retry policy of live projects, from the one of most platforms."""
    test_policy: Callable[[RetryPolicy], RetryPolicy] = _unchanged
    """The same for test projects."""

    @property
    def consents(self) -> Mapping[str, str]:
        """What the owner of an account allows with each permission, in plain words."""
        return {scope.name: scope.allows for scope in self.scopes}

    @property
    def capabilities(self) -> Capabilities:
        """What a `Platform` repeats of the description."""
        return Capabilities(
            name=self.platform,
            login_name=self.login,
            required_scopes=self.required_scopes,
            comment_scopes=self.comment_scopes,
            extra_scopes=self.extra_scopes,
            take_down_scopes=self.take_down_scopes,
            take_down_advice=self.take_down_advice,
            edit_scopes=self.edit_scopes,
            edit_fields=self.edit_fields,
            can_look_up=self.can_look_up,
            media_types=self.media_types,
            drafts_by_text=self.drafts_by_text,
            offers_music=self.offers_music,
            insights=self.insights,
            comments=self.comments,
            read_limit=self.read_limit,
            price=self.price,
        )
