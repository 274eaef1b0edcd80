"""LinkedIn as data: its permissions, the review of the operator's app, its versions, and posting manually.

Sources: LinkedIn, "Posts API", "Comments API" (2026-08), "Profile API", "Organization Access Control by Role", "Share on LinkedIn",
"Community Management API: App Review", and reports of reviews in 2026; read 2026-11.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from presswork.core.enums import WITH_MEDIA_OR_TEXT, EditField, MediaType, Mode
from presswork.core.setting_types import HttpUrl, SecretForm
from presswork.core.texts import translatable
from presswork.platforms.description import (
    ApiVersion,
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
from presswork.platforms.linkedin.rules import MAX_COMMENT
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

OPENID: Final = "openid"
PROFILE: Final = "profile"
BASIC_PROFILE: Final = "r_basicprofile"
"""The profile of the person, for apps without OpenID Connect."""
MEMBER: Final = "w_member_social"
MEMBER_COMMENT: Final = "w_member_social_feed"
PAGE: Final = "w_organization_social"
PAGE_READ: Final = "r_organization_social"
PAGE_ADMIN: Final = "rw_organization_admin"
PAGE_COMMENT: Final = "w_organization_social_feed"
PAGE_COMMENT_READ: Final = "r_organization_social_feed"
MEMBER_POSTS_READ: Final = "r_member_postAnalytics"
MEMBER_FOLLOWERS_READ: Final = "r_member_profileAnalytics"

# LinkedIn refuses a login that asks for a permission of a product that the app does not have. The product that has pages (Community
# Management API) can't be added to an app with the products of members (Sign In with LinkedIn using OpenID Connect, Share on
# LinkedIn), so a live login asks for one set or the other. Source of the exclusion: public reports of 2024 to 2026.
OF_MEMBERS: Final = (OPENID, PROFILE, MEMBER)
"""Requested by default. No product of members has a permission for comments."""
_OF_PAGES: Final = (MEMBER, PAGE, PAGE_READ, PAGE_ADMIN, MEMBER_COMMENT, PAGE_COMMENT, PAGE_COMMENT_READ)
OF_PAGES: Final = (BASIC_PROFILE, *_OF_PAGES)
"""Requested with PRESSWORK_LINKEDIN_PAGES."""
OF_SANDBOX: Final = (OPENID, PROFILE, *_OF_PAGES)
"""Requested in test projects: the sandbox's app has all products."""

PUBLISH: Final = frozenset({MEMBER})
COMMENT: Final = frozenset({MEMBER_COMMENT})

_WHO: Final = "Shows the name and the picture of the member, so that people choose the right account for a post."
_SCOPES: Final = (
    Scope(name=OPENID, why=_WHO, allows=translatable("See who you are on LinkedIn.")),
    Scope(name=PROFILE, why=_WHO, allows=translatable("See the name and the picture of your LinkedIn profile.")),
    Scope(
        name=BASIC_PROFILE,
        why=_WHO,
        allows=translatable("See the name, the headline and the picture of your LinkedIn profile."),
    ),
    Scope(
        name=MEMBER,
        why="Publishes the posts that the member has scheduled or approved, at the chosen time, on the member's own profile; and changes the text of such a post, or deletes it, when the member asks for it.",
        allows=translatable("Publish posts on your LinkedIn profile, change their texts and delete them."),
    ),
    Scope(
        name=MEMBER_COMMENT,
        why="Writes the first comment below the member's own post, if the member wrote one, and the replies to comments there that the member writes.",
        allows=translatable("Write comments as you, below your own posts on LinkedIn."),
    ),
    Scope(
        name=PAGE,
        why="Publishes the posts that an administrator has scheduled or approved, at the chosen time, on the organization's page; and changes the text of such a post, or deletes it, when an administrator asks for it.",
        allows=translatable(
            "Publish posts on the LinkedIn pages that you administer, change their texts and delete them."
        ),
    ),
    Scope(
        name=PAGE_READ,
        why="Reads the page's newest posts after an interrupted call, to find out whether the post is live and never publish it twice.",
        allows=translatable(
            "See the posts of the LinkedIn pages that you administer, to find out whether one is live."
        ),
    ),
    Scope(
        name=PAGE_ADMIN,
        why="Lists the pages that the member administers, so that the member can choose one; reads the views, clicks, reactions, comments and shares of the posts that were published there with the service, and the views and the followers of the page. Nothing is changed.",
        allows=translatable("See which LinkedIn pages you administer. LinkedIn calls this managing your pages."),
    ),
    Scope(
        name=PAGE_COMMENT,
        why="Writes the first comment below the page's own post, if its author wrote one; and answers, likes or deletes a comment below such a post when a person of the page's team chooses to.",
        allows=translatable("Write comments as a LinkedIn page that you administer, below its own posts."),
    ),
    Scope(
        name=PAGE_COMMENT_READ,
        why="Reads the comments below the page's own posts, to show them to the people who answer them, and to find out whether a comment of the page is already there, so that it is never written twice.",
        allows=translatable("See the comments below the posts of the LinkedIn pages that you administer."),
    ),
    Scope(
        name=MEMBER_POSTS_READ,
        why="Reads how often the member's own posts were seen, and the reactions, comments and reposts that they got, to show them to the member.",
        allows=translatable("See the statistics of your own LinkedIn posts."),
    ),
    Scope(
        name=MEMBER_FOLLOWERS_READ,
        why="Reads how many followers the member has, to show how that number grows.",
        allows=translatable("See how many followers you have on LinkedIn."),
    ),
)

