"""What Instagram accepts, as data: picture and video formats, and caption limits.

Preparing a post, preflight and the limits table in the documentation use it.
Source: Meta, "IG User Media" (image and reel specifications, caption limits), read 2026-11.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found, in_words, tenths
from presswork.platforms.graph.quota import QUOTA_ADVICE
from presswork.platforms.instagram.options import check_options, settings_of
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
    sides,
)
from presswork.platforms.port import Bounds, Draft, Media, MediaType, Mode

FEED_IMAGE: Final = ImageSpec(max_size_bytes=8_000_000, min_ratio=4 / 5, max_ratio=1.91)
"""A picture, alone or in a carousel: JPEG up to 8 MB, from 4:5 to 1.91:1. Instagram scales the width itself."""
FEED_RATIOS: Final = (FEED_IMAGE.min_ratio or 0.0, FEED_IMAGE.max_ratio or float("inf"))
"""Width over height of a picture, the minimum and the maximum."""
REEL: Final = VideoSpec()
"""A video: H.264 or HEVC in MP4 or MOV, up to 1920 pixels wide, 23 to 60 frames a second, with AAC."""
REEL_SHORTEST: Final = timedelta(seconds=3)
REEL_LONGEST: Final = timedelta(minutes=15)
REEL_LARGEST_BYTES: Final = 300_000_000
"""Older versions of Meta's pages say 1 GB."""
REEL_RATIOS: Final = (0.01, 10.0)
"""Width over height of a video, the minimum and the maximum; 9:16 is recommended."""
STORY_IMAGE: Final = ImageSpec(max_size_bytes=8_000_000)
"""A picture of a story: JPEG up to 8 MB; 9:16 is recommended."""
STORY_LONGEST: Final = timedelta(seconds=60)
STORY_LARGEST_BYTES: Final = 100_000_000
STORY_VIDEO_RATIOS: Final = (0.1, 10.0)
CAPTION_LIMIT: Final = 2200
"""Characters of a caption."""
HASHTAG_LIMIT: Final = 30
"""Hashtags of a caption; Instagram refuses more."""
HASHTAG_ADVICE: Final = 5
"""Hashtags that the app itself allows since 2025-12; whether the API accepts more is not documented."""
MENTION_LIMIT: Final = 20
"""Accounts that a caption may mention."""
COMMENT_LIMIT: Final = 2200
"""Characters of a comment. Meta documents none; this is the limit of a caption, which Instagram's app shows as a comment, and
the one that other publishing services document for first comments (read 2026-11)."""
CAROUSEL_ITEMS: Final = range(2, 11)
"""Items of a carousel created by the API (the app allows 20)."""
BOUNDS: Final[Mapping[tuple[Mode, MediaType], Bounds]] = {
    (Mode.PUBLISH, media_type): Bounds(
        characters=CAPTION_LIMIT,
        hashtags=HASHTAG_LIMIT,
        mentions=MENTION_LIMIT,
        comment_characters=COMMENT_LIMIT,
        ratio=REEL_RATIOS if media_type is MediaType.VIDEO else FEED_RATIOS,
        duration=(REEL_SHORTEST, REEL_LONGEST),
    )
    for media_type in MediaType
}
"""Bounds within which `check` reports no error."""
_SAME_RATIO: Final = 0.01
"""Ratios that differ by less, as a fraction, count as equal: a crop removes a row of pixels."""

_HASHTAG: Final = re.compile(r"(?<![\w&])#\w+")
_MENTION: Final = re.compile(r"(?<![\w.@])@[\w.]+")

