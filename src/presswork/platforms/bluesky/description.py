"""Bluesky as data: its permissions, what it asks of an app, and posting manually.

Source: atproto.com, "OAuth" (authorization scopes, client ID metadata document), read 2026-11.
"""

from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from presswork.core.enums import WITH_MEDIA_OR_TEXT, MediaType, Mode
from presswork.core.setting_types import HttpUrl, SecretForm
from presswork.core.texts import translatable
from presswork.platforms.bluesky.rules import MAX_GRAPHEMES
from presswork.platforms.description import (
    AppReview,
    AppSettings,
    Description,
    ManualInstructions,
    PlatformSettings,
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

_IDENTITY: Final = "atproto"
_WRITE: Final = "transition:generic"
SCOPES: Final = (_IDENTITY, _WRITE)
"""Requested permissions: the account's identity, and writing as the account.

Finer ones exist (`repo:app.bsky.feed.post`), but servers other than Bluesky's need not know them yet.
"""

_SCOPES: Final = (
    Scope(
        name=_IDENTITY,
        why="Shows which account was connected, with its handle and picture.",
        allows=translatable("See which Bluesky account is yours, and its profile."),
    ),
    Scope(
        name=_WRITE,
        why="Uploads pictures and videos, writes posts, first comments and replies to comments as the account, likes and hides comments when a person of the owner's team chooses to, and deletes such a post when its owner asks for it.",
        allows=translatable(
            "Publish pictures, videos and replies on your Bluesky account, and delete them. Bluesky's page also lists what else this permission covers, which this service does not use."
        ),
    ),
)
SECRETS: Final = (SecretForm(r"(?<![\w-])(?:tok|ref|cod|req)-[0-9A-Za-z]{16,}", ("tok-", "ref-", "cod-", "req-")),)
"""Tokens, authorization codes and pushed requests. Sessions have a JWT besides."""

_AT_ONCE: Final = "within seconds"
_NOTES: Final = {
    Metric.LIKES: NumberNote(source="likeCount", meaning="likes; of a thread, those of all its parts", delay=_AT_ONCE),
    Metric.COMMENTS: NumberNote(
        source="replyCount",
        meaning="direct replies, without the further parts of a thread, which are replies too",
        delay=_AT_ONCE,
    ),
    Metric.SHARES: NumberNote(source="repostCount + quoteCount", meaning="reposts and quotes together", delay=_AT_ONCE),
    Metric.SAVES: NumberNote(source="bookmarkCount", meaning="bookmarks", delay=_AT_ONCE),
}
MAX_URIS: Final = 25
"""Posts of one read. Source: lexicon app.bsky.feed.getPosts, read 2026-12."""
READ_LIMIT: Final = ReadLimit(calls=600, window=timedelta(minutes=1), is_per_account=False)
"""Calls from one IP address: five times as many in five minutes. Source: docs.bsky.app, "Rate Limits", read 2026-11."""


class BlueskySettings(PlatformSettings):
    """The settings of Bluesky."""

    bluesky_private_key: SecretStr | None = unset(
        "Key by which Bluesky's servers recognize this installation, for live projects: a P-256 private key in PEM form (PKCS#8); \\n may stand for line ends. The same in every process."
    )
    bluesky_client_id: HttpUrl | None = unset(
        "URL of the client metadata, if it is not served here. Unset: PRESSWORK_PUBLIC_URL/oauth/bluesky/client-metadata.json."
    )
    bluesky_url: HttpUrl = host_url(
        "https://bsky.social", "the server where logins at Bluesky begin: Bluesky's own, or your PDS"
    )
    bluesky_directory_url: HttpUrl = host_url("https://plc.directory", "the directory of Bluesky accounts")
    bluesky_video_url: HttpUrl = host_url("https://video.bsky.app", "Bluesky's video service")
    bluesky_www_url: HttpUrl = host_url("https://bsky.app", "links to posts on Bluesky")


DESCRIPTION: Final = Description(
    platform=PlatformName.BLUESKY,
    login=LoginName.BLUESKY,
    callback="h",
    app=AppSettings(
        owner=LoginName.BLUESKY,
        client_id="bluesky_client_id",
        client_secret="bluesky_private_key",  # noqa: S106  the name of a setting
        api_url="bluesky_url",
        is_optional=True,
        is_id_derived=True,
    ),
    hosts={"entryway": "bluesky_url", "directory": "bluesky_directory_url", "video": "bluesky_video_url"},
    link_hosts={"links": "bluesky_www_url"},
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: frozenset(SCOPES)},
    take_down_scopes=frozenset(SCOPES),
    take_down_advice="Open the post in the Bluesky app, tap ⋯ and choose Delete post.",
    insights=InsightsSupport(
        max_posts=MAX_URIS,
        calls_per_post=1 / MAX_URIS,
        offered=frozenset(_NOTES),
        notes=_NOTES,
        account_notes={
            AccountNumber.FOLLOWERS: NumberNote(source="followersCount", meaning="followers", delay=_AT_ONCE)
        },
    ),
    read_limit=READ_LIMIT,
    comments=CommentsSupport(
        read_scopes=frozenset(),
        reply_scopes=frozenset(),
        actions=frozenset(CommentAction),
        delete_own_only=True,
        max_text=MAX_GRAPHEMES,
    ),
    media_types=WITH_MEDIA_OR_TEXT,
    no_account=translatable("Begin the login again with an active Bluesky account."),
    manual_instructions=ManualInstructions(
        title="Bluesky",
        handle_prefix="@",
        icon=(
            "M8 7.3C7.2 5.8 5.1 3 3.2 2.9c-1.3-.1-1 2.9-.7 4.1.4 1.5 1.8 1.8 3.2 1.6-2.3.3-2.8 1.5-1.6 2.8C6.1 "
            "13.5 7.4 11.2 8 9.7c.6 1.5 1.9 3.8 3.9 1.7 1.2-1.3.7-2.5-1.6-2.8 1.4.2 2.8-.1 "
            "3.2-1.6.3-1.2.6-4.2-.7-4.1C10.9 3 8.8 5.8 8 7.3Z"
        ),
        choose={
            MediaType.TEXT: ("Tap the button for a new post.",),
            MediaType.IMAGE: ("Tap the button for a new post, tap the picture symbol and pick the picture.",),
            MediaType.VIDEO: ("Tap the button for a new post, tap the picture symbol and pick the video.",),
            MediaType.MULTI: (
                "Tap the button for a new post, tap the picture symbol and pick the pictures in their order.",
            ),
        },
        share="Tap Post.",
        comment="When the post is there, write the first comment as a reply to it.",
    ),
    review=AppReview(
        title=translatable("Bluesky"),
        portal="https://docs.bsky.app",
        fields=(),  # it asks for nothing but the documents that Presswork serves itself
        scopes=reasons_of(_SCOPES),
        requirements=(
            "Bluesky reviews no apps: the login works as soon as its servers can read the addresses below /oauth/bluesky/ of the service, over HTTPS and without a login.",
        ),
        demo=(),
        removal=translatable(
            "Bluesky: in the app, open Settings, Privacy and security, then the list of apps with access to your account, and remove this service."
        ),
    ),
)
