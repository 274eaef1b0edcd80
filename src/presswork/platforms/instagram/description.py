"""Instagram as data, by login: its permissions, the review of the app, its hosts, and posting manually.

Sources: Meta, "Business Login for Instagram", "Instagram API with Facebook Login", "Permissions Reference" and "App Review", read
2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from presswork.core.enums import WITH_MEDIA, MediaType, Mode
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
    BASIC_FIELDS,
    CRAWLERS,
    FACEBOOK_APP,
    FACEBOOK_LOGIN_FIELDS,
    FACEBOOK_REMOVAL,
    PORTAL,
    REQUIREMENTS,
    GraphSettings,
    api_version,
)
from presswork.platforms.instagram.rules import MAX_CHARACTERS
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
    """Base URLs of Instagram's three hosts, or of the sandbox's equivalents."""

    graph: str
    """The Graph API, like https://graph.instagram.com."""
    api: str
    """The code exchange, like https://api.instagram.com."""
    www: str
    """The authorize page, like https://www.instagram.com."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacebookEndpoints:
    """Base URLs of the three hosts used with Facebook Login."""

    graph: str
    """The Graph API and the code exchange, like https://graph.facebook.com."""
    www: str
    """The authorize page, like https://www.facebook.com."""
    upload: str
    """The upload host for videos, like https://rupload.facebook.com."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """The permissions that one login requests, by purpose."""

    publish: frozenset[str]
    comment: frozenset[str]
    take_down: frozenset[str] | None
    """None where the login has no call that deletes posts."""
    insights: frozenset[str]
    """What insights need beyond publishing."""
    has_facebook_counts: bool
    """Whether a post has fields for saves and shares, and a story a number for taps on its link."""
    like: frozenset[str] | None
    """What likes of comments need; None where the login has no call for them."""
    requested: tuple[str, ...]
    """What the authorize page requests, in this order."""


_BASIC: Final = "instagram_business_basic"
_PUBLISH: Final = "instagram_business_content_publish"
_COMMENT: Final = "instagram_business_manage_comments"
_INSIGHTS: Final = "instagram_business_manage_insights"

BY_INSTAGRAM: Final = Permissions(
    publish=frozenset({_BASIC, _PUBLISH}),
    comment=frozenset({_COMMENT}),
    take_down=None,
    insights=frozenset({_INSIGHTS}),
    has_facebook_counts=False,
    like=None,
    requested=(_BASIC, _PUBLISH, _COMMENT),
)

_FACEBOOK_BASIC: Final = "instagram_basic"
_FACEBOOK_PUBLISH: Final = "instagram_content_publish"
_FACEBOOK_COMMENT: Final = "instagram_manage_comments"
_FACEBOOK_DELETE: Final = "instagram_manage_contents"
_FACEBOOK_INSIGHTS: Final = "instagram_manage_insights"
ENGAGE: Final = "instagram_manage_engagement"
"""Likes of comments. No login requests it unless PRESSWORK_FACEBOOK_EXTRA_SCOPES names it: it has a review of its own."""
_PAGES: Final = "pages_show_list"
_PAGES_READ: Final = "pages_read_engagement"

BY_FACEBOOK: Final = Permissions(
    publish=frozenset({_FACEBOOK_BASIC, _FACEBOOK_PUBLISH, _PAGES_READ}),
    comment=frozenset({_FACEBOOK_COMMENT, _PAGES_READ}),
    take_down=frozenset({_FACEBOOK_BASIC, _FACEBOOK_DELETE}),
    insights=frozenset({_FACEBOOK_INSIGHTS}),
    has_facebook_counts=True,
    like=frozenset({_FACEBOOK_BASIC, ENGAGE}),
    requested=(_FACEBOOK_BASIC, _FACEBOOK_PUBLISH, _FACEBOOK_COMMENT, _FACEBOOK_DELETE, _PAGES, _PAGES_READ),
)
"""`pages_show_list` is used to find the Page at the login only."""

_SCOPES: Final = (
    Scope(
        name=_BASIC,
        why="Shows the name and the picture of the account, so that people choose the right account for a post.",
        allows=translatable(
            "See the profile of your Instagram account: its name, its picture and what you have posted."
        ),
    ),
    Scope(
        name=_PUBLISH,
        why="Publishes the pictures, videos and carousels that the account's owner has scheduled or approved, at the chosen time.",
        allows=translatable("Publish pictures, reels and carousels on your Instagram account."),
    ),
    Scope(
        name=_COMMENT,
        why="Writes the first comment below the owner's own post, if the owner wrote one; reads the comments below the owner's posts, to show them to the people who answer them, and to find out whether a comment of the owner is already there, so that it is never written twice; and answers, hides or deletes a comment when one of these people chooses to.",
        allows=translatable("Write comments below your posts, and read and remove those of others."),
    ),
    Scope(
        name=_INSIGHTS,
        why="Reads the views, the reach and the other numbers of the posts that the account's owner published with the service, and the views and the reach of the account by day, to show them to the owner.",
        allows=translatable("See the statistics of your Instagram account and its posts."),
    ),
)
_FACEBOOK_SCOPES: Final = (
    *(
        replace(scope, name=name)
        for scope, name in zip(
            _SCOPES, (_FACEBOOK_BASIC, _FACEBOOK_PUBLISH, _FACEBOOK_COMMENT, _FACEBOOK_INSIGHTS), strict=True
        )
    ),
    Scope(
        name=_FACEBOOK_DELETE,
        why="Deletes a post that the account's owner published with the service, when the owner asks for it.",
        allows=translatable("Delete posts of your Instagram account."),
    ),
    Scope(
        name=_PAGES,
        why="Lists the Pages that the person manages, once, at the login, to find the Instagram accounts that are linked to them.",
        allows=translatable("See which Facebook Pages you manage, to find the Instagram account that belongs to one."),
    ),
    Scope(
        name=_PAGES_READ,
        why="Reads which Instagram account is linked to a Page, which publishing to that account requires.",
        allows=translatable("Read the Facebook Page that your Instagram account is linked to."),
    ),
)

_MINUTES: Final = "within minutes"
_TWO_DAYS: Final = "minutes to 48 hours"
READ_LIMIT: Final = ReadLimit(calls=4800, window=timedelta(hours=24), is_per_account=True)
"""4,800 for each time that the account's content was shown within 24 hours, and once is certain. Source: Meta, "Rate Limits", read 2026-11."""


