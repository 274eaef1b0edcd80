"""Facebook Pages as data: their permissions, the review of the app, their hosts, and posting manually.

The app is the one of Instagram's second login. Sources: Meta, "Permissions Reference", "Page posts", "Reels Publishing API"
(2026-07-30) and "App Review", read 2026-11.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from presswork.core.enums import WITH_MEDIA_OR_TEXT, EditField, MediaType, Mode
from presswork.core.texts import translatable
from presswork.platforms.description import (
    AppReview,
    Description,
    ManualInstructions,
    Scope,
    reasons_of,
)
from presswork.platforms.facebook_pages.rules import MAX_COMMENT
from presswork.platforms.graph.description import (
    CRAWLERS,
    FACEBOOK_APP,
    FACEBOOK_LOGIN_FIELDS,
    FACEBOOK_REMOVAL,
    PORTAL,
    REQUIREMENTS,
    api_version,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs of Facebook's four hosts, or of the sandbox's equivalents."""

    graph: str
    """The Graph API and the code exchange, like https://graph.facebook.com."""
    www: str
    """The authorize page and the posts, like https://www.facebook.com."""
    upload: str
    """The upload host for reels, like https://rupload.facebook.com."""
    video: str
    """The Graph API for uploads of videos, like https://graph-video.facebook.com."""


_PAGES: Final = "pages_show_list"
_READ: Final = "pages_read_engagement"
_PUBLISH: Final = "pages_manage_posts"
_ENGAGE: Final = "pages_manage_engagement"
_READ_CONTENT: Final = "pages_read_user_content"
_INSIGHTS: Final = "read_insights"

TO_PUBLISH: Final = frozenset({_READ, _PUBLISH})
TO_COMMENT: Final = frozenset({_ENGAGE, _READ_CONTENT})
"""Reading comments is needed to look for the first one after a lost response."""
TO_READ_COMMENTS: Final = frozenset({_READ_CONTENT})
"""Their number, and that of reactions, too."""
TO_READ_NUMBERS: Final = frozenset({_INSIGHTS})
REQUESTED: Final = (_PAGES, _READ, _PUBLISH, _ENGAGE, _READ_CONTENT)
"""What the dialog requests, in this order. `pages_show_list` is used to list the Pages at the login only."""

_SCOPES: Final = (
    Scope(
        name=_PAGES,
        why="Lists the Pages that the person manages, once, at the login, so that they choose the right one for a post.",
        allows=translatable("See which Facebook Pages you manage, for you to choose from."),
    ),
    Scope(
        name=_READ,
        why="Shows the name and the picture of the Page, and reads its own posts to find out whether a post went live whose answer was lost.",
        allows=translatable("Read your Page: its name, its picture and what it has posted."),
    ),
    Scope(
        name=_PUBLISH,
        why="Publishes the pictures, videos and reels that the Page's owner has scheduled or approved, at the chosen time; and changes the text of such a post, or deletes it, when the owner asks for it.",
        allows=translatable("Publish pictures, videos and reels on your Page, change their texts and delete them."),
    ),
    Scope(
        name=_ENGAGE,
        why="Writes the first comment below the Page's own post, if the owner wrote one; and answers, hides, likes or deletes a comment below such a post when a person of the Page's team chooses to.",
        allows=translatable("Write comments below your Page's posts, and like, hide and delete those of others."),
    ),
    Scope(
        name=_READ_CONTENT,
        why="Reads the comments below the Page's own posts, to show them to the people who answer them, and to find out whether a comment of the Page is already there, so that it is never written twice.",
        allows=translatable("Read the comments below your Page's posts."),
    ),
    Scope(
        name=_INSIGHTS,
        why="Reads the views, the reach and the clicks of the posts that the Page's owner published with the service, and the views, the reach and the followers of the Page by day, to show them to the owner.",
        allows=translatable("See the statistics of your Page and its posts."),
    ),
)
READ_LIMIT: Final = ReadLimit(calls=4800, window=timedelta(hours=24), is_per_account=True)
"""4,800 for each person who engaged with the Page within 24 hours, and one is certain. Source: Meta, "Rate Limits", read 2026-11."""
_MINUTES: Final = "within minutes"
_DAY: Final = "about a day"


