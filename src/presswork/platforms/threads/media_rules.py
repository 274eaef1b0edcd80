"""What Threads accepts, as data: picture and video formats, and limits of texts.

Preparing a post, preflight and the limits table in the documentation use it.
Source: Meta, "Posts" (media specifications) and "Overview" (Threads API), read 2026-11.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Findings, Problem, found, in_words, tenths
from presswork.platforms.graph.quota import QUOTA_ADVICE
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
from presswork.platforms.threads.options import TOPIC_LIMIT

TEXT_LIMIT_BYTES: Final = 500
"""Bytes of a text in UTF-8. Meta's pages count characters, and bytes for emojis only, but a text of 498 characters with three
typographic apostrophes was refused (another publisher, 2026-08)."""
LINK_LIMIT: Final = 5
"""Different links of a text."""
CAROUSEL_ITEMS: Final = range(2, 21)
IMAGE: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.PNG}), max_size_bytes=8_000_000, min_ratio=0.1, max_ratio=10
)
"""A picture: JPEG or PNG up to 8 MB, up to 10:1. Threads scales the width itself, into 320 to 1440 pixels."""
IMAGE_RATIOS: Final = (IMAGE.min_ratio or 0.0, IMAGE.max_ratio or float("inf"))
VIDEO: Final = VideoSpec(max_bits_per_second=100_000_000)
"""A video: H.264 or HEVC in MP4 or MOV, up to 1920 pixels wide, 23 to 60 frames a second, with AAC."""
VIDEO_LONGEST: Final = timedelta(minutes=5)
VIDEO_LARGEST_BYTES: Final = 1_000_000_000
VIDEO_RATIOS: Final = (0.01, 10.0)
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_AFTER_LINK: Final = ".,;:!?)]}'\"…’”"
"""Characters that belong to the sentence where they end a link."""
_SIXTH_LINK_ENDS: Final = len(" ".join(["http://a"] * (LINK_LIMIT + 1)))
"""Characters of the shortest text with one link too many. What else than http:// and https:// Threads counts as a link is not
documented."""
_CHARACTERS_WITHIN: Final = min(TEXT_LIMIT_BYTES // 4, _SIXTH_LINK_ENDS - 1)
"""Characters within which a text exceeds neither limit, whatever they are: UTF-8 has at most four bytes for one."""
BOUNDS: Final[Mapping[tuple[Mode, MediaType], Bounds]] = {
    (Mode.PUBLISH, media_type): Bounds(
        characters=_CHARACTERS_WITHIN,
        comment_characters=_CHARACTERS_WITHIN,
        ratio=VIDEO_RATIOS if media_type is MediaType.VIDEO else IMAGE_RATIOS,
        duration=(timedelta(), VIDEO_LONGEST),
    )
    for media_type in MediaType
}
"""Bounds within which `check` reports no error."""

LIMITS: Final[Sequence[LimitRow]] = (
    LimitRow("Caption", f"{TEXT_LIMIT_BYTES} bytes in UTF-8", LimitEffect.ERROR),
    LimitRow("First comment", f"{TEXT_LIMIT_BYTES} bytes in UTF-8", LimitEffect.ERROR),
    LimitRow("Different links in a caption or a first comment", f"{LINK_LIMIT}", LimitEffect.ERROR),
    LimitRow("Topic", f"1 to {TOPIC_LIMIT} characters, without . and &", LimitEffect.ERROR),
    LimitRow("Items of a carousel", f"{CAROUSEL_ITEMS[0]} to {CAROUSEL_ITEMS[-1]}", LimitEffect.ERROR),
    LimitRow("Ratio of a picture", f"{IMAGE_RATIOS[0]:g}:1 to {IMAGE_RATIOS[1]:g}:1", LimitEffect.ERROR),
    LimitRow("Format of a picture", names_of(IMAGE.accepts), LimitEffect.COPY),
    LimitRow("Size of a picture", megabytes(IMAGE.max_size_bytes or 0), LimitEffect.COPY),
    LimitRow("Length of a video", f"up to {in_words(VIDEO_LONGEST)}", LimitEffect.ERROR),
    LimitRow("Ratio of a video", f"{VIDEO_RATIOS[0]:g}:1 to {VIDEO_RATIOS[1]:g}:1", LimitEffect.ERROR),
    LimitRow("Size of a video", megabytes(VIDEO_LARGEST_BYTES), LimitEffect.ERROR),
    LimitRow("Format of a video", names_of(VIDEO.accepts), LimitEffect.COPY),
    LimitRow("Codec of a video", codecs_of(VIDEO), LimitEffect.COPY),
    LimitRow("Frames a second", rates_of(VIDEO), LimitEffect.COPY),
    LimitRow("Dimensions of a video", sides(VIDEO.max_width, VIDEO.max_height), LimitEffect.COPY),
    LimitRow("Posts within 24 hours", "what Threads reports of the account", LimitEffect.ERROR),
    LimitRow("Posts left within 24 hours", f"more than {QUOTA_ADVICE}", LimitEffect.WARNING),
)
"""The limits table."""


def check(draft: Draft) -> Findings:
    """Return all reasons for which Threads would refuse a post, and what is converted for it, with the numbers."""
    media = [problem for one in draft.media for problem in _media_problems(draft, one)]
    text = _text_problem(draft.caption, "caption", "Shorten it (captionOverride sets one for this target alone).")
    return Findings(media) + found(text, _count_problem(draft)) + copies(draft, IMAGE, VIDEO, platform="Threads")


def check_comment(text: str) -> Problem | None:
    """Return the reason for which Threads would refuse a first comment."""
    advice = "The post would go live without it. Shorten it (firstCommentOverride sets one for this target alone)."
    return _text_problem(text, "first comment", advice)


def size_in_bytes(text: str) -> int:
    """Return what Threads counts of a text: its bytes in UTF-8."""
    return len(text.encode(errors="replace"))


def links_in(text: str) -> int:
    """Count the different links in a text."""
    return len({link.rstrip(_AFTER_LINK) for link in _LINK.findall(text)})


def _text_problem(text: str, what: str, advice: str) -> Problem | None:
    size, links = size_in_bytes(text), links_in(text)
    if size > TEXT_LIMIT_BYTES:
        sentence = (
            f"has {size:,} bytes in UTF-8, in which letters with accents and emojis count several; Threads accepts "
            f"{TEXT_LIMIT_BYTES}"
        )
        reason, value, limit, unit = "length", size, TEXT_LIMIT_BYTES, "bytes"
    elif links > LINK_LIMIT:
        sentence = f"has {links} different links; Threads accepts {LINK_LIMIT}"
        reason, value, limit, unit = "links", links, LINK_LIMIT, "links"
    else:
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The {what} {sentence}. {advice}",
        {"reason": f"{what.replace(' ', '_')}_{reason}", "value": value, "limit": limit, "unit": unit},
    )


def _count_problem(draft: Draft) -> Problem | None:
    count = len(draft.media)
    if draft.media_type is not MediaType.MULTI or count == 0 or count in CAROUSEL_ITEMS:
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The carousel has {count} items; Threads accepts {CAROUSEL_ITEMS[0]} to {CAROUSEL_ITEMS[-1]}.",
        {"reason": "item_count", "value": count, "limit": CAROUSEL_ITEMS[-1], "unit": "items"},
    )


def _media_problems(draft: Draft, media: Media) -> Iterator[Problem]:
    """Yield the reasons to refuse a picture or video. Formats are not among them: a copy in the right format is made."""
    begin = item(draft, media)
    what = "video" if media.is_video else "picture"
    least, most = VIDEO_RATIOS if media.is_video else IMAGE_RATIOS
    ratio = media.width / media.height
    if not least <= ratio <= most:
        yield _media_problem(
            media,
            f"{begin}The {what} is {pixels(media)}, {ratio:.2f}:1; Threads accepts {least:g}:1 to {most:g}:1. Crop it.",
            reason="ratio",
            value=round(ratio, 4),
            limit=least if ratio < least else most,
            unit="width over height",
        )
    if media.duration is not None and tenths(media.duration) > tenths(VIDEO_LONGEST):
        yield _media_problem(
            media,
            f"{begin}The video is {in_words(media.duration)}; Threads accepts up to {in_words(VIDEO_LONGEST)}. Publish a "
            "shorter one.",
            reason="duration",
            value=tenths(media.duration),
            limit=tenths(VIDEO_LONGEST),
            unit="seconds",
        )
    if media.is_video and media.size_bytes > VIDEO_LARGEST_BYTES:
        yield _media_problem(
            media,
            f"{begin}The video has {megabytes(media.size_bytes)}; Threads accepts {megabytes(VIDEO_LARGEST_BYTES)}. "
            "Compress it.",
            reason="size",
            value=media.size_bytes,
            limit=VIDEO_LARGEST_BYTES,
            unit="bytes",
        )


def _media_problem(media: Media, message: str, *, reason: str, value: float, limit: float, unit: str) -> Problem:
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        message,
        {"reason": reason, "value": value, "limit": limit, "unit": unit, "item": media.position + 1},
    )
