"""What the descriptions of Meta's platforms share: the app of Facebook Login, its review, Graph's versions, and crawlers.

Sources: Meta, "App Review", "Data Deletion Request Callback" and "Deauthorize Callback", read 2026-11.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from presswork.core.setting_types import HttpUrl, SecretForm
from presswork.core.texts import translatable
from presswork.platforms.description import (
    ApiVersion,
    AppSettings,
    Crawler,
    PlatformSettings,
    PortalField,
    PortalUrl,
    host_url,
    unset,
)
from presswork.platforms.names import LoginName

SECRETS: Final = (
    SecretForm(r"(?<![A-Za-z0-9])(?:IG|EAA|TH(?:AA|QW))[A-Za-z0-9_-]{24,}", ("IG", "EAA", "THAA", "THQW")),
    SecretForm(r"(?<![A-Za-z0-9_-])AQ[A-Za-z0-9_-]{40,}", ("AQ",)),
)
"""Tokens, and authorization codes."""


_VERSION_ENDS: Final[Mapping[str, date | None]] = {
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
    "v26.0": None,
    "v27.0": None,
}
"""The versions of Meta's Graph API that Presswork was written for, with their last day, where it is announced.

Source: Meta, "Graph API: Versions" (2026-10-29) and "Introducing Graph API v27.0" (2026-11-04), read 2026-11.
"""


def _graph_version(value: str) -> str:
    if value not in _VERSION_ENDS:
        raise PydanticCustomError(
            "graph_version", "it must be a version of the Graph API that Presswork was written for: v21.0 to v27.0"
        )
    return value


class MetaSettings(PlatformSettings):
    """The setting that all of Meta's platforms share."""

    meta_webhook_token: SecretStr | None = unset(
        "A text of your choice that you also enter as the verify token where you register webhooks in Meta's developer portal, for news about comments. Unset: Meta can't register them, and comments are read by the age of the post alone."
    )

    def verify_token(self, *, is_live: bool) -> str | None:
        """Return the token with which Meta checks the URL of webhooks, empty where none is set; None where any counts: the sandbox's."""
        if not is_live:
            return None
        return "" if self.meta_webhook_token is None else self.meta_webhook_token.get_secret_value()


class GraphSettings(MetaSettings):
    """The setting that all platforms behind the Graph API share."""

    instagram_api_version: Annotated[str, AfterValidator(_graph_version)] = Field(
        default="v27.0", description="Graph API version to call, v21.0 to v27.0, in test projects as well."
    )


class FacebookSettings(GraphSettings):
    """The settings of the app that connects by Facebook Login."""

    facebook_client_id: str | None = unset(
        "Meta app ID, for live projects that connect Facebook Pages, or Instagram accounts by Facebook Login."
    )
    facebook_client_secret: SecretStr | None = unset(
        "Meta app secret, for live projects that connect Facebook Pages, or Instagram accounts by Facebook Login."
    )
    facebook_extra_scopes: str | None = unset(
        "Comma-separated permissions to request in addition to those that publishing needs, like business_management for Pages in a business portfolio."
    )
    facebook_graph_url: HttpUrl = host_url("https://graph.facebook.com", "Facebook's Graph API")
    facebook_www_url: HttpUrl = host_url("https://www.facebook.com", "Facebook's authorization page")
    facebook_upload_url: HttpUrl = host_url("https://rupload.facebook.com", "Facebook's video upload endpoint")
    facebook_video_url: HttpUrl = host_url(
        "https://graph-video.facebook.com", "Facebook's Graph API for uploads of videos"
    )


PORTAL: Final = "https://developers.facebook.com/apps"
SETTINGS_PAGE: Final = "App settings → Basic"
_LOGIN_PAGE: Final = "Facebook Login for Business → Settings"

FACEBOOK_APP: Final = AppSettings(
    owner=LoginName.FACEBOOK,
    client_id="facebook_client_id",
    client_secret="facebook_client_secret",  # noqa: S106  the name of a setting
    api_url="facebook_graph_url",
    is_optional=True,
)
"""One app connects Facebook Pages, and Instagram accounts by Facebook Login."""
PRIVACY_FIELD: Final = PortalField("Privacy policy URL", SETTINGS_PAGE, PortalUrl.PRIVACY)
TERMS_FIELD: Final = PortalField("Terms of Service URL", SETTINGS_PAGE, PortalUrl.TERMS)
DOMAINS_FIELD: Final = PortalField("App domains", SETTINGS_PAGE, PortalUrl.HOST)
BASIC_FIELDS: Final = (
    PRIVACY_FIELD,
    TERMS_FIELD,
    PortalField("User data deletion → Data deletion callback URL", SETTINGS_PAGE, PortalUrl.DATA_DELETION),
    DOMAINS_FIELD,
)
FACEBOOK_LOGIN_FIELDS: Final = (
    PortalField("Valid OAuth redirect URIs", _LOGIN_PAGE, PortalUrl.REDIRECT_URI),
    PortalField("Deauthorize callback URL", _LOGIN_PAGE, PortalUrl.DEAUTHORIZE),
    *BASIC_FIELDS,
)
BUSINESS_VERIFICATION: Final = "Business verification in the Security Center of your business portfolio is complete."
LAST_REQUIREMENTS: Final = (
    "Each permission was used successfully within the last 30 days: one published post with a first comment uses them all, once it is taken down where the login asks for that permission.",
    "The reviewer has an account of your service, and steps to reach the screens of the recording.",
    "The data handling questions are answered: the privacy policy says what is stored, and for how long.",
)
REQUIREMENTS: Final = (
    BUSINESS_VERIFICATION,
    "The app has an icon of 1024 × 1024 pixels and a category.",
    *LAST_REQUIREMENTS,
)
FACEBOOK_REMOVAL: Final = translatable(
    "Facebook: open Settings and privacy, Settings, Business integrations, and remove this service. There you can also have your data deleted."
)


def api_version(version: str) -> ApiVersion | None:
    """Return a version like v21.0 with the last day on which Meta serves it, or None while its end is not known."""
    ends_on = _VERSION_ENDS.get(version)
    if ends_on is None:
        return None
    return ApiVersion(setting="PRESSWORK_INSTAGRAM_API_VERSION", version=version, ends_on=ends_on)


CRAWLERS: Final = (
    Crawler(
        name="facebookexternalhit",
        user_agent="facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        platform="Meta",
        is_documented=True,
    ),
    Crawler(
        name="meta-externalfetcher",
        user_agent="meta-externalfetcher/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        platform="Meta",
        is_documented=False,
    ),
)
"""The programs with which Meta fetches media, for all its platforms. Source: Meta, "Meta Web Crawlers", read 2026-11."""
