"""What Facebook accepts, as data: picture and video formats, what becomes a reel, and limits of texts.

Preparing a post, preflight and the limits table in the documentation use it.
Source: Meta, "Page Photos", "Page Videos", "Uploading Videos" and "Reels Publishing API" (2026-07-30), read 2026-11.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms.errors import FailureCode
from presswork.platforms.facebook_pages.options import TITLE_LIMIT
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found, in_words, tenths
from presswork.platforms.limits import (
    LimitEffect,
    LimitRow,
    codecs_of,
    copies,
    item,
    megabytes,
    names_of,
    pixels,
    rates_of,
)
from presswork.platforms.port import Bounds, Draft, Limit, Media, MediaType, Mode

TEXT_LIMIT: Final = 63_206
"""Characters of a text. Other publishers agree on it; the pages read do not name it."""
COMMENT_LIMIT: Final = 8_000
"""Characters of a comment (general knowledge; the pages read do not name it)."""
POST_ITEMS: Final = range(2, 11)
"""Pictures of one post. Facebook's app shows more; 10 is what other publishers found to work."""
IMAGE: Final = ImageSpec(max_size_bytes=4_000_000)
"""A picture: JPEG up to 4 MB, which is what the error 1366046 names; a page once named 10 MB."""
REEL: Final = VideoSpec(min_frame_rate=24, max_width=None, max_bits_per_second=100_000_000)
"""A reel: 24 to 60 frames a second, H.264 or H.265 with AAC. No bit rate is documented."""
VIDEO: Final = VideoSpec(max_width=None, max_bits_per_second=100_000_000)
"""Any other video."""
REEL_RATIOS: Final = (0.55, 0.575)
"""Width over height of a reel: 9:16, and what encoders make of it."""
REEL_LENGTHS: Final = (timedelta(seconds=3), timedelta(seconds=90))
REEL_LEAST: Final = (540, 960)
"""Pixels of a reel, wide and high."""
VIDEO_LONGEST: Final = timedelta(hours=4)
"""An older page; not confirmed."""
VIDEO_LARGEST_BYTES: Final = 10_000_000_000
"""An older page; not confirmed."""
USUAL_RATIOS: Final = (9 / 16, 16 / 9)
"""Ratios that an older page names for videos; what happens beyond them is not documented."""
REELS: Final = Limit(
    call="video_reels",
    most=30,
    window=timedelta(hours=24, minutes=15),
    late_by=timedelta(hours=24),
    counts_posts=True,
    sentence="Facebook accepts 30 reels by programs within 24 hours on a Page, and they are used up.",
)
"""Counted when an upload begins; Facebook counts when a reel goes live, some minutes later, or hours after errors: then it may
refuse one, which waits."""
BOUNDS: Final[Mapping[tuple[Mode, MediaType], Bounds]] = {
    (Mode.PUBLISH, media_type): Bounds(
        characters=TEXT_LIMIT, comment_characters=COMMENT_LIMIT, duration=(timedelta(), VIDEO_LONGEST)
    )
    for media_type in MediaType
}
"""Bounds within which `check` reports no error."""

LIMITS: Final[Sequence[LimitRow]] = (
    LimitRow("Caption", f"{TEXT_LIMIT:,} characters", LimitEffect.ERROR),
    LimitRow("First comment", f"{COMMENT_LIMIT:,} characters", LimitEffect.ERROR),
    LimitRow("Title of a video", f"{TITLE_LIMIT} characters", LimitEffect.ERROR),
    LimitRow("Pictures of a post", f"{POST_ITEMS[0]} to {POST_ITEMS[-1]}", LimitEffect.ERROR),
    LimitRow("Format of a picture", names_of(IMAGE.accepts), LimitEffect.COPY),
    LimitRow("Size of a picture", megabytes(IMAGE.max_size_bytes or 0), LimitEffect.COPY),
    LimitRow("Length of a video", f"up to {in_words(VIDEO_LONGEST)}", LimitEffect.ERROR),
    LimitRow("Size of a video", megabytes(VIDEO_LARGEST_BYTES), LimitEffect.ERROR),
    LimitRow("Ratio of a video", "9:16 to 16:9", LimitEffect.WARNING),
    LimitRow("Format of a video", names_of(VIDEO.accepts), LimitEffect.COPY),
    LimitRow("Codec of a video", codecs_of(VIDEO), LimitEffect.COPY),
    LimitRow("Frames a second of a reel", rates_of(REEL), LimitEffect.COPY),
    LimitRow("Frames a second of another video", rates_of(VIDEO), LimitEffect.COPY),
)
"""The limits table."""


