"""What YouTube accepts, as data: the title, the description and the video.

Preparing a post, preflight and the limits table in the documentation use it. YouTube converts every video itself and accepts
far more formats than Presswork takes in, so the original is uploaded as it is.
Source: Google, "Videos" (resource) and YouTube Help, "Upload videos longer than 15 minutes", "Supported file formats" and "Use
hashtags for video search", read 2026-11.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from presswork.platforms.bounds import NONE_WITHIN
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, Warned, found, in_words, tenths
from presswork.platforms.limits import LimitEffect, LimitRow
from presswork.platforms.port import Bounds, Draft, Media, MediaType, Mode
from presswork.platforms.youtube.options import TAGS_LIMIT, TITLE_LIMIT, check_options, settings_of, title_of

DESCRIPTION_LIMIT: Final = 5000
"""UTF-8 bytes of a description."""
HASHTAG_ADVICE: Final = 60
"""Hashtags of a description; with more, YouTube ignores all of them (YouTube Help)."""
LONGEST: Final = timedelta(hours=12)
UNVERIFIED_LONGEST: Final = timedelta(minutes=15)
"""Maximum length of a video on a channel that has not been verified by phone."""
SHORT_LONGEST: Final = timedelta(minutes=3)
"""Maximum length of a Short. A square or vertical video of this length becomes one by itself."""
BOUNDS: Final[Mapping[tuple[Mode, MediaType], Bounds]] = {(Mode.PUBLISH, MediaType.VIDEO): NONE_WITHIN}
"""Every caption needs a line for the title and must not contain < and >, which bounds can't express."""

_HASHTAG: Final = re.compile(r"(?<![\w&])#\w+")
_MARKUP: Final = re.compile(r"[<>]")

LIMITS: Final[Sequence[LimitRow]] = (
    LimitRow("Media", "one video", LimitEffect.ERROR),
    LimitRow(
        "Title (`title`, or the caption's first line, which is cut)", f"{TITLE_LIMIT} characters", LimitEffect.ERROR
    ),
    LimitRow("Title", "not empty", LimitEffect.ERROR),
    LimitRow("Caption, which is the description", f"{DESCRIPTION_LIMIT:,} bytes in UTF-8", LimitEffect.ERROR),
    LimitRow("Title and caption", "without < and >", LimitEffect.ERROR),
    LimitRow("Hashtags in a caption", f"{HASHTAG_ADVICE}; with more, YouTube ignores all", LimitEffect.WARNING),
    LimitRow("`tags` in all, with commas and quotes", f"{TAGS_LIMIT} characters", LimitEffect.ERROR),
    LimitRow("Length of a video", in_words(LONGEST), LimitEffect.ERROR),
    LimitRow("Length of a video on a channel that is not verified", in_words(UNVERIFIED_LONGEST), LimitEffect.ERROR),
)
"""The limits table."""


def check(draft: Draft) -> Findings:
    """Return all reasons for which YouTube would refuse a post, with the numbers. Formats are not among them: see above."""
    settings = settings_of(draft.options)
    lengths = [_length_problem(media) for media in draft.media]
    return found(
        _title_problem(title_of(settings, draft.caption), is_requested=settings.title is not None),
        *_description_problems(draft.caption),
        *check_options(settings),
        *lengths,
        _hashtag_advice(draft.caption),
    )


def check_unverified(draft: Draft) -> Findings:
    """Check a post to a channel that may not upload long videos."""
    return found(*(_unverified_problem(media) for media in draft.media))


def is_long(media: Media) -> bool:
    """Whether a video needs a channel that is verified."""
    return media.duration is not None and tenths(media.duration) > tenths(UNVERIFIED_LONGEST)


def is_short(media: Media) -> bool:
    """Whether YouTube shows a video as a Short. Source: YouTube Help, "Understand three-minute YouTube Shorts"."""
    is_brief = media.duration is not None and tenths(media.duration) <= tenths(SHORT_LONGEST)
    return is_brief and media.height >= media.width


def _title_problem(title: str, *, is_requested: bool) -> Problem | None:
    if not title:
        return Problem(
            FailureCode.PLATFORM_LIMIT,
            "A YouTube video needs a title, and neither youtubePostSettings.title nor a caption is set. Send one of them "
            "(captionOverride sets a caption for this target alone).",
            {"reason": "title_missing"},
        )
    if not is_requested and _MARKUP.search(title):
        return Problem(
            FailureCode.PLATFORM_LIMIT,
            "The caption's first line, which becomes the title, contains < or >; YouTube accepts neither. Send "
            "youtubePostSettings.title, and change the caption.",
            {"reason": "title_characters"},
        )
    return None


def _description_problems(caption: str) -> Sequence[Problem]:
    problems = []
    size = len(caption.encode("utf-8", "surrogatepass"))
    if size > DESCRIPTION_LIMIT:
        problems.append(
            Problem(
                FailureCode.PLATFORM_LIMIT,
                f"The caption has {size:,} bytes in UTF-8; YouTube accepts {DESCRIPTION_LIMIT:,} in a description. Shorten it "
                "(captionOverride sets one for this target alone).",
                {"reason": "caption_length", "value": size, "limit": DESCRIPTION_LIMIT, "unit": "bytes"},
            )
        )
    if _MARKUP.search(caption):
        problems.append(
            Problem(
                FailureCode.PLATFORM_LIMIT,
                "The caption contains < or >; YouTube accepts neither in a description. Take them out (captionOverride sets a "
                "caption for this target alone).",
                {"reason": "caption_characters"},
            )
        )
    return problems


def _hashtag_advice(caption: str) -> Warned | None:
    count = len(_HASHTAG.findall(caption))
    if count <= HASHTAG_ADVICE:
        return None
    return Warned(
        Advice.TOO_MANY_HASHTAGS,
        f"The caption has {count} hashtags; with more than {HASHTAG_ADVICE}, YouTube ignores all of them.",
        {"value": count, "limit": HASHTAG_ADVICE, "unit": "hashtags"},
    )


def _length_problem(media: Media) -> Problem | None:
    if media.duration is None or tenths(media.duration) <= tenths(LONGEST):
        return None
    return _too_long(media, media.duration, LONGEST, f"YouTube accepts {in_words(LONGEST)}. Publish a shorter one.")


def _unverified_problem(media: Media) -> Problem | None:
    if media.duration is None or not is_long(media):
        return None
    return _too_long(
        media,
        media.duration,
        UNVERIFIED_LONGEST,
        f"YouTube accepts {in_words(UNVERIFIED_LONGEST)} from this channel, because it is not verified. Verify it at "
        "youtube.com/verify, or publish a shorter video.",
    )


def _too_long(media: Media, duration: timedelta, limit: timedelta, then: str) -> Problem:
    return Problem(
        FailureCode.PLATFORM_LIMIT,
        f"The video is {in_words(duration)}; {then}",
        {
            "reason": "duration",
            "value": tenths(duration),
            "limit": tenths(limit),
            "unit": "seconds",
            "item": media.position + 1,
        },
    )
