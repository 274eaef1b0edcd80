"""X as data: its permissions, its settings, what it asks of an app, and posting manually.

Source: xdevplatform/docs (2026-08), "OAuth 2.0" (scopes), "Rate limits" and "Metrics", read 2026-11.
"""

from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from presswork.core.enums import WITH_MEDIA_OR_TEXT, MediaType, Mode
from presswork.core.setting_types import HttpUrl
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
from presswork.platforms.x.prices import PRICE
from presswork.platforms.x.text import MAX_WEIGHT

READ: Final = "tweet.read"
WRITE: Final = "tweet.write"
USERS: Final = "users.read"
MEDIA: Final = "media.write"
HIDE: Final = "tweet.moderate.write"
OFFLINE: Final = "offline.access"
SCOPES: Final = (READ, WRITE, USERS, MEDIA, HIDE, OFFLINE)
"""Requested permissions."""
TO_READ: Final = frozenset({READ, USERS})
TO_WRITE: Final = frozenset({READ, WRITE, USERS})
TO_PUBLISH: Final = TO_WRITE | {MEDIA}
TO_HIDE: Final = TO_READ | {HIDE}

_SCOPES: Final = (
    Scope(
        name=READ,
        why="Finds out after an interrupted call whether a post is already there, so that it is never published twice; reads the numbers of the account's own posts and the replies to them.",
        allows=translatable("See your posts on X and the replies to them."),
    ),
    Scope(
        name=WRITE,
        why="Writes posts, first comments and replies as the account, and deletes such a post when its owner asks for it.",
        allows=translatable("Publish posts and replies on your X account, and delete them."),
    ),
    Scope(
        name=USERS,
        why="Shows which account was connected, with its name and picture, and its number of followers.",
        allows=translatable("See your X profile."),
    ),
    Scope(
        name=MEDIA,
        why="Uploads the pictures and videos of posts.",
        allows=translatable("Upload pictures and videos for your posts on X."),
    ),
    Scope(
        name=HIDE,
        why="Hides a reply to the account's own post, or shows it again, when a person of the owner's team chooses to.",
        allows=translatable("Hide replies to your posts on X, and show them again."),
    ),
    Scope(
        name=OFFLINE,
        why="Keeps the access, so that a scheduled post can go out when the person is not there.",
        allows=translatable("Stay connected until you disconnect."),
    ),
)

_AT_ONCE: Final = "within minutes"
_NOTES: Final = {
    Metric.VIEWS: NumberNote(source="impression_count", meaning="how often the post was seen", delay=_AT_ONCE),
    Metric.LIKES: NumberNote(source="like_count", meaning="likes; of a thread, those of all its parts", delay=_AT_ONCE),
    Metric.COMMENTS: NumberNote(
        source="reply_count", meaning="replies, without the further parts of a thread", delay=_AT_ONCE
    ),
    Metric.SHARES: NumberNote(
        source="retweet_count + quote_count", meaning="reposts and quotes together", delay=_AT_ONCE
    ),
    Metric.SAVES: NumberNote(source="bookmark_count", meaning="bookmarks", delay=_AT_ONCE),
    Metric.CLICKS: NumberNote(
        source="url_link_clicks", meaning="clicks on the post's links, in its first 30 days", delay=_AT_ONCE
    ),
}
MAX_IDS: Final = 100
"""Posts of one read."""
READ_LIMIT: Final = ReadLimit(calls=900, window=timedelta(minutes=15), is_per_account=True)


class XSettings(PlatformSettings):
    """The settings of X."""

    x_client_id: str | None = unset("X OAuth 2.0 client ID, for live projects.")
    x_client_secret: SecretStr | None = unset("X OAuth 2.0 client secret, for live projects.")
    x_api_url: HttpUrl = host_url("https://api.x.com", "X's API")
    x_www_url: HttpUrl = host_url("https://x.com", "X's authorization page")


DESCRIPTION: Final = Description(
    platform=PlatformName.X,
    login=LoginName.X,
    callback="x",
    app=AppSettings(
        owner=LoginName.X,
        client_id="x_client_id",
        client_secret="x_client_secret",  # noqa: S106  the name of a setting
        api_url="x_api_url",
        is_optional=True,
    ),
    hosts={"api_url": "x_api_url", "www_url": "x_www_url"},
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: TO_PUBLISH},
    take_down_scopes=TO_WRITE,
    take_down_advice="Open the post on X, tap ⋯ and choose Delete.",
    insights=InsightsSupport(
        max_posts=MAX_IDS,
        calls_per_post=1 / MAX_IDS,
        offered=frozenset(_NOTES),
        notes=_NOTES,
        account_notes={
            AccountNumber.FOLLOWERS: NumberNote(source="followers_count", meaning="followers", delay=_AT_ONCE)
        },
    ),
    read_limit=READ_LIMIT,
    comments=CommentsSupport(
        read_scopes=TO_READ,
        reply_scopes=TO_WRITE,
        actions=frozenset({CommentAction.REPLY, CommentAction.HIDE, CommentAction.DELETE}),
        delete_own_only=True,
        max_text=MAX_WEIGHT,
    ),
    price=PRICE,
    media_types=WITH_MEDIA_OR_TEXT,
    no_account=translatable("Begin the login again with an active X account."),
    manual_instructions=ManualInstructions(
        title="X",
        handle_prefix="@",
        icon="M2.5 2.5h2.7l8.3 11h-2.7zM2.8 13.5 7.2 8.6M8.8 6.8l3.9-4.3",
        choose={
            MediaType.TEXT: ("Tap +, then Post.",),
            MediaType.IMAGE: ("Tap +, then Post, tap the picture symbol and pick the picture.",),
            MediaType.VIDEO: ("Tap +, then Post, tap the picture symbol and pick the video.",),
            MediaType.MULTI: ("Tap +, then Post, tap the picture symbol and pick the pictures in their order.",),
        },
        share="Tap Post.",
        comment="When the post is there, write the first comment as a reply to it.",
    ),
    review=AppReview(
        title=translatable("X"),
        portal="https://console.x.com",
        fields=(
            PortalField("Callback URI / Redirect URL", "User authentication settings", PortalUrl.REDIRECT_URI),
            PortalField("Website URL", "User authentication settings", PortalUrl.SERVICE),
            PortalField("Terms of service", "User authentication settings", PortalUrl.TERMS),
            PortalField("Privacy policy", "User authentication settings", PortalUrl.PRIVACY),
        ),
        scopes=reasons_of(_SCOPES),
        requirements=(
            "X reviews no apps. A developer account describes what the app is for, and pays for each call in advance: buy credits, and set a spending limit.",
            "The app has the type Web App, Automated App or Bot, and the permission to read and write.",
            "Accounts that post automatically carry the label Automated, which their owner sets on X.",
        ),
        demo=(),
        removal=translatable(
            "X: open Settings, Security and account access, Apps and sessions, Connected apps, and remove this service."
        ),
    ),
)
