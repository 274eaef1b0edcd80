"""What LinkedIn's review of the operator's app asks for.

Source: LinkedIn, "Community Management API: App Review" and "Share on LinkedIn", and reports of reviews in 2026, read 2026-11.
"""

from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.app_review import Address, AppReview, Field
from presswork.platforms.linkedin.scopes import (
    BASIC_PROFILE,
    MEMBER,
    MEMBER_COMMENT,
    OPENID,
    PAGE,
    PAGE_ADMIN,
    PAGE_COMMENT,
    PAGE_COMMENT_READ,
    PAGE_READ,
    PROFILE,
)

_WHO: Final = "Shows the name and the picture of the member, so that people choose the right account for a post."

REVIEW: Final = AppReview(
    title=translatable("LinkedIn"),
    portal="https://www.linkedin.com/developers/apps",
    fields=(
        Field(label="Authorized redirect URLs for your app", where="Auth", address=Address.REDIRECT_URI),
        Field(label="Privacy policy URL", where="Settings", address=Address.PRIVACY),
        Field(label="Website", where="Access request form", address=Address.SERVICE),
        Field(label="Domain of the website", where="Access request form", address=Address.HOST),
        Field(label="Terms of service", where="Access request form", address=Address.TERMS),
    ),
    scopes={
        OPENID: _WHO,
        PROFILE: _WHO,
        BASIC_PROFILE: _WHO,
        MEMBER: "Publishes the posts that the member has scheduled or approved, at the chosen time, on the member's own profile.",
        MEMBER_COMMENT: "Writes the first comment below the member's own post, if the member wrote one.",
        PAGE: "Publishes the posts that an administrator has scheduled or approved, at the chosen time, on the organization's page.",
        PAGE_READ: "Reads the page's newest posts after an interrupted call, to find out whether the post is live and never publish it "
        "twice.",
        PAGE_ADMIN: "Lists the pages that the member administers, so that the member can choose one. Nothing is changed.",
        PAGE_COMMENT: "Writes the first comment below the page's own post, if its author wrote one.",
        PAGE_COMMENT_READ: "Reads the comments of the page's own post to find out whether that comment is already there, so that it is "
        "never written twice.",
    },
    requirements=(
        "The app belongs to a company page, and a super administrator of the page has verified the app.",
        (
            "Posts on profiles need no review: add the products Sign In with LinkedIn using OpenID Connect, and Share on LinkedIn."
        ),
        (
            "Posts on pages need the Community Management API, in an app of its own: it can't be combined with those products. It is for "
            "registered legal entities, with a business e-mail address."
        ),
        (
            "The development tier has 500 calls a day for the app and 100 a member, for 12 months; the standard tier needs a second form "
            "and a screen recording. An app that was rejected can't apply again."
        ),
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
)
