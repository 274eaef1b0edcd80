"""What Google's verification of the app and YouTube's audit of its project ask for.

Source: Google, "OAuth App Verification Help Center", "Quota and Compliance Audits" and "YouTube API Services: Developer
Policies", read 2026-11.
"""

from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.app_review import Address, AppReview, Field
from presswork.platforms.youtube.scopes import MANAGE, UPLOAD

REVIEW: Final = AppReview(
    title=translatable("YouTube"),
    portal="https://console.cloud.google.com/apis/credentials",
    fields=(
        Field(
            label="Authorized redirect URIs",
            where="APIs and services → Credentials → OAuth client (web application)",
            address=Address.REDIRECT_URI,
        ),
        Field(label="Application home page", where="Google Auth Platform → Branding", address=Address.SERVICE),
        Field(
            label="Application privacy policy link", where="Google Auth Platform → Branding", address=Address.PRIVACY
        ),
        Field(
            label="Application terms of service link", where="Google Auth Platform → Branding", address=Address.TERMS
        ),
        Field(label="Authorized domains", where="Google Auth Platform → Branding", address=Address.HOST),
    ),
    scopes={
        UPLOAD: "Uploads the video of a post to the channel of the person who publishes it, as private.",
        MANAGE: (
            "Reads the name and the picture of the channel, so that people choose the right one; reads whether an uploaded video "
            "is processed; changes its visibility from private to what the person chose; and writes the first comment that the "
            "person wrote. No narrower scope allows the last two."
        ),
    },
    requirements=(
        "The YouTube Data API v3 is enabled in the Google Cloud project.",
        "The app is “In production”: while it is in testing, every access ends after 7 days.",
        "The domain of the service is verified in Google Search Console, by an owner of the project.",
        "The recording shows the project's client ID in the address bar of Google's page, and every scope.",
        (
            "The compliance audit is a separate form (support.google.com/youtube/contact/yt_api_form), for more quota. Since 2 November "
            "2026 YouTube no longer keeps the uploads of projects without it private."
        ),
        "The privacy policy links Google's privacy policy and says that the service uses YouTube API Services; the terms link YouTube's.",
    ),
    demo=(
        "Choose to connect a YouTube account. Google's own page opens: log in there and choose a channel.",
        "Leave every permission on, show the list of them long enough to be read, and allow them.",
        "Back in the service, show the connected channel with its name and picture.",
        "Upload a video, write a title, a description and a first comment, choose who can see it, and publish the post.",
        "Wait until the post is published, and open its link: show the video on YouTube with its comment.",
        "Disconnect the channel in the service, and show that it can no longer be chosen.",
    ),
    removal=translatable(
        "YouTube: open myaccount.google.com/connections, choose this service, and delete the connection."
    ),
)
