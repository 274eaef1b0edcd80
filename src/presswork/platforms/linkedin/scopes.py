"""Permissions that the login requests, which depend on the products of the operator's app.

LinkedIn refuses a login that asks for a permission of a product that the app does not have. The product that has pages
(Community Management API) can't be added to an app with the products of members (Sign In with LinkedIn using OpenID Connect, Share
on LinkedIn), so a live login asks for one set or the other.
Source: LinkedIn, "Posts API", "Comments API" (2026-08) and "Profile API"; the exclusion: public reports of 2024 to 2026; read 2026-11.
"""

from collections.abc import Set
from typing import Final

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

OF_MEMBERS: Final = (OPENID, PROFILE, MEMBER)
"""Requested by default. No product of members has a permission for comments."""
_OF_PAGES: Final = (MEMBER, PAGE, PAGE_READ, PAGE_ADMIN, MEMBER_COMMENT, PAGE_COMMENT, PAGE_COMMENT_READ)
OF_PAGES: Final = (BASIC_PROFILE, *_OF_PAGES)
"""Requested with PRESSWORK_LINKEDIN_PAGES."""
OF_SANDBOX: Final = (OPENID, PROFILE, *_OF_PAGES)
"""Requested in test projects: the sandbox's app has all products."""

PUBLISH: Final = frozenset({MEMBER})
COMMENT: Final = frozenset({MEMBER_COMMENT})


def of_page(granted: Set[str]) -> frozenset[str]:
    """Return what a login granted about a page, under the names that `PUBLISH` and `COMMENT` have for all accounts.

    A page needs two permissions to publish: without the second, a lost answer could never be looked up.
    """
    own = granted - {MEMBER, MEMBER_COMMENT}
    may_publish = {MEMBER} if own >= {PAGE, PAGE_READ} else set()
    may_comment = {MEMBER_COMMENT} if PAGE_COMMENT in own else set()
    return frozenset(own | may_publish | may_comment)
