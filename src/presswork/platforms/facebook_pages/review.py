"""What Meta's app review asks for about Pages.

Source: Meta, "App Review", "Permissions Reference", "Data Deletion Request Callback" and "Deauthorize Callback", read 2026-11.
"""

from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.app_review import Address, AppReview, Field
from presswork.platforms.facebook_pages.scopes import ENGAGE, PAGES, PUBLISH, READ, READ_CONTENT

_SETTINGS: Final = "App settings → Basic"
_LOGIN_SETTINGS: Final = "Facebook Login for Business → Settings"

REVIEW: Final = AppReview(
    title=translatable("Facebook Pages"),
    portal="https://developers.facebook.com/apps",
    fields=(
        Field(label="Valid OAuth redirect URIs", where=_LOGIN_SETTINGS, address=Address.REDIRECT_URI),
        Field(label="Deauthorize callback URL", where=_LOGIN_SETTINGS, address=Address.DEAUTHORIZE),
        Field(label="Privacy policy URL", where=_SETTINGS, address=Address.PRIVACY),
        Field(label="Terms of Service URL", where=_SETTINGS, address=Address.TERMS),
        Field(label="User data deletion → Data deletion callback URL", where=_SETTINGS, address=Address.DATA_DELETION),
        Field(label="App domains", where=_SETTINGS, address=Address.HOST),
    ),
    scopes={
        PAGES: "Lists the Pages that the person manages, once, at the login, so that they choose the right one for a post.",
        READ: "Shows the name and the picture of the Page, and reads its own posts to find out whether a post went live whose answer "
        "was lost.",
        PUBLISH: "Publishes the pictures, videos and reels that the Page's owner has scheduled or approved, at the chosen time.",
        ENGAGE: "Writes the first comment below the Page's own post, if the owner wrote one.",
        READ_CONTENT: "Reads the comments below the Page's own post to find out whether that comment is already there, so that it is never "
        "written twice.",
    },
    requirements=(
        "Your own Pages need no review: give the person a role on the app.",
        "The app is set to live: only people with a role on it see what an app in development mode posts.",
        "Business verification in the Security Center of your business portfolio is complete.",
        "The app has an icon of 1024 × 1024 pixels and a category.",
        "Each permission was used successfully within the last 30 days: one published post with a first comment uses them all.",
        "The reviewer has an account of your service, and steps to reach the screens of the recording.",
        "The data handling questions are answered: the privacy policy says what is stored, and for how long.",
    ),
    demo=(
        "Choose to connect a Facebook Page. Facebook's own page opens: log in there.",
        "Select the Page, show the list of permissions long enough to be read, and allow them.",
        "If there are several Pages, tick one on the page that the service shows, and connect it.",
        "Back in the service, show the connected Page with its name and picture.",
        "Upload a picture, write a caption and a first comment, choose the Page, and publish the post.",
        "Wait until the post is published, and open its link: show the post on the Page with its caption and first comment.",
        "Disconnect the Page in the service, and show that it can no longer be chosen.",
    ),
    removal=translatable(
        "Facebook: open Settings and privacy, Settings, Business integrations, and remove this service. There you can also have "
        "your data deleted."
    ),
)
