"""Drafts for tests of the rules."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from pydantic import JsonValue, TypeAdapter
from pydantic.alias_generators import to_camel

from presswork.platforms.findings import Findings
from presswork.platforms.port import Draft, Media, MediaType, Mode, PostOptions
from presswork.platforms.tiktok.rules import TikTokPostSettings


def media(
    *,
    width: int = 1080,
    height: int = 1350,
    seconds: float | None = None,
    size_bytes: int = 1000,
    content_type: str | None = None,
    codec: str = "h264",
    frame_rate: float = 30.0,
    position: int = 0,
) -> Media:
    """Return a picture, or a video where it has a duration."""
    is_video = seconds is not None
    return Media(
        asset_id=UUID(int=1 + position),
        position=position,
        content_type=content_type or ("video/mp4" if is_video else "image/jpeg"),
        size_bytes=size_bytes,
        sha256="0" * 64,
        width=width,
        height=height,
        duration=timedelta(seconds=seconds) if seconds is not None else None,
        video_codec=codec if is_video else None,
        frame_rate=frame_rate if is_video else None,
    )


def settings_document(**settings: object) -> dict[str, JsonValue]:
    """Return settings under their wire names."""
    return TypeAdapter(dict[str, JsonValue]).validate_python({to_camel(name): one for name, one in settings.items()})


def tiktok_settings(**settings: object) -> TikTokPostSettings:
    """Return the settings of a TikTok post."""
    return TikTokPostSettings.model_validate(settings_document(**settings))


def tiktok(*, music_mode: str | None = None, **settings: object) -> PostOptions:
    """Return the options of a TikTok post."""
    music: dict[str, JsonValue] = {} if music_mode is None else {"tiktokMusic": {"mode": music_mode, "trackId": None}}
    return PostOptions(music | ({"tiktokPostSettings": settings_document(**settings)} if settings else {}))


def instagram(*, share_reel_to_feed: bool | None = None, **settings: object) -> PostOptions:
    """Return the options of an Instagram post."""
    share: dict[str, JsonValue] = {} if share_reel_to_feed is None else {"shareReelToFeed": share_reel_to_feed}
    return PostOptions(share | ({"instagramPostSettings": settings_document(**settings)} if settings else {}))


def linkedin(**settings: object) -> PostOptions:
    """Return the options of a LinkedIn post."""
    return PostOptions({"linkedinPostSettings": settings_document(**settings)} if settings else {})


def youtube(**settings: object) -> PostOptions:
    """Return the options of a YouTube post."""
    return PostOptions({"youtubePostSettings": settings_document(**settings)} if settings else {})


def draft(*items: Media, caption: str = "", options: PostOptions | None = None, mode: Mode = Mode.PUBLISH) -> Draft:
    """Return a post of these media."""
    kind = MediaType.MULTI if len(items) > 1 else MediaType.IMAGE if items else MediaType.TEXT
    if items and items[0].is_video:
        kind = MediaType.VIDEO
    return Draft(mode=mode, media_type=kind, caption=caption, media=items, options=options or PostOptions())


def reasons(findings: Findings) -> Sequence[object]:
    """Return the rule of each error."""
    return [error.details["reason"] for error in findings.errors]


def advice(findings: Findings) -> Sequence[str]:
    """Return the code of each warning."""
    return [warning.code.value for warning in findings.warnings]