def _insights_of(permissions: Permissions) -> InsightsSupport:
    """Return how numbers are read with one login."""
    scopes = permissions.insights

    def note(source: str, meaning: str) -> NumberNote:
        return NumberNote(source=source, meaning=meaning, delay=_TWO_DAYS, scopes=scopes)

    def count(source: str, meaning: str) -> NumberNote:
        return NumberNote(source=source, meaning=meaning, delay=_MINUTES)

    saves, shares = "how often the post was saved", "how often the post was shared; reposts are apart"
    facebook: Mapping[Metric, NumberNote] = {
        Metric.SAVES: count("saved_count", saves),
        Metric.SHARES: count("shares_count", shares),
        Metric.CLICKS: note("link_clicks", "taps on the link of a story"),
    }
    notes: Mapping[Metric, NumberNote] = {
        Metric.VIEWS: note("views", "how often the post was shown or played, repeats included"),
        Metric.REACH: note("reach", "accounts that saw it"),
        Metric.LIKES: count("like_count", "likes; missing where the account hides them, and none for stories"),
        Metric.COMMENTS: count(
            "comments_count; replies", "comments; of a story, replies, which are 0 in Europe and Japan"
        ),
        Metric.SHARES: note("shares", shares),
        Metric.SAVES: note("saved", saves),
        Metric.WATCH_SECONDS: note(
            "ig_reels_video_view_total_time", "the time that a reel was played, replays included"
        ),
        Metric.AVERAGE_WATCH_SECONDS: note("ig_reels_avg_watch_time", "the average time that a reel was played"),
        Metric.FOLLOWS: note("follows", "new followers from the post; none for reels"),
        **(facebook if permissions.has_facebook_counts else {}),
    }
    return InsightsSupport(
        max_posts=10,
        calls_per_post=2,
        scopes=scopes,
        offered=frozenset(notes),
        notes=notes,
        account_notes={
            AccountNumber.FOLLOWERS: count("followers_count", "followers"),
            AccountNumber.VIEWS: note("views", "views of all content on a day"),
            AccountNumber.REACH: note("reach", "accounts that saw any content on a day"),
        },
    )


_DELETE_MANUALLY: Final = "Open the post in the Instagram app, tap ⋯ and choose Delete."
_LOGIN_PAGE: Final = "Instagram → API setup with Instagram login → Business login settings"
_PUBLISH_SCENES: Final = (
    "Back in the service, show the connected account with its name and picture.",
    "Upload a picture, write a caption and a first comment, choose the account, and publish the post.",
    "Wait until the post is published, and open its link: show the post on Instagram with its caption and first comment.",
)
_LAST_SCENE: Final = "Disconnect the account in the service, and show that it can no longer be chosen."


class InstagramSettings(GraphSettings):
    """The settings of Instagram."""

    instagram_client_id: str | None = unset("Instagram app ID, for live projects.")
    instagram_client_secret: SecretStr | None = unset("Instagram app secret, for live projects.")
    instagram_graph_url: HttpUrl = host_url("https://graph.instagram.com", "Instagram's Graph API")
    instagram_api_url: HttpUrl = host_url("https://api.instagram.com", "Instagram's authorization code exchange")
    instagram_www_url: HttpUrl = host_url("https://www.instagram.com", "Instagram's authorization page")


