"""Permissions, by the login that requests them.

Source: Meta, "Business Login for Instagram" and "Instagram API with Facebook Login", read 2026-11.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """The permissions that one login requests, by purpose."""

    publish: frozenset[str]
    comment: frozenset[str]
    requested: tuple[str, ...]
    """What the authorize page requests, in this order."""


BASIC: Final = "instagram_business_basic"
PUBLISH: Final = "instagram_business_content_publish"
COMMENT: Final = "instagram_business_manage_comments"

BY_INSTAGRAM: Final = Permissions(
    publish=frozenset({BASIC, PUBLISH}), comment=frozenset({COMMENT}), requested=(BASIC, PUBLISH, COMMENT)
)

FACEBOOK_BASIC: Final = "instagram_basic"
FACEBOOK_PUBLISH: Final = "instagram_content_publish"
FACEBOOK_COMMENT: Final = "instagram_manage_comments"
PAGES: Final = "pages_show_list"
PAGES_READ: Final = "pages_read_engagement"

BY_FACEBOOK: Final = Permissions(
    publish=frozenset({FACEBOOK_BASIC, FACEBOOK_PUBLISH, PAGES_READ}),
    comment=frozenset({FACEBOOK_COMMENT, PAGES_READ}),
    requested=(FACEBOOK_BASIC, FACEBOOK_PUBLISH, FACEBOOK_COMMENT, PAGES, PAGES_READ),
)
"""`pages_show_list` is used to find the Page at the login only."""