def _note(source: str, meaning: str) -> NumberNote:
    return NumberNote(source=source, meaning=meaning, delay=_DAY, scopes=TO_READ_NUMBERS)


_NOTES: Final = {
    Metric.VIEWS: _note("post_media_view", "how often the post was shown or played"),
    Metric.REACH: _note("post_total_media_view_unique", "people who saw it"),
    Metric.LIKES: NumberNote(
        source="reactions", meaning="reactions of all kinds", delay=_MINUTES, scopes=TO_READ_COMMENTS
    ),
    Metric.COMMENTS: NumberNote(source="comments", meaning="comments", delay=_MINUTES, scopes=TO_READ_COMMENTS),
    Metric.SHARES: NumberNote(source="shares", meaning="how often the post was shared", delay=_MINUTES),
    Metric.CLICKS: _note("post_clicks", "clicks anywhere on the post"),
}

DESCRIPTION: Final = Description(
    platform=PlatformName.FACEBOOK,
    login=LoginName.FACEBOOK_PAGES,
    callback="e",
    app=FACEBOOK_APP,
    hosts={
        "graph": "facebook_graph_url",
        "www": "facebook_www_url",
        "upload": "facebook_upload_url",
        "video": "facebook_video_url",
    },
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: TO_PUBLISH},
    comment_scopes=TO_COMMENT,
    take_down_scopes=TO_PUBLISH,
    take_down_advice="Open the post on Facebook as the Page, tap ⋯ and choose Move to trash.",
    comments=CommentsSupport(
        read_scopes=TO_READ_COMMENTS,
        reply_scopes=TO_COMMENT,
        actions=frozenset(CommentAction),
        max_text=MAX_COMMENT,
        has_webhooks=True,
    ),
    edit_scopes=TO_PUBLISH,
    edit_fields=frozenset({EditField.CAPTION, EditField.TITLE}),
    insights=InsightsSupport(
        max_posts=10,
        calls_per_post=2,
        scopes=TO_READ_NUMBERS,
        offered=frozenset(_NOTES),
        notes=_NOTES,
        account_notes={
            AccountNumber.FOLLOWERS: NumberNote(
                source="followers_count", meaning="followers; by day from page_follows", delay=_MINUTES
            ),
            AccountNumber.VIEWS: _note("page_media_view", "views of all content on a day"),
            AccountNumber.REACH: _note("page_total_media_view_unique", "people who saw any content on a day"),
        },
    ),
    read_limit=READ_LIMIT,
    media_types=WITH_MEDIA_OR_TEXT,
    no_account=translatable(
        "Ask for a role on the Page that lets you create content, begin the login again, and select the Page."
    ),
    manual_instructions=ManualInstructions(
        title="Facebook",
        handle_prefix="",
        icon="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM10.3 5H9.5A1.7 1.7 0 0 0 7.8 6.7v7.6M6 9h3.8",
        choose={
            MediaType.TEXT: ("Switch to the Page and tap What's on your mind.",),
            MediaType.IMAGE: ("Switch to the Page, tap What's on your mind, tap Photo/video and pick the picture.",),
            MediaType.VIDEO: ("Switch to the Page, tap What's on your mind, tap Photo/video and pick the video.",),
            MediaType.MULTI: (
                "Switch to the Page, tap What's on your mind, tap Photo/video and pick the pictures in their order.",
            ),
        },
        share="Tap Post.",
        comment="When the post is there, write the first comment below it.",
    ),
    review=AppReview(
        title=translatable("Facebook Pages"),
        portal=PORTAL,
        fields=FACEBOOK_LOGIN_FIELDS,
        scopes=reasons_of(_SCOPES),
        requirements=(
            "Your own Pages need no review: give the person a role on the app.",
            "The app is set to live: only people with a role on it see what an app in development mode posts.",
            *REQUIREMENTS,
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
        removal=FACEBOOK_REMOVAL,
    ),
    crawlers=CRAWLERS,
    version_setting="instagram_api_version",
    api_version=api_version,
)
