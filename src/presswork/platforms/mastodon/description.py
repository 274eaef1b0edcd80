"""Mastodon as data: its permissions, what it asks of an app, and posting manually.

Source: mastodon/documentation, api/oauth-scopes and methods/apps (2026-07), read 2026-12.
"""

from datetime import timedelta
from typing import Final

from presswork.core.enums import WITH_MEDIA_OR_TEXT, EditField, MediaType, Mode
from presswork.core.setting_types import HttpUrl
from presswork.core.texts import translatable
from presswork.platforms.description import (
    AppReview,
    AppSettings,
    Description,
    ManualInstructions,
    PlatformSettings,
    Scope,
    host_url,
    reasons_of,
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
from presswork.platforms.mastodon.text import MAX_CHARACTERS
from presswork.platforms.names import LoginName, PlatformName

_PROFILE: Final = "read:accounts"
_READ: Final = "read:statuses"
_WRITE: Final = "write:statuses"
_UPLOAD: Final = "write:media"
_LIKE: Final = "write:favourites"
TO_PUBLISH: Final = frozenset({_READ, _WRITE, _UPLOAD})
TO_LIKE: Final = frozenset({_LIKE})
SCOPES: Final = (_PROFILE, _READ, _WRITE, _UPLOAD, _LIKE)
"""Requested permissions. Servers before 4.3 do not know the narrower `profile`."""

_SCOPES: Final = (
    Scope(
        name=_PROFILE,
        why="Shows which account was connected, with its name and picture, and its number of followers.",
        allows=translatable("See your Mastodon profile."),
    ),
    Scope(
        name=_READ,
        why="Finds out whether a post is already there, so that it is never published twice, and reads the replies to it.",
        allows=translatable("Read your Mastodon posts and the replies to them."),
    ),
    Scope(
        name=_WRITE,
        why="Writes posts, first comments and replies as the account, and changes or deletes such a post when its owner asks for it.",
        allows=translatable("Publish, change and delete posts and replies on your Mastodon account."),
    ),
    Scope(
        name=_UPLOAD,
        why="Uploads the pictures and videos of posts.",
        allows=translatable("Upload pictures and videos for your Mastodon posts."),
    ),
    Scope(
        name=_LIKE,
        why="Likes a reply when a person of the owner's team chooses to.",
        allows=translatable("Add replies to the favorites of your Mastodon account."),
    ),
)
_AT_ONCE: Final = "at once"
_NOTES: Final = {
    Metric.LIKES: NumberNote(
        source="favourites_count", meaning="favorites; of a thread, those of all its parts", delay=_AT_ONCE
    ),
    Metric.COMMENTS: NumberNote(
        source="replies_count",
        meaning="direct replies that the account's server knows, without the further parts of a thread",
        delay=_AT_ONCE,
    ),
    Metric.SHARES: NumberNote(
        source="reblogs_count + quotes_count", meaning="boosts and quotes together", delay=_AT_ONCE
    ),
}
READ_LIMIT: Final = ReadLimit(calls=300, window=timedelta(minutes=5), is_per_account=True)
"""Source: mastodon/documentation, api/rate-limits (2026-07), read 2026-12."""


class MastodonSettings(PlatformSettings):
    """The settings of Mastodon."""

    mastodon_url: HttpUrl = host_url(
        "https://mastodon.social", "the Mastodon server where logins begin that name no other"
    )


DESCRIPTION: Final = Description(
    platform=PlatformName.MASTODON,
    login=LoginName.MASTODON,
    callback="m",
    app=AppSettings(owner=LoginName.MASTODON, api_url="mastodon_url", is_optional=True, is_id_derived=True),
    hosts={"server": "mastodon_url"},
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: TO_PUBLISH},
    take_down_scopes=frozenset({_WRITE}),
    take_down_advice="Open the post at its server, click ⋯ and choose Delete.",
    edit_scopes=frozenset({_WRITE}),
    edit_fields=frozenset({EditField.CAPTION}),
    insights=InsightsSupport(
        max_posts=10,
        calls_per_post=1,
        offered=frozenset(_NOTES),
        notes=_NOTES,
        account_notes={
            AccountNumber.FOLLOWERS: NumberNote(source="followers_count", meaning="followers", delay=_AT_ONCE)
        },
    ),
    read_limit=READ_LIMIT,
    comments=CommentsSupport(
        read_scopes=frozenset(),
        reply_scopes=frozenset(),
        actions=frozenset({CommentAction.REPLY, CommentAction.LIKE, CommentAction.DELETE}),
        delete_own_only=True,
        max_text=MAX_CHARACTERS,
    ),
    media_types=WITH_MEDIA_OR_TEXT,
    no_account=translatable("Begin the login again with an active Mastodon account."),
    manual_instructions=ManualInstructions(
        title="Mastodon",
        handle_prefix="@",
        icon="M3.5 12.8c1.5 1.1 4.7 1.5 7.1.7M2.9 11V5.5A3.1 3.2 0 0 1 6 2.3h4a3.1 3.2 0 0 1 3.1 3.2v2.8a2.4 2.4 0 0 1-2.4 2.4c-2.6.4-5.4.3-7.8-.3M5.7 8.4V6.2a1.15 1.15 0 0 1 2.3 0v1.5-1.5a1.15 1.15 0 0 1 2.3 0v2.2",
        choose={
            MediaType.TEXT: ("Tap the button for a new post.",),
            MediaType.IMAGE: ("Tap the button for a new post, tap the picture symbol and pick the picture.",),
            MediaType.VIDEO: ("Tap the button for a new post, tap the picture symbol and pick the video.",),
            MediaType.MULTI: (
                "Tap the button for a new post, tap the picture symbol and pick the pictures in their order.",
            ),
        },
        share="Tap Publish.",
        comment="When the post is there, write the first comment as a reply to it.",
    ),
    review=AppReview(
        title=translatable("Mastodon"),
        portal="https://docs.joinmastodon.org/client/intro/",
        fields=(),  # Presswork registers itself
        scopes=reasons_of(_SCOPES),
        requirements=(
            "Mastodon reviews no apps: Presswork registers itself at each server when a login begins there.",
        ),
        demo=(),
        removal=translatable(
            "Mastodon: at the account's server, open Preferences, Account, Authorized apps, and remove this service."
        ),
    ),
)
