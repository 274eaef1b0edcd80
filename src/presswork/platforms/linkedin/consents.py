"""What a member of LinkedIn allows with each permission, in plain words.

Source: LinkedIn, "Posts API", "Comments API" and "Organization Access Control by Role", read 2026-11.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from presswork.core.texts import translatable
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

CONSENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        OPENID: translatable("See who you are on LinkedIn."),
        PROFILE: translatable("See the name and the picture of your LinkedIn profile."),
        BASIC_PROFILE: translatable("See the name, the headline and the picture of your LinkedIn profile."),
        MEMBER: translatable("Publish posts on your LinkedIn profile."),
        MEMBER_COMMENT: translatable("Write comments as you, below your own posts on LinkedIn."),
        PAGE: translatable("Publish posts on the LinkedIn pages that you administer."),
        PAGE_READ: translatable(
            "See the posts of the LinkedIn pages that you administer, to find out whether one is live."
        ),
        PAGE_ADMIN: translatable("See which LinkedIn pages you administer. LinkedIn calls this managing your pages."),
        PAGE_COMMENT: translatable("Write comments as a LinkedIn page that you administer, below its own posts."),
        PAGE_COMMENT_READ: translatable("See the comments below the posts of the LinkedIn pages that you administer."),
    }
)

NO_ACCOUNT: Final = translatable("Begin the login again, and allow every permission on LinkedIn's page.")
"""Advice for a login that gives access to no account."""
