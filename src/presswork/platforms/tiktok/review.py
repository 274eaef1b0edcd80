"""What TikTok's app review and its audit of direct posts ask for.

Source: TikTok, "App Review Guidelines", "Scopes" and "Content Sharing Guidelines", read 2026-11.
"""

from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.app_review import Address, AppReview, Field
from presswork.platforms.tiktok.login import BASIC, PUBLISH, UPLOAD

REVIEW: Final = AppReview(
    title=translatable("TikTok"),
    portal="https://developers.tiktok.com/apps",
    fields=(
        Field(label="Terms of Service URL", where="App details", address=Address.TERMS),
        Field(label="Privacy Policy URL", where="App details", address=Address.PRIVACY),
        Field(label="Web/Desktop URL", where="App details → Platforms", address=Address.SERVICE),
        Field(label="Redirect URI", where="Login Kit → Web", address=Address.REDIRECT_URI),
        Field(label="Callback URL", where="Webhooks", address=Address.WEBHOOK),
        Field(label="Domain", where="URL properties → Verify properties", address=Address.HOST),
    ),
    scopes={
        BASIC: "Shows the nickname and the picture of the creator, so that people choose the right account for a post.",
        PUBLISH: (
            "Publishes a video or pictures to the creator's profile after the creator has chosen who may see it and has agreed "
            "to post it."
        ),
        UPLOAD: "Sends a video or pictures to the creator's inbox as a draft, which the creator finishes and posts in TikTok.",
    },
    requirements=(
        "The app has an icon of 1024 × 1024 pixels, a category and a description, and its name does not contain “TikTok”.",
        "Login Kit and the Content Posting API are added, with Direct Post turned on.",
        "The domain of the service is verified under URL properties.",
        "The website of the app shows what the service does, and links the privacy policy and the terms.",
        "The recording was made with an account of the sandbox, and shows every scope.",
    ),
    demo=(
        "Choose to connect a TikTok account. TikTok's own page opens: log in there, show the permissions, and allow them.",
        "Back in the service, show the connected account with its nickname and picture.",
        "Upload a video and open the page for posting it: show the preview and the creator's nickname.",
        "Open the choice of who may see the post, and show that none is chosen in advance. Choose one.",
        "Show the switches for comments, duets and stitches, which are off, and turn on what you want.",
        "Turn on the disclosure of commercial content, show both kinds and the texts they lead to, and turn it off again.",
        "Show the consent to TikTok's Music Usage Confirmation, and post the video.",
        "Show the notice that TikTok processes the post, then the post in the TikTok app.",
        "Send another video as a draft, and finish it in the TikTok app's inbox.",
    ),
    removal=translatable(
        "TikTok: in the app, open Settings and privacy, Security and permissions, Apps and services permissions, and remove this "
        "service."
    ),
)
