"""Pinterest as data: its permissions, the review of the app, and posting manually.

Source: pinterest/api-description 5.23.0 (2025-12); Pinterest, "Access levels", as developers reported it in 2026; read 2026-12.
"""

from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from presswork.core.enums import EditField, MediaType, Mode
from presswork.core.setting_types import HttpUrl, SecretForm
from presswork.core.texts import translatable
from presswork.platforms.description import (
    AppReview,
    AppSettings,
    Crawler,
    Description,
    ManualInstructions,
    PlatformSettings,
    PortalField,
    PortalUrl,
    Scope,
    host_url,
    reasons_of,
    unset,
)
from presswork.platforms.live_support import AccountNumber, InsightsSupport, Metric, NumberNote, ReadLimit
from presswork.platforms.names import LoginName, PlatformName

_READ_BOARDS: Final = "boards:read"
_WRITE_BOARDS: Final = "boards:write"
_READ_PINS: Final = "pins:read"
_WRITE_PINS: Final = "pins:write"
_READ_ACCOUNT: Final = "user_accounts:read"
SCOPES: Final = (_READ_BOARDS, _WRITE_BOARDS, _READ_PINS, _WRITE_PINS, _READ_ACCOUNT)
"""Requested permissions."""
TO_WRITE: Final = frozenset({_READ_BOARDS, _WRITE_BOARDS, _READ_PINS, _WRITE_PINS})
"""Each call that creates, changes or deletes a Pin needs all of them."""

_SCOPES: Final = (
    Scope(
        name=_READ_BOARDS,
        why="Lists the boards of the account, so that people choose the one that gets a Pin.",
        allows=translatable("See your public Pinterest boards."),
    ),
    Scope(
        name=_WRITE_BOARDS,
        why="Adds the Pins that people publish to the board that they chose: Pinterest asks for it in addition to pins:write.",
        allows=translatable("Add Pins to your public Pinterest boards."),
    ),
    Scope(
        name=_READ_PINS,
        why="Finds out whether a Pin is already there, so that it is never published twice, and shows its numbers to the people who published it.",
        allows=translatable("See your public Pins and their numbers."),
    ),
    Scope(
        name=_WRITE_PINS,
        why="Publishes Pins with the pictures, videos and texts that people chose, and changes or deletes such a Pin when they ask for it.",
        allows=translatable("Publish, change and delete Pins on your Pinterest account."),
    ),
    Scope(
        name=_READ_ACCOUNT,
        why="Shows which account was connected, with its name and picture, and its number of followers.",
        allows=translatable("See your Pinterest profile."),
    ),
)
SECRETS: Final = (SecretForm(r"(?<![A-Za-z])pin[acr]_[A-Za-z0-9_-]{8,}", ("pina_", "pinc_", "pinr_")),)
"""Access tokens, those of apps, and refresh tokens."""

_DELAY: Final = "within a day"
_NOTES: Final = {
    Metric.VIEWS: NumberNote(source="impression", meaning="times that the Pin was on a screen", delay=_DELAY),
    Metric.LIKES: NumberNote(source="reaction", meaning="reactions", delay=_DELAY),
    Metric.SAVES: NumberNote(source="save", meaning="saves to boards", delay=_DELAY),
    Metric.CLICKS: NumberNote(
        source="pin_click", meaning="clicks that opened the Pin; those on its link are in the details", delay=_DELAY
    ),
}
READ_LIMIT: Final = ReadLimit(calls=1000, window=timedelta(minutes=1), is_per_account=True)
"""Of an app with Standard access. Source: Pinterest, "Rate limits" (`org_read`), read 2026-11."""
_REDIRECTS: Final = "My apps → the app → Configure"


