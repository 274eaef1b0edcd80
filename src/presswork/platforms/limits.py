"""Limits in words: the rows of the documentation and of `GET /v1/platforms`, and why media need a converted copy."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Problem
from presswork.platforms.port import Draft, Media, MediaType, Mode

_RATE_TOLERANCE: Final = 0.05
_CODECS: Final = {"h264": "H.264", "hevc": "H.265", "vp8": "VP8", "vp9": "VP9", "av1": "AV1"}


class LimitEffect(StrEnum):
    """What preflight reports for a post beyond a limit."""

    ERROR = "error"
    WARNING = "warning"
    COPY = "warning; a converted copy is sent"


class LimitSubject(StrEnum):
    """What a limit is about."""

    CAPTION = "caption"
    FIRST_COMMENT = "first_comment"
    ITEMS = "items"
    PICTURE = "picture"
    VIDEO = "video"
    DOCUMENT = "document"
    OPTIONS = "options"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A limit, as the documentation names it, with its numbers."""

    what: str
    limit: str
    beyond: LimitEffect = field(kw_only=True)
    subject: LimitSubject = field(kw_only=True)
    measure: str = field(kw_only=True)
    """What of the subject is limited; of a text, how it is counted."""
    unit: str | None = None
    min: float | None = None
    max: float | None = None
    values: Sequence[str] = ()
    """What is accepted, where that is not a range."""
    modes: Set[Mode] = frozenset()
    media_types: Set[MediaType] = frozenset()
    condition: str | None = None
    """Which posts it is for, where mode and media type don't say it."""


def cover_problem(draft: Draft, cover_timestamp_ms: int | None) -> Iterator[Problem]:
    """Yield the problem of a cover frame that is after the end of the video."""
    duration = draft.media[0].duration if draft.media else None
    if cover_timestamp_ms is None or duration is None:
        return
    limit = duration // timedelta(milliseconds=1)
    if cover_timestamp_ms > limit:
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"The cover is at {cover_timestamp_ms:,} ms, but the video ends at {limit:,} ms. Lower coverTimestampMs.",
            {"reason": "cover_timestamp", "value": cover_timestamp_ms, "limit": limit, "unit": "milliseconds"},
        )


def item(draft: Draft, media: Media) -> str:
    """Return the prefix that names a media item in a sentence; empty where there is only one."""
    return f"Item {media.position + 1}: " if len(draft.media) > 1 else ""


def conversion_reasons(media: Media, spec: ImageSpec | VideoSpec) -> Iterator[str]:
    """Yield why a media item has to be converted, as far as the probe shows."""
    what = "video" if media.is_video else "picture"
    if media.content_type not in spec.accepts:
        yield f"the {what} is {format_name(media.content_type)}, and {names_of(spec.accepts)} is accepted"
    if isinstance(spec, VideoSpec):
        yield from _video_reasons(media, spec)
    elif spec.max_size_bytes is not None and media.size_bytes > spec.max_size_bytes:
        yield f"the picture has {megabytes(media.size_bytes)}, and {megabytes(spec.max_size_bytes)} is accepted"
    if (spec.max_width or media.width) < media.width or (spec.max_height or media.height) < media.height:
        yield f"the {what} is {pixels(media)}, and {sides(spec.max_width, spec.max_height)} is accepted"


def _video_reasons(media: Media, spec: VideoSpec) -> Iterator[str]:
    if media.video_codec is not None and media.video_codec not in spec.video_codecs:
        yield f"the video's codec is {codec_name(media.video_codec)}, and {codecs_of(spec)} is accepted"
    rate = media.frame_rate
    if rate is not None and not spec.min_frame_rate - _RATE_TOLERANCE <= rate <= spec.max_frame_rate + _RATE_TOLERANCE:
        yield f"the video has {rate:.4g} frames a second, and {rates_of(spec)} is accepted"


def pixels(media: Media) -> str:
    """Format dimensions."""
    return f"{media.width} × {media.height} pixels"


def sides(width: int | None, height: int | None) -> str:
    """Format the largest accepted dimensions."""
    if width is None or height is None:
        return f"at most {width or height} pixels {'wide' if width else 'high'}"
    return f"at most {width} × {height} pixels"


def megabytes(size_bytes: int) -> str:
    """Format a size in megabytes of 1,000,000 bytes."""
    return f"{round(size_bytes / 1e6, 1):g} MB"


def format_name(content_type: str) -> str:
    """Return the common name of a content type: JPEG, MOV."""
    name = content_type.rpartition("/")[2]
    return {"quicktime": "MOV", "webp": "WebP"}.get(name, name.upper())


def names_of(content_types: Set[str] | Sequence[str]) -> str:
    """Return the common names of content types in alphabetical order."""
    return " or ".join(sorted(map(format_name, content_types)))


def codec_name(codec: str) -> str:
    """Return the common name of a video codec."""
    return _CODECS.get(codec, codec)


def codecs_of(spec: VideoSpec) -> str:
    """Return the accepted codecs."""
    return " or ".join(sorted(map(codec_name, spec.video_codecs)))


def rates_of(spec: VideoSpec) -> str:
    """Return the accepted frame rates."""
    return f"{spec.min_frame_rate:g} to {spec.max_frame_rate:g}"