def is_reel(media: Media) -> bool:
    """Whether a video is uploaded as a reel: 9:16, 3 to 90 seconds, at least 540 × 960 pixels. All others are uploaded as
    videos, which Facebook shows like reels all the same.
    """
    if media.duration is None:
        return False
    shortest, longest = map(tenths, REEL_LENGTHS)
    least_ratio, most_ratio = REEL_RATIOS
    return (
        shortest <= tenths(media.duration) <= longest
        and least_ratio <= media.width / media.height <= most_ratio
        and media.width >= REEL_LEAST[0]
        and media.height >= REEL_LEAST[1]
    )


def spec_of(media: Media) -> VideoSpec:
    """Return what Facebook accepts of a video."""
    return REEL if is_reel(media) else VIDEO


def check(draft: Draft) -> Findings:
    """Return all reasons for which Facebook would refuse a post, and what is converted for it, with the numbers."""
    problems = [problem for media in draft.media for problem in _media_problems(draft, media)]
    videos = [media for media in draft.media if media.is_video]
    spec = spec_of(videos[0]) if videos else VIDEO
    caption = _text_problem(
        draft.caption, "caption", TEXT_LIMIT, "Shorten it (captionOverride sets one for this target alone)."
    )
    return (
        Findings(problems, [warned for media in videos for warned in _ratio_warnings(draft, media)])
        + found(caption, _count_problem(draft))
        + copies(draft, IMAGE, spec, platform="Facebook")
    )


def check_comment(text: str) -> Problem | None:
    """Return the reason for which Facebook would refuse a first comment."""
    advice = "The post would go live without it. Shorten it (firstCommentOverride sets one for this target alone)."
    return _text_problem(text, "first comment", COMMENT_LIMIT, advice)


def _text_problem(text: str, what: str, limit: int, advice: str) -> Problem | None:
    if len(text) <= limit:
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The {what} has {len(text):,} characters; Facebook accepts {limit:,}. {advice}",
        {"reason": f"{what.replace(' ', '_')}_length", "value": len(text), "limit": limit, "unit": "characters"},
    )


def _count_problem(draft: Draft) -> Problem | None:
    count = len(draft.media)
    if draft.media_type is not MediaType.MULTI or count == 0 or count in POST_ITEMS:
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The post has {count} pictures; Facebook accepts {POST_ITEMS[0]} to {POST_ITEMS[-1]}.",
        {"reason": "item_count", "value": count, "limit": POST_ITEMS[-1], "unit": "items"},
    )


def _media_problems(draft: Draft, media: Media) -> Iterator[Problem]:
    begin = item(draft, media)
    if media.duration is not None and tenths(media.duration) > tenths(VIDEO_LONGEST):
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"{begin}The video is {in_words(media.duration)}; Facebook accepts up to {in_words(VIDEO_LONGEST)}. Publish a "
            "shorter one.",
            {
                "reason": "duration",
                "value": tenths(media.duration),
                "limit": tenths(VIDEO_LONGEST),
                "unit": "seconds",
                "item": media.position + 1,
            },
        )
    if media.is_video and media.size_bytes > VIDEO_LARGEST_BYTES:
        yield Problem(
            FailureCode.PLATFORM_LIMIT,
            f"{begin}The video has {megabytes(media.size_bytes)}; Facebook accepts {megabytes(VIDEO_LARGEST_BYTES)}. "
            "Compress it.",
            {
                "reason": "size",
                "value": media.size_bytes,
                "limit": VIDEO_LARGEST_BYTES,
                "unit": "bytes",
                "item": media.position + 1,
            },
        )


def _ratio_warnings(draft: Draft, media: Media) -> Iterator[Warned]:
    ratio, (least, most) = media.width / media.height, USUAL_RATIOS
    if not least - 0.01 <= ratio <= most + 0.01:
        yield Warned(
            Advice.UNUSUAL_RATIO,
            f"{item(draft, media)}The video is {pixels(media)}, {ratio:.2f}:1; Facebook names 9:16 to 16:9 for videos. It may "
            "refuse this one, or show it with bars.",
            {"value": round(ratio, 4), "item": media.position + 1},
        )
