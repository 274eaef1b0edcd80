"""What the descriptions of Meta's platforms share: the app of Facebook Login, its review, Graph's versions, and crawlers.

Sources: Meta, "App Review", "Data Deletion Request Callback" and "Deauthorize Callback", read 2026-11.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from presswork.core.enums import LoginName
from presswork.core.texts import translatable
from presswork.platforms.description import Address, ApiVersion, AppSettings, Crawler, Field

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
PRIVACY_FIELD: Final = Field("Privacy policy URL", SETTINGS_PAGE, Address.PRIVACY)
TERMS_FIELD: Final = Field("Terms of Service URL", SETTINGS_PAGE, Address.TERMS)
DOMAINS_FIELD: Final = Field("App domains", SETTINGS_PAGE, Address.HOST)
BASIC_FIELDS: Final = (
    PRIVACY_FIELD,
    TERMS_FIELD,
    Field("User data deletion → Data deletion callback URL", SETTINGS_PAGE, Address.DATA_DELETION),
    DOMAINS_FIELD,
)
FACEBOOK_LOGIN_FIELDS: Final = (
    Field("Valid OAuth redirect URIs", _LOGIN_PAGE, Address.REDIRECT_URI),
    Field("Deauthorize callback URL", _LOGIN_PAGE, Address.DEAUTHORIZE),
    *BASIC_FIELDS,
)
BUSINESS_VERIFICATION: Final = "Business verification in the Security Center of your business portfolio is complete."
LAST_REQUIREMENTS: Final = (
    "Each permission was used successfully within the last 30 days: one published post with a first comment uses them all.",
    "The reviewer has an account of your service, and steps to reach the screens of the recording.",
    "The data handling questions are answered: the privacy policy says what is stored, and for how long.",
)
REQUIREMENTS: Final = (
    BUSINESS_VERIFICATION,
    "The app has an icon of 1024 × 1024 pixels and a category.",
    *LAST_REQUIREMENTS,
)
FACEBOOK_REMOVAL: Final = translatable(
    "Facebook: open Settings and privacy, Settings, Business integrations, and remove this service. There you can also have "
    "your data deleted."
)

_VERSION_ENDS: Final[Mapping[str, date]] = {
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}
"""The versions of Meta's Graph API that end on a known day.

Source: Meta, "Graph API: Versions" (2026-10-29) and "Introducing Graph API v27.0" (2026-11-04), read 2026-11. The ends of v26.0 and
v27.0 are not announced.
"""


def api_version(version: str) -> ApiVersion | None:
    """Return a version like v21.0 with the last day on which Meta serves it; None: its end is not known."""
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
