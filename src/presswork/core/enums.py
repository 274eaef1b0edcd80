"""The words that every part of Presswork and its API share."""

from enum import StrEnum


class PlatformName(StrEnum):
    """The platforms, by the name that the API uses."""

    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"


class LoginName(StrEnum):
    """The ways to connect an account; each leads to one platform."""

    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"  # to Instagram, by a Facebook Page
    TIKTOK = "tiktok"


class Environment(StrEnum):
    """`live` projects talk to the real platforms, `test` projects to the sandbox."""

    LIVE = "live"
    TEST = "test"


class Mode(StrEnum):
    """How a post is delivered."""

    PUBLISH = "publish"
    DRAFT = "draft"
    MANAGED = "managed"


class MediaType(StrEnum):
    """What a container holds: one image, one video, or 2–10 images."""

    IMAGE = "image"
    VIDEO = "video"
    MULTI = "multi"