_SCOPES_FOR_NUMBERS: Final = frozenset({MEMBER_POSTS_READ, MEMBER_FOLLOWERS_READ})
"""Of members. What the numbers of pages need, `PAGE_ADMIN`, their logins request anyway."""
READ_LIMIT: Final = ReadLimit(calls=150, window=timedelta(days=1), is_per_account=True)
"""The calls a day that LinkedIn accepts for one member by default; the settings may say another number. Source: LinkedIn, "Share on LinkedIn",
read 2026-11."""
_HOURS: Final = "hours"
_MEMBERS: Final = "members"


def _note(source: str, meaning: str) -> NumberNote:
    return NumberNote(
        source=source, meaning=meaning, delay=_HOURS, scopes=frozenset({MEMBER_POSTS_READ}), needed_by=_MEMBERS
    )


_NOTES: Final = {
    Metric.VIEWS: _note("impressionCount; IMPRESSION", "how often the post was shown"),
    Metric.REACH: _note("uniqueImpressionsCount; MEMBERS_REACHED", "members who saw it"),
    Metric.LIKES: _note("likeCount; REACTION", "reactions of all kinds"),
    Metric.COMMENTS: _note("commentCount; COMMENT", "comments"),
    Metric.SHARES: _note("shareCount; RESHARE", "reposts"),
    Metric.CLICKS: _note("clickCount; LINK_CLICKS", "clicks on a page's post; of a member's post, on its link"),
    Metric.SAVES: _note("POST_SAVE", "how often a member's post was saved"),
    Metric.FOLLOWS: _note("FOLLOWER_GAINED_FROM_CONTENT", "new followers of a member from the post"),
}

SETTING: Final = "PRESSWORK_LINKEDIN_VERSION"
_LAST_DAY: Final = 15
"""Of the month one year later; the earliest day that was announced so far."""


def api_version(version: str) -> ApiVersion:
    """Return a version like 202609, which every call names, with the day until which LinkedIn serves it at least.

    Source: LinkedIn, "Versioning" (2026-09) and "Migrations", read 2026-11: version 202510 ended on 2026-10-15, 202511 on
    2026-11-16, and 202609 ends on 2027-09-15. A month may have no version (2025-12 has none).
    """
    ends_on = date(int(version[:4]) + 1, int(version[4:]), _LAST_DAY)
    return ApiVersion(setting=SETTING, version=version, ends_on=ends_on)


SECRETS: Final = (SecretForm(r"(?<![A-Za-z0-9_-])AQ[A-Za-z0-9_-]{40,}", ("AQ",)),)
"""Tokens, and authorization codes."""


_MONTH_VERSION: Final = re.compile(r"20[2-9][0-9](?:0[1-9]|1[0-2])", re.ASCII)


def _month_version(value: str) -> str:
    if _MONTH_VERSION.fullmatch(value) is None:
        raise PydanticCustomError("month_version", "it must be a year and a month, like 202609")
    return value


class LinkedInSettings(PlatformSettings):
    """The settings of LinkedIn."""

    linkedin_client_id: str | None = unset("LinkedIn client ID, for live projects.")
    linkedin_client_secret: SecretStr | None = unset("LinkedIn client secret, for live projects.")
    linkedin_pages: bool = Field(
        default=False,
        description="Whether the app has the product Community Management API, so that live logins ask for the permissions of pages and of comments, instead of those of Sign In with LinkedIn using OpenID Connect and Share on LinkedIn.",
    )
    linkedin_scopes: str | None = unset(
        "Comma-separated permissions that live logins ask for, for an app whose products have other ones. Unset: see linkedin_pages."
    )
    linkedin_version: Annotated[str, AfterValidator(_month_version)] = Field(
        default="202609",
        description="Version of LinkedIn's API to call, in test projects as well: a year and a month. LinkedIn serves each for about a year.",
    )
    linkedin_member_calls_a_day: int = Field(
        default=150,
        ge=50,
        le=1_000_000,
        description="Calls a day that LinkedIn accepts for one account. 100 in the development tier of the Community Management API.",
    )
    linkedin_app_calls_a_day: int = Field(
        default=100_000,
        ge=50,
        le=1_000_000_000,
        description="Calls a day that LinkedIn accepts from the app, for all accounts together. 500 in the development tier of the Community Management API.",
    )
    linkedin_www_url: HttpUrl = host_url(
        "https://www.linkedin.com", "LinkedIn's authorization page and token endpoint; uploads go there too"
    )
    linkedin_api_url: HttpUrl = host_url("https://api.linkedin.com", "LinkedIn's API")


