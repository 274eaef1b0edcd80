"""What the rules of all platforms share: warnings about converted copies, and the rows of the limits table."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, Warned
from presswork.platforms.port import Draft, Media

_RATE_TOLERANCE: Final = 0.05
_CODECS: Final = {"h264": "H.264", "hevc": "H.265", "vp8": "VP8", "vp9": "VP9", "av1": "AV1"}


class LimitEffect(StrEnum):
    """What preflight reports for a post beyond a limit."""

    ERROR = "error"
    WARNING = "warning"
    COPY = "warning; a converted copy is sent"


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One row of a platform's limits table."""

    what: str
    limit: str
    beyond: LimitEffect


def copies(draft: Draft, image: ImageSpec, video: VideoSpec, *, platform: str) -> Findings:
    """Return a warning for each media item that is sent as a converted copy, as far as the probe shows."""
    warnings = []
    for media in draft.media:
        reasons = list(_reasons(media, video if media.is_video else image))
        if reasons:
            warnings.append(
                Warned(
                    Advice.MEDIA_CONVERTED,
                    f"{item(draft, media)}{'; '.join(reasons)}. {platform} gets a converted copy; the original stays.",
                    {"item": media.position + 1},
                )
            )
    return Findings(warnings=warnings)


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


def _reasons(media: Media, spec: ImageSpec | VideoSpec) -> Iterator[str]:
    """Yield why a media item has to be converted."""
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
