"""What differs between the two ways in: the host, the names of the scopes, uploads by bytes, and deletion.

Source: Meta, "Instagram Platform: Overview" (comparison of the two logins), read 2026-11, and "IG Media" (deletion, since
2025-12), read 2026-12.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.instagram import oauth


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One of the two logins, and how the Graph API behind it behaves."""

    host: str
    basic: str
    publish: str
    comments: str
    insights: str
    insights_with: Sequence[str]  # all of these are needed for insights, too
    has_totals: bool  # whether there are counts that include Facebook and ads
    like: str | None  # None: this login can't like
    delete: str | None  # None: this login can't delete
    publish_with: Sequence[str]  # one of these is needed to publish, too; empty: none
    is_resumable: bool  # whether a container may be filled by bytes
    unavailable: frozenset[str]  # parameters of a container that this login does not have
    is_app_scoped: bool  # whether an account's `id` is another than the one its paths carry


INSTAGRAM_LOGIN: Final = Login(
    host="graph.instagram.com",
    basic=oauth.BASIC,
    publish=oauth.PUBLISH,
    comments=oauth.COMMENTS,
    insights=oauth.INSIGHTS,
    insights_with=(),
    has_totals=False,
    like=None,
    delete=None,
    publish_with=(),
    is_resumable=False,
    unavailable=frozenset({"audio_configuration", "is_paid_partnership", "product_tags"}),
    is_app_scoped=True,
)
FACEBOOK_LOGIN: Final = Login(
    host="graph.facebook.com",
    basic="instagram_basic",
    publish="instagram_content_publish",
    comments="instagram_manage_comments",
    insights="instagram_manage_insights",
    insights_with=("pages_read_engagement",),
    has_totals=True,
    like="instagram_manage_engagement",
    delete="instagram_manage_contents",
    publish_with=("pages_read_engagement", "pages_show_list"),
    is_resumable=True,
    unavailable=frozenset(),
    is_app_scoped=False,
)
