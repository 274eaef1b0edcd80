"""Threads as data: its permissions, the review of the app, its hosts, and posting manually.

Sources: Meta, "Get Access Tokens and Permissions" and "Share posts to Instagram Stories" (Threads API), "App Review" and "Data
Deletion Request Callback", read 2026-11.
"""

from dataclasses import dataclass, replace
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
    PortalField,
    PortalUrl,
    Scope,
    host_url,
    reasons_of,
    unset,
)
from presswork.platforms.graph.description import (
    BUSINESS_VERIFICATION,
    CRAWLERS,
    DOMAINS_FIELD,
    LAST_REQUIREMENTS,
    PORTAL,
    PRIVACY_FIELD,
    TERMS_FIELD,
    MetaSettings,
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
from presswork.platforms.retry_policy import RetryPolicy
from presswork.platforms.threads.rules import MAX_BYTES

API_VERSION: Final = "v1.0"
"""The only version. Source: Meta, "Overview" (Threads API, 2025-12), read 2026-11."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs of Threads' two hosts, or of the sandbox's equivalents."""

    graph: str
    """The API and the code exchange, like https://graph.threads.net."""
    www: str
    """The authorize page, like https://threads.com."""


_BASIC: Final = "threads_basic"
_PUBLISH: Final = "threads_content_publish"
_MANAGE_REPLIES: Final = "threads_manage_replies"
_READ_REPLIES: Final = "threads_read_replies"
_DELETE: Final = "threads_delete"
_INSIGHTS: Final = "threads_manage_insights"
SHARE: Final = "threads_share_to_instagram"
"""Requested only where the settings name it: each permission is one more that Meta reviews."""

TO_PUBLISH: Final = frozenset({_BASIC, _PUBLISH})
TO_COMMENT: Final = frozenset({_MANAGE_REPLIES, _READ_REPLIES})
TO_READ_COMMENTS: Final = frozenset({_READ_REPLIES})
"""A first comment is a reply; reading replies is needed to look for it after a lost response."""
TO_TAKE_DOWN: Final = frozenset({_BASIC, _DELETE})
TO_READ_NUMBERS: Final = frozenset({_INSIGHTS})
REQUESTED: Final = (_BASIC, _PUBLISH, _MANAGE_REPLIES, _READ_REPLIES, _DELETE)
"""What the authorize page requests, in this order."""

_SCOPES: Final = (
    Scope(
        name=_BASIC,
        why="Shows the name and the picture of the profile, so that people choose the right account for a post.",
        allows=translatable("See your Threads profile: its name, its picture and what you have posted."),
    ),
    Scope(
        name=_PUBLISH,
        why="Publishes the pictures, videos and carousels that the profile's owner has scheduled or approved, at the chosen time.",
        allows=translatable("Publish pictures, videos and carousels on your Threads profile."),
    ),
    Scope(
        name=_MANAGE_REPLIES,
        why="Writes the first comment as a reply below the owner's own post, if the owner wrote one; and answers, hides or shows a reply below such a post when a person of the owner's team chooses to.",
        allows=translatable("Write replies below your posts, and hide those of others."),
    ),
    Scope(
        name=_READ_REPLIES,
        why="Reads the replies below the owner's own posts, to show them to the people who answer them, and to find out whether a reply of the owner is already there, so that it is never written twice.",
        allows=translatable("Read the replies below your posts."),
    ),
    Scope(
        name=_DELETE,
        why="Deletes a post that the profile's owner published with the service, when the owner asks for it.",
        allows=translatable("Delete your Threads posts."),
    ),
    Scope(
        name=_INSIGHTS,
        why="Reads the views, likes, replies and shares of the posts that the profile's owner published with the service, and the followers and the views of the profile, to show them to the owner.",
        allows=translatable("See the statistics of your Threads profile and its posts."),
    ),
    Scope(
        name=SHARE,
        allows=translatable("Share your Threads posts as stories of the Instagram account that is linked to it."),
    ),
)
READ_LIMIT: Final = ReadLimit(calls=48_000, window=timedelta(hours=24), is_per_account=True)
"""4,800 for each time that the profile's content was shown within 24 hours, where 10 are the least that counts. Source: Meta, "Overview", rate
limiting (Threads API), read 2026-11."""
_HOURS: Final = "minutes to hours"


def _note(source: str, meaning: str) -> NumberNote:
    return NumberNote(source=source, meaning=meaning, delay=_HOURS, scopes=TO_READ_NUMBERS)


_NOTES: Final = {
    Metric.VIEWS: _note("views", "how often the post was shown; of a thread, its first part"),
    Metric.LIKES: _note("likes", "likes; of a thread, those of all its parts"),
    Metric.COMMENTS: _note("replies", "replies, without the further parts of a thread"),
    Metric.SHARES: _note(
        "reposts + quotes + shares", "reposts, quotes and shares together; of a thread, those of all its parts"
    ),
}
_SETTINGS_PAGE: Final = "Use cases → Access the Threads API → Settings"

PUBLISH_TIMEOUT: Final = timedelta(seconds=120)
"""Longest call of threads_publish; one was measured at 222 seconds by another publisher, so an abort proves nothing."""


def _live_policy(policy: RetryPolicy) -> RetryPolicy:
    """Return the policy with a longer call that publishes, and a repetition that is later by all of it: a call is repeated only
    when the first one can't be on its way any more, and one has been seen to take 222 seconds.
    """
    return replace(
        policy,
        timeouts=replace(policy.timeouts, live_call=PUBLISH_TIMEOUT),
        republish_after=policy.republish_after + PUBLISH_TIMEOUT,
    )


class ThreadsSettings(MetaSettings):
    """The settings of Threads."""

    threads_client_id: str | None = unset("Threads app ID, for live projects.")
    threads_client_secret: SecretStr | None = unset("Threads app secret, for live projects.")
    threads_extra_scopes: str | None = unset(
        "Comma-separated permissions to request in addition to those that publishing needs: threads_share_to_instagram, to share posts as Instagram stories."
    )
    threads_graph_url: HttpUrl = host_url("https://graph.threads.net", "the Threads API")
    threads_www_url: HttpUrl = host_url("https://threads.com", "Threads' authorization page")


DESCRIPTION: Final = Description(
    platform=PlatformName.THREADS,
    login=LoginName.THREADS,
    callback="d",
    app=AppSettings(
        owner=LoginName.THREADS,
        client_id="threads_client_id",
        client_secret="threads_client_secret",  # noqa: S106  the name of a setting
        api_url="threads_graph_url",
        is_optional=True,
    ),
    hosts={"graph": "threads_graph_url", "www": "threads_www_url"},
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: TO_PUBLISH},
    comment_scopes=TO_COMMENT,
    take_down_scopes=TO_TAKE_DOWN,
    comments=CommentsSupport(
        read_scopes=TO_READ_COMMENTS,
        reply_scopes=TO_COMMENT,
        actions=frozenset({CommentAction.REPLY, CommentAction.HIDE, CommentAction.DELETE}),
        delete_own_only=True,
        max_text=MAX_BYTES,
        has_webhooks=True,
    ),
    take_down_advice="Open the post in the Threads app, tap ⋯ and choose Delete.",
    insights=InsightsSupport(
        max_posts=10,
        calls_per_post=1,
        scopes=TO_READ_NUMBERS,
        offered=frozenset(_NOTES),
        notes=_NOTES,
        account_notes={
            AccountNumber.FOLLOWERS: _note("followers_count", "followers"),
            AccountNumber.VIEWS: _note("views", "views of the profile and its posts on a day"),
        },
    ),
    read_limit=READ_LIMIT,
    media_types=WITH_MEDIA_OR_TEXT | {MediaType.MIXED},
    no_account=translatable("Create a Threads profile in the Threads app, and begin the login again."),
    manual_instructions=ManualInstructions(
        title="Threads",
        handle_prefix="@",
        icon=(
            "M12.6 6.1c-.4-2.5-2-4-4.5-4C4.6 2.1 2.6 4.4 2.6 8s2 5.9 5.5 5.9c2.7 0 4.8-1.4 4.8-3.4 "
            "0-1.9-1.6-3-4.2-3-1.9 0-3.1.7-3.1 2 0 1 .9 1.8 2.2 1.8 2 0 3-1.6 2.9-4.3-.1-1.5-1-2.4-2.5-2.4-1.1 "
            "0-1.9.5-2.3 1.3"
        ),
        choose={
            MediaType.TEXT: ("Tap +.",),
            MediaType.IMAGE: ("Tap +, tap the picture icon and pick the picture.",),
            MediaType.VIDEO: ("Tap +, tap the picture icon and pick the video.",),
            MediaType.MULTI: (
                "Tap +, tap the picture icon and pick the pictures in their order (they become a carousel).",
            ),
            MediaType.MIXED: (
                "Tap +, tap the picture icon and pick the pictures and videos in their order (they become a carousel).",
            ),
        },
        share="Tap Post.",
        comment="When the post is there, write the first comment as a reply to it.",
    ),
    review=AppReview(
        title=translatable("Threads"),
        portal=PORTAL,
        fields=(
            PortalField("Redirect Callback URLs", _SETTINGS_PAGE, PortalUrl.REDIRECT_URI),
            PortalField("Uninstall Callback URL", _SETTINGS_PAGE, PortalUrl.DEAUTHORIZE),
            PortalField("Delete Callback URL", _SETTINGS_PAGE, PortalUrl.DATA_DELETION),
            PRIVACY_FIELD,
            TERMS_FIELD,
            DOMAINS_FIELD,
        ),
        scopes=reasons_of(_SCOPES),
        requirements=(
            "The app has the use case Access the Threads API. Not every existing app can add it: a separate app is the safe choice.",
            "Your own profiles need no review: give them the role Threads Tester, and accept it in the settings of Threads.",
            BUSINESS_VERIFICATION,
            "The app has an icon of 1024 × 1024 pixels and a category, and is published.",
            *LAST_REQUIREMENTS,
        ),
        demo=(
            "Choose to connect a Threads account. Threads' own page opens: log in there.",
            "Show the list of permissions long enough to be read, and allow them.",
            "Back in the service, show the connected account with its name and picture.",
            "Upload a picture, write a caption and a first comment, choose the account, and publish the post.",
            "Wait until the post is published, and open its link: show the post on Threads with its caption and the reply below it.",
            "Take the post down in the service, and show that it is gone on Threads.",
            "Disconnect the account in the service, and show that it can no longer be chosen.",
        ),
        removal=translatable(
            "Threads: in the app, open Settings, Account, Website permissions, and remove this service."
        ),
    ),
    crawlers=CRAWLERS,
    live_policy=_live_policy,
)