LIMITS: Final[Sequence[LimitRow]] = (
    LimitRow("Caption", f"{CAPTION_LIMIT:,} characters", LimitEffect.ERROR),
    LimitRow("Hashtags in a caption", f"{HASHTAG_LIMIT}", LimitEffect.ERROR),
    LimitRow("Hashtags in a caption, by the app's own rule", f"{HASHTAG_ADVICE}", LimitEffect.WARNING),
    LimitRow("Accounts that a caption names", f"{MENTION_LIMIT}", LimitEffect.ERROR),
    LimitRow("First comment", f"{COMMENT_LIMIT:,} characters", LimitEffect.ERROR),
    LimitRow("Items of a carousel", f"{CAROUSEL_ITEMS[0]} to {CAROUSEL_ITEMS[-1]}", LimitEffect.ERROR),
    LimitRow("Ratio of a picture", f"{FEED_RATIOS[0]:.2f}:1 (4:5) to {FEED_RATIOS[1]:.2f}:1", LimitEffect.ERROR),
    LimitRow("Ratio of carousel items", "that of the first; others are cropped to it", LimitEffect.WARNING),
    LimitRow("Format of a picture", names_of(FEED_IMAGE.accepts), LimitEffect.COPY),
    LimitRow("Size of a picture", megabytes(FEED_IMAGE.max_size_bytes or 0), LimitEffect.COPY),
    LimitRow("Length of a video", f"{in_words(REEL_SHORTEST)} to {in_words(REEL_LONGEST)}", LimitEffect.ERROR),
    LimitRow("Ratio of a video", f"{REEL_RATIOS[0]:g}:1 to {REEL_RATIOS[1]:g}:1", LimitEffect.ERROR),
    LimitRow("Size of a video", megabytes(REEL_LARGEST_BYTES), LimitEffect.ERROR),
    LimitRow("Format of a video", names_of(REEL.accepts), LimitEffect.COPY),
    LimitRow("Codec of a video", codecs_of(REEL), LimitEffect.COPY),
    LimitRow("Frames a second", rates_of(REEL), LimitEffect.COPY),
    LimitRow("Dimensions of a video", sides(REEL.max_width, REEL.max_height), LimitEffect.COPY),
    LimitRow("Length of a story's video", f"{in_words(REEL_SHORTEST)} to {in_words(STORY_LONGEST)}", LimitEffect.ERROR),
    LimitRow(
        "Ratio of a story's video", f"{STORY_VIDEO_RATIOS[0]:g}:1 to {STORY_VIDEO_RATIOS[1]:g}:1", LimitEffect.ERROR
    ),
    LimitRow("Size of a story's video", megabytes(STORY_LARGEST_BYTES), LimitEffect.ERROR),
    LimitRow("Posts within 24 hours", "what Instagram reports of the account", LimitEffect.ERROR),
    LimitRow("Posts left within 24 hours", f"more than {QUOTA_ADVICE}", LimitEffect.WARNING),
)
"""The limits table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _MediaRules:
    """What differs between the feed and stories."""

    name: str
    image_ratios: tuple[float, float]
    video_ratios: tuple[float, float]
    longest: timedelta
    largest_bytes: int


_FEED: Final = _MediaRules(
    name="reels",
    image_ratios=FEED_RATIOS,
    video_ratios=REEL_RATIOS,
    longest=REEL_LONGEST,
    largest_bytes=REEL_LARGEST_BYTES,
)
_STORY: Final = _MediaRules(
    name="story videos",
    image_ratios=(0.0, float("inf")),
    video_ratios=STORY_VIDEO_RATIOS,
    longest=STORY_LONGEST,
    largest_bytes=STORY_LARGEST_BYTES,
)


def check(draft: Draft) -> Findings:
    """Return all reasons for which Instagram would refuse a post, and what it would change, with the numbers."""
    is_story = settings_of(draft.options).is_story
    rules, image = (_STORY, STORY_IMAGE) if is_story else (_FEED, FEED_IMAGE)
    media = [problem for one in draft.media for problem in _media_problems(draft, one, rules)]
    fixed = Findings([*_caption_problems(draft.caption), *check_options(draft), *media]) + found(
        _count_problem(draft), _hashtag_advice(draft.caption), _crop(draft)
    )
    return fixed + copies(draft, image, REEL, platform="Instagram")


def check_comment(text: str) -> Problem | None:
    """Return the reason for which Instagram would refuse a first comment."""
    if len(text) <= COMMENT_LIMIT:
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The first comment has {len(text):,} characters; Instagram accepts {COMMENT_LIMIT:,}. The post would go live without "
        "it. Shorten it (firstCommentOverride sets one for this target alone).",
        {"reason": "first_comment_length", "value": len(text), "limit": COMMENT_LIMIT, "unit": "characters"},
    )


def hashtags(caption: str) -> int:
    """Count the hashtags in a caption."""
    return len(_HASHTAG.findall(caption))


def mentions(caption: str) -> int:
    """Count the accounts that a caption mentions."""
    return len(_MENTION.findall(caption))


def _caption_problems(caption: str) -> Iterator[Problem]:
    for count, limit, reason, unit, sentence in (
        (len(caption), CAPTION_LIMIT, "caption_length", "characters", "has {:,} characters; Instagram accepts {:,}"),
        (hashtags(caption), HASHTAG_LIMIT, "hashtags", "hashtags", "has {} hashtags; Instagram accepts {}"),
        (mentions(caption), MENTION_LIMIT, "mentions", "accounts", "names {} accounts; Instagram accepts {}"),
    ):
        if count > limit:
            yield Problem(
                FailureCode.PLATFORM_LIMIT,
                f"The caption {sentence.format(count, limit)}. "
                f"{'Shorten it' if unit == 'characters' else 'Take some out'} "
                "(captionOverride sets one for this target alone).",
                {"reason": reason, "value": count, "limit": limit, "unit": unit},
            )


def _hashtag_advice(caption: str) -> Warned | None:
    count = hashtags(caption)
    if not HASHTAG_ADVICE < count <= HASHTAG_LIMIT:
        return None
    return Warned(
        Advice.TOO_MANY_HASHTAGS,
        f"The caption has {count} hashtags; Instagram's own app allows {HASHTAG_ADVICE}.",
        {"value": count, "limit": HASHTAG_ADVICE, "unit": "hashtags"},
    )


def _count_problem(draft: Draft) -> Problem | None:
    count = len(draft.media)
    if draft.media_type is not MediaType.MULTI or count == 0 or count in CAROUSEL_ITEMS:
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The carousel has {count} items; Instagram accepts {CAROUSEL_ITEMS[0]} to {CAROUSEL_ITEMS[-1]}.",
        {"reason": "item_count", "value": count, "limit": CAROUSEL_ITEMS[-1], "unit": "items"},
    )


def _crop(draft: Draft) -> Warned | None:
    if len(draft.media) < 2:
        return None
    ratios = [media.width / media.height for media in draft.media]
    others = [place for place, ratio in enumerate(ratios, 1) if abs(ratio / ratios[0] - 1) > _SAME_RATIO]
    if not others:
        return None
    which = f"Item {others[0]} has" if len(others) == 1 else f"Items {', '.join(map(str, others))} have"
    return Warned(
        Advice.MEDIA_CROPPED,
        f"{which} another shape than the first; Instagram crops all to that of the first, {ratios[0]:.2f}:1.",
        {"items": list(others)},
    )


def _media_problems(draft: Draft, media: Media, rules: _MediaRules) -> Iterator[Problem]:
    """Yield the reasons to refuse a picture or video. Formats are not among them: a copy in the right format is made."""
    begin = item(draft, media)
    least, most = rules.video_ratios if media.is_video else rules.image_ratios
    ratio = media.width / media.height
    if not least <= ratio <= most:
        what = "video" if media.is_video else "picture"
        range_ = f"{least:g}:1 to {most:g}:1" if media.is_video else f"{least:.2f}:1 (4:5) to {most:.2f}:1"
        yield _media_problem(
            media,
            f"{begin}The {what} is {pixels(media)}, {ratio:.2f}:1; Instagram accepts {range_}. Crop it.",
            reason="ratio",
            value=round(ratio, 4),
            limit=least if ratio < least else most,
            unit="width over height",
        )
    if media.duration is not None and not tenths(REEL_SHORTEST) <= tenths(media.duration) <= tenths(rules.longest):
        is_short = media.duration < REEL_SHORTEST
        yield _media_problem(
            media,
            f"{begin}The video is {in_words(media.duration)}; Instagram accepts {rules.name} of {in_words(REEL_SHORTEST)} to "
            f"{in_words(rules.longest)}. Publish a {'longer' if is_short else 'shorter'} one.",
            reason="duration",
            value=tenths(media.duration),
            limit=tenths(REEL_SHORTEST if is_short else rules.longest),
            unit="seconds",
        )
    if media.is_video and media.size_bytes > rules.largest_bytes:
        yield _media_problem(
            media,
            f"{begin}The video has {megabytes(media.size_bytes)}; Instagram accepts {megabytes(rules.largest_bytes)}. "
            "Compress it.",
            reason="size",
            value=media.size_bytes,
            limit=rules.largest_bytes,
            unit="bytes",
        )


def _media_problem(media: Media, message: str, *, reason: str, value: float, limit: float, unit: str) -> Problem:
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        message,
        {"reason": reason, "value": value, "limit": limit, "unit": unit, "item": media.position + 1},
    )