DESCRIPTION: Final = Description(
    platform=PlatformName.INSTAGRAM,
    login=LoginName.INSTAGRAM,
    callback="a",
    app=AppSettings(
        owner=LoginName.INSTAGRAM,
        client_id="instagram_client_id",
        client_secret="instagram_client_secret",  # noqa: S106  the name of a setting
        api_url="instagram_graph_url",
    ),
    hosts={"graph": "instagram_graph_url", "api": "instagram_api_url", "www": "instagram_www_url"},
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: BY_INSTAGRAM.publish},
    comment_scopes=BY_INSTAGRAM.comment,
    take_down_scopes=BY_INSTAGRAM.take_down,
    take_down_advice=f"{_DELETE_MANUALLY} Instagram lets programs delete posts of accounts that are connected by Facebook only.",
    insights=_insights_of(BY_INSTAGRAM),
    read_limit=READ_LIMIT,
    comments=CommentsSupport(
        read_scopes=BY_INSTAGRAM.comment,
        reply_scopes=BY_INSTAGRAM.comment,
        actions=frozenset({CommentAction.REPLY, CommentAction.HIDE, CommentAction.DELETE}),
        max_text=MAX_CHARACTERS,
        reply_to_shown_only=True,
        has_webhooks=True,
    ),
    media_types=WITH_MEDIA | {MediaType.MIXED},
    no_account=translatable(
        "Link an Instagram professional account to your Facebook Page, begin the login again, and select both."
    ),
    manual_instructions=ManualInstructions(
        title="Instagram",
        handle_prefix="@",
        icon=(
            "M4.5 1.5h7a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3h-7a3 3 0 0 1-3-3v-7a3 3 0 0 1 3-3Zm3.5 4a2.5 2.5 0 1 0 0 5 "
            "2.5 2.5 0 0 0 0-5Zm3.6-1.4v.01"
        ),
        choose={
            MediaType.IMAGE: ("Tap +, choose Post, pick the picture and tap Next twice.",),
            MediaType.VIDEO: ("Tap +, choose Reel, pick the video and tap Next twice.",),
            MediaType.MULTI: (
                "Tap +, choose Post, tap Select, pick the pictures in their order (they become a carousel) and tap Next twice.",
            ),
            MediaType.MIXED: (
                "Tap +, choose Post, tap Select, pick the items in their order (they become a carousel) and tap Next twice.",
            ),
        },
        share="Tap Share.",
        comment="When the post is there, write the first comment below it.",
    ),
    review=AppReview(
        title=translatable("Instagram, by Instagram Login"),
        portal=PORTAL,
        fields=(
            PortalField("OAuth redirect URIs", _LOGIN_PAGE, PortalUrl.REDIRECT_URI),
            PortalField("Deauthorize callback URL", _LOGIN_PAGE, PortalUrl.DEAUTHORIZE),
            PortalField("Data deletion request URL", _LOGIN_PAGE, PortalUrl.DATA_DELETION),
            *BASIC_FIELDS,
        ),
        scopes=reasons_of(_SCOPES),
        requirements=REQUIREMENTS,
        demo=(
            "Choose to connect an Instagram account. Instagram's own page opens: log in there as a professional account.",
            "Leave every permission on, show the list of them long enough to be read, and allow them.",
            *_PUBLISH_SCENES,
            _LAST_SCENE,
        ),
        removal=translatable(
            "Instagram: in the app, open Settings, Website permissions, Apps and websites, and remove this service."
        ),
    ),
    crawlers=CRAWLERS,
    version_setting="instagram_api_version",
    api_version=api_version,
)
DESCRIPTION_BY_FACEBOOK: Final = replace(
    DESCRIPTION,
    login=LoginName.FACEBOOK,
    connects_by=" that connect by Facebook",
    callback="b",
    app=FACEBOOK_APP,  # optional: a second way to connect Instagram accounts
    hosts={"graph": "facebook_graph_url", "www": "facebook_www_url", "upload": "facebook_upload_url"},
    scopes=_FACEBOOK_SCOPES,
    required_scopes={Mode.PUBLISH: BY_FACEBOOK.publish},
    comment_scopes=BY_FACEBOOK.comment,
    take_down_scopes=BY_FACEBOOK.take_down,
    take_down_advice=_DELETE_MANUALLY,
    insights=_insights_of(BY_FACEBOOK),
    comments=CommentsSupport(
        read_scopes=BY_FACEBOOK.comment,
        reply_scopes=BY_FACEBOOK.comment,
        actions=frozenset(CommentAction),
        max_text=MAX_CHARACTERS,
        reply_to_shown_only=True,
        has_webhooks=True,
    ),
    review=AppReview(
        title=translatable("Instagram, by Facebook Login"),
        portal=PORTAL,
        fields=FACEBOOK_LOGIN_FIELDS,
        scopes=reasons_of(_FACEBOOK_SCOPES),
        requirements=REQUIREMENTS,
        demo=(
            "Choose to connect an Instagram account by Facebook. Facebook's own page opens: log in there.",
            "Select the Page and the Instagram account, show the list of permissions long enough to be read, and allow them.",
            "If there are several accounts, tick one on the page that the service shows, and connect it.",
            *_PUBLISH_SCENES,
            "Take the post down in the service, and show that it is gone on Instagram.",
            _LAST_SCENE,
        ),
        removal=FACEBOOK_REMOVAL,
    ),
)