class PinterestSettings(PlatformSettings):
    """The settings of Pinterest."""

    pinterest_app_id: str | None = unset("Pinterest app ID, for live projects.")
    pinterest_app_secret: SecretStr | None = unset("Pinterest app secret key, for live projects.")
    pinterest_www_url: HttpUrl = host_url("https://www.pinterest.com", "Pinterest's consent page")
    pinterest_api_url: HttpUrl = host_url(
        "https://api.pinterest.com",
        "Pinterest's API. https://api-sandbox.pinterest.com is Pinterest's own sandbox, the only host on which apps with Trial access can create Pins",
    )


DESCRIPTION: Final = Description(
    platform=PlatformName.PINTEREST,
    login=LoginName.PINTEREST,
    callback="n",
    app=AppSettings(
        owner=LoginName.PINTEREST,
        client_id="pinterest_app_id",
        client_secret="pinterest_app_secret",  # noqa: S106  the name of a setting
        api_url="pinterest_api_url",
        is_optional=True,
    ),
    hosts={"www_url": "pinterest_www_url", "api_url": "pinterest_api_url"},
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: TO_WRITE},
    take_down_scopes=TO_WRITE,
    take_down_advice="Open the Pin, tap the three dots, choose Edit Pin, and delete it.",
    edit_scopes=TO_WRITE,
    edit_fields=frozenset({EditField.CAPTION, EditField.TITLE}),
    insights=InsightsSupport(
        max_posts=10,
        calls_per_post=1,
        offered=frozenset(_NOTES),
        notes=_NOTES,
        account_notes={
            AccountNumber.FOLLOWERS: NumberNote(source="follower_count", meaning="followers", delay="at once")
        },
    ),
    read_limit=READ_LIMIT,
    no_account=translatable("Begin the login again with an active Pinterest account."),
    manual_instructions=ManualInstructions(
        title="Pinterest",
        handle_prefix="@",
        icon="M5.5 14.5 8 6.5M6.7 10.6c2.5 2 5.6.2 5.6-3.3a4.3 4.3 0 0 0-8.6 0c0 1 .3 1.9.9 2.5",
        choose={
            MediaType.IMAGE: ("Tap +, choose Pin, pick the picture and tap Next.",),
            MediaType.VIDEO: ("Tap +, choose Pin, pick the video and tap Next. Choose a cover.",),
            MediaType.MULTI: ("Tap +, choose Pin, pick the pictures in their order and tap Next.",),
        },
        share="Choose a board, then tap Create.",
        comment="When the Pin is there, write the first comment below it.",
    ),
    review=AppReview(
        title=translatable("Pinterest"),
        portal="https://developers.pinterest.com/apps/",
        fields=(
            PortalField("Redirect URIs", _REDIRECTS, PortalUrl.REDIRECT_URI),
            PortalField("Website URL", _REDIRECTS, PortalUrl.SERVICE),
            PortalField("Privacy policy URL", _REDIRECTS, PortalUrl.PRIVACY),
        ),
        scopes=reasons_of(_SCOPES),
        requirements=(
            "A new app asks for Trial access first, which Pinterest gives within days. With it, Pins can be created in Pinterest's own sandbox only.",
            "Standard access is asked for with a recording of the whole login and of a Pin that is created; it takes days to months.",
            "The person who asks has a business account on Pinterest.",
        ),
        demo=(
            "Choose to connect a Pinterest account. Pinterest's own page opens: log in there.",
            "Show the list of permissions long enough to be read, and give access.",
            "Back in the service, show the connected account with its name and picture.",
            "Upload a picture, write a text, choose a board and publish the Pin.",
            "Wait until it is published, and open its link: show the Pin on Pinterest.",
            "Disconnect the account in the service, and show that it can no longer be chosen.",
        ),
        removal=translatable(
            "Pinterest: open Settings, Security, Connected apps, and choose Revoke access for this service."
        ),
    ),
    crawlers=(
        Crawler(
            name="Pinterestbot",
            user_agent="Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
            platform="Pinterest",
            is_documented=False,
        ),
    ),
)
