"""What is sent inside a call, in the API's own spelling: dicts with types.

Written by `python -m generator`; change the API or the generator, not this file.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from presswork_client import choices


class FileToUploadParam(TypedDict):
    """A file that you are going to upload."""

    filename: str
    contentType: choices.ContentType
    sizeBytes: int
    """Exact size. Videos: at most 100 MB (104857600); pictures: at most 30 MB (31457280)."""


class MediaSourceParam(TypedDict):
    """Where one piece of media is fetched from."""

    url: str
    """Public http or https address of the file itself."""


class TargetParam(TypedDict):
    """One account that the content goes to, and how."""

    socialAccountId: str
    """A connected account of the container's project."""
    mode: choices.Mode
    """`publish`: straight to the feed. `draft`: to the creator's phone. `managed`: through a provider."""
    scheduledPostId: NotRequired[str | None]
    """Your own id for the post, `sp_` and a fresh UUID. Left out: one is made."""
    captionOverride: NotRequired[str | None]
    """Instead of the container's caption, for this target."""
    firstCommentOverride: NotRequired[str | None]
    """Instead of the container's first comment, for this target. Empty: no comment."""
    tiktokPostSettings: NotRequired[TikTokPostSettingsParam | None]
    """Read for TikTok targets in mode `publish`; checked for shape, then ignored elsewhere."""
    tiktokMusic: NotRequired[TikTokMusicParam | None]
    """Read for TikTok pictures and slideshows; refused on `draft`, ignored on Instagram."""
    shareReelToFeed: NotRequired[bool | None]
    """Instagram video in mode `publish` only: false keeps the Reel out of the profile's main grid."""


class TikTokMusicParam(TypedDict):
    """Background music of a TikTok picture or slideshow."""

    mode: Literal["none", "auto", "manual"]
    """`none`: silent. `auto`: TikTok picks a sound. `manual`: the track `trackId`, where the delivery can honour
    it.
    """
    trackId: NotRequired[str | None]
    """Track of `GET /v1/tiktok-music`; needed with `manual`, ignored otherwise."""


class TikTokPostSettingsParam(TypedDict):
    """How a direct post appears on TikTok. What is left out follows the account's own settings."""

    privacyLevel: NotRequired[
        Literal["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"] | None
    ]
    """Who can see the post. Left out: everyone, or the most open choice that the account offers."""
    disableComment: NotRequired[bool | None]
    """Nobody can comment."""
    disableDuet: NotRequired[bool | None]
    """Nobody can make a Duet (videos)."""
    disableStitch: NotRequired[bool | None]
    """Nobody can Stitch (videos)."""
    isBrandOrganic: NotRequired[bool | None]
    """Label it as promoting the creator's own brand."""
    isBrandedContent: NotRequired[bool | None]
    """Label it as a paid partnership; the law wants it where it is one."""
