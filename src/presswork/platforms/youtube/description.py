"""YouTube as data: its permissions, Google's verification of the app, YouTube's audit of its project, and posting manually.

Sources: Google, "OAuth 2.0 Scopes for Google APIs" (YouTube Data API v3) and the authorization section of each method, "OAuth App
Verification Help Center", "Quota and Compliance Audits" and "YouTube API Services: Developer Policies"; read 2026-11.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from pydantic import Field, SecretStr

from presswork.core.enums import EditField, MediaType, Mode
from presswork.core.setting_types import HttpUrl, SecretForm
from presswork.core.texts import translatable
from presswork.platforms.description import (
    AppReview,
    AppSettings,
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
from presswork.platforms.live_support import (
    AccountNumber,
    CommentAction,
    CommentsSupport,
    InsightsSupport,
    Metric,
    NumberNote,
    ReadLimit,
)
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.youtube.rules import MAX_COMMENT

_PREFIX: Final = "https://www.googleapis.com/auth/"
UPLOAD: Final = f"{_PREFIX}youtube.upload"
"""Uploads videos."""
MANAGE: Final = f"{_PREFIX}youtube.force-ssl"
"""Reads the channel and its playlists, changes and deletes videos, writes comments, adds videos to playlists and captions to
videos. There is no narrower permission for what it changes."""
ANALYTICS: Final = f"{_PREFIX}yt-analytics.readonly"
"""Reads YouTube Analytics, which accepts neither of the permissions that publishing needs. Google calls it sensitive."""
READ: Final = f"{_PREFIX}youtube.readonly"
"""Reads the channel. Contained in `MANAGE`, so it is not requested; a grant that has it alone can still be shown."""

REQUESTED: Final = (UPLOAD, MANAGE)
PUBLISH: Final = frozenset({UPLOAD, MANAGE})
COMMENT: Final = frozenset({MANAGE})
EXTRA_SCOPES: Final = {
    "thumbnail": frozenset({UPLOAD}),
    "playlist": frozenset({MANAGE}),
    "caption": frozenset({MANAGE}),
}
"""By kind; only `MANAGE` opens captions. `MANAGE` would open thumbnails too, and is required anyway."""

_SCOPES: Final = (
    Scope(
        name=UPLOAD,
        why="Uploads the video of a post to the channel of the person who publishes it, as private.",
        allows=translatable("Upload videos to your YouTube channel."),
    ),
    Scope(
        name=MANAGE,
        why="Reads the name and the picture of the channel, so that people choose the right one; reads whether an uploaded video is processed; changes its visibility from private to what the person chose; writes the first comment that the person wrote; reads the comments below the channel's own videos, to show them to the people who answer them, and answers, hides or deletes one when one of these people chooses to; lists the channel's playlists and adds the video to those that the person chose; uploads the captions of the video; and changes the title, the description and the visibility of the video, or deletes it, when the person asks for it. No narrower scope allows these changes.",
        allows=translatable(
            "See your YouTube channel, change its videos and who can see them, delete videos, write comments, and add captions and videos to playlists. Google calls this managing your videos, ratings, comments and captions."
        ),
    ),
    Scope(
        name=ANALYTICS,
        why="Reads how long the channel's own videos were watched, how often they were shared and how many subscribers they brought, and the views of the channel by day, to show them to the people who publish there.",
        allows=translatable("See the statistics of your YouTube channel and its videos."),
    ),
    Scope(name=READ, allows=translatable("See your YouTube channel.")),
)
_CREDENTIALS: Final = "APIs and services → Credentials → OAuth client (web application)"
_BRANDING: Final = "Google Auth Platform → Branding"
SECRETS: Final = (
    SecretForm(r"(?<![\w.-])ya29\.[\w.-]{8,}", ("ya29.",)),
    SecretForm(r"(?<![\w./-])(?:1//|4/)0[\w-]{8,}", ("1//0", "4/0")),
    SecretForm(r"(?<![\w-])GOCSPX-[\w-]{8,}", ("GOCSPX-",)),
)
"""Google's access tokens, refresh tokens and authorization codes, and secrets of apps."""

MAX_IDS: Final = 50
"""Videos of one read. Source: Google, "Videos: batchGetStats" and "Videos: list", read 2026-12."""
READ_LIMIT: Final = ReadLimit(calls=10_000, window=timedelta(days=1), is_per_account=False)
"""Both the calls a day of `videos.batchGetStats`, which has them for itself, and the units that all other reads share by default.
Source: Google, "YouTube Data API: Quota", read 2026-12."""
_MINUTES: Final = "within minutes"
_DAYS: Final = "two to three days"
_ANALYTICS_SCOPES: Final = frozenset({ANALYTICS})
_NOTES: Final = {
    Metric.VIEWS: NumberNote(
        source="viewCount", meaning="playbacks that began, since the change of August 2026", delay=_MINUTES
    ),
    Metric.LIKES: NumberNote(source="likeCount", meaning="likes; missing where the channel hides them", delay=_MINUTES),
    Metric.COMMENTS: NumberNote(
        source="commentCount", meaning="comments with their replies; missing where they are turned off", delay=_MINUTES
    ),
    Metric.SHARES: NumberNote(
        source="shares (Analytics)", meaning="uses of the Share button", delay=_DAYS, scopes=_ANALYTICS_SCOPES
    ),
    Metric.WATCH_SECONDS: NumberNote(
        source="estimatedMinutesWatched (Analytics)",
        meaning="the time that all viewers watched, in whole minutes",
        delay=_DAYS,
        scopes=_ANALYTICS_SCOPES,
    ),
    Metric.AVERAGE_WATCH_SECONDS: NumberNote(
        source="averageViewDuration (Analytics)",
        meaning="the average time of a playback",
        delay=_DAYS,
        scopes=_ANALYTICS_SCOPES,
    ),
    Metric.FOLLOWS: NumberNote(
        source="subscribersGained (Analytics)",
        meaning="people who subscribed on the video's page",
        delay=_DAYS,
        scopes=_ANALYTICS_SCOPES,
    ),
}


