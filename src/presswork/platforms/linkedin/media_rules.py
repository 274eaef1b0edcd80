"""What LinkedIn accepts, as data: picture and video formats, and the lengths of texts.

Preparing a post, preflight and the limits table in the documentation use it.
Source: LinkedIn, "Images API" (2026-06), "Videos API" (2026-03), "MultiImage API" and "Posts API" (2026-05); LinkedIn Help, "Video
upload" (codecs and frame rates); read 2026-11.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from presswork.media.model import ContentType
from presswork.media.specs import ImageSpec, VideoSpec
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found, in_words, tenths
from presswork.platforms.limits import (
    LimitEffect,
    LimitRow,
    codecs_of,
    copies,
    names_of,
    rates_of,
    sides,
)
from presswork.platforms.linkedin.little_text import little_text, utf16_units, visible
from presswork.platforms.linkedin.options import PUBLIC, settings_of
from presswork.platforms.linkedin.urns import is_organization
from presswork.platforms.port import Bounds, Draft, Media, MediaType, Mode, TargetAccount

COMMENTARY_LIMIT: Final = 3000
"""Characters of a caption. Whether LinkedIn counts them before or after escaping is not documented."""
COMMENT_LIMIT: Final = 1250
"""Characters of a comment on LinkedIn's site (general knowledge); the API documents none."""
PICTURES: Final = range(2, 21)
"""Pictures of a post with several."""
MOST_PIXELS: Final = 36_152_320
"""A picture must have fewer."""
_MOST_SIDE: Final = 6012
"""Pixels of the sides of a square with nearly as many: a copy never has more."""
IMAGE: Final = ImageSpec(
    accepts=frozenset({ContentType.JPEG, ContentType.PNG}), max_width=_MOST_SIDE, max_height=_MOST_SIDE
)
"""A picture: JPEG or PNG, at most 6012 pixels on each side."""
VIDEO: Final = VideoSpec(
    accepts=frozenset({ContentType.MP4}),
    video_codecs=frozenset({"h264"}),
    pixel_formats=frozenset({"yuv420p", "yuvj420p"}),
    min_frame_rate=10,
    max_frame_rate=60,
    max_width=4096,
    max_height=4096,
    max_bits_per_second=30_000_000,
    is_moov_first=False,
)
"""A video: MP4 with H.264 and AAC."""
SHORTEST: Final = timedelta(seconds=3)
LONGEST: Final = timedelta(minutes=30)
"""A video also needs 75 KB to 500 MB (the page also says 5 GB): Presswork takes in less, and LinkedIn itself refuses smaller ones
before anything is public."""

BOUNDS: Final[Mapping[tuple[Mode, MediaType], Bounds]] = {
    (Mode.PUBLISH, media_type): Bounds(
        characters=COMMENTARY_LIMIT,
        comment_characters=COMMENT_LIMIT,
        duration=(SHORTEST, LONGEST),
    )
    for media_type in MediaType
}
"""Bounds within which `check` reports no error."""

LIMITS: Final[Sequence[LimitRow]] = (
    LimitRow("Caption", f"{COMMENTARY_LIMIT:,} characters", LimitEffect.ERROR),
    LimitRow("Caption with escapes, as it is sent", f"{COMMENTARY_LIMIT:,} characters", LimitEffect.WARNING),
    LimitRow("First comment", f"{COMMENT_LIMIT:,} characters", LimitEffect.ERROR),
    LimitRow("Pictures of a post with several", f"{PICTURES[0]} to {PICTURES[-1]}", LimitEffect.ERROR),
    LimitRow("Format of a picture", names_of(IMAGE.accepts), LimitEffect.COPY),
    LimitRow("Dimensions of a picture", sides(IMAGE.max_width, IMAGE.max_height), LimitEffect.COPY),
    LimitRow("Length of a video", f"{in_words(SHORTEST)} to {in_words(LONGEST)}", LimitEffect.ERROR),
    LimitRow("Format of a video", names_of(VIDEO.accepts), LimitEffect.COPY),
    LimitRow("Codec of a video", codecs_of(VIDEO), LimitEffect.COPY),
    LimitRow("Frames a second", rates_of(VIDEO), LimitEffect.COPY),
    LimitRow("Dimensions of a video", sides(VIDEO.max_width, VIDEO.max_height), LimitEffect.COPY),
    LimitRow("Visibility of a page's post", "`PUBLIC`", LimitEffect.ERROR),
)
"""The limits table."""


def check(draft: Draft) -> Findings:
    """Return all reasons for which LinkedIn would refuse a post, with the numbers, after the conversions that are made for it."""
    lengths = [_length_problem(media) for media in draft.media if media.is_video]
    findings = found(_caption_problem(draft.caption), _escape_advice(draft.caption), *lengths)
    return findings + copies(draft, IMAGE, VIDEO, platform="LinkedIn")


def check_for(account: TargetAccount, draft: Draft) -> Findings:
    """Check what depends on the account: a page's posts are public."""
    visibility = settings_of(draft.options).audience
    if not is_organization(account.external_id) or visibility == PUBLIC:
        return Findings()
    return found(
        Problem(
            FailureCode.PLATFORM_LIMIT,
            f"Posts of a LinkedIn page are public; linkedinPostSettings.visibility is {visibility}. Omit it, or choose the account of "
            "a member.",
            {"reason": "page_visibility", "value": visibility, "limit": PUBLIC},
        )
    )


def check_comment(text: str) -> Problem | None:
    """Return the reason for which LinkedIn would refuse a first comment."""
    return _too_long(text, COMMENT_LIMIT, "first comment", "comment_length")


def _caption_problem(caption: str) -> Problem | None:
    return _too_long(visible(caption), COMMENTARY_LIMIT, "caption", "caption_length")


def _too_long(text: str, limit: int, what: str, reason: str) -> Problem | None:
    if len(text) <= limit:
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The {what} has {len(text):,} characters; LinkedIn accepts {limit:,}. Shorten it.",
        {"reason": reason, "value": len(text), "limit": limit, "unit": "characters"},
    )


def _escape_advice(caption: str) -> Warned | None:
    """Warn of a text within the limit that exceeds it as it is sent: which of both LinkedIn counts is not documented."""
    count = utf16_units(little_text(caption))
    if count <= COMMENTARY_LIMIT or len(visible(caption)) > COMMENTARY_LIMIT:
        return None
    return Warned(
        Advice.CAPTION_NEAR_LIMIT,
        f"The caption has {count:,} characters as it is sent, with escapes; LinkedIn accepts {COMMENTARY_LIMIT:,} and may count them. "
        "Shorten it, or use fewer of the characters ( ) [ ] { } < > @ | ~ _ * #.",
        {"value": count, "limit": COMMENTARY_LIMIT, "unit": "characters"},
    )


def _length_problem(media: Media) -> Problem | None:
    if media.duration is None or tenths(SHORTEST) <= tenths(media.duration) <= tenths(LONGEST):
        return None
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The video is {in_words(media.duration)}; LinkedIn accepts {in_words(SHORTEST)} to {in_words(LONGEST)}. Publish one of "
        "that length.",
        {
            "reason": "duration",
            "value": tenths(media.duration),
            "limit": tenths(SHORTEST if media.duration < SHORTEST else LONGEST),
            "unit": "seconds",
            "item": media.position + 1,
        },
    )
