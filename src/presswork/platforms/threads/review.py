"""What Meta's app review asks for about Threads.

Source: Meta, "App Review", "Get Access Tokens and Permissions" (Threads API) and "Data Deletion Request Callback", read 2026-11.
"""

from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.app_review import Address, AppReview, Field
from presswork.platforms.threads.scopes import BASIC, MANAGE_REPLIES, PUBLISH, READ_REPLIES

_SETTINGS: Final = "App settings → Basic"
_THREADS_SETTINGS: Final = "Use cases → Access the Threads API → Settings"

REVIEW: Final = AppReview(
    title=translatable("Threads"),
    portal="https://developers.facebook.com/apps",
    fields=(
        Field(label="Redirect Callback URLs", where=_THREADS_SETTINGS, address=Address.REDIRECT_URI),
        Field(label="Uninstall Callback URL", where=_THREADS_SETTINGS, address=Address.DEAUTHORIZE),
        Field(label="Delete Callback URL", where=_THREADS_SETTINGS, address=Address.DATA_DELETION),
        Field(label="Privacy policy URL", where=_SETTINGS, address=Address.PRIVACY),
        Field(label="Terms of Service URL", where=_SETTINGS, address=Address.TERMS),
        Field(label="App domains", where=_SETTINGS, address=Address.HOST),
    ),
    scopes={
        BASIC: "Shows the name and the picture of the profile, so that people choose the right account for a post.",
        PUBLISH: "Publishes the pictures, videos and carousels that the profile's owner has scheduled or approved, at the chosen time.",
        MANAGE_REPLIES: "Writes the first comment as a reply below the owner's own post, if the owner wrote one.",
        READ_REPLIES: "Reads the replies below the owner's own post to find out whether that comment is already there, so that it is "
        "never written twice.",
    },
    requirements=(
        "The app has the use case Access the Threads API. Not every existing app can add it: a separate app is the safe choice.",
        "Your own profiles need no review: give them the role Threads Tester, and accept it in the settings of Threads.",
        "Business verification in the Security Center of your business portfolio is complete.",
        "The app has an icon of 1024 × 1024 pixels and a category, and is published.",
        "Each permission was used successfully within the last 30 days: one published post with a first comment uses them all.",
        "The reviewer has an account of your service, and steps to reach the screens of the recording.",
        "The data handling questions are answered: the privacy policy says what is stored, and for how long.",
    ),
    demo=(
        "Choose to connect a Threads account. Threads' own page opens: log in there.",
        "Show the list of permissions long enough to be read, and allow them.",
        "Back in the service, show the connected account with its name and picture.",
        "Upload a picture, write a caption and a first comment, choose the account, and publish the post.",
        "Wait until the post is published, and open its link: show the post on Threads with its caption and the reply below it.",
        "Disconnect the account in the service, and show that it can no longer be chosen.",
    ),
    removal=translatable("Threads: in the app, open Settings, Account, Website permissions, and remove this service."),
)
