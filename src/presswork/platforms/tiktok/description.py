"""TikTok as data: its permissions, the review of the app and the audit of direct posts, and posting manually.

Sources: TikTok, "Scopes Reference", "App Review Guidelines", "Scopes" and "Content Sharing Guidelines", read 2026-11.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from presswork.core.enums import MediaType, Mode
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

BASIC: Final = "user.info.basic"
PROFILE: Final = "user.info.profile"
PUBLISH: Final = "video.publish"
UPLOAD: Final = "video.upload"
VIDEOS: Final = "video.list"
STATS: Final = "user.info.stats"
ASKED_SCOPES: Final = (BASIC, PUBLISH, UPLOAD)
"""Requested permissions: the account's profile, direct posts, and drafts in the inbox."""

_SCOPES: Final = (
    Scope(
        name=BASIC,
        why="Shows the nickname and the picture of the creator, so that people choose the right account for a post.",
        allows=translatable("See the name and the picture of your TikTok account."),
    ),
    Scope(name=PROFILE, allows=translatable("See the profile of your TikTok account.")),
    Scope(
        name=PUBLISH,
        why="Publishes a video or pictures to the creator's profile after the creator has chosen who may see it and has agreed to post it.",
        allows=translatable("Publish videos and pictures on your TikTok account."),
    ),
    Scope(
        name=UPLOAD,
        why="Sends a video or pictures to the creator's inbox as a draft, which the creator finishes and posts in TikTok.",
        allows=translatable("Send drafts to your TikTok inbox, which you finish and post yourself."),
    ),
    Scope(
        name=VIDEOS,
        why="Reads the views, likes, comments and shares of the posts that the creator published with the service, to show them to the people who publish there.",
        allows=translatable("See your public TikTok posts and their views, likes, comments and shares."),
    ),
    Scope(
        name=STATS,
        why="Reads how many followers the account has, to show how that number grows.",
        allows=translatable("See how many followers your TikTok account has."),
    ),
)
SECRETS: Final = (SecretForm(r"(?<![A-Za-z])(?:act|rft|clt)\.[A-Za-z0-9!._-]{8,}", ("act.", "rft.", "clt.")),)
"""Tokens of accounts, and of the app."""

MAX_IDS: Final = 20
"""Posts of one read. Source: TikTok, "Query Videos", read 2026-12."""
READ_LIMIT: Final = ReadLimit(calls=600, window=timedelta(minutes=1), is_per_account=False)
"""Of each call that reads numbers. Source: TikTok, "API Rate Limits" (2026-08-04), read 2026-12."""
_MINUTES: Final = "within minutes"
_VIDEO_SCOPES: Final = frozenset({VIDEOS})
_NOTES: Final = {
    metric: NumberNote(source=source, meaning=f"{what} of a public post", delay=_MINUTES, scopes=_VIDEO_SCOPES)
    for metric, source, what in (
        (Metric.VIEWS, "view_count", "views"),
        (Metric.LIKES, "like_count", "likes"),
        (Metric.COMMENTS, "comment_count", "comments"),
        (Metric.SHARES, "share_count", "shares"),
    )
}


class TikTokSettings(PlatformSettings):
    """The settings of TikTok."""

    tiktok_client_key: str | None = unset("TikTok client key, for live projects.")
    tiktok_client_secret: SecretStr | None = unset("TikTok client secret, for live projects.")
    tiktok_api_url: HttpUrl = host_url("https://open.tiktokapis.com", "TikTok's API")
    tiktok_www_url: HttpUrl = host_url("https://www.tiktok.com", "TikTok's authorization page and of links to posts")


DESCRIPTION: Final = Description(
    platform=PlatformName.TIKTOK,
    login=LoginName.TIKTOK,
    callback="c",
    app=AppSettings(
        owner=LoginName.TIKTOK,
        client_id="tiktok_client_key",
        client_secret="tiktok_client_secret",  # noqa: S106  the name of a setting
        api_url="tiktok_api_url",
        id_field="clientKey",
    ),
    hosts={"api_url": "tiktok_api_url", "www_url": "tiktok_www_url"},
    link_hosts={"links_url": "tiktok_www_url"},
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: frozenset({PUBLISH}), Mode.DRAFT: frozenset({UPLOAD})},
    take_down_advice="Open the post in the TikTok app, tap ⋯ and choose Delete.",
    insights=InsightsSupport(
        max_posts=MAX_IDS,
        calls_per_post=1 / MAX_IDS,
        scopes=frozenset({VIDEOS, STATS}),
        offered=frozenset(_NOTES),
        notes=_NOTES,
        account_notes={
            AccountNumber.FOLLOWERS: NumberNote(
                source="follower_count", meaning="followers", delay=_MINUTES, scopes=frozenset({STATS})
            )
        },
    ),
    read_limit=READ_LIMIT,
    drafts_by_text=False,
    offers_music=True,
    no_account=translatable("Begin the login again with a TikTok account that may publish videos."),
    manual_instructions=ManualInstructions(
        title="TikTok",
        handle_prefix="@",
        icon="M9 1.5v8.75a2.75 2.75 0 1 1-2.75-2.75M9 1.5c.3 2.2 1.8 3.7 4 4",
        choose={
            MediaType.IMAGE: ("Tap +, then Upload, pick the picture and tap Next twice.",),
            MediaType.VIDEO: ("Tap +, then Upload, pick the video and tap Next twice.",),
            MediaType.MULTI: (
                "Tap +, then Upload, pick the pictures in their order (they become a slideshow) and tap Next twice.",
            ),
        },
        share="Tap Post.",
        comment="When the post is there, write the first comment below it.",
    ),
    review=AppReview(
        title=translatable("TikTok"),
        portal="https://developers.tiktok.com/apps",
        fields=(
            PortalField("Terms of Service URL", "App details", PortalUrl.TERMS),
            PortalField("Privacy Policy URL", "App details", PortalUrl.PRIVACY),
            PortalField("Web/Desktop URL", "App details → Platforms", PortalUrl.SERVICE),
            PortalField("Redirect URI", "Login Kit → Web", PortalUrl.REDIRECT_URI),
            PortalField("Callback URL", "Webhooks", PortalUrl.WEBHOOK),
            PortalField("Domain", "URL properties → Verify properties", PortalUrl.HOST),
        ),
        scopes=reasons_of(_SCOPES),
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
            "TikTok: in the app, open Settings and privacy, Security and permissions, Apps and services permissions, and remove this service."
        ),
    ),
    # TikTok does not document how it fetches pictures; its crawlers use these names.
    crawlers=tuple(
        Crawler(
            name=name,
            user_agent=f"Mozilla/5.0 (compatible; {name}; {contact})",
            platform="TikTok",
            is_documented=False,
        )
        for name, contact in (
            ("TikTokSpider", "ttspider-feedback@tiktok.com"),
            ("Bytespider", "spider-feedback@bytedance.com"),
        )
    ),
    # TikTok, and so its sandbox, allows 30 status calls a minute per account. Source: TikTok, "Get Post Status", read 2026-11.
    test_policy=lambda policy: replace(policy, poll_max=timedelta(seconds=3)),
)
