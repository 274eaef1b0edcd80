"""What Meta's app review asks for, by login.

Source: Meta, "App Review", "Permissions Reference", "Data Deletion Request Callback" and "Deauthorize Callback", read 2026-11.
"""

from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.app_review import Address, AppReview, Field
from presswork.platforms.instagram.scopes import (
    BASIC,
    COMMENT,
    FACEBOOK_BASIC,
    FACEBOOK_COMMENT,
    FACEBOOK_PUBLISH,
    PAGES,
    PAGES_READ,
    PUBLISH,
)

_PORTAL: Final = "https://developers.facebook.com/apps"
_SETTINGS: Final = "App settings → Basic"
_REQUIREMENTS: Final = (
    "Business verification in the Security Center of your business portfolio is complete.",
    "The app has an icon of 1024 × 1024 pixels and a category.",
    "Each permission was used successfully within the last 30 days: one published post with a first comment uses them all.",
    "The reviewer has an account of your service, and steps to reach the screens of the recording.",
    "The data handling questions are answered: the privacy policy says what is stored, and for how long.",
)
_BASIC_FIELDS: Final = (
    Field(label="Privacy policy URL", where=_SETTINGS, address=Address.PRIVACY),
    Field(label="Terms of Service URL", where=_SETTINGS, address=Address.TERMS),
    Field(label="User data deletion → Data deletion callback URL", where=_SETTINGS, address=Address.DATA_DELETION),
    Field(label="App domains", where=_SETTINGS, address=Address.HOST),
)
_SHOWS: Final = "Shows the name and the picture of the account, so that people choose the right account for a post."
_PUBLISHES: Final = "Publishes the pictures, videos and carousels that the account's owner has scheduled or approved, at the chosen time."
_COMMENTS: Final = (
    "Writes the first comment below the owner's own post, if the owner wrote one. Comments are read only to find out whether it "
    "is already there, so that it is never written twice."
)
_PUBLISH_SCENES: Final = (
    "Back in the service, show the connected account with its name and picture.",
    "Upload a picture, write a caption and a first comment, choose the account, and publish the post.",
    "Wait until the post is published, and open its link: show the post on Instagram with its caption and first comment.",
    "Disconnect the account in the service, and show that it can no longer be chosen.",
)

BY_INSTAGRAM: Final = AppReview(
    title=translatable("Instagram, by Instagram Login"),
    portal=_PORTAL,
    fields=(
        Field(
            label="OAuth redirect URIs",
            where="Instagram → API setup with Instagram login → Business login settings",
            address=Address.REDIRECT_URI,
        ),
        Field(
            label="Deauthorize callback URL",
            where="Instagram → API setup with Instagram login → Business login settings",
            address=Address.DEAUTHORIZE,
        ),
        Field(
            label="Data deletion request URL",
            where="Instagram → API setup with Instagram login → Business login settings",
            address=Address.DATA_DELETION,
        ),
        *_BASIC_FIELDS,
    ),
    scopes={BASIC: _SHOWS, PUBLISH: _PUBLISHES, COMMENT: _COMMENTS},
    requirements=_REQUIREMENTS,
    demo=(
        "Choose to connect an Instagram account. Instagram's own page opens: log in there as a professional account.",
        "Leave every permission on, show the list of them long enough to be read, and allow them.",
        *_PUBLISH_SCENES,
    ),
    removal=translatable(
        "Instagram: in the app, open Settings, Website permissions, Apps and websites, and remove this service."
    ),
)
BY_FACEBOOK: Final = AppReview(
    title=translatable("Instagram, by Facebook Login"),
    portal=_PORTAL,
    fields=(
        Field(
            label="Valid OAuth redirect URIs",
            where="Facebook Login for Business → Settings",
            address=Address.REDIRECT_URI,
        ),
        Field(
            label="Deauthorize callback URL",
            where="Facebook Login for Business → Settings",
            address=Address.DEAUTHORIZE,
        ),
        *_BASIC_FIELDS,
    ),
    scopes={
        FACEBOOK_BASIC: _SHOWS,
        FACEBOOK_PUBLISH: _PUBLISHES,
        FACEBOOK_COMMENT: _COMMENTS,
        PAGES: "Lists the Pages that the person manages, once, at the login, to find the Instagram accounts that are linked to them.",
        PAGES_READ: "Reads which Instagram account is linked to a Page, which publishing to that account requires.",
    },
    requirements=_REQUIREMENTS,
    demo=(
        "Choose to connect an Instagram account by Facebook. Facebook's own page opens: log in there.",
        "Select the Page and the Instagram account, show the list of permissions long enough to be read, and allow them.",
        "If there are several accounts, tick one on the page that the service shows, and connect it.",
        *_PUBLISH_SCENES,
    ),
    removal=translatable(
        "Facebook: open Settings and privacy, Settings, Business integrations, and remove this service. There you can also have "
        "your data deleted."
    ),
)