DESCRIPTION: Final = Description(
    platform=PlatformName.LINKEDIN,
    login=LoginName.LINKEDIN,
    callback="g",
    app=AppSettings(
        owner=LoginName.LINKEDIN,
        client_id="linkedin_client_id",
        client_secret="linkedin_client_secret",  # noqa: S106  the name of a setting
        api_url="linkedin_api_url",
        is_optional=True,
    ),
    hosts={"www_url": "linkedin_www_url", "api_url": "linkedin_api_url"},
    scopes=_SCOPES,
    required_scopes={Mode.PUBLISH: PUBLISH},
    comment_scopes=COMMENT,
    take_down_scopes=PUBLISH,
    take_down_advice="Open the post on LinkedIn, tap ⋯ and choose Delete post.",
    edit_scopes=PUBLISH,
    edit_fields=frozenset({EditField.CAPTION}),
    insights=InsightsSupport(
        max_posts=20,
        calls_per_post=len(_NOTES),  # of a member's post; those of a page are read together
        scopes=_SCOPES_FOR_NUMBERS,
        offered=frozenset(_NOTES),
        notes=_NOTES,
        account_notes={
            AccountNumber.FOLLOWERS: NumberNote(
                source="firstDegreeSize; memberFollowersCount",
                meaning="followers of a page, or of a member",
                delay=_HOURS,
                scopes=frozenset({MEMBER_FOLLOWERS_READ}),
                needed_by=_MEMBERS,
            ),
            AccountNumber.VIEWS: NumberNote(
                source="impressionCount", meaning="views of all posts of a page on a day", delay="two days"
            ),
            AccountNumber.REACH: NumberNote(
                source="uniqueImpressionsCount", meaning="members who saw a post of the page on a day", delay="two days"
            ),
        },
    ),
    read_limit=READ_LIMIT,
    comments=CommentsSupport(
        read_scopes=frozenset({PAGE_COMMENT_READ}),
        reply_scopes=COMMENT,
        actions=frozenset({CommentAction.REPLY, CommentAction.LIKE, CommentAction.DELETE}),
        max_text=MAX_COMMENT,
        has_webhooks=True,
        max_text_age=timedelta(hours=48),
    ),
    media_types=WITH_MEDIA_OR_TEXT | {MediaType.DOCUMENT},
    no_account=translatable("Begin the login again, and allow every permission on LinkedIn's page."),
    manual_instructions=ManualInstructions(
        title="LinkedIn",
        handle_prefix="",
        icon=(
            "M3.5 1.5h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2ZM5 7.2v4.3M8 11.5V7.2M8 "
            "9.2a1.7 1.7 0 0 1 3.4 0v2.3M5 4.7v.01"
        ),
        choose={
            MediaType.TEXT: ("Tap Post.",),
            MediaType.IMAGE: ("Tap Post, tap the picture icon and pick the picture.",),
            MediaType.VIDEO: ("Tap Post, tap the picture icon and pick the video.",),
            MediaType.MULTI: ("Tap Post, tap the picture icon and pick the pictures in their order.",),
            MediaType.DOCUMENT: ("Tap Post, tap +, choose Add a document, pick the PDF and write a title.",),
        },
        share="Tap Post.",
        comment="When the post is there, write the first comment below it.",
    ),
    review=AppReview(
        title=translatable("LinkedIn"),
        portal="https://www.linkedin.com/developers/apps",
        fields=(
            PortalField("Authorized redirect URLs for your app", "Auth", PortalUrl.REDIRECT_URI),
            PortalField("Privacy policy URL", "Settings", PortalUrl.PRIVACY),
            PortalField("Website", "Access request form", PortalUrl.SERVICE),
            PortalField("Domain of the website", "Access request form", PortalUrl.HOST),
            PortalField("Terms of service", "Access request form", PortalUrl.TERMS),
        ),
        scopes=reasons_of(_SCOPES),
        requirements=(
            "The app belongs to a company page, and a super administrator of the page has verified the app.",
            "Posts on profiles need no review: add the products Sign In with LinkedIn using OpenID Connect, and Share on LinkedIn.",
            "Posts on pages need the Community Management API, in an app of its own: it can't be combined with those products. It is for registered legal entities, with a business e-mail address.",
            "The development tier has 500 calls a day for the app and 100 a member, for 12 months; the standard tier needs a second form and a screen recording. An app that was rejected can't apply again.",
        ),
        demo=(
            "Choose to connect a LinkedIn account. LinkedIn's own page opens: log in there.",
            "Show the list of permissions long enough to be read, and allow them.",
            "Back in the service, choose the page, and show the connected account with its name.",
            "Upload a picture, write a caption and a first comment, choose the page, and publish the post.",
            "Wait until the post is published, and open its link: show the post on LinkedIn with its comment.",
            "Disconnect the page in the service, and show that it can no longer be chosen.",
        ),
        removal=translatable(
            "LinkedIn: open Settings & Privacy, Data privacy, Permitted services, and remove this service."
        ),
    ),
    version_setting="linkedin_version",
    api_version=api_version,
    # Every poll is one of the calls of the day.
    live_policy=lambda policy: replace(policy, poll_first=timedelta(seconds=3), poll_max=timedelta(seconds=60)),
)