class YouTubeSettings(PlatformSettings):
    """The settings of YouTube."""

    youtube_client_id: str | None = unset("Google OAuth client ID, for live projects.")
    youtube_client_secret: SecretStr | None = unset("Google OAuth client secret, for live projects.")
    youtube_uploads_a_day: int = Field(
        default=100,
        ge=1,
        le=1_000_000,
        description="Uploads a day that the Google Cloud project may make, for all accounts together. Google's default; an audit can raise it.",
    )
    youtube_units_a_day: int = Field(
        default=10_000,
        ge=1000,
        le=1_000_000_000,
        description="Quota units a day of the Google Cloud project for all other calls. Google's default; an audit can raise it.",
    )
    youtube_accounts_url: HttpUrl = host_url("https://accounts.google.com", "Google's consent page")
    youtube_oauth_url: HttpUrl = host_url("https://oauth2.googleapis.com", "Google's token endpoint")
    youtube_api_url: HttpUrl = host_url("https://www.googleapis.com", "YouTube's Data API and of its uploads")
    youtube_analytics_url: HttpUrl = host_url("https://youtubeanalytics.googleapis.com", "YouTube Analytics")


DESCRIPTION: Final = Description(
    platform=PlatformName.YOUTUBE,
    login=LoginName.YOUTUBE,
    callback="f",
    app=AppSettings(
        owner=LoginName.YOUTUBE,
        client_id="youtube_client_id",
        client_secret="youtube_client_secret",  # noqa: S106  the name of a setting
        api_url="youtube_api_url",
        is_optional=True,
    ),
    hosts={
        "accounts_url": "youtube_accounts_url",
        "oauth_url": "youtube_oauth_url",
        "api_url": "youtube_api_url",
        "analytics_url": "youtube_analytics_url",
    },
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: PUBLISH},
    comment_scopes=COMMENT,
    take_down_scopes=frozenset({MANAGE}),
    take_down_advice="Open YouTube Studio, choose the video under Content, and delete it for good.",
    edit_scopes=frozenset({MANAGE}),
    edit_fields=frozenset(EditField),
    insights=InsightsSupport(
        max_posts=MAX_IDS,
        calls_per_post=1 / MAX_IDS,
        scopes=_ANALYTICS_SCOPES,
        offered=frozenset(_NOTES),
        notes=_NOTES,
        account_notes={
            AccountNumber.FOLLOWERS: NumberNote(
                source="subscriberCount", meaning="subscribers; missing where the channel hides them", delay=_MINUTES
            ),
            AccountNumber.VIEWS: NumberNote(
                source="views (Analytics)",
                meaning="views of all videos on a day",
                delay=_DAYS,
                scopes=_ANALYTICS_SCOPES,
            ),
        },
    ),
    read_limit=READ_LIMIT,
    comments=CommentsSupport(
        read_scopes=COMMENT,
        reply_scopes=COMMENT,
        actions=frozenset({CommentAction.REPLY, CommentAction.HIDE, CommentAction.DELETE}),
        max_text=MAX_COMMENT,
    ),
    extra_scopes=EXTRA_SCOPES,
    media_types=frozenset({MediaType.VIDEO}),
    no_account=translatable(
        "Create a channel at youtube.com, begin the login again, and choose the channel on Google's page."
    ),
    manual_instructions=ManualInstructions(
        title="YouTube",
        handle_prefix="@",
        icon=(
            "M4 3h8a2.5 2.5 0 0 1 2.5 2.5v5A2.5 2.5 0 0 1 12 13H4a2.5 2.5 0 0 1-2.5-2.5v-5A2.5 2.5 0 0 1 4 "
            "3Zm2.7 2.7v4.6L10.6 8Z"
        ),
        choose={MediaType.VIDEO: ("Tap +, choose Video, pick the video and tap Next. Write a title.",)},
        share="Tap Upload video.",
        comment="When the video is there, write the first comment below it.",
    ),
    review=AppReview(
        title=translatable("YouTube"),
        portal="https://console.cloud.google.com/apis/credentials",
        fields=(
            PortalField("Authorized redirect URIs", _CREDENTIALS, PortalUrl.REDIRECT_URI),
            PortalField("Application home page", _BRANDING, PortalUrl.SERVICE),
            PortalField("Application privacy policy link", _BRANDING, PortalUrl.PRIVACY),
            PortalField("Application terms of service link", _BRANDING, PortalUrl.TERMS),
            PortalField("Authorized domains", _BRANDING, PortalUrl.HOST),
        ),
        scopes=reasons_of(_SCOPES),
        requirements=(
            "The YouTube Data API v3 is enabled in the Google Cloud project.",
            "The app is “In production”: while it is in testing, every access ends after 7 days.",
            "The domain of the service is verified in Google Search Console, by an owner of the project.",
            "The recording shows the project's client ID in the address bar of Google's page, and every scope.",
            "The compliance audit is a separate form (support.google.com/youtube/contact/yt_api_form), for more quota. Since 2 November 2026 YouTube no longer keeps the uploads of projects without it private.",
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
    ),
    # Every poll costs a unit of the quota that all accounts share.
    live_policy=lambda policy: replace(policy, poll_first=timedelta(seconds=5), poll_max=timedelta(seconds=60)),
)
