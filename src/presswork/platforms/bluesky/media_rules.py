"""What Bluesky accepts, as data: text lengths, counts, and picture and video formats.

Preparing a post, preflight and the limits table in the documentation use it.
Sources: lexicons app.bsky.feed.post, app.bsky.embed.images, gallery and video; bluesky-social/atproto; read 2026-11.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms.bluesky.options import LANGUAGE_LIMIT, TAG_LIMIT
from presswork.platforms.bluesky.text import TAG_GRAPHEMES, graphemes, size_bytes
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Findings, Problem, found, in_words, tenths
from presswork.platforms.limits import (
    LimitEffect,
    LimitRow,
    codecs_of,
    copies,
    item,
    megabytes,
    names_of,
    rates_of,
)
from presswork.platforms.port import Bounds, Draft, Media, MediaType, Mode

TEXT_GRAPHEMES: Final = 300
TEXT_BYTES: Final = 3000
IMAGE_BYTES: Final = 2_000_000
"""1 MB until 2026, which older servers may still enforce."""
IMAGES_LIMIT: Final = 4
"""Pictures of an ordinary embed; more become a gallery."""
GALLERY_LIMIT: Final = 10
"""Pictures of a gallery: the schema allows 20, and its description asks authors to stop at 10."""
VIDEO_LONGEST: Final = timedelta(minutes=10)
"""Documented. Videos of up to 10 minutes are reported for all since 2026-09, which Bluesky's pages do not confirm (read 2026-12)."""
VIDEO_BYTES: Final = 300_000_000
IMAGE_SPEC: Final = ImageSpec(max_size_bytes=IMAGE_BYTES)
"""A picture: JPEG up to 2 MB. Bluesky accepts other formats too; one that every client shows is enough."""
IMAGE_UPLOAD: Final = ImageSpec(max_size_bytes=IMAGE_BYTES, accepts=frozenset())
"""How a picture is uploaded: always as a copy, since Bluesky keeps what a camera wrote into a file, such as the place, for
everyone to read."""
VIDEO_SPEC: Final = VideoSpec(accepts=frozenset({ContentType.MP4}), max_width=None, is_moov_first=False)
"""A video: MP4, which Bluesky encodes again."""
BOUNDS: Final[Mapping[tuple[Mode, MediaType], Bounds]] = {
    (Mode.PUBLISH, media_type): Bounds(
        # A grapheme has at least one code point, and a code point at most four bytes.
        characters=min(TEXT_GRAPHEMES, TEXT_BYTES // 4),
        comment_characters=min(TEXT_GRAPHEMES, TEXT_BYTES // 4),
        duration=(timedelta(), VIDEO_LONGEST) if media_type is MediaType.VIDEO else None,
    )
    for media_type in MediaType
}
"""Bounds within which `check` reports no error."""

LIMITS: Final[Sequence[LimitRow]] = (
    LimitRow("Caption", f"{TEXT_GRAPHEMES} graphemes and {TEXT_BYTES:,} bytes in UTF-8", LimitEffect.ERROR),
    LimitRow("First comment", f"{TEXT_GRAPHEMES} graphemes and {TEXT_BYTES:,} bytes in UTF-8", LimitEffect.ERROR),
    LimitRow("Pictures of a post", f"{GALLERY_LIMIT} (more than {IMAGES_LIMIT} become a gallery)", LimitEffect.ERROR),
    LimitRow("Format of a picture", names_of(IMAGE_SPEC.accepts), LimitEffect.COPY),
    LimitRow("Size of a picture", megabytes(IMAGE_BYTES), LimitEffect.COPY),
    LimitRow("Length of a video", in_words(VIDEO_LONGEST), LimitEffect.ERROR),
    LimitRow("Size of a video", megabytes(VIDEO_BYTES), LimitEffect.ERROR),
    LimitRow("Format of a video", names_of(VIDEO_SPEC.accepts), LimitEffect.COPY),
    LimitRow("Codec of a video", codecs_of(VIDEO_SPEC), LimitEffect.COPY),
    LimitRow("Frames a second", rates_of(VIDEO_SPEC), LimitEffect.COPY),
    LimitRow("Videos a day", "what Bluesky reports of the account", LimitEffect.ERROR),
    LimitRow("`tags`", f"{TAG_LIMIT} of {TAG_GRAPHEMES} characters", LimitEffect.ERROR),
    LimitRow("`languages`", f"{LANGUAGE_LIMIT}", LimitEffect.ERROR),
)
"""The limits table."""


def check(draft: Draft) -> Findings:
    """Return all reasons for which Bluesky would refuse a post from any account, and what is changed, with the numbers."""
    caption = _text_problem(
        draft.caption, "The caption", "caption_length", "Shorten it (captionOverride sets one for this target alone)."
    )
    media = [problem for one in draft.media if one.is_video for problem in _video_problems(draft, one)]
    return found(caption, _count_problem(draft), *media) + copies(draft, IMAGE_SPEC, VIDEO_SPEC, platform="Bluesky")


def check_comment(text: str) -> Problem | None:
    """Return the reason for which Bluesky would refuse a first comment."""
    return _text_problem(
        text,
        "The first comment",
        "first_comment_length",
        "The post would go live without it. Shorten it (firstCommentOverride sets one for this target alone).",
    )


def _text_problem(text: str, what: str, reason: str, advice: str) -> Problem | None:
    for count, limit, unit in (
        (graphemes(text), TEXT_GRAPHEMES, "graphemes"),
        (size_bytes(text), TEXT_BYTES, "bytes"),
    ):
        if count > limit:
            name = "characters as people count them (graphemes)" if unit == "graphemes" else "bytes in UTF-8"
            return Problem(
                FailureCode.PLATFORM_LIMIT,
                f"{what} has {count:,} {name}; Bluesky accepts {limit:,}. {advice}",
                {"reason": reason, "value": count, "limit": limit, "unit": unit},
            )
    return None


def _count_problem(draft: Draft) -> Problem | None:
    count = len(draft.media)
    if count <= GALLERY_LIMIT:
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The post has {count} pictures; Bluesky accepts {GALLERY_LIMIT}. Take some out.",
        {"reason": "item_count", "value": count, "limit": GALLERY_LIMIT, "unit": "items"},
    )


def _video_problems(draft: Draft, video: Media) -> Iterator[Problem]:
    begin, place = item(draft, video), {"item": video.position + 1}
    if video.duration is not None and tenths(video.duration) > tenths(VIDEO_LONGEST):
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"{begin}The video is {in_words(video.duration)}; Bluesky accepts {in_words(VIDEO_LONGEST)}. Publish a shorter one.",
            {
                "reason": "duration",
                "value": tenths(video.duration),
                "limit": tenths(VIDEO_LONGEST),
                "unit": "seconds",
                **place,
            },
        )
    if video.size_bytes > VIDEO_BYTES:
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"{begin}The video has {megabytes(video.size_bytes)}; Bluesky accepts {megabytes(VIDEO_BYTES)}. Compress it.",
            {"reason": "size", "value": video.size_bytes, "limit": VIDEO_BYTES, "unit": "bytes", **place},
        )
