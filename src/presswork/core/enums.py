"""Enumerations that all domains and the API share."""

from enum import StrEnum


class Environment(StrEnum):
    """`live` projects publish to the real platforms, `test` projects to the sandbox."""

    LIVE = "live"
    TEST = "test"


class LinkKind(StrEnum):
    """Kinds of links to pages without a login, as in the audit log."""

    REVIEW = "review_link"
    CONNECT = "connect_link"
    TIKTOK_POST = "tiktok_post_link"
    PORTAL = "portal_link"


class Mode(StrEnum):
    """How a post is delivered."""

    PUBLISH = "publish"
    DRAFT = "draft"
    MANAGED = "managed"


class MediaType(StrEnum):
    """Content of a container: one image, one video, 2–35 images, a text without media, 2–20 images and videos, one PDF."""

    IMAGE = "image"
    VIDEO = "video"
    MULTI = "multi"
    TEXT = "text"
    MIXED = "mixed"
    DOCUMENT = "document"


class EditField(StrEnum):
    """What can be changed in a live post."""

    CAPTION = "caption"
    TITLE = "title"
    PRIVACY = "privacyLevel"


WITH_MEDIA = frozenset({MediaType.IMAGE, MediaType.VIDEO, MediaType.MULTI})
"""What every platform has had posts for from the beginning."""
CAROUSELS = frozenset({MediaType.MULTI, MediaType.MIXED})
"""Several items in one post."""
WITH_MEDIA_OR_TEXT = WITH_MEDIA | {MediaType.TEXT}
"""What a platform has posts for that needs no media."""
